//! Folders that a recorder fills: each recording is analysed once it has landed.

use crate::archive::{self, Overrides, Request, Tuning, Watcher};
use crate::config::Config;
use crate::ingest::discover;
use pantau_models::ids::CameraId;
use pantau_models::record::RecordingStatus;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// A file that was not written to for so long is whole: recorders write at least once a second.
const SETTLED_AFTER_US: i64 = 15_000_000;

/// What is known of the folders' files.
#[derive(Default)]
pub(super) struct Folders {
    /// Files given to the archive, with their sizes then.
    given: HashMap<PathBuf, u64>,
}

/// Tells the log what becomes of recordings.
struct ToLog;

impl Watcher for ToLog {
    fn planned(&self, _files: u64, _bytes: u64) {}

    fn opened(&self, path: &Path) {
        tracing::debug!(path = %path.display(), "opened");
    }

    fn read(&self, _bytes: u64) {}

    fn analysed(&self, _footage_s: f64) {}

    fn finished(&self, path: &Path, status: RecordingStatus, message: &str) {
        match status {
            RecordingStatus::Done => tracing::info!(path = %path.display(), "analysed"),
            RecordingStatus::Skipped => tracing::debug!(path = %path.display(), message, "skipped"),
            _ => tracing::warn!(path = %path.display(), status = status.as_str(), message),
        }
    }

    fn say(&self, text: &str) {
        tracing::info!("{text}");
    }
}

impl Folders {
    /// Analyses what has landed since the last look.
    pub(super) fn look(&mut self, config: &Config, lake: &Path) {
        for camera in &config.cameras {
            let Some(folder) = &camera.folder else { continue };
            let landed = self.landed(folder);
            if landed.is_empty() {
                continue;
            }
            let request = request(config, lake, &camera.id, &landed);
            match archive::run(&request, &ToLog) {
                Ok(_) => self.given.extend(landed),
                // Another run has the lake, or the disk is full: again at the next look.
                Err(error) => tracing::warn!(camera = %camera.id, %error, "recordings wait"),
            }
        }
    }

    /// Files that are settled and were not given on with this size.
    fn landed(&mut self, folder: &Path) -> Vec<(PathBuf, u64)> {
        let found = discover(&[folder.display().to_string()], std::io::empty());
        let there: HashSet<&Path> = found.files.iter().map(|file| file.path.as_path()).collect();
        self.given.retain(|path, _| !path.starts_with(folder) || there.contains(path.as_path()));
        let now_us = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64);
        let settled = found.files.iter().filter(|file| now_us - file.mtime_us >= SETTLED_AFTER_US);
        settled
            .map(|file| (file.path.clone(), file.size_bytes))
            .filter(|(path, bytes)| self.given.get(path) != Some(bytes))
            .collect()
    }
}

fn request(config: &Config, lake: &Path, camera: &CameraId, landed: &[(PathBuf, u64)]) -> Request {
    Request {
        inputs: landed.iter().map(|(path, _)| path.display().to_string()).collect(),
        lake: lake.to_owned(),
        config: config.clone(),
        overrides: Overrides { camera: Some(camera.to_string()), ..Overrides::default() },
        // Live cameras come first.
        jobs: 1,
        replace: false,
        dry_run: false,
        tuning: Tuning::default(),
    }
}
