//! Which of a recording's time is still to be had, and how its frames share it out into seen and unseen.

use super::feed::Facts;
use super::tail::Tail;
use crate::decode::SegmentReport;
use crate::estimate::{FRAME_HOLDS_US, FRAME_US, GAP_US_MIN, UNSEEN_US_MIN};
use pantau_models::record::{GapReason, Quality};
use pantau_models::time::{Interval, Span, UtcMicros};

/// The first moment from `start` on that none of the spans, which are in order, covers. Pauses between recordings
/// that are too short for a gap row are no time to be had.
pub(super) fn first_free(start: UtcMicros, covered: &[Span]) -> UtcMicros {
    covered.iter().fold(start, |free, span| {
        let is_next = span.start.0 < free.0.saturating_add(GAP_US_MIN);
        if is_next { free.max(span.end) } else { free }
    })
}

/// The span with the rest of the intervals that it cuts: they have their rows already.
pub(super) fn widened(span: Span, interval: Interval) -> Span {
    let end = interval.start_of(span.end.plus_us(interval.length_us() - 1));
    Span::new(interval.start_of(span.start), end)
}

impl Tail {
    /// Frames, and the damaged time between them, as spans seen and unseen.
    pub(super) fn account(&mut self, facts: &Facts, frames_us: &[i64], report: &SegmentReport) {
        let quality = quality(facts, report);
        let detail = |span: Span| report.unseen_detail(span.start.0 - facts.start.0, span.end.0 - facts.start.0);
        let wall = |pts_us: i64| facts.start.plus_us(pts_us);
        let mut unseen = report.unseen.iter().map(|span| Span::new(wall(span.from_us), wall(span.until_us))).peekable();
        for at in frames_us.iter().map(|&pts_us| wall(pts_us)) {
            let mut damage: Option<Span> = None;
            while let Some(span) = unseen.next_if(|span| span.start < at) {
                damage = Some(Span::new(damage.map_or(span.start, |damage| damage.start), span.end.min(at)));
            }
            if let Some(piece) = self.covering(at) {
                self.pass_through(piece, at, quality);
                continue;
            }
            let damage = damage.map(|damage| (damage, detail(damage)));
            match (self.track.last_frame, damage) {
                (Some(last), damage) => self.between(last, at, damage, quality),
                (None, Some((damage, detail))) => {
                    self.unseen(Span::new(damage.start, at), GapReason::Decode, detail);
                }
                (None, None) => {}
            }
            self.track.last_frame = Some(at);
            self.reach(at);
        }
        let rest = unseen.reduce(|first, last| Span::new(first.start, last.end));
        if let Some(rest) = rest.filter(|rest| self.covering(rest.start).is_none()) {
            // Damage up to the segment's end: the next frame, if any, comes after it.
            if let Some(last) = self.track.last_frame.take() {
                self.hold(last, rest.start.max(last), quality);
            }
            self.unseen(rest, GapReason::Decode, detail(rest));
            self.track.seen_until = self.track.seen_until.max(Some(rest.end));
        }
    }

    /// The recording's last frame speaks for the length of a frame.
    pub(super) fn end_frames(&mut self, facts: &Facts) {
        if let Some(last) = self.track.last_frame.take() {
            let until = last.plus_us(self.frame_us());
            self.see(Span::new(last, until), quality(facts, &SegmentReport::default()));
            self.track.seen_until = self.track.seen_until.max(Some(until));
        }
    }

    /// True if a frame at this time shows nothing new: another recording, or the one before, has its time.
    pub(super) fn is_taken(&self, at: UtcMicros) -> bool {
        self.covering(at).is_some()
            || self.track.seen_until.is_some_and(|until| at < until.plus_us(-self.frame_us() / 2))
    }

    fn covering(&self, at: UtcMicros) -> Option<Span> {
        let covered = &self.track.running.as_ref()?.covered;
        covered.iter().find(|span| span.start <= at && at < span.end).copied()
    }

    /// A frame at a time that another recording has: the frame before speaks up to there, and no gap follows.
    fn pass_through(&mut self, piece: Span, at: UtcMicros, quality: Quality) {
        if let Some(last) = self.track.last_frame.take() {
            self.hold(last, piece.start.clamp(last, at), quality);
        }
        self.track.seen_until = self.track.seen_until.max(Some(at));
    }

    /// A frame of the running recording: it begins with the first one that shows anything new.
    fn reach(&mut self, at: UtcMicros) {
        if self.is_taken(at) {
            return;
        }
        let reached = self.track.seen_until.map_or(at, |until| until.max(at));
        if let Some(running) = &mut self.track.running {
            running.first_at.get_or_insert(reached);
        }
        self.track.seen_until = Some(reached);
    }

    /// From a frame to the next one, with what is `damage`d between them and why.
    fn between(&mut self, last: UtcMicros, at: UtcMicros, damage: Option<(Span, &str)>, quality: Quality) {
        let Some((damage, detail)) = damage else { return self.hold(last, at, quality) };
        let from = damage.start.clamp(last, at);
        self.hold(last, from, quality);
        self.unseen(Span::new(from, at), GapReason::Decode, detail);
    }

    /// A frame speaks for the time until the next one, unless that is too long.
    fn hold(&mut self, last: UtcMicros, next: UtcMicros, quality: Quality) {
        if next.0 - last.0 <= FRAME_HOLDS_US {
            self.see(Span::new(last, next), quality);
        } else {
            let from = last.plus_us(self.frame_us());
            self.see(Span::new(last, from), quality);
            self.unseen(Span::new(from, next), GapReason::CameraSilent, "the recording has no frames here");
        }
    }

    fn see(&mut self, span: Span, quality: Quality) {
        let span = self.after_seen(span);
        self.estimator.seen(span, quality);
        self.track.part.seen_us += span.end.0 - span.start.0;
    }

    fn unseen(&mut self, span: Span, reason: GapReason, detail: &str) {
        let span = self.after_seen(span);
        if span.end.0 - span.start.0 >= UNSEEN_US_MIN {
            self.estimator.unseen(span, reason, detail);
        }
    }

    /// What of the span comes after the time that is accounted for.
    fn after_seen(&self, span: Span) -> Span {
        let from = self.track.seen_until.map_or(span.start, |until| until.max(span.start));
        Span::new(from, span.end)
    }

    fn frame_us(&self) -> i64 {
        self.track.frame_us.unwrap_or(FRAME_US).clamp(1, FRAME_HOLDS_US)
    }
}

fn quality(facts: &Facts, report: &SegmentReport) -> Quality {
    let mut quality = Quality::empty();
    if facts.time_source.is_suspect() || facts.named_otherwise.is_some() {
        quality.insert(Quality::CLOCK_SUSPECT);
    }
    if report.error_count > 0 {
        quality.insert(Quality::DECODE_ERRORS);
    }
    quality
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(start_s: i64, end_s: i64) -> Span {
        Span::new(UtcMicros(start_s * 1_000_000), UtcMicros(end_s * 1_000_000))
    }

    #[test]
    fn free_time_begins_after_all_that_touch() {
        let covered = [s(0, 10), s(10, 20), s(30, 40)];
        assert_eq!(first_free(s(5, 0).start, &covered), s(20, 20).start);
        assert_eq!(first_free(s(25, 0).start, &covered), s(25, 25).start);
        assert_eq!(s(5, 35).without(&covered), [s(20, 30)]);
        assert_eq!(s(40, 50).without(&covered), [s(40, 50)]);
        assert!(s(0, 20).without(&covered).is_empty());
    }

    #[test]
    fn intervals_that_are_cut_belong_to_what_was_there_first() {
        let interval = Interval::from_seconds(10).unwrap();
        assert_eq!(widened(s(12, 35), interval), s(10, 40));
        assert_eq!(widened(s(10, 40), interval), s(10, 40));
    }
}
