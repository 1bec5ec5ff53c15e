//! What ends a command early, and the exit code that goes with it.

use super::exit::Exit;
use crate::archive::ArchiveError;
use crate::calibrate::CalibrateError;
use crate::config::{ConfigError, MomentError, PatternError, Problem};
use crate::eval::EvalError;
use crate::lake::LakeError;
use crate::live::{AskError, WatchError};
use crate::look::LookError;
use crate::report;
use pantau_datasets::demo::DemoError;
use std::io;
use std::path::PathBuf;

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The configuration can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `--timezone` names none.
    #[error("--timezone: {0}")]
    TimeZone(Problem),
    /// `--start` can't be read.
    #[error("--start: {0}")]
    Start(MomentError),
    /// `--name-pattern` gives no moment.
    #[error("--name-pattern: {0}")]
    NamePattern(PatternError),
    /// `--to` lies before `--from`.
    #[error("--to {to} lies before --from {from}; both days are included")]
    Days {
        /// First day.
        from: jiff::civil::Date,
        /// Last day.
        to: jiff::civil::Date,
    },
    /// The lake can't be read or written.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The report can't be written.
    #[error(transparent)]
    Report(#[from] report::Error),
    /// Nothing was ever seen.
    #[error("{}: the lake is empty: nothing was seen yet; fill it with `pantau analyze RECORDINGS --lake {}`", lake.display(), lake.display())]
    EmptyLake {
        /// The lake.
        lake: PathBuf,
    },
    /// Nothing was seen on the days asked for.
    #[error("{}: the lake holds {first} to {last} and nothing of the days asked for; give other days with --from and --to", lake.display())]
    NothingOnDays {
        /// The lake.
        lake: PathBuf,
        /// Its first day.
        first: jiff::civil::Date,
        /// Its last day.
        last: jiff::civil::Date,
    },
    /// `man` was asked for a command that does not exist.
    #[error("there is no command '{0}'; `pantau --help` lists them")]
    NoSuchCommand(String),
    /// Standard output can't be written.
    #[error("cannot write to standard output: {0}")]
    Stdout(#[source] io::Error),
    /// The batch ended early.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The worker can't start.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// No worker tells how it is.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// `--only` is no glob.
    #[error("--only: {0}")]
    Only(#[source] globset::Error),
    /// The evaluation can't be made.
    #[error(transparent)]
    Eval(#[from] EvalError),
    /// The camera can't be calibrated.
    #[error(transparent)]
    Calibrate(#[from] CalibrateError),
    /// `look` can't tell whose zones are meant.
    #[error("{}: {problem}; give --camera ID, one of: {}", clip.display(), known.join(", "))]
    WhichCamera {
        /// The recording.
        clip: PathBuf,
        /// Why it is not clear.
        problem: &'static str,
        /// Cameras of the configuration.
        known: Vec<String>,
    },
    /// The picture can't be made.
    #[error(transparent)]
    Look(#[from] LookError),
    /// The demo can't be filmed.
    #[error(transparent)]
    Demo(DemoError),
    /// What an earlier demo left can't be removed.
    #[error("{}: what an earlier demo left can't be removed: {source}; remove it, or choose another --dir", path.display())]
    DemoFolder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl CliError {
    /// The exit code. A reader that closed our output has what it wanted: that is success.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Archive(ArchiveError::Kernel(_) | ArchiveError::NamePattern(_)) => Exit::Usage,
            Self::Look(LookError::Kernel(_) | LookError::Beyond { .. }) => Exit::Usage,
            Self::Watch(error) if error.is_usage() => Exit::Usage,
            Self::Ask(AskError::Address | AskError::Tls) => Exit::Usage,
            Self::Stdout(_)
            | Self::Watch(_)
            | Self::Ask(_)
            | Self::Archive(_)
            | Self::Eval(_)
            | Self::Calibrate(_)
            | Self::Look(_)
            | Self::Lake(_)
            | Self::Demo(_)
            | Self::DemoFolder { .. }
            | Self::Report(_)
            | Self::EmptyLake { .. }
            | Self::NothingOnDays { .. } => Exit::Failed,
            Self::Config(_)
            | Self::TimeZone(_)
            | Self::Start(_)
            | Self::NamePattern(_)
            | Self::Days { .. }
            | Self::NoSuchCommand(_)
            | Self::WhichCamera { .. }
            | Self::Only(_) => Exit::Usage,
        }
    }
}
