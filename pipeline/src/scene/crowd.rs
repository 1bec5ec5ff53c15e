//! How crowded a view is: area and edges that its long-term background lacks, cell by cell.
//!
//! It keeps a background of its own, an approximate median that follows every pixel, freezes nothing and trusts nobody:
//! where people come and go all day it converges to the floor between them, and someone who stands for a minute is not
//! learned. A crowd is read off edges as much as off area, since edges survive where people hide one another. It looks
//! about twice a second at most, in steps of time: what it tells depends neither on the frame rate nor, much, on the
//! size of the picture.

use super::light::{ToneMap, brightening};
use super::zones::ZoneCells;
use crate::diff::{Geometry, Grid, Kernel, MICRO_CELLS, MICRO_X, MICRO_Y, WORKING_WIDTH_MAX, Work};
use pantau_models::evidence::{BANDS, Crowd};
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};

/// Least time between two looks, seconds: half a second with samples that are a little early.
const LOOK_S: f64 = 0.45;
/// Speed of the background, grey levels a second: a dark coat on a light floor is learned in some minutes.
const GREY_PER_S: f32 = 0.5;
/// The first looks move it faster, by so much over their number: whoever stood in the first picture is gone from it
/// after some tens of looks.
const FIRST_STEP_GREY: f32 = 60.0;
/// No step covers more time than this, seconds.
const STEP_S_MAX: f64 = 2.0;
/// A pixel that differs by more than this is area, grey levels.
const AREA_GREY: u8 = 20;
/// A pixel whose gradient (horizontal and vertical differences added) exceeds the background's by more is an edge.
const EDGE_GREY: u8 = 12;
/// The view as a whole is so much brighter or darker than its background: the background is mapped after it.
const LIGHT_GREY: f32 = 2.0;
/// Rows of a cell's height: cells are summed per column first, in 16 bits.
const CELL_ROWS_PER_BAND: usize = MICRO_Y / BANDS;

/// The long-term background.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct CrowdModel {
    /// 8.8 fixed point, as large as the grid; empty before the first look.
    background: Vec<u16>,
    /// Its mean brightness per cell.
    means: Vec<f32>,
    looked_at: UtcMicros,
    looks: u32,
}

/// What a look found: shares of each cell, 255 for all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CrowdCells {
    area: Vec<u8>,
    edge: Vec<u8>,
}

impl CrowdModel {
    /// Looks at a sample whose cells' mean brightness is `means`; `None` if the last look was just before.
    pub(super) fn look(
        &mut self,
        kernel: &Kernel,
        geometry: &Geometry,
        grid: &Grid,
        means: &[f32],
        at: UtcMicros,
    ) -> Option<CrowdCells> {
        if self.background.is_empty() {
            self.background = grid.pixels().iter().map(|&pixel| u16::from(pixel) << 8).collect();
            self.means = means.to_vec();
        } else if at.seconds_since(self.looked_at) < LOOK_S {
            return None;
        }
        let step_s = at.seconds_since(self.looked_at).clamp(LOOK_S, STEP_S_MAX);
        self.looked_at = at;
        self.looks = self.looks.saturating_add(1);
        self.follow_light(means);
        let step_grey = (GREY_PER_S * step_s as f32).max(FIRST_STEP_GREY / self.looks as f32);
        Some(kernel.run(Compare { model: self, geometry, grid, step: (step_grey * 256.0) as u16 }))
    }

    fn follow_light(&mut self, means: &[f32]) {
        let drift = brightening(&self.means, means);
        if drift.abs() > LIGHT_GREY {
            ToneMap::fit(&self.means, means).apply_to(&mut self.background);
        }
    }
}

/// Compares a sample with the background and moves that towards it by at most `step`.
struct Compare<'a> {
    model: &'a mut CrowdModel,
    geometry: &'a Geometry,
    grid: &'a Grid,
    step: u16,
}

impl Work for Compare<'_> {
    type Result = CrowdCells;

    #[inline(always)]
    fn work(self) -> CrowdCells {
        let Self { model, geometry, grid, step } = self;
        let width = geometry.width();
        let mut columns = Columns::of(width);
        let mut cells = CrowdCells { area: vec![0; MICRO_CELLS], edge: vec![0; MICRO_CELLS] };
        for cell_row in 0..MICRO_Y {
            columns.clear();
            for row in geometry.rows()[cell_row]..geometry.rows()[cell_row + 1] {
                let here = row * width..(row + 1) * width;
                // The last row has none below it: it is compared with itself and has no vertical edges.
                let below =
                    if row + 1 < geometry.height() { (row + 1) * width..(row + 2) * width } else { here.clone() };
                let samples = [&grid.pixels()[here.clone()], &grid.pixels()[below.clone()]];
                columns.add([&model.background[here.clone()], &model.background[below]], samples);
                follow(&mut model.background[here], samples[0], step);
            }
            for column in 0..MICRO_X {
                let cell = cell_row * MICRO_X + column;
                let (area, edge, grey) = columns.sums(geometry.columns()[column]..geometry.columns()[column + 1]);
                let all = geometry.cell_area(cell) as f32;
                // A line is one pixel wide in any picture: its share of the area falls with the width.
                let thin = width as f32 / WORKING_WIDTH_MAX as f32;
                cells.area[cell] = (area / all * 255.0).round() as u8;
                cells.edge[cell] = (edge / all * thin * 255.0).round() as u8;
                model.means[cell] = grey / all;
            }
        }
        cells
    }
}

/// Sums per column of pixels over the rows of a cell.
struct Columns {
    area: Vec<u16>,
    edge: Vec<u16>,
    grey: Vec<u32>,
}

impl Columns {
    fn of(width: usize) -> Self {
        Self { area: vec![0; width], edge: vec![0; width], grey: vec![0; width] }
    }

    fn clear(&mut self) {
        self.area.fill(0);
        self.edge.fill(0);
        self.grey.fill(0);
    }

    /// Adds a row, given with the one below it: plain loops over slices of one length, which become vectors.
    #[inline(always)]
    fn add(&mut self, background: [&[u16]; 2], samples: [&[u8]; 2]) {
        let width = samples[0].len();
        let [sample, sample_below] = samples.map(|row| &row[..width]);
        let [back, back_below] = background.map(|row| &row[..width]);
        let (area, edge, grey) = (&mut self.area[..width], &mut self.edge[..width], &mut self.grey[..width]);
        for x in 0..width {
            let behind = (back[x] >> 8) as u8;
            area[x] += u16::from(sample[x].abs_diff(behind) > AREA_GREY);
            grey[x] += u32::from(behind);
        }
        for x in 0..width.saturating_sub(1) {
            let steep = sample[x].abs_diff(sample[x + 1]).saturating_add(sample[x].abs_diff(sample_below[x]));
            let [behind, right, below] = [back[x], back[x + 1], back_below[x]].map(|grey| (grey >> 8) as u8);
            let steep_behind = behind.abs_diff(right).saturating_add(behind.abs_diff(below));
            edge[x] += u16::from(steep.saturating_sub(steep_behind) > EDGE_GREY);
        }
    }

    fn sums(&self, columns: std::ops::Range<usize>) -> (f32, f32, f32) {
        let sum = |counts: &[u16]| counts.iter().map(|&count| u32::from(count)).sum::<u32>() as f32;
        let grey = self.grey[columns.clone()].iter().sum::<u32>() as f32;
        (sum(&self.area[columns.clone()]), sum(&self.edge[columns]), grey)
    }
}

/// Moves a row of the background towards the sample, by at most `step`.
#[inline(always)]
fn follow(background: &mut [u16], samples: &[u8], step: u16) {
    for (from, &sample) in background.iter_mut().zip(samples) {
        let target = u16::from(sample) << 8;
        let up = target.saturating_sub(*from).min(step);
        let down = from.saturating_sub(target).min(step);
        *from = *from + up - down;
    }
}

impl CrowdCells {
    /// A zone's part of it, band by band.
    pub(super) fn of_zone(&self, zone: &ZoneCells) -> Crowd {
        let whole = 255.0 * (MICRO_X * CELL_ROWS_PER_BAND) as f32;
        let share = |cells: &[u8]| -> [f32; BANDS] {
            let mut sums = [0u32; BANDS];
            for cell in (0..MICRO_CELLS).filter(|&cell| zone.contains(cell)) {
                sums[cell / MICRO_X / CELL_ROWS_PER_BAND] += u32::from(cells[cell]);
            }
            sums.map(|sum| sum as f32 / whole)
        };
        Crowd { area: share(&self.area), edge: share(&self.edge) }
    }
}

#[cfg(test)]
mod tests;
