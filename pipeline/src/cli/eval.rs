//! `pantau eval`: how right the estimates are, against labelled footage.

use super::error::CliError;
use super::exit::Exit;
use clap::Args;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  pantau eval --data labelled
      presence, people and events against the labels of each clip in the folder
  pantau eval --data labelled --json
      the same for programs, on standard output";

/// Measure the estimates against labelled footage
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct EvalArgs {
    /// Folder of clips with their labels
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Print the figures as JSON on standard output
    #[arg(long)]
    json: bool,
}

impl EvalArgs {
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        eval(&self.data, self.json)
    }
}

/// CALL SITE: the evaluation goes here.
fn eval(_data: &Path, _json: bool) -> Result<Exit, CliError> {
    Err(CliError::NotWired("eval"))
}
