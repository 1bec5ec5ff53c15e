//! Which worker does what next, and what all of them share.

use super::feed::{Feed, Verdicts};
use super::ledger::Ledger;
use super::line::Line;
use super::plan::{CameraPlan, Plan};
use super::readers::Readers;
use super::summary::{Summary, Watcher};
use super::{ArchiveError, Request};
use crate::diff::KernelLevel;
use pantau_models::record::Recording;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A batch in progress.
pub(super) struct Schedule<'a> {
    pub request: &'a Request,
    pub watcher: &'a dyn Watcher,
    pub kernel: KernelLevel,
    pub ledger: Ledger,
    pub readers: Readers,
    waiting: Mutex<VecDeque<CameraPlan>>,
    active: Mutex<Vec<Arc<Line>>>,
    summary: Mutex<Summary>,
    error: Mutex<Option<ArchiveError>>,
    is_stopped: AtomicBool,
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
            readers: Readers::new(request.config.analysis.io_jobs),
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
        // Held while a camera is taken up: a worker that finds nothing waiting must see it among the active ones, or it
        // would leave for good.
        let mut active = lock(&self.active);
        let camera = lock(&self.waiting).pop_front();
        if let Some(camera) = camera {
            match Line::new(self, camera) {
                Ok(line) => {
                    let line = Arc::new(line);
                    active.push(line.clone());
                    return Some(line);
                }
                Err(error) => {
                    self.stop(error.into());
                    return None;
                }
            }
        }
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

    /// A recording is left out because its time was analysed with other settings.
    pub(super) fn refuse(&self, path: &str, message: &str) {
        let problem = format!("{path}: {message}");
        self.watcher.say(&format!("refused: {problem}"));
        let mut summary = self.summary();
        summary.refused += 1;
        summary.add_problem(problem);
    }

    /// A recording got its row: count it and tell.
    pub(super) fn tell(&self, recording: &Recording) {
        self.summary().add(recording);
        self.watcher.finished(recording.path.as_ref(), recording.status, &recording.message);
    }

    pub(super) fn feed(&self, camera: &CameraPlan) -> Feed {
        let before = self.ledger.coverage().of_camera(&camera.place.camera);
        Feed::new(camera.clone(), before, Verdicts { replace: self.request.replace })
    }

    pub(super) fn into_result(self) -> Result<Summary, ArchiveError> {
        match self.error.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(self.summary.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

/// A panicking worker leaves these consistent: every change is one assignment or one push.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
