//! The lake: writes and reads Parquet, the manifest, checkpoints and the archive's journal.
//!
//! ```text
//! lake/_pantau.json                                              marker: which schema wrote here
//! lake/observations/date=2026-11-23/<camera>-<start>-<id>.parquet  the same in events/, gaps/, recordings/
//! lake/_state/      checkpoints of the archive, one per camera and settings
//! lake/_spool/      what live workers have seen and not yet written as rows, one file a camera
//! lake/_journal/    the archive's and the live workers' journals, their locks, markers of parts being written
//! ```
//!
//! Nothing here decides what a row means: rows come in, the same rows come out, rounded as `rounding` says.
//!
//! What survives: every file appears whole under its name or not at all (`durable`); a part (all rows of one unit of
//! work) is taken back when its writer died before the manifest was written (`pending`); old rows leave before the
//! manifest forgets them (`replace`); the journal loses at most its last, unacknowledged append (`journal`). So after
//! any crash a re-run completes the lake without a missing or a doubled row.
//!
//! **Invariant:** only `paths` composes file names. **Invariant:** only `durable`, `journal` and `spool` write files.

pub mod coverage;
pub mod durable;
pub mod journal;
pub mod paths;
pub mod speed;

mod arrow;
mod columns;
mod error;
mod files;
mod frames;
mod pending;
mod reader;
mod replace;
mod rounding;
mod rows;
mod schema;
mod spool;
mod state;
mod writer;

#[cfg(test)]
mod tests;

pub use coverage::Coverage;
pub use durable::write_durably;
pub use error::LakeError;
pub use journal::{Entry, Journal};
pub use reader::Query;
pub use replace::{OldFiles, Removed, Replacement};
pub use schema::Table;
pub use spool::Spool;
pub use writer::{Lake, Part, WrittenFile};

/// What every function of the lake returns.
pub type Result<T> = std::result::Result<T, LakeError>;
