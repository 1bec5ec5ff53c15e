//! A camera's state, fed in time order: scene, estimator, and the part of the lake being filled.

use super::audit::Audit;
use super::checkpoint::Checkpoint;
use super::feed::Facts;
use super::message::{self, Troubles};
use super::plan::CameraPlan;
use super::schedule::Schedule;
use super::tally::Tally;
use super::timeline::{first_free, widened};
use crate::decode::{Plane, SegmentReport};
use crate::diff::{Geometry, Grid, Kernel, KernelLevel};
use crate::estimate::{Estimator, FRAME_HOLDS_US, GAP_US_MIN, Rows};
use crate::ingest::{Ending, ReadReport};
use crate::lake::{LakeError, OldFiles, Replacement};
use crate::scene::Scene;
use pantau_models::evidence::Evidence;
use pantau_models::record::{GapReason, Recording, RecordingStatus};
use pantau_models::time::{Span, US_PER_S, UtcMicros};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A part is committed once it holds the footage that the request asks for, or so many recordings: their manifest rows are kept in memory until then.
const PART_RECORDINGS: usize = 256;
/// An earlier run's last part goes on if the next recording begins within this time after its end: then its last
/// minute of rows gains what comes after it.
const GOES_ON_S: f64 = 60.0;
/// Where the plan asks for so much of a segment in vain, the key frames it looks at first are in vain, too.
const MOST: f64 = 0.7;
/// ... if that happens in so many segments in a row: after a visit, one or two are usual.
const VAIN_SEGMENTS: u8 = 3;
/// Groups of fewer than this say nothing of that.
const MOST_OF_MIN: u64 = 6;
/// So many segments after them are decoded whole.
const MOST_SEGMENTS: u8 = 8;
/// Durations that containers declare may be too short: other recordings are looked for so far beyond, microseconds.
const COVERED_AHEAD_US: i64 = 3600 * US_PER_S;

/// Rows that wait for their commit.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct OpenPart {
    /// First recording and segment in it: the same in every run.
    pub identity: String,
    pub start: UtcMicros,
    pub seen_us: i64,
    pub rows: Rows,
    /// Finished recordings.
    pub recordings: Vec<Settled>,
    /// The lake has a version of it that ended with the stream.
    pub was_flushed: bool,
}

/// A recording with its verdict, and its file's modification time; `None` if it is to be read again when it is next
/// named.
pub(super) type Settled = (Recording, Option<i64>);

/// What became of a segment's frames.
#[derive(Debug)]
pub(super) struct Ended<'a> {
    pub frames_us: &'a [i64],
    pub report: &'a SegmentReport,
    pub tally: Tally,
    /// What reading met with, if the recording ends with it.
    pub read: Option<&'a ReadReport>,
    /// The same decoder goes on: its state is nowhere else.
    pub continues: bool,
    pub spent_s: f64,
}

/// A recording being read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Running {
    pub recording: Recording,
    pub mtime_us: i64,
    pub next_segment: u64,
    /// Times that other recordings have covered: its frames in them are left out.
    pub covered: Vec<Span>,
    /// Its first moment that was new.
    pub first_at: Option<UtcMicros>,
    troubles: Troubles,
    tally: Tally,
}

impl Running {
    fn is_of(&self, facts: &Facts) -> bool {
        self.recording.content_id == facts.content_id && self.recording.span.start == facts.start
    }
}

/// What goes from one segment to the next, beside scene and estimator.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Track {
    /// The last sample's slot of time; a slot gives one sample.
    pub last_slot: Option<i64>,
    /// When something last moved.
    pub moved_at: Option<UtcMicros>,
    /// The last two pictures in which nobody was there and nothing happened, the newest first.
    pub empty: [Option<(UtcMicros, Grid)>; 2],
    /// For how long somebody was there since the view was last known empty, microseconds.
    pub stayed_us: i64,
    /// When it was last asked what to look at.
    pub asked_at: Option<UtcMicros>,
    /// The pictures that will be some of these if nobody is found to have been there, the oldest first.
    pub maybe_empty: VecDeque<(UtcMicros, Grid)>,
    /// What was lost by not decoding everything.
    pub audit: Audit,
    /// Groups of pictures whose evidence is still to come.
    pub(super) groups: VecDeque<Begun>,
    /// Groups that moved since the last segment's end.
    pub(super) moving: u64,
    /// Groups that were left to the plan since then, and those of them that it had decoded.
    pub(super) planned: [u64; 2],
    /// So many segments are decoded whole: the plan would ask for most of them.
    pub(super) whole_segments: u8,
    /// The same of the segment before, and how many groups have moved since it began: evidence is seconds late.
    pub(super) planned_before: ([u64; 2], u64),
    /// Segments in a row, of those with a plan, of which most was decoded in vain.
    pub(super) vain_segments: u8,
    /// The last frame, until its recording ends.
    pub last_frame: Option<UtcMicros>,
    /// Where the seen time ends.
    pub seen_until: Option<UtcMicros>,
    pub frame_us: Option<i64>,
    pub running: Option<Running>,
    pub part: OpenPart,
    /// Recordings that came after later ones: they may fill gaps that are told already.
    pub is_behind: bool,
    /// The part is in the lake as if the stream had ended; it may still go on.
    pub is_flushed: bool,
}

impl Track {
    /// Judges the segment before the one that ends, now that all of its evidence is in.
    fn settle_vain(&mut self) {
        let now = (std::mem::take(&mut self.planned), self.moving);
        let ([planned, decoded], moving) = std::mem::replace(&mut self.planned_before, now);
        if planned < MOST_OF_MIN {
            return;
        }
        let in_vain = decoded.saturating_sub(moving + self.moving) as f64;
        self.vain_segments = if in_vain >= MOST * planned as f64 { self.vain_segments.saturating_add(1) } else { 0 };
        if self.vain_segments >= VAIN_SEGMENTS {
            self.whole_segments = MOST_SEGMENTS;
        }
    }
}

/// A group of pictures.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Begun {
    pub(super) at: UtcMicros,
    /// If it moves, that was no chance: it was not drawn by lot, and decoded.
    pub(super) counts: bool,
}

/// A camera's state.
pub(super) struct Tail {
    pub(super) camera: CameraPlan,
    pub(super) kernel: Kernel,
    pub(super) scene: Scene,
    pub(super) estimator: Estimator,
    pub(super) track: Track,
    pub(super) slot_us: i64,
    /// Nothing is known of what a killed run may have left of this camera.
    is_new: bool,
    /// Last recording's clock is a guess: what comes after can't be its continuation.
    pub(super) is_suspect: bool,
    pub(super) is_touched: bool,
    /// With `--replace`: this camera's files of other settings, once rows of theirs had to go.
    pub(super) old_files: Option<OldFiles>,
}

/// Where a sample comes from.
pub(super) enum Sample<'a> {
    Picture(&'a Plane<'a>),
    Reduced(&'a Geometry, &'a Grid),
}

impl Tail {
    pub(super) fn new(level: KernelLevel, camera: CameraPlan, checkpoint: Option<Checkpoint>) -> Self {
        let analysis = camera.analysis.clone();
        let slot_us = analysis.slot_us();
        let is_new = checkpoint.is_none();
        // Killed after its last part, before its end was written: the rows of the last minute are still to come.
        let is_touched = checkpoint.as_ref().is_some_and(|checkpoint| !checkpoint.track.is_flushed);
        let (scene, estimator, track) = match checkpoint {
            Some(Checkpoint { scene, estimator, track, .. }) => (Scene::restore(analysis, scene), estimator, track),
            None => {
                let estimator = Estimator::new(camera.place.clone(), &analysis);
                (Scene::new(analysis), estimator, Track::default())
            }
        };
        let kernel = Kernel::new(level);
        Self {
            camera,
            kernel,
            scene,
            estimator,
            track,
            slot_us,
            is_new,
            is_suspect: false,
            is_touched,
            old_files: None,
        }
    }

    /// A segment of a recording comes next.
    pub(super) fn begin(&mut self, facts: &Facts, segment: u64, schedule: &Schedule<'_>) -> Result<(), LakeError> {
        self.is_touched = true;
        self.is_suspect = facts.time_source.is_suspect();
        if self.track.running.as_ref().is_some_and(|running| running.is_of(facts)) {
            self.track.is_flushed = false;
            return Ok(());
        }
        self.leave_unfinished(schedule);
        let pieces = self.pieces(facts, schedule);
        self.drop_remains(facts, &pieces, schedule)?;
        self.connect(facts, &pieces, schedule)?;
        // A live worker told gaps that this recording may fill.
        self.track.is_behind |= schedule.ledger.is_watched(&self.camera.place.camera);
        if self.track.part.identity.is_empty() {
            self.track.part.identity = format!("{}/{segment}", facts.content_id);
            self.track.part.start = facts.start;
        }
        let span = Span::new(facts.start, facts.start);
        let recording = facts.row(&self.camera, span, RecordingStatus::Done, String::new());
        self.track.running = Some(Running {
            recording,
            mtime_us: facts.mtime_us,
            next_segment: segment,
            covered: self.covered(&pieces),
            first_at: None,
            troubles: Troubles::default(),
            tally: Tally::default(),
        });
        Ok(())
    }

    /// Time near the recording that the lake has already, from whatever recording. What `--replace` takes away does
    /// not count.
    fn pieces(&self, facts: &Facts, schedule: &Schedule<'_>) -> Vec<Span> {
        let interval_us = self.camera.analysis.interval.length_us();
        let length_us = facts.info.duration_us.unwrap_or(0).clamp(0, i64::MAX / 4);
        let end = facts.start.plus_us(length_us).plus_us(COVERED_AHEAD_US);
        let near = Span::new(facts.start.plus_us(-interval_us), end);
        let overlaps = schedule.ledger.coverage().overlaps(&self.camera.place.camera, &near);
        let counts = |settings_id: &String| !schedule.request.replace || *settings_id == self.camera.settings_id;
        overlaps.into_iter().filter(|(_, settings_id)| counts(settings_id)).map(|(piece, _)| piece).collect()
    }

    /// Of these, what this timeline did not see itself, with the intervals that have their rows from there.
    fn covered(&self, pieces: &[Span]) -> Vec<Span> {
        let interval = self.camera.analysis.interval;
        let foreign = pieces.iter().filter(|piece| self.track.seen_until.is_none_or(|until| piece.end > until));
        foreign.map(|piece| widened(*piece, interval)).collect()
    }

    /// Rows of a recording that a killed run had begun are known by the state that it left. Without one, they go: the
    /// recording is read from its start.
    fn drop_remains(&mut self, facts: &Facts, pieces: &[Span], schedule: &Schedule<'_>) -> Result<(), LakeError> {
        if !std::mem::take(&mut self.is_new) || !schedule.ledger.had_rows {
            return Ok(());
        }
        let length_us = facts.info.duration_us.unwrap_or(0).max(0);
        for span in Span::new(facts.start, facts.start.plus_us(length_us)).without(pieces) {
            let (camera, settings_id) = (self.camera.place.camera.clone(), String::new());
            let removed = schedule.ledger.lake.remove_replaced(&Replacement { camera, span, settings_id })?;
            if removed.rows > 0 {
                // A run with other settings was killed in it: it must not go on.
                let CameraPlan { place, settings_id, .. } = &self.camera;
                schedule.ledger.lake.remove_other_states(&place.camera, settings_id)?;
            }
        }
        Ok(())
    }

    /// Joins a new recording to what was before it: goes on, notes the gap, or begins anew.
    fn connect(&mut self, facts: &Facts, pieces: &[Span], schedule: &Schedule<'_>) -> Result<(), LakeError> {
        let was_flushed = std::mem::take(&mut self.track.is_flushed);
        let Some(seen_until) = self.track.seen_until else { return Ok(()) };
        let is_back = first_free(facts.start, pieces) < seen_until.plus_us(-FRAME_HOLDS_US);
        if was_flushed && (is_back || !self.goes_on(seen_until, facts.start)) {
            // Its rows are in the lake, those of the last moments too; only the scene goes on.
            self.scene.flush();
            self.track.part = OpenPart::default();
            self.estimator = Estimator::new(self.camera.place.clone(), &self.camera.analysis);
        }
        if is_back {
            // An earlier recording after a later one: a timeline of its own.
            self.end_timeline();
            self.scene = Scene::new(self.camera.analysis.clone());
            let part = std::mem::take(&mut self.track.part);
            self.track = Track { part, is_behind: true, ..Track::default() };
            self.commit(schedule)?;
            self.track.part = OpenPart::default();
        } else if facts.start.0 - seen_until.0 >= GAP_US_MIN {
            let gap = Span::new(seen_until, facts.start);
            let seen_by_others = schedule.ledger.coverage().overlaps(&self.camera.place.camera, &gap);
            let seen_by_others: Vec<Span> = seen_by_others.into_iter().map(|(piece, _)| piece).collect();
            let is_long = |span: &Span| span.end.0 - span.start.0 >= GAP_US_MIN;
            for span in gap.without(&seen_by_others).into_iter().filter(is_long) {
                self.estimator.unseen(span, GapReason::NoRecording, "no recording covers this time");
            }
        }
        self.track.last_frame = None;
        Ok(())
    }

    /// Whether a recording changes rows of the part before it: by its evidence, or because it shares an interval.
    fn goes_on(&self, seen_until: UtcMicros, start: UtcMicros) -> bool {
        let interval = self.camera.analysis.interval;
        start.seconds_since(seen_until) <= GOES_ON_S || interval.start_of(start) <= interval.start_of(seen_until)
    }

    pub(super) fn leave_unfinished(&mut self, schedule: &Schedule<'_>) {
        if let Some(running) = self.track.running.take() {
            let mut settled = self.settle(running, RecordingStatus::Partial, message::left_unfinished());
            settled.1 = None;
            self.add(settled, schedule);
        }
    }

    /// A sample; refused if its slot of time has one already, or its time was covered before.
    pub(super) fn sample(&mut self, at: UtcMicros, sample: &Sample<'_>) {
        let slot = at.0.div_euclid(self.slot_us);
        if self.track.last_slot.is_some_and(|last| slot <= last) || self.is_taken(at) {
            return;
        }
        self.track.last_slot = Some(slot);
        let evidence = match sample {
            Sample::Picture(plane) => self.scene.observe_plane(&mut self.kernel, at, plane),
            Sample::Reduced(geometry, grid) => self.scene.observe_grid(&mut self.kernel, at, geometry, grid),
        };
        self.take(evidence);
    }

    pub(super) fn take(&mut self, evidence: Vec<Evidence>) {
        for evidence in evidence {
            let moves = is_movement(&evidence);
            if moves {
                self.track.moved_at = Some(evidence.at);
            }
            while self.track.groups.get(1).is_some_and(|next| next.at <= evidence.at) {
                self.track.groups.pop_front();
            }
            if let Some(group) = self.track.groups.front_mut().filter(|group| group.at <= evidence.at)
                && group.counts
                && moves
            {
                group.counts = false;
                self.track.moving += 1;
            }
            self.estimator.observe(evidence);
        }
    }

    /// The segment's frames are through: what was seen and what was not, and the rows that are final now.
    pub(super) fn finish(
        &mut self,
        facts: &Facts,
        ended: &Ended<'_>,
        schedule: &Schedule<'_>,
    ) -> Result<(), LakeError> {
        let report = ended.report;
        self.track.frame_us = report.frame_duration_us.or(self.track.frame_us);
        let seen_before = self.track.part.seen_us;
        self.account(facts, ended.frames_us, report);
        schedule.watcher.analysed((self.track.part.seen_us - seen_before) as f64 / US_PER_S as f64);
        self.track.whole_segments = self.track.whole_segments.saturating_sub(1);
        self.track.settle_vain();
        if let Some(running) = &mut self.track.running {
            running.next_segment = report.index + 1;
            running.recording.frames += report.frames;
            running.recording.spent_s += ended.spent_s as f32;
            running.troubles.add(report);
            let tally = Tally { moving: std::mem::take(&mut self.track.moving), ..ended.tally };
            running.tally += tally;
            self.track.audit.take(tally);
        }
        if let Some(read) = ended.read {
            self.end_recording(facts, read, schedule);
        }
        self.track.part.rows.append(self.estimator.rows());
        if ended.continues { Ok(()) } else { self.commit_if_due(schedule) }
    }

    fn end_recording(&mut self, facts: &Facts, read: &ReadReport, schedule: &Schedule<'_>) {
        self.end_frames(facts);
        let Some(mut running) = self.track.running.take() else { return };
        running.recording.decode_errors = running.troubles.errors() + read.corrupt_packets + read.read_errors;
        let is_whole = read.ending == Ending::Complete && running.recording.decode_errors == 0;
        let (status, text) = match running.first_at {
            None if running.recording.frames == 0 => {
                (RecordingStatus::Failed, message::without_frames(running.troubles.first()))
            }
            None => (RecordingStatus::Skipped, message::covered(false)),
            Some(_) => {
                let status = if is_whole { RecordingStatus::Done } else { RecordingStatus::Partial };
                (status, running.troubles.message(read, &running.tally, &self.track.audit, facts.clock_doubt()))
            }
        };
        if status == RecordingStatus::Skipped {
            running.recording.span.end = facts.start.plus_us(read.end_us).max(facts.start);
        }
        let settled = self.settle(running, status, text);
        self.add(settled, schedule);
    }

    fn settle(&self, running: Running, status: RecordingStatus, text: String) -> Settled {
        let Running { mut recording, mtime_us, first_at, .. } = running;
        if let (Some(first), Some(until)) = (first_at, self.track.seen_until) {
            recording.span = Span::new(first, until);
        }
        recording.status = status;
        recording.message = text;
        (recording, Some(mtime_us))
    }

    /// A recording that needs no decoding has its verdict.
    pub(super) fn verdict(
        &mut self,
        recording: Recording,
        mtime_us: i64,
        schedule: &Schedule<'_>,
    ) -> Result<(), LakeError> {
        self.add((recording, Some(mtime_us)), schedule);
        self.commit_if_due(schedule)
    }

    fn add(&mut self, settled: Settled, schedule: &Schedule<'_>) {
        let recording = &settled.0;
        schedule.tell(recording);
        if schedule.ledger.knows_failure(&settled) {
            return;
        }
        self.is_touched = true;
        if recording.status.has_rows() {
            schedule.ledger.coverage().insert(&recording.place.camera, recording.span, &recording.settings_id);
        }
        let part = &mut self.track.part;
        if part.identity.is_empty() {
            part.identity = format!("{}/{}", recording.content_id, recording.path);
            part.start = recording.span.start;
        }
        part.recordings.push(settled);
    }

    pub(super) fn end_timeline(&mut self) {
        let evidence = self.scene.flush();
        self.take(evidence);
        let rows = self.estimator.flush();
        self.track.part.rows.append(rows);
    }

    fn commit_if_due(&mut self, schedule: &Schedule<'_>) -> Result<(), LakeError> {
        let part = &self.track.part;
        let is_due = part.seen_us >= schedule.request.tuning.part_us() || part.recordings.len() >= PART_RECORDINGS;
        if is_due { self.commit(schedule) } else { Ok(()) }
    }
}

/// True if a sample shows movement, as motion events do.
pub(super) fn is_movement(evidence: &Evidence) -> bool {
    evidence.zones.first().is_some_and(|view| view.cluster > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Segments of eight groups, each with how many of them were decoded and how many moved, as told by its end.
    fn whole_after(segments: &[[u64; 2]]) -> bool {
        let mut track = Track::default();
        for [decoded, moving] in segments {
            (track.planned, track.moving) = ([8, *decoded], *moving);
            track.settle_vain();
        }
        track.whole_segments > 0
    }

    #[test]
    fn movement_that_is_told_late_was_not_looked_at_in_vain() {
        assert!(whole_after(&[[8, 0], [7, 1], [6, 0], [6, 0]]));
        // Each visit is told in the segment after it.
        assert!(!whole_after(&[[6, 0], [0, 6], [6, 0], [0, 6], [6, 0], [0, 6], [0, 0]]));
        // After a visit, neighbours are looked at.
        assert!(!whole_after(&[[6, 0], [6, 0], [0, 0], [6, 0], [6, 0], [0, 0]]));
    }
}
