//! Screens: a page turns at once and stands still until the next one does, within the same edges.
//!
//! Somebody who moves is seen to do so over several samples. Where the picture jumps again and again, all over a place
//! and from one sample to the next, and nothing moves in between, slides, photos or numbers change, or a lamp goes on
//! and off: what a screen shows says nothing about the room. Until that is known it looks like somebody who stirs, so
//! once it is, all that nothing else in the room bears out is taken back.

use super::cells::{and_beside, components, with_surroundings};
use crate::diff::{MICRO_CELLS, Ranked};
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A cell jumps if its pixels change by so much on average from one sample to the next, grey levels ...
const JUMP_GREY: f32 = 5.0;
/// ... and moves if they do by so much at any other time.
const MOVES_GREY: f32 = 3.0;
/// Steps over a longer time hide whole movements, seconds. Up to so long, what changes alike each time is still a lamp.
const STEP_S_MAX: f64 = 0.3;
const COARSE_S_MAX: f64 = 1.1;
/// What is coded anew so shortly after a jump, and by no more than this share of it, belongs to it, seconds.
const SETTLES_S: f64 = 0.45;
const SETTLES_SHARE: f32 = 0.25;
/// A lamp that flickers goes back and forth between the same two, but for this share.
const FLICKER_SHARE: f32 = 0.2;
/// A page has stood still for so long when it turns, seconds.
const STANDS_S: f64 = 2.0;
/// So many cells side by side turn at once. If more jump in all, it is the light or the camera.
const PAGE_CELLS: usize = 6;
const JUMPING_CELLS_MAX: usize = 160;
/// Fewer may be a hand, or a digit or a lamp: these blink no faster than this, seconds ...
const BLINKS_S: f64 = 0.35;
/// ... and one of the cells changes by so much, grey levels; and of whatever changes at a key frame by so much: encoders
/// change it again and again wherever detail is lost in between.
const SIGN_GREY: f32 = 8.0;
const ANEW_GREY: f32 = 16.0;
/// Cells that change by this share of what the strongest does are the sign's own, others its border's.
const INNER_SHARE: f32 = 0.6;
/// Four pages that turn, or a digit or lamp that changes six times, and no movement since the first, are a screen's.
const PAGE_WORTH: u16 = 3;
const SIGN_WORTH: u16 = 2;
const SURE_WORTH: u16 = 12;
/// A key frame codes all of the view anew. What moves does so by more than so many times what the middle cell shows.
const MOVES_TIMES: f32 = 2.0;
/// Of all that moves so much is in one place, if it is no noise.
const MOVER_SHARE: f32 = 0.5;
/// A screen that has not turned a page for so long is known no more, seconds.
const KEPT_S: f64 = 1800.0;

/// What a cell has shown.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Page {
    turned_at: UtcMicros,
    changed_at: UtcMicros,
    jump_grey: f32,
    /// What the jumps since something last moved are worth, and when the first of them came.
    worth: u16,
    since: UtcMicros,
    /// The last of them was a digit's or a lamp's.
    is_sign: bool,
}

impl Page {
    fn is_sure(&self) -> bool {
        self.worth >= SURE_WORTH
    }

    /// True if a change by so much is that of the same lamp going on or off again.
    fn changes_alike(&self, grey: f32) -> bool {
        (grey - self.jump_grey).abs() <= FLICKER_SHARE * self.jump_grey
    }
}

/// What is known of screens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Screens {
    pages: Vec<Page>,
    found: Option<Found>,
}

/// Screens that have become known, the last of them at `at`, and have shown pages since then.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Found {
    at: UtcMicros,
    since: UtcMicros,
}

impl Screens {
    pub(super) fn new() -> Self {
        let never = UtcMicros::NEVER;
        let blank =
            Page { turned_at: never, changed_at: never, jump_grey: 0.0, worth: 0, since: never, is_sign: false };
        Self { pages: vec![blank; MICRO_CELLS], found: None }
    }

    /// Takes the mean change of every cell's pixels over the last step, grey levels, which took `step_s`.
    /// `is_coded_anew`: it ends at a key frame or just after one.
    pub(super) fn take(&mut self, steps: &[f32], step_s: f64, at: UtcMicros, is_coded_anew: bool) {
        let is_still = steps.iter().all(|step| *step < MOVES_GREY);
        if is_still || !(0.0..=COARSE_S_MAX).contains(&step_s) {
            return;
        }
        let is_coarse = step_s > STEP_S_MAX;
        let jumping = steps.iter().filter(|step| **step >= JUMP_GREY).count();
        if jumping > JUMPING_CELLS_MAX {
            return;
        }
        // At nearly all samples nothing jumps.
        let turns = if jumping > 0 { self.turns(steps, at, is_coded_anew, is_coarse) } else { BTreeMap::new() };
        let moves_grey = MOVES_GREY.max(MOVES_TIMES * steps.iter().copied().collect::<Ranked>().median());
        let mut moves = [false; MICRO_CELLS];
        for (cell, (page, &step_grey)) in self.pages.iter_mut().zip(steps).enumerate() {
            if step_grey < moves_grey || is_coarse && !page.is_sign && page.worth > 0 {
                continue;
            }
            let settles =
                || at.seconds_since(page.turned_at) < SETTLES_S && step_grey <= SETTLES_SHARE * page.jump_grey;
            let flickers = || page.is_sign && page.changes_alike(step_grey);
            if let Some(turned) = turns.get(&cell) {
                if !page.is_sure() && turned.is_sure() {
                    let since = self.found.map_or(turned.since, |found| found.since.min(turned.since));
                    self.found = Some(Found { at, since });
                }
                *page = Page { turned_at: at, jump_grey: step_grey, ..*turned };
            } else if !(settles() || flickers() || page.is_sign && is_coded_anew) {
                page.worth = 0;
                moves[cell] = true;
            }
            page.changed_at = at;
        }
        if !is_coded_anew {
            self.doubt_beside(&moves, at);
        }
    }

    /// What would be a digit or a lamp beside something that moves while all around stands still is somebody's hand. Noise
    /// moves cells all over the view.
    fn doubt_beside(&mut self, moves: &[bool], at: UtcMicros) {
        let is_doubtful = |page: &Page| page.is_sign && page.worth > 0 && !page.is_sure();
        // At nearly all samples there is nothing to doubt.
        if !self.pages.iter().any(is_doubtful) {
            return;
        }
        let moving = moves.iter().filter(|moves| **moves).count();
        let parts = components(|cell| moves[cell]);
        let Some(mover) = parts.into_iter().find(|part| part.len() as f32 > MOVER_SHARE * moving as f32) else {
            return;
        };
        let beside: Vec<u16> = and_beside(&mover).map(|cell| cell as u16).collect();
        // Digits change in a part of their cells each time.
        if and_beside(&beside).any(|cell| at.seconds_since(self.pages[cell].turned_at) < SETTLES_S) {
            return;
        }
        for cell in beside.into_iter().map(usize::from) {
            if is_doubtful(&self.pages[cell]) {
                self.pages[cell].worth = 0;
            }
        }
    }

    /// What is known of each cell that turns a page now, or shows another digit, or in which a lamp goes on or off.
    fn turns(&self, steps: &[f32], at: UtcMicros, is_coded_anew: bool, is_coarse: bool) -> BTreeMap<usize, Page> {
        let least_grey = |grey: f32| if is_coded_anew { ANEW_GREY } else { grey };
        let jumps = |for_s: f64| {
            move |cell: usize| steps[cell] >= JUMP_GREY && at.seconds_since(self.pages[cell].changed_at) > for_s
        };
        let is_strong = |cells: &Vec<u16>, grey: f32| cells.iter().any(|&cell| steps[usize::from(cell)] >= grey);
        let after = |page: &Page, worth: u16| Page {
            worth: page.worth.saturating_add(worth),
            since: if page.worth == 0 { at } else { page.since },
            is_sign: worth == SIGN_WORTH,
            ..*page
        };
        let mut turns = BTreeMap::new();
        let signs = components(jumps(BLINKS_S)).into_iter().filter(|cells| cells.len() < PAGE_CELLS);
        for cells in signs.filter(|cells| is_strong(cells, least_grey(SIGN_GREY))) {
            let cells = || cells.iter().map(|&cell| usize::from(cell));
            let most_grey = cells().map(|cell| steps[cell]).fold(0.0, f32::max);
            // The same cells each time: a hand is somewhere else.
            let inner = || cells().filter(|&cell| steps[cell] >= INNER_SHARE * most_grey);
            let least = inner().map(|cell| self.pages[cell]).min_by_key(|page| page.worth);
            let is_alike = inner().all(|cell| self.pages[cell].changes_alike(steps[cell]));
            let Some(mut known) = least else { continue };
            if is_coarse && !is_alike {
                known.worth = 0;
            }
            turns.extend(cells().map(|cell| (cell, after(&known, SIGN_WORTH))));
        }
        if is_coarse {
            return turns;
        }
        let pages = components(jumps(STANDS_S)).into_iter().filter(|cells| cells.len() >= PAGE_CELLS);
        for cells in pages.filter(|cells| is_strong(cells, least_grey(JUMP_GREY))) {
            let cells = cells.into_iter().map(usize::from);
            turns.extend(cells.map(|cell| (cell, after(&self.pages[cell], PAGE_WORTH))));
        }
        turns
    }

    /// Since when what was found until `at` has shown pages; told once.
    pub(super) fn take_found(&mut self, at: UtcMicros) -> Option<UtcMicros> {
        self.found.take_if(|found| at >= found.at).map(|found| found.since)
    }

    /// Cells of screens and those around them, which pages smear into; `None` if there is no screen.
    pub(super) fn masked(&self, at: UtcMicros) -> Option<Vec<bool>> {
        let shows = |page: &Page| page.is_sure() && at.seconds_since(page.turned_at) < KEPT_S;
        // At nearly all samples of nearly all views there is none.
        if !self.pages.iter().any(shows) {
            return None;
        }
        Some(with_surroundings(&self.pages.iter().map(shows).collect::<Vec<bool>>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::MICRO_X;

    const CORNER: usize = 8 * MICRO_X + 20;

    /// The masked cells after `seconds` at five samples a second, where `step(second)` gives what a place of four by
    /// three cells changes by.
    fn masked(seconds: u32, step: impl Fn(f64) -> f32) -> Option<Vec<bool>> {
        screens(seconds, 12, step).masked(at(seconds * 5))
    }

    fn at(sample: u32) -> UtcMicros {
        UtcMicros(0).plus_s(f64::from(sample) * 0.2)
    }

    /// The same for a place of `cells`.
    fn screens(seconds: u32, cells: usize, step: impl Fn(f64) -> f32) -> Screens {
        let mut screens = Screens::new();
        for sample in 1..=seconds * 5 {
            let mut steps = vec![0.4; MICRO_CELLS];
            (0..cells).for_each(|cell| steps[CORNER + cell / 4 * MICRO_X + cell % 4] = step(f64::from(sample) * 0.2));
            screens.take(&steps, 0.2, at(sample), false);
        }
        screens
    }

    /// Begins every eight seconds and goes on for so long.
    fn every_eight(lasts_s: f64) -> impl Fn(f64) -> f32 {
        move |second| if (second + 1e-6).rem_euclid(8.0) < lasts_s - 1e-3 { 20.0 } else { 0.4 }
    }

    #[test]
    fn a_page_that_turns_every_eight_seconds_is_a_screens() {
        assert_eq!(masked(30, every_eight(0.2)), None, "three pages");
        let cells = masked(34, every_eight(0.2)).unwrap();
        assert!(cells[CORNER] && cells[CORNER - 2] && !cells[CORNER - 3] && !cells[0]);
        assert_eq!(masked(34 + 1801, |second| if second < 34.0 { every_eight(0.2)(second) } else { 0.4 }), None);
        let is_coded_anew =
            |second: f64| if (second - 0.2).rem_euclid(8.0) < 0.1 { 4.0 } else { every_eight(0.2)(second) };
        assert!(masked(34, is_coded_anew).is_some());
    }

    #[test]
    fn what_moves_over_several_samples_is_no_screen() {
        assert_eq!(masked(300, every_eight(0.4)), None, "a hand, half a second");
        let leans_once = |second: f64| if (150.0..151.0).contains(&second) { 6.0 } else { every_eight(0.2)(second) };
        assert!(masked(150, leans_once).is_some());
        assert_eq!(masked(152, leans_once), None, "somebody leans before the screen");
    }

    /// A lamp goes on or off whenever `is_on` does.
    fn lamp(is_on: impl Fn(f64) -> bool) -> impl Fn(f64) -> f32 {
        move |second| if is_on(second) == is_on(second - 0.2) { 0.4 } else { 20.0 }
    }

    #[test]
    fn a_lamp_that_blinks_is_known_after_six_changes_and_since_the_first() {
        let blinks = |second: f64| (second + 1e-6).rem_euclid(10.0) < 0.6;
        assert!(screens(23, 2, lamp(blinks)).masked(at(115)).is_none(), "off for the second time");
        let mut screens = screens(31, 2, lamp(blinks));
        assert!(screens.masked(at(155)).unwrap()[CORNER]);
        assert_eq!([149, 155, 155].map(|sample| screens.take_found(at(sample))), [None, Some(at(3)), None]);
    }

    #[test]
    fn a_hand_in_the_dark_is_no_lamp() {
        // It shows beside a screen's edge, and what else moves there moves by little.
        let known = |moves: &dyn Fn(u32, &mut [f32])| {
            let mut screens = Screens::new();
            for sample in 1..=500 {
                let mut steps = vec![0.4; MICRO_CELLS];
                if sample % 50 == 0 {
                    steps[CORNER] = 10.0;
                }
                moves(sample, &mut steps);
                screens.take(&steps, 0.2, at(sample), false);
            }
            screens.masked(at(500)).is_some()
        };
        assert!(known(&|_, _| ()));
        assert!(!known(&|sample, steps| if sample % 90 < 2 {
            steps[CORNER + 1] = 4.0
        }));
        assert!(
            known(&|sample, steps| if sample % 50 < 2 {
                steps[CORNER + 1] = 4.0
            }),
            "a part of the digit"
        );
        let noise = |sample: u32, steps: &mut [f32]| {
            if sample % 90 < 2 {
                ((CORNER + 1) % 7..MICRO_CELLS).step_by(7).for_each(|cell| steps[cell] = 4.0);
            }
        };
        assert!(
            known(&|sample, steps| if sample % 50 > 2 {
                noise(sample, steps)
            }),
            "all over the view"
        );
    }

    #[test]
    fn a_slow_camera_s_lamp_changes_alike_each_time() {
        let known = |grey: &dyn Fn(u32) -> f32| {
            let mut screens = Screens::new();
            for sample in 1..=60 {
                let mut steps = vec![0.4; MICRO_CELLS];
                if sample % 5 == 0 {
                    steps[CORNER] = grey(sample);
                }
                screens.take(&steps, 1.0, at(sample * 5), false);
            }
            screens.masked(at(300)).is_some()
        };
        assert!(known(&|_| 20.0));
        assert!(!known(&|sample| if sample % 10 == 0 { 20.0 } else { 14.0 }), "somebody sits there");
    }

    #[test]
    fn a_lamp_that_flickers_is_known_and_what_moves_as_little_as_a_lamp_is_not() {
        // On for a fifth of a second, then for three.
        let flickers = |second: f64| {
            let phase = (second + 1e-6).rem_euclid(10.0);
            phase < 0.2 || (5.0..8.0).contains(&phase)
        };
        assert!(screens(100, 2, lamp(flickers)).masked(at(500)).is_some());
        let stirs = |second: f64| match (second + 1e-6).rem_euclid(8.0) {
            phase if phase < 0.2 => 20.0,
            phase if phase < 0.4 => 7.0,
            _ => 0.4,
        };
        assert!(screens(300, 2, stirs).masked(at(1500)).is_none());
    }
}
