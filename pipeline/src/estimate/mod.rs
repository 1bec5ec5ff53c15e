//! Rooms and time, never pixels: a camera's evidence, in order, becomes rows.
//!
//! The [`Estimator`] is told what was seen (spans between frames), what was not (gaps) and what each sample showed. A
//! row is given out once its seconds are final: [`pantau_models::presence::LAG_S`] later, or at the end of the stream.
//! It goes on across recordings; its state can be stored and taken up again to the bit.

mod bucket;
mod counting;
mod episode;
mod sightings;

use bucket::Bucket;
use counting::Counting;
use episode::{MotionEpisode, PresenceEpisode};
use pantau_models::evidence::{Evidence, ZoneEvidence};
use pantau_models::ids::{Place, ZoneId};
use pantau_models::people::{Company, People};
use pantau_models::presence::{FinalSecond, LAG_S, Presence, SecondEvidence};
use pantau_models::record::{Event, Gap, GapReason, Observation, Quality};
use pantau_models::settings::{Analysis, Effort};
use pantau_models::sighting::Seen;
use pantau_models::time::{Interval, Span, US_PER_S, UtcMicros};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// A sample speaks for the time until the next one if that comes within this time, microseconds.
pub const SAMPLE_HOLDS_US: i64 = US_PER_S;
/// Quiet time that was not decoded lasts no longer, microseconds: cameras that spare bits send a key frame in 20 s.
const SKIPPED_US_MAX: i64 = 21 * US_PER_S;
/// ... and for this long if none follows.
const LAST_SAMPLE_HOLDS_US: i64 = US_PER_S / 5;
/// A pause shorter than this between recordings, or between two runs of a worker, gets no row of its own, microseconds:
/// recorders round the times of their files.
pub const GAP_US_MIN: i64 = US_PER_S;
/// Other unseen time gets none if it is shorter than this, microseconds: a frame of a slow camera.
pub const UNSEEN_US_MIN: i64 = FRAME_US;
/// A frame speaks for the time until the next one if that comes within this time, microseconds; cameras that send one
/// picture a second when nothing moves are normal, and some slow to one in two.
pub const FRAME_HOLDS_US: i64 = 2 * US_PER_S + US_PER_S / 10;
/// Length of a frame if nothing tells it, microseconds.
pub const FRAME_US: i64 = 200_000;

/// Rows that are final.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    /// By zone within each interval, intervals in time order.
    pub observations: Vec<Observation>,
    /// In the order in which they ended.
    pub events: Vec<Event>,
    /// In time order.
    pub gaps: Vec<Gap>,
}

impl Rows {
    /// Puts `later` behind these.
    pub fn append(&mut self, mut later: Self) {
        self.observations.append(&mut later.observations);
        self.events.append(&mut later.events);
        self.gaps.append(&mut later.gaps);
    }

    /// True if there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.observations.is_empty() && self.events.is_empty() && self.gaps.is_empty()
    }
}

/// Rows of one camera.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Estimator {
    place: Arc<Place>,
    interval: Interval,
    /// Longest time between two samples in which nothing happened; 0 if everything is decoded.
    skipped_us_max: i64,
    zones: Vec<ZoneLine>,
    counting: Counting,
    buckets: BTreeMap<UtcMicros, Bucket>,
    waiting: Option<Waiting>,
    /// By second, for each zone; taken once the second's last sample is known.
    sightings: BTreeMap<i64, Vec<Seen>>,
    rows: Rows,
    /// Seconds before this one are final.
    final_until: i64,
}

/// A sample that waits for the next one, which tells for how long it speaks.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Waiting {
    evidence: Evidence,
    /// Since the sample before, microseconds; 0 if there was none.
    step_us: i64,
    /// Before its own time it speaks for this long, microseconds.
    back_us: i64,
}

/// One zone's estimators.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct ZoneLine {
    id: ZoneId,
    second: Option<(i64, SecondEvidence)>,
    presence: Presence,
    company: Company,
    last_second: Option<i64>,
    staying: Option<PresenceEpisode>,
    moving: Option<MotionEpisode>,
}

impl Estimator {
    /// Of a camera that nothing is known of yet.
    pub fn new(place: Arc<Place>, analysis: &Analysis) -> Self {
        let ids = std::iter::once(ZoneId::room()).chain(analysis.zones.iter().map(|zone| zone.id.clone()));
        let zones = ids.map(ZoneLine::new).collect();
        Self {
            place,
            interval: analysis.interval,
            skipped_us_max: if analysis.effort == Effort::Full { 0 } else { SKIPPED_US_MAX },
            zones,
            counting: Counting::new(analysis.people.clone()),
            buckets: BTreeMap::new(),
            waiting: None,
            sightings: BTreeMap::new(),
            rows: Rows::default(),
            final_until: i64::MIN,
        }
    }

    /// Whose rows these are.
    pub fn place(&self) -> &Arc<Place> {
        &self.place
    }

    /// Frames covered `span`; `quality` holds what is known of it beside the samples' own.
    pub fn seen(&mut self, span: Span, quality: Quality) {
        for (start, time_us) in self.by_interval(span) {
            self.bucket(start).see(time_us, quality);
        }
    }

    /// Takes back that frames covered `span`: what they showed is lost.
    pub fn unsee(&mut self, span: Span) {
        for (start, time_us) in self.by_interval(span) {
            if let Some(bucket) = self.buckets.get_mut(&start) {
                bucket.unsee(time_us);
            }
        }
    }

    /// The span cut at the borders of the intervals: which one, and how much of the span is in it.
    fn by_interval(&self, span: Span) -> impl Iterator<Item = (UtcMicros, i64)> + use<> {
        let (interval, mut from) = (self.interval, span.start);
        std::iter::from_fn(move || {
            let start = interval.start_of(from);
            let to = span.end.min(start.plus_us(interval.length_us()));
            let time_us = to.0 - std::mem::replace(&mut from, to).0;
            (time_us > 0).then_some((start, time_us))
        })
    }

    /// Nothing was seen for `span`, which gets a row however short it is.
    pub fn unseen(&mut self, span: Span, reason: GapReason, detail: &str) {
        if span.end > span.start {
            self.rows.gaps.push(Gap { span, place: self.place.clone(), reason, detail: detail.to_owned() });
        }
    }

    /// What a sample showed; samples come in time order.
    pub fn observe(&mut self, evidence: Evidence) {
        let Some(waiting) = self.waiting.take() else {
            self.waiting = Some(Waiting { evidence, step_us: 0, back_us: 0 });
            return;
        };
        let next_at = evidence.at;
        let step_us = (next_at.0 - waiting.evidence.at.0).max(0);
        let is_near = step_us <= SAMPLE_HOLDS_US;
        let holds_us = if is_near { step_us } else { LAST_SAMPLE_HOLDS_US };
        // Each side of a hole speaks for its half: who comes or goes meanwhile shows at one of them.
        let is_hole = self.skipped_us_max > 0 && is_near && waiting.step_us > 0 && step_us > 2 * waiting.step_us;
        let back_us = if is_hole { step_us / 2 } else { 0 };
        self.take(&waiting, holds_us, back_us);
        if !is_near && step_us <= self.skipped_us_max {
            self.pass_over(&waiting.evidence, next_at);
        }
        self.waiting = Some(Waiting { evidence, step_us, back_us });
    }

    /// Chance that somebody is in the view, or in some zone, as far as seconds are whole; what comes later may change
    /// it.
    pub fn chance_of_somebody(&self) -> f32 {
        self.zones.iter().map(|zone| zone.presence.now()).fold(0.0, f32::max)
    }

    /// The last span in which that chance stayed below `chance`, up to where it is known: empty if it was not at its end.
    /// `None` while nothing is known.
    pub fn unlikely(&self, chance: f32) -> Option<Range<UtcMicros>> {
        let spans = self.zones.iter().map(|zone| zone.presence.unlikely(chance));
        let common = |a: Range<i64>, b: Range<i64>| a.start.max(b.start)..a.end.min(b.end);
        let seconds = spans.reduce(|a, b| Some(common(a?, b?))).flatten()?;
        Some(UtcMicros(seconds.start * US_PER_S)..UtcMicros(seconds.end * US_PER_S))
    }

    /// The rows that have become final since the last call.
    pub fn rows(&mut self) -> Rows {
        while let Some(entry) = self.buckets.first_entry() {
            let end = entry.key().plus_us(self.interval.length_us());
            if end.0.div_euclid(US_PER_S) > self.final_until {
                break;
            }
            let (start, bucket) = entry.remove_entry();
            self.give_out(start, &bucket);
        }
        std::mem::take(&mut self.rows)
    }

    /// The stream ends: all rows, with what is known. The estimator begins anew after it.
    pub fn flush(&mut self) -> Rows {
        if let Some(waiting) = self.waiting.take() {
            self.take(&waiting, LAST_SAMPLE_HOLDS_US, 0);
        }
        self.weigh_sightings(i64::MAX);
        for index in 0..self.zones.len() {
            let mut done = self.zones[index].finish_second();
            done.extend(self.zones[index].presence.flush());
            self.settle(index, &done);
            self.close_episodes(index);
        }
        let counted = self.counting.flush();
        self.count(&counted);
        for (start, bucket) in std::mem::take(&mut self.buckets) {
            self.give_out(start, &bucket);
        }
        self.final_until = i64::MIN;
        std::mem::take(&mut self.rows)
    }

    fn bucket(&mut self, start: UtcMicros) -> &mut Bucket {
        let zones = self.zones.len();
        self.buckets.entry(start).or_insert_with(|| Bucket::new(zones))
    }

    /// A sample that holds until the next one, which speaks for the last `lent_us` of that.
    fn take(&mut self, waiting: &Waiting, holds_us: i64, lent_us: i64) {
        let Waiting { evidence, back_us, .. } = waiting;
        let start = self.interval.start_of(evidence.at);
        let bucket = self.bucket(start);
        bucket.take(evidence);
        bucket.hold(evidence, holds_us - lent_us);
        for (start, time_us) in self.by_interval(Span::new(evidence.at.plus_us(-back_us), evidence.at)) {
            self.bucket(start).hold(evidence, time_us);
        }
        let counted = self.counting.observe(evidence);
        self.count(&counted);
        let second = evidence.at.0.div_euclid(US_PER_S);
        self.weigh_sightings(second);
        for index in 0..self.zones.len() {
            let done = self.zones[index].take_second(second, evidence, index);
            self.settle(index, &done);
            let line = &mut self.zones[index];
            let shown = &evidence.zones[index];
            let is_alone = line.is_alone(shown, holds_us);
            if let Some(episode) = MotionEpisode::follow(&mut line.moving, evidence.at, holds_us, shown) {
                let event = episode.event(&self.place, &line.id);
                self.rows.events.push(event);
            }
            if is_alone {
                self.bucket(start).hold_alone(index, holds_us);
            }
        }
    }

    /// Time between two samples that was not decoded because nothing happens in it: as bright as the one before, and
    /// quiet. Its seconds say nothing about presence but what those around them say.
    fn pass_over(&mut self, evidence: &Evidence, next_at: UtcMicros) {
        let span = Span::new(evidence.at.plus_us(LAST_SAMPLE_HOLDS_US), next_at);
        for (start, time_us) in self.by_interval(span) {
            self.bucket(start).pass_over(evidence.luma, time_us);
        }
        let second = |at: UtcMicros| at.0.div_euclid(US_PER_S);
        for second in second(evidence.at) + 1..second(next_at) {
            for zone in 0..self.zones.len() {
                let done = self.zones[zone].skip_second(second);
                self.settle(zone, &done);
            }
        }
    }

    /// Seconds of the whole view are counted; their rows wait for presence, which takes longer.
    fn count(&mut self, counted: &[(i64, People)]) {
        for (second, people) in counted {
            let start = self.interval.start_of(UtcMicros(second * US_PER_S));
            if let Some(bucket) = self.buckets.get_mut(&start) {
                bucket.count(people);
            }
        }
    }

    fn settle(&mut self, zone: usize, done: &[FinalSecond]) {
        for second in done.iter().filter(|second| second.seen) {
            let start = self.interval.start_of(UtcMicros(second.second * US_PER_S));
            self.bucket(start).settle(zone, second.presence);
            let line = &mut self.zones[zone];
            if let Some(episode) = PresenceEpisode::follow(&mut line.staying, second) {
                let event = episode.event(&self.place, &line.id);
                self.rows.events.push(event);
            }
        }
        if let Some(last) = done.last() {
            self.final_until = self.final_until.max(last.second + 1);
        }
    }

    fn close_episodes(&mut self, zone: usize) {
        let line = &mut self.zones[zone];
        let staying = line.staying.take().map(|episode| episode.event(&self.place, &line.id));
        let moving = line.moving.take().map(|episode| episode.event(&self.place, &line.id));
        self.rows.events.extend(staying.into_iter().chain(moving));
    }

    fn give_out(&mut self, start: UtcMicros, bucket: &Bucket) {
        for (zone, line) in self.zones.iter().enumerate() {
            let row = bucket.observation(zone, start, self.interval, &self.place, &line.id);
            self.rows.observations.extend(row);
        }
    }
}

impl ZoneLine {
    fn new(id: ZoneId) -> Self {
        Self {
            id,
            second: None,
            presence: Presence::default(),
            company: Company::default(),
            last_second: None,
            staying: None,
            moving: None,
        }
    }

    fn take_second(&mut self, second: i64, evidence: &Evidence, zone: usize) -> Vec<FinalSecond> {
        let done = match self.second {
            Some((current, _)) if current != second => self.finish_second(),
            _ => Vec::new(),
        };
        if self.last_second.replace(second).is_some_and(|last| second - last > LAG_S) {
            // After so long the chain of presence begins anew, and so does this.
            self.company = Company::default();
        }
        let (_, sums) = self.second.get_or_insert((second, SecondEvidence::default()));
        sums.add(evidence, zone);
        done
    }

    /// A second without samples in time that was seen.
    fn skip_second(&mut self, second: i64) -> Vec<FinalSecond> {
        let mut done = self.finish_second();
        done.extend(self.presence.push(second, &SecondEvidence { is_calm: true, ..SecondEvidence::default() }));
        done
    }

    /// True if what moves for `held_us` is plainly one person.
    fn is_alone(&mut self, shown: &ZoneEvidence, held_us: i64) -> bool {
        let movers = shown.movers_known.then_some(shown.movers);
        self.company.follow(movers, held_us as f64 / US_PER_S as f64)
    }

    fn finish_second(&mut self) -> Vec<FinalSecond> {
        self.second.take().map_or_else(Vec::new, |(second, sums)| self.presence.push(second, &sums))
    }
}

#[cfg(test)]
mod tests;
