//! What the lake knows and keeps, shared by all cameras.

use super::finished::{FileKey, Finished};
use super::moved::Claimed;
use super::schedule::lock;
use super::tail::Settled;
use crate::lake::{Coverage, Entry, Journal, Lake, LakeError};
use pantau_models::ids::CameraId;
use pantau_models::record::RecordingStatus;
use pantau_models::time::{Span, UtcMicros};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};

/// Lake, journal, and what both tell of earlier runs.
pub(super) struct Ledger {
    pub lake: Lake,
    /// Earlier runs left rows.
    pub had_rows: bool,
    /// Cameras that live workers have watched.
    watched: HashSet<CameraId>,
    journal: Mutex<Journal>,
    coverage: Mutex<Coverage>,
    finished: Mutex<Finished>,
    /// Time that is analysed anew, whose old rows are still in the lake.
    to_replace: Mutex<HashMap<CameraId, Vec<Span>>>,
}

impl Ledger {
    pub(super) fn open(dir: &std::path::Path) -> Result<Self, LakeError> {
        let lake = Lake::open_for_writing(dir)?;
        let had_rows = lake.has_rows()?;
        // An empty journal is that of a run which was killed before its first commit; only a lost one is made again.
        let is_lost = lake.has_recordings()? && !lake.paths().journal().exists();
        let (mut journal, mut entries) = Journal::open(dir)?;
        if is_lost {
            entries = journal.rebuild(&lake)?;
        }
        let watched = Journal::read_live(dir)?;
        let known = entries.iter().chain(&watched).map(|Entry::RecordingDone { recording, .. }| recording);
        let coverage = Coverage::of_recordings(known);
        let watched =
            watched.iter().map(|Entry::RecordingDone { recording, .. }| recording.place.camera.clone()).collect();
        let finished = Finished::of(entries);
        Ok(Self {
            lake,
            had_rows,
            watched,
            journal: Mutex::new(journal),
            coverage: Mutex::new(coverage),
            finished: Mutex::new(finished),
            to_replace: Mutex::default(),
        })
    }

    /// Where the recording in this very file ends, if an earlier run finished it with these settings and its time is
    /// still theirs.
    pub(super) fn finished_until(&self, camera: &CameraId, file: FileKey, settings: &str) -> Option<UtcMicros> {
        let finished = lock(&self.finished);
        let verdict = finished.verdict(camera, file, settings)?;
        let mut overlaps = self.coverage().overlaps(camera, &verdict.span).into_iter();
        let is_current = match verdict.status {
            RecordingStatus::Failed => false,
            RecordingStatus::Done | RecordingStatus::Partial => overlaps.any(|(_, id)| id == settings),
            // It was left out for another one, or refused for other settings: that may have changed.
            RecordingStatus::Skipped => overlaps.len() > 0 && overlaps.all(|(_, id)| id == settings),
        };
        is_current.then_some(verdict.span.end)
    }

    /// Where the rows of this very file are, whatever settings made them.
    pub(super) fn claimed(&self, camera: &CameraId, file: FileKey) -> Option<Claimed> {
        let finished = lock(&self.finished);
        let mut verdicts = finished.verdicts(file).iter().filter(|verdict| verdict.status.has_rows());
        verdicts.find_map(|verdict| {
            let pieces = self.coverage().overlaps(camera, &verdict.span);
            let (_, settings_id) = pieces.into_iter().find(|(_, id)| verdict.is_of(camera, id))?;
            Some(Claimed { span: verdict.span, time_source: verdict.time_source, settings_id })
        })
    }

    /// Rows of these are gone: their time is free, and they are to be read again.
    pub(super) fn forget(&self, recordings: Vec<Settled>) -> Result<(), LakeError> {
        self.note(&recordings)?;
        for settled in &recordings {
            self.coverage().remove(&settled.0.place.camera, &settled.0.span);
            lock(&self.finished).add(settled);
        }
        Ok(())
    }

    /// True if a live worker has watched this camera.
    pub(super) fn is_watched(&self, camera: &CameraId) -> bool {
        self.watched.contains(camera)
    }

    /// True if the journal has this verdict.
    pub(super) fn is_noted(&self, settled: &Settled) -> bool {
        lock(&self.finished).has(settled)
    }

    /// True if an earlier run failed on this very file in the same way: the manifest says so already.
    pub(super) fn knows_failure(&self, settled: &Settled) -> bool {
        settled.0.status == RecordingStatus::Failed && self.is_noted(settled)
    }

    /// True if a file with this content was finished for this camera by an earlier run with these settings.
    pub(super) fn knows_content(&self, camera: &CameraId, content_id: &str, settings: &str) -> bool {
        lock(&self.finished).has_content(camera, content_id, settings)
    }

    /// Old rows in the span have to go before the camera's next rows are written.
    pub(super) fn replace_later(&self, camera: &CameraId, span: Span) {
        lock(&self.to_replace).entry(camera.clone()).or_default().push(span);
    }

    /// The spans whose old rows have to go now.
    pub(super) fn take_to_replace(&self, camera: &CameraId) -> Vec<Span> {
        lock(&self.to_replace).remove(camera).unwrap_or_default()
    }

    pub(super) fn coverage(&self) -> MutexGuard<'_, Coverage> {
        lock(&self.coverage)
    }

    /// Recordings whose rows are in the lake, but which a killed run did not come to note.
    pub(super) fn restore(&self, recordings: Vec<Settled>) -> Result<(), LakeError> {
        self.note(&recordings)?;
        for settled in &recordings {
            let recording = &settled.0;
            if recording.status.has_rows() {
                self.coverage().insert(&recording.place.camera, recording.span, &recording.settings_id);
            }
            lock(&self.finished).add(settled);
        }
        Ok(())
    }

    /// Notes recordings as finished, durably.
    pub(super) fn note(&self, recordings: &[Settled]) -> Result<(), LakeError> {
        let entries: Vec<Entry> = recordings
            .iter()
            .map(|(recording, mtime_us)| Entry::RecordingDone { recording: recording.clone(), mtime_us: *mtime_us })
            .collect();
        lock(&self.journal).append(&entries)
    }
}
