//! By how much a picture has moved as a whole, and how to move it back: cameras on thin brackets, doors that slam.
//!
//! Lucas and Kanade's least squares (1981) over the whole view, with the sums kept per cell: cells that the shift does
//! not explain (people) are left out of the next round. Shifts of more than a pixel are first found by comparing
//! smaller pictures.

mod coarse;

use self::coarse::{REACH_PX, coarse_shift};
use super::geometry::{Geometry, MICRO_CELLS, MICRO_X, MICRO_Y};
use super::grid::Grid;
use super::kernel::{Kernel, Work};
use super::ranked::Ranked;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Rows of the grid from one that is looked at to the next.
const ROW_STEP: usize = 2;
/// Rounds of least squares; the second corrects the first's linearisation, the third leaves people out.
const ROUNDS: usize = 4;
/// A round that moves by less than this ends the search, pixels.
const DONE_PX: f32 = 0.02;
/// A first step this long is a part of a longer shift: least squares underestimate what goes beyond an edge's width.
const FAR_STEP_PX: f32 = 0.7;
/// A round keeps cells with this share of the texture, those that fit best.
const KEPT_SHARE: f32 = 0.5;
/// Mean squared gradient along its weaker direction, grey levels squared, below which a view can't tell its shift.
const TEXTURE_MIN: f32 = 1.0;
/// The same of the cells that are kept, some of which are plain.
const KEPT_TEXTURE_MIN: f32 = 0.3;
/// The shift must explain this share of what differs, or it is none.
const EXPLAINED_SHARE: f32 = 0.3;
/// ... and something in two of three cells with edges, in half of the parts of the view which have such cells, from side
/// to side or from top to bottom.
const PARTS_X: usize = 4;
const PARTS_Y: usize = 3;
/// Edges are in the first share of the cells, those in which the shift shows most, if it shows by so much of what it does
/// in the second share; so many of them make a part count.
const EDGES_SHARES: [f32; 2] = [0.1, 0.02];
const EDGE_OF_MOST: f32 = 0.1;
const PART_EDGES: u32 = 2;

/// Where a picture's content has gone, in grid pixels: what stood at (x, y) is at (x + dx, y + dy).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// To the right.
    pub dx: f32,
    /// Down.
    pub dy: f32,
}

impl Shift {
    /// Its length, grid pixels.
    pub fn length(self) -> f32 {
        (self.dx * self.dx + self.dy * self.dy).sqrt()
    }
}

/// Least squares of one cell.
#[derive(Clone, Copy, Debug, Default)]
struct CellFit {
    xx: f32,
    xy: f32,
    yy: f32,
    xt: f32,
    yt: f32,
    tt: f32,
    pixels: f32,
}

impl CellFit {
    fn add(&mut self, other: &Self) {
        self.xx += other.xx;
        self.xy += other.xy;
        self.yy += other.yy;
        self.xt += other.xt;
        self.yt += other.yt;
        self.tt += other.tt;
        self.pixels += other.pixels;
    }

    /// The step that explains most of the differences; `None` if there is less texture than `texture_min`.
    fn solve(&self, texture_min: f32) -> Option<[f32; 2]> {
        let trace = self.xx + self.yy;
        let determinant = self.xx * self.yy - self.xy * self.xy;
        let weaker = trace / 2.0 - (trace * trace / 4.0 - determinant).max(0.0).sqrt();
        (weaker > texture_min * self.pixels).then(|| {
            [
                -(self.yy * self.xt - self.xy * self.yt) / determinant,
                -(self.xx * self.yt - self.xy * self.xt) / determinant,
            ]
        })
    }

    /// Squared differences left after a step.
    fn left(&self, [x, y]: [f32; 2]) -> f32 {
        self.tt + 2.0 * (x * self.xt + y * self.yt) + x * x * self.xx + 2.0 * x * y * self.xy + y * y * self.yy
    }
}

/// Finds the shift of `grid` against `background` (8.8 fixed point, as large as the grid), both of the geometry's
/// size, each taken [`ROW_STEP`] rows apart; `None` where the view is too plain to tell or no shift explains the
/// difference. Rows of cells that are `written` hold text that is no part of the view. `is_far`: look for shifts of up
/// to a dozen pixels at once, not only where the difference asks for it.
pub fn find_shift(
    kernel: &Kernel,
    geometry: &Geometry,
    grid: &Grid,
    background: &[u16],
    written: &[bool],
    is_far: bool,
) -> Option<Shift> {
    let cell_fits = |sampler: &Sampler| {
        let mut fits = kernel.run(CellFits { geometry, grid, background, sampler });
        let lines = fits.chunks_exact_mut(MICRO_X).zip(written).filter(|(_, is_written)| **is_written);
        lines.for_each(|(cells, _)| cells.fill(CellFit::default()));
        fits
    };
    let unmoved = cell_fits(&Sampler::new(Shift::default()));
    let mut is_kept = vec![true; MICRO_CELLS];
    let [dx, dy] = total(&unmoved, &is_kept).solve(TEXTURE_MIN)?;
    let is_far = is_far || (Shift { dx, dy }).length() > FAR_STEP_PX;
    let mut shift = if is_far { coarse_shift(geometry, grid, background) } else { Shift::default() };
    let mut sampler = Sampler::new(shift);
    let mut fits = if shift == Shift::default() { unmoved.clone() } else { cell_fits(&sampler) };
    for round in 0..ROUNDS {
        let texture_min = if round == 0 { TEXTURE_MIN } else { KEPT_TEXTURE_MIN };
        let step = total(&fits, &is_kept).solve(texture_min)?;
        shift.dx += step[0];
        shift.dy += step[1];
        if shift.length() > REACH_PX {
            return None;
        }
        is_kept = best_cells(&fits, step);
        let next = Sampler::new(shift);
        if next != sampler {
            fits = cell_fits(&next);
            sampler = next;
        }
        if (Shift { dx: step[0], dy: step[1] }).length() < DONE_PX {
            break;
        }
    }
    let (before, after) = (total(&unmoved, &is_kept).tt, total(&fits, &is_kept).tt);
    (after < (1.0 - EXPLAINED_SHARE) * before && is_everywhere(&unmoved, &fits, shift)).then_some(shift)
}

/// True if most edges move so, from side to side of the view or from top to bottom: a tree in the window sways alone.
fn is_everywhere(unmoved: &[CellFit], moved: &[CellFit], shift: Shift) -> bool {
    // What the shift changes in the cell, per pixel: an upright edge says nothing of what goes up.
    let tells = |fit: &CellFit| {
        let Shift { dx, dy } = shift;
        (dx * dx * fit.xx + 2.0 * dx * dy * fit.xy + dy * dy * fit.yy) / fit.pixels.max(1.0)
    };
    let mut ranked: Ranked = unmoved.iter().map(tells).collect();
    let [least, most] = EDGES_SHARES.map(|share| ranked.at((MICRO_CELLS as f32 * (1.0 - share)) as usize));
    let least = least.max(most * EDGE_OF_MOST);
    let mut edges = [[0u32; 2]; PARTS_X * PARTS_Y];
    for (cell, (unmoved, moved)) in unmoved.iter().zip(moved).enumerate().filter(|(_, (fit, _))| tells(fit) >= least) {
        let (x, y) = (cell % MICRO_X * PARTS_X / MICRO_X, cell / MICRO_X * PARTS_Y / MICRO_Y);
        edges[y * PARTS_X + x][usize::from(moved.tt < unmoved.tt)] += 1;
    }
    let [no, yes] = [0, 1].map(|vote| edges.iter().map(|votes| votes[vote]).sum::<u32>());
    let with_edges = edges.iter().filter(|[no, yes]| no + yes >= PART_EDGES).count();
    let agrees = |part: usize| edges[part][0] + edges[part][1] >= PART_EDGES && edges[part][1] > edges[part][0];
    let agreeing = (0..edges.len()).filter(|&part| agrees(part)).count();
    let columns = (0..PARTS_X).filter(|x| (0..PARTS_Y).any(|y| agrees(y * PARTS_X + x))).count();
    let rows = (0..PARTS_Y).filter(|y| (0..PARTS_X).any(|x| agrees(y * PARTS_X + x))).count();
    yes >= 2 * no && 2 * agreeing >= with_edges && (columns + 1 >= PARTS_X || rows == PARTS_Y)
}

/// Writes `grid` moved back by `shift` into `moved`. What comes from outside the picture is taken for the background
/// (8.8 fixed point, as large as the grid): nobody saw it differ.
///
/// Cubic interpolation (Keys 1981, a = -1/2): a linear one softens edges by how far between pixels the shift falls,
/// and a camera that trembles would make every edge tremble in brightness.
pub fn move_back(geometry: &Geometry, grid: &Grid, shift: Shift, background: &[u16], moved: &mut Grid) {
    let (width, height) = (geometry.width(), geometry.height());
    moved.width = width;
    moved.pixels.resize(width * height, 0);
    let (across, down) = (Cubic::new(shift.dx), Cubic::new(shift.dy));
    // A row of sums over four rows, with room for what lies left and right of the picture.
    let margin = across.whole.unsigned_abs() + TAPS;
    let mut sums = vec![0i32; width + 2 * margin];
    let (columns, lines) = (across.inside(width), down.inside(height));
    let backs = background.chunks_exact(width);
    for ((y, row), back) in moved.pixels.chunks_exact_mut(width).enumerate().zip(backs) {
        let unseen = if lines.contains(&y) { [0..columns.start, columns.end..width] } else { [0..width, 0..0] };
        let from = |tap: usize| {
            let y = (y as isize + down.whole + tap as isize - 1).clamp(0, height as isize - 1) as usize;
            &grid.pixels[y * width..(y + 1) * width]
        };
        let rows = from(0).iter().zip(from(1)).zip(from(2).iter().zip(from(3)));
        let [p, q, r, s] = down.weights;
        for (sum, ((&a, &b), (&c, &d))) in sums[margin..margin + width].iter_mut().zip(rows) {
            *sum = p * i32::from(a) + q * i32::from(b) + r * i32::from(c) + s * i32::from(d);
        }
        let (first, last) = (sums[margin], sums[margin + width - 1]);
        sums[..margin].fill(first);
        sums[margin + width..].fill(last);
        let left = margin.wrapping_add_signed(across.whole - 1);
        let [p, q, r, s] = across.weights;
        for (x, pixel) in row.iter_mut().enumerate() {
            let four = &sums[left + x..left + x + TAPS];
            let sum = p * four[0] + q * four[1] + r * four[2] + s * four[3];
            *pixel = ((sum + (1 << 13)) >> 14).clamp(0, 255) as u8;
        }
        for x in unseen.into_iter().flatten() {
            row[x] = (back[x] >> 8) as u8;
        }
    }
}

const TAPS: usize = 4;

/// Weights of four neighbours, together 128, around a place between the second and the third.
struct Cubic {
    /// Of the second of them.
    whole: isize,
    weights: [i32; TAPS],
}

impl Cubic {
    fn new(shift: f32) -> Self {
        let whole = shift.floor();
        let t = shift - whole;
        let weight = |far: f32| {
            if far < 1.0 { (1.5 * far - 2.5) * far * far + 1.0 } else { ((2.5 - 0.5 * far) * far - 4.0) * far + 2.0 }
        };
        let mut weights = [1.0 + t, t, 1.0 - t, 2.0 - t].map(|far| (weight(far) * 128.0).round() as i32);
        // Brightness must not change by rounding.
        let nearest = if t < 0.5 { 1 } else { 2 };
        weights[nearest] += 128 - weights.iter().sum::<i32>();
        Self { whole: whole as isize, weights }
    }

    /// The places of which all neighbours are among the `length` that there are.
    fn inside(&self, length: usize) -> Range<usize> {
        let bound = |place: isize| place.clamp(0, length as isize) as usize;
        let start = bound(1 - self.whole);
        start..bound(length as isize + 2 - TAPS as isize - self.whole).max(start)
    }
}

/// Bilinear sampling at a fixed shift, in 1/16 of a pixel.
#[derive(PartialEq, Eq)]
struct Sampler {
    dx: isize,
    dy: isize,
    /// In 256ths; they make 256 together, so that sums over pixels fit in 16 bits.
    weights: [u16; 4],
}

impl Sampler {
    const ONE: f32 = 16.0;

    fn new(shift: Shift) -> Self {
        let split = |value: f32| {
            let whole = value.floor();
            (whole as isize, ((value - whole) * Self::ONE).round() as u16)
        };
        let ((dx, right), (dy, down)) = (split(shift.dx), split(shift.dy));
        let (left, up) = (16 - right, 16 - down);
        Self { dx, dy, weights: [left * up, right * up, left * down, right * down] }
    }

    fn rows<'g>(&self, grid: &'g Grid, height: usize, y: usize) -> [&'g [u8]; 2] {
        let row = |y: isize| {
            let y = y.clamp(0, height as isize - 1) as usize;
            &grid.pixels[y * grid.width..(y + 1) * grid.width]
        };
        let y = y as isize + self.dy;
        [row(y), row(y + 1)]
    }

    /// Hands every pixel of a row to `put`.
    #[inline(always)]
    fn row(&self, upper: &[u8], lower: &[u8], mut put: impl FnMut(usize, u8)) {
        let width = upper.len();
        let [a, b, c, d] = self.weights;
        let mix = |p: u8, q: u8, r: u8, s: u8| {
            ((u16::from(p) * a + u16::from(q) * b + u16::from(r) * c + u16::from(s) * d + 128) >> 8) as u8
        };
        let begin = (-self.dx).clamp(0, width as isize) as usize;
        let end = (width as isize - 1 - self.dx).clamp(begin as isize, width as isize) as usize;
        let at = |x: usize| (x as isize + self.dx).clamp(0, width as isize - 1) as usize;
        for x in (0..begin).chain(end..width) {
            let (left, right) = (at(x), at(x + 1));
            put(x, mix(upper[left], upper[right], lower[left], lower[right]));
        }
        if begin < end {
            let inner = at(begin)..at(begin) + (end - begin);
            let shifted = inner.start + 1..inner.end + 1;
            let upper = upper[inner.clone()].iter().zip(&upper[shifted.clone()]);
            let lower = lower[inner].iter().zip(&lower[shifted]);
            for (x, ((&p, &q), (&r, &s))) in (begin..end).zip(upper.zip(lower)) {
                put(x, mix(p, q, r, s));
            }
        }
    }
}

/// Least squares of every cell, of the picture moved back by the sampler's shift.
struct CellFits<'a> {
    geometry: &'a Geometry,
    grid: &'a Grid,
    background: &'a [u16],
    sampler: &'a Sampler,
}

impl Work for CellFits<'_> {
    type Result = Vec<CellFit>;

    #[inline(always)]
    fn work(self) -> Vec<CellFit> {
        let Self { geometry, grid, background, sampler } = self;
        let (width, height) = (geometry.width(), geometry.height());
        let mut fits = vec![CellFit::default(); MICRO_CELLS];
        let mut back = vec![0i16; width];
        let (mut above, mut below) = (back.clone(), back.clone());
        let read = |y: usize, row: &mut [i16]| {
            let pixels = &background[y * width..(y + 1) * width];
            row.iter_mut().zip(pixels).for_each(|(to, &from)| *to = (from >> 8) as i16);
        };
        let mut read_below = usize::MAX;
        let mut moved = vec![0i16; width];
        let mut columns = ColumnProducts::new(width);
        for band in 0..MICRO_Y {
            columns.sums.iter_mut().for_each(|sums| sums.fill(0));
            let mut rows = 0.0;
            for y in (geometry.rows()[band]..geometry.rows()[band + 1]).step_by(ROW_STEP) {
                if y == 0 || y + 1 >= height {
                    continue;
                }
                read(y, &mut back);
                // Of the row before it, if that lies two rows above.
                std::mem::swap(&mut above, &mut below);
                if read_below != y - 1 {
                    read(y - 1, &mut above);
                }
                read(y + 1, &mut below);
                read_below = y + 1;
                let [upper, lower] = sampler.rows(grid, height, y);
                sampler.row(upper, lower, |x, value| moved[x] = i16::from(value));
                columns.add(&back, [&above, &below], &moved);
                rows += 1.0;
            }
            let of_columns = columns.sums.each_ref().map(|column| &column[..width]);
            for (x, bounds) in geometry.columns().windows(2).enumerate() {
                let mut sums = [0i32; 6];
                for x in bounds[0]..bounds[1] {
                    for (sum, column) in sums.iter_mut().zip(&of_columns) {
                        *sum += column[x];
                    }
                }
                // Gradients above are over two pixels.
                let [xx, xy, yy, xt, yt, tt] = sums.map(|sum| sum as f32);
                fits[band * MICRO_X + x] = CellFit {
                    xx: xx / 4.0,
                    xy: xy / 4.0,
                    yy: yy / 4.0,
                    xt: xt / 2.0,
                    yt: yt / 2.0,
                    tt,
                    pixels: rows * (bounds[1] - bounds[0]) as f32,
                };
            }
        }
        fits
    }
}

/// Products of a row's gradients and differences, summed per column over the rows of a band: those are whole vectors,
/// cells are not. Plain loops over slices of one length become them.
struct ColumnProducts {
    across: Vec<i16>,
    down: Vec<i16>,
    differs: Vec<i16>,
    /// xx, xy, yy, xt, yt, tt: x across, y down, t between the sample and the background.
    sums: [Vec<i32>; 6],
}

impl ColumnProducts {
    fn new(width: usize) -> Self {
        let row = vec![0; width];
        Self { across: row.clone(), down: row.clone(), differs: row, sums: std::array::from_fn(|_| vec![0; width]) }
    }

    /// Adds a row of the background, given with those above and below it, and of the sample. The outermost columns have
    /// no gradient and are left out.
    #[inline(always)]
    fn add(&mut self, back: &[i16], [above, below]: [&[i16]; 2], moved: &[i16]) {
        let inner = 1..back.len() - 1;
        subtract(&mut self.across[inner.clone()], &back[2..], back);
        subtract(&mut self.down[inner.clone()], &below[inner.clone()], &above[inner.clone()]);
        subtract(&mut self.differs[inner.clone()], &moved[inner.clone()], &back[inner]);
        let (x, y, t) = (&self.across, &self.down, &self.differs);
        let factors = [(x, x), (x, y), (y, y), (x, t), (y, t), (t, t)];
        for (sums, (a, b)) in self.sums.iter_mut().zip(factors) {
            for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
                *sum += i32::from(a) * i32::from(b);
            }
        }
    }
}

#[inline(always)]
fn subtract(differences: &mut [i16], from: &[i16], subtracted: &[i16]) {
    for ((difference, &from), &subtracted) in differences.iter_mut().zip(from).zip(subtracted) {
        *difference = from - subtracted;
    }
}

fn total(fits: &[CellFit], is_kept: &[bool]) -> CellFit {
    let mut total = CellFit::default();
    fits.iter().zip(is_kept).filter(|(_, is_kept)| **is_kept).for_each(|(fit, _)| total.add(fit));
    total
}

/// Cells that the step explains best for their texture, until [`KEPT_SHARE`] of all texture along each axis is in them:
/// plain ones say nothing about a shift, and people do not fit the edges that they hide.
fn best_cells(fits: &[CellFit], step: [f32; 2]) -> Vec<bool> {
    let texture = |fit: &CellFit| fit.xx + fit.yy;
    let misfit = |fit: &CellFit| fit.left(step) / (texture(fit) + fit.pixels).max(1.0);
    let mut order: Vec<(f32, usize)> = fits.iter().map(misfit).zip(0..).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut wanted = [0.0; 2];
    for fit in fits {
        wanted[0] += KEPT_SHARE * fit.xx;
        wanted[1] += KEPT_SHARE * fit.yy;
    }
    let mut is_kept = vec![false; fits.len()];
    for (_, cell) in order {
        is_kept[cell] = true;
        wanted[0] -= fits[cell].xx;
        wanted[1] -= fits[cell].yy;
        if wanted.iter().all(|wanted| *wanted <= 0.0) {
            break;
        }
    }
    is_kept
}

#[cfg(test)]
mod tests;
