//! How fast the lake's folder takes files, measured in the way that rows take: temp file, fsync, rename, fsync of the
//! folder. What was written is removed.

use super::durable::{remove_durably, write_durably};
use super::{LakeError, Result};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A large file, bytes: more than a cache of a small disk's controller hides.
const LARGE_BYTES: usize = 16 << 20;
/// A small one: what a camera's spool writes at a time.
const SMALL_BYTES: usize = 4 << 10;
/// Small files; the median counts.
const SMALL_FILES: usize = 7;

/// What a folder's disk can do.
#[derive(Clone, Copy, Debug)]
pub struct DiskSpeed {
    /// Bytes a second of a large file, until it is durable.
    pub bytes_per_s: f64,
    /// Time until a small file is durable.
    pub small: Duration,
}

/// Writes and removes some files in the folder.
pub fn measure(dir: &Path) -> Result<DiskSpeed> {
    let trial = Trial(dir.join(format!("pantau-doctor-{}.trial", std::process::id())));
    let small = {
        let mut times: Vec<Duration> = (0..SMALL_FILES).map(|_| trial.write(SMALL_BYTES)).collect::<Result<_>>()?;
        times.sort_unstable();
        times[SMALL_FILES / 2]
    };
    let large = trial.write(LARGE_BYTES)?;
    Ok(DiskSpeed { bytes_per_s: LARGE_BYTES as f64 / large.as_secs_f64().max(1e-6), small })
}

/// Bytes that the folder's disk has left for this user.
pub fn free_bytes(dir: &Path) -> Result<u64> {
    let told = rustix::fs::statvfs(dir).map_err(|source| LakeError::io(dir, "ask for free space of", source.into()))?;
    Ok(told.f_bavail.saturating_mul(told.f_frsize))
}

/// A file that goes when this does.
struct Trial(PathBuf);

impl Trial {
    fn write(&self, bytes: usize) -> Result<Duration> {
        // Nothing that a disk or a file system could shorten.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        })
        .take(bytes / 8)
        .flatten()
        .collect();
        let began = Instant::now();
        write_durably(&self.0, |file| file.write_all(&noise))?;
        Ok(began.elapsed())
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if let Err(error) = remove_durably(&self.0) {
            tracing::warn!(%error, "a trial's file stays");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_measured_and_left_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let speed = measure(dir.path()).unwrap();
        assert!(speed.bytes_per_s > 0.0 && speed.small > Duration::ZERO);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        assert!(free_bytes(dir.path()).unwrap() > 0);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("missing");
        assert!(measure(&missing).unwrap_err().to_string().contains("missing"));
        assert!(free_bytes(&missing).is_err());
    }
}
