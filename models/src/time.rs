//! Moments and spans on the UTC line, in microseconds. Time zones live in `calendar`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Microseconds in a second.
pub const US_PER_S: i64 = 1_000_000;

/// A moment: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtcMicros(pub i64);

impl UtcMicros {
    /// Before any moment, and far enough from the least one that differences to it are numbers.
    pub const NEVER: Self = Self(i64::MIN / 2);

    /// The moment `us` microseconds later.
    #[inline]
    pub fn plus_us(self, us: i64) -> Self {
        Self(self.0.saturating_add(us))
    }

    /// The moment `s` seconds later, to the nearest microsecond.
    #[inline]
    pub fn plus_s(self, s: f64) -> Self {
        self.plus_us((s * US_PER_S as f64).round() as i64)
    }

    /// Seconds from `earlier` to `self`, negative if `self` is before it.
    #[inline]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / US_PER_S as f64
    }

    /// As jiff's timestamp. Moments outside jiff's range (years -9999..9999) are clamped.
    pub fn to_timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// From jiff's timestamp, truncated to microseconds.
    pub fn from_timestamp(at: jiff::Timestamp) -> Self {
        Self(at.as_microsecond())
    }

    /// The UTC day as `YYYY-MM-DD`: the lake's partition.
    pub fn utc_date(self) -> String {
        self.to_timestamp().strftime("%Y-%m-%d").to_string()
    }
}

impl fmt::Display for UtcMicros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_timestamp().fmt(f)
    }
}

/// A half-open span `[start, end)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First moment in it.
    pub start: UtcMicros,
    /// First moment after it.
    pub end: UtcMicros,
}

impl Span {
    /// A span; an end before the start is taken as the start.
    pub fn new(start: UtcMicros, end: UtcMicros) -> Self {
        Self { start, end: end.max(start) }
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.end.seconds_since(self.start)
    }

    /// What both share, if anything.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let start = self.start.max(other.start);
        let end = self.end.min(other.end);
        (start < end).then_some(Self { start, end })
    }

    /// What is left of it without these, which are in order.
    pub fn without(&self, pieces: &[Self]) -> Vec<Self> {
        let mut left = Vec::new();
        let mut from = self.start;
        for piece in pieces.iter().filter_map(|piece| piece.intersection(self)) {
            if piece.start > from {
                left.push(Self::new(from, piece.start));
            }
            from = from.max(piece.end);
        }
        if from < self.end {
            left.push(Self::new(from, self.end));
        }
        left
    }
}

/// The row's time step: 1 s to 15 min, aligned to the UTC epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    length_us: i64,
}

impl Interval {
    /// The default time step, seconds.
    pub const DEFAULT_S: u32 = 10;
    /// The longest time step, seconds.
    pub const MAX_S: u32 = 900;

    /// `None` unless 1 <= `seconds` <= 900.
    pub fn from_seconds(seconds: u32) -> Option<Self> {
        (1..=Self::MAX_S).contains(&seconds).then(|| Self { length_us: i64::from(seconds) * US_PER_S })
    }

    /// Length in microseconds.
    pub fn length_us(self) -> i64 {
        self.length_us
    }

    /// Length in seconds.
    pub fn length_s(self) -> f64 {
        self.length_us as f64 / US_PER_S as f64
    }

    /// The start of the interval that holds `at`.
    pub fn start_of(self, at: UtcMicros) -> UtcMicros {
        UtcMicros(at.0.div_euclid(self.length_us) * self.length_us)
    }
}

impl Default for Interval {
    fn default() -> Self {
        Self { length_us: i64::from(Self::DEFAULT_S) * US_PER_S }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_aligned_to_the_epoch_before_and_after_it() {
        let interval = Interval::from_seconds(10).unwrap();
        assert_eq!(interval.start_of(UtcMicros(19_999_999)), UtcMicros(10_000_000));
        assert_eq!(interval.start_of(UtcMicros(20_000_000)), UtcMicros(20_000_000));
        assert_eq!(interval.start_of(UtcMicros(-1)), UtcMicros(-10_000_000));
        assert_eq!(Interval::from_seconds(0), None);
        assert_eq!(Interval::from_seconds(901), None);
    }

    #[test]
    fn the_partition_is_the_utc_day() {
        assert_eq!(UtcMicros(0).utc_date(), "1970-01-01");
        assert_eq!(UtcMicros(-1).utc_date(), "1969-12-31");
        assert_eq!(UtcMicros(1_795_478_399_999_999).utc_date(), "2026-11-23");
    }
}
