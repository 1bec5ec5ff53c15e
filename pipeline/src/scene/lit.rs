//! How much of the light in which people were seen there is where they sit: what the sun does to the floor beside the door tells
//! nothing of a desk under lamps that are off.

use crate::diff::{MICRO_CELLS, Ranked};
use serde::{Deserialize, Serialize};

/// Light that is better counts after about so many seconds of movement, flashes do not; light that is worse is taken for the
/// best there is after an hour and more of work.
const TAKES_S: f32 = 10.0;
const FORGETS_S: f32 = 1200.0;
/// Seats of fewer cells say less than the whole zone.
const SEAT_CELLS: usize = 4;

/// The light in which people were seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Lit {
    /// Brightness of each cell while somebody moved, wherever they did; empty if nobody has.
    best: Vec<f32>,
}

impl Lit {
    pub(super) fn new() -> Self {
        Self { best: Vec::new() }
    }

    /// Takes the cells' brightnesses of a moment `dt_s` after the one before, in which somebody moves.
    pub(super) fn take(&mut self, means: &[f32], dt_s: f32) {
        if self.best.is_empty() {
            self.best = means.to_vec();
        }
        for (best, &mean) in self.best.iter_mut().zip(means) {
            let kept_s = if mean > *best { TAKES_S } else { FORGETS_S };
            *best += (mean - *best) * (dt_s / kept_s).min(1.0);
        }
    }

    /// Share of that light that the middle one of the zone's seats has now, or of all its cells if nobody was seen to sit in
    /// it; 1 if nobody was seen at all.
    pub(super) fn share(&self, means: &[f32], zone: impl Fn(usize) -> bool, seats: &[bool]) -> f32 {
        if self.best.is_empty() {
            return 1.0;
        }
        let middle = |is_own: &dyn Fn(usize) -> bool| {
            let mut shares = Ranked::with_capacity(MICRO_CELLS);
            let own = (0..MICRO_CELLS).filter(|&cell| zone(cell) && is_own(cell));
            own.for_each(|cell| shares.push(means[cell] / self.best[cell].max(1.0)));
            (shares.len() >= SEAT_CELLS).then(|| shares.median())
        };
        middle(&|cell| seats[cell]).or_else(|| middle(&|_| true)).unwrap_or(1.0).max(f32::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::MICRO_X;

    /// A picture of `light`, but at the seat's cells, in the first row.
    fn picture(light: f32, seat: f32) -> Vec<f32> {
        (0..MICRO_CELLS).map(|cell| if cell < MICRO_X { seat } else { light }).collect()
    }

    #[test]
    fn a_dark_seat_is_dark_whatever_the_sun_does_to_the_floor() {
        let is_seat: Vec<bool> = (0..MICRO_CELLS).map(|cell| cell < MICRO_X).collect();
        let nobody_sat = vec![false; MICRO_CELLS];
        let mut lit = Lit::new();
        assert_eq!(lit.share(&picture(50.0, 20.0), |_| true, &is_seat), 1.0, "nobody was seen in better light");
        (0..100).for_each(|_| lit.take(&picture(150.0, 100.0), 0.2));
        let dark = picture(120.0, 20.0);
        assert!((lit.share(&dark, |_| true, &is_seat) - 0.2).abs() < 1e-6);
        assert!((lit.share(&dark, |_| true, &nobody_sat) - 0.8).abs() < 1e-6);
        assert!((lit.share(&dark, |cell| cell >= MICRO_X, &is_seat) - 0.8).abs() < 1e-6);
    }

    #[test]
    fn a_flash_is_no_better_light_and_a_room_that_stays_dim_is_what_it_is() {
        let nobody_sat = vec![false; MICRO_CELLS];
        let mut lit = Lit::new();
        (0..100).for_each(|_| lit.take(&picture(60.0, 60.0), 0.2));
        lit.take(&picture(240.0, 240.0), 0.2);
        let mut share = |light: f32, seconds: usize| {
            (0..seconds).for_each(|_| lit.take(&picture(light, light), 1.0));
            lit.share(&picture(light, light), |_| true, &nobody_sat)
        };
        assert!(share(60.0, 0) > 0.9);
        assert!(share(120.0, 60) > 0.95, "light that stays is taken");
        assert!(share(40.0, 60) < 0.5);
        assert!(share(40.0, 7200) > 0.95);
    }
}
