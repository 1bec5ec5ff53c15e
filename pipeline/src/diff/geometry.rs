//! How a picture becomes a working grid, and the grid cells. Cells are a fixed share of the view, so that what is
//! measured per cell does not depend on the resolution.

use crate::decode::{PICTURE_MIN, too_small};
use serde::{Deserialize, Serialize};

/// Columns of cells: three to each column of the lake's 16 x 9 grid.
pub const MICRO_X: usize = 48;
/// Rows of cells: three to each row of the lake's 16 x 9 grid.
pub const MICRO_Y: usize = 27;
/// Cells of a view.
pub const MICRO_CELLS: usize = MICRO_X * MICRO_Y;

/// The working grid is the picture box-reduced by the smallest power of two that makes it at most this wide: 4x4 at
/// 1080p. Powers of two keep the reduction in whole vectors.
pub const WORKING_WIDTH_MAX: usize = 480;

/// Sizes of picture and grid, and where the cells lie in the grid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Geometry {
    picture_width: usize,
    picture_height: usize,
    factor: usize,
    width: usize,
    height: usize,
    columns: Vec<usize>,
    rows: Vec<usize>,
}

impl Geometry {
    /// Of a picture of so many pixels. `None` if it is too small to hold one pixel per cell: less than 48 x 27.
    /// Columns and rows of pixels that fill no whole box, at the right and the bottom, are left out.
    pub fn of(picture_width: usize, picture_height: usize) -> Option<Self> {
        const { assert!(PICTURE_MIN.0 == MICRO_X && PICTURE_MIN.1 == MICRO_Y) };
        if too_small(picture_width, picture_height).is_some() {
            return None;
        }
        let fits = |factor: usize| picture_width / factor >= MICRO_X && picture_height / factor >= MICRO_Y;
        let mut factor = 1;
        while picture_width.div_ceil(factor) > WORKING_WIDTH_MAX && factor < 16 && fits(factor * 2) {
            factor *= 2;
        }
        let (width, height) = (picture_width / factor, picture_height / factor);
        let bounds = |length: usize, count: usize| (0..=count).map(|i| i * length / count).collect();
        Some(Self {
            picture_width,
            picture_height,
            factor,
            width,
            height,
            columns: bounds(width, MICRO_X),
            rows: bounds(height, MICRO_Y),
        })
    }

    /// True if a picture of this size has this geometry.
    pub fn fits(&self, picture_width: usize, picture_height: usize) -> bool {
        self.picture_width == picture_width && self.picture_height == picture_height
    }

    /// Pixels of the picture, both ways, that make one pixel of the grid.
    pub fn factor(&self) -> usize {
        self.factor
    }

    /// Width of the grid, pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height of the grid, pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Pixels of the grid.
    pub fn area(&self) -> usize {
        self.width * self.height
    }

    /// The part of the picture that a grid pixel stands for: `[x0, y0, x1, y1]`, fractions of the picture.
    pub fn pixel(&self, column: usize, row: usize) -> [f32; 4] {
        let x = |column: usize| (column * self.factor) as f32 / self.picture_width as f32;
        let y = |row: usize| (row * self.factor) as f32 / self.picture_height as f32;
        [x(column), y(row), x(column + 1), y(row + 1)]
    }

    /// Where each column of cells begins, and the grid's width: 49 numbers.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Where each row of cells begins, and the grid's height: 28 numbers.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Grid pixels of a cell.
    pub fn cell_area(&self, cell: usize) -> usize {
        let (x, y) = (cell % MICRO_X, cell / MICRO_X);
        (self.columns[x + 1] - self.columns[x]) * (self.rows[y + 1] - self.rows[y])
    }

    /// Sums over the pixels of each cell of something as large as the grid.
    pub fn sums<T: Copy + Into<u32>>(&self, pixels: &[T]) -> Vec<u32> {
        let mut sums = vec![0; MICRO_CELLS];
        for (rows, sums) in self.rows.windows(2).zip(sums.chunks_exact_mut(MICRO_X)) {
            for row in pixels[rows[0] * self.width..rows[1] * self.width].chunks_exact(self.width) {
                for (sum, columns) in sums.iter_mut().zip(self.columns.windows(2)) {
                    *sum += row[columns[0]..columns[1]].iter().map(|&pixel| pixel.into()).sum::<u32>();
                }
            }
        }
        sums
    }

    /// Sums over the pixels of each cell as means.
    pub fn means(&self, sums: &[u32]) -> Vec<f32> {
        let mut widths = [0.0; MICRO_X];
        for (width, columns) in widths.iter_mut().zip(self.columns.windows(2)) {
            *width = (columns[1] - columns[0]) as f32;
        }
        let mut means = Vec::with_capacity(sums.len());
        for (rows, sums) in self.rows.windows(2).zip(sums.chunks_exact(MICRO_X)) {
            let height = (rows[1] - rows[0]) as f32;
            means.extend(sums.iter().zip(&widths).map(|(&sum, width)| sum as f32 / (width * height)));
        }
        means
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_sizes_give_grids_of_a_like_width() {
        for (size, factor, grid) in [
            ((1920, 1080), 4, (480, 270)),
            ((1280, 720), 4, (320, 180)),
            ((640, 360), 2, (320, 180)),
            ((768, 432), 2, (384, 216)),
            ((3840, 2160), 8, (480, 270)),
            ((352, 288), 1, (352, 288)),
            ((1919, 1079), 4, (479, 269)),
            ((50, 4000), 1, (50, 4000)),
        ] {
            let geometry = Geometry::of(size.0, size.1).unwrap();
            assert_eq!((geometry.factor(), (geometry.width(), geometry.height())), (factor, grid), "{size:?}");
            assert_eq!((0..MICRO_CELLS).map(|cell| geometry.cell_area(cell)).sum::<usize>(), geometry.area());
        }
        assert_eq!(Geometry::of(47, 1000), None);
    }
}
