//! What never rests: a fan or a curtain that moves at nearly every sample, whoever is there.
//!
//! Of the last half minute a small fan's cells move for 0.6 to 0.8 at the shortest step, a curtain's for more. People are
//! still between two movements, be they ever so slow and large: in labelled and made footage (seated, at work, standing
//! close to the camera, in a hall) no two neighbouring cells do so for more than half of it, but once for a few seconds.

use super::cells::{and_beside, components, with_neighbours};
use crate::diff::MICRO_CELLS;
use serde::{Deserialize, Serialize};

/// Time constant of the share of time in which a cell moves, seconds.
const LATELY_S: f32 = 30.0;
/// What moves for so much of the time in so many cells that touch one another never rests...
const CORE_SHARE: f32 = 0.55;
const CORE_CELLS: usize = 3;
/// ... if so much of all that moves around it for a while does so most of the time: a loop of a woman who talks with her
/// hands does in a third of it, curtains in half, fans and trees in two thirds.
const MOST_SHARE: f32 = 0.45;
const WHILE_SHARE: f32 = 0.15;
const STEADY_MIN: f32 = 0.4;
/// Slow blades seen from the side move for less of the time, but never pause for so long near any of so many cells, for so
/// long, seconds.
const PAUSE_S: f32 = 2.0;
const STEADY_S: f32 = 600.0;
/// ... and with it whatever moves around it for so much.
const PART_SHARE: f32 = 0.3;
/// ... and what moves around that for so much may be its fringe: it does not tell since when nothing else has moved, and
/// gusts move it by up to so many times a cell's margin.
const FRINGE_SHARE: f32 = 0.1;
const FRINGE_RATIO: f32 = 3.0;
/// What was seen to never rest is so for as long as noise takes to learn it, seconds.
const HOLDS_S: f32 = 120.0;

/// Where something never rests.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Restless {
    /// Share of the time lately in which each cell moved.
    share: Vec<f32>,
    /// For how long nothing has moved in each cell or beside it, seconds.
    idle_s: Vec<f32>,
    /// For how long something has moved there without a pause, seconds.
    steady_s: Vec<f32>,
    /// For how long each cell of what never rests, and those beside it, are held for that, seconds.
    held_s: Vec<f32>,
    /// The same with its fringe; empty if nothing never rests.
    fringe: Vec<bool>,
}

impl Restless {
    /// Nothing has moved yet.
    pub(super) fn new() -> Self {
        let [share, idle_s, steady_s, held_s] = std::array::from_fn(|_| vec![0.0; MICRO_CELLS]);
        Self { share, idle_s, steady_s, held_s, fringe: Vec::new() }
    }

    /// Takes what moves at this very moment, `dt_s` after the one before, in multiples of each cell's margin. What never
    /// rests is held for the room's if `is_alone` with its fringe: nobody else can be there. True if something is that was
    /// not known to.
    pub(super) fn take(&mut self, now: &[f32], dt_s: f32, is_alone: impl Fn(&[bool]) -> bool) -> bool {
        let kept = (-dt_s / LATELY_S).exp();
        for (share, ratio) in self.share.iter_mut().zip(now) {
            *share = *share * kept + if *ratio >= 1.0 { 1.0 - kept } else { 0.0 };
        }
        self.pause(now, dt_s);
        self.held_s.iter_mut().for_each(|held_s| *held_s = (*held_s - dt_s).max(0.0));
        if self.held_s.iter().all(|held_s| *held_s == 0.0) {
            self.fringe.clear();
        }
        let (share, steady_s) = (&self.share, &self.steady_s);
        let is_steady = |cell: usize| steady_s[cell] >= STEADY_S && share[cell] >= WHILE_SHARE;
        if (0..MICRO_CELLS).filter(|&cell| share[cell] >= CORE_SHARE || is_steady(cell)).count() < CORE_CELLS {
            return false;
        }
        let mut never_rests = vec![false; MICRO_CELLS];
        let mut is_new = false;
        for part in components(|cell| share[cell] >= WHILE_SHARE) {
            let of = |least: f32| part.iter().map(|&cell| usize::from(cell)).filter(move |&cell| share[cell] >= least);
            let is_core = |cell: usize| share[cell] >= CORE_SHARE && part.contains(&(cell as u16));
            let is_often = of(MOST_SHARE).count() as f32 >= STEADY_MIN * part.len() as f32
                && components(is_core).iter().any(|core| core.len() >= CORE_CELLS);
            let is_always = of(WHILE_SHARE).filter(|&cell| is_steady(cell)).count() >= CORE_CELLS;
            if !is_often && !is_always {
                continue;
            }
            let least = if is_often { PART_SHARE } else { WHILE_SHARE };
            of(least).for_each(|cell| never_rests[cell] = true);
            is_new |= of(least).all(|cell| !self.contains(cell));
        }
        let never_rests = with_neighbours(&never_rests);
        let fringe = self.with_fringe(&never_rests);
        if !is_alone(&fringe) {
            return false;
        }
        self.fringe = fringe;
        for (held_s, _) in self.held_s.iter_mut().zip(never_rests).filter(|(_, never_rests)| *never_rests) {
            *held_s = HOLDS_S;
        }
        is_new
    }

    /// Notes where something moves, and for how long without a pause.
    fn pause(&mut self, now: &[f32], dt_s: f32) {
        let moves: Vec<bool> = now.iter().map(|ratio| *ratio >= 1.0).collect();
        let is_near = if moves.contains(&true) { with_neighbours(&moves) } else { moves };
        for ((idle_s, steady_s), is_near) in self.idle_s.iter_mut().zip(&mut self.steady_s).zip(is_near) {
            *idle_s = if is_near { 0.0 } else { *idle_s + dt_s };
            *steady_s = if *idle_s > PAUSE_S { 0.0 } else { *steady_s + dt_s };
        }
    }

    /// The cells of what never rests, and of its fringe.
    fn with_fringe(&self, never_rests: &[bool]) -> Vec<bool> {
        let is_known = |cell: usize| never_rests[cell] || self.contains(cell) || self.is_fringe(cell);
        let mut cells: Vec<bool> = (0..MICRO_CELLS).map(is_known).collect();
        for part in components(|cell| never_rests[cell] || self.share[cell] >= FRINGE_SHARE) {
            if part.iter().any(|&cell| never_rests[usize::from(cell)]) {
                and_beside(&part).for_each(|cell| cells[cell] = true);
            }
        }
        cells
    }

    /// True if the cell is part of what never rests or of its fringe.
    pub(super) fn is_fringe(&self, cell: usize) -> bool {
        self.fringe.get(cell).is_some_and(|is_fringe| *is_fringe)
    }

    /// Takes out what moves where something never rests, and what little its fringe does.
    pub(super) fn silence(&self, ratios: &mut [f32]) {
        for (cell, ratio) in ratios.iter_mut().enumerate() {
            let is_its = self.contains(cell) || *ratio < FRINGE_RATIO && self.is_fringe(cell);
            *ratio = if is_its { 0.0 } else { *ratio };
        }
    }

    /// True if the cell has moved for a while.
    pub(super) fn is_lively(&self, cell: usize) -> bool {
        self.share[cell] >= WHILE_SHARE
    }

    /// True if what moves in the cell never rests.
    pub(super) fn contains(&self, cell: usize) -> bool {
        self.held_s[cell] > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::MICRO_X;

    /// Cells beside the one at 600 that never rest after `seconds` in which those that `moves` tells of a sample move.
    fn never_rest(seconds: usize, moves: impl Fn(usize, usize) -> bool) -> usize {
        let mut restless = Restless::new();
        for sample in 0..seconds * 5 {
            let now: Vec<f32> = (0..MICRO_CELLS).map(|cell| if moves(sample, cell) { 2.0 } else { 0.0 }).collect();
            restless.take(&now, 0.2, |_| true);
        }
        (0..MICRO_CELLS).filter(|&cell| restless.contains(cell)).count()
    }

    fn is_fan(cell: usize) -> bool {
        [600, 601, 600 + MICRO_X, 601 + MICRO_X].contains(&cell)
    }

    #[test]
    fn a_fan_never_rests_and_is_known_within_a_minute_and_a_half() {
        let turns = |sample: usize, cell: usize| is_fan(cell) && (sample + cell) % 10 < 7;
        assert_eq!(never_rest(20, turns), 0);
        assert_eq!(never_rest(90, turns), 16);
    }

    #[test]
    fn whoever_works_rests_between_movements() {
        let works = |sample: usize, cell: usize| is_fan(cell) && (sample / 5 + cell) % 10 < 5;
        assert_eq!(never_rest(300, works), 0);
        // Two cells, as a hand that writes.
        assert_eq!(never_rest(300, |_, cell| cell == 600 || cell == 601), 0);
    }
    #[test]
    fn slow_blades_never_rest_and_whoever_pauses_does() {
        // Each of four cells in a row moves for a quarter of the time, one after the other.
        let turns = |sample: usize, cell: usize| (600..604).contains(&cell) && sample % 4 == cell % 4;
        assert_eq!(never_rest(500, turns), 0);
        assert_eq!(never_rest(660, turns), 18);
        // The same with a pause of three seconds in each minute.
        assert_eq!(never_rest(1300, |sample, cell| sample % 300 >= 15 && turns(sample, cell)), 0);
    }
}
