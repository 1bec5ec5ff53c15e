//! `pantau eval`: how right the estimates are, against labelled footage.

use super::console::{Console, print_data, print_json};
use super::error::CliError;
use super::exit::Exit;
use crate::config::Config;
use crate::eval;
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
    pub(super) fn run(&self, console: &Console) -> Result<Exit, CliError> {
        evaluate(&self.data, self.json, console)
    }
}

fn evaluate(data: &Path, json: bool, console: &Console) -> Result<Exit, CliError> {
    let evaluation = eval::run(data, &Config::default(), |name| console.say(&format!("{name} ...")))?;
    if json {
        let value = serde_json::to_value(&evaluation).expect("invariant: scores are plain numbers and texts");
        print_json(&value)?;
    } else {
        print_data(eval::as_text(&evaluation).as_bytes())?;
    }
    Ok(Exit::Done)
}
