//! Wall clock and camera from a path, as recorders and people write them. Only the path is looked at.
//!
//! The clock comes from the user's patterns first, then from the forms in `stamp` (NVRs, cameras, ISO 8601, epoch
//! seconds, dates in folders). Times are local to the site's zone unless the name ends them with `Z` or an offset; a
//! local time that a DST change skips or repeats is resolved as RFC 5545 does (jiff's "compatible").

mod camera;
mod pattern;
mod stamp;

pub use camera::camera_from_path;
pub use pattern::{NamePattern, NamePatternError};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use pantau_models::record::TimeSource;
use pantau_models::time::UtcMicros;
use std::path::Path;

/// Years that a recording's name may claim; others are serial numbers.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

/// A wall clock found in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedTime {
    /// The moment that the recording starts.
    pub at: UtcMicros,
    /// A configured pattern, or a name as NVRs write it.
    pub source: TimeSource,
}

/// When the recording starts, by its path: the first of `patterns` that fits the file's name, else a known form.
pub fn wall_clock_from_path(path: &Path, zone: &TimeZone, patterns: &[NamePattern]) -> Option<NamedTime> {
    let named = |source| move |at| NamedTime { at, source };
    let stem = path.file_stem()?.to_str()?;
    patterns
        .iter()
        .find_map(|pattern| pattern.wall_clock(stem, zone))
        .map(named(TimeSource::NamePattern))
        .or_else(|| stamp::wall_clock(path, zone).map(named(TimeSource::NvrName)))
}

/// The moment of a local time.
fn local_to_utc(local: DateTime, zone: &TimeZone) -> Option<UtcMicros> {
    let zoned = zone.to_ambiguous_zoned_datetime(local).compatible().ok()?;
    Some(UtcMicros::from_timestamp(zoned.timestamp()))
}

fn is_credible(date: Date) -> bool {
    YEARS.contains(&date.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The start of `path` in `zone` as UTC text; empty if none is found.
    fn start_in(path: &str, zone: &str) -> String {
        let zone = TimeZone::get(zone).unwrap();
        wall_clock_from_path(Path::new(path), &zone, &[]).map_or(String::new(), |named| named.at.to_string())
    }

    fn makassar(path: &str) -> String {
        start_in(path, "Asia/Makassar")
    }

    #[test]
    fn names_with_date_and_time() {
        for path in [
            "lobby_20260714_080000.mp4",
            "lobby_20260714-080000.mp4",
            "20260714080000.mp4",
            "2026-07-14_08-00-00.mkv",
            "2026-07-14T08:00:00.mp4",
            "2026-07-14T08.00.00.mp4",
            "2026-07-14 08.00.00.mp4",
            "2026_07_14_08_00_00.avi",
            "20260714T080000.ts",
            "20260714_080000_081500.mp4",
            "ch01_20260714080000.mp4",
            "NVR_ch1_main_20260714080000_20260714081500.mp4",
            "RecM01_20260714_080000_081500_6D28808_1C4D6A4.mp4",
            "Lobby-00-20260714080000.mp4",
            "D2026-07-14 T08-00-00.mp4",
            "192.168.1.64_01_20260714080000123_TIMING.mp4",
            "20260714080000123.mp4",
            "cam 12-2026-07-14_08h00m00s.mp4",
            "202607140800.mp4",
            "2026-07-14_0800.mp4",
        ] {
            assert_eq!(makassar(path).get(..19), Some("2026-07-14T00:00:00"), "{path}");
        }
    }

    #[test]
    fn milliseconds_are_kept() {
        assert_eq!(makassar("20260714080000123.mp4"), "2026-07-14T00:00:00.123Z");
        assert_eq!(makassar("2026-07-14T08:00:00.250Z.mp4"), "2026-07-14T08:00:00.25Z");
    }

    #[test]
    fn dates_in_folders() {
        for path in [
            "/nvr/2026-07-14/001/dav/08/08.00.00-08.15.00[M][0@0][0].dav",
            "/nvr/2026/07/14/08/00.mp4",
            "/nvr/2026/07/14/08/00/00.mp4",
            "/nvr/2026/07/14/08.mp4",
            "/nvr/2026/07/14/08-00.mp4",
            "/nvr/20260714/080000.mp4",
            "/nvr/2026-07-14/08-00-00.mp4",
            "/nvr/2026-07-14/lobby/08-00-00.mp4",
            "/nvr/2026/07/14/Lobby-00-080000-081500.mp4",
            "/nvr/2026_07_14/08/00.mp4",
        ] {
            assert_eq!(makassar(path), "2026-07-14T00:00:00Z", "{path}");
        }
        assert_eq!(makassar("/nvr/2026-07-14/001/dav/08/08.15.30-08.30.00[R][0@0][0].dav"), "2026-07-14T00:15:30Z");
    }

    #[test]
    fn universal_time_offsets_and_epochs() {
        assert_eq!(makassar("2026-07-14T08:00:00Z.mp4"), "2026-07-14T08:00:00Z");
        assert_eq!(makassar("cam_20260714T080000Z.mp4"), "2026-07-14T08:00:00Z");
        assert_eq!(makassar("2026-07-14T08:00:00+0700.mp4"), "2026-07-14T01:00:00Z");
        assert_eq!(makassar("2026-07-14T08-00-00+05:30.mp4"), "2026-07-14T02:30:00Z");
        assert_eq!(makassar("2026-07-14T08:00:00-03:00.mp4"), "2026-07-14T11:00:00Z");
        assert_eq!(makassar("1783987200.mp4"), "2026-07-14T00:00:00Z");
        assert_eq!(makassar("cam2_1783987200500.mp4"), "2026-07-14T00:00:00.5Z");
    }

    #[test]
    fn what_is_no_time_is_not_taken_for_one() {
        for path in [
            "lobby.mp4",
            "20261314_080000.mp4",
            "20260230_080000.mp4",
            "20260714_250000.mp4",
            "19990714_080000.mp4",
            "21010714_080000.mp4",
            "/nvr/2026-07-14/lobby.mp4",
            "080000.mp4",
            "cam_00123456.mp4",
            "0783987200.mp4",
            "4783987200.mp4",
            "12345678901234567890.mp4",
            "/nvr/99/98/97/08/00.mp4",
            "video-1920x1080.mp4",
            "",
        ] {
            assert_eq!(makassar(path), "", "{path}");
        }
    }

    #[test]
    fn skipped_and_repeated_hours_resolve_as_calendars_do() {
        assert_eq!(start_in("2026-03-29_02-30-00.mp4", "Europe/Berlin"), "2026-03-29T01:30:00Z", "skipped: after");
        assert_eq!(start_in("2026-10-25_02-30-00.mp4", "Europe/Berlin"), "2026-10-25T00:30:00Z", "repeated: first");
    }

    #[test]
    fn configured_patterns_come_first() {
        let zone = TimeZone::get("Asia/Makassar").unwrap();
        let patterns = [NamePattern::parse("cam*_%d%m%Y_%H%M").unwrap()];
        let start = |path: &str| wall_clock_from_path(Path::new(path), &zone, &patterns).unwrap();
        let by_pattern = start("cam7_14072026_0800.mp4");
        assert_eq!(
            (by_pattern.at.to_string().as_str(), by_pattern.source),
            ("2026-07-14T00:00:00Z", TimeSource::NamePattern)
        );
        assert_eq!(start("20260714_080000.mp4").source, TimeSource::NvrName);
    }
}
