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
/// This share of a blob's cells must have been at rest once for a judgement, and of its pixels have looked otherwise
/// than the background does.
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

    /// What is known of the cells in `is_gone` holds no longer.
    pub(super) fn forget(&mut self, is_gone: &[bool]) {
        for (known, is_gone) in self.known.iter_mut().zip(is_gone) {
            *known &= !is_gone;
        }
    }

    /// Whether the picture shows at `cells` what was there before.
    pub(super) fn shows_again(&self, geometry: &Geometry, grid: &Grid, model: &Model, cells: &[u16]) -> Before {
        let known = cells.iter().filter(|&&cell| self.known[usize::from(cell)]).count();
        if (known as f32) < KNOWN_SHARE * cells.len() as f32 {
            return Before::Unknown;
        }
        let (mut same, mut other, mut count) = (0u32, 0u32, 0u32);
        let width = geometry.width();
        for_each_pixel(geometry, cells, |x, y| {
            let index = y * width + x;
            let pixel = grid.pixels()[index];
            let [back, before] = [&model.background, &self.pixels].map(|picture| (picture[index] >> 8) as u8);
            if pixel.abs_diff(back) > DIFFERS_GREY {
                count += 1;
                same += u32::from(pixel.abs_diff(before) <= SAME_GREY);
                other += u32::from(back.abs_diff(before) > DIFFERS_GREY);
            }
        });
        if count > 0 && same as f32 > SAME_SHARE * count as f32 {
            Before::Shown
        } else if (other as f32) < KNOWN_SHARE * count as f32 {
            Before::Background
        } else {
            Before::Other
        }
    }
}

/// What is remembered of a place that differs from the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    Unknown,
    /// What the picture shows.
    Shown,
    /// What the background shows: the empty room, or whoever has been there since before anything was remembered.
    Background,
    /// Neither.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_covered_while_the_light_changed_is_not_known() {
        let (geometry, shelf) = Grid::of_grey((480, 270), |x, y| 60 + (x * 7 % 13 * 5 + y % 3) as u8);
        let (_, bag) = Grid::of_grey((480, 270), |_, _| 200);
        let mut remembered = Remembered::new(&geometry);
        let cells = [600u16, 601, 648];
        cells.iter().for_each(|&cell| remembered.keep(&geometry, &Model::new(&shelf), usize::from(cell)));
        let shows =
            |remembered: &Remembered, grid: &Grid| remembered.shows_again(&geometry, grid, &Model::new(&bag), &cells);
        assert_eq!(shows(&remembered, &shelf), Before::Shown);
        let is_covered =
            |covered: &[u16]| (0..MICRO_CELLS as u16).map(|cell| covered.contains(&cell)).collect::<Vec<_>>();
        remembered.forget(&is_covered(&[600]));
        assert_eq!(shows(&remembered, &shelf), Before::Shown);
        remembered.forget(&is_covered(&[601]));
        assert_eq!(shows(&remembered, &shelf), Before::Unknown);
    }

    #[test]
    fn of_whoever_was_there_from_the_start_memory_knows_no_empty_place() {
        let (geometry, empty) = Grid::of_grey((480, 270), |_, _| 120);
        let (_, somebody) = Grid::of_grey((480, 270), |_, _| 60);
        let (_, else_there) = Grid::of_grey((480, 270), |_, _| 200);
        let cells = [600u16, 601, 648];
        let shows = |kept: &Grid, now: &Grid| {
            let mut remembered = Remembered::new(&geometry);
            cells.iter().for_each(|&cell| remembered.keep(&geometry, &Model::new(kept), usize::from(cell)));
            remembered.shows_again(&geometry, now, &Model::new(&somebody), &cells)
        };
        assert_eq!(shows(&somebody, &empty), Before::Background);
        assert_eq!(shows(&empty, &empty), Before::Shown);
        assert_eq!(shows(&empty, &else_there), Before::Other);
    }
}
