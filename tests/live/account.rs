//! The account of a camera's time: each second between start and stop was seen, is in a gap, or is missing.

use crate::run::Rows;
use pantau_models::record::{Gap, GapReason};
use pantau_models::time::{Span, US_PER_S, UtcMicros};

/// A camera's time between two moments.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) seen_s: f64,
    pub(crate) gap_s: f64,
    /// Neither seen nor in a gap.
    pub(crate) missing_s: f64,
    /// Seen and in a gap.
    pub(crate) double_s: f64,
    pub(crate) gaps: Vec<Gap>,
    /// The seconds that are counted.
    counted: Span,
}

impl Account {
    /// Of rows that are a second long. Gaps must not overlap.
    pub(crate) fn of(rows: &Rows, camera: &str, from: UtcMicros, until: UtcMicros) -> Self {
        let is_its = |gap: &&Gap| gap.place.camera.as_str() == camera;
        let gaps: Vec<Gap> = rows.gaps.iter().filter(is_its).cloned().collect();
        for pair in gaps.windows(2) {
            assert!(pair[0].span.end <= pair[1].span.start, "{camera}: gaps overlap: {pair:?}");
        }
        let mut start = UtcMicros(from.0.div_euclid(US_PER_S) * US_PER_S);
        let counted = Span::new(start, UtcMicros((until.0 + US_PER_S - 1).div_euclid(US_PER_S) * US_PER_S));
        let mut account = Self { seen_s: 0.0, gap_s: 0.0, missing_s: 0.0, double_s: 0.0, gaps, counted };
        let seen: std::collections::BTreeMap<UtcMicros, f64> = rows
            .observations
            .iter()
            .filter(|row| row.place.camera.as_str() == camera && row.zone.as_str() == "room")
            .map(|row| (row.start, row.observed_s.into()))
            .collect();
        while start < until {
            let second = Span::new(start, start.plus_us(US_PER_S));
            let asked = second.intersection(&Span::new(from, until)).map_or(0.0, |span| span.seconds());
            let seen_s = seen.get(&start).copied().unwrap_or(0.0);
            let in_gaps = account.gaps.iter().filter_map(|gap| gap.span.intersection(&second));
            let gap_s: f64 = in_gaps.map(|span| span.seconds()).sum();
            account.seen_s += seen_s;
            account.gap_s += gap_s;
            account.missing_s += (asked - seen_s - gap_s).max(0.0);
            account.double_s += (seen_s + gap_s - 1.0).max(0.0);
            start = second.end;
        }
        account
    }

    /// Nothing is missing, nothing there twice, but for so many seconds.
    pub(crate) fn must_be_whole(&self, camera: &str, tolerance_s: f64) {
        assert!(self.missing_s <= tolerance_s && self.double_s <= tolerance_s, "{camera}: {self:#?}");
    }

    /// Gap seconds of a reason, of those that `gap_s` counts: a gap may begin before the asked time.
    pub(crate) fn gap_s_of(&self, reason: GapReason) -> f64 {
        let its = self.gaps.iter().filter(|gap| gap.reason == reason);
        its.filter_map(|gap| gap.span.intersection(&self.counted)).map(|span| span.seconds()).sum()
    }
}
