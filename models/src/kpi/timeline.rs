//! One room's time line: the rows of all its cameras become disjoint slots, each second counted once.
//!
//! Rows of one camera that overlap (two recordings that share an interval, an overlap of analyses) add their seen
//! seconds, never beyond the time there is. Of several cameras, the one that sees most stands for the seen time (the
//! union is at least that) and the one most sure stands for presence; people and activity are the largest of any
//! camera, because cameras of one room mostly see the same people.

use crate::record::{Observation, Quality};
use crate::time::{Span, US_PER_S, UtcMicros};

/// What a room's time line needs of a row; a tenth of its size, so that months fit in memory.
#[derive(Clone, Copy, Debug)]
pub struct SeenRow {
    span: Span,
    /// Share of the row's time that was seen, 0..1.
    density: f64,
    presence: f32,
    activity: f32,
    people: Option<People>,
    quality: Quality,
}

/// An estimated number of people with its 90 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct People {
    /// The estimate.
    pub mean: f32,
    /// Lower end.
    pub low: f32,
    /// Upper end.
    pub high: f32,
}

impl SeenRow {
    /// From when to when the row speaks.
    pub fn span(&self) -> Span {
        self.span
    }

    /// `None` for a row without length, without seen time, or without numbers.
    pub fn new(row: &Observation) -> Option<Self> {
        let duration_s = f64::from(row.duration_s);
        let density = (f64::from(row.observed_s) / duration_s).clamp(0.0, 1.0);
        let usable = duration_s > 0.0 && duration_s.is_finite() && density > 0.0 && row.presence.is_finite();
        let people = row.people.filter(|mean| mean.is_finite()).map(|mean| {
            let end = |end: Option<f32>| end.filter(|end| end.is_finite()).unwrap_or(mean);
            People { mean, low: end(row.people_low).min(mean), high: end(row.people_high).max(mean) }
        });
        usable.then(|| Self {
            span: Span::new(row.start, row.start.plus_s(duration_s)),
            density,
            presence: row.presence.clamp(0.0, 1.0),
            activity: if row.activity.is_finite() { row.activity.clamp(0.0, 100.0) } else { 0.0 },
            people,
            quality: row.quality,
        })
    }
}

/// A stretch of a room's time that was seen, at least in part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// From when to when.
    pub span: Span,
    /// Seconds seen in it; never more than its length.
    pub observed_s: f64,
    /// Probability that somebody is there, 0..1.
    pub presence: f32,
    /// People, where they can be known.
    pub people: Option<People>,
    /// 0..100.
    pub activity: f32,
    /// What troubled any camera.
    pub quality: Quality,
    /// Rows that begin in it.
    pub rows: u32,
}

impl Slot {
    /// Share of its time that was seen.
    pub fn seen_share(&self) -> f64 {
        self.observed_s / self.span.seconds()
    }

    /// The part of it inside `span`; rows count where the slot begins.
    fn clipped(&self, span: Span) -> Option<Self> {
        let part = self.span.intersection(&span)?;
        if part == self.span {
            return Some(*self);
        }
        let rows = if part.start == self.span.start { self.rows } else { 0 };
        let observed_s = self.observed_s * part.seconds() / self.span.seconds();
        Some(Self { span: part, observed_s, rows, ..*self })
    }
}

/// A room's slots, disjoint and in order.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    slots: Vec<Slot>,
}

impl Timeline {
    /// From the rows of each camera of one room, in any order.
    pub fn new(cameras: &[Vec<SeenRow>]) -> Self {
        let mut rows: Vec<(usize, SeenRow)> = Vec::new();
        for (camera, seen) in cameras.iter().enumerate() {
            rows.extend(seen.iter().map(|row| (camera, *row)));
        }
        rows.sort_by_key(|(camera, row)| (row.span, *camera));
        let mut edges: Vec<UtcMicros> = rows.iter().flat_map(|(_, row)| [row.span.start, row.span.end]).collect();
        edges.sort_unstable();
        edges.dedup();
        let mut slots = Vec::new();
        let mut current: Vec<(usize, SeenRow)> = Vec::new();
        let mut upcoming = rows.into_iter().peekable();
        for edge in edges.windows(2) {
            let span = Span::new(edge[0], edge[1]);
            current.retain(|(_, row)| row.span.end > span.start);
            while let Some(row) = upcoming.next_if(|(_, row)| row.span.start <= span.start) {
                current.push(row);
            }
            slots.extend(merge(span, &mut current));
        }
        Self { slots }
    }

    /// All slots.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The slots inside `span`, cut at its ends.
    pub fn within(&self, span: Span) -> impl Iterator<Item = Slot> + '_ {
        let first = self.slots.partition_point(|slot| slot.span.end <= span.start);
        let inside = self.slots[first..].iter().take_while(move |slot| slot.span.start < span.end);
        inside.filter_map(move |slot| slot.clipped(span))
    }

    /// The parts of `span` that were not seen: no slot, or one that saw less than `share` of its time.
    pub fn unseen(&self, span: Span, share: f64) -> Vec<Span> {
        let mut unseen = Vec::new();
        let mut from = span.start;
        for slot in self.within(span).filter(|slot| slot.seen_share() >= share) {
            if slot.span.start > from {
                unseen.push(Span::new(from, slot.span.start));
            }
            from = slot.span.end;
        }
        if from < span.end {
            unseen.push(Span::new(from, span.end));
        }
        unseen
    }
}

/// One slot from the rows that cover `span`, given in any order; `None` if there are none.
fn merge(span: Span, rows: &mut [(usize, SeenRow)]) -> Option<Slot> {
    rows.sort_by_key(|(camera, _)| *camera);
    let cameras = rows.chunk_by(|a, b| a.0 == b.0).map(|rows| merge_camera(span, rows));
    cameras.reduce(|a, b| Slot {
        span,
        observed_s: a.observed_s.max(b.observed_s),
        presence: a.presence.max(b.presence),
        people: most(a.people, b.people),
        activity: a.activity.max(b.activity),
        quality: a.quality.union(b.quality),
        rows: a.rows + b.rows,
    })
}

fn most(a: Option<People>, b: Option<People>) -> Option<People> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.mean > a.mean { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// One camera: seconds add up to at most the span, values are means weighted by them.
fn merge_camera(span: Span, rows: &[(usize, SeenRow)]) -> Slot {
    let mean = |value: &dyn Fn(&SeenRow) -> Option<f32>| {
        let known = rows.iter().filter_map(|(_, row)| Some((row.density, f64::from(value(row)?))));
        let (weight, sum) = known.fold((0.0, 0.0), |(weight, sum), (w, v)| (weight + w, sum + w * v));
        (weight > 0.0).then(|| (sum / weight) as f32)
    };
    let people = |end: fn(People) -> f32| mean(&|row| row.people.map(end));
    let density: f64 = rows.iter().map(|(_, row)| row.density).sum();
    let length_s = (span.end.0 - span.start.0) as f64 / US_PER_S as f64;
    Slot {
        span,
        observed_s: density.min(1.0) * length_s,
        presence: mean(&|row| Some(row.presence)).unwrap_or(0.0),
        people: people(|people| people.mean).map(|mean| People {
            mean,
            low: people(|people| people.low).unwrap_or(mean),
            high: people(|people| people.high).unwrap_or(mean),
        }),
        activity: mean(&|row| Some(row.activity)).unwrap_or(0.0),
        quality: rows.iter().fold(Quality::empty(), |quality, (_, row)| quality.union(row.quality)),
        rows: rows.iter().filter(|(_, row)| row.span.start == span.start).count() as u32,
    }
}
