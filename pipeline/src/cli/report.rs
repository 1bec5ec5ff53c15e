//! `pantau report`: lake in, pages and tables for people out.

use super::console::print_data;
use super::error::CliError;
use super::exit::Exit;
use super::site::SiteArgs;
use crate::config::{Config, Language};
use crate::lake::{Lake, LakeError, Query};
use crate::report::{self, GroupBy, Input, Model, SeenRows};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use pantau_models::calendar::{local_date, local_day};
use pantau_models::record::Recording;
use pantau_models::time::{Span, UtcMicros};
use std::path::{Path, PathBuf};

/// The page's file where nothing else was asked for.
const PAGE: &str = "report.html";

const EXAMPLES: &str = "\
Examples:
  pantau report --lake lake
      everything in the lake as one page: report.html
  pantau report --lake lake --from 2026-11-01 --to 2026-11-30 --by agency --out november.html
      one month, both days included, in the site's zone
  pantau report --lake lake --config pantau.toml --lang en --csv tables --xlsx tables.xlsx
      the figures as tables, with the service hours of the configuration

The paths of what was written are printed on standard output, one a line. A room that the configuration lists in
[[privacy.single_person_rooms]] is shown only if it is allowed there.";

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
    /// What stands together
    #[arg(long, value_name = "LEVEL", default_value = "room")]
    by: Level,
    /// Language: id (Indonesian) or en (English) (otherwise: the configuration's, else id)
    #[arg(long, value_name = "LANGUAGE", env = "PANTAU_LANG", hide_env_values = true, value_parser = ["id", "en"])]
    lang: Option<String>,
    /// Write one self-contained HTML page (otherwise: report.html, unless --csv or --xlsx is given)
    #[arg(long, value_name = "FILE.html")]
    out: Option<PathBuf>,
    /// Write the tables as CSV files into this folder, made if missing
    #[arg(long, value_name = "DIR")]
    csv: Option<PathBuf>,
    /// Write the tables as one workbook
    #[arg(long, value_name = "FILE.xlsx")]
    xlsx: Option<PathBuf>,
}

/// [`GroupBy`] as a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Level {
    /// Every room for itself
    Room,
    /// Rooms of an agency
    Agency,
    /// Rooms of a district
    District,
}

impl From<Level> for GroupBy {
    fn from(level: Level) -> Self {
        match level {
            Level::Room => Self::Room,
            Level::Agency => Self::Agency,
            Level::District => Self::District,
        }
    }
}

/// What a report was asked for.
#[derive(Clone, Debug)]
struct ReportRequest {
    lake: PathBuf,
    /// Holds the time zone, the calendar, the language and the privacy rules.
    config: Config,
    days: Days,
    by: GroupBy,
    out: Option<PathBuf>,
    csv: Option<PathBuf>,
    xlsx: Option<PathBuf>,
}

/// Local days, both included; where one is missing, the lake's first or last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Days {
    from: Option<Date>,
    to: Option<Date>,
}

impl ReportArgs {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let now = UtcMicros::from_timestamp(jiff::Timestamp::now());
        let request = self.into_request()?;
        let model = report::model(request.input(now)?);
        let written = request.write(&model)?;
        let lines: String = written.iter().map(|path| format!("{}\n", path.display())).collect();
        print_data(lines.as_bytes())?;
        Ok(Exit::Done)
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
        let out = out.or_else(|| (csv.is_none() && xlsx.is_none()).then(|| PAGE.into()));
        Ok(ReportRequest { lake, config, days: Days { from, to }, by: by.into(), out, csv, xlsx })
    }
}

/// One page with everything in a lake, for the demo.
pub(super) fn write_page(lake: &Path, config: Config, out: &Path) -> Result<(), CliError> {
    let request = ReportRequest {
        lake: lake.to_owned(),
        config,
        days: Days { from: None, to: None },
        by: GroupBy::Room,
        out: Some(out.to_owned()),
        csv: None,
        xlsx: None,
    };
    let now = UtcMicros::from_timestamp(jiff::Timestamp::now());
    let model = report::model(request.input(now)?);
    request.write(&model)?;
    Ok(())
}

impl ReportRequest {
    /// Everything that the lake holds of the days asked for.
    fn input(&self, now: UtcMicros) -> Result<Input, CliError> {
        let zone = &self.config.site.timezone;
        let lake = Lake::open(&self.lake)?;
        let recordings = lake.recordings(&Query::default())?;
        let query = Query {
            from: self.days.from.map(|day| local_day(day, zone).start),
            to: self.days.to.map(|day| local_day(day, zone).end),
            cameras: None,
        };
        let mut observations = SeenRows::default();
        lake.for_each_observation(&query, |row| observations.add(&row))?;
        let held = held(&recordings).into_iter().chain(observations.span()).reduce(around);
        let Some(period) = held.and_then(|held| self.period(held)) else {
            return Err(self.nothing(&lake, held)?);
        };
        Ok(Input {
            gaps: lake.gaps(&query)?,
            events: lake.events(&query)?,
            observations,
            recordings,
            from: period.start,
            to: period.end,
            generated_at: now,
            by: self.by,
            language: self.config.language,
            time_zone: zone.clone(),
            calendar: self.config.calendar.clone(),
            single_person_rooms: self.config.single_person_rooms.clone(),
        })
    }

    /// The days asked for; `None` if the lake's time touches none of them.
    fn period(&self, held: Span) -> Option<Span> {
        let zone = &self.config.site.timezone;
        let (first, last) = local_days(held, zone);
        let (from, to) = (self.days.from.unwrap_or(first), self.days.to.unwrap_or(last));
        (from <= last && first <= to).then(|| Span::new(local_day(from, zone).start, local_day(to, zone).end))
    }

    fn nothing(&self, lake: &Lake, held: Option<Span>) -> Result<CliError, LakeError> {
        let held = match held {
            Some(held) => Some(held),
            // Rows of other programs come without a manifest, and the days asked for hide them.
            None => {
                let mut all = SeenRows::default();
                lake.for_each_observation(&Query::default(), |row| all.add(&row))?;
                all.span()
            }
        };
        let lake = self.lake.clone();
        Ok(match held.map(|held| local_days(held, &self.config.site.timezone)) {
            None => CliError::EmptyLake { lake },
            Some((first, last)) => CliError::NothingOnDays { lake, first, last },
        })
    }

    /// Writes what was asked for and returns the paths.
    fn write(&self, model: &Model) -> Result<Vec<&Path>, CliError> {
        let mut written = Vec::new();
        if let Some(path) = &self.out {
            report::html_file(model, path)?;
            written.push(path.as_path());
        }
        if let Some(dir) = &self.csv {
            report::csv(model, dir)?;
            written.push(dir);
        }
        if let Some(path) = &self.xlsx {
            report::xlsx(model, path)?;
            written.push(path);
        }
        Ok(written)
    }
}

/// The time that recordings with usable frames cover, first to last.
fn held(recordings: &[Recording]) -> Option<Span> {
    recordings.iter().map(|recording| recording.span).filter(|span| span.start < span.end).reduce(around)
}

fn around(a: Span, b: Span) -> Span {
    Span::new(a.start.min(b.start), a.end.max(b.end))
}

/// First and last local day of a span that is not empty.
fn local_days(span: Span, zone: &jiff::tz::TimeZone) -> (Date, Date) {
    (local_date(span.start, zone), local_date(span.end.plus_us(-1), zone))
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
        assert_eq!((asked.days.from, asked.by, asked.config.language), (asked.days.to, GroupBy::Agency, Language::En));
        let asked = request(&[]).unwrap();
        assert_eq!((asked.days.from, asked.by, asked.config.language), (None, GroupBy::Room, Language::Id));
    }

    #[test]
    fn the_page_is_made_unless_only_tables_are_asked_for() {
        let page = |args: &[&str]| request(args).unwrap().out;
        assert_eq!(page(&[]), Some(PAGE.into()));
        assert_eq!(page(&["--csv", "tables"]), None);
        assert_eq!(page(&["--xlsx", "t.xlsx", "--out", "november.html"]), Some("november.html".into()));
    }

    #[test]
    fn the_period_is_the_lakes_local_days_unless_days_are_given() {
        let at = |text: &str| UtcMicros::from_timestamp(text.parse().unwrap());
        // From the evening of the 22nd in UTC, which is the 23rd in Makassar, to that day's last moment.
        let held = Span::new(at("2026-11-22T23:30:00Z"), at("2026-11-23T16:00:00Z"));
        let period = |args: &[&str]| {
            let period = request(args).unwrap().period(held);
            period.map(|period| (period.start.to_string(), period.seconds() / 3600.0))
        };
        assert_eq!(period(&[]), Some(("2026-11-22T16:00:00Z".into(), 24.0)));
        assert_eq!(period(&["--timezone", "UTC"]), Some(("2026-11-22T00:00:00Z".into(), 48.0)));
        assert_eq!(period(&["--from", "2026-11-20"]), Some(("2026-11-19T16:00:00Z".into(), 96.0)));
        assert_eq!(period(&["--to", "2026-11-22"]), None);
        assert_eq!(period(&["--from", "2026-11-24", "--to", "2026-11-30"]), None);
    }

    #[test]
    fn a_period_that_ends_before_it_begins_is_refused() {
        let error = request(&["--from", "2026-11-02", "--to", "2026-11-01"]).unwrap_err();
        assert_eq!(error.to_string(), "--to 2026-11-01 lies before --from 2026-11-02; both days are included");
        assert_eq!(error.exit(), Exit::Usage);
    }
}
