//! Sightings: people that something else saw, a person detector one day, beside what movement tells. None is needed,
//! and without any all rows are as if this module did not exist.
//!
//! A sighting adds to a second's log-likelihood ratio for presence, on the cautious side: detectors overstate their
//! confidence and repeat a mistake frame after frame. So their confidence is believed to nine tenths, and a second's
//! weight is that of its best box, never the sum: at most ln 19, 2.9 nats. That decides where movement leaves it open
//! (somebody who has been still for minutes, a second that light disturbed), and does not outweigh a view in which
//! nothing moves and nothing differs from the background. A look without a box says nothing: people with their backs
//! to the lens are missed for minutes. The number of boxes is a lower bound of the number of people.

use crate::people::People;
use crate::settings::Polygon;
use crate::time::UtcMicros;
use serde::{Deserialize, Serialize};

/// Share of a detector's confidence that is believed; the rest is a coin's toss.
const BELIEF: f32 = 0.9;

/// People that were seen at a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// When.
    pub at: UtcMicros,
    /// One box a person.
    pub boxes: Vec<SeenBox>,
}

/// A person's box, corners as fractions of the picture's width and height, from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeenBox {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Bottom edge: where the person stands or the picture ends.
    pub y1: f32,
    /// How sure the detector is that it is a person, 0..1.
    pub confidence: f32,
}

/// What the sightings of one second say about one zone. The default says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Weight for presence, nats, from 0 to ln 19.
    pub llr: f32,
    /// Most boxes more likely true than not at one moment: people that were there at least.
    pub people: u16,
}

impl SeenBox {
    /// True if the person is in the zone: the middle of the body, for the feet are often hidden by a desk. A box that is
    /// no box (not finite, turned round, beyond the picture) is in none.
    fn is_in(&self, zone: Option<&Polygon>) -> bool {
        let is_box = 0.0 <= self.x0 && self.x0 < self.x1 && self.x1 <= 1.0;
        let is_box = is_box && 0.0 <= self.y0 && self.y0 < self.y1 && self.y1 <= 1.0;
        let middle = [(self.x0 + self.x1) / 2.0, (self.y0 + self.y1) / 2.0];
        is_box && zone.is_none_or(|zone| zone.contains(middle[0], middle[1]))
    }

    /// True if one of the masks covers it: nothing may be told of what is masked.
    fn is_masked(&self, masks: &[Polygon]) -> bool {
        masks.iter().any(|mask| self.is_in(Some(mask)))
    }
}

impl Seen {
    /// What a sighting says about a zone; `None` is the whole view.
    pub fn of(sighting: &Sighting, zone: Option<&Polygon>, masks: &[Polygon]) -> Self {
        let own = || sighting.boxes.iter().filter(|seen| seen.is_in(zone) && !seen.is_masked(masks));
        Self {
            llr: own().map(|seen| llr(seen.confidence)).fold(0.0, f32::max),
            people: own().filter(|seen| llr(seen.confidence) > 0.0).count() as u16,
        }
    }

    /// Takes another moment of the same second: the best of both, never the sum.
    pub fn add(&mut self, other: Self) {
        self.llr = self.llr.max(other.llr);
        self.people = self.people.max(other.people);
    }
}

/// Weight of a box of this confidence, nats for somebody: from 0 at one half to ln 19 at 1. Less than a half, and what
/// is no number, says nothing.
pub fn llr(confidence: f32) -> f32 {
    if confidence.is_nan() {
        return 0.0;
    }
    let believed = 0.5 + BELIEF * (confidence.clamp(0.0, 1.0) - 0.5);
    (believed / (1.0 - believed)).ln().max(0.0)
}

/// An estimate of people raised to the mean number of boxes, if boxes were seen and somebody is said to be there. What
/// is unknown becomes known, with the interval that counts without labels have: half to one and a half times, and one.
pub fn at_least(people: Option<People>, boxes: f32) -> Option<People> {
    if boxes < 1.0 {
        return people;
    }
    match people {
        Some(nobody) if nobody.estimate == 0.0 => people,
        Some(known) => {
            let estimate = known.estimate.max(boxes);
            Some(People { estimate, high: known.high.max(estimate.ceil()), ..known })
        }
        None => Some(People { estimate: boxes, low: (boxes * 0.5).floor().max(1.0), high: (boxes * 1.5).ceil() + 1.0 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(x0: f32, x1: f32, confidence: f32) -> SeenBox {
        SeenBox { x0, y0: 0.2, x1, y1: 0.8, confidence }
    }

    fn at(boxes: Vec<SeenBox>) -> Sighting {
        Sighting { at: UtcMicros(0), boxes }
    }

    fn left() -> Polygon {
        Polygon { corners: vec![[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]] }
    }

    #[test]
    fn the_weight_rises_with_confidence_to_its_end() {
        let weights: Vec<f32> = (0..=100).map(|step| llr(step as f32 / 100.0)).collect();
        assert!(weights.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!((weights[0], weights[50]), (0.0, 0.0));
        assert!((weights[100] - 19f32.ln()).abs() < 1e-4, "{}", weights[100]);
        assert_eq!((llr(f32::NAN), llr(7.0), llr(-1.0)), (0.0, weights[100], 0.0));
    }

    #[test]
    fn a_box_counts_where_its_middle_is_and_masks_hide_it() {
        let two = at(vec![seen(0.1, 0.3, 0.9), seen(0.55, 0.9, 0.7), seen(0.6, 0.8, 0.3)]);
        let view = Seen::of(&two, None, &[]);
        assert_eq!(view, Seen { llr: llr(0.9), people: 2 });
        assert_eq!(Seen::of(&two, Some(&left()), &[]), Seen { llr: llr(0.9), people: 1 });
        assert_eq!(Seen::of(&two, None, &[left()]), Seen { llr: llr(0.7), people: 1 });
        assert_eq!(Seen::of(&two, Some(&left()), &[left()]), Seen::default());
    }

    #[test]
    fn what_is_no_box_says_nothing() {
        for (x0, x1) in [(0.3, 0.1), (f32::NAN, 0.5), (0.5, 1.5), (-0.1, 0.5)] {
            assert_eq!(Seen::of(&at(vec![seen(x0, x1, 0.9)]), None, &[]), Seen::default());
        }
    }

    #[test]
    fn many_looks_in_one_second_weigh_no_more_than_the_best() {
        let mut second = Seen::default();
        for confidence in [0.6, 0.8, 0.7] {
            second.add(Seen::of(&at(vec![seen(0.1, 0.3, confidence)]), None, &[]));
        }
        assert_eq!(second, Seen { llr: llr(0.8), people: 1 });
    }

    #[test]
    fn boxes_raise_an_estimate_and_never_lower_it() {
        let two = People { estimate: 2.0, low: 1.0, high: 4.0 };
        assert_eq!(at_least(Some(two), 0.0), Some(two));
        assert_eq!(at_least(Some(two), 1.0), Some(two));
        assert_eq!(at_least(Some(two), 4.5), Some(People { estimate: 4.5, low: 1.0, high: 5.0 }));
        let nobody = People { estimate: 0.0, low: 0.0, high: 0.0 };
        assert_eq!(at_least(Some(nobody), 3.0), Some(nobody));
        assert_eq!(at_least(None, 0.4), None);
        assert_eq!(at_least(None, 3.0), Some(People { estimate: 3.0, low: 1.0, high: 6.0 }));
    }
}
