//! The kernels: one safe column code, compiled once per instruction set, and its scalar judge.
//!
//! Cost of [`Kernel::fused`] on a 1080p plane in cache, as a ratio to copying the plane: see `benches/RESULTS.md`.

mod columns;
pub mod scalar;

use super::geometry::Geometry;
use super::grid::{Blackout, CellSums, Grid, Model};
use super::level::KernelLevel;
use crate::decode::Plane;
use columns::Scratch;
use fearless_simd::{Level, dispatch};

/// Plain loops over slices of one length that become vectors of whatever level they are compiled for.
pub trait Work {
    /// What comes of it.
    type Result;

    /// Does it. `#[inline(always)]`, as all that it calls in its loops: only what is inlined is compiled for each level.
    fn work(self) -> Self::Result;
}

/// The kernels at one level, with the scratch rows that they reuse.
#[derive(Debug)]
pub struct Kernel {
    token: Option<Level>,
    scratch: Scratch,
}

impl Kernel {
    /// At a level that this machine has; one that it has not falls back to the judge.
    pub fn new(level: KernelLevel) -> Self {
        Self { token: level.token(), scratch: Scratch::default() }
    }

    /// Does a piece of work at the kernel's level.
    #[inline]
    pub fn run<W: Work>(&self, work: W) -> W::Result {
        match self.token {
            Some(level) => dispatch!(level, _simd => work.work()),
            None => work.work(),
        }
    }

    /// Box-reduces `plane` into `grid` and blackens the masks.
    ///
    /// # Panics
    /// If the plane is not the geometry's or shorter than its sizes say, or the grid is not the geometry's.
    pub fn reduce(&mut self, geometry: &Geometry, plane: &Plane<'_>, blackout: &Blackout, grid: &mut Grid) {
        check(geometry, plane, grid);
        grid.colour = plane.colour;
        grid.since_key_us = plane.since_key_us;
        let Some(level) = self.token else {
            return scalar::reduce(geometry, plane, blackout, grid);
        };
        let scratch = &mut self.scratch;
        scratch.fit(geometry);
        dispatch!(level, _simd => {
            for row in 0..geometry.height() {
                columns::reduce_row(geometry, plane, row, scratch, grid);
            }
        });
        grid.blacken(blackout, 0..geometry.height());
    }

    /// Compares `grid` with the model, moves the background towards it and makes it the previous sample.
    /// `threshold`: grey levels from which a pixel is foreground.
    ///
    /// # Panics
    /// If grid, model or sums are not the geometry's.
    pub fn compare(&mut self, geometry: &Geometry, grid: &Grid, threshold: u8, model: &mut Model, sums: &mut CellSums) {
        check_model(geometry, grid, model);
        let Some(level) = self.token else {
            return scalar::compare(geometry, grid, threshold, model, sums);
        };
        let scratch = &mut self.scratch;
        scratch.fit(geometry);
        dispatch!(level, _simd => {
            for cell_row in 0..super::MICRO_Y {
                columns::compare_band(geometry, grid, threshold, cell_row, scratch, model, sums);
            }
        });
    }

    /// Per cell: the sum of |a - b - brighter| over its pixels, of two grids of which the first is `brighter` grey
    /// levels brighter as a whole.
    ///
    /// # Panics
    /// If a grid is not the geometry's, or there is not one sum per cell.
    pub fn distance(&mut self, geometry: &Geometry, a: &[u8], b: &[u8], brighter: i16, sums: &mut [u32]) {
        assert!(a.len() == geometry.area() && b.len() == geometry.area(), "grid is not of the geometry's size");
        assert!(sums.len() == super::MICRO_CELLS, "one sum per cell");
        let Some(level) = self.token else {
            return scalar::distance(geometry, a, b, brighter, sums);
        };
        let scratch = &mut self.scratch;
        scratch.fit(geometry);
        dispatch!(level, _simd => {
            for cell_row in 0..super::MICRO_Y {
                columns::distance_band(geometry, a, b, brighter, cell_row, scratch, sums);
            }
        });
    }

    /// [`Kernel::reduce`] and [`Kernel::compare`] in one pass: each band is compared while it is still in the cache.
    ///
    /// # Panics
    /// As both of them.
    #[expect(clippy::too_many_arguments, reason = "the two kernels' arguments, each of its own type")]
    pub fn fused(
        &mut self,
        geometry: &Geometry,
        plane: &Plane<'_>,
        blackout: &Blackout,
        threshold: u8,
        grid: &mut Grid,
        model: &mut Model,
        sums: &mut CellSums,
    ) {
        check(geometry, plane, grid);
        grid.colour = plane.colour;
        grid.since_key_us = plane.since_key_us;
        check_model(geometry, grid, model);
        let Some(level) = self.token else {
            scalar::reduce(geometry, plane, blackout, grid);
            return scalar::compare(geometry, grid, threshold, model, sums);
        };
        let scratch = &mut self.scratch;
        scratch.fit(geometry);
        dispatch!(level, _simd => {
            for cell_row in 0..super::MICRO_Y {
                let (first, last) = (geometry.rows()[cell_row], geometry.rows()[cell_row + 1]);
                for row in first..last {
                    columns::reduce_row(geometry, plane, row, scratch, grid);
                }
                grid.blacken(blackout, first..last);
                columns::compare_band(geometry, grid, threshold, cell_row, scratch, model, sums);
            }
        });
    }
}

/// Asserted once per plane, so that no row slice inside can be out of bounds.
fn check(geometry: &Geometry, plane: &Plane<'_>, grid: &Grid) {
    assert!(geometry.fits(plane.width, plane.height), "plane is not of the geometry's size");
    assert!(plane.stride >= plane.row_bytes(), "stride is shorter than a row");
    let bytes = (plane.height - 1) * plane.stride + plane.row_bytes();
    assert!(plane.data.len() >= bytes, "plane is shorter than its size says");
    assert!(
        grid.pixels.len() == geometry.area() && grid.width == geometry.width(),
        "grid is not of the geometry's size"
    );
}

/// How far samples of more than 8 bits are shifted right to give 0..255.
fn shift(plane: &Plane<'_>) -> u32 {
    u32::from(plane.bit_depth) + u32::from(plane.low_bits) - 8
}

fn check_model(geometry: &Geometry, grid: &Grid, model: &Model) {
    assert!(grid.pixels.len() == geometry.area(), "grid is not of the geometry's size");
    assert!(model.background.len() == geometry.area(), "background is not of the geometry's size");
    assert!(model.previous.len() == geometry.area(), "previous sample is not of the geometry's size");
}

#[cfg(test)]
mod tests;
