//! What is drawn: a day in buckets of equal length, the marks on it, and the hour x weekday map.

use super::SLOT_SEEN_MIN;
use super::sums::Sums;
use super::timeline::{People, Slot, Timeline};
use crate::calendar::local_dates;
use crate::record::Quality;
use crate::time::{Span, US_PER_S, UtcMicros};
use jiff::tz::TimeZone;

/// Marks of one kind closer than this are one mark: a lamp that flickers for a minute is one event to a reader.
const MARKS_APART_US: i64 = 300 * US_PER_S;

/// What is seen in one bucket of a drawn day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// Mean probability of presence, 0..1.
    pub presence: f32,
    /// Mean of people where known.
    pub people: Option<People>,
    /// Mean activity, 0..100.
    pub activity: f32,
}

/// `span` in buckets of `bucket_s`; `None` where less than half of the bucket was seen. The last may be shorter.
pub fn buckets(timeline: &Timeline, span: Span, bucket_s: u32) -> Vec<Option<Bucket>> {
    let step_us = i64::from(bucket_s.max(1)) * US_PER_S;
    let mut out = Vec::new();
    let mut start = span.start;
    while start < span.end {
        let bucket = Span::new(start, start.plus_us(step_us).min(span.end));
        out.push(bucket_of(timeline, bucket));
        start = bucket.end;
    }
    out
}

fn bucket_of(timeline: &Timeline, span: Span) -> Option<Bucket> {
    let slots: Vec<Slot> = timeline.within(span).collect();
    let observed_s: f64 = slots.iter().map(|slot| slot.observed_s).sum();
    let mean = |value: &dyn Fn(&Slot) -> Option<f32>| {
        let known = slots.iter().filter_map(|slot| Some((slot.observed_s, f64::from(value(slot)?))));
        let (weight, sum) = known.fold((0.0, 0.0), |(weight, sum), (w, v)| (weight + w, sum + w * v));
        (weight > 0.0).then(|| (sum / weight) as f32)
    };
    let people = |end: fn(People) -> f32| mean(&|slot| slot.people.map(end));
    (observed_s > 0.0 && observed_s >= SLOT_SEEN_MIN * span.seconds()).then(|| Bucket {
        presence: mean(&|slot| Some(slot.presence)).unwrap_or(0.0),
        people: people(|people| people.mean).map(|mean| People {
            mean,
            low: people(|people| people.low).unwrap_or(mean),
            high: people(|people| people.high).unwrap_or(mean),
        }),
        activity: mean(&|slot| Some(slot.activity)).unwrap_or(0.0),
    })
}

/// A stretch of time with one trouble.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// One bit.
    pub quality: Quality,
    /// From when to when.
    pub span: Span,
}

/// The marks inside `span`, in order of time.
pub fn marks(timeline: &Timeline, span: Span) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for slot in timeline.within(span).filter(|slot| slot.quality != Quality::empty()) {
        for (bit, _) in Quality::NAMES.into_iter().filter(|(bit, _)| slot.quality.contains(*bit)) {
            let near = |mark: &&mut Mark| mark.quality == bit && slot.span.start.0 - mark.span.end.0 <= MARKS_APART_US;
            match marks.iter_mut().rev().find(near) {
                Some(mark) => mark.span.end = slot.span.end,
                None => marks.push(Mark { quality: bit, span: slot.span }),
            }
        }
    }
    marks.sort_by_key(|mark| mark.span);
    marks
}

/// Sums by weekday and local hour, all hours of the period asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HourMap {
    /// `[weekday, Monday first][hour]`.
    pub cells: [[Sums; 24]; 7],
}

/// Every offset from UTC in use is a multiple of a quarter of an hour, so that no tick lies in two local hours.
const TICK_US: i64 = 900 * US_PER_S;

impl HourMap {
    /// The hours of `period` in `zone`. An hour that a clock change repeats counts twice.
    pub fn of(timeline: &Timeline, period: Span, zone: &TimeZone) -> Self {
        let mut map = Self::default();
        for (span, weekday, hour) in local_hours(period, zone) {
            map.cells[weekday][hour] += Sums::of(timeline, &[span]);
        }
        map
    }
}

fn local_hours(period: Span, zone: &TimeZone) -> Vec<(Span, usize, usize)> {
    let mut hours: Vec<(Span, usize, usize)> = Vec::new();
    if local_dates(period, zone).is_empty() {
        return hours;
    }
    let mut start = period.start;
    while start < period.end {
        let next = UtcMicros((start.0.div_euclid(TICK_US) + 1) * TICK_US).min(period.end);
        let local = zone.to_datetime(start.to_timestamp());
        let weekday = local.date().weekday().to_monday_zero_offset() as usize;
        let hour = local.time().hour() as usize;
        match hours.last_mut() {
            Some((span, w, h)) if (*w, *h) == (weekday, hour) => span.end = next,
            _ => hours.push((Span::new(start, next), weekday, hour)),
        }
        start = next;
    }
    hours
}
