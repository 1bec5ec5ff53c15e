//! Where a pixel format keeps brightness. Planar and semi-planar YUV and grey hand it out as it is; packed YUV, RGB and
//! palettes, which only odd recordings have, are copied out row by row.

use super::ffi::{self, Descriptor};
use super::luma::Plane;
use ffmpeg_next::frame::Video;

/// Weights of red, green and blue in brightness (BT.601), of 256.
const RGB_WEIGHTS: [u32; 3] = [77, 150, 29];
/// Bytes of a palette: 256 colours of four.
const PALETTE_BYTES: usize = 1024;

/// A colour component that says grey.
const NO_COLOUR: u8 = 128;
/// Columns and rows of points at which colour is looked at: half a thousand tell grey from colour, and cost nothing.
const COLOUR_POINTS: (usize, usize) = (32, 16);

/// How to get at a format's brightness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    name: String,
    source: Source,
    bit_depth: u8,
    low_bits: u8,
    full_range: bool,
    /// Both colour components and how often their planes are halved, if they are planes.
    chroma: Option<([ffi::Component; 2], (u32, u32))>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The first plane is it.
    Plane,
    /// One byte in so many of the first plane.
    Packed { step: usize, offset: usize },
    /// Plane, step and offset of red, green and blue.
    Rgb([(usize, usize, usize); 3]),
    /// Numbers of colours in the second plane.
    Palette,
}

impl Layout {
    /// `None` for formats whose brightness can't be had without a conversion library.
    pub(super) fn of(descriptor: &Descriptor) -> Option<Self> {
        let first = *descriptor.components.first()?;
        let is_8_bit = first.depth == 8 && first.shift == 0;
        if descriptor.is_exotic || descriptor.is_big_endian && !is_8_bit {
            return None;
        }
        let source = if descriptor.is_palette {
            Source::Palette
        } else if descriptor.is_rgb {
            let [red, green, blue, ..] = descriptor.components[..] else { return None };
            let is_plain = |part: ffi::Component| part.depth == 8 && part.shift == 0;
            if ![red, green, blue].into_iter().all(is_plain) {
                return None;
            }
            Source::Rgb([red, green, blue].map(|part| (part.plane, part.step, part.offset)))
        } else if first.plane == 0 && first.offset == 0 && first.step == usize::from(first.depth.div_ceil(8)) {
            Source::Plane
        } else if first.plane == 0 && is_8_bit {
            Source::Packed { step: first.step, offset: first.offset }
        } else {
            return None;
        };
        let is_direct = source == Source::Plane;
        let chroma = match descriptor.components[..] {
            [_, blue, red, ..] if is_direct && !descriptor.is_big_endian => {
                Some(([blue, red], descriptor.chroma_halved))
            }
            _ => None,
        };
        Some(Self {
            name: descriptor.name.clone(),
            source,
            bit_depth: if is_direct { first.depth } else { 8 },
            low_bits: if is_direct { first.shift } else { 0 },
            full_range: matches!(source, Source::Rgb(_) | Source::Palette) || descriptor.name.starts_with("yuvj"),
            chroma,
        })
    }

    /// A frame's brightness, borrowed from it or from `copy`; `None` if the frame lacks memory that it claims.
    pub(super) fn plane<'a>(&self, frame: &'a Video, copy: &'a mut Vec<u8>) -> Option<Plane<'a>> {
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        let full_range = self.full_range || frame.color_range() == ffmpeg_next::color::Range::JPEG;
        let (data, stride) = match self.source {
            Source::Plane => {
                let row_bytes = width.checked_mul(usize::from(self.bit_depth.div_ceil(8)))?;
                ffi::plane(frame, 0, row_bytes, height)?
            }
            Source::Packed { step, offset } => {
                let (rows, stride) = ffi::plane(frame, 0, width.checked_mul(step)?, height)?;
                copy.clear();
                for row in rows.chunks(stride) {
                    copy.extend(row[offset..].iter().step_by(step).take(width));
                }
                (copy.as_slice(), width)
            }
            Source::Rgb(parts) => {
                copy_rgb(frame, parts, copy)?;
                (copy.as_slice(), width)
            }
            Source::Palette => {
                copy_palette(frame, copy)?;
                (copy.as_slice(), width)
            }
        };
        let &Self { bit_depth, low_bits, .. } = self;
        let colour = self.colour(frame);
        Some(Plane { data, stride, width, height, bit_depth, low_bits, full_range, colour, since_key_us: None })
    }

    /// How far the frame's colours are from grey: the mean over a raster of points, in eighths of a level.
    fn colour(&self, frame: &Video) -> Option<u8> {
        let (parts, (halved_x, halved_y)) = self.chroma?;
        let width = (frame.width() as usize).div_ceil(1 << halved_x);
        let height = (frame.height() as usize).div_ceil(1 << halved_y);
        let mut sum = 0;
        for part in parts {
            let (data, stride) = ffi::plane(frame, part.plane, (width * part.step).max(part.step), height)?;
            for point_y in 0..COLOUR_POINTS.1 {
                let row = (2 * point_y + 1) * height / (2 * COLOUR_POINTS.1) * stride + part.offset;
                for point_x in 0..COLOUR_POINTS.0 {
                    let at = row + (2 * point_x + 1) * width / (2 * COLOUR_POINTS.0) * part.step;
                    sum += u32::from(eight_bits(data, at, part)?.abs_diff(NO_COLOUR));
                }
            }
        }
        let points = 2 * COLOUR_POINTS.0 * COLOUR_POINTS.1;
        Some((sum * 8 / points as u32).min(255) as u8)
    }
}

/// A sample's upper 8 bits.
fn eight_bits(data: &[u8], at: usize, part: ffi::Component) -> Option<u8> {
    if part.depth <= 8 {
        return data.get(at).copied();
    }
    let sample = u16::from_le_bytes([*data.get(at)?, *data.get(at + 1)?]);
    Some((sample >> (part.depth + part.shift - 8)) as u8)
}

fn brightness(red: u8, green: u8, blue: u8) -> u8 {
    let sum: u32 =
        RGB_WEIGHTS.into_iter().zip([red, green, blue]).map(|(weight, value)| weight * u32::from(value)).sum();
    (sum >> 8) as u8
}

fn copy_rgb(frame: &Video, parts: [(usize, usize, usize); 3], copy: &mut Vec<u8>) -> Option<()> {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let mut planes = [([].as_slice(), 0, 0, 0); 3];
    for (target, (plane, step, offset)) in planes.iter_mut().zip(parts) {
        let (data, stride) = ffi::plane(frame, plane, width.checked_mul(step)?, height)?;
        *target = (data, stride, step, offset);
    }
    copy.clear();
    copy.reserve(width * height);
    for y in 0..height {
        for x in 0..width {
            let [red, green, blue] = planes.map(|(data, stride, step, offset)| data[y * stride + x * step + offset]);
            copy.push(brightness(red, green, blue));
        }
    }
    Some(())
}

/// Colours are 32-bit words of alpha, red, green and blue in the machine's order.
fn copy_palette(frame: &Video, copy: &mut Vec<u8>) -> Option<()> {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let (numbers, stride) = ffi::plane(frame, 0, width, height)?;
    let colours = ffi::palette(frame, PALETTE_BYTES)?;
    let mut table = [0_u8; 256];
    for (out, colour) in table.iter_mut().zip(colours.chunks_exact(4)) {
        let [_, red, green, blue] = u32::from_ne_bytes([colour[0], colour[1], colour[2], colour[3]]).to_be_bytes();
        *out = brightness(red, green, blue);
    }
    copy.clear();
    for row in numbers.chunks(stride) {
        copy.extend(row[..width].iter().map(|number| table[usize::from(*number)]));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ffmpeg_next::format::Pixel;

    fn first_sample(format: Pixel, bytes: &[u8]) -> Option<(Layout, u16)> {
        let mut frame = Video::new(format, 6, 4);
        frame.data_mut(0)[..bytes.len()].copy_from_slice(bytes);
        let layout = Layout::of(&ffi::descriptor(&frame)?)?;
        let mut copy = Vec::new();
        let plane = layout.plane(&frame, &mut copy)?;
        let sample = if plane.sample_bytes() == 2 {
            u16::from_le_bytes([plane.data[0], plane.data[1]]) >> plane.low_bits
        } else {
            plane.data[0].into()
        };
        Some((layout, sample))
    }

    #[test]
    fn semi_planar_and_deep_formats_are_borrowed_with_their_depth() {
        for (format, bytes, bit_depth, low_bits, sample) in [
            (Pixel::NV12, &[77, 0][..], 8, 0, 77),
            (Pixel::NV21, &[77, 0], 8, 0, 77),
            (Pixel::YUV422P, &[77, 0], 8, 0, 77),
            (Pixel::P010LE, &[0xc0, 0xff], 10, 6, 1023),
            (Pixel::YUV420P10LE, &[0xff, 0x03], 10, 0, 1023),
            (Pixel::YUV444P12LE, &[0xff, 0x0f], 12, 0, 4095),
            (Pixel::GRAY8, &[77, 0], 8, 0, 77),
        ] {
            let (layout, found) = first_sample(format, bytes).unwrap_or_else(|| panic!("{format:?} is refused"));
            assert_eq!(
                (layout.source, layout.bit_depth, layout.low_bits),
                (Source::Plane, bit_depth, low_bits),
                "{format:?}"
            );
            assert_eq!(found, sample, "{format:?}");
        }
    }

    #[test]
    fn packed_formats_are_copied_from_where_brightness_is() {
        for (format, bytes, sample) in [
            (Pixel::YUYV422, &[77, 1, 2, 3][..], 77),
            (Pixel::UYVY422, &[1, 77, 2, 3], 77),
            (Pixel::RGB24, &[255, 255, 255], 255),
            (Pixel::BGR24, &[0, 0, 255], 76),
            (Pixel::ARGB, &[9, 0, 255, 0], 149),
        ] {
            assert_eq!(first_sample(format, bytes).map(|(_, found)| found), Some(sample), "{format:?}");
        }
    }

    #[test]
    fn colour_is_told_from_grey_in_planes_of_any_kind() {
        let colour = |format: Pixel, fill: &[(usize, [u8; 4])]| {
            let mut frame = Video::new(format, 64, 36);
            for (plane, bytes) in fill {
                frame.data_mut(*plane).chunks_exact_mut(4).for_each(|four| four.copy_from_slice(bytes));
            }
            Layout::of(&ffi::descriptor(&frame).unwrap()).unwrap().plane(&frame, &mut Vec::new()).unwrap().colour
        };
        assert_eq!(colour(Pixel::YUV420P, &[(1, [128; 4]), (2, [128; 4])]), Some(0));
        assert_eq!(colour(Pixel::YUV420P, &[(1, [130; 4]), (2, [124; 4])]), Some(24));
        assert_eq!(colour(Pixel::NV12, &[(1, [130, 124, 130, 124])]), Some(24));
        assert_eq!(colour(Pixel::YUV422P10LE, &[(1, [0, 2, 0, 2]), (2, [0, 2, 0, 2])]), Some(0));
        assert_eq!(colour(Pixel::P010LE, &[(1, [0, 0x80, 0, 0x84])]), Some(16));
        assert_eq!(colour(Pixel::GRAY8, &[]), None);
    }

    #[test]
    fn formats_out_of_reach_are_refused() {
        for format in [Pixel::MonoBlack, Pixel::RGB555LE, Pixel::YUV420P10BE, Pixel::GRAYF32LE] {
            assert_eq!(first_sample(format, &[0; 2]), None, "{format:?}");
        }
    }

    #[test]
    fn upside_down_rows_are_refused() {
        let mut frame = Video::new(Pixel::GRAY8, 6, 4);
        let layout = Layout::of(&ffi::descriptor(&frame).unwrap()).unwrap();
        ffi::turn_upside_down(&mut frame);
        assert!(layout.plane(&frame, &mut Vec::new()).is_none());
    }
}
