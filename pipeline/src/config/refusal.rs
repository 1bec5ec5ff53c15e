//! Why a configuration is refused: file, line, key, and what to write instead.

use super::calibration::CalibrationError;
use super::moment::MomentError;
use super::pattern::PatternError;
use jiff::civil::Date;
use pantau_models::calendar::ClockError;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// A configuration that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{}: cannot read the configuration: {source}; give another with --config, or start one with `pantau config example`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file says something that can't be meant.
    #[error("{}", listed(file, refusals))]
    Refused {
        /// The file, as named.
        file: String,
        /// All that is wrong, by line.
        refusals: Vec<Refusal>,
    },
}

fn listed(file: &str, refusals: &[Refusal]) -> String {
    let lines: Vec<_> = refusals.iter().map(|refusal| format!("{file}:{refusal}")).collect();
    lines.join("\n")
}

/// One thing that is wrong, and where.
#[derive(Debug)]
pub struct Refusal {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.problem)
    }
}

/// What can be wrong.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each variant is its documentation")]
pub enum Problem {
    #[error("not TOML: {0}")]
    Syntax(String),
    #[error("{0}")]
    Unreadable(String),
    #[error("unknown key '{key}' {table}{hint}")]
    UnknownKey { key: String, table: String, hint: String },
    #[error("key '{key}' is missing {table}")]
    MissingKey { key: &'static str, table: String },
    #[error("'{key}' {table} must be {expected}, not {found}")]
    WrongValue { key: &'static str, table: String, expected: String, found: String },
    #[error("unknown time zone '{name}' for 'timezone' in [site]{hint}")]
    UnknownTimeZone { name: String, hint: String },
    #[error("camera id '{id}' is already used in line {first_line}; ids are unique in a lake")]
    DuplicateCamera { id: String, first_line: usize },
    #[error("zone id '{id}' is already used by this camera in line {first_line}")]
    DuplicateZone { id: String, first_line: usize },
    #[error("zone id 'room' is taken by the whole view of the camera; choose another")]
    ReservedZone,
    #[error("glob '{glob}' cannot be used: {source}")]
    Glob { glob: String, source: globset::Error },
    #[error("'start' of camera '{camera}': {source}")]
    Start { camera: String, source: MomentError },
    #[error("'{key}' in [calendar]: {source}")]
    ServiceHours { key: &'static str, source: ClockError },
    #[error("'{key}' {table}: '{text}' is no day: {source}; write it as 2026-12-25")]
    Day { key: &'static str, table: &'static str, text: String, source: jiff::Error },
    #[error("'last' in [[calendar.ramadan]], {last}, lies before 'first', {first}; both days are included")]
    RamadanBackwards { first: Date, last: Date },
    #[error("'calibration' of camera '{camera}': {source}")]
    Calibration { camera: String, source: CalibrationError },
    #[error(transparent)]
    Pattern(#[from] PatternError),
    #[error(
        "'url' of camera '{camera}' holds a user or password; put the whole address into an environment variable or a file: url = {{ env = \"NAME\" }} or url = {{ file = \"PATH\" }}, or write 'user' and 'password' beside it"
    )]
    PasswordInUrl { camera: String },
    #[error("camera '{camera}' has a 'user' or a 'password' alone; it needs both, or neither")]
    HalfLogin { camera: String },
    #[error("'listen' in [watch]: '{text}' is no address and port; write it as 127.0.0.1:9470")]
    Listen { text: String },
    #[error(
        "room '{room}' is allowed in [[privacy.single_person_rooms]] without a 'reason'; say why presence of one person may be shown"
    )]
    MissingReason { room: String },
}

/// The line, from 1, of a byte offset.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count()
}

/// `; did you mean 'x'?` for the nearest of the candidates, or nothing if none is near.
pub(super) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    /// Jaro-Winkler similarity from which a word is taken for a misspelling: names of four letters with one
    /// wrong stay above it, unrelated keys of this file's list stay below.
    const NEAR: f64 = 0.8;
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| format!("; did you mean '{candidate}'?"))
        .unwrap_or_default()
}
