//! A camera's recordings as a sequence of tickets: segments to decode, and verdicts on files that need no decoding.

use super::finished::FileKey;
use super::message;
use super::plan::{CameraPlan, PlannedFile};
use super::readers::Disk;
use super::schedule::Schedule;
use crate::decode::too_small;
use crate::ingest::{FoundFile, IngestError, ReadReport, Segment, SegmentReader, StreamInfo, StreamParameters};
use crate::ingest::{Recording as Opener, content_id, packet_sizes};
use crate::lake::{Coverage, LakeError};
use crate::triage::Scores;
use pantau_models::record::{Recording, RecordingStatus, TimeSource};
use pantau_models::settings::Effort;
use pantau_models::time::{Span, UtcMicros};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// Time of a recording that may lie in another one's before it counts as overlapping, seconds: recorders cut with
/// that much doubt. It is left out either way.
pub(super) const OVERLAP_S: f64 = 2.0;

/// The clocks of a container and of a file's name may lie a recording's length apart (some note its end) and as much as
/// a recorder may take to close a file, microseconds.
const CLOCKS_APART_US_MAX: i64 = 3_000_000_000;

/// What is known of a recording before its first frame.
#[derive(Debug)]
pub(super) struct Facts {
    pub path: String,
    pub size_bytes: u64,
    pub mtime_us: i64,
    pub content_id: String,
    pub start: UtcMicros,
    pub time_source: TimeSource,
    /// When it began by its name, if that contradicts the container, whose word was taken.
    pub named_otherwise: Option<UtcMicros>,
    pub info: StreamInfo,
    pub parameters: Arc<StreamParameters>,
    /// What the sizes of its packets tell, if not everything is decoded anyway.
    pub scores: Option<Scores>,
}

/// A ticket.
pub(super) enum Item {
    /// A segment to decode. The last one of a recording brings what reading met with.
    Segment { ticket: u64, facts: Arc<Facts>, segment: Box<Segment>, ending: Option<ReadReport> },
    /// A recording that gives no frames.
    Verdict { ticket: u64, recording: Box<Recording>, mtime_us: i64 },
}

impl Item {
    /// True if the worker that took it must take the next one too.
    pub(super) fn continues(&self) -> bool {
        matches!(self, Self::Segment { segment, .. } if segment.continues_next)
    }

    pub(super) fn ticket(&self) -> u64 {
        match self {
            Self::Segment { ticket, .. } | Self::Verdict { ticket, .. } => *ticket,
        }
    }
}

/// Where an earlier run stopped in a recording.
#[derive(Clone, Debug)]
pub(super) struct Position {
    pub content_id: String,
    pub start: UtcMicros,
    pub next_segment: u64,
}

/// How overlaps are decided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdicts {
    pub replace: bool,
}

/// The sequence.
pub(super) struct Feed {
    camera: CameraPlan,
    verdicts: Verdicts,
    files: VecDeque<PlannedFile>,
    current: Option<Current>,
    resume: Option<Position>,
    /// Where the next recording begins, if the user gave the first one's start.
    next_start: Option<UtcMicros>,
    /// What earlier runs analysed of this camera. Not what this one does: workers would make that a matter of luck.
    before: Coverage,
    /// What was read in this run.
    read: Coverage,
    contents: HashSet<String>,
    /// The states of other settings are removed.
    has_room: bool,
    /// A recording whose clocks contradict each other was told of; the camera's others will be no different.
    has_told_doubt: bool,
    tickets: u64,
    bytes_left: u64,
}

struct Current {
    facts: Arc<Facts>,
    reader: SegmentReader,
    disk: Disk,
    /// Bytes of it that were counted as read.
    bytes: u64,
    skip_below: u64,
}

impl Feed {
    pub(super) fn new(mut camera: CameraPlan, before: Coverage, verdicts: Verdicts) -> Self {
        let bytes_left = camera.bytes();
        let files = std::mem::take(&mut camera.files).into();
        let next_start = camera.start;
        Self {
            camera,
            verdicts,
            files,
            current: None,
            resume: None,
            next_start,
            before,
            read: Coverage::default(),
            contents: HashSet::new(),
            has_room: false,
            has_told_doubt: false,
            tickets: 0,
            bytes_left,
        }
    }

    /// Goes on inside a recording where an earlier run stopped.
    pub(super) fn resume_at(&mut self, position: Option<Position>) {
        self.resume = position;
    }

    pub(super) fn tickets(&self) -> u64 {
        self.tickets
    }

    pub(super) fn bytes_left(&self) -> u64 {
        self.bytes_left
    }

    /// The next ticket; `None` after the last one.
    pub(super) fn next(&mut self, schedule: &Schedule<'_>) -> Option<Item> {
        loop {
            if let Some(current) = &mut self.current {
                let segment = {
                    let _reading = schedule.readers.begin(current.disk);
                    current.reader.next_segment()
                };
                let read = current.reader.report().bytes.saturating_sub(current.bytes);
                current.bytes += read;
                self.bytes_left = self.bytes_left.saturating_sub(read);
                schedule.watcher.read(read);
                match segment {
                    Some(segment) if segment.index < current.skip_below && !segment.is_last => {}
                    Some(segment) => return Some(self.segment(segment, schedule)),
                    None => return Some(self.without_packets(schedule)),
                }
            } else {
                let planned = self.files.pop_front()?;
                if let Some(verdict) = self.open(planned, schedule) {
                    return Some(verdict);
                }
            }
        }
    }

    fn segment(&mut self, segment: Segment, schedule: &Schedule<'_>) -> Item {
        let current = self.current.as_ref().expect("invariant: called with a current recording");
        let facts = current.facts.clone();
        let ending = segment.is_last.then(|| current.reader.report().clone());
        if segment.is_last {
            self.close(schedule);
        }
        Item::Segment { ticket: self.ticket(), facts, segment: Box::new(segment), ending }
    }

    fn without_packets(&mut self, schedule: &Schedule<'_>) -> Item {
        let current = self.current.as_ref().expect("invariant: called with a current recording");
        let facts = current.facts.clone();
        let message = message::without_packets(current.reader.report());
        self.close(schedule);
        let recording = self.row(&facts, RecordingStatus::Failed, message);
        self.verdict(recording, facts.mtime_us)
    }

    fn close(&mut self, schedule: &Schedule<'_>) {
        let Some(current) = self.current.take() else { return };
        let rest = current.facts.size_bytes.saturating_sub(current.bytes);
        self.bytes_left = self.bytes_left.saturating_sub(rest);
        schedule.watcher.read(rest);
        let end = current.facts.start.plus_us(current.reader.report().end_us);
        let span = Span::new(current.facts.start, end);
        self.read.insert(&self.camera.place.camera, span, &self.camera.settings_id);
        self.next_starts_at(end);
    }

    /// Opens a file and makes it the current recording, or judges it at once. Nothing comes of one that is done.
    fn open(&mut self, planned: PlannedFile, schedule: &Schedule<'_>) -> Option<Item> {
        let PlannedFile { file, named, refused } = planned;
        let path = file.path.display().to_string();
        if let Some(message) = refused {
            schedule.refuse(&path, &message);
            self.pass_over(file.size_bytes, schedule);
            return None;
        }
        let (camera, settings) = (&self.camera.place.camera, &self.camera.settings_id);
        let key = FileKey::found(&file);
        if let Some(end) = schedule.ledger.finished_until(camera, key, settings) {
            self.next_starts_at(end);
            schedule.summary().done_before += 1;
            schedule.watcher.finished(&file.path, RecordingStatus::Skipped, "");
            self.pass_over(file.size_bytes, schedule);
            return None;
        }
        let disk = Disk::of(&file.path);
        let _reading = schedule.readers.begin(disk);
        schedule.watcher.opened(&file.path);
        let opened = content_id(&file.path).and_then(|id| Opener::open(&file.path).map(|opened| (id, opened)));
        let (content_id, opened) = match opened {
            Ok(opened) => opened,
            Err(error) => return Some(self.unreadable(&file, &path, &error, schedule)),
        };
        let (start, time_source) = self.wall_clock(named, &file, &opened.info);
        let length_us = opened.info.duration_us.unwrap_or(0).max(0);
        let named_otherwise = named
            .filter(|_| time_source == TimeSource::Container)
            .map(|(at, _)| at)
            .filter(|at| (at.0 - start.0).abs() > length_us + CLOCKS_APART_US_MAX);
        let span = Span::new(start, start.plus_us(length_us));
        let facts = Facts {
            path,
            size_bytes: file.size_bytes,
            mtime_us: file.mtime_us,
            content_id,
            start,
            time_source,
            named_otherwise,
            info: opened.info,
            parameters: opened.parameters,
            scores: None,
        };
        let is_resumed = self.resume.take_if(|position| position.is_in(&facts));
        if is_resumed.is_none()
            && let Some((status, message)) = self.judge(&facts, span, schedule)
        {
            self.next_starts_at(span.end);
            let recording = self.row(&facts, status, message);
            self.pass_over(file.size_bytes, schedule);
            return Some(self.verdict(recording, facts.mtime_us));
        }
        self.contents.insert(facts.content_id.clone());
        if let Some(doubt) = facts.clock_doubt().filter(|_| !std::mem::replace(&mut self.has_told_doubt, true)) {
            schedule.watcher.say(&format!("{}: {doubt}", facts.path));
        }
        let facts = Facts { scores: self.scores(&file), ..facts };
        let skip_below = is_resumed.map_or(0, |position| position.next_segment);
        self.current = Some(Current { facts: Arc::new(facts), reader: opened.reader, disk, bytes: 0, skip_below });
        None
    }

    /// Read once it is settled that the recording is analysed.
    fn scores(&self, file: &FoundFile) -> Option<Scores> {
        let is_asked = self.camera.analysis.effort == Effort::Adaptive;
        is_asked.then(|| packet_sizes(&file.path).ok()).flatten().map(|sizes| Scores::new(&sizes))
    }

    fn next_starts_at(&mut self, end: UtcMicros) {
        self.next_start = self.next_start.map(|_| end);
    }

    fn pass_over(&mut self, bytes: u64, schedule: &Schedule<'_>) {
        self.bytes_left = self.bytes_left.saturating_sub(bytes);
        schedule.watcher.read(bytes);
    }

    /// The user's word, then a configured pattern, the container, a known form of names, the file's time.
    fn wall_clock(
        &self,
        named: Option<(UtcMicros, TimeSource)>,
        file: &FoundFile,
        info: &StreamInfo,
    ) -> (UtcMicros, TimeSource) {
        let written = UtcMicros(file.mtime_us).plus_us(-info.duration_us.unwrap_or(0).max(0));
        self.next_start
            .map(|start| (start, TimeSource::Flag))
            .or(named.filter(|(_, source)| *source == TimeSource::NamePattern))
            .or(info.creation_time.map(|at| (at, TimeSource::Container)))
            .or(named)
            .unwrap_or((written, TimeSource::FileTime))
    }

    /// Whether the recording's time is still to be had.
    fn judge(&mut self, facts: &Facts, span: Span, schedule: &Schedule<'_>) -> Option<(RecordingStatus, String)> {
        let (width, height) = (facts.info.width as usize, facts.info.height as usize);
        if let Some(refusal) = too_small(width, height).filter(|_| width > 0) {
            return Some((RecordingStatus::Failed, refusal));
        }
        let (camera, settings) = (&self.camera.place.camera.clone(), &self.camera.settings_id.clone());
        let is_other = |(_, settings_id): &&(Span, String)| settings_id != settings;
        let before = self.before.overlaps(camera, &span);
        if let Some((other, _)) = before.iter().find(is_other) {
            if !self.verdicts.replace {
                let message = message::refused(other);
                schedule.refuse(&facts.path, &message);
                return Some((RecordingStatus::Skipped, message));
            }
            if let Err(error) = self.make_room(span, schedule) {
                schedule.stop(error.into());
                return Some((RecordingStatus::Failed, String::new()));
            }
        }
        let same = before.into_iter().filter(|(_, settings_id)| settings_id == settings);
        let mut covered: Vec<Span> = same.chain(self.read.overlaps(camera, &span)).map(|(piece, _)| piece).collect();
        let covered_s = union_s(&mut covered);
        if covered_s > 0.0 && span.seconds() - covered_s < OVERLAP_S.min(span.seconds() * 0.5) {
            let is_copy = self.contents.contains(&facts.content_id)
                || schedule.ledger.knows_content(camera, &facts.content_id, settings);
            return Some((RecordingStatus::Skipped, message::covered(is_copy)));
        }
        None
    }

    /// What other settings made of the span has to go: their states now, since nothing may go on from them; their rows
    /// before the next part is written.
    fn make_room(&mut self, span: Span, schedule: &Schedule<'_>) -> Result<(), LakeError> {
        let (camera, settings_id) = (&self.camera.place.camera, &self.camera.settings_id);
        if !std::mem::replace(&mut self.has_room, true) {
            schedule.ledger.lake.remove_other_states(camera, settings_id)?;
        }
        for (piece, other) in self.before.overlaps(camera, &span) {
            if other != *settings_id {
                self.before.remove(camera, &piece);
                schedule.ledger.coverage().remove(camera, &piece);
            }
        }
        schedule.ledger.replace_later(camera, span);
        Ok(())
    }

    fn unreadable(&mut self, file: &FoundFile, path: &str, error: &IngestError, schedule: &Schedule<'_>) -> Item {
        self.pass_over(file.size_bytes, schedule);
        let at = UtcMicros(file.mtime_us);
        let message = message::without_path(&error.to_string(), path);
        let recording = Recording {
            content_id: content_id(&file.path).unwrap_or_default(),
            ..self.camera.failed(file, Span::new(at, at), TimeSource::FileTime, message)
        };
        self.verdict(recording, file.mtime_us)
    }

    fn verdict(&mut self, recording: Recording, mtime_us: i64) -> Item {
        Item::Verdict { ticket: self.ticket(), recording: Box::new(recording), mtime_us }
    }

    fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets - 1
    }

    fn row(&self, facts: &Facts, status: RecordingStatus, message: String) -> Recording {
        let length_us = facts.info.duration_us.unwrap_or(0).max(0);
        let span = match status {
            RecordingStatus::Skipped => Span::new(facts.start, facts.start.plus_us(length_us)),
            _ => Span::new(facts.start, facts.start),
        };
        facts.row(&self.camera, span, status, message)
    }
}

impl Position {
    fn is_in(&self, facts: &Facts) -> bool {
        self.content_id == facts.content_id && self.start == facts.start
    }
}

impl Facts {
    /// Why its wall clock is a guess, if its container and its name tell different ones.
    pub(super) fn clock_doubt(&self) -> Option<String> {
        self.named_otherwise.map(|named| message::clocks_apart(self.start, named))
    }

    /// A number that is the recording's own and any machine's.
    pub(super) fn lot(&self) -> u64 {
        xxhash_rust::xxh3::xxh3_64(self.content_id.as_bytes())
    }

    /// A manifest row with what is known so far.
    pub(super) fn row(&self, camera: &CameraPlan, span: Span, status: RecordingStatus, message: String) -> Recording {
        Recording {
            place: camera.place.clone(),
            path: self.path.clone(),
            content_id: self.content_id.clone(),
            span,
            time_source: self.time_source,
            codec: self.info.codec.clone(),
            width: self.info.width,
            height: self.info.height,
            size_bytes: self.size_bytes,
            frames: 0,
            decode_errors: 0,
            status,
            message,
            settings_id: camera.settings_id.clone(),
            spent_s: 0.0,
        }
    }
}

/// Sorts and merges the spans; their length together, seconds.
fn union_s(spans: &mut Vec<Span>) -> f64 {
    spans.sort();
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans.drain(..) {
        match merged.last_mut().filter(|last| span.start <= last.end) {
            Some(last) => last.end = last.end.max(span.end),
            None => merged.push(span),
        }
    }
    *spans = merged;
    spans.iter().map(Span::seconds).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_spans_count_once() {
        let span = |start: i64, end: i64| Span::new(UtcMicros(start * 1_000_000), UtcMicros(end * 1_000_000));
        let mut spans = vec![span(5, 9), span(0, 3), span(2, 6), span(20, 21)];
        assert_eq!(union_s(&mut spans), 10.0);
        assert_eq!(spans, [span(0, 9), span(20, 21)]);
    }
}
