//! `pantau eval`: how right the estimates are, against labelled footage.

use super::console::{Console, print_data, print_json};
use super::error::CliError;
use super::exit::Exit;
use crate::config::Config;
use crate::eval::{self, Choice};
use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  pantau eval --data labelled
      presence, people and entries against the labels of each clip in the folder
  pantau eval --data labelled --only seated- --only 'empty-*-crf30' --failures
      some of them, by a part of their names or a glob, and when exactly they are wrong
  pantau eval --data labelled --json
      everything for programs, on standard output

Columns: acc, share of seconds right; acc+-1s, the same where the truth one second off counts too; false s, empty
seconds said present; longest, the longest wrong stretch; in/out, entries and exits found/true+extra; err s, median/95th
percentile of their error; occupied, error of the occupied time; MAE and const, the count's mean error and a constant's.
Exit codes: 0 all done; 1 failed; 2 command line; 3 some clips could not be evaluated.";

/// Measure the estimates against labelled footage
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct EvalArgs {
    /// Folder of clips with their labels
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Only clips whose name holds this, or matches it if it is a glob; may be repeated
    #[arg(long, value_name = "GLOB_OR_PART")]
    only: Vec<String>,
    /// Clips at once (otherwise: one per processor)
    #[arg(short, long, value_name = "N", env = "PANTAU_JOBS", hide_env_values = true)]
    jobs: Option<NonZeroUsize>,
    /// Tell every wrong stretch: from-to said/true, seconds since the clip's start
    #[arg(long)]
    failures: bool,
    /// Print the figures as JSON on standard output
    #[arg(long)]
    json: bool,
}

impl EvalArgs {
    pub(super) fn run(&self, console: &Console) -> Result<Exit, CliError> {
        let choice = Choice::parse(&self.only).map_err(CliError::Only)?;
        let mut config = Config::default();
        config.analysis.jobs = self.jobs;
        let told = |name: &str| console.say(&format!("{name} ..."));
        let evaluation = eval::run(&self.data, &choice, &config, told)?;
        if self.json {
            for failed in &evaluation.failed {
                console.say(&format!("{}: {}", failed.name, failed.message));
            }
            let value = serde_json::to_value(&evaluation).expect("invariant: scores are plain numbers and texts");
            print_json(&value)?;
        } else {
            let failures = if self.failures { eval::failures_as_text(&evaluation) } else { String::new() };
            print_data((eval::as_text(&evaluation) + &failures).as_bytes())?;
        }
        Ok(Exit::of_inputs(evaluation.clips.len() as u64, 0, evaluation.failed.len() as u64))
    }
}
