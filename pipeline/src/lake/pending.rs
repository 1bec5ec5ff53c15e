//! Parts are all or nothing. Before a part of several files is written, a marker lists them; it goes after the last.
//! A marker whose writer died tells which files to take back, unless the last of them, which commits the part, is
//! there. So a run that was killed and comes back with other settings does not count its time twice.
//!
//! A marker is locked while its writer lives, as temp files are.

use super::Result;
use super::durable::{create_dir_durably, entries, remove_durably, write_durably_locked};
use super::error::LakeError;
use super::paths::{LakePaths, PartName};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

/// What a marker holds.
#[derive(Serialize, Deserialize)]
struct Marker {
    /// The part's files in the order of their writing, relative to the lake.
    files: Vec<PathBuf>,
}

/// A part that is being written.
pub(super) struct Pending {
    path: PathBuf,
    /// Keeps the lock.
    file: File,
}

impl Pending {
    /// Announces these files of the lake.
    pub(super) fn begin(paths: &LakePaths, part: &PartName, files: &[PathBuf]) -> Result<Self> {
        let path = paths.pending(part);
        let relative = files.iter().map(|file| file.strip_prefix(paths.root()).unwrap_or(file).to_owned());
        let marker = Marker { files: relative.collect() };
        let json =
            serde_json::to_vec(&marker).map_err(|source| LakeError::EncodeEntry { path: path.clone(), source })?;
        create_dir_durably(&paths.pending_dir())?;
        let file = write_durably_locked(&path, |file| file.write_all(&json))?;
        Ok(Self { path, file })
    }

    /// All files are there. Should a power cut bring the marker back, the last file is there too.
    pub(super) fn commit(&self) -> Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(LakeError::io(&self.path, "remove", error)),
            _ => Ok(()),
        }
    }

    /// A file could not be written: takes back those that were. What fails here is done when the lake is next opened.
    pub(super) fn abandon(&self, paths: &LakePaths) {
        if let Err(error) = roll_back_one(paths, &self.path).and_then(|_| remove_durably(&self.path)) {
            tracing::warn!(marker = %self.path.display(), %error, "unfinished part stays until the lake is opened again");
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // Closing is not enough: a process just being spawned holds a copy of the handle, and with it the lock.
        let _ = self.file.unlock();
    }
}

/// Takes back what killed writers left half done; returns how many parts.
pub(super) fn roll_back(paths: &LakePaths) -> Result<usize> {
    let mut taken_back = 0;
    for path in entries(&paths.pending_dir())? {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
        // A lock that can't be had belongs to a live writer.
        if file.try_lock().is_err() {
            continue;
        }
        taken_back += usize::from(roll_back_one(paths, &path)?);
        remove_durably(&path)?;
    }
    Ok(taken_back)
}

fn roll_back_one(paths: &LakePaths, marker: &Path) -> Result<bool> {
    let json = match fs::read(marker) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(LakeError::io(marker, "read", error)),
        Ok(json) => json,
    };
    let Ok(Marker { files }) = serde_json::from_slice(&json) else {
        tracing::warn!(path = %marker.display(), "unreadable marker of an unfinished part is dropped");
        return Ok(false);
    };
    let is_inside = |file: &&PathBuf| file.components().all(|component| matches!(component, Component::Normal(_)));
    let files: Vec<PathBuf> = files.iter().filter(is_inside).map(|file| paths.root().join(file)).collect();
    let Some(last) = files.last().filter(|last| !last.exists()) else { return Ok(false) };
    tracing::info!(part = %last.display(), "a part that a killed run left unfinished is taken back");
    for file in &files {
        remove_durably(file)?;
    }
    Ok(true)
}
