//! Ghosts: places that differ from the background because something left it, not because something came.
//!
//! Where the outline of a blob has less gradient in the picture than in the background, the thing is in the
//! background and no longer in the room. The outline is tested, not the inside: a dark suit has no edges inside.

use super::FOREGROUND_GREY;
use super::cells::for_each_pixel;
use super::history::BlobFacts;
use super::remembered::Before;
use crate::diff::{Geometry, Grid, MICRO_CELLS, Model};

/// Below this share of the background's gradient the outline is not the picture's.
const GHOST_GRADIENT: f32 = 0.7;
/// The same for a blob that moved for a while, or where the background has been as it is for long: somebody who sits in
/// front of a shelf has fewer edges than the shelf, and pauses.
const STAYER_GRADIENT: f32 = 0.35;
/// What leaves a ghost behind is gone within this time, seconds.
const LEAVES_S: f32 = 5.0;
/// An outline with less gradient than this in the picture, grey levels a pixel, is no thing's: light has soft edges.
const SOFT_GREY: f32 = 3.0;
/// Correlation of the steps between neighbouring pixels from which two pictures show the same texture.
const SAME_TEXTURE: f64 = 0.9;
/// ... and below which, either way, the one's texture is not in the other.
const OTHER_TEXTURE: f64 = 0.5;
/// Correlation from which one cell shows the same texture: an encoder leaves less of it than of many.
const SAME_TEXTURE_IN_CELL: f64 = 0.7;
/// Mean square of those steps below which a cell is plain, and grey levels by which light makes one plain wall another.
const PLAIN_GREY2: f64 = 6.0;
const PLAIN_OFF_GREY: i64 = 24;
/// Mean squared step between neighbouring pixels from which a cell has a texture, grey levels squared: more than noise.
const TEXTURE_GREY2: f64 = 64.0;
/// With fewer cells of texture nothing is said of a view.
const TEXTURED_MIN: usize = 40;
/// An outline with less gradient than this in both, grey levels a pixel, proves nothing.
const OUTLINE_GREY_MIN: f32 = 2.0;

/// True if the blob of `cells` is a ghost, by what is remembered of the place or by its outline.
pub(super) fn is_ghost(
    geometry: &Geometry,
    grid: &Grid,
    model: &Model,
    cells: &[u16],
    facts: &BlobFacts,
    before: Before,
) -> bool {
    let share = match before {
        Before::Shown => return true,
        Before::Other => return false,
        Before::Unknown if facts.moved_for_s <= LEAVES_S => GHOST_GRADIENT,
        Before::Unknown | Before::Background => STAYER_GRADIENT,
    };
    let (width, height) = (geometry.width(), geometry.height());
    let pixels = grid.pixels();
    let back = |index: usize| (model.background[index] >> 8) as u8;
    let differs = |index: usize| pixels[index].abs_diff(back(index)) > FOREGROUND_GREY;
    let (mut now, mut before, mut count) = (0u32, 0u32, 0u32);
    for_each_pixel(geometry, cells, |x, y| {
        if x == 0 || y == 0 || x + 1 >= width || y + 1 >= height {
            return;
        }
        let index = y * width + x;
        let ring = [index - 1, index + 1, index - width, index + width];
        if !differs(index) || ring.iter().all(|&other| differs(other)) {
            return;
        }
        let [left, right, up, down] = ring;
        now += u32::from(pixels[left].abs_diff(pixels[right])) + u32::from(pixels[up].abs_diff(pixels[down]));
        before += u32::from(back(left).abs_diff(back(right))) + u32::from(back(up).abs_diff(back(down)));
        count += 1;
    });
    let outline = |sum: u32| sum as f32 / count.max(1) as f32;
    outline(now) < SOFT_GREY || outline(before) > OUTLINE_GREY_MIN && (now as f32) < share * before as f32
}

/// True if the picture shows the background's own texture at `cells`, brighter or darker: light or shadow fell there.
pub(super) fn is_light(geometry: &Geometry, grid: &Grid, model: &Model, cells: &[u16]) -> bool {
    Texture::of(geometry, grid, model, cells).correlation() > SAME_TEXTURE
}

/// True if a cell shows what the background does, a little brighter or darker: its texture, or a plain wall as there.
pub(super) fn is_same(geometry: &Geometry, grid: &Grid, model: &Model, cell: u16) -> bool {
    let texture = Texture::of(geometry, grid, model, &[cell]);
    let is_plain = |steps2: i64| (steps2 as f64) < PLAIN_GREY2 * texture.count as f64;
    if !is_plain(texture.now) || !is_plain(texture.before) {
        return texture.correlation() > SAME_TEXTURE_IN_CELL;
    }
    let (mut off, mut count) = (0i64, 0i64);
    for_each_pixel(geometry, &[cell], |x, y| {
        let index = y * geometry.width() + x;
        off += i64::from(grid.pixels()[index]) - i64::from(model.background[index] >> 8);
        count += 1;
    });
    off.abs() < PLAIN_OFF_GREY * count
}

/// Share of the cells with a texture in which the picture shows another one; 0 where the view is too plain to tell.
pub(super) fn other_texture_share(geometry: &Geometry, grid: &Grid, model: &Model) -> f32 {
    let (mut textured, mut other) = (0, 0);
    for cell in 0..MICRO_CELLS as u16 {
        let texture = Texture::of(geometry, grid, model, &[cell]);
        if texture.before as f64 > TEXTURE_GREY2 * texture.count as f64 {
            textured += 1;
            other += usize::from(texture.correlation().abs() < OTHER_TEXTURE);
        }
    }
    if textured < TEXTURED_MIN { 0.0 } else { other as f32 / textured as f32 }
}

/// Sums over the steps between neighbouring pixels.
#[derive(Default)]
struct Texture {
    both: i64,
    now: i64,
    before: i64,
    count: i64,
}

impl Texture {
    fn of(geometry: &Geometry, grid: &Grid, model: &Model, cells: &[u16]) -> Self {
        let (width, height) = (geometry.width(), geometry.height());
        let pixel = |index: usize| i64::from(grid.pixels()[index]);
        let back = |index: usize| i64::from(model.background[index] >> 8);
        let mut sums = Self::default();
        for_each_pixel(geometry, cells, |x, y| {
            let index = y * width + x;
            for other in
                [(x + 1 < width).then_some(index + 1), (y + 1 < height).then_some(index + width)].into_iter().flatten()
            {
                let (step, back_step) = (pixel(other) - pixel(index), back(other) - back(index));
                sums.both += step * back_step;
                sums.now += step * step;
                sums.before += back_step * back_step;
                sums.count += 1;
            }
        });
        sums
    }

    /// Between the picture's steps and the background's; 0 where one of them has none.
    fn correlation(&self) -> f64 {
        self.both as f64 / (self.now as f64 * self.before as f64).sqrt().max(1.0)
    }
}

/// Copies the picture into the background at the blob's cells.
pub(super) fn absorb(geometry: &Geometry, grid: &Grid, model: &mut Model, cells: &[u16]) {
    let width = geometry.width();
    for_each_pixel(geometry, cells, |x, y| {
        let index = y * width + x;
        model.background[index] = u16::from(grid.pixels()[index]) << 8;
    });
}

/// Mean gradient of the background per cell, grey levels between neighbours.
pub(super) fn gradient(geometry: &Geometry, model: &Model) -> Vec<f32> {
    let width = geometry.width();
    (0..MICRO_CELLS)
        .map(|cell| {
            let (mut sum, mut count) = (0u32, 0u32);
            for_each_pixel(geometry, &[cell as u16], |x, y| {
                if x + 1 < width && y + 1 < geometry.height() {
                    let index = y * width + x;
                    let here = (model.background[index] >> 8) as u8;
                    sum += u32::from(here.abs_diff((model.background[index + 1] >> 8) as u8));
                    sum += u32::from(here.abs_diff((model.background[index + width] >> 8) as u8));
                    count += 2;
                }
            });
            sum as f32 / count.max(1) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(grey: impl Fn(usize) -> u8) -> (Geometry, Grid) {
        let (width, height) = (480, 270);
        Grid::of_grey((width, height), |x, y| grey(y * width + x))
    }

    #[test]
    fn a_cell_shows_the_same_in_another_light_and_not_with_somebody_in_front() {
        let shelf_and_wall = |index: usize| if index % 480 < 240 { 60 + (index * 7 % 13 * 5) as u8 } else { 120 };
        let (geometry, empty) = grid(shelf_and_wall);
        let model = Model::new(&empty);
        let same = |grey: &dyn Fn(usize) -> u8| [605, 640].map(|cell| is_same(&geometry, &grid(grey).1, &model, cell));
        assert_eq!(same(&|index| shelf_and_wall(index) + 15), [true, true]);
        assert_eq!(same(&|_| 60), [false, false], "a plain coat");
        assert_eq!(same(&|index| 110 + (index * 5 % 11 * 4) as u8), [false, false], "a shirt");
    }

    #[test]
    fn light_keeps_the_texture_and_a_person_does_not() {
        let shelf = |index: usize| 60 + (index * 7 % 13 * 5) as u8;
        let (geometry, empty) = grid(shelf);
        let model = Model::new(&empty);
        let is_light_on = |grey: &dyn Fn(usize) -> u8| is_light(&geometry, &grid(grey).1, &model, &[600, 601, 648]);
        assert!(is_light_on(&|index| shelf(index) / 2 * 3));
        assert!(!is_light_on(&|index| 140 + (index * 5 % 11 * 4) as u8));
        assert!(!is_light_on(&|_| 140), "a plain coat");
    }
}
