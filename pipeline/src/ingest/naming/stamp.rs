//! The forms of time stamps that recorders, cameras and people put into names, found by scanning runs of digits.
//!
//! In the name: `20260714_080000`, `20260714080000`, `20260714080000123`, `202607140800`, `2026-07-14_08-00-00` (any
//! separators; `T`, blanks or both before the time; `h`, `m`, `s` after its parts), epoch seconds and milliseconds
//! (10 or 13 digits alone). In folders: `2026-07-14`, `20260714` or `2026/07/14` above a time in the name, or above
//! folders for hour and minute. The first stamp of a name is the start; a second one, the end, is ignored.

use super::{is_credible, local_to_utc};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use pantau_models::time::UtcMicros;
use std::ops::Range;
use std::path::{Component, Path};

/// 2001-01-01 and 2101-01-01, epoch seconds: other numbers of ten digits are not times.
const EPOCH_S: Range<i64> = 978_307_200..4_133_980_800;
/// Folders between the date and the file, as in `2026-07-14/001/dav/08/`.
const FOLDERS_BELOW_DATE_MAX: usize = 4;

/// A time stamp's place and value in a text.
pub(super) struct Stamp {
    pub(super) range: Range<usize>,
    value: Value,
}

enum Value {
    Local(DateTime),
    Utc(UtcMicros),
}

/// The moment that a path tells.
pub(super) fn wall_clock(path: &Path, zone: &TimeZone) -> Option<UtcMicros> {
    let stem = path.file_stem()?.to_str()?;
    match find(stem).map(|stamp| stamp.value) {
        Some(Value::Utc(at)) => Some(at),
        Some(Value::Local(local)) => local_to_utc(local, zone),
        None => local_to_utc(from_folders(path, stem)?, zone),
    }
}

/// The first full stamp in a text: a date with time, else an epoch.
pub(super) fn find(text: &str) -> Option<Stamp> {
    let scan = Scan { text: text.as_bytes() };
    let starts = || (0..text.len()).filter(|&at| scan.run_starts(at));
    starts().find_map(|at| scan.date_time(at)).or_else(|| starts().find_map(|at| scan.epoch(at)))
}

/// The first time of day in a text, for names below a folder that holds the date.
pub(super) fn find_time(text: &str) -> Option<(Range<usize>, Time)> {
    let scan = Scan { text: text.as_bytes() };
    (0..text.len()).filter(|&at| scan.run_starts(at)).find_map(|at| {
        let (end, time) = scan.time(at).filter(|(end, _)| !scan.is_digit(*end))?;
        Some((at..end, time))
    })
}

/// True if the text is a date and nothing else.
pub(super) fn is_date(text: &str) -> bool {
    whole_date(text).is_some()
}

struct Scan<'t> {
    text: &'t [u8],
}

impl Scan<'_> {
    fn is_digit(&self, at: usize) -> bool {
        self.text.get(at).is_some_and(u8::is_ascii_digit)
    }

    fn run_starts(&self, at: usize) -> bool {
        self.is_digit(at) && (at == 0 || !self.is_digit(at - 1))
    }

    fn run_length(&self, at: usize) -> usize {
        (at..).take_while(|&at| self.is_digit(at)).count()
    }

    /// The number that `length` digits at `at` write.
    fn number(&self, at: usize, length: usize) -> Option<i64> {
        let digits = self.text.get(at..at + length)?;
        digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0, |n, d| n * 10 + i64::from(d - b'0')))
    }

    fn is_one_of(&self, at: usize, set: &[u8]) -> bool {
        self.text.get(at).is_some_and(|byte| set.contains(byte))
    }

    fn date_time(&self, at: usize) -> Option<Stamp> {
        let (date_end, date) = self.date(at)?;
        let time_at = if self.is_digit(date_end) { date_end } else { self.skip_joint(date_end)? };
        let (mut end, mut time) = self.time(time_at)?;
        if let Some((fraction_end, ms)) = self.milliseconds(end, time_at == date_end) {
            (end, time) = (fraction_end, time.with().millisecond(ms).build().ok()?);
        }
        if self.is_digit(end) {
            return None;
        }
        let local = date.to_datetime(time);
        match self.offset(end) {
            Some((end, offset)) => {
                let at_utc = UtcMicros::from_timestamp(offset.to_timestamp(local).ok()?);
                Some(Stamp { range: at..end, value: Value::Utc(at_utc) })
            }
            None => Some(Stamp { range: at..end, value: Value::Local(local) }),
        }
    }

    /// `YYYYMMDD` (the time may follow at once) or `YYYY?MM?DD` with the same separator twice.
    fn date(&self, at: usize) -> Option<(usize, Date)> {
        let run = self.run_length(at);
        let year = self.number(at, 4)?;
        let (month_at, day_at) = match run {
            4 if self.is_one_of(at + 4, b"-_.") && self.text.get(at + 4) == self.text.get(at + 7) => (at + 5, at + 8),
            8 | 12 | 14 | 17 => (at + 4, at + 6),
            _ => return None,
        };
        let date = civil_date(year, self.number(month_at, 2)?, self.number(day_at, 2)?)?;
        Some((day_at + 2, date))
    }

    /// What may stand between date and time: up to three of `_-. T`.
    fn skip_joint(&self, at: usize) -> Option<usize> {
        let length = (at..).take_while(|&at| self.is_one_of(at, b"_-. Tt")).count();
        (1..=3).contains(&length).then_some(at + length)
    }

    /// `HHMMSS`, `HHMM` at a run's end, `HH?MM?SS`.
    fn time(&self, at: usize) -> Option<(usize, Time)> {
        let hour = self.number(at, 2)?;
        if self.is_digit(at + 2) {
            let minute = self.number(at + 2, 2)?;
            if !self.is_digit(at + 4) {
                return Some((at + 4, civil_time(hour, minute, 0)?));
            }
            return Some((at + 6, civil_time(hour, minute, self.number(at + 4, 2)?)?));
        }
        let minute_at = self.is_one_of(at + 2, b"-_.:h").then_some(at + 3)?;
        let second_at = self.is_one_of(at + 5, b"-_.:m").then_some(at + 6)?;
        let time = civil_time(hour, self.number(minute_at, 2)?, self.number(second_at, 2)?)?;
        Some((second_at + 2, time))
    }

    /// `.123`, or the last three digits of a run of 17.
    fn milliseconds(&self, at: usize, same_run: bool) -> Option<(usize, i16)> {
        let at = if self.is_one_of(at, b".,") { at + 1 } else { same_run.then_some(at)? };
        let ms = (self.run_length(at) == 3).then(|| self.number(at, 3)).flatten()?;
        Some((at + 3, i16::try_from(ms).ok()?))
    }

    /// `Z`, `+0800`, `+08:00`; with a minus only at the end of the text, where it can't begin an end time's joint.
    fn offset(&self, at: usize) -> Option<(usize, Offset)> {
        let sign = *self.text.get(at)?;
        if sign.eq_ignore_ascii_case(&b'z') {
            return (!self.text.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)).then_some((at + 1, Offset::UTC));
        }
        let hours = self.number(at + 1, 2)?;
        let minutes_at = at + 3 + usize::from(self.is_one_of(at + 3, b":"));
        let minutes = self.number(minutes_at, 2)?;
        let (end, seconds) = (minutes_at + 2, (hours * 60 + minutes) * 60);
        if hours > 14 || minutes > 59 || self.is_digit(end) {
            return None;
        }
        let seconds = match sign {
            b'+' => seconds,
            b'-' if end == self.text.len() => -seconds,
            _ => return None,
        };
        Some((end, Offset::from_seconds(i32::try_from(seconds).ok()?).ok()?))
    }

    /// Ten or thirteen digits alone: epoch seconds or milliseconds.
    fn epoch(&self, at: usize) -> Option<Stamp> {
        let length = self.run_length(at);
        let us = match length {
            10 => self.number(at, length)? * 1_000_000,
            13 => self.number(at, length)? * 1_000,
            _ => return None,
        };
        let credible = EPOCH_S.contains(&us.div_euclid(1_000_000));
        credible.then_some(Stamp { range: at..at + length, value: Value::Utc(UtcMicros(us)) })
    }
}

fn civil_date(year: i64, month: i64, day: i64) -> Option<Date> {
    let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    is_credible(date).then_some(date)
}

fn civil_time(hour: i64, minute: i64, second: i64) -> Option<Time> {
    Time::new(hour.try_into().ok()?, minute.try_into().ok()?, second.try_into().ok()?, 0).ok()
}

fn whole_date(text: &str) -> Option<Date> {
    let scan = Scan { text: text.as_bytes() };
    scan.date(0).filter(|(end, _)| *end == text.len()).map(|(_, date)| date)
}

fn two_digits(text: &str) -> Option<i64> {
    (text.len() == 2).then(|| Scan { text: text.as_bytes() }.number(0, 2)).flatten()
}

/// The date from the folders above, the time from the name or from folders for hour and minute.
fn from_folders(path: &Path, stem: &str) -> Option<DateTime> {
    let folders: Vec<&str> = path.parent()?.components().filter_map(normal_text).collect();
    let (date, below) = date_folder(&folders)?;
    let time = find_time(stem).map(|(_, time)| time).or_else(|| time_from_parts(below, stem))?;
    Some(date.to_datetime(time))
}

/// The lowest folder that is a date, or three that are year, month and day, and the folders below it.
fn date_folder<'f, 't>(folders: &'f [&'t str]) -> Option<(Date, &'f [&'t str])> {
    let top = folders.len().saturating_sub(FOLDERS_BELOW_DATE_MAX + 1);
    (top..folders.len()).rev().find_map(|last| {
        let split = || {
            let [year, month, day] = folders.get(last.checked_sub(2)?..=last)? else { return None };
            let year = (year.len() == 4).then(|| Scan { text: year.as_bytes() }.number(0, 4)).flatten()?;
            civil_date(year, two_digits(month)?, two_digits(day)?)
        };
        let date = whole_date(folders[last]).or_else(split)?;
        Some((date, &folders[last + 1..]))
    })
}

/// `08/00/00`, `08/00`, `08`, `08-00`: folders below the date and the name, each a part of the time.
fn time_from_parts(below: &[&str], stem: &str) -> Option<Time> {
    let mut parts = Vec::with_capacity(3);
    for text in below.iter().copied().chain(stem.split(['-', '_', '.'])) {
        parts.push(two_digits(text)?);
    }
    match parts[..] {
        [hour] => civil_time(hour, 0, 0),
        [hour, minute] => civil_time(hour, minute, 0),
        [hour, minute, second] => civil_time(hour, minute, second),
        _ => None,
    }
}

fn normal_text(component: Component<'_>) -> Option<&str> {
    match component {
        Component::Normal(text) => text.to_str(),
        _ => None,
    }
}
