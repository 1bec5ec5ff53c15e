//! `pantau report`: lake in, pages and tables for people out.

use super::error::CliError;
use super::exit::Exit;
use super::site::SiteArgs;
use crate::config::{Config, Language};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  pantau report --lake lake --out report.html
      one page with everything in the lake
  pantau report --lake lake --from 2026-11-01 --to 2026-11-30 --by agency --out november.html
      one month, both days included, in the site's zone
  pantau report --lake lake --config pantau.toml --csv tables --xlsx tables.xlsx
      the figures as tables, with the working hours of the configuration

Without --out, --csv and --xlsx the sentences are printed on standard output.";

/// Make a report of what the lake holds
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ReportArgs {
    /// The lake's folder
    #[arg(long, value_name = "DIR", env = "PANTAU_LAKE", hide_env_values = true)]
    lake: PathBuf,
    #[command(flatten)]
    site: SiteArgs,
    /// First day, in the site's zone (otherwise: the lake's first)
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<Date>,
    /// Last day, included (otherwise: the lake's last)
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<Date>,
    /// What a row of the report stands for
    #[arg(long, value_name = "LEVEL", default_value = "room")]
    by: Level,
    /// Language: id (Indonesian) or en (English) (otherwise: the configuration's, else id)
    #[arg(long, value_name = "LANGUAGE", env = "PANTAU_LANG", hide_env_values = true, value_parser = ["id", "en"])]
    lang: Option<String>,
    /// Write one self-contained HTML page
    #[arg(long, value_name = "FILE.html")]
    out: Option<PathBuf>,
    /// Write the tables as CSV files into this folder
    #[arg(long, value_name = "DIR")]
    csv: Option<PathBuf>,
    /// Write the tables as one workbook
    #[arg(long, value_name = "FILE.xlsx")]
    xlsx: Option<PathBuf>,
}

/// What a row of a report stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// A room.
    Room,
    /// An agency: its rooms together.
    Agency,
    /// A district: its agencies together.
    District,
}

/// What a report was asked for.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "read by the part behind the call site below")]
struct ReportRequest {
    lake: PathBuf,
    /// Holds the time zone, the calendar, the language and the privacy rules.
    config: Config,
    from: Option<Date>,
    to: Option<Date>,
    by: Level,
    out: Option<PathBuf>,
    csv: Option<PathBuf>,
    xlsx: Option<PathBuf>,
}

impl ReportArgs {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        report(&self.into_request()?)
    }

    fn into_request(self) -> Result<ReportRequest, CliError> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            return Err(CliError::Days { from, to });
        }
        let mut config = self.site.config()?;
        config.language = self.lang.as_deref().and_then(Language::parse).unwrap_or(config.language);
        let Self { lake, from, to, by, out, csv, xlsx, .. } = self;
        Ok(ReportRequest { lake, config, from, to, by, out, csv, xlsx })
    }
}

/// CALL SITE: the report of the lake goes here.
fn report(_request: &ReportRequest) -> Result<Exit, CliError> {
    Err(CliError::NotWired("report"))
}

#[cfg(test)]
mod tests {
    use super::super::{Cli, Command};
    use super::*;
    use clap::Parser;

    fn request(args: &[&str]) -> Result<ReportRequest, CliError> {
        match Cli::try_parse_from(["pantau", "report", "--lake", "l"].iter().chain(args)).unwrap().command {
            Command::Report(args) => args.into_request(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn days_levels_and_language_are_read() {
        let asked = request(&["--from", "2026-11-01", "--to", "2026-11-01", "--by", "agency", "--lang", "en"]).unwrap();
        assert_eq!((asked.from, asked.by, asked.config.language), (asked.to, Level::Agency, Language::English));
        let asked = request(&[]).unwrap();
        assert_eq!((asked.from, asked.by, asked.config.language), (None, Level::Room, Language::Indonesian));
    }

    #[test]
    fn a_period_that_ends_before_it_begins_is_refused() {
        let error = request(&["--from", "2026-11-02", "--to", "2026-11-01"]).unwrap_err();
        assert_eq!(error.to_string(), "--to 2026-11-01 lies before --from 2026-11-02; both days are included");
        assert_eq!(error.exit(), Exit::Usage);
    }
}
