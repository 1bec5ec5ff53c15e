//! The program `pantau`: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    pantau::cli::run(std::env::args_os()).into()
}
