//! A camera's state, fed in time order: scene, estimator, and the part of the lake being filled.

use super::checkpoint::Checkpoint;
use super::feed::Facts;
use super::message::{self, Troubles};
use super::plan::CameraPlan;
use super::schedule::Schedule;
use crate::decode::{Plane, SegmentReport};
use crate::diff::{Geometry, Grid, Kernel, KernelLevel};
use crate::estimate::{Estimator, GAP_US_MIN, Rows};
use crate::ingest::{Ending, ReadReport};
use crate::lake::{LakeError, Part};
use crate::scene::Scene;
use pantau_models::evidence::Evidence;
use pantau_models::record::{GapReason, Quality, Recording, RecordingStatus};
use pantau_models::time::{Span, US_PER_S, UtcMicros};
use serde::{Deserialize, Serialize};

/// A frame speaks for the time until the next one if that comes within this time; cameras that send one picture a
/// second when nothing moves are normal, and some slow to one in two.
const FRAME_HOLDS_US: i64 = 2 * US_PER_S + US_PER_S / 10;
/// Length of a frame if nothing tells it.
const FRAME_US: i64 = US_PER_S / 5;
/// A part is committed once it holds so much footage: what a killed run has to do again, at most, per camera.
const PART_US: i64 = 900 * US_PER_S;
/// ... or so many recordings: their manifest rows are kept in memory until then.
const PART_RECORDINGS: usize = 256;
/// An earlier run's last part goes on if the next recording begins within this time after its end: then its last
/// minute of rows gains what comes after it.
const GOES_ON_S: f64 = 60.0;

/// Rows that wait for their commit.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct OpenPart {
    /// First recording and segment in it: the same in every run.
    pub identity: String,
    pub start: UtcMicros,
    pub seen_us: i64,
    pub rows: Rows,
    /// Finished recordings, with their files' modification times.
    pub recordings: Vec<(Recording, i64)>,
}

/// A recording being read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Running {
    pub recording: Recording,
    pub mtime_us: i64,
    pub next_segment: u64,
    first_at: Option<UtcMicros>,
    troubles: Troubles,
}

/// What goes from one segment to the next, beside scene and estimator.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Track {
    /// The last sample's slot of time; a slot gives one sample.
    pub last_slot: Option<i64>,
    /// The last frame, until its recording ends.
    pub last_frame: Option<UtcMicros>,
    /// Where the seen time ends.
    pub seen_until: Option<UtcMicros>,
    pub frame_us: Option<i64>,
    pub running: Option<Running>,
    pub part: OpenPart,
    /// The part is in the lake as if the stream had ended; it may still go on.
    pub is_flushed: bool,
}

/// A camera's state.
pub(super) struct Tail {
    camera: CameraPlan,
    kernel: Kernel,
    scene: Scene,
    estimator: Estimator,
    track: Track,
    slot_us: i64,
    /// Last recording's clock is a guess: what comes after can't be its continuation.
    is_suspect: bool,
    is_touched: bool,
}

/// Where a sample comes from.
pub(super) enum Sample<'a> {
    Picture(&'a Plane<'a>),
    Reduced(&'a Geometry, &'a Grid),
}

impl Tail {
    pub(super) fn new(level: KernelLevel, camera: CameraPlan, checkpoint: Option<Checkpoint>) -> Self {
        let analysis = camera.analysis.clone();
        let slot_us = slot_us(&camera);
        let (scene, estimator, track) = match checkpoint {
            Some(Checkpoint { scene, estimator, track, .. }) => (Scene::restore(analysis, scene), estimator, track),
            None => {
                let estimator = Estimator::new(camera.place.clone(), &analysis);
                (Scene::new(analysis), estimator, Track::default())
            }
        };
        let kernel = Kernel::new(level);
        Self { camera, kernel, scene, estimator, track, slot_us, is_suspect: false, is_touched: false }
    }

    /// A segment of a recording comes next.
    pub(super) fn begin(&mut self, facts: &Facts, segment: u64, schedule: &Schedule<'_>) -> Result<(), LakeError> {
        let is_running =
            self.track.running.as_ref().is_some_and(|running| running.recording.content_id == facts.content_id);
        if is_running {
            self.track.is_flushed = false;
            return Ok(());
        }
        self.leave_unfinished(schedule);
        self.connect(facts, schedule)?;
        self.is_suspect = facts.time_source.is_suspect();
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
            first_at: None,
            troubles: Troubles::default(),
        });
        Ok(())
    }

    /// Joins a new recording to what was before it: goes on, notes the gap, or begins anew.
    fn connect(&mut self, facts: &Facts, schedule: &Schedule<'_>) -> Result<(), LakeError> {
        self.is_touched = true;
        let Some(seen_until) = self.track.seen_until else { return Ok(()) };
        let away_s = facts.start.seconds_since(seen_until);
        let is_back = away_s < -FRAME_HOLDS_US as f64 / US_PER_S as f64 && facts.covered.is_empty();
        if self.track.is_flushed {
            self.track.is_flushed = false;
            if is_back || away_s > GOES_ON_S {
                // Its rows are in the lake; only the scene goes on.
                self.track.part = OpenPart::default();
                self.estimator = Estimator::new(self.camera.place.clone(), &self.camera.analysis);
            }
        }
        if is_back {
            // An earlier recording after a later one: a timeline of its own.
            self.end_timeline();
            self.commit(schedule, false)?;
            self.scene = Scene::new(self.camera.analysis.clone());
            self.track = Track::default();
        } else if away_s * US_PER_S as f64 >= GAP_US_MIN as f64 {
            let gap = Span::new(seen_until, facts.start);
            self.estimator.unseen(gap, GapReason::NoRecording, "no recording covers this time");
        }
        self.track.last_frame = None;
        Ok(())
    }

    fn leave_unfinished(&mut self, schedule: &Schedule<'_>) {
        if let Some(running) = self.track.running.take() {
            self.close_recording(running, RecordingStatus::Partial, message::left_unfinished(), schedule);
        }
    }

    /// A sample; refused if its slot of time has one already, or its time was covered before.
    pub(super) fn sample(&mut self, facts: &Facts, at: UtcMicros, sample: &Sample<'_>) {
        let slot = at.0.div_euclid(self.slot_us);
        let is_new = self.track.last_slot.is_none_or(|last| slot > last);
        let is_free = !is_covered(facts, at) && self.track.seen_until.is_none_or(|until| at >= until);
        if !is_new || !is_free {
            return;
        }
        self.track.last_slot = Some(slot);
        let evidence = match sample {
            Sample::Picture(plane) => self.scene.observe_plane(&mut self.kernel, at, plane),
            Sample::Reduced(geometry, grid) => self.scene.observe_grid(&mut self.kernel, at, geometry, grid),
        };
        self.take(evidence);
    }

    fn take(&mut self, evidence: Vec<Evidence>) {
        for evidence in evidence {
            self.estimator.observe(evidence);
        }
    }

    /// The segment's frames are through: what was seen and what was not, and the rows that are final now.
    pub(super) fn finish(
        &mut self,
        facts: &Facts,
        frames_us: &[i64],
        report: &SegmentReport,
        ending: Option<&ReadReport>,
        spent_s: f64,
        schedule: &Schedule<'_>,
    ) -> Result<(), LakeError> {
        self.track.frame_us = report.frame_duration_us.or(self.track.frame_us);
        let seen_before = self.track.part.seen_us;
        self.account(facts, frames_us, report);
        schedule.watcher.analysed((self.track.part.seen_us - seen_before) as f64 / US_PER_S as f64);
        if let Some(running) = &mut self.track.running {
            running.next_segment = report.index + 1;
            running.recording.frames += report.frames;
            running.recording.spent_s += spent_s as f32;
            running.troubles.add(report);
        }
        if let Some(read) = ending {
            self.end_recording(facts, read, schedule);
        }
        self.track.part.rows.append(self.estimator.rows());
        if self.track.part.seen_us >= PART_US || self.track.part.recordings.len() >= PART_RECORDINGS {
            self.commit(schedule, true)?;
        }
        Ok(())
    }

    /// Frames, and the damaged time between them, as spans seen and unseen.
    fn account(&mut self, facts: &Facts, frames_us: &[i64], report: &SegmentReport) {
        let quality = self.quality(facts, report);
        let wall = |pts_us: i64| facts.start.plus_us(pts_us);
        let mut unseen = report.unseen.iter().map(|span| Span::new(wall(span.from_us), wall(span.until_us))).peekable();
        for at in frames_us.iter().map(|&pts_us| wall(pts_us)) {
            let until = self.track.seen_until;
            if is_covered(facts, at) || until.is_some_and(|until| at < until) {
                self.track.last_frame = None;
                continue;
            }
            if let Some(running) = &mut self.track.running {
                running.first_at.get_or_insert(at);
            }
            let mut damage: Option<Span> = None;
            while let Some(span) = unseen.next_if(|span| span.start < at) {
                damage = Some(Span::new(damage.map_or(span.start, |damage| damage.start), span.end.min(at)));
            }
            match self.track.last_frame {
                Some(last) => self.between(last, at, damage, quality),
                None => self.before_first(at, damage),
            }
            self.track.last_frame = Some(at);
            self.track.seen_until = Some(at);
        }
        if let (Some(rest), Some(last)) = (unseen.next(), self.track.last_frame) {
            // Damage up to the segment's end: the next frame, if any, comes after it.
            self.see(Span::new(last, rest.start.max(last)), quality);
            self.estimator.unseen(rest, GapReason::Decode, "damaged or missing frames");
            self.track.last_frame = None;
            self.track.seen_until = Some(rest.end.max(last));
        }
    }

    fn between(&mut self, last: UtcMicros, at: UtcMicros, damage: Option<Span>, quality: Quality) {
        if let Some(damage) = damage {
            let from = damage.start.clamp(last, at);
            self.see(Span::new(last, from), quality);
            self.estimator.unseen(Span::new(from, at), GapReason::Decode, "damaged or missing frames");
        } else if at.0 - last.0 <= FRAME_HOLDS_US {
            self.see(Span::new(last, at), quality);
        } else {
            let from = last.plus_us(self.frame_us());
            self.see(Span::new(last, from), quality);
            self.estimator.unseen(Span::new(from, at), GapReason::CameraSilent, "the recording has no frames here");
        }
    }

    /// Time between the last recording, or damage, and this frame. A gap between recordings is told already.
    fn before_first(&mut self, at: UtcMicros, damage: Option<Span>) {
        if let Some(damage) = damage {
            self.estimator.unseen(Span::new(damage.start, at), GapReason::Decode, "damaged or missing frames");
        }
    }

    fn see(&mut self, span: Span, quality: Quality) {
        self.estimator.seen(span, quality);
        self.track.part.seen_us += span.end.0 - span.start.0;
    }

    fn quality(&self, facts: &Facts, report: &SegmentReport) -> Quality {
        let mut quality = Quality::empty();
        if facts.time_source.is_suspect() {
            quality.insert(Quality::CLOCK_SUSPECT);
        }
        if report.error_count > 0 {
            quality.insert(Quality::DECODE_ERRORS);
        }
        quality
    }

    fn frame_us(&self) -> i64 {
        self.track.frame_us.unwrap_or(FRAME_US).clamp(1, FRAME_HOLDS_US)
    }

    fn end_recording(&mut self, facts: &Facts, read: &ReadReport, schedule: &Schedule<'_>) {
        if let Some(last) = self.track.last_frame.take() {
            let until = last.plus_us(self.frame_us());
            self.see(Span::new(last, until), self.quality(facts, &SegmentReport::default()));
            self.track.seen_until = Some(until);
        }
        let Some(mut running) = self.track.running.take() else { return };
        running.recording.decode_errors = running.troubles.errors() + read.corrupt_packets + read.read_errors;
        let mut text = running.troubles.message(read);
        let is_whole = read.ending == Ending::Complete && running.recording.decode_errors == 0;
        let status = match running.recording.frames {
            0 => {
                text = message::without_frames(running.troubles.first());
                RecordingStatus::Failed
            }
            _ if is_whole => RecordingStatus::Done,
            _ => RecordingStatus::Partial,
        };
        self.close_recording(running, status, text, schedule);
    }

    fn close_recording(&mut self, running: Running, status: RecordingStatus, text: String, schedule: &Schedule<'_>) {
        let Running { mut recording, mtime_us, first_at, .. } = running;
        if let (Some(first), Some(until)) = (first_at, self.track.seen_until) {
            recording.span = Span::new(first, until);
        }
        recording.status = status;
        recording.message = text;
        self.add(recording, mtime_us, schedule);
    }

    /// A recording has its verdict.
    pub(super) fn add(&mut self, recording: Recording, mtime_us: i64, schedule: &Schedule<'_>) {
        self.is_touched = true;
        schedule.tell(&recording);
        if matches!(recording.status, RecordingStatus::Done | RecordingStatus::Partial) {
            schedule.ledger.coverage().insert(&recording.place.camera, recording.span, &recording.settings_id);
        }
        let part = &mut self.track.part;
        if part.identity.is_empty() {
            part.identity = format!("{}/{}", recording.content_id, recording.path);
            part.start = recording.span.start;
        }
        part.recordings.push((recording, mtime_us));
    }

    fn end_timeline(&mut self) {
        let evidence = self.scene.flush();
        self.take(evidence);
        let rows = self.estimator.flush();
        self.track.part.rows.append(rows);
    }

    /// Writes the part: rows, then this camera's state, then the journal.
    fn commit(&mut self, schedule: &Schedule<'_>, with_state: bool) -> Result<(), LakeError> {
        let part = std::mem::take(&mut self.track.part);
        if let Some(running) = &self.track.running {
            self.track.part.identity = format!("{}/{}", running.recording.content_id, running.next_segment);
            self.track.part.start = self.track.seen_until.unwrap_or(running.recording.span.start);
        }
        self.write(&part, schedule)?;
        if with_state {
            self.save(&part, schedule)?;
        }
        schedule.ledger.note(&part.recordings)
    }

    fn write(&self, part: &OpenPart, schedule: &Schedule<'_>) -> Result<(), LakeError> {
        if part.rows.is_empty() && part.recordings.is_empty() {
            return Ok(());
        }
        schedule.ledger.lake.write_part(&Part {
            camera: self.camera.place.camera.clone(),
            start: part.start,
            identity: part.identity.clone(),
            settings_id: self.camera.settings_id.clone(),
            observations: part.rows.observations.clone(),
            events: part.rows.events.clone(),
            gaps: part.rows.gaps.clone(),
            recordings: part.recordings.iter().map(|(recording, _)| recording.clone()).collect(),
        })?;
        let mut summary = schedule.summary();
        summary.observations += part.rows.observations.len() as u64;
        summary.events += part.rows.events.len() as u64;
        summary.gaps += part.rows.gaps.len() as u64;
        Ok(())
    }

    fn save(&self, committed: &OpenPart, schedule: &Schedule<'_>) -> Result<(), LakeError> {
        let checkpoint = Checkpoint {
            scene: self.scene.state(),
            estimator: self.estimator.clone(),
            track: self.track.clone(),
            committed: committed.recordings.clone(),
        };
        checkpoint.save(schedule, &self.camera)
    }

    /// The camera's recordings are through. The lake gets the rows as if the stream ended here; the state is kept from
    /// before that, so that a later run can go on.
    pub(super) fn close(&mut self, schedule: &Schedule<'_>) -> Result<(), LakeError> {
        if !std::mem::take(&mut self.is_touched) {
            return Ok(());
        }
        self.leave_unfinished(schedule);
        let before = (self.scene.state(), self.estimator.clone(), self.track.part.clone());
        self.end_timeline();
        let part = std::mem::take(&mut self.track.part);
        self.write(&part, schedule)?;
        if !self.is_suspect && self.track.seen_until.is_some() {
            let (scene, estimator, open) = before;
            let track = Track { part: open, is_flushed: true, ..self.track.clone() };
            Checkpoint { scene, estimator, track, committed: part.recordings.clone() }.save(schedule, &self.camera)?;
        }
        schedule.ledger.note(&part.recordings)
    }
}

/// Length of a sample's slot of time.
pub(super) fn slot_us(camera: &CameraPlan) -> i64 {
    (US_PER_S as f64 / f64::from(camera.analysis.samples_per_s)).round() as i64
}

fn is_covered(facts: &Facts, at: UtcMicros) -> bool {
    facts.covered.iter().any(|span| span.start <= at && at < span.end)
}
