//! What can go wrong in the lake. Each message is complete: file, cause, next step; the source is kept for programs,
//! so whoever prints the message need not print the chain.

use pantau_models::ids::CameraId;
use pantau_models::schema::SCHEMA_VERSION;
use parquet::errors::ParquetError;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why the lake could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LakeError {
    /// The file system refused.
    #[error("{}: cannot {action}: {source}", .path.display())]
    Io {
        /// What it was about.
        path: PathBuf,
        /// What was tried, as a verb.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// No space, or the quota is used up.
    #[error("{}: disk full: free space, then run again: finished work is kept ({source})", .path.display())]
    DiskFull {
        /// The file that did not fit.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The folder holds no lake.
    #[error("{}: no lake here: check the path, or run `pantau analyze` with --lake to make one", .path.display())]
    NotALake {
        /// The folder.
        path: PathBuf,
    },
    /// Written by a newer program, whose columns may mean something else.
    #[error(
        "{}: written with schema {found}, this program knows up to {SCHEMA_VERSION}: install a newer pantau, or use another --lake",
        .path.display()
    )]
    NewerSchema {
        /// The marker or the Parquet file.
        path: PathBuf,
        /// Its schema version.
        found: u32,
    },
    /// The marker of the lake is not what this program writes.
    #[error(
        "{}: damaged marker ({source}): if the folder is a lake, delete this file and run again, it is made anew",
        .path.display()
    )]
    Marker {
        /// The marker.
        path: PathBuf,
        /// What its parser says.
        source: serde_json::Error,
    },
    /// A Parquet file can't be read.
    #[error(
        "{}: unreadable Parquet file ({source}): move it out of the lake and analyse its recordings again",
        .path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What its reader says.
        source: ParquetError,
    },
    /// A Parquet file lacks a column of the contract.
    #[error("{}: column `{column}` is missing: move the file out of the lake, or write it again with this column", .path.display())]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A column has a type that can't be taken for the contract's.
    #[error("{}: column `{column}` is {found}, not {expected}: move the file out of the lake, or write it again", .path.display())]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// Its type.
        found: String,
        /// The contract's type.
        expected: &'static str,
    },
    /// A cell holds what the contract does not know.
    #[error("{}: column `{column}`, row {row}: {value} is not a value of the contract: move the file out of the lake, or write it again", .path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// Row in the file, from 0.
        row: usize,
        /// What it holds, for people.
        value: String,
    },
    /// Rows could not be turned into Parquet: a fault of this program.
    #[error("{}: rows could not be encoded ({source}): please report this with the recording's name", .path.display())]
    Encode {
        /// The file meant.
        path: PathBuf,
        /// What the encoder says.
        source: ParquetError,
    },
    /// A part holds rows of another camera: they would not be found again.
    #[error("part of camera `{part}` holds rows of camera `{row}`: a part has one camera")]
    ForeignRow {
        /// The part's camera.
        part: CameraId,
        /// The row's camera.
        row: CameraId,
    },
    /// Another process writes to the lake.
    #[error("{}: another `pantau analyze` is writing to this lake{holder}: wait for it to end, or use another --lake", .path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// ` (process 123)`, if known.
        holder: String,
    },
    /// The journal was written by a newer program.
    #[error("{}: journal version {found}, this program knows {known}: install a newer pantau, or use another --lake", .path.display())]
    NewerJournal {
        /// The journal.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// This program's version.
        known: u32,
    },
    /// An entry can't be written to the journal.
    #[error("{}: entry of {bytes} bytes is longer than {max}: shorten the recording's path or message", .path.display())]
    EntryTooLong {
        /// The journal.
        path: PathBuf,
        /// Its length.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// An entry can't be written as JSON: a fault of this program.
    #[error("{}: entry could not be encoded ({source}): please report this with the recording's name", .path.display())]
    EncodeEntry {
        /// The file meant.
        path: PathBuf,
        /// What the encoder says.
        source: serde_json::Error,
    },
    /// An append failed and its remains could not be cut off.
    #[error("{}: an earlier write failed half way: run again, the journal is repaired on start", .path.display())]
    JournalBroken {
        /// The journal.
        path: PathBuf,
    },
}

impl LakeError {
    /// An answer of the file system, disk full set apart.
    pub(super) fn io(path: &Path, action: &'static str, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path, source },
            _ => Self::Io { path, action, source },
        }
    }

    /// True if nothing but space is lacking: the work can go on later.
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::DiskFull { .. })
    }
}
