//! How many people: an estimate with its interval, or nothing where it can't be known.
//!
//! Without labels of the camera, each moving blob counts as many as the usual mover's area goes into its own. Crowds
//! hide one another, so the interval is wide on purpose: from half the estimate to one and a half times it and one
//! more. On labelled outdoor footage such counts are no better than always saying the median; they say how full a room
//! is, not how many badges passed.

/// Estimate and 90 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct People {
    /// Estimated number.
    pub estimate: f32,
    /// Lower end.
    pub low: f32,
    /// Upper end.
    pub high: f32,
}

/// Below this presence nobody is counted, though the interval keeps the doubt.
const SOMEBODY: f32 = 0.5;
/// Presence nearer to 0 or 1 than this leaves no doubt.
const DOUBT: f32 = 0.05;

/// From the mean presence of an interval (0..1) and the mean number of movers while somebody was there. `None` if
/// somebody is there and the usual size of movers is not known.
pub fn estimate(presence: f32, movers: f32, movers_known: bool) -> Option<People> {
    if presence < SOMEBODY {
        let high = if presence > DOUBT { 1.0 } else { 0.0 };
        return Some(People { estimate: 0.0, low: 0.0, high });
    }
    if !movers_known {
        return None;
    }
    let estimate = movers.max(1.0);
    let low = if presence < 1.0 - DOUBT { 0.0 } else { (estimate * 0.5).floor().max(1.0) };
    Some(People { estimate, low, high: (estimate * 1.5).ceil() + 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_holds_the_estimate_and_doubt_holds_nobody() {
        for presence in [0.0, 0.2, 0.6, 1.0] {
            for movers in [0.0, 1.0, 2.5, 12.0] {
                let people = estimate(presence, movers, true).unwrap();
                assert!(people.low <= people.estimate && people.estimate <= people.high, "{people:?}");
            }
        }
        assert_eq!(estimate(0.7, 3.0, true).unwrap().low, 0.0);
        assert_eq!(estimate(0.9, 3.0, false), None);
    }
}
