//! The working calendar: when a room is meant to be in use, in local civil time, and which UTC spans that is.
//!
//! Default: Indonesia's civil service (Perpres 21/2023): 37.5 hours in five days, shorter hours in Ramadan. Ramadan
//! and holidays follow a yearly decree, so none is built in: the configuration lists them.
//!
//! **Invariant:** a local hour becomes UTC only here, through the zone's rules; a local day may have 23 or 25 hours.

mod clock;

pub use clock::{ClockError, ClockRange};

use crate::time::{Span, UtcMicros};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Dates from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateRange {
    /// First day, `YYYY-MM-DD`.
    #[serde(with = "clock::date_text")]
    pub first: Date,
    /// Last day, `YYYY-MM-DD`.
    #[serde(with = "clock::date_text")]
    pub last: Date,
}

/// A day without service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// Which day, `YYYY-MM-DD`.
    #[serde(with = "clock::date_text")]
    pub date: Date,
    /// Its name, shown in reports.
    #[serde(default)]
    pub name: String,
}

/// Service hours by weekday; what lies between two ranges of a day is its break, an empty list is a closed day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calendar {
    /// Monday to Thursday.
    pub monday_to_thursday: Vec<ClockRange>,
    /// Friday.
    pub friday: Vec<ClockRange>,
    /// Saturday.
    pub saturday: Vec<ClockRange>,
    /// Sunday.
    pub sunday: Vec<ClockRange>,
    /// Monday to Thursday in Ramadan.
    pub ramadan_monday_to_thursday: Vec<ClockRange>,
    /// Friday in Ramadan.
    pub ramadan_friday: Vec<ClockRange>,
    /// When Ramadan is; one range a year.
    pub ramadan: Vec<DateRange>,
    /// Days without service.
    pub holidays: Vec<Holiday>,
}

impl Default for Calendar {
    fn default() -> Self {
        let minutes = |ranges: [(u16, u16); 2]| ranges.map(|(start, end)| ClockRange::of_minutes(start, end)).to_vec();
        Self {
            monday_to_thursday: minutes([(7 * 60 + 30, 12 * 60), (13 * 60, 16 * 60)]),
            friday: minutes([(7 * 60 + 30, 11 * 60 + 30), (13 * 60, 16 * 60 + 30)]),
            saturday: Vec::new(),
            sunday: Vec::new(),
            ramadan_monday_to_thursday: minutes([(8 * 60, 12 * 60), (12 * 60 + 30, 15 * 60)]),
            ramadan_friday: minutes([(8 * 60, 11 * 60 + 30), (12 * 60 + 30, 15 * 60 + 30)]),
            ramadan: Vec::new(),
            holidays: Vec::new(),
        }
    }
}

/// Service hours of one date, in local civil time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Service, in order, disjoint, never empty.
    pub service: Vec<ClockRange>,
}

impl Hours {
    /// When the day's service begins, minutes after local midnight.
    pub fn opening_min(&self) -> u16 {
        self.service.first().map_or(0, |range| range.start_min())
    }

    /// When the day's service ends, minutes after local midnight.
    pub fn closing_min(&self) -> u16 {
        self.service.last().map_or(0, |range| range.end_min())
    }

    /// What lies between the parts of the service.
    pub fn breaks(&self) -> Vec<ClockRange> {
        self.service.windows(2).map(|pair| ClockRange::of_minutes(pair[0].end_min(), pair[1].start_min())).collect()
    }
}

/// What a date is in the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayKind {
    /// Service at these hours.
    Service(Hours),
    /// No service on this weekday.
    Closed,
    /// A holiday, with its name.
    Holiday(String),
}

impl Calendar {
    /// What `date` is. A holiday wins over the weekday's hours; a weekend stays a weekend.
    pub fn kind(&self, date: Date) -> DayKind {
        let service = merged(self.ranges(date));
        if service.is_empty() {
            return DayKind::Closed;
        }
        match self.holidays.iter().find(|holiday| holiday.date == date) {
            Some(holiday) => DayKind::Holiday(holiday.name.clone()),
            None => DayKind::Service(Hours { service }),
        }
    }

    /// The service hours of `date`; `None` on a closed day.
    pub fn hours(&self, date: Date) -> Option<Hours> {
        match self.kind(date) {
            DayKind::Service(hours) => Some(hours),
            DayKind::Closed | DayKind::Holiday(_) => None,
        }
    }

    /// The UTC spans of the service of `date`, without breaks, in order.
    pub fn working_spans(&self, date: Date, zone: &TimeZone) -> Vec<Span> {
        let Some(hours) = self.hours(date) else { return Vec::new() };
        let at = |minute| utc_of_minute(date, minute, zone);
        let spans = hours.service.iter().map(|range| Span::new(at(range.start_min()), at(range.end_min())));
        spans.filter(|span| span.start < span.end).collect()
    }

    fn ranges(&self, date: Date) -> &[ClockRange] {
        let ramadan = self.ramadan.iter().any(|range| (range.first..=range.last).contains(&date));
        match (date.weekday(), ramadan) {
            (Weekday::Saturday, _) => &self.saturday,
            (Weekday::Sunday, _) => &self.sunday,
            (Weekday::Friday, false) => &self.friday,
            (Weekday::Friday, true) => &self.ramadan_friday,
            (_, false) => &self.monday_to_thursday,
            (_, true) => &self.ramadan_monday_to_thursday,
        }
    }
}

/// In order, with overlapping and touching ranges made one: a configuration may list them as it likes.
fn merged(ranges: &[ClockRange]) -> Vec<ClockRange> {
    let mut sorted = ranges.to_vec();
    sorted.sort();
    let mut out: Vec<ClockRange> = Vec::new();
    for range in sorted {
        match out.last_mut() {
            Some(last) if range.start_min() <= last.end_min() => {
                *last = ClockRange::of_minutes(last.start_min(), last.end_min().max(range.end_min()));
            }
            _ => out.push(range),
        }
    }
    out
}

/// The moment when local clocks show `minute` minutes after midnight of `date` (1440: the next midnight). A time that
/// a clock change skips is taken as much later; of a time that happens twice, the first.
pub fn utc_of_minute(date: Date, minute: u16, zone: &TimeZone) -> UtcMicros {
    let next_day = minute >= clock::MINUTES_IN_DAY;
    let date = if next_day { date.tomorrow().unwrap_or(Date::MAX) } else { date };
    let minute = if next_day { 0 } else { minute };
    let (hour, minute) = ((minute / 60) as i8, (minute % 60) as i8);
    let moment = zone.to_timestamp(date.at(hour, minute, 0, 0));
    // Only dates beyond jiff's years (-9999..9999) fail.
    UtcMicros::from_timestamp(moment.unwrap_or(jiff::Timestamp::MAX))
}

/// The local day `date`, midnight to midnight: 23, 24 or 25 hours.
pub fn local_day(date: Date, zone: &TimeZone) -> Span {
    Span::new(utc_of_minute(date, 0, zone), utc_of_minute(date, clock::MINUTES_IN_DAY, zone))
}

/// The local date at `moment`.
pub fn local_date(moment: UtcMicros, zone: &TimeZone) -> Date {
    zone.to_datetime(moment.to_timestamp()).date()
}

/// What local clocks show at `moment`, minutes after midnight, with fractions.
pub fn local_minute(moment: UtcMicros, zone: &TimeZone) -> f64 {
    let time = zone.to_datetime(moment.to_timestamp()).time();
    f64::from(time.hour()) * 60.0 + f64::from(time.minute()) + f64::from(time.second()) / 60.0
}

/// The local dates that `period` touches, in order.
pub fn local_dates(period: Span, zone: &TimeZone) -> Vec<Date> {
    if period.start >= period.end {
        return Vec::new();
    }
    let last = local_date(period.end.plus_us(-1), zone);
    let mut dates = Vec::new();
    let mut date = local_date(period.start, zone);
    while date <= last {
        dates.push(date);
        match date.tomorrow() {
            Ok(next) => date = next,
            Err(_) => break,
        }
    }
    dates
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn utc(spans: &[Span]) -> Vec<String> {
        spans.iter().map(|span| format!("{}..{}", span.start, span.end)).collect()
    }

    fn seconds(calendar: &Calendar, date: Date, zone: &TimeZone) -> f64 {
        calendar.working_spans(date, zone).iter().map(Span::seconds).sum()
    }

    #[test]
    fn a_civil_service_week_has_37_hours_and_a_half() {
        let makassar = zone("Asia/Makassar");
        let monday = date(2026, 11, 23);
        let days = (0..7).map(|day| monday.checked_add(jiff::Span::new().days(day)).unwrap());
        let hours: Vec<f64> = days.map(|day| seconds(&Calendar::default(), day, &makassar) / 3600.0).collect();
        assert_eq!(hours, [7.5, 7.5, 7.5, 7.5, 7.5, 0.0, 0.0]);
        let friday = Calendar::default().hours(date(2026, 11, 27)).unwrap();
        assert_eq!((friday.opening_min(), friday.closing_min()), (450, 990));
        assert_eq!(friday.breaks(), ["11:30-13:00".parse().unwrap()]);
    }

    #[test]
    fn makassar_is_eight_hours_ahead() {
        let spans = Calendar::default().working_spans(date(2026, 11, 23), &zone("Asia/Makassar"));
        assert_eq!(
            utc(&spans),
            ["2026-11-22T23:30:00Z..2026-11-23T04:00:00Z", "2026-11-23T05:00:00Z..2026-11-23T08:00:00Z"]
        );
    }

    #[test]
    fn kathmandu_is_five_hours_and_three_quarters_ahead() {
        let spans = Calendar::default().working_spans(date(2026, 11, 23), &zone("Asia/Kathmandu"));
        assert_eq!(utc(&spans[..1]), ["2026-11-23T01:45:00Z..2026-11-23T06:15:00Z"]);
        assert_eq!(local_minute(spans[0].start, &zone("Asia/Kathmandu")), 450.0);
    }

    #[test]
    fn days_of_a_clock_change_keep_their_local_hours() {
        let new_york = zone("America/New_York");
        assert_eq!(local_day(date(2026, 3, 8), &new_york).seconds(), 23.0 * 3600.0);
        assert_eq!(local_day(date(2026, 11, 1), &new_york).seconds(), 25.0 * 3600.0);
        let lord_howe = zone("Australia/Lord_Howe");
        assert_eq!(local_day(date(2026, 4, 5), &lord_howe).seconds(), 24.5 * 3600.0);
        assert_eq!(local_day(date(2026, 10, 4), &lord_howe).seconds(), 23.5 * 3600.0);
        let open = Calendar { sunday: vec!["00:00-24:00".parse().unwrap()], ..Calendar::default() };
        assert_eq!(seconds(&open, date(2026, 3, 8), &new_york), 23.0 * 3600.0);
        let monday = Calendar::default().working_spans(date(2026, 3, 9), &new_york);
        assert_eq!(utc(&monday[..1]), ["2026-03-09T11:30:00Z..2026-03-09T16:00:00Z"]);
    }

    #[test]
    fn holidays_close_and_ramadan_shortens() {
        let ramadan = DateRange { first: date(2027, 2, 8), last: date(2027, 3, 9) };
        let holiday = Holiday { date: date(2026, 12, 25), name: "Natal".into() };
        let calendar = Calendar { ramadan: vec![ramadan], holidays: vec![holiday], ..Calendar::default() };
        assert_eq!(calendar.kind(date(2026, 12, 25)), DayKind::Holiday("Natal".into()));
        assert_eq!(calendar.hours(date(2027, 2, 7)), None, "a Sunday");
        let first = calendar.hours(date(2027, 2, 8)).unwrap();
        assert_eq!((first.opening_min(), first.closing_min()), (480, 900));
        let friday = calendar.hours(date(2027, 2, 12)).unwrap();
        assert_eq!(friday.breaks(), ["11:30-12:30".parse().unwrap()]);
        assert_eq!(calendar.hours(date(2027, 3, 10)).unwrap().opening_min(), 450);
    }

    #[test]
    fn ranges_in_any_order_are_merged() {
        let ranges = ["13:00-16:00", "07:30-10:00", "09:00-12:00"].map(|text| text.parse().unwrap());
        let calendar = Calendar { monday_to_thursday: ranges.to_vec(), ..Calendar::default() };
        let hours = calendar.hours(date(2026, 11, 23)).unwrap();
        assert_eq!(hours.service, ["07:30-12:00".parse().unwrap(), "13:00-16:00".parse().unwrap()]);
    }

    #[test]
    fn dates_of_a_period_are_local() {
        let moment = |text: &str| UtcMicros::from_timestamp(text.parse().unwrap());
        let period = Span::new(moment("2026-11-22T16:00:00Z"), moment("2026-11-23T16:00:00Z"));
        assert_eq!(local_dates(period, &zone("Asia/Makassar")), [date(2026, 11, 23)]);
        assert_eq!(local_dates(period, &TimeZone::UTC), [date(2026, 11, 22), date(2026, 11, 23)]);
        assert!(local_dates(Span::new(period.end, period.end), &TimeZone::UTC).is_empty());
    }
}
