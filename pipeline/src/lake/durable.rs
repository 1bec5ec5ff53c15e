//! Files that appear whole or not at all: temp file in the same folder, fsync, rename, fsync of the folder.
//!
//! A temp file is called `.<name>.<process>-<n>.tmp` and locked while its writer lives. So the remains of a killed
//! run can be told from the work of a live one, on this machine or through a shared file system with locks: what can
//! be locked has no writer. After kill -9 or a power cut the name holds the old content or the new, never a mixture.

use super::{LakeError, Result};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Names tried for a temp file: more than the threads that could write the same file at once.
const TEMP_NAMES_MAX: u32 = 1000;
/// What ends a temp file's name.
const TEMP_SUFFIX: &str = ".tmp";

/// Writes a file durably: `path` holds its former content or all that `fill` wrote, whatever happens meanwhile.
/// On an error the temp file is removed.
pub fn write_durably(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<()> {
    write_durably_locked(path, fill).map(drop)
}

/// As [`write_durably`]; the file stays locked until the returned handle is dropped.
pub(super) fn write_durably_locked(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<File> {
    let (temp, file) =
        Temp::beside(path).map_err(|source| LakeError::io(path, "create a temp file beside it", source))?;
    let mut buffered = BufWriter::new(file);
    let written = fill(&mut buffered).and_then(|()| buffered.into_inner().map_err(io::IntoInnerError::into_error));
    let file = written.map_err(|source| LakeError::io(path, "write", source))?;
    file.sync_all().map_err(|source| LakeError::io(path, "sync", source))?;
    temp.rename(path).map_err(|source| LakeError::io(path, "rename its temp file", source))?;
    sync_dir(parent(path))?;
    Ok(file)
}

/// Makes a folder and its parents, each durable before the next.
pub fn create_dir_durably(dir: &Path) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let above = parent(dir);
    create_dir_durably(above)?;
    match fs::create_dir(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !dir.is_dir() => {
            Err(LakeError::io(dir, "create the folder", error))
        }
        _ => sync_dir(above),
    }
}

/// Makes a folder's entries durable: created, renamed and removed files.
pub(super) fn sync_dir(dir: &Path) -> Result<()> {
    File::open(dir).and_then(|folder| folder.sync_all()).map_err(|source| LakeError::io(dir, "sync the folder", source))
}

/// Removes a file durably; one that is gone already is as good.
pub(super) fn remove_durably(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
        Err(error) => Err(LakeError::io(path, "remove", error)),
        Ok(()) => sync_dir(parent(path)),
    }
}

/// Removes the temp files that writers left in this folder when they were killed; returns how many.
pub(super) fn remove_stale_temps(dir: &Path) -> Result<usize> {
    let mut removed = 0;
    for path in entries(dir)?.into_iter().filter(|path| is_temp(path)) {
        let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
        if file.try_lock().is_ok() && fs::remove_file(&path).is_ok() {
            tracing::debug!(path = %path.display(), "removed a temp file of a killed run");
            removed += 1;
        }
    }
    Ok(removed)
}

/// What a folder holds, sorted; nothing if it is missing.
pub(super) fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let listed = match fs::read_dir(dir) {
        Ok(listed) => listed.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    let mut paths = listed.map_err(|source| LakeError::io(dir, "list the folder", source))?;
    paths.sort_unstable();
    Ok(paths)
}

fn is_temp(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.starts_with(b".") && name.ends_with(TEMP_SUFFIX.as_bytes())
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A temp file's name; the file is removed unless it was renamed.
struct Temp {
    path: Option<PathBuf>,
}

impl Temp {
    /// A new, locked temp file in the folder of `path`.
    fn beside(path: &Path) -> io::Result<(Self, File)> {
        let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?;
        for attempt in 0..TEMP_NAMES_MAX {
            let mut temp_name = std::ffi::OsString::from(".");
            temp_name.push(name);
            temp_name.push(format!(".{}-{attempt}{TEMP_SUFFIX}", std::process::id()));
            let temp = parent(path).join(temp_name);
            match OpenOptions::new().read(true).write(true).create_new(true).open(&temp) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
                Ok(file) if is_ours(&temp, &file)? => return Ok((Self { path: Some(temp) }, file)),
                Ok(_) => continue,
            }
        }
        Err(io::Error::from(io::ErrorKind::AlreadyExists))
    }

    fn rename(mut self, path: &Path) -> io::Result<()> {
        let temp = self.path.as_ref().expect("invariant: a temp file is renamed once");
        fs::rename(temp, path)?;
        self.path = None;
        Ok(())
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        if let Some(path) = self.path.take()
            && let Err(error) = fs::remove_file(&path)
        {
            tracing::warn!(path = %path.display(), %error, "temp file could not be removed");
        }
    }
}

/// Locks a new temp file. False if another process took it for stale between its creation and its lock.
fn is_ours(path: &Path, file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(false),
        // Without locks nobody takes it for stale.
        Err(TryLockError::Error(_)) => return Ok(true),
        Ok(()) => {}
    }
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
        Ok(on_disk) => Ok(on_disk.ino() == file.metadata()?.ino()),
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests make half-written files on purpose")]
mod tests {
    use super::*;
    use std::io::Write;

    fn names(dir: &Path) -> Vec<String> {
        entries(dir).unwrap().iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_failed_write_keeps_the_old_content_and_leaves_no_temp_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.parquet");
        write_durably(&path, |file| file.write_all(b"old")).unwrap();
        let error = write_durably(&path, |file| {
            file.write_all(b"half of the n")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        })
        .unwrap_err();
        assert!(error.is_disk_full());
        let message = error.to_string();
        assert!(
            message.contains("rows.parquet") && message.contains("free space, then run again: finished work is kept")
        );
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(dir.path()), ["rows.parquet"]);
    }

    #[test]
    fn stale_temp_files_go_and_those_of_a_live_writer_stay() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(".rows.parquet.1-0.tmp"), b"half").unwrap();
        fs::write(dir.path().join("notes.tmp"), b"not ours").unwrap();
        let path = dir.path().join("rows.parquet");
        write_durably(&path, |file| {
            assert_eq!(remove_stale_temps(dir.path()).unwrap(), 1);
            file.write_all(b"whole")
        })
        .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(names(dir.path()), ["notes.tmp", "rows.parquet"]);
    }

    #[test]
    fn a_stale_temp_file_of_the_same_process_number_does_not_stop_the_writer() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.parquet");
        fs::write(dir.path().join(format!(".rows.parquet.{}-0.tmp", std::process::id())), b"half").unwrap();
        write_durably(&path, |file| file.write_all(b"whole")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }

    #[test]
    fn a_missing_folder_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("nowhere/rows.parquet");
        let message = write_durably(&path, |_| Ok(())).unwrap_err().to_string();
        assert!(message.contains("nowhere/rows.parquet"), "{message}");
        create_dir_durably(path.parent().unwrap()).unwrap();
        write_durably(&path, |_| Ok(())).unwrap();
    }
}
