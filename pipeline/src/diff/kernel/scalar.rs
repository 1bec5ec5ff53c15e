//! The judge: what the kernels mean, one pixel after the other, written to be read and not to be fast.

use super::super::geometry::{Geometry, MICRO_X, MICRO_Y};
use super::super::grid::{Blackout, CellSums, Grid, Model};
use crate::decode::Plane;

/// Mean of each `factor` x `factor` box, rounded half up; masks are blackened after.
pub fn reduce(geometry: &Geometry, plane: &Plane<'_>, blackout: &Blackout, grid: &mut Grid) {
    let factor = geometry.factor();
    for y in 0..geometry.height() {
        for x in 0..geometry.width() {
            let mut sum = 0;
            for dy in 0..factor {
                for dx in 0..factor {
                    sum += pixel(plane, x * factor + dx, y * factor + dy);
                }
            }
            let area = (factor * factor) as u32;
            grid.pixels[y * grid.width + x] = ((sum + area / 2) / area) as u8;
        }
    }
    grid.blacken(blackout, 0..geometry.height());
}

fn pixel(plane: &Plane<'_>, x: usize, y: usize) -> u32 {
    let at = y * plane.stride + x * plane.sample_bytes();
    if plane.bit_depth == 8 {
        return u32::from(plane.data[at]);
    }
    let sample = u16::from_le_bytes([plane.data[at], plane.data[at + 1]]);
    u32::from(sample >> super::shift(plane)).min(255)
}

/// Per cell: sums of brightness, of background, of |sample - previous|, and the number of pixels that differ from the
/// background by more than `threshold`. Then the background moves towards the sample by at most the cell's step.
pub fn compare(geometry: &Geometry, grid: &Grid, threshold: u8, model: &mut Model, sums: &mut CellSums) {
    *sums = CellSums::default();
    for cell_y in 0..MICRO_Y {
        for cell_x in 0..MICRO_X {
            let cell = cell_y * MICRO_X + cell_x;
            for y in geometry.rows()[cell_y]..geometry.rows()[cell_y + 1] {
                for x in geometry.columns()[cell_x]..geometry.columns()[cell_x + 1] {
                    let index = y * grid.width + x;
                    let sample = grid.pixels[index];
                    let background = (model.background[index] >> 8) as u8;
                    sums.luma[cell] += u32::from(sample);
                    sums.background[cell] += u32::from(background);
                    sums.step[cell] += u32::from(sample.abs_diff(model.previous[index]));
                    sums.apart[cell] += u32::from(sample.abs_diff(background));
                    sums.foreground[cell] += u32::from(sample.abs_diff(background) > threshold);
                    let target = u16::from(sample) << 8;
                    let from = model.background[index];
                    let step = model.step[cell];
                    model.background[index] =
                        if target > from { from + (target - from).min(step) } else { from - (from - target).min(step) };
                }
            }
        }
    }
    model.previous.copy_from_slice(&grid.pixels);
}

/// Per cell: the sum of |a - b - brighter|, each at most 255.
pub fn distance(geometry: &Geometry, a: &[u8], b: &[u8], brighter: i16, sums: &mut [u32]) {
    for (cell, sum) in sums.iter_mut().enumerate() {
        let (cell_x, cell_y) = (cell % MICRO_X, cell / MICRO_X);
        *sum = 0;
        for y in geometry.rows()[cell_y]..geometry.rows()[cell_y + 1] {
            for x in geometry.columns()[cell_x]..geometry.columns()[cell_x + 1] {
                let index = y * geometry.width() + x;
                *sum += (i32::from(a[index]) - i32::from(b[index]) - i32::from(brighter)).unsigned_abs().min(255);
            }
        }
    }
}
