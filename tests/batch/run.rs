//! Runs `pantau analyze` and reads back what it left.

use pantau::lake::{Lake, Query};
use pantau_models::record::{Event, Gap, Observation, Recording};
use pantau_models::time::UtcMicros;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program's exit code and streams.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A command to analyse these inputs.
pub(crate) fn command<S: AsRef<OsStr>>(lake: &Path, inputs: &[S], flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pantau"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PANTAU_")) {
        command.env_remove(name);
    }
    command.arg("analyze").args(inputs).arg("--lake").arg(lake).args(flags).stdin(Stdio::null());
    command
}

/// Runs a command.
pub(crate) fn run(mut command: Command) -> Outcome {
    let output = command.output().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Analyses these inputs.
pub(crate) fn analyze<S: AsRef<OsStr>>(lake: &Path, inputs: &[S], flags: &[&str]) -> Outcome {
    run(command(lake, inputs, flags))
}

/// Analyses these inputs; all must go well.
pub(crate) fn analyzed<S: AsRef<OsStr>>(lake: &Path, inputs: &[S], flags: &[&str]) -> Rows {
    let outcome = analyze(lake, inputs, flags);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    Rows::of(lake)
}

/// All that rows tell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    pub(crate) observations: Vec<Observation>,
    pub(crate) events: Vec<Event>,
    pub(crate) gaps: Vec<Gap>,
}

impl Rows {
    /// The lake's rows. No interval of a camera's zone may have two.
    pub(crate) fn of(lake: &Path) -> Self {
        let opened = Lake::open(lake).unwrap();
        let all = Query::default();
        let rows = Self {
            observations: opened.observations(&all).unwrap(),
            events: opened.events(&all).unwrap(),
            gaps: opened.gaps(&all).unwrap(),
        };
        let mut keys = BTreeSet::new();
        for row in &rows.observations {
            let key = (row.place.camera.clone(), row.zone.clone(), row.start);
            assert!(keys.insert(key.clone()), "two rows: {key:?}");
        }
        rows
    }

    /// Seconds seen, all together.
    pub(crate) fn observed_s(&self) -> f64 {
        self.observations.iter().map(|row| f64::from(row.observed_s)).sum()
    }

    /// Starts of the intervals with rows.
    pub(crate) fn starts(&self) -> Vec<String> {
        self.observations.iter().map(|row| row.start.to_string()).collect()
    }

    /// Gaps as text: reason, start and end.
    pub(crate) fn told_gaps(&self) -> Vec<String> {
        self.gaps.iter().map(|gap| format!("{} {} {}", gap.reason.as_str(), gap.span.start, gap.span.end)).collect()
    }
}

/// The manifest, without the time that the work took.
pub(crate) fn manifest(lake: &Path) -> Vec<Recording> {
    let mut recordings = Lake::open(lake).unwrap().recordings(&Query::default()).unwrap();
    recordings.iter_mut().for_each(|recording| recording.spent_s = 0.0);
    recordings
}

/// What the manifest says of a file: status and message.
pub(crate) fn verdict(lake: &Path, file_name: &str) -> (String, String) {
    let recordings = manifest(lake);
    let named: Vec<&Recording> = recordings.iter().filter(|recording| recording.path.ends_with(file_name)).collect();
    assert_eq!(named.len(), 1, "{file_name}: {named:?}");
    (named[0].status.as_str().to_owned(), named[0].message.clone())
}

/// Paths and contents of the lake's Parquet files, the manifest's without contents: they tell the time spent.
pub(crate) fn tables(lake: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut tables = BTreeMap::new();
    for path in files(lake).into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "parquet")) {
        let relative = path.strip_prefix(lake).unwrap().to_owned();
        let is_manifest = relative.starts_with("recordings");
        let content = if is_manifest { Vec::new() } else { std::fs::read(&path).unwrap() };
        tables.insert(relative, content);
    }
    tables
}

/// Fails unless both lakes are the same to the byte, naming the files that aren't.
pub(crate) fn assert_same(lake: &Path, expected: &Path, told: &str) {
    assert_eq!(Rows::of(lake), Rows::of(expected), "{told}");
    assert_eq!(manifest(lake), manifest(expected), "{told}");
    let (found, wanted) = (tables(lake), tables(expected));
    assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>(), "{told}");
    let differing: Vec<_> = wanted.iter().filter(|(path, content)| found[*path] != **content).collect();
    assert!(differing.is_empty(), "{told}: {:?}", differing.iter().map(|(path, _)| path).collect::<Vec<_>>());
}

/// Temp files and markers of unfinished parts.
pub(crate) fn remains(lake: &Path) -> Vec<PathBuf> {
    let is_left = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "tmp") || path.ends_with("pending");
    files(lake).into_iter().filter(|path| is_left(path) || path.to_string_lossy().contains("/pending/")).collect()
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(|entry| entry.unwrap());
    entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

/// A moment so many seconds after 2026-07-14 00:00 UTC, where the clips begin.
pub(crate) fn at(second: f64) -> UtcMicros {
    UtcMicros(1_783_987_200_000_000).plus_s(second)
}
