//! Whether two pictures of one view differ by more than they tremble: a judgement on two samples alone, for choosing
//! what to decode. What moves, and where, is the scene's to say.

use super::geometry::{Geometry, MICRO_CELLS, MICRO_X, MICRO_Y};
use super::grid::Grid;
use super::kernel::Kernel;

/// Mean difference per pixel of a cell that is nobody's, grey levels.
const FLOOR_GREY: f32 = 0.8;
/// Texture trembles at most so many times as much as the view, from one picture to the next.
const TEXTURE_TIMES: f32 = 3.0;
/// A cell of two successive pictures changes if it differs by so many times as much as texture trembles.
const NEIGHBOUR_TIMES: f32 = 2.5;
/// Textured cells, whose tremble stands for that of all: a tenth.
const TEXTURE_RANK: usize = MICRO_CELLS * 9 / 10;
/// Cells that differ by more than this at quiet times are restless, grey levels.
const RESTLESS_GREY: f32 = 2.0;
/// So many cells left and right of a restless one a clock's other digits may stand.
const CLOCK_CELLS: usize = 6;
/// A cell changes if it differs by so many times as much as the view, or as itself at quiet times.
const TIMES: f32 = 1.9;
/// ... or by so many times alone, without a neighbour that does.
const TIMES_ALONE: f32 = 3.0;

/// Mean |difference| per pixel of each cell, after the second picture is made as bright as the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    cells: Vec<f32>,
    /// Of the middle cell: how much the view trembles.
    tremble: f32,
    /// Of the cells with texture, as far as that can be their tremble.
    texture: f32,
}

impl Difference {
    /// Compares two pictures of a view.
    pub fn of(kernel: &mut Kernel, geometry: &Geometry, a: &Grid, b: &Grid) -> Self {
        let sum = |grid: &Grid| grid.pixels().iter().map(|pixel| u64::from(*pixel)).sum::<u64>() as f64;
        let brighter = ((sum(a) - sum(b)) / geometry.area() as f64).round() as i16;
        let mut sums = vec![0; MICRO_CELLS];
        kernel.distance(geometry, a.pixels(), b.pixels(), brighter, &mut sums);
        let cells: Vec<f32> =
            sums.iter().enumerate().map(|(cell, &sum)| sum as f32 / geometry.cell_area(cell) as f32).collect();
        let mut ranked = cells.clone();
        let (lower, textured, _) = ranked.select_nth_unstable_by(TEXTURE_RANK, f32::total_cmp);
        let textured = *textured;
        let tremble = *lower.select_nth_unstable_by(MICRO_CELLS / 2, f32::total_cmp).1;
        Self { cells, tremble, texture: textured.min(TEXTURE_TIMES * tremble) }
    }

    /// True if two neighbouring cells differ clearly more than the view, and than `quiet` of each of them.
    pub fn is_change(&self, quiet: &Quiet) -> bool {
        let by = |cell: usize, times: f32| {
            let usual = quiet.cells.get(cell).map_or(self.tremble, |quiet| quiet.max(self.tremble));
            let is_restless = quiet.is_restless.get(cell).is_some_and(|is_restless| *is_restless);
            !is_restless && self.cells[cell] > (times * usual).max(FLOOR_GREY)
        };
        let changes = |cell: usize| by(cell, TIMES);
        (0..MICRO_CELLS).filter(|&cell| changes(cell)).any(|cell| {
            let has_left = cell % MICRO_X > 0 && changes(cell - 1);
            has_left || cell >= MICRO_X && changes(cell - MICRO_X) || by(cell, TIMES_ALONE)
        })
    }
}

/// How much each cell differs at quiet times, and which cells say nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quiet {
    cells: Vec<f32>,
    is_restless: Vec<bool>,
}

impl Quiet {
    /// The lower quartile of each cell over some differences: a textured shelf at each key frame. Cells that nearly
    /// always change are a clock's, a fan's or a screen's: they say nothing, and nor do those beside them, in which a
    /// clock's slower digits change.
    pub fn of(differences: &[Difference]) -> Self {
        if differences.is_empty() {
            return Self::default();
        }
        let mut values = Vec::with_capacity(differences.len());
        let mut quartile = |value: &dyn Fn(&Difference) -> f32| {
            values.clear();
            values.extend(differences.iter().map(value));
            *values.select_nth_unstable_by(differences.len() / 4, f32::total_cmp).1
        };
        let tremble = quartile(&|difference| difference.tremble);
        let cells: Vec<f32> = (0..MICRO_CELLS).map(|cell| quartile(&|difference| difference.cells[cell])).collect();
        let mut is_restless = vec![false; MICRO_CELLS];
        for cell in (0..MICRO_CELLS).filter(|&cell| cells[cell] > (TIMES * tremble).max(RESTLESS_GREY)) {
            let (row, column) = (cell / MICRO_X, cell % MICRO_X);
            for row in row.saturating_sub(1)..=(row + 1).min(MICRO_Y - 1) {
                let first = row * MICRO_X + column.saturating_sub(CLOCK_CELLS);
                let last = row * MICRO_X + (column + CLOCK_CELLS).min(MICRO_X - 1);
                is_restless[first..=last].fill(true);
            }
        }
        Self { cells, is_restless }
    }

    /// No cell is excused for what it does, but for the restless ones.
    pub fn only_restless(self) -> Self {
        Self { cells: Vec::new(), ..self }
    }

    /// Of pictures so near to each other that whoever moves may be in the same cells all along: how much texture
    /// trembles is taken from the whole view; restless cells are those of `other`.
    pub fn of_neighbours(differences: &[Difference], other: &Self) -> Self {
        let mut textures: Vec<f32> = differences.iter().map(|difference| difference.texture).collect();
        let middle = textures.len() / 2;
        let tremble =
            if textures.is_empty() { 0.0 } else { *textures.select_nth_unstable_by(middle, f32::total_cmp).1 };
        Self { cells: vec![NEIGHBOUR_TIMES / TIMES * tremble; MICRO_CELLS], is_restless: other.is_restless.clone() }
    }
}
