//! Clock ranges and dates as a configuration writes them: `"07:30-12:00"`, `"2026-12-25"`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Minutes in a civil day; as an end it means the next midnight.
pub(super) const MINUTES_IN_DAY: u16 = 24 * 60;

/// A clock range that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a range of clock times: write it as 07:30-12:00, from an earlier to a later time of one day")]
pub struct ClockError {
    text: String,
}

/// From one clock time to a later one of the same day, in whole minutes; `24:00` is the day's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClockRange {
    start_min: u16,
    end_min: u16,
}

impl ClockRange {
    /// Unchecked by design: only for bounds that are known to be in order.
    pub(super) const fn of_minutes(start_min: u16, end_min: u16) -> Self {
        Self { start_min, end_min }
    }

    /// Start, minutes after midnight.
    pub fn start_min(self) -> u16 {
        self.start_min
    }

    /// End, minutes after midnight.
    pub fn end_min(self) -> u16 {
        self.end_min
    }
}

fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once([':', '.'])?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60 && hour <= 24).then_some(hour * 60 + minute).filter(|at| *at <= MINUTES_IN_DAY)
}

impl FromStr for ClockRange {
    type Err = ClockError;

    fn from_str(text: &str) -> Result<Self, ClockError> {
        let read = || {
            let (start, end) = text.split_once('-')?;
            let (start_min, end_min) = (minute_of_day(start)?, minute_of_day(end)?);
            (start_min < end_min).then_some(Self { start_min, end_min })
        };
        read().ok_or_else(|| ClockError { text: text.to_owned() })
    }
}

impl TryFrom<String> for ClockRange {
    type Error = ClockError;

    fn try_from(text: String) -> Result<Self, ClockError> {
        text.parse()
    }
}

impl From<ClockRange> for String {
    fn from(range: ClockRange) -> Self {
        range.to_string()
    }
}

impl fmt::Display for ClockRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start_min, end_min } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", start_min / 60, start_min % 60, end_min / 60, end_min % 60)
    }
}

/// Dates as `YYYY-MM-DD`.
pub(super) mod date_text {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(in crate::calendar) fn serialize<S: Serializer>(date: &Date, out: S) -> Result<S::Ok, S::Error> {
        date.to_string().serialize(out)
    }

    pub(in crate::calendar) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Date, D::Error> {
        let text = String::deserialize(input)?;
        text.parse().map_err(|_| D::Error::custom(format!("`{text}` is not a date: write it as 2026-12-25")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_read_back_as_written() {
        for text in ["07:30-12:00", "00:00-24:00"] {
            assert_eq!(text.parse::<ClockRange>().unwrap().to_string(), text);
        }
        assert_eq!("7.30 - 12.00".parse::<ClockRange>().unwrap().to_string(), "07:30-12:00");
    }

    #[test]
    fn nonsense_is_refused_with_the_remedy() {
        for text in ["", "07:30", "12:00-07:30", "07:30-24:01", "07:61-08:00", "08:00-08:00", "99:00-99:30", "a-b"] {
            let error = text.parse::<ClockRange>().unwrap_err().to_string();
            assert!(error.contains("07:30-12:00"), "{text}: {error}");
        }
    }
}
