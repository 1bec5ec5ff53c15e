//! Seconds that add up: over slots, days, rooms, groups. Shares are taken only at the end, never averaged.

use super::timeline::{Slot, Timeline};
use super::{Kpi, PRESENT_MIN};
use crate::record::{Gap, GapReason};
use crate::time::Span;
use std::ops::AddAssign;

/// Weighted seconds of some asked time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Seconds asked about.
    pub asked_s: f64,
    /// Seconds seen.
    pub observed_s: f64,
    /// Seconds seen, each times its probability that somebody was there. As the probability is calibrated, this is the
    /// best estimate of the occupied time, and right for intervals of which somebody was there for a part.
    pub occupied_s: f64,
    /// Seconds of the slots in which somebody is more likely there than not (presence >= 0.5).
    pub present_s: f64,
    /// Seconds seen in which the number of people is known.
    pub people_known_s: f64,
    /// People times seconds.
    pub people_s: f64,
    /// Largest estimated number of people.
    pub people_peak: Option<f32>,
    /// Activity times seconds.
    pub activity_s: f64,
    /// Rows behind it.
    pub rows: u64,
}

/// From this estimate on there is somebody.
const SOMEBODY_MIN: f32 = 0.5;
/// Of rooms that nobody enters, 0.02 to 0.2 % of the time adds up to be occupied (13 made clips of ten minutes).
const EMPTY_SHARE_MAX: f64 = 0.01;

impl Sums {
    /// What `timeline` tells about the asked spans.
    pub fn of(timeline: &Timeline, asked: &[Span]) -> Self {
        let mut sums = Self::default();
        for span in asked {
            sums.asked_s += span.seconds();
            timeline.within(*span).for_each(|slot| sums.add_slot(&slot));
        }
        sums
    }

    fn add_slot(&mut self, slot: &Slot) {
        let observed_s = slot.observed_s;
        self.observed_s += observed_s;
        self.occupied_s += observed_s * f64::from(slot.presence);
        self.present_s += if slot.presence >= PRESENT_MIN { observed_s } else { 0.0 };
        self.activity_s += observed_s * f64::from(slot.activity);
        self.rows += u64::from(slot.rows);
        if let Some(people) = slot.people {
            self.people_known_s += observed_s;
            self.people_s += observed_s * f64::from(people.mean);
            self.people_peak = Some(self.people_peak.map_or(people.mean, |peak| peak.max(people.mean)));
        }
    }

    /// Share of the asked time that was seen; `None` if nothing was asked.
    pub fn observed_share(&self) -> Option<f64> {
        (self.asked_s > 0.0).then(|| (self.observed_s / self.asked_s).clamp(0.0, 1.0))
    }

    /// Occupied share of the seen time.
    pub fn occupied(&self, reason: Option<GapReason>) -> Kpi {
        self.kpi(self.occupied_s, self.observed_s, reason)
    }

    /// Mean number of people over the time in which it is known; unknown if that is none of the time with somebody there.
    pub fn people_mean(&self, reason: Option<GapReason>) -> Kpi {
        self.kpi(self.people_s, self.people_told_s(), reason)
    }

    /// Largest number of people at any time in which it is known; unknown if that is none of the time with somebody there.
    pub fn people_max(&self, reason: Option<GapReason>) -> Kpi {
        let (peak, known_s) = (self.most_people().map_or(0.0, f64::from), self.people_told_s());
        self.kpi(peak * known_s, known_s, reason)
    }

    /// True if nobody was there in any of the time seen: neither likely at any time, nor for a share of it worth telling.
    pub fn is_empty(&self) -> bool {
        self.present_s <= 0.0 && self.occupied_s <= EMPTY_SHARE_MAX * self.observed_s
    }

    /// Largest number of people, of however short a time it is known; `None` if it is known of empty time alone though
    /// somebody was there: "at most nobody" beside "somebody half of the time" would be false.
    pub fn most_people(&self) -> Option<f32> {
        self.people_peak.filter(|peak| self.is_empty() || *peak >= SOMEBODY_MIN)
    }

    /// Seconds in which the number of people is known, if that tells anything.
    fn people_told_s(&self) -> f64 {
        self.most_people().map_or(0.0, |_| self.people_known_s)
    }

    /// Mean activity over the seen time.
    pub fn activity_mean(&self, reason: Option<GapReason>) -> Kpi {
        self.kpi(self.activity_s, self.observed_s, reason)
    }

    fn kpi(&self, weighted: f64, known_s: f64, reason: Option<GapReason>) -> Kpi {
        let share = if self.asked_s > 0.0 { (known_s / self.asked_s).clamp(0.0, 1.0) } else { 0.0 };
        Kpi::new((known_s > 0.0).then(|| weighted / known_s), share, self.rows, reason)
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.asked_s += other.asked_s;
        self.observed_s += other.observed_s;
        self.occupied_s += other.occupied_s;
        self.present_s += other.present_s;
        self.people_known_s += other.people_known_s;
        self.people_s += other.people_s;
        self.people_peak = match (self.people_peak, other.people_peak) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        self.activity_s += other.activity_s;
        self.rows += other.rows;
    }
}

/// Seconds of unseen time by the reason that a gap row gives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Unseen {
    by_reason_s: [f64; GapReason::ALL.len()],
}

impl Unseen {
    /// The reasons for the `unseen` spans, which are in order. Gaps of several cameras may overlap: they only weigh
    /// reasons against each other.
    pub fn of(unseen: &[Span], gaps: &[Gap]) -> Self {
        let mut sums = Self::default();
        for gap in gaps {
            let index = GapReason::ALL.iter().position(|reason| *reason == gap.reason).unwrap_or(0);
            let first = unseen.partition_point(|span| span.end <= gap.span.start);
            let touched = unseen[first..].iter().take_while(|span| span.start < gap.span.end);
            let shared = touched.filter_map(|span| span.intersection(&gap.span));
            sums.by_reason_s[index] += shared.map(|span| span.seconds()).sum::<f64>();
        }
        sums
    }

    /// The reason with the most seconds; `None` if no gap row tells one.
    pub fn dominant(&self) -> Option<GapReason> {
        let pairs = GapReason::ALL.into_iter().zip(self.by_reason_s).filter(|(_, seconds)| *seconds > 0.0);
        pairs.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(reason, _)| reason)
    }
}

impl AddAssign for Unseen {
    fn add_assign(&mut self, other: Self) {
        self.by_reason_s.iter_mut().zip(other.by_reason_s).for_each(|(sum, seconds)| *sum += seconds);
    }
}
