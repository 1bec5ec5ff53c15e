//! Figures of one room over a period: what was seen, what of it was occupied, when it opened, how long nobody was there.
//!
//! What was not seen is unknown: a figure whose asked time was seen for less than [`ENOUGH_SEEN`] has no value, only a
//! reason. Seconds are summed, shares are taken last, so that days and rooms of unlike length weigh what they should.
//!
//! **Invariant:** seen seconds never exceed asked seconds, however many cameras and duplicate rows there are.

mod series;
mod spell;
mod sums;
#[cfg(test)]
mod tests;
mod timeline;

pub use series::{Bucket, HourMap, Mark, buckets, marks};
pub use spell::{Spell, longest_unattended};
pub use sums::{Sums, Unseen};
pub use timeline::{People, SeenRow, Slot, Timeline};

use crate::calendar::{Calendar, DayKind, local_dates, local_day, utc_of_minute};
use crate::record::{Gap, GapReason};
use crate::time::{Span, US_PER_S, UtcMicros};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Somebody is there from this probability on: more likely than not.
pub const PRESENT_MIN: f32 = 0.5;
/// A slot or bucket seen for less than this share counts as unseen where time is walked through or drawn.
pub const SLOT_SEEN_MIN: f64 = 0.5;
/// Least share of the asked time that must be seen before a figure is told: with a fifth unseen, an occupancy of 90 %
/// of the seen time may be anything from 72 % to 92 %.
pub const ENOUGH_SEEN: f64 = 0.80;
/// Unseen seconds allowed between opening and the first presence for that presence to be the day's opening.
const OPENING_UNSEEN_S_MAX: f64 = 60.0;

/// One figure, with what it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kpi {
    /// `None`: not enough seen, or nothing asked.
    pub value: Option<f64>,
    /// Share of the asked time behind it, 0..1.
    pub observed_share: f64,
    /// Rows behind it.
    pub rows: u64,
    /// Why most of the unseen time was not seen, where gap rows tell it.
    pub reason: Option<GapReason>,
}

impl Kpi {
    fn new(value: Option<f64>, observed_share: f64, rows: u64, reason: Option<GapReason>) -> Self {
        let value = value.filter(|value| value.is_finite() && observed_share >= ENOUGH_SEEN);
        Self { value, observed_share, rows, reason }
    }

    /// True if enough was seen.
    pub fn is_enough(&self) -> bool {
        self.observed_share >= ENOUGH_SEEN
    }
}

/// The period and the clock by which it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// From when to when.
    pub period: Span,
    /// Service hours.
    pub calendar: &'a Calendar,
    /// The site's zone.
    pub zone: &'a TimeZone,
}

/// One local day of a room.
#[derive(Clone, Debug)]
pub struct Day {
    /// Which.
    pub date: Date,
    /// Its part inside the period.
    pub span: Span,
    /// What it is in the calendar.
    pub kind: DayKind,
    /// Its service spans inside the period.
    pub service: Vec<Span>,
    /// Sums over the service spans.
    pub sums: Sums,
    /// Reasons for unseen service time.
    pub unseen: Unseen,
    /// Seconds of the whole day that were seen.
    pub seen_s: f64,
    /// First and last moment with presence on the whole local day; lower and upper bounds if time was unseen.
    pub present: Option<Span>,
    /// First moment with presence in the service hours, where all time before it was seen.
    pub opened: Option<UtcMicros>,
    /// From the calendar's opening to `opened`, minutes.
    pub opening_delay_min: Option<f64>,
    /// Longest unattended spell of the service hours.
    pub unattended: Option<Spell>,
}

impl Day {
    /// True if enough of a day with service was seen and nobody ever came.
    pub fn is_never_opened(&self) -> bool {
        let seen = self.sums.observed_share().is_some_and(|share| share >= ENOUGH_SEEN);
        seen && self.sums.is_empty()
    }
}

/// The figures of one room over a period.
#[derive(Clone, Debug)]
pub struct RoomKpis {
    /// Sums over the service spans of all days.
    pub sums: Sums,
    /// Share of the service time that was seen; always known where service was asked.
    pub observed: Kpi,
    /// Share of the seen service time with somebody there.
    pub occupied: Kpi,
    /// Mean minutes from the calendar's opening to the first presence, over the days where that is known.
    pub opening_delay_min: Kpi,
    /// Mean local clock of that first presence, minutes after midnight.
    pub opening_clock_min: Kpi,
    /// Seconds of the longest unattended spell.
    pub unattended_s: Kpi,
    /// That spell.
    pub unattended: Option<Spell>,
    /// Mean number of people.
    pub people_mean: Kpi,
    /// Largest number of people.
    pub people_max: Kpi,
    /// Mean activity, 0..100.
    pub activity_mean: Kpi,
    /// Days with service in the period.
    pub service_days: usize,
    /// Days with service, seen enough, without any presence in it.
    pub never_opened_days: usize,
    /// Days whose opening is known.
    pub opening_days: usize,
    /// Reasons for unseen service time.
    pub unseen: Unseen,
    /// Every local day of the period.
    pub days: Vec<Day>,
    /// By weekday and hour.
    pub hours: HourMap,
}

impl RoomKpis {
    /// The figures that `timeline` gives; `gaps` are those of the room's cameras.
    pub fn new(timeline: &Timeline, gaps: &[Gap], question: Question<'_>) -> Self {
        let dates = local_dates(question.period, question.zone);
        let days: Vec<Day> = dates.into_iter().map(|date| day(timeline, gaps, question, date)).collect();
        let (mut sums, mut unseen) = (Sums::default(), Unseen::default());
        for day in &days {
            sums += day.sums;
            unseen += day.unseen;
        }
        let reason = unseen.dominant();
        let service: Vec<Span> = days.iter().flat_map(|day| day.service.clone()).collect();
        let unattended = longest_unattended(timeline, &service);
        let share = sums.observed_share().unwrap_or(0.0);
        // A room that was seen and never left alone has a longest spell of no seconds.
        let unattended_s = sums.observed_share().map(|_| unattended.map_or(0.0, |spell| spell.seen_s));
        Self {
            observed: Kpi { value: sums.observed_share(), observed_share: share, rows: sums.rows, reason },
            occupied: sums.occupied(reason),
            opening_delay_min: opening(&days, reason, |day| day.opening_delay_min),
            opening_clock_min: opening(&days, reason, opening_clock_min),
            unattended_s: Kpi::new(unattended_s, share, sums.rows, reason),
            unattended,
            people_mean: sums.people_mean(reason),
            people_max: sums.people_max(reason),
            activity_mean: sums.activity_mean(reason),
            service_days: days.iter().filter(|day| !day.service.is_empty()).count(),
            never_opened_days: days.iter().filter(|day| day.is_never_opened()).count(),
            opening_days: days.iter().filter(|day| day.opened.is_some()).count(),
            hours: HourMap::of(timeline, question.period, question.zone),
            sums,
            unseen,
            days,
        }
    }
}

fn opening_clock_min(day: &Day) -> Option<f64> {
    let DayKind::Service(hours) = &day.kind else { return None };
    Some(f64::from(hours.opening_min()) + day.opening_delay_min?)
}

/// Mean over the days whose opening is known; their share stands for the seen share. Days on which nobody came are
/// judged days without an opening: they are told apart, as a number of days.
fn opening(days: &[Day], reason: Option<GapReason>, value: impl Fn(&Day) -> Option<f64>) -> Kpi {
    let service = days.iter().filter(|day| !day.service.is_empty());
    let asked: Vec<&Day> = service.filter(|day| !day.is_never_opened()).collect();
    let known: Vec<f64> = asked.iter().filter_map(|day| value(day)).collect();
    let share = if asked.is_empty() { 0.0 } else { known.len() as f64 / asked.len() as f64 };
    let mean = (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
    Kpi::new(mean, share, asked.iter().map(|day| day.sums.rows).sum(), reason)
}

fn day(timeline: &Timeline, gaps: &[Gap], question: Question<'_>, date: Date) -> Day {
    let whole = local_day(date, question.zone);
    let span = whole.intersection(&question.period).unwrap_or(Span::new(whole.start, whole.start));
    let spans = question.calendar.working_spans(date, question.zone);
    let service: Vec<Span> = spans.iter().filter_map(|part| part.intersection(&span)).collect();
    let kind = question.calendar.kind(date);
    let unseen: Vec<Span> = service.iter().flat_map(|part| timeline.unseen(*part, SLOT_SEEN_MIN)).collect();
    let opening_at = match &kind {
        DayKind::Service(hours) => Some(utc_of_minute(date, hours.opening_min(), question.zone)),
        DayKind::Closed | DayKind::Holiday(_) => None,
    };
    let opened = opening_at.and_then(|at| opened(timeline, at, &service));
    Day {
        date,
        span,
        sums: Sums::of(timeline, &service),
        unseen: Unseen::of(&unseen, gaps),
        seen_s: timeline.within(span).map(|slot| slot.observed_s).sum(),
        present: present(timeline, span),
        opening_delay_min: opened.zip(opening_at).map(|(opened, at)| opened.seconds_since(at) / 60.0),
        opened,
        unattended: longest_unattended(timeline, &service),
        kind,
        service,
    }
}

/// First to last moment with somebody there.
fn present(timeline: &Timeline, span: Span) -> Option<Span> {
    let mut slots = timeline.within(span).filter(|slot| slot.presence >= PRESENT_MIN).map(|slot| slot.span);
    let first = slots.next()?;
    Some(Span::new(first.start, slots.last().map_or(first.end, |last| last.end)))
}

/// The first presence in the service hours, if the time from the calendar's opening to it was seen.
fn opened(timeline: &Timeline, opening_at: UtcMicros, service: &[Span]) -> Option<UtcMicros> {
    let slots = service.iter().flat_map(|span| timeline.within(*span));
    let first = slots.filter(|slot| slot.presence >= PRESENT_MIN).map(|slot| slot.span.start).min()?;
    // A period that begins after the opening hour did not see it.
    let asked_from = service.first()?.start;
    let before = Span::new(asked_from, first);
    let seen_s: f64 = timeline.within(before).map(|slot| slot.observed_s).sum();
    let in_breaks_s: f64 = service
        .windows(2)
        .filter_map(|pair| Span::new(pair[0].end, pair[1].start).intersection(&before))
        .map(|span| span.seconds())
        .sum();
    let unseen_s = before.seconds() - seen_s - in_breaks_s + (asked_from.0 - opening_at.0) as f64 / US_PER_S as f64;
    (unseen_s <= OPENING_UNSEEN_S_MAX).then_some(first)
}
