//! The containers that the kernels read and write.

use super::geometry::{Geometry, MICRO_CELLS};
use pantau_models::settings::Polygon;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A picture reduced to the working grid: row by row, no padding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    pub(super) pixels: Vec<u8>,
    pub(super) width: usize,
    /// The picture's colour, see [`Plane`](crate::decode::Plane).
    pub(super) colour: Option<u8>,
    pub(super) since_key_us: Option<i64>,
}

impl Grid {
    /// A black grid.
    pub fn new(geometry: &Geometry) -> Self {
        Self { pixels: vec![0; geometry.area()], width: geometry.width(), colour: None, since_key_us: None }
    }

    /// Its pixels, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Mean distance of the picture's colours from grey, in eighths of a level; `None` if it is not known.
    pub fn colour(&self) -> Option<u8> {
        self.colour
    }

    /// Time since the last key frame, microseconds; `None` if it is not known.
    pub fn since_key_us(&self) -> Option<i64> {
        self.since_key_us
    }

    /// True if it is as large as the geometry's grid.
    pub fn fits(&self, geometry: &Geometry) -> bool {
        self.width == geometry.width() && self.pixels.len() == geometry.area()
    }

    /// Blackens what is masked in `rows`.
    pub fn blacken(&mut self, blackout: &Blackout, rows: Range<usize>) {
        blackout.blacken(&mut self.pixels, self.width, rows);
    }

    /// Changes every pixel's grey level.
    pub fn map(&mut self, to: impl Fn(u8) -> u8) {
        self.pixels.iter_mut().for_each(|pixel| *pixel = to(*pixel));
    }

    /// Its width, pixels.
    pub fn width(&self) -> usize {
        self.width
    }
}

#[cfg(test)]
impl Grid {
    /// The grid of a picture of so many columns and rows with the grey level `grey(column, row)` each.
    pub(crate) fn of_grey((width, height): (usize, usize), grey: impl Fn(usize, usize) -> u8) -> (Geometry, Self) {
        use super::{Kernel, KernelLevel};
        let data: Vec<u8> = (0..width * height).map(|index| grey(index % width, index / width)).collect();
        let geometry = Geometry::of(width, height).unwrap();
        let mut grid = Self::new(&geometry);
        let plane = crate::decode::Plane::grey(&data, width, height);
        Kernel::new(KernelLevel::Scalar).reduce(&geometry, &plane, &Blackout::default(), &mut grid);
        (geometry, grid)
    }
}

/// Parts of the grid that are blackened before anything looks at them.
#[derive(Clone, Debug, Default)]
pub struct Blackout {
    /// `(row, first column, one past the last column)`, in row order.
    pub(super) runs: Vec<(usize, usize, usize)>,
}

impl Blackout {
    /// Every grid pixel of which a mask touches any part is blackened: rather too much than too little.
    pub fn new(geometry: &Geometry, masks: &[Polygon]) -> Self {
        let mut runs = Vec::new();
        if masks.is_empty() {
            return Self { runs };
        }
        for row in 0..geometry.height() {
            let mut begin = None;
            for column in 0..=geometry.width() {
                let covered = column < geometry.width() && is_masked(masks, geometry.pixel(column, row));
                match (begin, covered) {
                    (None, true) => begin = Some(column),
                    (Some(first), false) => {
                        runs.push((row, first, column));
                        begin = None;
                    }
                    _ => {}
                }
            }
        }
        Self { runs }
    }

    /// Blackens `rows` of a picture of the grid's width.
    pub fn blacken<T: Copy + Default>(&self, pixels: &mut [T], width: usize, rows: Range<usize>) {
        let begin = self.runs.partition_point(|run| run.0 < rows.start);
        for &(row, from, to) in self.runs[begin..].iter().take_while(|run| run.0 < rows.end) {
            pixels[row * width + from..row * width + to].fill(T::default());
        }
    }
}

/// True if one of the masks touches the box `[x0, y0, x1, y1]`, in fractions of the picture. Touching at an edge is
/// not enough: a mask up to the middle of the picture leaves the other half alone.
pub fn is_masked(masks: &[Polygon], [x0, y0, x1, y1]: [f32; 4]) -> bool {
    /// Rounding that is no overlap, as a share of the box: fractions of the picture have seven digits.
    const SLACK: f32 = 0.002;
    let (dx, dy) = (SLACK * (x1 - x0), SLACK * (y1 - y0));
    let inner = [x0 + dx, y0 + dy, x1 - dx, y1 - dy];
    let middle = ((x0 + x1) / 2.0, (y0 + y1) / 2.0);
    masks.iter().any(|mask| {
        let corners = &mask.corners;
        let next = corners.iter().cycle().skip(1);
        // Where no edge crosses the box, it is inside or outside as a whole.
        mask.contains(middle.0, middle.1) || corners.iter().zip(next).any(|(a, b)| crosses(*a, *b, inner))
    })
}

/// True if a part of the line from `a` to `b` lies in the box (Liang and Barsky's clipping).
fn crosses(a: [f32; 2], b: [f32; 2], [x0, y0, x1, y1]: [f32; 4]) -> bool {
    let (mut from, mut to) = (0.0f32, 1.0f32);
    for (start, step, low, high) in [(a[0], b[0] - a[0], x0, x1), (a[1], b[1] - a[1], y0, y1)] {
        if step == 0.0 {
            if start < low || start > high {
                return false;
            }
            continue;
        }
        let (one, other) = ((low - start) / step, (high - start) / step);
        from = from.max(one.min(other));
        to = to.min(one.max(other));
    }
    from <= to
}

/// What a camera's pixels are compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Background, 8.8 fixed point, as large as the grid.
    pub background: Vec<u16>,
    /// The previous sample's grid.
    pub previous: Vec<u8>,
    /// How far the background of each cell may move towards this sample, 8.8 fixed point; 0 freezes it.
    pub step: Vec<u16>,
}

impl Model {
    /// A model that takes `grid` for the background.
    pub fn new(grid: &Grid) -> Self {
        Self {
            background: grid.pixels.iter().map(|&pixel| u16::from(pixel) << 8).collect(),
            previous: grid.pixels.clone(),
            step: vec![0; MICRO_CELLS],
        }
    }
}

/// Sums over each cell of the grid, 48 x 27, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellSums {
    /// Brightness.
    pub luma: Vec<u32>,
    /// Brightness of the background, before its update.
    pub background: Vec<u32>,
    /// |sample - previous sample|.
    pub step: Vec<u32>,
    /// |sample - background|.
    pub apart: Vec<u32>,
    /// Pixels that differ from the background by more than the threshold.
    pub foreground: Vec<u32>,
}

impl Default for CellSums {
    fn default() -> Self {
        let zeros = || vec![0; MICRO_CELLS];
        Self { luma: zeros(), background: zeros(), step: zeros(), apart: zeros(), foreground: zeros() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn polygon() -> impl Strategy<Value = Polygon> {
        proptest::collection::vec([0.0f32..1.0, 0.0f32..1.0], 3..7).prop_map(|corners| Polygon { corners })
    }

    fn blackened(geometry: &Geometry, masks: &[Polygon]) -> Vec<bool> {
        let mut pixels = vec![false; geometry.area()];
        for (row, first, end) in Blackout::new(geometry, masks).runs {
            pixels[row * geometry.width() + first..row * geometry.width() + end].fill(true);
        }
        pixels
    }

    #[test]
    fn a_mask_up_to_a_pixel_s_edge_stops_there() {
        let geometry = Geometry::of(1920, 1080).unwrap();
        let half = Polygon { corners: vec![[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]] };
        let pixels = blackened(&geometry, &[half]);
        assert!((0..geometry.area()).all(|index| pixels[index] == (index % 480 < 240)));
    }

    #[test]
    fn a_mask_thinner_than_a_pixel_is_not_lost() {
        let geometry = Geometry::of(1920, 1080).unwrap();
        let (x0, x1) = (100.30 / 480.0, 100.35 / 480.0);
        let line = Polygon { corners: vec![[x0, 0.0], [x1, 0.0], [x1, 1.0], [x0, 1.0]] };
        let pixels = blackened(&geometry, &[line]);
        assert!((0..geometry.area()).all(|index| pixels[index] == (index % 480 == 100)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Also where the picture is no multiple of the grid: a polygon's corners are fractions of the picture.
        #[test]
        fn every_point_inside_a_mask_is_black(
            mask in polygon(),
            width in 480usize..1000,
            height in 270usize..600,
            points in proptest::collection::vec((0.0f32..1.0, 0.0f32..1.0), 200),
        ) {
            let geometry = Geometry::of(width, height).unwrap();
            let pixels = blackened(&geometry, std::slice::from_ref(&mask));
            for (x, y) in points.into_iter().filter(|(x, y)| mask.contains(*x, *y)) {
                let column = (x * width as f32) as usize / geometry.factor();
                let row = (y * height as f32) as usize / geometry.factor();
                // What fills no whole box is not looked at.
                if column < geometry.width() && row < geometry.height() {
                    prop_assert!(pixels[row * geometry.width() + column], "{x} {y}");
                }
            }
        }

        /// By the distance of its middle from the polygon's edges, in pixels.
        #[test]
        fn a_pixel_is_black_if_a_mask_comes_near_and_only_then(mask in polygon()) {
            let (width, height) = (192usize, 108usize);
            let pixels = blackened(&Geometry::of(width, height).unwrap(), std::slice::from_ref(&mask));
            let scaled: Vec<[f32; 2]> =
                mask.corners.iter().map(|[x, y]| [x * width as f32, y * height as f32]).collect();
            for (index, is_black) in pixels.into_iter().enumerate() {
                let middle = [(index % width) as f32 + 0.5, (index / width) as f32 + 0.5];
                let is_inside = mask.contains(middle[0] / width as f32, middle[1] / height as f32);
                let edges = scaled.iter().zip(scaled.iter().cycle().skip(1));
                let distance = edges.map(|(a, b)| distance_to_line(middle, *a, *b)).fold(f32::MAX, f32::min);
                if is_inside || distance < 0.49 {
                    prop_assert!(is_black, "{middle:?} is {distance} from {scaled:?}");
                } else if distance > 0.71 {
                    prop_assert!(!is_black, "{middle:?} is {distance} from {scaled:?}");
                }
            }
        }
    }

    fn distance_to_line(p: [f32; 2], a: [f32; 2], b: [f32; 2]) -> f32 {
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let along = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy).max(f32::MIN_POSITIVE);
        let along = along.clamp(0.0, 1.0);
        (p[0] - a[0] - along * dx).hypot(p[1] - a[1] - along * dy)
    }
}
