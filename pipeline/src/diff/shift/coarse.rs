//! The whole pixels of a shift, which least squares can't find.

use super::Shift;
use crate::diff::geometry::Geometry;
use crate::diff::grid::Grid;

/// The coarse search goes so far each way, in pixels of the picture a quarter as large.
const COARSE_REACH: isize = 3;
const COARSE: usize = 4;
/// Shifts of more than this are none.
pub(super) const REACH_PX: f32 = (COARSE_REACH as f32 + 1.0) * COARSE as f32;

/// A picture of sums of so many by so many pixels.
struct Binned {
    sums: Vec<u32>,
    width: usize,
    height: usize,
}

impl Binned {
    fn new<P: Copy>(geometry: &Geometry, pixels: &[P], by: usize, grey: impl Fn(P) -> u32) -> Self {
        let (width, height) = (geometry.width() / by, geometry.height() / by);
        let mut sums = vec![0; width * height];
        for (y, sums) in sums.chunks_exact_mut(width).enumerate() {
            for row in pixels.chunks_exact(geometry.width()).skip(y * by).take(by) {
                for (sum, bin) in sums.iter_mut().zip(row.chunks_exact(by)) {
                    *sum += bin.iter().map(|&pixel| grey(pixel)).sum::<u32>();
                }
            }
        }
        Self { sums, width, height }
    }

    /// The whole shift at most `reach` each way from `around` at which this picture is most like the one before.
    fn nearest(&self, before: &Self, around: [isize; 2], reach: isize) -> [isize; 2] {
        let margin = (reach + around[0].abs().max(around[1].abs())).unsigned_abs();
        if self.width <= 2 * margin || self.height <= 2 * margin {
            return around;
        }
        let length = self.width - 2 * margin;
        let unlike = |[dx, dy]: [isize; 2]| -> u64 {
            // The same part of this picture at every shift: who stands at its border must not ask for one that hides them.
            let rows = (margin..self.height - margin).map(|y| {
                let here = y * self.width + margin;
                let there = here.wrapping_add_signed(-dy * self.width as isize - dx);
                let pairs = self.sums[here..here + length].iter().zip(&before.sums[there..there + length]);
                u64::from(pairs.map(|(a, b)| a.abs_diff(*b)).sum::<u32>())
            });
            rows.sum()
        };
        let steps = || -reach..=reach;
        let shifts = steps().flat_map(|dy| steps().map(move |dx| [around[0] + dx, around[1] + dy]));
        // Of equal ones the shortest.
        shifts.min_by_key(|&shift| (unlike(shift), shift[0] * shift[0] + shift[1] * shift[1])).unwrap_or(around)
    }
}

/// The shift to a pixel or so: found in pictures a quarter as large, then in those half as large.
pub(super) fn coarse_shift(geometry: &Geometry, grid: &Grid, background: &[u16]) -> Shift {
    let mut found = [0; 2];
    for (by, reach) in [(COARSE, COARSE_REACH), (COARSE / 2, 1)] {
        let now = Binned::new(geometry, &grid.pixels, by, u32::from);
        let before = Binned::new(geometry, background, by, |pixel| u32::from(pixel >> 8));
        found = now.nearest(&before, found, reach).map(|steps| 2 * steps);
    }
    Shift { dx: found[0] as f32, dy: found[1] as f32 }
}
