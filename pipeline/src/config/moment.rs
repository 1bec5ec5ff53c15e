//! Moments as people write them: RFC 3339, or civil time in the site's zone.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use pantau_models::time::UtcMicros;

/// A moment that can't be read.
#[derive(Debug, thiserror::Error)]
pub enum MomentError {
    /// Neither a moment nor a civil time.
    #[error(
        "'{text}' is no moment: {source}; write 2026-11-23T08:00:00 (time of the site's zone) or 2026-11-23T08:00:00+08:00"
    )]
    Unreadable {
        /// As written.
        text: String,
        /// Why.
        source: jiff::Error,
    },
    /// A civil time that the zone has twice or never.
    #[error(
        "'{text}' exists twice or never in {zone}, where clocks change: {source}; write it with an offset, such as 2026-10-25T02:30:00+02:00"
    )]
    Ambiguous {
        /// As written.
        text: String,
        /// The zone.
        zone: String,
        /// Why.
        source: jiff::Error,
    },
}

/// Reads RFC 3339, or a civil time (date alone is its midnight) in `zone`.
pub fn parse_moment(text: &str, zone: &TimeZone) -> Result<UtcMicros, MomentError> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(UtcMicros::from_timestamp(at));
    }
    let civil: DateTime = text.parse().map_err(|source| MomentError::Unreadable { text: text.to_owned(), source })?;
    let zoned = zone.to_ambiguous_zoned_datetime(civil).unambiguous().map_err(|source| MomentError::Ambiguous {
        text: text.to_owned(),
        zone: zone.iana_name().unwrap_or("the site's zone").to_owned(),
        source,
    })?;
    Ok(UtcMicros::from_timestamp(zoned.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str, zone: &str) -> String {
        parse_moment(text, &TimeZone::get(zone).unwrap()).unwrap().to_string()
    }

    #[test]
    fn civil_time_is_the_sites_and_an_offset_wins() {
        assert_eq!(utc("2026-11-23T08:00:00", "Asia/Makassar"), "2026-11-23T00:00:00Z");
        assert_eq!(utc("2026-11-23 08:00", "Asia/Makassar"), "2026-11-23T00:00:00Z");
        assert_eq!(utc("2026-11-23", "Asia/Kathmandu"), "2026-11-22T18:15:00Z");
        assert_eq!(utc("2026-11-23T08:00:00Z", "Asia/Makassar"), "2026-11-23T08:00:00Z");
        assert_eq!(utc("2026-11-23T08:00:00+09:00", "Asia/Makassar"), "2026-11-22T23:00:00Z");
    }

    #[test]
    fn a_time_that_a_clock_change_repeats_or_skips_is_refused_unless_it_has_an_offset() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        for text in ["2026-10-25T02:30:00", "2026-03-29T02:30:00"] {
            assert!(matches!(parse_moment(text, &berlin), Err(MomentError::Ambiguous { .. })), "{text}");
        }
        assert_eq!(utc("2026-10-25T02:30:00+02:00", "Europe/Berlin"), "2026-10-25T00:30:00Z");
        assert!(matches!(parse_moment("yesterday", &berlin), Err(MomentError::Unreadable { .. })));
    }
}
