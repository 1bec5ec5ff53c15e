//! Name patterns: strptime patterns that must give a full date and time.

use jiff::Timestamp;
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::TimeZone;

/// A name pattern that can't give a start.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// It holds a directive that nothing knows.
    #[error("name pattern '{pattern}' cannot be used: {source}; write it like cam1_%Y%m%d_%H%M%S")]
    Directive {
        /// The pattern.
        pattern: String,
        /// Why.
        source: jiff::Error,
    },
    /// It leaves the date or the time of day open.
    #[error(
        "name pattern '{pattern}' does not give a full date and time; it needs year, month, day and hour, like %Y%m%d_%H%M%S, or %s"
    )]
    Incomplete {
        /// The pattern.
        pattern: String,
    },
}

/// Refuses a pattern that does not carry a moment through writing and reading.
pub fn check_pattern(pattern: &str) -> Result<(), PatternError> {
    let refused = |source| PatternError::Directive { pattern: pattern.to_owned(), source };
    let sample = Timestamp::UNIX_EPOCH.to_zoned_datetime(TimeZone::UTC);
    let written = strtime::format(pattern, &sample).map_err(refused)?;
    let read = BrokenDownTime::parse(pattern, &written).map_err(refused)?;
    let complete = read.to_timestamp().is_ok() || (read.to_date().is_ok() && read.hour().is_some());
    if complete { Ok(()) } else { Err(PatternError::Incomplete { pattern: pattern.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_give_a_whole_moment_or_are_refused() {
        for good in ["%Y%m%d_%H%M%S", "cam1-%s", "NVR_ch1_%Y%m%d%H%M%S", "%d.%m.%y %I-%M %p"] {
            check_pattern(good).unwrap();
        }
        for open in ["%H%M%S", "lobby", "%Y%m%d"] {
            assert!(matches!(check_pattern(open), Err(PatternError::Incomplete { .. })), "{open}");
        }
        assert!(matches!(check_pattern("%Y%m%d_%Ö"), Err(PatternError::Directive { .. })));
    }
}
