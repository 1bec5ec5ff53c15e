//! What sways where it stands: a tree, a curtain, a fan that was there before the camera looked.
//!
//! It moves in the same cells nearly all the time. Whoever walks is in each cell for a moment, and whoever sits moves
//! now this and now that. Of the cells in which anything moved within three seconds, a tree's move for most of the time
//! to two thirds and more; people's, in labelled and made footage, to a fifth, in a hall once to two fifths. Only asked
//! at a view's start: later it is known whether somebody came.

use super::cells::components;
use crate::diff::MICRO_CELLS;
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// For so long cells are watched, seconds; for so long and in so many samples at least before anything is said.
const WATCHED_S: f64 = 3.0;
const WATCHED_MIN_S: f64 = 2.4;
const SAMPLES_MIN: usize = 5;
/// A cell moves if its pixels do by so much on average, grey levels.
const MOVES_GREY: f32 = 4.0;
/// Of so much of the time a swaying cell moves; of a connected part of the view in which something moved, so many cells
/// must, and so many in all: fewer are somebody's hand.
const MOST: f32 = 0.75;
const SHARE_MIN: f32 = 0.55;
const CELLS_MIN: usize = 8;
/// If more of the view sways than this the camera does.
const VIEW_SHARE_MAX: f32 = 0.6;

/// What moved in the first seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sway {
    moved: VecDeque<(UtcMicros, Vec<bool>)>,
    cells: Vec<bool>,
}

impl Sway {
    /// Nothing has moved yet.
    pub(super) fn new() -> Self {
        Self { moved: VecDeque::new(), cells: vec![false; MICRO_CELLS] }
    }

    /// Takes what each cell moved at `at`, grey levels. True if something sways.
    pub(super) fn take(&mut self, differences: &[f32], at: UtcMicros) -> bool {
        self.moved.push_back((at, differences.iter().map(|difference| *difference >= MOVES_GREY).collect()));
        while self.moved.front().is_some_and(|(first, _)| at.seconds_since(*first) > WATCHED_S) {
            self.moved.pop_front();
        }
        let since_s = self.moved.front().map_or(0.0, |(first, _)| at.seconds_since(*first));
        if self.moved.len() < SAMPLES_MIN || since_s < WATCHED_MIN_S {
            return false;
        }
        let times = |cell: usize| self.moved.iter().filter(|(_, moved)| moved[cell]).count();
        let times: Vec<usize> = (0..MICRO_CELLS).map(times).collect();
        let most = (self.moved.len() as f32 * MOST).ceil() as usize;
        let mut parts = components(|cell| times[cell] > 0);
        parts.retain(|part| {
            let often = part.iter().filter(|&&cell| times[usize::from(cell)] >= most).count();
            often >= CELLS_MIN && often as f32 >= SHARE_MIN * part.len() as f32
        });
        let count: usize = parts.iter().map(Vec::len).sum();
        if count == 0 || count as f32 > VIEW_SHARE_MAX * MICRO_CELLS as f32 {
            return false;
        }
        parts.iter().flatten().for_each(|&cell| self.cells[usize::from(cell)] = true);
        true
    }

    /// The cells of all that has swayed.
    pub(super) fn cells(&self) -> &[bool] {
        &self.cells
    }

    /// The start is over.
    pub(super) fn end(&mut self) {
        self.moved = VecDeque::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{Grid, Kernel, KernelLevel, MICRO_X};
    use crate::scene::Scene;
    use pantau_models::evidence::Evidence;
    use pantau_models::record::Quality;
    use pantau_models::settings::Analysis;

    /// How many cells sway after four seconds, five samples in each, in which those within the columns and rows that
    /// `moves` tells of a sample do by 20 grey levels.
    fn swaying(moves: impl Fn(usize, usize, usize) -> bool) -> usize {
        let mut sway = Sway::new();
        for sample in 0..20 {
            let cells = (0..MICRO_CELLS).map(|cell| moves(sample, cell % MICRO_X, cell / MICRO_X));
            let differences: Vec<f32> = cells.map(|moves| if moves { 20.0 } else { 1.0 }).collect();
            sway.take(&differences, UtcMicros(0).plus_s(sample as f64 / 5.0));
        }
        sway.cells().iter().filter(|sways| **sways).count()
    }

    fn is_block(x: usize, y: usize, left: usize, top: usize) -> bool {
        (left..left + 5).contains(&x) && (top..top + 6).contains(&y)
    }

    #[test]
    fn a_tree_sways_and_nobody_who_walks_or_sits_does() {
        // One leaf or another rests for a moment.
        assert_eq!(swaying(|sample, x, y| is_block(x, y, 30, 2) && (x * 7 + y + sample) % 6 > 0), 30);
        assert_eq!(swaying(|sample, x, y| is_block(x, y, 4 + sample, 10)), 0);
        // A hand in each second one, and the head in each third.
        let sits =
            |sample: usize, x, y| is_block(x, y, 20, 10) && if y > 12 { sample % 10 < 5 } else { sample % 15 < 5 };
        assert_eq!(swaying(sits), 0);
        assert_eq!(swaying(|_, _, _| true), 0);
    }

    #[test]
    fn a_tree_sways_beside_whoever_walks_apart_from_it() {
        assert_eq!(swaying(|sample, x, y| is_block(x, y, 30, 2) || is_block(x, y, 4 + sample, 15)), 30);
    }

    /// Evidence of 20 s of a shelf before which, from the first sample on, pixels are drawn that `in_front` tells of a
    /// sample.
    fn told_of(in_front: impl Fn(usize, usize, usize) -> Option<u8>) -> Vec<Evidence> {
        let mut kernel = Kernel::new(KernelLevel::choose().unwrap());
        let mut scene = Scene::new(Analysis::default());
        let mut told = Vec::new();
        for sample in 0..100 {
            let grey = |x: usize, y: usize| in_front(sample, x, y).unwrap_or(90 + (x / 40 + y / 30) as u8);
            let (geometry, grid) = Grid::of_grey((480, 270), grey);
            let at = UtcMicros(0).plus_s(sample as f64 / 5.0);
            told.extend(scene.observe_grid(&mut kernel, at, &geometry, &grid));
        }
        told.extend(scene.flush());
        told
    }

    #[test]
    fn a_tree_that_sways_from_the_first_sample_is_nobody_and_who_walks_past_it_is_somebody() {
        let tree = |sample: usize, x: usize, y: usize| {
            let leaf = (x + [0, 3, 5, 2, 6, 1, 4][sample % 7]) / 5 + y / 6;
            ((300..400).contains(&x) && (20..140).contains(&y)).then_some(if leaf.is_multiple_of(2) { 40 } else { 120 })
        };
        let told = told_of(tree);
        assert_eq!(told.len(), 100);
        assert!(told.iter().all(|evidence| evidence.zones[0].cluster == 0 && evidence.zones[0].live == 0.0));
        assert!(told[25..].iter().all(|evidence| evidence.quality.contains(Quality::RESTLESS)));
        let walker = |sample: usize, x: usize, y: usize| {
            let left = (4 * sample).checked_sub(200)?;
            ((left..left + 40).contains(&x) && (150..250).contains(&y)).then_some(160)
        };
        let told = told_of(|sample, x, y| walker(sample, x, y).or_else(|| tree(sample, x, y)));
        let [before, walking] = [&told[..50], &told[55..95]];
        assert!(before.iter().all(|evidence| evidence.zones[0].cluster == 0 && evidence.zones[0].live == 0.0));
        assert!(walking.iter().all(|evidence| evidence.zones[0].cluster > 0 && evidence.zones[0].live > 0.0));
    }
}
