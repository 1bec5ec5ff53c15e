//! Which worker does what next, and what all of them share.

use super::feed::{Feed, Verdicts};
use super::line::Line;
use super::plan::{CameraPlan, Plan};
use super::summary::{Summary, Watcher};
use super::{ArchiveError, Request};
use crate::diff::KernelLevel;
use crate::lake::{Coverage, Entry, Journal, Lake, LakeError};
use pantau_models::ids::CameraId;
use pantau_models::record::{Recording, RecordingStatus};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A batch in progress.
pub(super) struct Schedule<'a> {
    pub request: &'a Request,
    pub watcher: &'a dyn Watcher,
    pub kernel: KernelLevel,
    pub ledger: Ledger,
    waiting: Mutex<VecDeque<CameraPlan>>,
    active: Mutex<Vec<Arc<Line>>>,
    summary: Mutex<Summary>,
    error: Mutex<Option<ArchiveError>>,
    is_stopped: AtomicBool,
}

/// What the lake knows and keeps, shared by all cameras.
pub(super) struct Ledger {
    pub lake: Lake,
    journal: Mutex<Journal>,
    coverage: Mutex<Coverage>,
    finished: Mutex<Finished>,
}

/// Recordings that earlier runs finished.
#[derive(Debug, Default)]
pub(super) struct Finished {
    by_file: HashMap<(String, u64, i64), Vec<Recording>>,
    by_content: HashSet<(CameraId, String, String)>,
}

impl Finished {
    pub(super) fn of(entries: Vec<Entry>) -> Self {
        let mut finished = Self::default();
        for Entry::RecordingDone { recording, mtime_us } in entries {
            finished.add(recording, mtime_us);
        }
        finished
    }

    fn add(&mut self, recording: Recording, mtime_us: Option<i64>) {
        if recording.status != RecordingStatus::Failed {
            let id = (recording.place.camera.clone(), recording.content_id.clone(), recording.settings_id.clone());
            self.by_content.insert(id);
        }
        if let Some(mtime_us) = mtime_us {
            let key = (recording.path.clone(), recording.size_bytes, mtime_us);
            self.by_file.entry(key).or_default().push(recording);
        }
    }
}

impl Ledger {
    pub(super) fn new(lake: Lake, journal: Journal, coverage: Coverage, finished: Finished) -> Self {
        Self { lake, journal: Mutex::new(journal), coverage: Mutex::new(coverage), finished: Mutex::new(finished) }
    }

    /// True if this very file was finished by an earlier run with these settings, and its rows still count.
    pub(super) fn is_finished(&self, camera: &CameraId, path: &str, size: u64, mtime_us: i64, settings: &str) -> bool {
        let key = (path.to_owned(), size, mtime_us);
        let finished = lock(&self.finished);
        let Some(recordings) = finished.by_file.get(&key) else { return false };
        let coverage = self.coverage();
        recordings.iter().any(|recording| {
            recording.place.camera == *camera
                && recording.settings_id == settings
                && match recording.status {
                    RecordingStatus::Failed => false,
                    RecordingStatus::Skipped => true,
                    RecordingStatus::Done | RecordingStatus::Partial => coverage
                        .overlaps(camera, &recording.span)
                        .iter()
                        .any(|(_, settings_id)| settings_id == settings),
                }
        })
    }

    /// True if a file with this content was finished for this camera by an earlier run with these settings.
    pub(super) fn knows_content(&self, camera: &CameraId, content_id: &str, settings: &str) -> bool {
        lock(&self.finished).by_content.contains(&(camera.clone(), content_id.to_owned(), settings.to_owned()))
    }

    pub(super) fn coverage(&self) -> MutexGuard<'_, Coverage> {
        lock(&self.coverage)
    }

    /// Recordings whose rows are in the lake, but which a killed run did not come to note.
    pub(super) fn restore(&self, recordings: Vec<(Recording, i64)>) -> Result<(), LakeError> {
        if recordings.is_empty() {
            return Ok(());
        }
        self.note(&recordings)?;
        for (recording, mtime_us) in recordings {
            if matches!(recording.status, RecordingStatus::Done | RecordingStatus::Partial) {
                self.coverage().insert(&recording.place.camera, recording.span, &recording.settings_id);
            }
            lock(&self.finished).add(recording, Some(mtime_us));
        }
        Ok(())
    }

    /// Notes recordings as finished, durably.
    pub(super) fn note(&self, recordings: &[(Recording, i64)]) -> Result<(), LakeError> {
        let entries: Vec<Entry> = recordings
            .iter()
            .map(|(recording, mtime_us)| Entry::RecordingDone {
                recording: recording.clone(),
                mtime_us: Some(*mtime_us),
            })
            .collect();
        lock(&self.journal).append(&entries)
    }
}

impl<'a> Schedule<'a> {
    pub(super) fn new(
        request: &'a Request,
        plan: Plan,
        ledger: Ledger,
        watcher: &'a dyn Watcher,
        kernel: KernelLevel,
    ) -> Self {
        let (files, bytes) = plan.size();
        watcher.planned(files, bytes);
        let mut summary = Summary {
            lake: request.lake.clone(),
            cameras: plan.cameras.len() as u64,
            inputs: files + plan.problems.len() as u64,
            failed: plan.problems.len() as u64,
            ..Summary::default()
        };
        for problem in plan.problems {
            watcher.say(&problem);
            summary.add_problem(problem);
        }
        // The longest first, so that no worker is left alone with it at the end.
        let mut cameras = plan.cameras;
        cameras.sort_by_key(|camera| std::cmp::Reverse(camera.bytes()));
        Self {
            request,
            watcher,
            kernel,
            ledger,
            waiting: Mutex::new(cameras.into()),
            active: Mutex::default(),
            summary: Mutex::new(summary),
            error: Mutex::default(),
            is_stopped: AtomicBool::new(false),
        }
    }

    /// A camera that nobody works on yet, else the busiest one that can use help; `None` when all is given out.
    pub(super) fn next_line(&self) -> Option<Arc<Line>> {
        if self.is_stopped() {
            return None;
        }
        let camera = lock(&self.waiting).pop_front();
        if let Some(camera) = camera {
            match Line::new(self, camera) {
                Ok(line) => {
                    let line = Arc::new(line);
                    lock(&self.active).push(line.clone());
                    return Some(line);
                }
                Err(error) => {
                    self.stop(error.into());
                    return None;
                }
            }
        }
        let active = lock(&self.active);
        active.iter().filter(|line| line.has_more()).max_by_key(|line| line.bytes_left()).cloned()
    }

    /// All of a camera's recordings are done.
    pub(super) fn leave(&self, line: &Arc<Line>) {
        lock(&self.active).retain(|other| !Arc::ptr_eq(other, line));
    }

    /// A worker died on one of the camera's recordings. The other cameras go on; this one's next run begins at its last
    /// part.
    pub(super) fn give_up(&self, line: &Arc<Line>, path: &str) {
        line.give_up();
        self.leave(line);
        let camera = &line.camera().place.camera;
        let problem = format!(
            "{path}: internal error; what was committed of camera {camera} is kept, the rest of its recordings waits: leave this file out and run again"
        );
        self.watcher.say(&problem);
        let mut summary = self.summary();
        summary.failed += 1;
        summary.add_problem(problem);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Relaxed)
    }

    /// The first error ends the batch; what is committed stays.
    pub(super) fn stop(&self, error: ArchiveError) {
        lock(&self.error).get_or_insert(error);
        self.is_stopped.store(true, Relaxed);
    }

    pub(super) fn summary(&self) -> MutexGuard<'_, Summary> {
        lock(&self.summary)
    }

    /// A recording got its row: count it and tell.
    pub(super) fn tell(&self, recording: &Recording) {
        self.summary().add(recording);
        self.watcher.finished(recording.path.as_ref(), recording.status, &recording.message);
    }

    pub(super) fn feed(&self, camera: &CameraPlan) -> Feed {
        Feed::new(camera.clone(), Verdicts { replace: self.request.replace })
    }

    pub(super) fn into_result(self) -> Result<Summary, ArchiveError> {
        match self.error.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(self.summary.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

/// A panicking worker leaves these consistent: every change is one assignment or one push.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
