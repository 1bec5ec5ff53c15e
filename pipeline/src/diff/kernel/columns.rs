//! Safe column code: every inner loop walks along a row over slices of one length, so that the compiler makes vectors
//! of it at whatever level it is inlined into. Cells are summed per column over the few rows of a band first, and per
//! cell after: summing per cell at once gets slower with wider vectors.

use super::super::geometry::{Geometry, MICRO_X};
use super::super::grid::{CellSums, Grid, Model};
use crate::decode::Plane;

/// Rows of a band are added up in u16 lanes: 257 rows of 255 fit. A cell row of the tallest picture accepted (16,384
/// rows at factor 1) would have more; such bands are summed in pieces.
const ROWS_PER_SUM: usize = 128;

/// Rows that the kernels reuse from call to call.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    boxes: Vec<u32>,
    luma: Vec<u16>,
    background: Vec<u16>,
    step: Vec<u16>,
    apart: Vec<u16>,
    foreground: Vec<u16>,
    rate: Vec<u16>,
}

impl Scratch {
    pub(super) fn fit(&mut self, geometry: &Geometry) {
        let width = geometry.width();
        if self.luma.len() != width {
            self.boxes = vec![0; width * geometry.factor()];
            let Self { luma, background, step, apart, foreground, rate, .. } = self;
            for row in [luma, background, step, apart, foreground, rate] {
                *row = vec![0; width];
            }
        }
        self.boxes.resize(width * geometry.factor(), 0);
    }
}

#[inline(always)]
pub(super) fn reduce_row(geometry: &Geometry, plane: &Plane<'_>, row: usize, scratch: &mut Scratch, grid: &mut Grid) {
    let (factor, width) = (geometry.factor(), geometry.width());
    let out = &mut grid.pixels[row * width..(row + 1) * width];
    let source = |dy: usize| {
        let begin = (row * factor + dy) * plane.stride;
        &plane.data[begin..begin + width * factor * plane.sample_bytes()]
    };
    match (plane.bit_depth, factor) {
        (8, 1) => out.copy_from_slice(source(0)),
        (8, 2) => boxes_of_2(source(0), source(1), out),
        (8, 4) => boxes_of_4([source(0), source(1), source(2), source(3)], out),
        (depth, _) => {
            let sums = &mut scratch.boxes[..width * factor];
            sums.fill(0);
            let shift = super::shift(plane);
            for dy in 0..factor {
                if depth == 8 {
                    for (sum, &pixel) in sums.iter_mut().zip(source(dy)) {
                        *sum += u32::from(pixel);
                    }
                } else {
                    for (sum, pixel) in sums.iter_mut().zip(source(dy).as_chunks::<2>().0) {
                        *sum += u32::from(u16::from_le_bytes(*pixel) >> shift).min(255);
                    }
                }
            }
            boxes_of_any(sums, factor, out);
        }
    }
}

/// Each u16 of the rows holds a box's two columns.
#[inline(always)]
fn boxes_of_2(first: &[u8], second: &[u8], out: &mut [u8]) {
    for ((out, a), b) in out.iter_mut().zip(first.as_chunks::<2>().0).zip(second.as_chunks::<2>().0) {
        let sum = u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]);
        *out = ((sum + 2) >> 2) as u8;
    }
}

/// Each u32 of the rows holds a box's four columns; its even and odd bytes are added in two 16-bit halves, which hold
/// 8 x 255 with room to spare.
#[inline(always)]
fn boxes_of_4(rows: [&[u8]; 4], out: &mut [u8]) {
    const EVEN: u32 = 0x00ff_00ff;
    let [a, b, c, d] = rows.map(|row| row.as_chunks::<4>().0);
    let halves = |four: &[u8; 4]| {
        let word = u32::from_le_bytes(*four);
        (word & EVEN) + ((word >> 8) & EVEN)
    };
    for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        let sum = halves(a) + halves(b) + halves(c) + halves(d);
        *out = (((sum & 0xffff) + (sum >> 16) + 8) >> 4) as u8;
    }
}

#[inline(always)]
fn boxes_of_any(sums: &[u32], factor: usize, out: &mut [u8]) {
    let area = (factor * factor) as u32;
    for (out, columns) in out.iter_mut().zip(sums.chunks_exact(factor)) {
        *out = ((columns.iter().sum::<u32>() + area / 2) / area) as u8;
    }
}

#[inline(always)]
pub(super) fn compare_band(
    geometry: &Geometry,
    grid: &Grid,
    threshold: u8,
    cell_row: usize,
    scratch: &mut Scratch,
    model: &mut Model,
    sums: &mut CellSums,
) {
    let width = geometry.width();
    let cells = cell_row * MICRO_X..(cell_row + 1) * MICRO_X;
    for (bounds, &step) in geometry.columns().windows(2).zip(&model.step[cells.clone()]) {
        scratch.rate[bounds[0]..bounds[1]].fill(step);
    }
    for sum in [&mut sums.luma, &mut sums.background, &mut sums.step, &mut sums.apart, &mut sums.foreground] {
        sum[cells.clone()].fill(0);
    }
    let mut row = geometry.rows()[cell_row];
    let end = geometry.rows()[cell_row + 1];
    while row < end {
        let piece_end = end.min(row + ROWS_PER_SUM);
        let Scratch { luma, background, step, apart, foreground, .. } = &mut *scratch;
        for sum in [luma, background, step, apart, foreground] {
            sum.fill(0);
        }
        for row in row..piece_end {
            let pixels = row * width..(row + 1) * width;
            compare_row(
                &grid.pixels[pixels.clone()],
                threshold,
                scratch,
                &mut model.previous[pixels.clone()],
                &mut model.background[pixels],
            );
        }
        let Scratch { luma, background, step, apart, foreground, .. } = &*scratch;
        let columns = [luma, background, step, apart, foreground].map(Vec::as_slice);
        let CellSums { luma, background, step, apart, foreground } = &mut *sums;
        let into = [luma, background, step, apart, foreground].map(|sums| &mut sums[cells.clone()]);
        add_columns(geometry, columns, into);
        row = piece_end;
    }
}

#[inline(always)]
fn compare_row(samples: &[u8], threshold: u8, scratch: &mut Scratch, previous: &mut [u8], background: &mut [u16]) {
    let width = samples.len();
    let threshold = u16::from(threshold);
    let (previous, background) = (&mut previous[..width], &mut background[..width]);
    let (luma, back) = (&mut scratch.luma[..width], &mut scratch.background[..width]);
    let (step, apart) = (&mut scratch.step[..width], &mut scratch.apart[..width]);
    let foreground = &mut scratch.foreground[..width];
    let rate = &scratch.rate[..width];
    for x in 0..width {
        let sample = u16::from(samples[x]);
        let before = u16::from(previous[x]);
        let from = background[x];
        let behind = from >> 8;
        luma[x] += sample;
        back[x] += behind;
        step[x] += sample.abs_diff(before);
        let differs = sample.abs_diff(behind);
        apart[x] += differs;
        foreground[x] += u16::from(differs > threshold);
        let target = sample << 8;
        let up = target.saturating_sub(from).min(rate[x]);
        let down = from.saturating_sub(target).min(rate[x]);
        background[x] = from + up - down;
        previous[x] = samples[x];
    }
}

#[inline(always)]
pub(super) fn distance_band(
    geometry: &Geometry,
    a: &[u8],
    b: &[u8],
    brighter: i16,
    cell_row: usize,
    scratch: &mut Scratch,
    sums: &mut [u32],
) {
    let width = geometry.width();
    let cells = &mut sums[cell_row * MICRO_X..(cell_row + 1) * MICRO_X];
    cells.fill(0);
    let rows = geometry.rows()[cell_row]..geometry.rows()[cell_row + 1];
    for first in rows.clone().step_by(ROWS_PER_SUM) {
        scratch.step.fill(0);
        for row in first..rows.end.min(first + ROWS_PER_SUM) {
            let (a, b) = (&a[row * width..(row + 1) * width], &b[row * width..(row + 1) * width]);
            let step = &mut scratch.step[..width];
            for x in 0..width {
                step[x] += (i16::from(a[x]) - i16::from(b[x]) - brighter).unsigned_abs().min(255);
            }
        }
        add_columns(geometry, [&scratch.step], [cells]);
    }
}

/// One column after the other, several sums at once: cells are narrower than vectors.
#[inline(always)]
fn add_columns<const SUMS: usize>(geometry: &Geometry, columns: [&[u16]; SUMS], mut cells: [&mut [u32]; SUMS]) {
    let columns = columns.map(|columns| &columns[..geometry.width()]);
    for (cell, bounds) in geometry.columns().windows(2).enumerate() {
        let mut sums = [0u32; SUMS];
        for x in bounds[0]..bounds[1] {
            for (sum, columns) in sums.iter_mut().zip(&columns) {
                *sum += u32::from(columns[x]);
            }
        }
        for (cells, sum) in cells.iter_mut().zip(sums) {
            cells[cell] += sum;
        }
    }
}
