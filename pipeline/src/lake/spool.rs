//! A camera's spool: what a live worker has seen and not yet written to its final place, safe against kill -9.
//!
//! **Format** of `_spool/<camera>.spool`: frames `[u32 le length][u32 le crc32c of the payload][payload]`. The first one
//! is the state that the rest builds on; what the payloads mean is their writer's business.
//!
//! **What survives.** What [`Spool::flush`] wrote survives the process, what [`Spool::sync`] synced survives a power
//! cut. An append that was cut off is cut off by the next [`Spool::open`]. A new beginning ([`Spool::begin`]) replaces
//! the file whole or not at all. A write that failed (disk full) leaves nothing behind: the same bytes are written
//! again by the next try.

use super::Result;
use super::durable::{create_dir_durably, remove_durably, write_durably};
use super::error::LakeError;
use super::frames::{End, PAYLOAD_BYTES_MAX, push_frame, walk};
use super::paths::aside;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// An open spool.
#[derive(Debug)]
pub struct Spool {
    path: PathBuf,
    file: File,
    /// Where the valid frames end.
    length: u64,
    /// Frames that wait to be written.
    waiting: Vec<u8>,
    /// The file may hold more than the valid frames.
    is_soiled: bool,
    is_synced: bool,
}

impl Spool {
    /// Opens a spool that an earlier run left, and returns its payloads; `None` if there is none or nothing in it.
    pub fn open(path: &Path) -> Result<Option<(Self, Vec<Vec<u8>>)>> {
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|source| LakeError::io(path, "read the spool", source))?,
        };
        let (payloads, end) = walk(&bytes, 0);
        let length = match end {
            End::Whole => bytes.len(),
            End::Torn { at } => at,
            End::Damaged { at } => {
                let aside = set_aside(path, &bytes[at..])?;
                tracing::warn!(path = %path.display(), at, aside = %aside.display(), "the spool is damaged: what precedes is kept, the rest is set aside");
                at
            }
        };
        if payloads.is_empty() {
            return Ok(None);
        }
        let payloads = payloads.into_iter().map(<[u8]>::to_vec).collect();
        let mut spool = Self::on(path, length as u64)?;
        spool.is_soiled = length < bytes.len();
        spool.clean()?;
        Ok(Some((spool, payloads)))
    }

    /// Begins a spool with its first payload, in place of what was there. It is on disk when this returns.
    pub fn begin(path: &Path, state: &[u8]) -> Result<Self> {
        if state.is_empty() || state.len() > PAYLOAD_BYTES_MAX {
            return Err(LakeError::EntryTooLong { path: path.to_owned(), bytes: state.len(), max: PAYLOAD_BYTES_MAX });
        }
        if let Some(folder) = path.parent() {
            create_dir_durably(folder)?;
        }
        let mut frame = Vec::new();
        push_frame(&mut frame, state);
        write_durably(path, |file| file.write_all(&frame))?;
        Self::on(path, frame.len() as u64)
    }

    fn on(path: &Path, length: u64) -> Result<Self> {
        let opened = OpenOptions::new().read(true).write(true).open(path).and_then(|mut file| {
            file.seek(SeekFrom::Start(length))?;
            Ok(file)
        });
        let file = opened.map_err(|source| LakeError::io(path, "open the spool", source))?;
        let path = path.to_owned();
        Ok(Self { path, file, length, waiting: Vec::new(), is_soiled: false, is_synced: true })
    }

    /// Appends a payload of 1 byte to 1 MiB; it waits in memory for [`Self::flush`].
    pub fn push(&mut self, payload: &[u8]) {
        push_frame(&mut self.waiting, payload);
    }

    /// Bytes that wait in memory.
    pub fn waiting_bytes(&self) -> usize {
        self.waiting.len()
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.length
    }

    /// Forgets what waits in memory.
    pub fn forget_waiting(&mut self) {
        self.waiting.clear();
    }

    /// Writes what waits. After an error it still waits, and the next call tries again.
    pub fn flush(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.clean()?;
        self.is_soiled = true;
        self.is_synced = false;
        let written = self.file.write_all(&self.waiting);
        if let Err(source) = written {
            // What was written of it must not stay, if that can be helped now; else before the next try.
            let _ = self.clean();
            return Err(LakeError::io(&self.path, "append to the spool", source));
        }
        self.is_soiled = false;
        self.length += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }

    /// Writes what waits and makes it durable.
    pub fn sync(&mut self) -> Result<()> {
        self.flush()?;
        if !self.is_synced {
            self.file.sync_data().map_err(|source| LakeError::io(&self.path, "sync the spool", source))?;
            self.is_synced = true;
        }
        Ok(())
    }

    /// Cuts off what is no whole frame.
    fn clean(&mut self) -> Result<()> {
        if self.is_soiled {
            let cut = self.file.set_len(self.length).and_then(|()| self.file.seek(SeekFrom::Start(self.length)));
            cut.map_err(|source| LakeError::io(&self.path, "repair the spool", source))?;
            self.is_soiled = false;
        }
        Ok(())
    }

    /// Moves a spool that can't be used out of the way; returns its new name.
    pub fn put_aside(path: &Path) -> Result<PathBuf> {
        let aside = free_name(path);
        fs::rename(path, &aside).map_err(|source| LakeError::io(path, "rename the spool", source))?;
        Ok(aside)
    }

    /// Removes the spool: all of it is in its final place.
    pub fn remove(self) -> Result<()> {
        remove_durably(&self.path)
    }
}

fn set_aside(path: &Path, bytes: &[u8]) -> Result<PathBuf> {
    let aside = free_name(path);
    write_durably(&aside, |file| file.write_all(bytes))?;
    Ok(aside)
}

fn free_name(path: &Path) -> PathBuf {
    let free = (1..).map(|number| aside(path, "unread", number)).find(|path| !path.exists());
    free.expect("invariant: fewer than 2^32 spools that can't be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_flushed_comes_back_and_what_was_cut_off_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("_spool").join("lobby.spool");
        assert!(Spool::open(&path).unwrap().is_none());
        let mut spool = Spool::begin(&path, b"state").unwrap();
        spool.push(b"one");
        spool.push(b"two");
        spool.sync().unwrap();
        spool.push(b"never written");
        drop(spool);

        // kill -9 in the middle of an append.
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(&[5, 0, 0, 0, 1, 2]).unwrap();
        let (mut spool, payloads) = Spool::open(&path).unwrap().unwrap();
        assert_eq!(payloads, [b"state".to_vec(), b"one".to_vec(), b"two".to_vec()]);
        spool.push(b"three");
        spool.flush().unwrap();
        let length = spool.bytes();
        drop(spool);
        assert_eq!(fs::metadata(&path).unwrap().len(), length);
        assert_eq!(Spool::open(&path).unwrap().unwrap().1.len(), 4);

        let spool = Spool::begin(&path, b"later state").unwrap();
        assert_eq!(Spool::open(&path).unwrap().unwrap().1, [b"later state".to_vec()]);
        spool.remove().unwrap();
        assert!(Spool::open(&path).unwrap().is_none());
    }

    #[test]
    fn damage_in_the_middle_keeps_what_precedes_and_sets_the_rest_aside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lobby.spool");
        let mut spool = Spool::begin(&path, b"state").unwrap();
        for payload in [b"one", b"two", b"six"] {
            spool.push(payload);
        }
        spool.sync().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes[13 + 8 + 1] ^= 0xff;
        write_durably(&path, |file| file.write_all(&bytes)).unwrap();
        let (_, payloads) = Spool::open(&path).unwrap().unwrap();
        assert_eq!(payloads, [b"state".to_vec()]);
        assert!(dir.path().join("lobby.spool.unread-1").exists());
    }
}
