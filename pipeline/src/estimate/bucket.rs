//! One interval being filled.

use pantau_models::activity;
use pantau_models::evidence::Evidence;
use pantau_models::ids::{Place, ZoneId};
use pantau_models::people::{self, People};
use pantau_models::record::{CELLS, Observation, Quality};
use pantau_models::sighting;
use pantau_models::time::{Interval, US_PER_S, UtcMicros};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Sums over one interval.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Bucket {
    seen_us: i64,
    quality: Quality,
    samples: u32,
    held_us: i64,
    luma: f64,
    cells: Vec<f64>,
    zones: Vec<ZoneSums>,
    counted: CountSums,
}

/// Sums of one zone, samples weighted by the time for which they speak.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct ZoneSums {
    moving: f64,
    moving_peak: f32,
    active_us: i64,
    score: f64,
    presence: f64,
    seconds: u32,
    /// With something that lives in the zone.
    live_us: i64,
    /// ... and is plainly one person.
    alone_us: i64,
    /// People sighted, and the seconds with sightings.
    boxes: f64,
    boxes_seconds: u32,
}

/// Sums of counted seconds of the whole view.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct CountSums {
    seconds: u32,
    estimate: f64,
    low: f64,
    high: f64,
}

/// Of the time with something alive, what must be plainly one person for the interval to say so.
const ALONE_SHARE: f64 = 0.8;

impl Bucket {
    pub(super) fn new(zones: usize) -> Self {
        Self {
            seen_us: 0,
            quality: Quality::empty(),
            samples: 0,
            held_us: 0,
            luma: 0.0,
            cells: vec![0.0; CELLS],
            zones: vec![ZoneSums::default(); zones],
            counted: CountSums::default(),
        }
    }

    pub(super) fn see(&mut self, seen_us: i64, quality: Quality) {
        self.seen_us += seen_us;
        self.quality.insert(quality);
    }

    /// Takes back time that was told as seen.
    pub(super) fn unsee(&mut self, seen_us: i64) {
        self.seen_us = (self.seen_us - seen_us).max(0);
    }

    /// Quiet time that no sample of its own shows.
    pub(super) fn pass_over(&mut self, luma: f32, time_us: i64) {
        self.held_us += time_us;
        self.luma += time_us as f64 * f64::from(luma);
    }

    /// A sample was taken in it.
    pub(super) fn take(&mut self, evidence: &Evidence) {
        self.samples += 1;
        self.quality.insert(evidence.quality);
        for (sums, shown) in self.zones.iter_mut().zip(&evidence.zones) {
            sums.moving_peak = sums.moving_peak.max(shown.moving);
        }
    }

    /// For this much of it a sample speaks, its own or one near its border.
    pub(super) fn hold(&mut self, evidence: &Evidence, holds_us: i64) {
        let weight = holds_us as f64;
        self.held_us += holds_us;
        self.luma += weight * f64::from(evidence.luma);
        for (sum, cell) in self.cells.iter_mut().zip(evidence.cells) {
            *sum += weight * f64::from(cell);
        }
        for (sums, shown) in self.zones.iter_mut().zip(&evidence.zones) {
            sums.moving += weight * f64::from(shown.moving);
            sums.score += weight * f64::from(activity::score(shown.intensity));
            if shown.cluster > 0 {
                sums.active_us += holds_us;
            }
            if shown.live > 0.0 || shown.cluster > 0 {
                sums.live_us += holds_us;
            }
        }
    }

    /// In this much of it what moves in the zone is plainly one person.
    pub(super) fn hold_alone(&mut self, zone: usize, held_us: i64) {
        self.zones[zone].alone_us += held_us;
    }

    /// A second of the whole view is counted.
    pub(super) fn count(&mut self, people: &People) {
        self.counted.seconds += 1;
        self.counted.estimate += f64::from(people.estimate);
        self.counted.low += f64::from(people.low);
        self.counted.high += f64::from(people.high);
    }

    /// The mean count of a zone; only the whole view, which is the first, is counted.
    fn counted(&self, zone: usize) -> Option<People> {
        let CountSums { seconds, estimate, low, high } = self.counted;
        let mean = |sum: f64| (sum / f64::from(seconds)) as f32;
        (zone == 0 && seconds > 0).then(|| People { estimate: mean(estimate), low: mean(low), high: mean(high) })
    }

    /// A second of it is final.
    pub(super) fn settle(&mut self, zone: usize, presence: f32) {
        self.zones[zone].presence += f64::from(presence);
        self.zones[zone].seconds += 1;
    }

    /// People were sighted in a second of it.
    pub(super) fn sighted(&mut self, zone: usize, people: u16) {
        self.zones[zone].boxes += f64::from(people);
        self.zones[zone].boxes_seconds += 1;
    }

    /// Its row; `None` if no sample speaks for it: then nothing can be said, and what was seen of it is too short to
    /// matter (less than the time between two samples).
    pub(super) fn observation(
        &self,
        zone: usize,
        start: UtcMicros,
        interval: Interval,
        place: &Arc<Place>,
        id: &ZoneId,
    ) -> Option<Observation> {
        if self.held_us == 0 || self.seen_us == 0 {
            return None;
        }
        let sums = &self.zones[zone];
        let mean = |sum: f64, weight: f64| if weight > 0.0 { (sum / weight) as f32 } else { 0.0 };
        let held = self.held_us as f64;
        let presence = mean(sums.presence, f64::from(sums.seconds));
        let is_alone = sums.alone_us > 0 && sums.alone_us as f64 >= ALONE_SHARE * sums.live_us as f64;
        let people = people::estimate(presence, self.counted(zone), is_alone);
        let people = sighting::at_least(people, mean(sums.boxes, f64::from(sums.boxes_seconds)));
        let seen_s = (self.seen_us as f64 / US_PER_S as f64).min(interval.length_s());
        let mut cells = [0u8; CELLS];
        for (cell, sum) in cells.iter_mut().zip(&self.cells) {
            *cell = mean(*sum, held).round().clamp(0.0, 255.0) as u8;
        }
        Some(Observation {
            start,
            duration_s: interval.length_s() as f32,
            place: place.clone(),
            zone: id.clone(),
            observed_s: seen_s as f32,
            samples: self.samples,
            motion: mean(sums.moving, held),
            motion_peak: sums.moving_peak,
            active_s: (sums.active_us as f64 / US_PER_S as f64).min(seen_s) as f32,
            activity: 100.0 * mean(sums.score, held),
            presence,
            people: people.map(|people| people.estimate),
            people_low: people.map(|people| people.low),
            people_high: people.map(|people| people.high),
            luma: mean(self.luma, held),
            quality: self.quality,
            cells,
        })
    }
}
