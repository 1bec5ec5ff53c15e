//! `pantau demo`: the whole line on made footage with known truth, from film to report.

use super::console::Console;
use super::error::CliError;
use super::exit::Exit;
use clap::Args;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  pantau demo
      films a made office, analyses it, checks the figures against the known truth, writes demo/report.html
  pantau demo --dir /tmp/pantau --keep
      elsewhere; the footage stays for a closer look";

/// Try everything on made footage: film, analysis, report
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct DemoArgs {
    /// Folder for footage, lake and report
    #[arg(long, value_name = "DIR", default_value = "demo")]
    dir: PathBuf,
    /// Keep the footage; without it only lake and report stay
    #[arg(long)]
    keep: bool,
}

impl DemoArgs {
    pub(super) fn run(&self, console: &Console) -> Result<Exit, CliError> {
        demo(&self.dir, self.keep, console)
    }
}

/// CALL SITE: the demo goes here.
fn demo(_dir: &Path, _keep: bool, _console: &Console) -> Result<Exit, CliError> {
    Err(CliError::NotWired("demo"))
}
