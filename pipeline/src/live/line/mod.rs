//! One camera's way from pictures to rows: scene, spool, estimator, parts of the lake.
//!
//! What the estimator is told is appended to the spool in the same order. So the rows of the open part can be made
//! again from the spool alone: its first payload is the estimator as it was when the part began. A killed worker loses
//! what was not flushed yet, [`FLUSH_US`] at most, and what waited in the scene, 5 s: the next one tells that as a gap.
//!
//! A part is an hour. While it is open its final rows are published every few minutes, each time in place of the file
//! before; at its end it is written once more, noted in the journal, and a new spool begins. Dying between two of these
//! steps repeats the last ones, under the same names.

mod kept;
mod part;
mod told;
#[cfg(test)]
mod tests;

use super::camera::WatchedCamera;
use super::clock::Step;
use crate::decode::Plane;
use crate::diff::{Kernel, KernelLevel};
use crate::estimate::{Estimator, FRAME_HOLDS_US, FRAME_US, GAP_US_MIN, UNSEEN_US_MIN};
use crate::lake::{Journal, Lake, LakeError, Spool, WrittenFile};
use crate::scene::Scene;
use kept::Kept;
use pantau_models::record::{GapReason, Quality};
use pantau_models::time::{Span, US_PER_S, UtcMicros};
use part::{begun, scene, written};
use std::sync::{Arc, Mutex};
pub(super) use told::Counts;
use told::{Begun, Told};

/// Raised whenever the stored types change.
const VERSION: u32 = 6;
/// What the spool holds is written this often, microseconds: what a killed worker loses.
const FLUSH_US: i64 = 2 * US_PER_S;
/// ... and synced this often: what a power cut loses.
const SYNC_US: i64 = 5 * US_PER_S;
/// Length of a part. Parts begin at whole hours.
const PART_US: i64 = 3600 * US_PER_S;
/// Bytes that may wait in memory while the disk is full; then what is seen is lost, and said so: a minute.
const WAITING_BYTES_MAX: usize = 128 << 10;
/// Frames are told to the estimator in spans of about this length.
const SPAN_US: i64 = US_PER_S;
/// After so long without a picture, rows that wait for more are finished: the estimator's memory ends here anyway.
/// Longer darkness is told in pieces, so that it is in the lake before it ends.
const DARK_US: i64 = 150 * US_PER_S;

/// What is told of time before the first connection succeeds or fails.
const NOT_YET: &str = "not connected yet";

/// Where the lake's shared parts are.
#[derive(Clone)]
pub(super) struct Store {
    pub lake: Lake,
    pub journal: Arc<Mutex<Journal>>,
}

/// Why time is not seen at the moment.
#[derive(Clone, Debug)]
pub(super) struct Dark {
    pub reason: GapReason,
    pub detail: String,
}

/// A camera's line.
pub(super) struct Line {
    camera: Arc<WatchedCamera>,
    store: Store,
    kernel: Kernel,
    scene: Scene,
    estimator: Estimator,
    spool: Spool,
    /// The open part's.
    settings_id: String,
    part_start: UtcMicros,
    not_before: Option<UtcMicros>,
    /// The open part's rows that are final.
    rows: Kept,
    /// Its files, if this worker wrote it.
    files: Option<Vec<WrittenFile>>,
    counts: Counts,
    /// Counted since the spool was last told.
    fresh: Counts,
    /// First moment of the part that was seen.
    seen_from: Option<UtcMicros>,
    /// Where told time ends.
    seen_until: Option<UtcMicros>,
    /// Where the last gap that was told ends.
    unseen_until: Option<UtcMicros>,
    /// Seen, and told as such, while its samples wait in the scene for their other side.
    unsampled: Vec<Span>,
    /// The span of frames that is not told yet.
    open_span: Option<(Span, Quality)>,
    last_frame: Option<UtcMicros>,
    last_sample: Option<UtcMicros>,
    /// The last sample that the estimator was told.
    last_told: Option<UtcMicros>,
    frame_us: i64,
    slot_us: i64,
    dark: Option<Dark>,
    /// Since when nothing can be written.
    disk_full_since: Option<UtcMicros>,
    flushed_us: i64,
    synced_us: i64,
    published: UtcMicros,
    has_unpublished: bool,
    is_ended: bool,
    /// Probability and activity of the last row, for people who watch the worker.
    pub last_row: Option<(f32, f32)>,
    /// Flags of the last sample.
    pub last_quality: Quality,
    /// Seconds of gaps by reason since the worker began.
    pub gap_s: [f64; GapReason::ALL.len()],
}

impl Line {
    /// Takes up what an earlier worker left, and goes on from there. `now` is when this one begins.
    pub(super) fn open(
        level: KernelLevel,
        camera: Arc<WatchedCamera>,
        store: Store,
        now: UtcMicros,
    ) -> Result<Self, LakeError> {
        let path = store.lake.paths().spool(&camera.place.camera);
        let found = match Spool::open(&path)? {
            Some((spool, payloads)) => match begun(&payloads[0]) {
                Some(begun) => Some((spool, begun, payloads)),
                None => {
                    let aside = Spool::put_aside(&path)?;
                    tracing::warn!(camera = %camera.place.camera, aside = %aside.display(), "the spool was left by another version: what it holds beyond its rows is set aside");
                    None
                }
            },
            None => None,
        };
        let scene = scene(&camera, &store.lake);
        let slot_us = camera.analysis.slot_us();
        let mut line = match found {
            Some((spool, begun, payloads)) => {
                let mut line = Self::from_spool(level, camera.clone(), store, scene, spool, begun, slot_us);
                line.replay(&payloads[1..]);
                line
            }
            None => {
                let estimator = Estimator::new(camera.place.clone(), &camera.analysis);
                let begun = Begun {
                    settings_id: camera.settings_id.clone(),
                    part_start: now,
                    not_before: None,
                    seen_until: None,
                    unsampled: Vec::new(),
                    estimator,
                };
                let spool = Spool::begin(&path, &written(&begun))?;
                Self::from_spool(level, camera.clone(), store, scene, spool, begun, slot_us)
            }
        };
        line.gap_s = Default::default();
        let lost_from = line.lose_unsampled();
        if line.settings_id != line.camera.settings_id || *line.estimator.place() != line.camera.place {
            line.change_settings(now)?;
        }
        line.published = now;
        if let Some(until) = lost_from.or(line.seen_until).filter(|until| now.0 - until.0 >= GAP_US_MIN) {
            line.tell_unseen(Span::new(until, now), GapReason::Paused, "the worker was not running");
        }
        line.seen_until.get_or_insert(now);
        line.go_dark(Dark { reason: GapReason::NoLink, detail: NOT_YET.to_owned() });
        Ok(line)
    }

    fn from_spool(
        level: KernelLevel,
        camera: Arc<WatchedCamera>,
        store: Store,
        scene: Scene,
        spool: Spool,
        begun: Begun,
        slot_us: i64,
    ) -> Self {
        Self {
            camera,
            store,
            kernel: Kernel::new(level),
            scene,
            estimator: begun.estimator,
            spool,
            settings_id: begun.settings_id,
            part_start: begun.part_start,
            not_before: begun.not_before,
            rows: Kept::default(),
            files: None,
            counts: Counts::default(),
            fresh: Counts::default(),
            seen_from: None,
            seen_until: begun.seen_until,
            unsampled: begun.unsampled,
            unseen_until: None,
            open_span: None,
            last_frame: None,
            last_sample: None,
            last_told: None,
            frame_us: FRAME_US,
            slot_us,
            dark: None,
            disk_full_since: None,
            flushed_us: 0,
            synced_us: 0,
            published: begun.part_start,
            has_unpublished: true,
            is_ended: false,
            last_row: None,
            last_quality: Quality::empty(),
            gap_s: [0.0; GapReason::ALL.len()],
        }
    }

    fn replay(&mut self, payloads: &[Vec<u8>]) {
        let count = payloads.len();
        for (index, payload) in payloads.iter().enumerate() {
            match postcard::from_bytes::<Told>(payload) {
                Ok(told) => self.hear(told),
                Err(error) => {
                    tracing::warn!(camera = %self.camera.place.camera, index, count, %error, "what can't be read in the spool is passed over");
                }
            }
        }
    }

    /// What was told as seen and whose samples never came, since the worker was killed or the disk was full, is not
    /// known any more. Returns where it begins, if it lasts until where told time ends.
    fn lose_unsampled(&mut self) -> Option<UtcMicros> {
        let mut lost: Vec<Span> = Vec::new();
        for span in std::mem::take(&mut self.unsampled) {
            match lost.last_mut() {
                Some(last) if span.start <= last.end => last.end = span.end,
                _ => lost.push(span),
            }
        }
        // What a clean stop leaves is the last frame's own time.
        lost.retain(|span| span.end.0 - span.start.0 >= GAP_US_MIN);
        for &span in &lost {
            self.tell(Told::Lost(span));
        }
        let last = lost.pop_if(|span| Some(span.end) >= self.seen_until);
        for span in lost {
            self.tell_unseen(span, GapReason::Paused, "the worker ended before this was judged");
        }
        last.map(|span| span.start)
    }

    /// Where told time ends.
    pub(super) fn seen_until(&self) -> Option<UtcMicros> {
        self.seen_until
    }

    /// Bytes of the spool.
    pub(super) fn spool_bytes(&self) -> u64 {
        self.spool.bytes() + self.spool.waiting_bytes() as u64
    }

    /// Why nothing is seen, from now on and until the next frame.
    pub(super) fn go_dark(&mut self, dark: Dark) {
        self.close_span();
        // The first reason is the cause, what follows comes of it.
        if self.dark.as_ref().is_none_or(|known| known.detail == NOT_YET) {
            self.dark = Some(dark);
        }
        self.last_frame = None;
    }

    /// A frame, whole; what it shows is looked at if a sample is due.
    pub(super) fn frame(&mut self, at: UtcMicros, plane: &Plane<'_>, quality: Quality) {
        self.fresh.frames += 1;
        if self.is_told_already(at) {
            return;
        }
        self.see_until(at, quality);
        let is_due = self.last_sample.is_none_or(|last| {
            let (slot, before) = (at.0.div_euclid(self.slot_us), last.0.div_euclid(self.slot_us));
            // Frames near a border of slots must not fall on either side of it in turn.
            at.0 - last.0 >= self.slot_us * 9 / 10 || (slot > before && at.0 - last.0 >= self.slot_us / 2)
        });
        if is_due {
            self.last_sample = Some(at);
            for mut evidence in self.scene.observe_plane(&mut self.kernel, at, plane) {
                // A scene from before a kill remembers samples that were told since.
                if self.last_told.is_some_and(|told| evidence.at <= told) {
                    continue;
                }
                evidence.quality.insert(quality);
                self.last_quality = evidence.quality;
                self.tell(Told::Sample(evidence));
            }
        }
    }

    /// Frames that could not be decoded whole or show too little, from when to when.
    pub(super) fn damaged(&mut self, span: Span, detail: &str) {
        self.close_span();
        let from = self.seen_until.map_or(span.start, |until| until.max(span.start));
        if span.end > from {
            self.tell_unseen(Span::new(from, span.end), GapReason::Decode, detail);
        }
        self.last_frame = None;
    }

    /// Counted for the manifest.
    pub(super) fn count(&mut self, counts: &Counts) {
        self.fresh.add(counts);
    }

    /// The machine's clock was set.
    pub(super) fn note_step(&mut self, step: Step) {
        if let Step::Forward(by_us) = step {
            let detail = format!("the machine's clock was set forward by {:.0} s", by_us as f64 / US_PER_S as f64);
            self.go_dark(Dark { reason: GapReason::Paused, detail });
        }
    }

    fn is_told_already(&self, at: UtcMicros) -> bool {
        let is_before = |bound: Option<UtcMicros>| bound.is_some_and(|bound| at < bound);
        is_before(self.not_before) || is_before(self.last_frame) || is_before(self.seen_until)
    }

    /// The last frame spoke for the time until this one, unless that is too long.
    fn see_until(&mut self, at: UtcMicros, quality: Quality) {
        match self.last_frame.replace(at) {
            Some(last) if at.0 - last.0 <= FRAME_HOLDS_US => {
                self.frame_us = (at.0 - last.0).clamp(1, FRAME_HOLDS_US);
                let (span, all) = self.open_span.get_or_insert((Span::new(last, last), Quality::empty()));
                span.end = at;
                all.insert(quality);
                if span.end.0 - span.start.0 >= SPAN_US {
                    self.close_span();
                }
            }
            Some(last) => {
                self.close_span();
                let until = last.plus_us(self.frame_us);
                self.tell(Told::Seen { span: Span::new(last, until), quality });
                let dark = self.dark.take().unwrap_or_else(silent);
                self.tell_unseen(Span::new(until, at), dark.reason, &dark.detail);
            }
            None => {
                self.close_span();
                let dark = self.dark.take();
                if let Some(from) = self.seen_until {
                    let dark = dark.unwrap_or_else(silent);
                    self.tell_unseen(Span::new(from, at), dark.reason, &dark.detail);
                }
            }
        }
        self.dark = None;
    }

    fn close_span(&mut self) {
        if let Some((span, quality)) = self.open_span.take() {
            self.tell(Told::Seen { span, quality });
        }
    }

    fn tell_unseen(&mut self, span: Span, reason: GapReason, detail: &str) {
        // What follows a gap that is told already is its end.
        let is_told_on = self.unseen_until == Some(span.start) && span.end > span.start;
        if is_told_on || span.end.0 - span.start.0 >= UNSEEN_US_MIN {
            self.tell(Told::Unseen { span, reason, detail: detail.to_owned() });
        }
    }

    /// Tells spool and estimator, or neither.
    fn tell(&mut self, told: Told) {
        if self.spool.waiting_bytes() > WAITING_BYTES_MAX {
            // The disk takes nothing. What is not kept is not known: its time will be a gap.
            let from = self.seen_until.unwrap_or(self.part_start);
            if self.disk_full_since.replace(from).is_none() {
                tracing::error!(camera = %self.camera.place.camera, "nothing can be written: what is seen from now on is lost until there is room");
            }
            return;
        }
        let payload = postcard::to_stdvec(&told).expect("invariant: what is told is plain data");
        self.spool.push(&payload);
        self.has_unpublished = true;
        self.hear(told);
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Seen { span, quality } => {
                self.estimator.seen(span, quality);
                self.seen_from.get_or_insert(span.start);
                self.seen_until = self.seen_until.max(Some(span.end));
                self.unsampled.push(span);
                self.is_ended = false;
            }
            Told::Unseen { span, reason, detail } => {
                self.estimator.unseen(span, reason, &detail);
                self.seen_until = self.seen_until.max(Some(span.end));
                self.unseen_until = Some(span.end);
                let index = GapReason::ALL.iter().position(|known| *known == reason).unwrap_or(0);
                self.gap_s[index] += span.seconds();
                self.collect();
            }
            Told::Sample(evidence) => {
                self.last_told = Some(evidence.at);
                let judged_until = evidence.at.plus_us(self.slot_us);
                self.unsampled.retain_mut(|span| {
                    span.start = span.start.max(judged_until);
                    span.start < span.end
                });
                self.estimator.observe(evidence);
                self.collect();
            }
            Told::Lost(span) => {
                self.estimator.unsee(span);
                self.unsampled.retain(|waiting| waiting.start >= span.end);
                self.last_told = self.last_told.max(Some(span.end));
            }
            Told::Ended => {
                let rows = self.estimator.flush();
                self.rows.append(rows);
                self.is_ended = true;
            }
            Told::Counted(counts) => self.counts.add(&counts),
        }
    }

    fn collect(&mut self) {
        let rows = self.estimator.rows();
        let whole_view = rows.observations.iter().rev().find(|row| row.zone.as_str() == "room");
        self.last_row = whole_view.map(|row| (row.presence, row.activity)).or(self.last_row);
        self.rows.append(rows);
    }

    /// Writes what waits; once that works again after the disk was full, the time lost becomes a gap.
    fn flush(&mut self) -> Result<(), LakeError> {
        if self.fresh.frames > 0 || self.fresh.sessions > 0 {
            let fresh = std::mem::take(&mut self.fresh);
            self.tell(Told::Counted(fresh));
        }
        self.spool.flush()?;
        if let Some(since) = self.disk_full_since.take() {
            let until = self.last_frame.or(self.seen_until).unwrap_or(since).max(since);
            tracing::info!(camera = %self.camera.place.camera, "there is room again");
            self.open_span = None;
            // Samples of the last seconds before came too late to be kept.
            let since = self.lose_unsampled().map_or(since, |from| from.min(since));
            self.tell_unseen(Span::new(since, until), GapReason::Disk, "no room to write");
            self.spool.flush()?;
        }
        Ok(())
    }

    /// Tells darkness that has lasted for `piece_us`; long darkness finishes rows that wait.
    fn tell_darkness(&mut self, now: UtcMicros, piece_us: i64) {
        let (Some(dark), Some(until)) = (self.dark.clone(), self.seen_until) else { return };
        if now.0 - until.0 >= piece_us {
            self.tell_unseen(Span::new(until, now), dark.reason, &dark.detail);
        }
        // Not within the interval of the last sample: what comes after would give it a second row.
        let interval = self.camera.analysis.interval;
        let is_over = |last: UtcMicros| now >= interval.start_of(last).plus_us(interval.length_us());
        if !self.is_ended && self.last_told.is_some_and(|last| now.0 - last.0 >= DARK_US && is_over(last)) {
            self.tell_waiting();
            self.tell(Told::Ended);
        }
    }

    /// Tells the samples that wait in the scene for their other side: there will be none.
    fn tell_waiting(&mut self) {
        for evidence in self.scene.flush() {
            if self.last_told.is_none_or(|told| evidence.at > told) {
                self.tell(Told::Sample(evidence));
            }
        }
    }

    /// Makes what is known durable, quickly: a stop may be cut short.
    pub(super) fn sync(&mut self, now: UtcMicros) -> Result<(), LakeError> {
        if self.last_frame.is_some_and(|last| now.0 - last.0 > FRAME_HOLDS_US) {
            self.go_dark(silent());
        }
        self.close_span();
        self.tell_waiting();
        self.tell_darkness(now, GAP_US_MIN);
        self.flush()?;
        self.spool.sync()
    }
}

fn silent() -> Dark {
    Dark { reason: GapReason::CameraSilent, detail: "the camera sent no pictures".to_owned() }
}
