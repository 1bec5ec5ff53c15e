//! The brightness of one frame, borrowed, with where and when it was seen.

use pantau_models::ids::Place;
use pantau_models::time::UtcMicros;
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// Samples in memory: rows of `width` samples, `stride` bytes apart.
#[derive(Clone, Copy)]
pub struct Plane<'a> {
    /// From the first sample of the top row to the last of the bottom row, or beyond.
    pub data: &'a [u8],
    /// Bytes from one row to the next.
    pub stride: usize,
    /// Samples in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Bits of a sample: 8 in one byte, 9 to 16 in two, little-endian.
    pub bit_depth: u8,
    /// Unused low bits below the sample's own (6 in P010), 0 as a rule.
    pub low_bits: u8,
    /// Black is 0 and white is all ones; otherwise 16 and 235 (of 8 bits).
    pub full_range: bool,
    /// Mean distance of the picture's colours from grey, in eighths of a level of 8 bits; `None` if it is not known.
    /// It belongs to the picture as a whole: which colours are where is not told.
    pub colour: Option<u8>,
    /// Time since the last key frame, 0 for one, microseconds; `None` if that is not known.
    pub since_key_us: Option<i64>,
}

#[cfg(test)]
impl<'a> Plane<'a> {
    /// Grey levels of 8 bits over the full range, row after row.
    pub(crate) fn grey(data: &'a [u8], width: usize, height: usize) -> Self {
        Self {
            data,
            stride: width,
            width,
            height,
            bit_depth: 8,
            low_bits: 0,
            full_range: true,
            colour: None,
            since_key_us: None,
        }
    }
}

/// The smallest picture that anything can be told from, width and height: one pixel for each cell of the view.
pub const PICTURE_MIN: (usize, usize) = (48, 27);

/// Why pictures of this size are of no use; `None` if they are.
pub fn too_small(width: usize, height: usize) -> Option<String> {
    let (least_width, least_height) = PICTURE_MIN;
    (width < least_width || height < least_height).then(|| {
        format!(
            "the picture is {width} x {height}: at least {least_width} x {least_height} are needed; use the camera's main stream"
        )
    })
}

/// Why a plane can't be the brightness of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LumaError {
    /// No pixels.
    #[error("the picture has no pixels ({width} x {height})")]
    Empty {
        /// As claimed.
        width: usize,
        /// As claimed.
        height: usize,
    },
    /// Rows overlap or memory is missing.
    #[error("{width} x {height} samples of {bit_depth} bits don't fit into {bytes} bytes with {stride} a row")]
    TooShort {
        /// Samples in a row.
        width: usize,
        /// Rows.
        height: usize,
        /// Bits of a sample.
        bit_depth: u8,
        /// Bytes there are.
        bytes: usize,
        /// Bytes from one row to the next.
        stride: usize,
    },
    /// Not 8 to 16 bits.
    #[error("samples of {bit_depth} bits above {low_bits} unused ones fit no two bytes")]
    Depth {
        /// Bits of a sample.
        bit_depth: u8,
        /// Unused bits below.
        low_bits: u8,
    },
}

impl<'a> Plane<'a> {
    /// Bytes of a sample.
    pub fn sample_bytes(&self) -> usize {
        if self.bit_depth > 8 { 2 } else { 1 }
    }

    /// Bytes of a row without its padding.
    pub fn row_bytes(&self) -> usize {
        self.width * self.sample_bytes()
    }

    fn check(&self) -> Result<(), LumaError> {
        let &Self { data, stride, width, height, bit_depth, low_bits, .. } = self;
        let depth_fits = if bit_depth == 8 { low_bits == 0 } else { (9..=16 - low_bits.min(7)).contains(&bit_depth) };
        if width == 0 || height == 0 {
            return Err(LumaError::Empty { width, height });
        }
        if !depth_fits {
            return Err(LumaError::Depth { bit_depth, low_bits });
        }
        let row_bytes = self.row_bytes();
        let needed = stride.checked_mul(height - 1).and_then(|bytes| bytes.checked_add(row_bytes));
        match needed {
            Some(needed) if needed <= data.len() && row_bytes <= stride => Ok(()),
            _ => Err(LumaError::TooShort { width, height, bit_depth, bytes: data.len(), stride }),
        }
    }
}

/// The brightness of one frame of one camera at one moment. Neither is optional: a picture of nowhere or of no time
/// can't be made.
#[derive(Clone, Copy)]
pub struct Luma<'a> {
    plane: Plane<'a>,
    camera: &'a Arc<Place>,
    pts_us: i64,
    wall: UtcMicros,
}

impl<'a> Luma<'a> {
    /// A frame's brightness, if the plane holds what it claims.
    pub fn new(plane: Plane<'a>, camera: &'a Arc<Place>, pts_us: i64, wall: UtcMicros) -> Result<Self, LumaError> {
        plane.check()?;
        Ok(Self { plane, camera, pts_us, wall })
    }

    /// Its samples.
    pub fn plane(&self) -> &Plane<'a> {
        &self.plane
    }

    /// Samples as they are in memory; see [`Plane`].
    pub fn data(&self) -> &'a [u8] {
        self.plane.data
    }

    /// Bytes from one row to the next.
    pub fn stride(&self) -> usize {
        self.plane.stride
    }

    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.plane.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.plane.height
    }

    /// Bits of a sample.
    pub fn bit_depth(&self) -> u8 {
        self.plane.bit_depth
    }

    /// True if black is 0 and white is all ones.
    pub fn full_range(&self) -> bool {
        self.plane.full_range
    }

    /// Which camera saw it.
    pub fn camera(&self) -> &'a Arc<Place> {
        self.camera
    }

    /// When it is shown, microseconds since the recording's start.
    pub fn pts_us(&self) -> i64 {
        self.pts_us
    }

    /// When it was seen.
    pub fn wall(&self) -> UtcMicros {
        self.wall
    }

    /// The bytes of row `y`, from the top; panics if there is no such row.
    pub fn row(&self, y: usize) -> &'a [u8] {
        assert!(y < self.plane.height, "row {y} of {}", self.plane.height);
        &self.plane.data[y * self.plane.stride..][..self.plane.row_bytes()]
    }

    /// Row `y` in 8 bits, the upper ones of deeper samples; panics if there is no such row or `out` isn't one row.
    pub fn copy_row_8_bits(&self, y: usize, out: &mut [u8]) {
        let row = self.row(y);
        if self.plane.bit_depth == 8 {
            return out.copy_from_slice(row);
        }
        assert_eq!(out.len(), self.plane.width, "one byte a pixel");
        let shift = self.plane.bit_depth + self.plane.low_bits - 8;
        for (out, sample) in out.iter_mut().zip(row.chunks_exact(2)) {
            *out = (u16::from_le_bytes([sample[0], sample[1]]) >> shift).min(255) as u8;
        }
    }
}

impl fmt::Debug for Luma<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plane { width, height, bit_depth, .. } = self.plane;
        write!(f, "Luma({} at {}, {width} x {height}, {bit_depth} bits)", self.camera.camera, self.wall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(data: &[u8], bit_depth: u8, low_bits: u8) -> Plane<'_> {
        Plane {
            data,
            stride: 8,
            width: 3,
            height: 2,
            bit_depth,
            low_bits,
            full_range: false,
            colour: None,
            since_key_us: None,
        }
    }

    fn luma_of(plane: Plane<'_>) -> Result<[u8; 3], LumaError> {
        let camera = Arc::default();
        let luma = Luma::new(plane, &camera, 0, UtcMicros(0))?;
        let mut row = [0; 3];
        luma.copy_row_8_bits(1, &mut row);
        Ok(row)
    }

    #[test]
    fn deep_samples_keep_their_upper_bits() {
        let words = |words: [u16; 7]| words.into_iter().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let ten = words([0, 0, 0, 0, 1023, 512, 4]);
        assert_eq!(luma_of(plane(&ten, 10, 0)), Ok([255, 128, 1]));
        let p010 = words([0, 0, 0, 0, 1023 << 6, 512 << 6, 4 << 6]);
        assert_eq!(luma_of(plane(&p010, 10, 6)), Ok([255, 128, 1]));
        assert_eq!(luma_of(plane(&[0, 0, 0, 0, 0, 0, 0, 0, 9, 8, 7], 8, 0)), Ok([9, 8, 7]));
    }

    #[test]
    fn planes_that_are_not_what_they_claim_are_refused() {
        let data = [0; 16];
        assert!(matches!(luma_of(plane(&data[..10], 8, 0)), Err(LumaError::TooShort { bytes: 10, .. })));
        assert!(matches!(luma_of(Plane { stride: 2, ..plane(&data, 8, 0) }), Err(LumaError::TooShort { .. })));
        assert!(matches!(
            luma_of(Plane { stride: usize::MAX, height: 3, ..plane(&data, 8, 0) }),
            Err(LumaError::TooShort { .. })
        ));
        assert!(matches!(luma_of(Plane { height: 0, ..plane(&data, 8, 0) }), Err(LumaError::Empty { .. })));
        for (bit_depth, low_bits) in [(7, 0), (17, 0), (12, 6), (8, 1)] {
            assert!(matches!(luma_of(plane(&data, bit_depth, low_bits)), Err(LumaError::Depth { .. })), "{bit_depth}");
        }
    }
}
