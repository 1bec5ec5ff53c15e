//! The batch driver: many recordings, unattended.
//!
//! ```text
//! inputs -> plan -> one line per camera:   feed (reads segments, in order)       lock, cheap
//!                                            |  ticket n          |  ticket n+1  ...
//!                                          decode + reduce      decode + reduce  workers, in parallel
//!                                            |                    |
//!                                          tail (scene, estimate, part), in the order of the tickets
//! ```
//!
//! Every worker decodes with one thread. Whoever holds the ticket whose turn it is feeds the camera's scene straight
//! from the decoded picture; the others reduce theirs to working grids and wait. So a camera has one background and
//! one estimator from its first recording to its last, nothing is decoded twice, and the rows do not depend on the
//! number of workers.
//!
//! Finished work is committed in parts: rows, then the camera's state, then the journal. A run that was killed goes on
//! at the last part, and gives the same files.

mod audit;
mod checkpoint;
mod commit;
mod empty;
mod eye;
mod feed;
mod finished;
mod follow;
mod ledger;
mod line;
mod look;
mod message;
mod moved;
mod plan;
mod readers;
mod schedule;
mod selective;
mod summary;
mod tail;
mod tally;
mod timeline;
mod watch;
mod worker;

pub use summary::{Summary, Watcher};

use crate::config::Config;
use crate::diff::{KernelLevel, UnknownKernel};
use crate::ingest::{NamePattern, NamePatternError, discover};
use crate::lake::LakeError;
use ledger::Ledger;
use pantau_models::time::{US_PER_S, UtcMicros};
use plan::Plan;
use schedule::Schedule;
use std::io::BufReader;
use std::path::PathBuf;

/// What `pantau analyze` was asked to do.
#[derive(Clone, Debug)]
pub struct Request {
    /// Files, folders, globs; `-` reads a list from standard input.
    pub inputs: Vec<String>,
    /// The lake's folder.
    pub lake: PathBuf,
    /// The configuration as meant.
    pub config: Config,
    /// Overrides from the command line.
    pub overrides: Overrides,
    /// Worker threads, at least 1.
    pub jobs: usize,
    /// Replace rows of the same camera and time made with other settings.
    pub replace: bool,
    /// Say what would be done, write nothing.
    pub dry_run: bool,
    /// What rows do not depend on.
    pub tuning: Tuning,
}

/// How the work is cut up. Rows do not depend on it, the names of files do.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// Seconds of footage after which a camera's part is committed: what a killed run has to do again, at most.
    pub part_s: f64,
}

impl Default for Tuning {
    /// An hour: a file has about 6.5 kB beside its rows, which is 18 bytes for each of an hour's 10-s rows (72 with
    /// quarters of an hour); and an hour of footage is done again within minutes.
    fn default() -> Self {
        Self { part_s: 3600.0 }
    }
}

impl Tuning {
    fn part_us(self) -> i64 {
        (self.part_s * US_PER_S as f64) as i64
    }
}

/// Identity and time given on the command line for all inputs.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--site`.
    pub site: Option<String>,
    /// `--district`.
    pub district: Option<String>,
    /// `--agency`.
    pub agency: Option<String>,
    /// `--room`.
    pub room: Option<String>,
    /// `--camera`.
    pub camera: Option<String>,
    /// `--start`, already resolved to UTC: when each camera's first recording begins; those that follow in the order
    /// of their names begin where the one before ends.
    pub start: Option<UtcMicros>,
    /// `--name-pattern`: strptime patterns for file names, tried in order.
    pub name_patterns: Vec<String>,
}

/// Why a batch ended early. Whatever was committed before is in the lake.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The lake can't be read or written.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A pattern for file names gives no moment.
    #[error(transparent)]
    NamePattern(#[from] NamePatternError),
    /// The environment asks for a kernel that this machine lacks.
    #[error(transparent)]
    Kernel(#[from] UnknownKernel),
    /// The workers can't be started.
    #[error("worker threads can't be started: {0}; try a smaller --jobs")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// Analyses the request's recordings and tells `watcher` how far it is.
pub fn run(request: &Request, watcher: &dyn Watcher) -> Result<Summary, ArchiveError> {
    let kernel = KernelLevel::choose()?;
    let found = discover(&request.inputs, BufReader::new(std::io::stdin()));
    let mut plan = Plan::new(request, found)?;
    if request.dry_run {
        return Ok(plan.dry_run(request, watcher));
    }
    let ledger = Ledger::open(&request.lake)?;
    moved::put_right(&mut plan, &ledger, request)?;
    let schedule = Schedule::new(request, plan, ledger, watcher, kernel);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(request.jobs.max(1))
        .thread_name(|index| format!("pantau-{index}"))
        .build()?;
    pool.broadcast(|_| worker::work(&schedule));
    schedule.into_result()
}

/// The patterns of the command line, before those of the configuration.
fn name_patterns(request: &Request, configured: &[String]) -> Result<Vec<NamePattern>, NamePatternError> {
    let all = request.overrides.name_patterns.iter().chain(configured);
    all.map(|pattern| NamePattern::parse(pattern)).collect()
}
