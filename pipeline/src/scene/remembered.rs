//! What each place looked like when it was last at rest for minutes: where the picture shows that again, something has
//! left that had become part of the background, and nothing came.

use super::cells::for_each_pixel;
use crate::diff::{Geometry, Grid, MICRO_CELLS, Model};
use serde::{Deserialize, Serialize};

/// A cell that nothing touched for so long is at rest, seconds.
pub(super) const REST_S: f64 = 120.0;
/// A pixel this near to what is remembered shows it, grey levels.
const SAME_GREY: u8 = 12;
/// A pixel that differs from the background by less than this says nothing, grey levels.
const DIFFERS_GREY: u8 = 10;
/// This share of a ghost's pixels show what is remembered.
const SAME_SHARE: f32 = 0.6;
/// This share of a blob's cells must have been at rest once for a judgement.
const KNOWN_SHARE: f32 = 0.6;

/// The view at rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Remembered {
    /// As the background: 8.8 fixed point, as large as the grid.
    pub pixels: Vec<u16>,
    known: Vec<bool>,
}

impl Remembered {
    pub(super) fn new(geometry: &Geometry) -> Self {
        Self { pixels: vec![0; geometry.area()], known: vec![false; MICRO_CELLS] }
    }

    /// The background of `cell` has been at rest.
    pub(super) fn keep(&mut self, geometry: &Geometry, model: &Model, cell: usize) {
        self.known[cell] = true;
        let width = geometry.width();
        for_each_pixel(geometry, &[cell as u16], |x, y| {
            let index = y * width + x;
            self.pixels[index] = model.background[index];
        });
    }

    /// Whether the picture shows at `cells` what was there before; `None` where that is not known.
    pub(super) fn shows_again(&self, geometry: &Geometry, grid: &Grid, model: &Model, cells: &[u16]) -> Option<bool> {
        let known = cells.iter().filter(|&&cell| self.known[usize::from(cell)]).count();
        if (known as f32) < KNOWN_SHARE * cells.len() as f32 {
            return None;
        }
        let (mut same, mut count) = (0u32, 0u32);
        let width = geometry.width();
        for_each_pixel(geometry, cells, |x, y| {
            let index = y * width + x;
            let pixel = grid.pixels()[index];
            if pixel.abs_diff((model.background[index] >> 8) as u8) > DIFFERS_GREY {
                count += 1;
                same += u32::from(pixel.abs_diff((self.pixels[index] >> 8) as u8) <= SAME_GREY);
            }
        });
        Some(count > 0 && same as f32 > SAME_SHARE * count as f32)
    }
}
