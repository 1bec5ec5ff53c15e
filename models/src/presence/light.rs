//! How well small movements are seen in the light there is: whoever sits on when the lamps go off moves as before, by a
//! fifth of the grey levels, and encoders leave that out.

use super::second::SecondEvidence;
use serde::{Deserialize, Serialize};

/// From this share of the light in which people moved on, they are seen as well as then; below, the share of their movements
/// that is seen falls with its fourth power. Measured on made rooms whose lamps go off, of a quarter and of nearly half the light:
/// of a clerk's movements one in twenty or forty is seen, because encoders leave out what is small.
const AS_GOOD: f64 = 0.75;
const VISIBILITY_MIN: f64 = 0.02;
/// It got dark below the first, and light again from the second on.
const DARK: f64 = 0.3;
const LIT: f64 = 0.8;

/// What the light shows.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Light {
    visibility: f64,
    was_dark: bool,
}

impl Default for Light {
    fn default() -> Self {
        Self { visibility: 1.0, was_dark: false }
    }
}

impl Light {
    /// Takes a second; the share of small movements that would be seen in it, 0..1.
    pub(super) fn visibility(&mut self, evidence: &SecondEvidence) -> f64 {
        let light = f64::from(evidence.light);
        if light > 0.0 {
            self.visibility = (light / AS_GOOD).powi(4).clamp(VISIBILITY_MIN, 1.0);
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

    fn second(light: f32) -> SecondEvidence {
        SecondEvidence { light, ..SecondEvidence::default() }
    }

    #[test]
    fn the_dark_hides_and_light_shows_again() {
        let mut light = Light::default();
        assert_eq!(light.visibility(&second(0.8)), 1.0);
        let dark = light.visibility(&second(0.45));
        assert!((dark - 0.1296).abs() < 1e-6, "{dark}");
        assert!(!light.has_come_on());
        assert_eq!(light.visibility(&second(0.0)), dark, "not looked at");
        light.visibility(&second(0.95));
        assert!(light.has_come_on() && !light.has_come_on());
    }
}
