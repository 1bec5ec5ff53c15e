//! What differs from the background, and for how long it has been still.

use super::cells::{and_beside, components, is_rim, neighbours, with_neighbours};
use super::history::BlobFacts;
use crate::diff::{CellSums, Geometry, MICRO_CELLS, MICRO_X, MICRO_Y};
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};

/// A cell is foreground if more than this share of its pixels is.
const FOREGROUND_SHARE: f32 = 0.3;
/// A still blob smaller than this share of the usual mover is a thing.
const OBJECT_SHARE: f32 = 0.2;
/// A blob moved if one of its cells, or one beside it, was active less than this long ago when that still counts as
/// moving for learning sizes, seconds.
const MOVING_S: f32 = 1.0;
/// While nobody has come yet, so few cells are small.
const GROWN_CELLS_MAX: u16 = 4;
/// ... and what has not moved since it began to stand out may still be about to, for so long, seconds.
const GROWS_S: f32 = 4.0;
/// A cell that moved less than this ago may be doing so still, seconds.
const QUIET_S: f64 = 300.0;
/// Blobs are numbered in a byte; more of them than this are crumbs, and the rest is taken as background.
const BLOBS_MAX: usize = 250;

/// The blobs of a sample.
#[derive(Clone, Debug, Default)]
pub(super) struct Blobs {
    /// Number of each cell's blob, 0 for none.
    pub labels: Vec<u8>,
    /// Cells of each blob.
    pub cells: Vec<Vec<u16>>,
    pub facts: Vec<BlobFacts>,
    /// Share of the view that is foreground.
    pub share: f32,
}

impl Blobs {
    /// What is small and began to stand out without having moved is light that grew slowly.
    pub(super) fn take_grown_for_things(&mut self) {
        for facts in self.facts.iter_mut().filter(|facts| facts.cells <= GROWN_CELLS_MAX) {
            facts.is_object |= facts.moved_for_s == 0.0 && facts.age_s > GROWS_S;
        }
    }
}

/// True if enough of the cell differs from the background.
pub(super) fn is_clear_foreground(geometry: &Geometry, sums: &CellSums, cell: usize) -> bool {
    sums.foreground[cell] > 0 && sums.foreground[cell] as f32 > FOREGROUND_SHARE * geometry.cell_area(cell) as f32
}

/// When each cell last moved, and how large movers usually are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Activity {
    last_active: Vec<UtcMicros>,
    /// Since when each cell has been foreground; of a cell that isn't, when it was last judged.
    foreground_since: Vec<UtcMicros>,
    sizes: MoverSizes,
    /// When something of some size last moved.
    last_mover: UtcMicros,
}

/// Cells of a mover that is more than a crumb.
const MOVER_CELLS: usize = 4;

impl Activity {
    /// Nothing has moved before `start`.
    pub(super) fn new(start: UtcMicros) -> Self {
        Self {
            last_active: vec![start.plus_s(-QUIET_S); MICRO_CELLS],
            foreground_since: vec![start; MICRO_CELLS],
            sizes: MoverSizes::default(),
            last_mover: UtcMicros(0),
        }
    }

    /// Cell `cell` moved at `at`.
    pub(super) fn mark(&mut self, cell: usize, at: UtcMicros) {
        self.last_active[cell] = self.last_active[cell].max(at);
    }

    /// Marks the cells that moved together with a neighbour: one alone may be chance.
    pub(super) fn mark_voted(&mut self, ratios: &[f32], at: UtcMicros) {
        for cell in (0..MICRO_CELLS).filter(|&cell| ratios[cell] >= 1.0) {
            if neighbours(cell).any(|other| ratios[other] >= 1.0) {
                self.mark(cell, at);
            }
        }
    }

    /// The cells in and beside which something moved in the last minutes: what the others show is their tremble.
    pub(super) fn lively(&self, at: UtcMicros) -> Vec<bool> {
        let since = at.plus_s(-QUIET_S);
        let is_active = |&last: &UtcMicros| last >= since;
        with_neighbours(&self.last_active.iter().map(is_active).collect::<Vec<bool>>())
    }

    /// True if the cell has not moved for `quiet_s`.
    pub(super) fn is_quiet_for(&self, cell: usize, at: UtcMicros, quiet_s: f64) -> bool {
        at.seconds_since(self.last_active[cell]) > quiet_s
    }

    /// The blobs of a sample taken at `at`.
    pub(super) fn blobs(
        &mut self,
        is_foreground: &[bool],
        is_restless: impl Fn(usize) -> bool,
        at: UtcMicros,
    ) -> Blobs {
        let mut cells = components(|cell| is_foreground[cell]);
        let share = cells.iter().map(Vec::len).sum::<usize>() as f32 / MICRO_CELLS as f32;
        for cell in (0..MICRO_CELLS).filter(|&cell| !is_foreground[cell]) {
            self.foreground_since[cell] = at;
        }
        cells.truncate(BLOBS_MAX);
        self.learn_size(&cells, at);
        let mut labels = vec![0u8; MICRO_CELLS];
        let facts = cells
            .iter()
            .enumerate()
            .map(|(index, cells)| {
                for &cell in cells {
                    labels[usize::from(cell)] = index as u8 + 1;
                }
                let restless = cells.iter().filter(|&&cell| is_restless(usize::from(cell))).count();
                self.facts(cells, restless * 2 > cells.len(), at)
            })
            .collect();
        Blobs { labels, cells, facts, share }
    }

    /// Learns the usual size of movers from the largest blob that moves: crumbs move with it and must not count.
    fn learn_size(&mut self, cells: &[Vec<u16>], at: UtcMicros) {
        let moving = cells.iter().filter(|cells| cells.len() > 1 && self.still_s(cells, at) < MOVING_S);
        if let Some(largest) = moving.max_by_key(|cells| cells.len()) {
            self.sizes.learn(foot_row(largest), largest.len());
            if largest.len() >= MOVER_CELLS {
                self.last_mover = at;
            }
        }
    }

    /// Seconds since a cell of the blob, or one beside it, moved.
    fn still_s(&self, cells: &[u16], at: UtcMicros) -> f32 {
        let last = and_beside(cells).map(|cell| self.last_active[cell]).max().unwrap_or_default();
        at.seconds_since(last) as f32
    }

    fn facts(&self, cells: &[u16], is_restless: bool, at: UtcMicros) -> BlobFacts {
        let still_s = self.still_s(cells, at);
        let mut since: Vec<UtcMicros> = cells.iter().map(|&cell| self.foreground_since[usize::from(cell)]).collect();
        let middle = since.len() / 2;
        let age_s = at.seconds_since(*since.select_nth_unstable(middle).1) as f32;
        let touches_rim = cells.iter().any(|&cell| is_rim(usize::from(cell)));
        let usual = self.sizes.usual(foot_row(cells));
        let ratio = usual.map_or(1.0, |usual| cells.len() as f32 / usual);
        let is_small = ratio < OBJECT_SHARE || cells.len() == 1;
        BlobFacts {
            cells: cells.len() as u16,
            age_s,
            still_s,
            moved_for_s: (age_s - still_s).max(0.0),
            is_small,
            is_object: is_restless || is_small && still_s > MOVING_S,
            touches_rim,
            people: ratio.max(1.0),
        }
    }

    /// Seconds since something more than a crumb moved.
    pub(super) fn quiet_s(&self, at: UtcMicros) -> f64 {
        at.seconds_since(self.last_mover)
    }

    /// Whether the size of usual movers is known.
    pub(super) fn sizes_known(&self) -> bool {
        self.sizes.is_known()
    }
}

/// Row of the lowest cell: where somebody stands.
fn foot_row(cells: &[u16]) -> usize {
    cells.iter().map(|&cell| usize::from(cell) / MICRO_X).max().unwrap_or(0)
}

const BANDS: usize = 9;
/// Movers seen before their median size says something about the view, and about one band of it.
const SEEN_MIN: u32 = 60;
const BAND_SEEN_MIN: u32 = 40;
/// Step of the running median, as a share of the size.
const STEP: f32 = 0.02;

/// Running median of the area of movers, in cells, by the height at which they stand.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct MoverSizes {
    all: RunningMedian,
    bands: [RunningMedian; BANDS],
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct RunningMedian {
    value: f32,
    seen: u32,
}

impl RunningMedian {
    fn learn(&mut self, value: f32) {
        if self.seen == 0 {
            self.value = value;
        }
        self.seen = self.seen.saturating_add(1);
        let step = self.value * STEP.max(1.0 / self.seen as f32 * 0.5);
        self.value += step.min((value - self.value).abs()) * (value - self.value).signum();
    }
}

impl MoverSizes {
    fn learn(&mut self, foot_row: usize, cells: usize) {
        self.all.learn(cells as f32);
        self.bands[foot_row * BANDS / MICRO_Y].learn(cells as f32);
    }

    fn is_known(&self) -> bool {
        self.all.seen >= SEEN_MIN
    }

    fn usual(&self, foot_row: usize) -> Option<f32> {
        let band = self.bands[foot_row * BANDS / MICRO_Y];
        if band.seen >= BAND_SEEN_MIN {
            return Some(band.value);
        }
        self.is_known().then_some(self.all.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of `cells` after they began to stand out at the first second, having moved at the third.
    fn facts_of(cells: &[u16], moves: bool, is_empty_so_far: bool) -> BlobFacts {
        let at = |second: f64| UtcMicros(0).plus_s(second);
        let mut activity = Activity::new(at(0.0));
        let is_foreground = |second: u32| -> Vec<bool> {
            (0..MICRO_CELLS as u16).map(|cell| second > 0 && cells.contains(&cell)).collect()
        };
        let mut facts = BlobFacts::default();
        for second in 0..10u32 {
            let mut blobs = activity.blobs(&is_foreground(second), |_| false, at(f64::from(second)));
            if is_empty_so_far {
                blobs.take_grown_for_things();
            }
            if moves && second == 3 {
                activity.mark_voted(
                    &is_foreground(second).iter().map(|&moves| f32::from(u8::from(moves)) * 2.0).collect::<Vec<_>>(),
                    at(3.0),
                );
            }
            facts = blobs.facts.first().copied().unwrap_or_default();
        }
        facts
    }

    #[test]
    fn a_patch_that_grew_before_anybody_came_is_a_thing() {
        let patch = [600, 601, 648];
        assert!(facts_of(&patch, false, true).is_object);
        assert!(!facts_of(&patch, false, false).is_object, "somebody may sit there once people have come");
        assert!(!facts_of(&patch, true, true).is_object, "it moved");
        let large: Vec<u16> = (600..600 + GROWN_CELLS_MAX + 1).collect();
        assert!(!facts_of(&large, false, true).is_object);
    }
}
