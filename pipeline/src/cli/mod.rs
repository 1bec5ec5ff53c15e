//! The command line: one file a subcommand; it parses, asks a driver, and turns the answer into words and an exit
//! code. Text for people goes to standard error, data to standard output.
//!
//! It decides nothing about footage or rows: what a flag means is written into a request, and the driver acts on it.

mod allocator;
mod analyze;
mod calibrate;
mod completions;
mod config;
mod console;
mod demo;
mod doctor;
mod error;
mod eval;
mod exit;
mod logging;
mod look;
mod man;
mod progress;
mod report;
mod site;
mod table;
mod top;
mod watch;

pub use console::Console;
pub use error::CliError;
pub use exit::Exit;
pub use logging::{LOG_VARIABLE, Verbosity};
pub use progress::Progress;

use clap::{Parser, Subcommand};
use std::ffi::OsString;

const ABOUT: &str = "Office CCTV in, an honest Parquet time series of room use out, and reports that people can act on";

const AFTER_HELP: &str = "\
First steps:
  pantau demo                                    try everything on made footage
  pantau config example > pantau.toml            start a configuration
  pantau analyze RECORDINGS --lake lake --config pantau.toml
  pantau report --lake lake --config pantau.toml --out report.html

Variables: PANTAU_* as the help of each flag says; PANTAU_LOG sets the log level; NO_COLOR is kept.
Exit codes: 0 all done; 1 failed; 2 command line or configuration; 3 some inputs failed or partial.";

/// The command line as written.
#[derive(Debug, Parser)]
#[command(name = "pantau", version, about = ABOUT, after_help = AFTER_HELP, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    verbosity: Verbosity,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Analyze(analyze::AnalyzeArgs),
    Watch(watch::WatchArgs),
    Top(top::TopArgs),
    Report(report::ReportArgs),
    Look(look::LookArgs),
    Eval(eval::EvalArgs),
    Calibrate(calibrate::CalibrateArgs),
    Demo(demo::DemoArgs),
    Config(config::ConfigArgs),
    Doctor(doctor::DoctorArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// Runs the program: parses, acts, tells what went wrong.
pub fn run<I: IntoIterator<Item = OsString>>(args: I) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(answer) => {
            // Help and version come here too; a reader that closed our output has what it wanted.
            let _ = answer.print();
            return if answer.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let console = Console::stderr();
    let is_service = matches!(cli.command, Command::Watch(_));
    logging::start(&console, cli.verbosity, is_service);
    allocator::settle();
    act(cli, &console).unwrap_or_else(|error| {
        let exit = error.exit();
        if exit != Exit::Done {
            console.say(&format!("pantau: {error}"));
        }
        exit
    })
}

fn act(cli: Cli, console: &Console) -> Result<Exit, CliError> {
    match cli.command {
        Command::Analyze(args) => args.run(console, cli.verbosity),
        Command::Watch(args) => args.run(),
        Command::Top(args) => args.run(),
        Command::Report(args) => args.run(),
        Command::Look(args) => args.run(console),
        Command::Eval(args) => args.run(console),
        Command::Calibrate(args) => args.run(console),
        Command::Demo(args) => args.run(console),
        Command::Config(args) => args.run(console),
        Command::Doctor(args) => args.run(),
        Command::Completions(args) => args.run(),
        Command::Man(args) => args.run(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent_and_every_command_explains_itself() {
        let mut cli = Cli::command();
        cli.clone().debug_assert();
        for command in cli.get_subcommands_mut().filter(|command| command.get_name() != "help") {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
        }
    }
}
