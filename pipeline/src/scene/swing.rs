//! Light that swings: exposure that hunts, clouds one after the other, tubes that flicker. Samples are brought back to the
//! background's light before anything compares them.
//!
//! A change of light ends what is known of a view for a moment; where one follows the other, nothing would be known at
//! all, and a clerk who sits there would be missed for as long as it lasts. Once the light has turned often enough,
//! every sample is looked at, until it has turned no more for a while. The constants were chosen on recoded footage of
//! an office and of a hall and checked on made offices.

use super::light::{ToneMap, left_share};
use crate::diff::{Geometry, Grid, Model};
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};

/// Light that turns so often, each time within so many seconds, swings. Somebody who comes makes exposure change once,
/// and once more by leaving.
const TURNS: u8 = 2;
const SWING_S: f64 = 6.0;
/// Nobody leaves again so soon: light that turns within this flickers, seconds.
const FLICKER_S: f64 = 1.0;
/// Every sample is looked at for so long after the last turn, seconds.
const WARY_S: f64 = 60.0;
/// The grey level by which the light is followed; a turn is one that goes back by so much, and samples apart by so much
/// are told as of changed light, grey levels.
const MIDDLE_GREY: f32 = 110.0;
const TURN_GREY: f32 = 3.0;
const TOLD_GREY: f32 = 1.0;
/// ... for so long, seconds.
const TOLD_S: f64 = 2.0;
/// Gains between which a picture can be brought back: in near darkness there is nothing to bring back.
const GAINS: std::ops::Range<f32> = 0.5..2.0;
/// A picture of which more stays unexplained, as a share of the view, has changed by more than its light.
const LEFT_SHARE: f32 = 0.5;

/// What is known of the light's swings.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Swing {
    /// When the light last changed, and whether for the brighter.
    changed_at: UtcMicros,
    was_brighter: bool,
    /// How often it has turned, each time soon after the change before.
    turns: u8,
    /// Every sample is looked at until then.
    wary_until: UtcMicros,
    /// How much brighter [`MIDDLE_GREY`] is than in the background's light at the last sample, grey levels.
    brighter: f32,
    /// The same where it was furthest since the last turn.
    furthest: f32,
    is_rising: bool,
    /// When the light last changed while every sample was looked at.
    moved_at: UtcMicros,
    /// No sample has been brought back yet.
    is_new: bool,
}

impl Swing {
    pub(super) fn new() -> Self {
        let never = UtcMicros::NEVER;
        Self {
            changed_at: never,
            was_brighter: false,
            turns: 0,
            wary_until: never,
            brighter: 0.0,
            furthest: 0.0,
            is_rising: false,
            moved_at: never,
            is_new: false,
        }
    }

    /// True if samples must be brought back before they are compared.
    pub(super) fn is_wary(&self, at: UtcMicros) -> bool {
        at <= self.wary_until
    }

    /// True if the light has just changed.
    pub(super) fn has_moved(&self, at: UtcMicros) -> bool {
        at.seconds_since(self.moved_at) <= TOLD_S
    }

    /// True once, for the first sample that is brought back.
    pub(super) fn take_new(&mut self) -> bool {
        std::mem::take(&mut self.is_new)
    }

    /// Takes a change of light that a tone map explains.
    pub(super) fn change(&mut self, map: &ToneMap, at: UtcMicros) {
        let is_brighter = map.apply(MIDDLE_GREY) > MIDDLE_GREY;
        let since_s = at.seconds_since(self.changed_at);
        if since_s > SWING_S {
            self.turns = 0;
        } else if is_brighter != self.was_brighter {
            self.turns = self.turns.saturating_add(if since_s <= FLICKER_S { TURNS } else { 1 });
        }
        (self.changed_at, self.was_brighter) = (at, is_brighter);
        if self.turns >= TURNS && !self.is_wary(at) {
            self.wary_until = at.plus_s(WARY_S);
            (self.brighter, self.furthest) = (0.0, 0.0);
            self.is_new = true;
        }
    }

    /// Brings a sample back to the background's light. Gives how much darker that makes its mean, grey levels; `None`
    /// if no light explains what it shows: it is left as it is then, and so are those after it.
    pub(super) fn steady(&mut self, geometry: &Geometry, model: &Model, at: UtcMicros, grid: &mut Grid) -> Option<f32> {
        let here = geometry.means(&geometry.sums(grid.pixels()));
        let mut back = geometry.means(&geometry.sums(&model.background));
        back.iter_mut().for_each(|mean| *mean /= 256.0);
        // From the background, whose greys are the room's alone: fitted from a picture, the map would turn the greys that
        // only somebody's clothes have into the wall's behind them.
        let map = ToneMap::fit(&back, &here);
        if !GAINS.contains(&map.gain()) || left_share(&map, &back, &here) > LEFT_SHARE {
            self.wary_until = UtcMicros::NEVER;
            return None;
        }
        self.take(map.apply(MIDDLE_GREY) - MIDDLE_GREY, at);
        let before = map.back();
        grid.map(|grey| before[usize::from(grey)]);
        let after = geometry.means(&geometry.sums(grid.pixels()));
        Some(here.iter().zip(&after).map(|(here, after)| here - after).sum::<f32>() / here.len() as f32)
    }

    fn take(&mut self, brighter: f32, at: UtcMicros) {
        if (brighter - self.brighter).abs() > TOLD_GREY {
            self.moved_at = at;
        }
        self.brighter = brighter;
        let back = if self.is_rising { self.furthest - brighter } else { brighter - self.furthest };
        if back < 0.0 {
            self.furthest = brighter;
        } else if back > TURN_GREY {
            self.furthest = brighter;
            self.is_rising = !self.is_rising;
            self.wary_until = at.plus_s(WARY_S);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{MICRO_CELLS, MICRO_X};

    /// Whether light that changes by so many grey levels at such times swings at the last of them.
    fn swings(changes: &[(f64, f32)]) -> bool {
        let mut swing = Swing::new();
        let room: Vec<f32> = (0..MICRO_CELLS).map(|cell| 40.0 + (cell * 37 % 140) as f32).collect();
        let mut last = UtcMicros(0);
        for &(second, grey) in changes {
            last = UtcMicros(0).plus_s(second);
            let lit: Vec<f32> = room.iter().map(|before| before + grey).collect();
            swing.change(&ToneMap::fit(&room, &lit), last);
        }
        swing.is_wary(last)
    }

    #[test]
    fn light_swings_once_it_turns_again_and_again() {
        assert!(swings(&[(1.0, 8.0), (1.2, -8.0)]), "a tube flickers");
        assert!(swings(&[(1.0, 8.0), (5.0, -8.0), (9.0, 8.0)]), "exposure hunts");
        assert!(!swings(&[(1.0, 8.0), (5.0, -8.0), (60.0, 8.0), (64.0, -8.0)]), "people come and go");
        assert!(!swings(&[(1.0, 8.0), (1.2, 8.0), (1.4, 8.0), (1.6, 8.0)]), "a lamp comes on");
    }

    #[test]
    fn a_swing_ends_when_the_light_turns_no_more() {
        let mut swing = Swing::new();
        let at = |second: f64| UtcMicros(0).plus_s(second);
        for second in 0..20 {
            swing.take(if second % 2 == 0 { 6.0 } else { -6.0 }, at(f64::from(second)));
        }
        assert!(swing.is_wary(at(70.0)) && swing.has_moved(at(20.0)));
        // The sun sets meanwhile.
        (20..90).for_each(|second| swing.take(-6.0 - f64::from(second) as f32 / 5.0, at(f64::from(second))));
        assert!(!swing.is_wary(at(90.0)) && !swing.has_moved(at(90.0)));
    }

    /// Somebody in dark clothes stands before a wall whose shades end at 90.
    fn seen(lit: impl Fn(f32) -> f32) -> (Geometry, Grid) {
        let is_person = |x: usize, y: usize| (200..260).contains(&x) && (60..220).contains(&y);
        let grey = |x: usize, y: usize| if is_person(x, y) { 35 } else { 90 + (x / 8 + y / 9) as u8 };
        Grid::of_grey((480, 270), |x, y| lit(f32::from(grey(x, y))).clamp(0.0, 255.0) as u8)
    }

    #[test]
    fn a_room_is_brought_back_and_somebody_in_it_keeps_standing_out() {
        let (geometry, empty) = Grid::of_grey((480, 270), |x, y| 90 + (x / 8 + y / 9) as u8);
        let model = Model::new(&empty);
        for (gain, offset) in [(1.2, 9.0), (0.8, -6.0), (1.0, 30.0), (1.6, 0.0)] {
            let (_, mut grid) = seen(|grey| gain * grey + offset);
            let darkened = Swing::new().steady(&geometry, &model, UtcMicros(0), &mut grid).unwrap();
            assert!((darkened > 0.0) == (gain >= 1.0), "{darkened}");
            let shown = geometry.means(&geometry.sums(grid.pixels()));
            let room = geometry.means(&geometry.sums(empty.pixels()));
            let [wall, person] = [10 * MICRO_X + 5, 10 * MICRO_X + 23];
            assert!((shown[wall] - room[wall]).abs() < 2.0, "{} {}", shown[wall], room[wall]);
            assert!(room[person] - shown[person] > 60.0, "gain {gain}: {} {}", shown[person], room[person]);
        }
    }

    #[test]
    fn what_no_light_explains_is_left_as_it_is() {
        let (geometry, empty) = Grid::of_grey((480, 270), |x, y| 90 + (x / 8 + y / 9) as u8);
        let model = Model::new(&empty);
        let other = |x: usize, y: usize| ((x / 10 * 71 + y / 10 * 37) % 200) as u8;
        let (_, seen) = Grid::of_grey((480, 270), other);
        let mut grid = seen.clone();
        assert_eq!(Swing::new().steady(&geometry, &model, UtcMicros(0), &mut grid), None);
        assert_eq!(grid, seen);
    }
}
