//! What is really so in a scene: who is in view when, and when lamps were switched.

use crate::spec::LampSwitch;
use serde::{Deserialize, Serialize};

/// One person in view, from coming in to going out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stay {
    /// Index in the scene's people.
    pub person: usize,
    /// First second in view.
    pub enter_s: f64,
    /// First second out of view.
    pub leave_s: f64,
}

/// A person's whole body in the picture, hidden parts included, cut at the picture's edges.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonBox {
    /// Index in the scene's people.
    pub person: usize,
    /// Left edge, pixels.
    pub x: f32,
    /// Top edge, pixels.
    pub y: f32,
    /// Width, pixels.
    pub width: f32,
    /// Height, pixels.
    pub height: f32,
}

/// The truth of a scene. In view means: at least a quarter of the body's limbs is in the picture and not behind a
/// wall or furniture; found to a tenth of a second. A stay runs from the first such moment of a visit to the last: who
/// bends behind a screen for a second doesn't leave. Things and what moves by itself are never people.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Length of the scene, seconds.
    pub duration_s: f64,
    /// Everybody's stays, in order of entering; cut to the scene's length.
    pub stays: Vec<Stay>,
    /// Lamp switches.
    pub switches: Vec<LampSwitch>,
}

impl Truth {
    /// People in view at a time.
    pub fn people_in_view(&self, t_s: f64) -> u32 {
        let here = |stay: &&Stay| (stay.enter_s..stay.leave_s).contains(&t_s);
        self.stays.iter().filter(here).count() as u32
    }

    /// Spans in which somebody is in view, `(enter_s, leave_s)`, apart and in order.
    pub fn presence(&self) -> Vec<(f64, f64)> {
        let mut spans: Vec<(f64, f64)> = Vec::new();
        for stay in &self.stays {
            match spans.last_mut() {
                Some(last) if stay.enter_s <= last.1 => last.1 = last.1.max(stay.leave_s),
                _ => spans.push((stay.enter_s, stay.leave_s)),
            }
        }
        spans
    }

    /// People in view in the middle of every second of the scene.
    pub fn per_second(&self) -> Vec<u32> {
        (0..self.duration_s.ceil() as u32).map(|second| self.people_in_view(f64::from(second) + 0.5)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_that_touch_are_one_presence() {
        let stay = |person, enter_s, leave_s| Stay { person, enter_s, leave_s };
        let truth = Truth {
            duration_s: 30.0,
            stays: vec![stay(0, 1.0, 10.0), stay(1, 5.0, 7.0), stay(1, 10.0, 12.0), stay(0, 20.0, 30.0)],
            switches: Vec::new(),
        };
        assert_eq!(truth.presence(), [(1.0, 12.0), (20.0, 30.0)]);
        assert_eq!(truth.people_in_view(6.0), 2);
        assert_eq!(truth.per_second()[4..13], [1, 2, 2, 1, 1, 1, 1, 1, 0]);
    }
}
