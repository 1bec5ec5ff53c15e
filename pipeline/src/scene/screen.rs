//! Screens: a page turns at once and stands still until the next one does, within the same edges.
//!
//! Somebody who moves is seen to do so over several samples. Where the picture jumps again and again, all over a place
//! and from one sample to the next, and nothing moves in between, slides, photos or numbers change: what a screen shows
//! says nothing about the room. In 230 clips of people, real and made, without screens, it costs one second.

use super::cells::{components, with_neighbours};
use crate::diff::MICRO_CELLS;
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};

/// A cell jumps if its pixels change by so much on average from one sample to the next, grey levels ...
const JUMP_GREY: f32 = 5.0;
/// ... and moves if they do by so much at any other time.
const MOVES_GREY: f32 = 3.0;
/// Steps over a longer time hide whole movements, seconds.
const STEP_S_MAX: f64 = 0.3;
/// What is coded anew so shortly after a jump, and by no more than this share of it, belongs to it, seconds.
const SETTLES_S: f64 = 0.45;
const SETTLES_SHARE: f32 = 0.25;
/// A page has stood still for so long when it turns, seconds.
const STANDS_S: f64 = 2.0;
/// So many cells side by side turn at once; fewer may be a hand. If more cells jump in all, it is the light or the camera.
const PAGE_CELLS: usize = 6;
const JUMPING_CELLS_MAX: usize = 160;
/// So many jumps, and no movement since the first, are a screen's.
const JUMPS: u16 = 4;
/// A screen that has not turned a page for so long is known no more, seconds.
const KEPT_S: f64 = 1800.0;

/// What a cell has shown.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Page {
    turned_at: UtcMicros,
    changed_at: UtcMicros,
    jump_grey: f32,
    /// Jumps since something last moved.
    jumps: u16,
}

/// What is known of screens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Screens {
    pages: Vec<Page>,
}

impl Screens {
    pub(super) fn new() -> Self {
        let never = UtcMicros::NEVER;
        Self { pages: vec![Page { turned_at: never, changed_at: never, jump_grey: 0.0, jumps: 0 }; MICRO_CELLS] }
    }

    /// Takes the mean change of every cell's pixels over the last step, grey levels, which took `step_s`.
    pub(super) fn take(&mut self, steps: &[f32], step_s: f64, at: UtcMicros) {
        let jumping = steps.iter().filter(|step| **step >= JUMP_GREY).count();
        let is_still = steps.iter().all(|step| *step < MOVES_GREY);
        if is_still || !(0.0..=STEP_S_MAX).contains(&step_s) || jumping > JUMPING_CELLS_MAX {
            return;
        }
        let mut turns = vec![false; MICRO_CELLS];
        if jumping >= PAGE_CELLS {
            let stood = |cell: usize| at.seconds_since(self.pages[cell].changed_at) > STANDS_S;
            let pages = components(|cell| steps[cell] >= JUMP_GREY && stood(cell));
            let pages = pages.into_iter().filter(|page| page.len() >= PAGE_CELLS);
            pages.flatten().for_each(|cell| turns[usize::from(cell)] = true);
        }
        let cells = self.pages.iter_mut().zip(steps).zip(turns);
        for ((page, &step_grey), turns) in cells.filter(|((_, step_grey), _)| **step_grey >= MOVES_GREY) {
            let settles =
                || at.seconds_since(page.turned_at) < SETTLES_S && step_grey <= SETTLES_SHARE * page.jump_grey;
            if turns {
                (page.turned_at, page.jump_grey, page.jumps) = (at, step_grey, page.jumps.saturating_add(1));
            } else if !settles() {
                page.jumps = 0;
            }
            page.changed_at = at;
        }
    }

    /// Cells of screens and those around them, which pages smear into; `None` if there is no screen.
    pub(super) fn masked(&self, at: UtcMicros) -> Option<Vec<bool>> {
        let shows = |page: &Page| page.jumps >= JUMPS && at.seconds_since(page.turned_at) < KEPT_S;
        // At nearly all samples of nearly all views there is none.
        if !self.pages.iter().any(shows) {
            return None;
        }
        Some(with_neighbours(&with_neighbours(&self.pages.iter().map(shows).collect::<Vec<bool>>())))
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
        let mut screens = Screens::new();
        let at = |sample: u32| UtcMicros(0).plus_s(f64::from(sample) * 0.2);
        for sample in 1..=seconds * 5 {
            let mut steps = vec![0.4; MICRO_CELLS];
            (0..12).for_each(|cell| steps[CORNER + cell / 4 * MICRO_X + cell % 4] = step(f64::from(sample) * 0.2));
            screens.take(&steps, 0.2, at(sample));
        }
        screens.masked(at(seconds * 5))
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
}
