//! `pantau analyze`: recordings in, lake out.

use super::console::{Console, print_json};
use super::error::CliError;
use super::exit::Exit;
use super::logging::Verbosity;
use super::progress::Progress;
use super::site::SiteArgs;
use crate::archive::{self, Overrides, Request, Summary, Tuning};
use crate::config::{Config, check_pattern, parse_moment};
use clap::{Args, ValueEnum};
use pantau_models::settings::Effort;
use pantau_models::time::Interval;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Most worker threads: beyond it is a typing error, not a machine.
const JOBS_MAX: i64 = 1024;

const EXAMPLES: &str = "\
Examples:
  pantau analyze /srv/recordings --lake lake --config pantau.toml
      all recordings of a folder; cameras, rooms and zones from the configuration
  pantau analyze lobby.mp4 --lake lake --camera lobby-1 --start 2026-11-23T08:00:00
      one recording; its first picture was taken at 08:00 in the site's zone
  pantau analyze 'nvr/ch01_*.mp4' --lake lake --camera c1 --name-pattern 'ch01_%Y%m%d%H%M%S'
      the wall clock is in the files' names
  find /srv -name '*.dav' | pantau analyze - --lake lake --config pantau.toml --json
      a list of files on standard input; a summary for programs on standard output

What was analysed before with the same settings is skipped: interrupt and repeat at any time.
Exit codes: 0 all done; 1 failed; 2 command line or configuration; 3 some inputs failed or partial.";

/// Turn recordings into rows of the lake
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct AnalyzeArgs {
    /// Files, folders, globs; `-` reads a list of files from standard input
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<String>,
    /// The lake's folder; made if missing
    #[arg(long, value_name = "DIR", env = "PANTAU_LAKE", hide_env_values = true)]
    lake: PathBuf,
    #[command(flatten)]
    site: SiteArgs,
    /// Camera of all inputs (otherwise: the configuration's `match`, else told by the file's name)
    #[arg(long, value_name = "ID", env = "PANTAU_CAMERA", hide_env_values = true)]
    camera: Option<String>,
    /// Room of all inputs
    #[arg(long, value_name = "NAME", env = "PANTAU_ROOM", hide_env_values = true)]
    room: Option<String>,
    /// Agency (SKPD) of all inputs
    #[arg(long, value_name = "NAME", env = "PANTAU_AGENCY", hide_env_values = true)]
    agency: Option<String>,
    /// District (kecamatan) of all inputs
    #[arg(long, value_name = "NAME", env = "PANTAU_DISTRICT", hide_env_values = true)]
    district: Option<String>,
    /// Wall clock of the first picture: RFC 3339, or local time in the site's zone
    #[arg(long, value_name = "TIME", env = "PANTAU_START", hide_env_values = true)]
    start: Option<String>,
    /// strptime pattern of file names that tells the start; may be repeated, tried in order
    #[arg(long = "name-pattern", value_name = "PATTERN")]
    name_patterns: Vec<String>,
    /// Time step of the rows, seconds: 1 to 900
    #[arg(long, value_name = "SECONDS", env = "PANTAU_INTERVAL", hide_env_values = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(Interval::MAX_S)))]
    interval: Option<u32>,
    /// Worker threads (otherwise: one per processor)
    #[arg(short, long, value_name = "N", env = "PANTAU_JOBS", hide_env_values = true, value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    jobs: Option<u16>,
    /// Recordings read at a time from each disk (otherwise: one if it turns, else as many as ask)
    #[arg(long, value_name = "N", env = "PANTAU_IO_JOBS", hide_env_values = true, value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    io_jobs: Option<u16>,
    /// How much is decoded: everything; key frames and what seems to move; key frames only
    #[arg(long, value_name = "full|adaptive|keyframes", env = "PANTAU_EFFORT", hide_env_values = true, value_parser = clap::builder::PossibleValuesParser::new(Effort::NAMES))]
    effort: Option<String>,
    /// With --effort adaptive: percent of movement that may be lost before more is decoded (otherwise: 2)
    #[arg(long, value_name = "PERCENT", env = "PANTAU_MISS_BUDGET", hide_env_values = true, value_parser = percent)]
    miss_budget: Option<f32>,
    /// Decode with the loop filter: slower (otherwise: for H.265 only, which trembles without it)
    #[arg(long, value_name = "ON|OFF", env = "PANTAU_LOOP_FILTER", hide_env_values = true)]
    loop_filter: Option<Switch>,
    /// Replace rows of the same camera and time that were made with other settings
    #[arg(long)]
    replace: bool,
    /// Say what would be done, write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print a summary as JSON on standard output
    #[arg(long)]
    json: bool,
    /// Footage after which finished work is committed, seconds; for tests
    #[arg(long, value_name = "SECONDS", hide = true, value_parser = clap::value_parser!(u32).range(1..))]
    part_seconds: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl AnalyzeArgs {
    pub(super) fn run(self, console: &Console, verbosity: Verbosity) -> Result<Exit, CliError> {
        let json = self.json;
        let request = self.into_request()?;
        analyze(&request, &Progress::on(console, verbosity), json)
    }

    fn into_request(self) -> Result<Request, CliError> {
        let config = self.config()?;
        let start = match &self.start {
            Some(text) => Some(parse_moment(text, &config.site.timezone).map_err(CliError::Start)?),
            None => None,
        };
        self.name_patterns.iter().try_for_each(|pattern| check_pattern(pattern)).map_err(CliError::NamePattern)?;
        Ok(Request {
            inputs: self.inputs,
            lake: self.lake,
            overrides: Overrides {
                site: self.site.site,
                district: self.district,
                agency: self.agency,
                room: self.room,
                camera: self.camera,
                start,
                name_patterns: self.name_patterns,
            },
            jobs: config.jobs(),
            config,
            replace: self.replace,
            dry_run: self.dry_run,
            tuning: self.part_seconds.map_or_else(Tuning::default, |part_s| Tuning { part_s: part_s.into() }),
        })
    }

    /// The file's configuration under the flags.
    fn config(&self) -> Result<Config, CliError> {
        let mut config = self.site.config()?;
        let analysis = &mut config.analysis;
        analysis.interval = self.interval.and_then(Interval::from_seconds).unwrap_or(analysis.interval);
        analysis.effort = self.effort.as_deref().and_then(Effort::parse).unwrap_or(analysis.effort);
        analysis.miss_budget = self.miss_budget.map_or(analysis.miss_budget, |percent| percent / 100.0);
        analysis.loop_filter = self.loop_filter.map(|switch| switch == Switch::On).or(analysis.loop_filter);
        let number = |jobs: u16| NonZeroUsize::new(jobs.into());
        analysis.jobs = self.jobs.and_then(number).or(analysis.jobs);
        analysis.io_jobs = self.io_jobs.and_then(number).or(analysis.io_jobs);
        Ok(config)
    }
}

fn analyze(request: &Request, progress: &Progress, json: bool) -> Result<Exit, CliError> {
    let ran = archive::run(request, progress);
    progress.finish();
    let summary = ran?;
    progress.say(&as_text(&summary));
    if json {
        let value = serde_json::to_value(&summary).expect("invariant: a summary is plain numbers and texts");
        print_json(&value)?;
    }
    let whole = summary.done + summary.done_before + covered_by_others(&summary);
    // What is refused is in the lake, with other settings: no failure, but not done either.
    Ok(Exit::of_inputs(whole, summary.partial + summary.refused, summary.failed))
}

fn covered_by_others(summary: &Summary) -> u64 {
    summary.skipped.saturating_sub(summary.refused)
}

/// The last line, for people.
fn as_text(summary: &Summary) -> String {
    if summary.dry_run {
        return format!("{} inputs of {} cameras; nothing was written", summary.inputs, summary.cameras);
    }
    let counts = [
        (summary.done, "analysed"),
        (summary.partial, "in part"),
        (summary.failed, "failed"),
        (summary.refused, "refused"),
        (covered_by_others(summary), "covered by others"),
        (summary.done_before, "done before"),
    ];
    let counts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let hours = summary.footage_s / 3600.0;
    format!(
        "{} inputs: {}; {hours:.2} h of footage, {} rows in {}",
        summary.inputs,
        if counts.is_empty() { "nothing to do".to_owned() } else { counts.join(", ") },
        summary.observations,
        summary.lake.display(),
    )
}

/// A number from 0 to 100.
fn percent(text: &str) -> Result<f32, String> {
    let number = text.trim_end_matches('%').trim().parse().ok().filter(|number| (0.0..=100.0).contains(number));
    number.ok_or_else(|| "a number from 0 to 100 is needed, as 2".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{Cli, Command};
    use super::*;
    use clap::Parser;
    use std::io::Write;

    fn request(args: &[&str]) -> Result<Request, CliError> {
        let args = ["pantau", "analyze", "in.mp4", "--lake", "lake"].iter().chain(args);
        match Cli::try_parse_from(args).unwrap().command {
            Command::Analyze(args) => args.into_request(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let site = "[site]\nid = \"hall\"\ntimezone = \"Asia/Jakarta\"\n";
        let analysis = "[analysis]\ninterval_s = 60\njobs = 3\nloop_filter = true\n";
        file.write_all([site, analysis].concat().as_bytes()).unwrap();
        let file = file.path().to_str().unwrap();

        let from_file = request(&["--config", file, "--start", "2026-11-23T08:00:00"]).unwrap();
        assert_eq!(from_file.config.analysis.interval.length_s(), 60.0);
        assert_eq!((from_file.jobs, from_file.config.analysis.loop_filter), (3, Some(true)));
        assert_eq!(from_file.overrides.start.unwrap().to_string(), "2026-11-23T01:00:00Z");

        let flags = ["--config", file, "--interval", "5", "--jobs", "1", "--loop-filter", "off", "--timezone", "UTC"];
        let from_flags = request(&[&flags[..], &["--start", "2026-11-23T08:00:00"]].concat()).unwrap();
        assert_eq!(from_flags.config.analysis.interval.length_s(), 5.0);
        assert_eq!((from_flags.jobs, from_flags.config.analysis.loop_filter), (1, Some(false)));
        assert_eq!(from_flags.overrides.start.unwrap().to_string(), "2026-11-23T08:00:00Z");
        assert_eq!(from_flags.config.site.id.as_str(), "hall");
    }

    #[test]
    fn identity_given_by_flag_reaches_the_request() {
        let request =
            request(&["--camera", "c", "--room", "r", "--agency", "a", "--district", "d", "--site", "s"]).unwrap();
        let Overrides { site, district, agency, room, camera, start, .. } = request.overrides;
        assert_eq!([site, district, agency, room, camera].map(Option::unwrap), ["s", "d", "a", "r", "c"]);
        assert_eq!(start, None);
        assert_eq!(request.config.site.id.as_str(), "s");
    }

    #[test]
    fn what_cannot_be_meant_is_a_usage_error() {
        for args in [
            &["--start", "noon"][..],
            &["--name-pattern", "%H%M"],
            &["--timezone", "Asia/Nowhere"],
            &["--config", "/nonexistent/pantau.toml"],
        ] {
            assert_eq!(request(args).unwrap_err().exit(), Exit::Usage, "{args:?}");
        }
        for args in [["--interval", "0"], ["--interval", "901"], ["--jobs", "0"], ["--loop-filter", "maybe"]] {
            let error = Cli::try_parse_from(["pantau", "analyze", "x", "--lake", "l"].iter().chain(&args)).unwrap_err();
            assert_eq!(error.exit_code(), Exit::Usage as i32, "{args:?}");
        }
    }
}
