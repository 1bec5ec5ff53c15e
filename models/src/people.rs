//! How many people: an estimate with its interval, or nothing where it can't be known.
//!
//! With labels of the camera ([`Calibration`]) a regression from what differs from the background counts the whole
//! view. Without, only nobody and one person are ever said: movers' sizes tell how large a person is where people walk
//! apart, but counts made of them were wrong by 2.3 (of 2 to 8 people outdoors) and by 12 (of 14 to 46 in a made
//! crowd), twice the error of always saying the median. So more than one is unknown, not guessed.

mod calibration;
mod ridge;
mod smooth;

pub use calibration::{Calibration, Fit, FitError, LABELS_MIN, Labelled};
pub use smooth::{Moment, Smooth};

use serde::{Deserialize, Serialize};

/// Estimate and 90 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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
/// From this estimate on a calibrated count outweighs a presence that says nobody.
const PLAINLY_THERE: f32 = 1.0;

/// From the mean presence of an interval (0..1), the mean of its calibrated counts, and whether what moved in it was
/// plainly one person alone. `None` if somebody is there and nothing tells how many.
pub fn estimate(presence: f32, counted: Option<People>, is_alone: bool) -> Option<People> {
    let is_somebody = presence >= SOMEBODY;
    match counted {
        Some(people) if is_somebody || people.low >= PLAINLY_THERE => Some(people),
        _ if !is_somebody => {
            let high = if presence > DOUBT { 1.0 } else { 0.0 };
            Some(People { estimate: 0.0, low: 0.0, high: counted.map_or(high, |people| people.high.max(high)) })
        }
        _ if is_alone => {
            let low = if presence < 1.0 - DOUBT { 0.0 } else { 1.0 };
            Some(People { estimate: 1.0, low, high: 2.0 })
        }
        _ => None,
    }
}

/// Whether a zone is one where people come one at a time: then a single mover of usual size is one person, and not a
/// group that walks as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Company {
    alone_s: f64,
    together_s: f64,
}

/// What was seen fades with this time constant, seconds.
const MEMORY_S: f64 = 900.0;
/// Movers that amount to more than this are not one person.
const ONE_MOVER: f32 = 1.5;
/// One person alone must have been seen for so long, seconds ...
const ALONE_S_MIN: f64 = 10.0;
/// ... and several for less than this share of it.
const TOGETHER_SHARE: f64 = 0.1;

impl Company {
    /// Takes what moves for `held_s`: `movers` in usual sizes, nothing if the usual size is not known. True if it is
    /// plainly one person.
    pub fn follow(&mut self, movers: Option<f32>, held_s: f64) -> bool {
        let Some(movers) = movers.filter(|movers| *movers > 0.0) else { return false };
        let is_one = movers <= ONE_MOVER;
        let kept = (1.0 - held_s / MEMORY_S).max(0.0);
        let (alone_s, together_s) = if is_one { (held_s, 0.0) } else { (0.0, held_s) };
        self.alone_s = self.alone_s * kept + alone_s;
        self.together_s = self.together_s * kept + together_s;
        is_one && self.alone_s >= ALONE_S_MIN && self.together_s <= TOGETHER_SHARE * self.alone_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_labels_nobody_and_one_are_said_and_more_is_unknown() {
        assert_eq!(estimate(0.01, None, true), Some(People { estimate: 0.0, low: 0.0, high: 0.0 }));
        assert_eq!(estimate(0.3, None, false).unwrap().high, 1.0);
        assert_eq!(estimate(0.99, None, true), Some(People { estimate: 1.0, low: 1.0, high: 2.0 }));
        assert_eq!(estimate(0.6, None, true).unwrap().low, 0.0);
        assert_eq!(estimate(0.99, None, false), None);
    }

    #[test]
    fn a_calibrated_count_stands_where_somebody_is_or_where_it_leaves_no_doubt() {
        let few = People { estimate: 1.5, low: 0.0, high: 3.0 };
        let many = People { estimate: 20.0, low: 15.0, high: 25.0 };
        assert_eq!(estimate(0.9, Some(few), true), Some(few));
        assert_eq!(estimate(0.1, Some(many), false), Some(many));
        assert_eq!(estimate(0.1, Some(few), false), Some(People { estimate: 0.0, low: 0.0, high: 3.0 }));
    }

    #[test]
    fn one_mover_is_one_person_only_where_people_come_alone() {
        let mut company = Company::default();
        let lone = (0..100).filter(|_| company.follow(Some(1.0), 0.2)).count();
        assert!((45..=51).contains(&lone), "only after ten seconds: {lone}");
        assert!(!company.follow(Some(2.4), 0.2) && !company.follow(None, 0.2) && !company.follow(Some(0.0), 0.2));
        assert!(company.follow(Some(1.2), 0.2), "two who met for a moment");
        for _ in 0..100 {
            company.follow(Some(3.0), 0.2);
        }
        assert!(!company.follow(Some(1.0), 0.2), "a group that walks as one looks like this");
    }
}
