//! `pantau completions`: what a shell needs to complete our command line.

use super::Cli;
use super::console::print_data;
use super::error::CliError;
use super::exit::Exit;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  pantau completions bash > ~/.local/share/bash-completion/completions/pantau
  pantau completions fish > ~/.config/fish/completions/pantau.fish";

/// Print completions for a shell
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

impl CompletionsArgs {
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "pantau", &mut script);
        print_data(&script)?;
        Ok(Exit::Done)
    }
}
