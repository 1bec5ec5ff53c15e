//! Log lines: standard error, compact, level from `-v`, `-q` and `PANTAU_LOG`.

use super::console::Console;
use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

/// The variable that overrides `-v` and `-q`, in the usual filter syntax.
pub const LOG_VARIABLE: &str = "PANTAU_LOG";

/// Heading of these flags in every command's help.
const WORDS: &str = "Words";

/// How much to say.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Verbosity {
    /// Say more; twice or thrice for still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet", help_heading = WORDS)]
    verbose: u8,
    /// Say less: once no progress and errors only, twice nothing
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = WORDS)]
    quiet: u8,
    /// How log lines look: for people, or an object a line for programs
    #[arg(long, global = true, value_enum, default_value_t, env = "PANTAU_LOG_FORMAT", hide_env_values = true, help_heading = WORDS)]
    log_format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Verbosity {
    /// Whether progress and remarks are wanted.
    pub fn shows_progress(self) -> bool {
        self.quiet == 0
    }

    /// Whether failures are wanted.
    pub fn shows_failures(self) -> bool {
        self.quiet <= 1
    }

    /// What a service does is worth a line, what a command does only if asked for.
    fn level(self, is_service: bool) -> &'static str {
        match i16::from(self.verbose) - i16::from(self.quiet) + i16::from(is_service) {
            ..=-2 => "off",
            -1 => "error",
            0 => "warn",
            1 => "info",
            2 => "debug",
            3.. => "trace",
        }
    }
}

/// Starts logging. A filter that can't be read is told and replaced by the level of `-v` and `-q`. Where a program
/// that embeds us already logs, its choice stays.
pub(super) fn start(console: &Console, verbosity: Verbosity, is_service: bool) {
    let filter = match std::env::var(LOG_VARIABLE) {
        Ok(text) if !text.is_empty() => EnvFilter::try_new(&text).unwrap_or_else(|error| {
            console.say(&format!("{LOG_VARIABLE} ignored: {error}; write a level or target=level,..."));
            EnvFilter::new(verbosity.level(is_service))
        }),
        _ => EnvFilter::new(verbosity.level(is_service)),
    };
    let writer = console.clone();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(move || writer.clone());
    let _ = match verbosity.log_format {
        LogFormat::Json => lines.json().flatten_event(true).with_ansi(false).try_init(),
        // The journal writes the time itself.
        LogFormat::Text if std::env::var_os("JOURNAL_STREAM").is_some() => {
            lines.compact().without_time().with_ansi(false).try_init()
        }
        LogFormat::Text => lines.compact().with_ansi(console.wants_color()).try_init(),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_follow_the_flags() {
        let level = |verbose, quiet| Verbosity { verbose, quiet, ..Verbosity::default() }.level(false);
        assert_eq!(
            [level(0, 9), level(0, 1), level(0, 0), level(1, 0), level(9, 0)],
            ["off", "error", "warn", "info", "trace"]
        );
        let quiet = Verbosity { quiet: 1, ..Verbosity::default() };
        assert!(!quiet.shows_progress() && quiet.shows_failures());
    }
}
