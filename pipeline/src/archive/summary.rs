//! What a batch came to, for people and programs.

use pantau_models::record::{Recording, RecordingStatus};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Who wants to know how far a batch is. Called from all workers; cheap calls, please.
pub trait Watcher: Sync {
    /// So many files of so many bytes are to be read.
    fn planned(&self, files: u64, bytes: u64);
    /// A worker opens this file.
    fn opened(&self, path: &Path);
    /// So many bytes more were read.
    fn read(&self, bytes: u64);
    /// So many seconds of footage more were analysed.
    fn analysed(&self, footage_s: f64);
    /// A file is finished.
    fn finished(&self, path: &Path, status: RecordingStatus, message: &str);
    /// A line for people.
    fn say(&self, line: &str);
}

/// Messages about inputs kept in the summary; all are told while running, and stand in the manifest.
const PROBLEMS_MAX: usize = 1000;

/// What a batch came to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// The lake's folder.
    pub lake: PathBuf,
    /// Nothing was written.
    pub dry_run: bool,
    /// Cameras.
    pub cameras: u64,
    /// Inputs: files, and names for which there was no file.
    pub inputs: u64,
    /// Read to their end.
    pub done: u64,
    /// Read in part.
    pub partial: u64,
    /// Not usable at all.
    pub failed: u64,
    /// Their time was analysed already, by another file.
    pub skipped: u64,
    /// Their time was analysed already with other settings, and `--replace` was not given.
    pub refused: u64,
    /// Analysed by an earlier run.
    pub done_before: u64,
    /// Seconds of footage analysed.
    pub footage_s: f64,
    /// Rows of observations.
    pub observations: u64,
    /// Rows of events.
    pub events: u64,
    /// Rows of gaps.
    pub gaps: u64,
    /// Seconds that the workers spent, all together.
    pub spent_s: f64,
    /// What was wrong with inputs.
    pub problems: Vec<String>,
}

impl Summary {
    /// Counts a recording.
    pub(super) fn add(&mut self, recording: &Recording) {
        match recording.status {
            RecordingStatus::Done => self.done += 1,
            RecordingStatus::Partial => self.partial += 1,
            RecordingStatus::Failed => self.failed += 1,
            RecordingStatus::Skipped => self.skipped += 1,
        }
        self.footage_s += recording.span.seconds();
        self.spent_s += f64::from(recording.spent_s);
        if matches!(recording.status, RecordingStatus::Partial | RecordingStatus::Failed) {
            self.add_problem(format!("{}: {}", recording.path, recording.message));
        }
    }

    /// Keeps a message about an input.
    pub(super) fn add_problem(&mut self, problem: String) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }
}
