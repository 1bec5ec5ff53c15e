//! A clock burnt into the picture: where it counts the seconds.
//!
//! Its last digit changes once a second, always at the same fraction of one, and is still in between; a person's
//! movements keep no such time. The cells around it say nothing about the room. Steps of 0.2 s are looked at, so a
//! camera of less than about three frames a second hides its clock's rhythm, and nothing is masked.

use super::cells::components;
use crate::diff::{MICRO_CELLS, MICRO_X, MICRO_Y};
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};
use std::f32::consts::TAU;

/// A cell changes if its pixels do by so much on average, grey levels: a digit's stroke covers a tenth of a cell and
/// more, at the contrast of something that is to be read.
const CHANGE_GREY: f32 = 3.0;
/// Time constant with which changes are forgotten, seconds.
const MEMORY_S: f32 = 15.0;
/// Steps over a longer time don't tell when in the second something changed, seconds.
const STEP_S_MAX: f64 = 0.35;
/// A clock is believed after so many changes, seconds and changes alike.
const CHANGES_MIN: f32 = 3.4;
/// Changes a second of a digit that counts them; it may be missed now and then (a 5 that becomes a 6).
const RATE: std::ops::RangeInclusive<f32> = 0.65..=1.35;
/// Least agreement of the changes about the fraction of a second: length of their mean direction.
const AGREEMENT_MIN: f32 = 0.8;
/// It is still for at least this share of the time.
const STILL_SHARE: f32 = 0.5;
/// More cells than this that keep time are no clock: key frames once a second, a lamp that flickers.
const DIGIT_CELLS_MAX: usize = 12;
/// Cells beside it that are masked as well: the next digit, and what compression smears.
const BESIDE_X: usize = 2;
const BESIDE_Y: usize = 1;
/// A clock that was not seen to count for so long is gone, or somebody's head is before it, seconds.
const KEPT_S: f64 = 600.0;

/// What is known of a burnt-in clock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Burnt {
    cells: Vec<Rhythm>,
    /// Seconds looked at, forgotten like the changes.
    looked_s: f32,
    /// When each cell was last part of a clock.
    counted: Vec<Option<UtcMicros>>,
    masked: Vec<bool>,
}

/// When in the second a cell changes.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Rhythm {
    changes: f32,
    changed_s: f32,
    cos: f32,
    sin: f32,
    is_changing: bool,
}

impl Rhythm {
    fn is_clock(&self, looked_s: f32) -> bool {
        self.changes >= CHANGES_MIN
            && RATE.contains(&(self.changes / looked_s))
            && self.cos.hypot(self.sin) >= AGREEMENT_MIN * self.changes
            && self.changed_s <= (1.0 - STILL_SHARE) * looked_s
    }
}

impl Burnt {
    pub(super) fn new() -> Self {
        Self {
            cells: vec![Rhythm::default(); MICRO_CELLS],
            looked_s: 0.0,
            counted: vec![None; MICRO_CELLS],
            masked: vec![false; MICRO_CELLS],
        }
    }

    /// True if a clock is burnt in at the cell or beside it.
    pub(super) fn is_masked(&self, cell: usize) -> bool {
        self.masked[cell]
    }

    /// Takes what the masked cells show away.
    pub(super) fn silence(&self, ratios: &mut [f32]) {
        for (ratio, _) in ratios.iter_mut().zip(&self.masked).filter(|(_, is_masked)| **is_masked) {
            *ratio = 0.0;
        }
    }

    /// Takes the mean change of every cell's pixels over the last step, grey levels, which took `step_s`. True if the
    /// mask is another now.
    pub(super) fn take(&mut self, steps: &[f32], step_s: f64, at: UtcMicros) -> bool {
        if steps.is_empty() || !(0.0..=STEP_S_MAX).contains(&step_s) {
            return false;
        }
        let step_s = step_s as f32;
        let keep = 1.0 - step_s / MEMORY_S;
        self.looked_s = self.looked_s * keep + step_s;
        let angle = TAU * (at.0.rem_euclid(1_000_000) as f32 / 1e6);
        let (sin, cos) = angle.sin_cos();
        for (rhythm, &step) in self.cells.iter_mut().zip(steps) {
            let was_changing = std::mem::replace(&mut rhythm.is_changing, step >= CHANGE_GREY);
            rhythm.changes *= keep;
            rhythm.changed_s *= keep;
            rhythm.cos *= keep;
            rhythm.sin *= keep;
            if rhythm.is_changing {
                rhythm.changed_s += step_s;
                if !was_changing {
                    rhythm.changes += 1.0;
                    rhythm.cos += cos;
                    rhythm.sin += sin;
                }
            }
        }
        self.find(at)
    }

    fn find(&mut self, at: UtcMicros) -> bool {
        let digits = components(|cell| self.cells[cell].is_clock(self.looked_s));
        if digits.iter().map(Vec::len).sum::<usize>() <= DIGIT_CELLS_MAX {
            for &cell in digits.iter().flatten() {
                self.counted[usize::from(cell)] = Some(at);
            }
        }
        let mut masked = vec![false; MICRO_CELLS];
        for (cell, counted) in self.counted.iter_mut().enumerate() {
            if counted.is_some_and(|counted| at.seconds_since(counted) > KEPT_S) {
                *counted = None;
            }
            if counted.is_some() {
                around(cell).for_each(|near| masked[near] = true);
            }
        }
        let is_new = masked != self.masked;
        self.masked = masked;
        is_new
    }
}

fn around(cell: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (cell % MICRO_X, cell / MICRO_X);
    let (x0, x1) = (x.saturating_sub(BESIDE_X), (x + BESIDE_X).min(MICRO_X - 1));
    let (y0, y1) = (y.saturating_sub(BESIDE_Y), (y + BESIDE_Y).min(MICRO_Y - 1));
    (y0..=y1).flat_map(move |y| (x0..=x1).map(move |x| y * MICRO_X + x))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps at `fps` for `seconds` in which each of `cells` changes when its function of the time says so.
    fn after(seconds: u32, fps: u32, cells: &[(usize, &dyn Fn(f64) -> bool)]) -> Burnt {
        let mut burnt = Burnt::new();
        let step_s = 1.0 / f64::from(fps);
        for step in 1..=seconds * fps {
            let at = UtcMicros(1_767_225_600_370_000).plus_s(f64::from(step) * step_s);
            let mut steps = vec![0.5; MICRO_CELLS];
            for (cell, changes) in cells {
                if changes(f64::from(step) * step_s) {
                    steps[*cell] = 9.0;
                }
            }
            burnt.take(&steps, step_s, at);
        }
        burnt
    }

    /// True in the step in which a second that began `offset_s` into the clip's ends.
    fn each_second(fps: u32, offset_s: f64) -> impl Fn(f64) -> bool {
        move |at_s| ((at_s - offset_s) * f64::from(fps)).round().rem_euclid(f64::from(fps)) < 0.5
    }

    const DIGIT: usize = MICRO_X + 14;

    #[test]
    fn a_digit_that_counts_seconds_is_masked_within_five_of_them() {
        for fps in [4, 5, 6] {
            let burnt = after(5, fps, &[(DIGIT, &each_second(fps, 0.3))]);
            assert!(burnt.is_masked(DIGIT) && burnt.is_masked(DIGIT + 2) && burnt.is_masked(DIGIT - MICRO_X));
            assert!(!burnt.is_masked(DIGIT + 3) && !burnt.is_masked(DIGIT + 2 * MICRO_X));
        }
    }

    #[test]
    fn it_is_kept_while_somebody_stands_before_it_and_forgotten_when_it_is_gone() {
        let clock = each_second(5, 0.0);
        let hidden = |at_s: f64| if at_s < 20.0 { clock(at_s) } else { false };
        assert!(after(200, 5, &[(DIGIT, &hidden)]).is_masked(DIGIT));
        assert!(!after(640, 5, &[(DIGIT, &hidden)]).is_masked(DIGIT));
    }

    #[test]
    fn movement_without_a_second_hand_is_none() {
        let always = |_: f64| true;
        let tapping = |at_s: f64| (at_s * 5.0).round() as u32 % 4 == 0;
        let walking_by = |at_s: f64| (3.0..4.0).contains(&at_s);
        for movement in [&always as &dyn Fn(f64) -> bool, &tapping, &walking_by] {
            for seconds in [5, 8, 30] {
                assert!(!after(seconds, 5, &[(DIGIT, movement)]).is_masked(DIGIT));
            }
        }
    }

    #[test]
    fn the_whole_view_trembling_at_key_frames_is_no_clock() {
        let key = each_second(5, 0.0);
        let cells: Vec<(usize, &dyn Fn(f64) -> bool)> =
            (0..40).map(|cell| (cell * 7, &key as &dyn Fn(f64) -> bool)).collect();
        let burnt = after(30, 5, &cells);
        assert!((0..MICRO_CELLS).all(|cell| !burnt.is_masked(cell)));
    }
}
