//! What of a room is drawn: the last days as ribbons, the period as a strip, both in buckets.

use super::model::Detail;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pantau_models::calendar::{Calendar, local_date, local_minute, utc_of_minute};
use pantau_models::kpi::{Bucket, Mark, RoomKpis, Sums, Timeline, buckets, marks};
use pantau_models::time::{Span, UtcMicros};

/// Most days drawn as ribbons for a room; two weeks fit on two pages, older days are in the hour map.
const RIBBONS_MAX: usize = 14;
/// Most days in a room's strip: below three pixels a day it says nothing.
const STRIP_DAYS_MAX: usize = 62;
/// Buckets of a whole strip, shared by its days.
const STRIP_BUCKETS: usize = 196;
/// Most buckets of one day of a strip: a strip of one day is cut into about five minutes each.
const STRIP_DAY_BUCKETS_MAX: usize = 98;
/// Most buckets of a ribbon: at least one pixel each on a phone of 390 pixels.
const RIBBON_BUCKETS_MAX: u32 = 330;
/// Minutes drawn before opening and after closing.
const WINDOW_MARGIN_MIN: u16 = 60;
/// All that was seen lies within this time of one day: then ribbons show it alone, not a day of hatching around it.
const CLOSE_UP_S_MAX: f64 = 3.0 * 3600.0;
/// A close-up begins and ends at a multiple of so many minutes.
const CLOSE_UP_STEP_MIN: f64 = 5.0;
/// Up to this length of the window buckets are whole seconds, beyond it whole minutes.
const FINE_WINDOW_S_MAX: u32 = 55 * 60;
/// What is drawn where the calendar has no service at all: 06:00 to 18:00.
const WINDOW_WITHOUT_SERVICE: (u16, u16) = (6 * 60, 18 * 60);

/// One day, drawn.
#[derive(Clone, Debug)]
pub struct Ribbon {
    /// Index in the room's days.
    pub day: usize,
    /// From left to right edge.
    pub window: Span,
    /// Its part inside the period: from the first bucket on.
    pub drawn: Span,
    /// `None` where not seen.
    pub buckets: Vec<Option<Bucket>>,
    /// Troubles.
    pub marks: Vec<Mark>,
}

impl Ribbon {
    /// Where `at` lies between the left edge (0) and the right edge (1).
    pub fn position(&self, at: UtcMicros) -> f64 {
        let at = Span::new(self.window.start, at.min(self.window.end));
        at.seconds() / self.window.seconds().max(1.0)
    }
}

/// From the earliest opening to the latest closing, minutes of the local day.
fn service_window(calendar: &Calendar, dates: &[Date]) -> Option<(u16, u16)> {
    let hours: Vec<_> = dates.iter().filter_map(|date| calendar.hours(*date)).collect();
    let opening = hours.iter().map(|hours| hours.opening_min()).min()?;
    Some((opening, hours.iter().map(|hours| hours.closing_min()).max()?))
}

/// The same window for all days and rooms, in whole hours, so that ribbons can be compared by eye.
fn window((opening, closing): (u16, u16)) -> (u16, u16) {
    let first = opening.saturating_sub(WINDOW_MARGIN_MIN) / 60 * 60;
    (first, (closing + WINDOW_MARGIN_MIN).div_ceil(60).min(24) * 60)
}

/// The window of what was seen, if that is short and on one day.
fn close_up(seen: Span, zone: &TimeZone) -> Option<(u16, u16)> {
    let last = seen.end.plus_us(-1);
    let one_day = local_date(seen.start, zone) == local_date(last, zone);
    let (first_min, last_min) = (local_minute(seen.start, zone), local_minute(last, zone));
    let whole = |minute: f64| (minute * CLOSE_UP_STEP_MIN) as u16;
    // A clock change inside turns the order around.
    (one_day && seen.seconds() <= CLOSE_UP_S_MAX && first_min <= last_min).then(|| {
        let first = (first_min / CLOSE_UP_STEP_MIN).floor();
        (whole(first), whole((last_min / CLOSE_UP_STEP_MIN).floor() + 1.0))
    })
}

/// What is asked about, and the windows that are drawn of each day, minutes of the local day.
#[derive(Clone, Copy)]
pub(super) struct Drawing<'a> {
    pub(super) period: Span,
    pub(super) zone: &'a TimeZone,
    pub(super) calendar: &'a Calendar,
    pub(super) window_min: (u16, u16),
    strip_min: (u16, u16),
}

impl<'a> Drawing<'a> {
    pub(super) fn new(
        period: Span,
        dates: &[Date],
        seen: Option<Span>,
        zone: &'a TimeZone,
        calendar: &'a Calendar,
    ) -> Self {
        let service_min = service_window(calendar, dates);
        let close_up = seen.and_then(|seen| close_up(seen.intersection(&period)?, zone));
        let window_min = close_up.unwrap_or_else(|| service_min.map_or(WINDOW_WITHOUT_SERVICE, window));
        let strip_min = service_min.unwrap_or(WINDOW_WITHOUT_SERVICE);
        Self { period, zone, calendar, window_min, strip_min }
    }

    /// Whole minutes; whole seconds in a close-up, so that a unit of the drawing is a few pixels there too.
    pub(super) fn bucket_s(&self) -> u32 {
        let length_s = seconds(self.window_min);
        let unit_s = if length_s <= FINE_WINDOW_S_MAX { 1 } else { 60 };
        length_s.div_ceil(RIBBON_BUCKETS_MAX).div_ceil(unit_s) * unit_s
    }

    fn strip_bucket_s(&self, days: usize) -> u32 {
        let buckets = (STRIP_BUCKETS / days.max(1)).clamp(1, STRIP_DAY_BUCKETS_MAX);
        seconds(self.strip_min).div_ceil(buckets as u32)
    }

    fn ribbon(&self, timeline: &Timeline, (day, date): (usize, Date), look: Look) -> Option<Ribbon> {
        let at = |minute| utc_of_minute(date, minute, self.zone);
        let window = Span::new(at(look.window_min.0), at(look.window_min.1));
        let drawn = window.intersection(&self.period)?;
        let buckets = buckets(timeline, drawn, look.bucket_s);
        Some(Ribbon { day, window, drawn, buckets, marks: marks(timeline, drawn) })
    }
}

/// What of a day is drawn, and how finely.
#[derive(Clone, Copy)]
struct Look {
    window_min: (u16, u16),
    bucket_s: u32,
}

fn seconds((first_min, last_min): (u16, u16)) -> u32 {
    u32::from(last_min - first_min) * 60
}

/// The figures of a room with what is drawn of them.
pub(super) fn detail(kpis: RoomKpis, timeline: &Timeline, episodes: usize, drawing: Drawing<'_>) -> Detail {
    let with_data = |index: &usize| {
        let day = &kpis.days[*index];
        day.seen_s > 0.0 || !day.service.is_empty()
    };
    let days: Vec<usize> = (0..kpis.days.len()).filter(with_data).collect();
    let left_out = days.len().saturating_sub(RIBBONS_MAX);
    let draw = |index: usize, look| drawing.ribbon(timeline, (index, kpis.days[index].date), look);
    let look = Look { window_min: drawing.window_min, bucket_s: drawing.bucket_s() };
    let ribbons: Vec<Ribbon> = days[left_out..].iter().filter_map(|index| draw(*index, look)).collect();
    let first = kpis.days.len().saturating_sub(STRIP_DAYS_MAX);
    let small = Look { window_min: drawing.strip_min, bucket_s: drawing.strip_bucket_s(kpis.days.len() - first) };
    let strip: Vec<Ribbon> = (first..kpis.days.len()).filter_map(|index| draw(index, small)).collect();
    let people = ribbons.iter().flat_map(|ribbon| &ribbon.buckets).flatten().filter_map(|bucket| bucket.people);
    let people_scale = people.map(|people| people.high).fold(1.0, f32::max).ceil();
    let seen = Sums::of(timeline, &[drawing.period]);
    Detail { seen, strip, ribbons, ribbons_left_out: left_out, people_scale, episodes, kpis }
}
