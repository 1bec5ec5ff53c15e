//! How well small movements are seen in the light there is: whoever sits on when the lamps go off moves as before, by a
//! fifth of the grey levels, and encoders leave that out.

use super::second::SecondEvidence;
use serde::{Deserialize, Serialize};

/// From this share of the light in which people moved on, they are seen as well as then; below, the share of their movements
/// that is seen falls with the square of it. Measured on made offices whose lamps go off, of a quarter of the light: of clerks
/// who move every few seconds one movement in 40 s is seen.
const AS_GOOD: f64 = 0.6;
const VISIBILITY_MIN: f64 = 0.02;
/// Light that is less good is taken for the best there is after about so many seconds of movement: an hour and more of work.
const FORGETS_S: f64 = 1200.0;
/// It got dark below the first, and light again from the second on.
const DARK: f64 = 0.3;
const LIT: f64 = 0.8;

/// The light in which people were seen.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Light {
    /// Brightness in which they moved, 0..255; 0 if they have not.
    best: f64,
    visibility: f64,
    was_dark: bool,
}

impl Default for Light {
    fn default() -> Self {
        Self { best: 0.0, visibility: 1.0, was_dark: false }
    }
}

impl Light {
    /// Takes a second; the share of small movements that would be seen in it, 0..1.
    pub(super) fn visibility(&mut self, evidence: &SecondEvidence) -> f64 {
        let light = f64::from(evidence.light);
        if light > 0.0 {
            if evidence.moves() {
                self.best = light.max(self.best - (self.best - light) / FORGETS_S);
            }
            let share = if self.best > 0.0 { light / self.best / AS_GOOD } else { 1.0 };
            self.visibility = (share * share).clamp(VISIBILITY_MIN, 1.0);
        }
        self.visibility
    }

    /// True if it was dark and is light again, told once: whoever is there is looked at anew.
    pub(super) fn has_come_on(&mut self) -> bool {
        self.was_dark |= self.visibility < DARK;
        let has_come_on = self.was_dark && self.visibility > LIT;
        self.was_dark &= !has_come_on;
        has_come_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(light: f32, cluster: u16) -> SecondEvidence {
        SecondEvidence { light, cluster, ..SecondEvidence::default() }
    }

    #[test]
    fn the_dark_hides_and_light_shows_again() {
        let mut light = Light::default();
        assert_eq!(light.visibility(&second(30.0, 0)), 1.0, "nobody was ever seen in better light");
        light.visibility(&second(100.0, 8));
        assert_eq!(light.visibility(&second(70.0, 0)), 1.0);
        let dark = light.visibility(&second(24.0, 0));
        assert!((dark - 0.16).abs() < 1e-6, "{dark}");
        assert!(!light.has_come_on());
        assert_eq!(light.visibility(&second(0.0, 0)), dark, "not looked at");
        light.visibility(&second(95.0, 0));
        assert!(light.has_come_on() && !light.has_come_on());
    }

    #[test]
    fn a_room_that_stays_dim_is_what_it_is() {
        let mut light = Light::default();
        light.visibility(&second(100.0, 8));
        let seen: Vec<f64> = (0..7200).map(|_| light.visibility(&second(40.0, 3))).collect();
        assert!(seen[0] < 0.5 && seen[7199] > 0.95, "{} {}", seen[0], seen[7199]);
    }
}
