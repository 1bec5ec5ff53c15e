//! `pantau calibrate`: learn to count the people in one camera's view.

use super::console::{Console, print_data};
use super::error::CliError;
use super::exit::Exit;
use super::site::SiteArgs;
use crate::calibrate::{self, CalibrateError, Label, Outcome, Suggestion, Watched};
use crate::config::{CalibrationFile, Config};
use crate::ingest::camera_from_path;
use crate::lake::write_durably;
use clap::Args;
use pantau_models::ids::CameraId;
use std::io::Write;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  pantau calibrate counter-1.mp4 --config pantau.toml --suggest 30 > labels.csv
      frames worth labelling, spread over the clip and over quiet and crowded times; fill in the column `count`
  pantau calibrate counter-1.mp4 --config pantau.toml --labels labels.csv --out counter-1.people.toml
      learn to count; then write  calibration = \"counter-1.people.toml\"  into the camera's table of pantau.toml";

/// Learn to count the people in one camera's view from 20 to 50 labelled frames
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct CalibrateArgs {
    /// A recording of the camera, best of several hours
    #[arg(value_name = "CLIP")]
    clip: PathBuf,
    /// Labelled frames: CSV with `frame` (from 0, in decode order) and `count`; blank counts are not labelled
    #[arg(long, value_name = "FILE", required_unless_present = "suggest")]
    labels: Option<PathBuf>,
    /// Print so many frames worth labelling, as CSV to fill in, instead
    #[arg(long, value_name = "N", conflicts_with = "labels", value_parser = clap::value_parser!(u16).range(1..=1000))]
    suggest: Option<u16>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Camera of the configuration (otherwise: by its `match`, or by the clip's name)
    #[arg(long, value_name = "ID", env = "PANTAU_CAMERA", hide_env_values = true)]
    camera: Option<String>,
    #[command(flatten)]
    site: SiteArgs,
}

impl CalibrateArgs {
    pub(super) fn run(&self, console: &Console) -> Result<Exit, CliError> {
        let config = self.site.config()?;
        let camera = self.camera_of(&config);
        let watched = Watched::of(&self.clip, &config.analysis_for(&camera))?;
        let text = match &self.labels {
            Some(labels) => self.learn(&watched, labels, &camera, console)?,
            None => {
                let suggestions = Suggestion::of(&watched, self.suggest.unwrap_or(1).into());
                console.say(&format!(
                    "{} frames; fill in how many people each shows, hidden ones too, and give the file as --labels",
                    suggestions.len()
                ));
                calibrate::as_csv(&suggestions)
            }
        };
        self.put(&text)?;
        Ok(Exit::Done)
    }

    fn camera_of(&self, config: &Config) -> CameraId {
        match self.camera.as_deref().filter(|camera| !camera.is_empty()) {
            Some(camera) => CameraId::new(camera),
            None => match config.camera_for_path(&self.clip) {
                Some(camera) => camera.id.clone(),
                None => CameraId::new(camera_from_path(&self.clip)),
            },
        }
    }

    fn learn(
        &self,
        watched: &Watched,
        path: &Path,
        camera: &CameraId,
        console: &Console,
    ) -> Result<String, CalibrateError> {
        let labels = Label::load(path, watched.times_us.len())?;
        let outcome =
            calibrate::fit(watched, &labels).map_err(|source| CalibrateError::Fit { path: path.to_owned(), source })?;
        as_text(&outcome, camera).iter().for_each(|line| console.say(line));
        if let Some(out) = &self.out {
            let name = out.file_name().unwrap_or(out.as_os_str()).to_string_lossy();
            console.say(&format!("to use it, write into [[camera]] {camera}:  calibration = \"{name}\""));
        }
        Ok(CalibrationFile::new(camera.as_str(), &outcome.fit).to_text())
    }

    fn put(&self, text: &str) -> Result<(), CliError> {
        match &self.out {
            Some(path) => Ok(write_durably(path, |file| file.write_all(text.as_bytes()))?),
            None => print_data(text.as_bytes()),
        }
    }
}

/// What the fit is worth, for people.
fn as_text(outcome: &Outcome, camera: &CameraId) -> Vec<String> {
    let fit = &outcome.fit;
    let [fewest, most] = fit.calibration.counts;
    let mut lines = vec![
        format!("{camera}: {} labelled seconds, {fewest} to {most} people", outcome.seconds),
        format!(
            "before: unknown where more than one is there; always saying the median errs by {:.2}",
            fit.constant_error
        ),
        format!(
            "after:  {:.2} on stretches of labels that were left out, {:.2} on single ones; 90 % within +-{:.1}",
            fit.error, fit.error_near, fit.calibration.margin
        ),
    ];
    if outcome.unused > 0 {
        lines.push(format!("{} labels lie where nothing could be told: not used", outcome.unused));
    }
    lines.extend(outcome.advice.warnings.iter().map(|warning| format!("beware: {warning}")));
    let next: Vec<String> =
        outcome.advice.next.iter().map(|next| format!("{} ({:.1} s)", next.frame, next.at_s)).collect();
    lines.push(match next.is_empty() {
        true => "the labels cover what the clip shows; label other hours next".to_owned(),
        false => format!("label next, since they lie beyond what was labelled: frames {}", next.join(", ")),
    });
    lines
}
