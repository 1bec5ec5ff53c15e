//! The containers that the kernels read and write.

use super::geometry::{Geometry, MICRO_CELLS};
use pantau_models::settings::Polygon;
use serde::{Deserialize, Serialize};

/// A picture reduced to the working grid: row by row, no padding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    pub(super) pixels: Vec<u8>,
    pub(super) width: usize,
}

impl Grid {
    /// A black grid.
    pub fn new(geometry: &Geometry) -> Self {
        Self { pixels: vec![0; geometry.area()], width: geometry.width() }
    }

    /// Its pixels, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// True if it is as large as the geometry's grid.
    pub fn fits(&self, geometry: &Geometry) -> bool {
        self.width == geometry.width() && self.pixels.len() == geometry.area()
    }

    /// Its width, pixels.
    pub fn width(&self) -> usize {
        self.width
    }
}

/// Parts of the grid that are blackened before anything looks at them.
#[derive(Clone, Debug, Default)]
pub struct Blackout {
    /// `(row, first column, one past the last column)`, in row order.
    pub(super) runs: Vec<(usize, usize, usize)>,
}

impl Blackout {
    /// Every grid pixel that a mask touches with its centre or any corner is blackened: rather too much than too
    /// little.
    pub fn new(geometry: &Geometry, masks: &[Polygon]) -> Self {
        let mut runs = Vec::new();
        if masks.is_empty() {
            return Self { runs };
        }
        let (width, height) = (geometry.width(), geometry.height());
        for row in 0..height {
            let mut begin = None;
            for column in 0..=width {
                let covered = column < width && touches(masks, column, row, width, height);
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
}

fn touches(masks: &[Polygon], column: usize, row: usize, width: usize, height: usize) -> bool {
    const POINTS: [(f32, f32); 5] = [(0.5, 0.5), (0.01, 0.01), (0.99, 0.01), (0.01, 0.99), (0.99, 0.99)];
    POINTS.iter().any(|(dx, dy)| {
        let x = (column as f32 + dx) / width as f32;
        let y = (row as f32 + dy) / height as f32;
        masks.iter().any(|mask| mask.contains(x, y))
    })
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
