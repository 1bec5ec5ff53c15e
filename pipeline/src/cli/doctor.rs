//! `pantau doctor`: what this machine, this lake and these cameras can do, and what to do about the rest.

use super::console::{print_data, print_json};
use super::error::CliError;
use super::exit::Exit;
use crate::config::Config;
use crate::doctor::{CameraFinding, Examination, Finding, Level, examine};
use crate::live::Seen;
use clap::Args;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  pantau doctor
      the program, FFmpeg, the clock
  pantau doctor --config pantau.toml --lake lake
      also the lake's disk, and each camera with a `url`: what it really sends, what it costs here

Exit code 1 if something stops watching, 0 otherwise. A worker may run meanwhile; no address or password is printed.";

/// Tell what this machine, this lake and these cameras can do, and how to mend the rest
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct DoctorArgs {
    /// Configuration whose cameras are tried
    #[arg(long, value_name = "FILE", env = "PANTAU_CONFIG", hide_env_values = true)]
    config: Option<PathBuf>,
    /// The lake's folder, whose disk is tried; nothing stays there
    #[arg(long, value_name = "DIR", env = "PANTAU_LAKE", hide_env_values = true)]
    lake: Option<PathBuf>,
    /// How long each camera is watched
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(2..=600))]
    seconds: u64,
    /// Print it as JSON on standard output
    #[arg(long)]
    json: bool,
}

impl DoctorArgs {
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let config = self.config.as_deref().map(Config::load).transpose()?;
        let found = examine(config.as_ref(), self.lake.as_deref(), Duration::from_secs(self.seconds));
        if self.json {
            print_json(&as_json(&found))?
        } else {
            print_data(as_text(&found).as_bytes())?
        }
        Ok(if found.level() == Level::Broken { Exit::Failed } else { Exit::Done })
    }
}

fn as_text(found: &Examination) -> String {
    let mut text: String =
        found.findings.iter().map(|Finding { name, value, .. }| format!("{name:<12} {value}\n")).collect();
    text.extend(found.cameras.iter().map(camera_text));
    let problems: Vec<String> = found
        .problems()
        .map(|(about, problem)| {
            let mark = if problem.level == Level::Broken { "broken" } else { "beware" };
            format!("{mark}: {about}: {}\n        {}\n", problem.what, problem.fix)
        })
        .collect();
    if !problems.is_empty() {
        text.push('\n');
        text.extend(problems);
    }
    text
}

fn camera_text(camera: &CameraFinding) -> String {
    let CameraFinding { camera: id, room, seen, carries, .. } = camera;
    let Some(seen) = seen else { return format!("\ncamera {id} ({room})\n    nothing was seen\n") };
    format!("\ncamera {id} ({room})\n    {}\n    {}\n", stream_text(seen), cost_text(seen, *carries))
}

fn stream_text(seen: &Seen) -> String {
    let declared = seen.declared_fps.map_or("none".to_owned(), |fps| format!("{fps:.1}"));
    let key_frames = match seen.key_frame_s {
        Some(distance_s) => format!("a key frame every {distance_s:.1} s"),
        None => "fewer than two key frames".to_owned(),
    };
    format!(
        "{} {}x{}, {:.1} frames/s (declared: {declared}), {key_frames}, {:.0} kbit/s, {} frames decoded, {} damaged, connected in {:.1} s",
        seen.codec, seen.width, seen.height, seen.fps, seen.kbit_s, seen.frames, seen.errors, seen.connect_s
    )
}

fn cost_text(seen: &Seen, carries: Option<u64>) -> String {
    match (seen.cpu_share, carries) {
        (Some(share), Some(carries)) => {
            format!("takes {share:.3} of a processor: this machine carries about {carries} such cameras")
        }
        _ => "what it costs can't be measured here".to_owned(),
    }
}

fn as_json(found: &Examination) -> Value {
    let entry = |finding: &Finding| {
        let is_fine = finding.level() != Level::Broken;
        let fix = finding.problem.as_ref().map(|problem| problem.fix.as_str());
        let value = json!({ "value": finding.value, "fine": is_fine, "level": finding.level(), "fix": fix });
        (finding.name.to_owned(), value)
    };
    let mut all: Map<String, Value> = found.findings.iter().map(entry).collect();
    all.insert("cameras".into(), json!(found.cameras));
    all.insert("level".into(), json!(found.level()));
    let problem = |(about, problem): (String, &_)| json!({ "about": about, "problem": problem });
    all.insert("problems".into(), found.problems().map(problem).collect());
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Problem;

    fn camera(id: &str, seen: Option<Seen>, level: Level) -> CameraFinding {
        let problems = match level {
            Level::Fine => Vec::new(),
            level => vec![Problem { level, what: "no connection".into(), fix: "check cable".into() }],
        };
        CameraFinding { camera: id.into(), room: "Gate".into(), carries: seen.as_ref().map(|_| 140), seen, problems }
    }

    fn examination(cameras: Vec<CameraFinding>) -> Examination {
        Examination { findings: Vec::new(), cameras, together: Vec::new() }
    }

    #[test]
    fn a_camera_is_told_with_rates_cost_and_what_to_do() {
        let seen = Seen {
            codec: "h264".into(),
            width: 640,
            height: 360,
            fps: 4.96,
            declared_fps: Some(5.0),
            key_frame_s: Some(2.0),
            kbit_s: 310.4,
            frames: 50,
            connect_s: 0.31,
            cpu_share: Some(0.01),
            ..Seen::default()
        };
        let found = examination(vec![camera("a", Some(seen), Level::Fine), camera("b", None, Level::Broken)]);
        assert_eq!(
            as_text(&found),
            "\ncamera a (Gate)\n    h264 640x360, 5.0 frames/s (declared: 5.0), a key frame every 2.0 s, 310 kbit/s, \
             50 frames decoded, 0 damaged, connected in 0.3 s\n    takes 0.010 of a processor: this machine carries \
             about 140 such cameras\n\ncamera b (Gate)\n    nothing was seen\n\nbroken: camera b: no connection\n        \
             check cable\n"
        );
    }

    #[test]
    fn one_camera_less_does_not_stop_watching_but_no_camera_does() {
        let level =
            |levels: &[Level]| examination(levels.iter().map(|level| camera("a", None, *level)).collect()).level();
        assert_eq!(level(&[Level::Fine, Level::Broken]), Level::Doubtful);
        assert_eq!(level(&[Level::Broken, Level::Broken]), Level::Broken);
        assert_eq!(level(&[Level::Fine, Level::Doubtful]), Level::Doubtful);
        assert_eq!(level(&[]), Level::Fine);
        let json = as_json(&examination(vec![camera("a", None, Level::Broken)]));
        assert_eq!(json["problems"][0]["about"], "camera a");
        assert_eq!(json["problems"][0]["problem"]["fix"], "check cable");
        assert_eq!(json["level"], "broken");
    }
}
