//! Whether two pictures of one view differ by more than they tremble: a judgement on two samples alone, for choosing
//! what to decode. What moves, and where, is the scene's to say.

use super::geometry::{Geometry, MICRO_CELLS, MICRO_X, MICRO_Y};
use super::grid::Grid;
use super::kernel::{Kernel, Work};
use super::ranked::Ranked;

/// Mean difference per pixel of a cell that is nobody's, grey levels: encoders move flat parts by one from key frame to
/// key frame.
const FLOOR_GREY: f32 = 1.3;
/// Texture trembles at most so many times as much as the view, from one picture to the next.
const TEXTURE_TIMES: f32 = 3.0;
/// A cell of two successive pictures changes if it differs by so many times as much as texture trembles.
const NEIGHBOUR_TIMES: f32 = 2.5;
/// Textured cells, whose tremble stands for that of all: a tenth.
const TEXTURE_RANK: usize = MICRO_CELLS * 9 / 10;
/// Cells that differ by more than this at quiet times, and by so many times as much as the view, are restless: digits are
/// bright on dark or dark on bright, hands at a keyboard are neither.
const RESTLESS_GREY: f32 = 5.0;
const RESTLESS_TIMES: f32 = 3.5;
/// Cells that a clock's seconds may take.
const SECONDS_CELLS_MAX: usize = 4;
/// So many cells left and right of a restless one a clock's other digits may stand.
const CLOCK_CELLS: usize = 6;
/// A cell changes if it differs by so many times as much as the view, or as itself at quiet times.
const TIMES: f32 = 1.6;
/// ... or by so many times alone, without a neighbour that does.
const TIMES_ALONE: f32 = 2.4;
/// From key frame to key frame it must differ by so many times as much as the texture of the view, too: at low bit rates
/// each one is coded anew, and some of a thousand cells always differ by more than they use to.
const KEYS_TEXTURE_TIMES: f32 = 1.5;
/// ... and its mean by half as much: what an encoder makes of an edge from one key frame to the next is brighter in one
/// line and darker in another, and people over a wall are either. Of quiet pairs of key frames at CRF 30, 84 % seemed to
/// change without, and 24 % do with it.
const KEYS_MEAN_SHARE: f32 = 0.5;
/// ... unless it differs by so many times as much: edges of a picture that moved do.
const KEYS_EVEN_TIMES: f32 = 2.0;
/// Cells next to one, all of which change, where nothing is known of any cell's quiet times: 14 % of the same pairs.
const KEYS_TOGETHER: usize = 2;
/// Cells of somebody who walks.
const WALKER_CELLS: usize = 6;
/// They differ by more than this, grey levels, and so many times as much as the view.
const WALKER_GREY: f32 = 4.0;
const WALKER_TIMES: f32 = 4.0;

/// Mean |difference| per pixel of each cell, after the second picture is made as bright as the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    cells: Vec<f32>,
    /// |difference| of each cell's means, of key frames.
    means: Option<Vec<f32>>,
    /// Of the middle cell: how much the view trembles.
    tremble: f32,
    /// Of the cells with texture, as far as that can be their tremble.
    texture: f32,
}

/// Adds up pixels: in pieces whose sums fit in 32 bits.
struct Sum<'a>(&'a [u8]);

impl Work for Sum<'_> {
    type Result = u64;

    #[inline(always)]
    fn work(self) -> u64 {
        const PIECE: usize = 1 << 16;
        self.0.chunks(PIECE).map(|piece| u64::from(piece.iter().map(|&pixel| u32::from(pixel)).sum::<u32>())).sum()
    }
}

impl Difference {
    /// Compares two pictures of a view.
    pub fn of(kernel: &mut Kernel, geometry: &Geometry, a: &Grid, b: &Grid) -> Self {
        let sum = |grid: &Grid| kernel.run(Sum(grid.pixels())) as f64;
        let brighter = ((sum(a) - sum(b)) / geometry.area() as f64).round() as i16;
        Self::beyond_light(kernel, geometry, [a, b], brighter)
    }

    /// Compares two key frames, each of which is coded anew.
    pub fn of_keys(kernel: &mut Kernel, geometry: &Geometry, a: &Grid, b: &Grid) -> Self {
        let sums = [a, b].map(|grid| geometry.sums(grid.pixels()));
        let [of_a, of_b] = sums.each_ref().map(|sums| sums.iter().map(|&sum| f64::from(sum)).sum::<f64>());
        let brighter = ((of_a - of_b) / geometry.area() as f64).round() as i16;
        let [of_a, of_b] = sums.map(|sums| geometry.means(&sums));
        let means = of_a.iter().zip(of_b).map(|(a, b)| (a - b - f32::from(brighter)).abs()).collect();
        Self { means: Some(means), ..Self::beyond_light(kernel, geometry, [a, b], brighter) }
    }

    /// Compares two pictures of which the first is brighter all in all.
    fn beyond_light(kernel: &mut Kernel, geometry: &Geometry, [a, b]: [&Grid; 2], brighter: i16) -> Self {
        let mut sums = vec![0; MICRO_CELLS];
        kernel.distance(geometry, a.pixels(), b.pixels(), brighter, &mut sums);
        let cells = geometry.means(&sums);
        let mut ranked: Ranked = cells.iter().copied().collect();
        let (tremble, textured) = ranked.at_both(MICRO_CELLS / 2, TEXTURE_RANK);
        Self { cells, means: None, tremble, texture: textured.min(TEXTURE_TIMES * tremble) }
    }

    /// True if as many cells as somebody who walks takes differ by much more than the view.
    pub fn is_large(&self) -> bool {
        let limit = WALKER_GREY.max(WALKER_TIMES * self.tremble);
        self.cells.iter().filter(|cell| **cell > limit).count() >= WALKER_CELLS
    }

    /// True if neighbouring cells, two or as many as `quiet` asks for, differ clearly more than the view, and than `quiet`
    /// of each of them; or one cell by much.
    pub fn is_change(&self, quiet: &Quiet) -> bool {
        let by = |cell: usize, times: f32| {
            let usual = quiet.cells.get(cell).map_or(self.tremble, |quiet| quiet.max(self.tremble));
            let usual = usual.max(quiet.texture_times / TIMES * self.texture);
            let is_restless = quiet.is_restless.get(cell).is_some_and(|is_restless| *is_restless);
            let limit = (times * usual).max(FLOOR_GREY);
            let is_faint = self.cells[cell] <= KEYS_EVEN_TIMES * limit;
            let is_even = is_faint && self.means.as_ref().is_some_and(|means| means[cell] < KEYS_MEAN_SHARE * limit);
            !is_restless && !is_even && self.cells[cell] > limit
        };
        let changes = |cell: usize| by(cell, TIMES);
        (0..MICRO_CELLS).filter(|&cell| changes(cell)).any(|cell| {
            let together = beside(cell).filter(|&other| changes(other)).count();
            together >= quiet.together.max(1) || by(cell, TIMES_ALONE)
        })
    }
}

/// How much each cell differs at quiet times, and which cells say nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quiet {
    cells: Vec<f32>,
    is_restless: Vec<bool>,
    /// How much the view trembles.
    tremble: f32,
    /// A cell must differ by so many times as much as the view's texture in any case.
    texture_times: f32,
    /// So many cells next to one must change with it, and one at least.
    together: usize,
}

impl Quiet {
    /// The lower quartile of each cell over some differences: a textured shelf at each key frame. If a few cells nearly
    /// always change, a burnt-in clock does: they say nothing, and nor do those beside them, in which its slower digits
    /// change.
    pub fn of<'d>(differences: impl Iterator<Item = &'d Difference>) -> Self {
        let differences: Vec<&Difference> = differences.collect();
        if differences.is_empty() {
            return Self::default();
        }
        let quartile = |value: &dyn Fn(&Difference) -> f32| {
            differences.iter().copied().map(value).collect::<Ranked>().at(differences.len() / 4)
        };
        let tremble = quartile(&|difference| difference.tremble);
        let cells: Vec<f32> = (0..MICRO_CELLS).map(|cell| quartile(&|difference| difference.cells[cell])).collect();
        let limit = (RESTLESS_TIMES * tremble).max(RESTLESS_GREY);
        let mut is_restless = vec![false; MICRO_CELLS];
        for cell in (0..MICRO_CELLS).filter(|&cell| cells[cell] > limit) {
            // Larger than a clock's seconds is somebody who moves all the time.
            let together = around(cell, 2).filter(|&other| cells[other] > limit).count();
            if together <= SECONDS_CELLS_MAX {
                around(cell, CLOCK_CELLS).for_each(|other| is_restless[other] = true);
            }
        }
        Self { cells, is_restless, tremble, texture_times: KEYS_TEXTURE_TIMES, together: 1 }
    }

    /// These cells, a clock's seconds, say nothing, and nor do those beside them.
    pub fn ignore_clock(&mut self, seconds: impl Iterator<Item = usize>) {
        self.ignore_around(seconds, CLOCK_CELLS);
    }

    /// These cells, and those next to them, say nothing.
    pub fn ignore(&mut self, cells: impl Iterator<Item = usize>) {
        self.ignore_around(cells, 1);
    }

    fn ignore_around(&mut self, cells: impl Iterator<Item = usize>, columns: usize) {
        self.is_restless.resize(MICRO_CELLS, false);
        for cell in cells {
            around(cell, columns).for_each(|other| self.is_restless[other] = true);
        }
    }

    /// No cell is excused for what it does, but for the restless ones.
    pub fn only_restless(self) -> Self {
        Self { cells: Vec::new(), together: KEYS_TOGETHER, ..self }
    }

    /// Of pictures so near to each other that whoever moves may be in the same cells all along: how much texture
    /// trembles is taken from the whole view, and from `other`, that of key frames: they show all of the camera's noise
    /// anew, which encoders with bits to spare code in single cells in between. Restless cells are those of `other`.
    pub fn of_neighbours(differences: &[Difference], other: &Self) -> Self {
        let tremble = differences.iter().map(|difference| difference.texture).collect::<Ranked>().median();
        let usual = NEIGHBOUR_TIMES * tremble.max(other.tremble);
        Self {
            cells: vec![usual / TIMES; MICRO_CELLS],
            is_restless: other.is_restless.clone(),
            tremble,
            texture_times: NEIGHBOUR_TIMES,
            together: 1,
        }
    }
}

/// The cells left and right of, above and below one.
fn beside(cell: usize) -> impl Iterator<Item = usize> {
    let column = cell % MICRO_X;
    let left = (column > 0).then(|| cell - 1);
    let right = (column + 1 < MICRO_X).then_some(cell + 1);
    let above = cell.checked_sub(MICRO_X);
    let below = (cell + MICRO_X < MICRO_CELLS).then_some(cell + MICRO_X);
    [left, right, above, below].into_iter().flatten()
}

/// A cell, so many columns left and right of it, and the same in the rows above and below.
fn around(cell: usize, columns: usize) -> impl Iterator<Item = usize> {
    let (row, column) = (cell / MICRO_X, cell % MICRO_X);
    let rows = row.saturating_sub(1)..=(row + 1).min(MICRO_Y - 1);
    let columns = column.saturating_sub(columns)..=(column + columns).min(MICRO_X - 1);
    rows.flat_map(move |row| columns.clone().map(move |column| row * MICRO_X + column))
}

#[cfg(test)]
mod tests {
    use super::super::level::KernelLevel;
    use super::*;

    /// A noisy wall, brighter by `brighter`; a box at (x, y) if there is one.
    fn picture(geometry: &Geometry, seed: u32, brighter: u8, at: Option<(usize, usize)>) -> Grid {
        let mut grid = Grid::new(geometry);
        let mut state = seed;
        for pixel in &mut grid.pixels {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *pixel = 100 + brighter + (state >> 30) as u8;
        }
        if let Some((x, y)) = at {
            for row in y..y + 24 {
                grid.pixels[row * geometry.width() + x..][..24].fill(180);
            }
        }
        grid
    }

    fn difference(geometry: &Geometry, a: &Grid, b: &Grid) -> Difference {
        Difference::of(&mut Kernel::new(KernelLevel::choose().unwrap()), geometry, a, b)
    }

    #[test]
    fn somebody_is_a_change_and_a_lamp_or_noise_is_none() {
        let geometry = Geometry::of(640, 360).unwrap();
        let empty = picture(&geometry, 1, 0, None);
        let is_change = |other: &Grid| difference(&geometry, &empty, other).is_change(&Quiet::default());
        assert!(!is_change(&picture(&geometry, 2, 0, None)));
        assert!(!is_change(&picture(&geometry, 3, 30, None)));
        assert!(is_change(&picture(&geometry, 4, 0, Some((60, 50)))));
        assert!(is_change(&picture(&geometry, 5, 30, Some((60, 50)))));
    }

    #[test]
    fn noise_that_is_coded_in_some_cells_only_is_no_change_and_somebody_is() {
        let geometry = Geometry::of(640, 360).unwrap();
        // A noisy camera's key frames: 2 grey levels of tremble.
        let key = |seed: u32| {
            let mut grid = picture(&geometry, seed, 0, None);
            let noise = picture(&geometry, seed + 50, 0, None);
            grid.pixels.iter_mut().zip(&noise.pixels).for_each(|(pixel, noise)| *pixel += 2 * (noise - 100));
            grid
        };
        let keys: Vec<Difference> = (0..6).map(|seed| difference(&geometry, &key(seed), &key(seed + 1))).collect();
        let quiet = Quiet::of(keys.iter());
        // Between them the picture stands still, but for two cells side by side.
        let (still, mut coded) = (key(1), key(1));
        for row in 40..50 {
            let cells = row * geometry.width() + 80..row * geometry.width() + 110;
            coded.pixels[cells.clone()].copy_from_slice(&key(9).pixels[cells]);
        }
        let mut somebody = key(1);
        (50..74).for_each(|row| somebody.pixels[row * geometry.width() + 60..][..24].fill(180));
        let changes = |quiet: &Quiet, other: &Grid| {
            let differences = [difference(&geometry, &still, &still), difference(&geometry, &still, other)];
            differences[1].is_change(&Quiet::of_neighbours(&differences, quiet))
        };
        assert!(changes(&Quiet::default(), &coded));
        assert!(!changes(&quiet, &coded));
        assert!(changes(&quiet, &somebody));
    }

    #[test]
    fn key_frames_that_draw_an_edge_anew_show_no_change_and_somebody_as_faint_does() {
        let geometry = Geometry::of(640, 360).unwrap();
        // Lines of an edge, brighter and darker in turn, or all of them brighter: both differ by as much.
        let drawn = |by: [i16; 2]| {
            let mut grid = picture(&geometry, 3, 0, None);
            for row in 50..74 {
                for pixel in &mut grid.pixels[row * geometry.width() + 60..][..24] {
                    *pixel = (i16::from(*pixel) + by[row % 2]) as u8;
                }
            }
            grid
        };
        let empty = picture(&geometry, 3, 0, None);
        let mut kernel = Kernel::new(KernelLevel::choose().unwrap());
        let mut changes = |other: &Grid| {
            let quiet = Difference::of_keys(&mut kernel, &geometry, &empty, &picture(&geometry, 4, 0, None));
            let quiet = Quiet::of([quiet].iter()).only_restless();
            Difference::of_keys(&mut kernel, &geometry, &empty, other).is_change(&quiet)
        };
        assert!(!changes(&drawn([2, -2])));
        assert!(changes(&drawn([2, 2])));
        assert!(changes(&drawn([9, -9])), "edges of a picture that moved");
    }

    #[test]
    fn what_changes_all_the_time_is_a_clock_if_it_is_small_and_somebody_if_not() {
        let geometry = Geometry::of(640, 360).unwrap();
        let blinking = |width: usize| -> Vec<Difference> {
            let shown = |second: u32| {
                let mut grid = picture(&geometry, second, 0, None);
                if second.is_multiple_of(2) {
                    (20..20 + width).for_each(|row| grid.pixels[row * geometry.width() + 20..][..width].fill(200));
                }
                grid
            };
            (0..8).map(|second| difference(&geometry, &shown(second), &shown(second + 1))).collect()
        };
        let changes = |width: usize| {
            let differences = blinking(width);
            let quiet = Quiet::of(differences.iter()).only_restless();
            differences.iter().filter(|difference| difference.is_change(&quiet)).count()
        };
        assert_eq!(changes(8), 0);
        assert_eq!(changes(60), 8);
    }
}
