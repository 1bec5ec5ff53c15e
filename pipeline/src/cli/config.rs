//! `pantau config`: judge a configuration, show one, describe it to programs.

use super::console::{Console, print_data, print_json};
use super::error::CliError;
use super::exit::Exit;
use crate::config::{Config, EXAMPLE, json_schema};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

/// Check, show or describe configurations
#[derive(Args, Debug)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Judge a configuration: exit 0 if it can be used, else 2 and all that is wrong, by line
    Check {
        /// The configuration
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print a configuration that uses every key
    Example,
    /// Print the JSON schema of configurations
    Schema,
}

impl ConfigArgs {
    pub(super) fn run(&self, console: &Console) -> Result<Exit, CliError> {
        match &self.action {
            Action::Check { file } => check(file, console)?,
            Action::Example => print_data(EXAMPLE.as_bytes())?,
            Action::Schema => print_json(&json_schema())?,
        }
        Ok(Exit::Done)
    }
}

fn check(file: &Path, console: &Console) -> Result<(), CliError> {
    let config = Config::load(file)?;
    let zones: usize = config.cameras.iter().map(|camera| camera.zones.len()).sum();
    console.say(&format!(
        "{}: fine: site {}, zone of time {}, cameras {}, zones of view {}",
        file.display(),
        config.site.id,
        config.site.timezone.iana_name().unwrap_or("unnamed"),
        config.cameras.len(),
        zones,
    ));
    Ok(())
}
