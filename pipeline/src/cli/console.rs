//! Where words go: text for people to standard error, data to standard output.

use super::error::CliError;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};
use std::io::{self, IsTerminal, Write};

/// Redraws of a progress bar a second: smooth enough for eyes, nothing for the processor.
const REDRAWS_PER_S: u8 = 4;

/// Standard error, shared by messages, log lines and the progress bar, so that none tears another apart.
#[derive(Clone, Debug)]
pub struct Console {
    bars: MultiProgress,
    terminal: bool,
}

impl Console {
    /// Standard error as it is.
    pub fn stderr() -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let terminal = io::stderr().is_terminal() && !dumb;
        let target = ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_S);
        Self { bars: MultiProgress::with_draw_target(target), terminal }
    }

    /// Whether somebody watches a terminal that can redraw.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Whether colours are wanted: a terminal, and no `NO_COLOR`.
    pub fn wants_color(&self) -> bool {
        self.terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// One line for people. A closed standard error is nobody's loss.
    pub fn say(&self, line: &str) {
        let mut writer = self.clone();
        // In one piece, so that lines of several threads don't mix.
        let _ = writer.write_all(format!("{line}\n").as_bytes());
    }

    pub(super) fn add_bar(&self, bar: ProgressBar) -> ProgressBar {
        self.bars.add(bar)
    }
}

/// Writes above the progress bar.
impl Write for Console {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.terminal {
            return io::stderr().write(bytes);
        }
        self.bars.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Data for programs: all of it, to standard output.
pub(super) fn print_data(data: &[u8]) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    out.write_all(data).and_then(|()| out.flush()).map_err(CliError::Stdout)
}

/// One JSON value and a line feed, to standard output.
pub(super) fn print_json(value: &serde_json::Value) -> Result<(), CliError> {
    print_data(format!("{value:#}\n").as_bytes())
}
