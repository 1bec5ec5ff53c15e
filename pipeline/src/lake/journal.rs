//! The archive's journal: which inputs are finished, so that the next run need not open them again.
//!
//! **Format** of `_journal/archive.journal`, version 1: a header of 16 bytes (8 bytes `PANTAUJ\n`, u32 le version, u32
//! le crc32c of the 12 bytes before it), then frames `[u32 le length][u32 le crc32c of the payload][payload]`, each
//! payload one [`Entry`] as JSON, 1 byte to 1 MiB. Entries of kinds that this program does not know are passed over.
//!
//! **What survives.** `append` returns after fsync: what it acknowledged survives kill -9 and power cuts. An append
//! that was cut off leaves a torn tail (half a frame, a wrong checksum, zeros): normal, cut off by the next `open`.
//! Damage before valid frames is not normal: what precedes it is kept, the rest is copied to
//! `archive.journal.damaged-<n>` and cut off. A lost entry costs time, not rows: the manifest still knows the
//! recording. A lost journal is made again from the manifest: [`Journal::rebuild`].
//!
//! Live workers keep a journal of their own in the same format, `live.journal`, an entry for each finished part: what
//! recordings of the same camera and time need not be analysed again.
//!
//! **One writer.** `archive.lock` (`live.lock`) is locked as long as the journal is open; a second one is refused. The lock ends
//! with its process, however it ends.

use super::Result;
use super::durable::{create_dir_durably, write_durably};
use super::error::LakeError;
use super::frames::{End, PAYLOAD_BYTES_MAX, push_frame, walk};
use super::paths::{LakePaths, aside};
use super::reader::Query;
use super::writer::Lake;
use pantau_models::record::Recording;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Version of the format.
const VERSION: u32 = 1;
/// How a journal begins.
const MAGIC: &[u8; 8] = b"PANTAUJ\n";
/// Length of the header.
const HEADER_BYTES: usize = 16;

/// What the journal keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry {
    /// A recording is finished: its rows and its manifest entry are in the lake.
    RecordingDone {
        /// As in the manifest.
        recording: Recording,
        /// The file's modification time, microseconds; `None` in entries made again from the manifest.
        mtime_us: Option<i64>,
    },
}

/// The journal of a lake, open for appending by this process alone.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Where the next frame goes; `None` after a write whose remains could not be cut off.
    length: Option<u64>,
    lock: File,
}

impl Journal {
    /// Opens the journal of the lake in this folder, makes it if need be, repairs it, and returns its entries, oldest
    /// first.
    pub fn open(lake_dir: impl AsRef<Path>) -> Result<(Self, Vec<Entry>)> {
        let paths = LakePaths::new(lake_dir.as_ref());
        Self::open_at(&paths, paths.journal(), &paths.journal_lock())
    }

    /// The same of the live workers: which time of which camera their finished parts hold.
    pub fn open_live(lake_dir: impl AsRef<Path>) -> Result<(Self, Vec<Entry>)> {
        let paths = LakePaths::new(lake_dir.as_ref());
        Self::open_at(&paths, paths.live_journal(), &paths.live_lock())
    }

    /// The live workers' entries, without taking their journal from them.
    pub fn read_live(lake_dir: impl AsRef<Path>) -> Result<Vec<Entry>> {
        let path = LakePaths::new(lake_dir.as_ref()).live_journal();
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(|source| LakeError::io(&path, "read", source))?,
        };
        if !check_header(&path, &bytes)? {
            return Ok(Vec::new());
        }
        let (payloads, _) = walk(&bytes, HEADER_BYTES);
        Ok(payloads.iter().filter_map(|payload| entry(&path, payload)).collect())
    }

    fn open_at(paths: &LakePaths, path: PathBuf, lock_path: &Path) -> Result<(Self, Vec<Entry>)> {
        create_dir_durably(&paths.journal_dir())?;
        let lock = lock(lock_path)?;
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(LakeError::io(&path, "read", error)),
            read => read.unwrap_or_default(),
        };
        let (entries, length) = repair(&path, &bytes)?;
        let file = OpenOptions::new().read(true).write(true).open(&path);
        let file = file.map_err(|source| LakeError::io(&path, "open", source))?;
        let mut journal = Self { path, file, length: Some(length as u64), lock };
        journal.cut_off(length as u64)?;
        Ok((journal, entries))
    }

    /// Appends entries. They are on disk when it returns; after an error none of them counts.
    pub fn append(&mut self, entries: &[Entry]) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let frames = self.frames(entries)?;
        let length = self.length.ok_or_else(|| LakeError::JournalBroken { path: self.path.clone() })?;
        let written = self.file.write_all(&frames).and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            let error = LakeError::io(&self.path, "append to the journal", source);
            if self.cut_off(length).is_err() {
                self.length = None;
            }
            return Err(error);
        }
        self.length = Some(length + frames.len() as u64);
        Ok(())
    }

    /// Makes entries again from the lake's manifest, appends them, and returns them. For a journal that was lost.
    pub fn rebuild(&mut self, lake: &Lake) -> Result<Vec<Entry>> {
        let recordings = lake.recordings(&Query::default())?;
        let done = |recording| Entry::RecordingDone { recording, mtime_us: None };
        let entries: Vec<Entry> = recordings.into_iter().map(done).collect();
        self.append(&entries)?;
        Ok(entries)
    }

    fn frames(&self, entries: &[Entry]) -> Result<Vec<u8>> {
        let mut frames = Vec::new();
        for entry in entries {
            let payload = serde_json::to_vec(entry)
                .map_err(|source| LakeError::EncodeEntry { path: self.path.clone(), source })?;
            if payload.len() > PAYLOAD_BYTES_MAX {
                let (path, bytes) = (self.path.clone(), payload.len());
                return Err(LakeError::EntryTooLong { path, bytes, max: PAYLOAD_BYTES_MAX });
            }
            push_frame(&mut frames, &payload);
        }
        Ok(frames)
    }

    /// Ends the file there, durably, and appends from there on.
    fn cut_off(&mut self, length: u64) -> Result<()> {
        let cut = self.file.metadata().and_then(|metadata| {
            if metadata.len() != length {
                self.file.set_len(length)?;
                self.file.sync_all()?;
            }
            self.file.seek(SeekFrom::Start(length))
        });
        cut.map(drop).map_err(|source| LakeError::io(&self.path, "repair the journal", source))
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // Closing is not enough: a process just being spawned holds a copy of the handle, and with it the lock.
        let _ = self.lock.unlock();
    }
}

/// Reads what is valid, sets the rest aside if it is not just torn, and makes sure that the file has a header.
/// Returns the entries and where they end.
fn repair(path: &Path, bytes: &[u8]) -> Result<(Vec<Entry>, usize)> {
    if !check_header(path, bytes)? {
        if !header().starts_with(bytes) {
            let aside = set_aside(path, bytes)?;
            tracing::warn!(path = %path.display(), aside = %aside.display(), "journal without a valid header: set aside, starting anew");
        }
        write_durably(path, |file| file.write_all(&header()))?;
        return Ok((Vec::new(), HEADER_BYTES));
    }
    let (payloads, end) = walk(bytes, HEADER_BYTES);
    let entries = payloads.iter().filter_map(|payload| entry(path, payload)).collect();
    let length = match end {
        End::Whole => bytes.len(),
        End::Torn { at } => {
            tracing::warn!(path = %path.display(), at, bytes = bytes.len() - at, "journal ends in an unfinished write: cut off");
            at
        }
        End::Damaged { at } => {
            let aside = set_aside(path, &bytes[at..])?;
            tracing::warn!(path = %path.display(), at, aside = %aside.display(), "journal is damaged: what precedes is kept, the rest is set aside");
            at
        }
    };
    Ok((entries, length))
}

fn entry(path: &Path, payload: &[u8]) -> Option<Entry> {
    serde_json::from_slice(payload)
        .inspect_err(
            |error| tracing::warn!(path = %path.display(), %error, "journal entry of an unknown kind is passed over"),
        )
        .ok()
}

fn header() -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    let crc = crc32c::crc32c(&header[..12]);
    header[12..].copy_from_slice(&crc.to_le_bytes());
    header
}

/// True if the header is valid; refuses journals of newer programs.
fn check_header(path: &Path, bytes: &[u8]) -> Result<bool> {
    let Some(found) = bytes.first_chunk::<HEADER_BYTES>() else { return Ok(false) };
    let word = |at: usize| u32::from_le_bytes([found[at], found[at + 1], found[at + 2], found[at + 3]]);
    if !found.starts_with(MAGIC) || crc32c::crc32c(&found[..12]) != word(12) {
        return Ok(false);
    }
    match word(8) {
        version if version > VERSION => {
            Err(LakeError::NewerJournal { path: path.to_owned(), found: version, known: VERSION })
        }
        _ => Ok(true),
    }
}

/// Copies bytes to the first free name.
fn set_aside(journal: &Path, bytes: &[u8]) -> Result<PathBuf> {
    let free = (1..).map(|number| aside(journal, "damaged", number)).find(|path| !path.exists());
    let path = free.expect("invariant: fewer than 2^32 damaged journals");
    write_durably(&path, |file| file.write_all(bytes))?;
    Ok(path)
}

/// Takes the lock, and notes who has it.
fn lock(path: &Path) -> Result<File> {
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let mut file = open.map_err(|source| LakeError::io(path, "open the lock", source))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(LakeError::Locked { path: path.to_owned(), holder: holder(path) });
        }
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            tracing::warn!(path = %path.display(), "this file system has no locks: start one `pantau analyze` at a time");
        }
        Err(TryLockError::Error(error)) => return Err(LakeError::io(path, "lock", error)),
    }
    // Only a hint for people; the lock counts.
    let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
    Ok(file)
}

fn holder(path: &Path) -> String {
    let process = fs::read_to_string(path).ok().and_then(|text| text.trim().parse::<u32>().ok());
    process.map(|process| format!(" (process {process})")).unwrap_or_default()
}
