//! The batch driver: many recordings, unattended.

use crate::config::Config;
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
    /// `--start`, already resolved to UTC.
    pub start: Option<pantau_models::time::UtcMicros>,
    /// `--name-pattern`: strptime patterns for file names, tried in order.
    pub name_patterns: Vec<String>,
}
