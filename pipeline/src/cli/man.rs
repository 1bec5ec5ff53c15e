//! `pantau man`: manual pages.

use super::Cli;
use super::console::print_data;
use super::error::CliError;
use super::exit::Exit;
use clap::{Args, CommandFactory};

const EXAMPLES: &str = "\
Examples:
  pantau man | man -l -
  pantau man analyze > pantau-analyze.1";

/// Print a manual page
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ManArgs {
    /// A command (otherwise: the program's own page)
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl ManArgs {
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let mut whole = Cli::command();
        // Without it a command's page would call the program by the command's name alone.
        whole.build();
        let command = match &self.command {
            None => whole,
            Some(name) => {
                let found = whole.find_subcommand(name).cloned();
                found.ok_or_else(|| CliError::NoSuchCommand(name.clone()))?
            }
        };
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page).map_err(CliError::Stdout)?;
        print_data(&page)?;
        Ok(Exit::Done)
    }
}
