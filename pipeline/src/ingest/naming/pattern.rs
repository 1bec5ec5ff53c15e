//! The user's patterns for file names: strptime directives, literal text, and `*`.

use super::{is_credible, local_to_utc};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use pantau_models::time::UtcMicros;
use thiserror::Error;

/// Joins the parts around `*` for parsing; can't be in a file's name.
const JOINT: &str = "/";

/// A pattern for file names without their extension: text, strptime directives such as `%Y-%m-%d_%H.%M.%S`, and `*`
/// for any run of characters. It must fit the whole name, so that `%H%M` never matches inside a serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePattern {
    text: String,
}

/// Why a pattern can't be used.
#[derive(Debug, Error)]
pub enum NamePatternError {
    /// A directive that strptime doesn't know.
    #[error("name pattern `{pattern}`: {source}; see `man strptime` for the directives")]
    Directive {
        /// As written.
        pattern: String,
        /// What is wrong.
        source: jiff::Error,
    },
    /// The directives don't add up to a moment.
    #[error(
        "name pattern `{pattern}`: gives no full date; it needs year, month and day (`%Y %m %d`, `%F` or `%j`), or `%s`"
    )]
    NoDate {
        /// As written.
        pattern: String,
    },
}

impl NamePattern {
    /// Checks the pattern by writing a moment with it and reading it back.
    pub fn parse(pattern: &str) -> Result<Self, NamePatternError> {
        let pattern_owned = || pattern.to_owned();
        let format = pattern.replace('*', JOINT);
        let sample = jiff::civil::date(2026, 7, 14).at(8, 0, 0, 0).in_tz("UTC").expect("invariant: UTC has every date");
        let written = BrokenDownTime::from(&sample)
            .to_string(&format)
            .map_err(|source| NamePatternError::Directive { pattern: pattern_owned(), source })?;
        let read = BrokenDownTime::parse(&format, &written)
            .map_err(|source| NamePatternError::Directive { pattern: pattern_owned(), source })?;
        match moment(&read, &TimeZone::UTC) {
            Some(_) => Ok(Self { text: pattern_owned() }),
            None => Err(NamePatternError::NoDate { pattern: pattern_owned() }),
        }
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The moment that a file's name without extension tells; `None` if the pattern doesn't fit all of it.
    pub(super) fn wall_clock(&self, stem: &str, zone: &TimeZone) -> Option<UtcMicros> {
        let parts: Vec<&str> = self.text.split('*').collect();
        let mut matched = Vec::with_capacity(parts.len());
        if !fit(&parts, stem, true, &mut matched) {
            return None;
        }
        let time = BrokenDownTime::parse(parts.join(JOINT), matched.join(JOINT)).ok()?;
        moment(&time, zone)
    }
}

/// Fits `parts` one after another into `text`, anything between them; the first only at the start if `anchored`, the
/// last only up to the end. What each part covers is left in `matched`.
fn fit<'t>(parts: &[&str], text: &'t str, anchored: bool, matched: &mut Vec<&'t str>) -> bool {
    let Some((first, rest)) = parts.split_first() else { return text.is_empty() };
    let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    for start in starts.take(if anchored { 1 } else { usize::MAX }) {
        let tail = &text[start..];
        let Ok((_, length)) = BrokenDownTime::parse_prefix(first, tail) else { continue };
        if rest.is_empty() && length < tail.len() {
            continue;
        }
        matched.push(&tail[..length]);
        if rest.is_empty() || fit(rest, &tail[length..], false, matched) {
            return true;
        }
        matched.pop();
    }
    false
}

/// The moment of a parsed time: by its epoch seconds or offset if it has them, else local to `zone`.
fn moment(time: &BrokenDownTime, zone: &TimeZone) -> Option<UtcMicros> {
    if time.timestamp().is_some() || time.offset().is_some() {
        return time.to_timestamp().ok().map(UtcMicros::from_timestamp);
    }
    let local = time.to_datetime().ok()?;
    is_credible(local.date()).then(|| local_to_utc(local, zone)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str, stem: &str) -> Option<String> {
        let pattern = NamePattern::parse(pattern).unwrap();
        pattern.wall_clock(stem, &TimeZone::UTC).map(|at| at.to_string())
    }

    #[test]
    fn the_whole_name_must_fit() {
        let eight = Some("2026-07-14T08:00:00Z".to_owned());
        assert_eq!(read("%Y%m%d-%H%M%S", "20260714-080000"), eight);
        assert_eq!(read("%Y%m%d-%H%M%S", "20260714-080000x"), None);
        assert_eq!(read("%Y%m%d-%H%M%S", "x20260714-080000"), None);
        assert_eq!(read("*%Y%m%d-%H%M%S*", "lobby 2 20260714-080000 [M]"), eight);
        assert_eq!(read("*_%Y%m%d_*_%H%M%S", "lobby_20260714_main_080000"), eight);
        assert_eq!(read("*%d.%m.%Y %H Uhr", "Büro 14.07.2026 08 Uhr"), eight);
        assert_eq!(read("*_%s", "lobby_1784016000"), eight);
        assert_eq!(read("*%Y%m%dT%H%M%S%z", "cam20260714T160000+0800"), eight);
        assert_eq!(read("*%Y%m%d-%H%M%S", "lobby 20261414-080000"), None, "month 14");
    }

    #[test]
    fn patterns_without_a_date_or_with_unknown_directives_are_refused() {
        let error = NamePattern::parse("cam_%H%M%S").unwrap_err().to_string();
        assert!(error.contains("cam_%H%M%S") && error.contains("full date"), "{error}");
        assert!(matches!(NamePattern::parse("%Y%m%d_%~"), Err(NamePatternError::Directive { .. })));
        assert!(matches!(NamePattern::parse("lobby"), Err(NamePatternError::NoDate { .. })));
    }
}
