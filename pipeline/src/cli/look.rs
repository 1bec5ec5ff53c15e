//! `pantau look`: a picture of the view with zones, masks and evidence on it, for setting up a camera.

use super::console::Console;
use super::error::CliError;
use super::exit::Exit;
use crate::config::Config;
use crate::look::{self, Looked, Request};
use clap::Args;
use pantau_models::ids::CameraId;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  pantau look lobby.mp4 --config pantau.toml --out look.png
      zones, masks, cells, noise and evidence a minute after the recording's start
  pantau look lobby.mp4 --config pantau.toml --camera lobby-1 --at 95.5 --out look.png
      another moment, with the zones of that camera

THIS IS THE ONLY COMMAND THAT WRITES A PICTURE OF A ROOM. Masked parts are black in it. Delete it when zones and masks
are right; nothing else of Pantau reads it.";

/// Draw zones, masks and evidence on a frame (the only command that writes a picture of a room)
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct LookArgs {
    /// The recording
    #[arg(value_name = "CLIP")]
    clip: PathBuf,
    /// Configuration of the site (TOML), with the camera's zones and masks; without it the bare view is drawn
    #[arg(long, value_name = "FILE", env = "PANTAU_CONFIG", hide_env_values = true)]
    config: Option<PathBuf>,
    /// Camera whose zones and masks are drawn (otherwise: the configuration's `match`, or its only camera)
    #[arg(long, value_name = "ID", env = "PANTAU_CAMERA", hide_env_values = true)]
    camera: Option<String>,
    /// Moment, seconds since the recording's start (otherwise: 60, or its end)
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    at: Option<f64>,
    /// The picture (PNG); replaced if it exists
    #[arg(long, value_name = "PNG")]
    out: PathBuf,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
    seconds.ok_or_else(|| "seconds since the recording's start, 0 or more".to_owned())
}

impl LookArgs {
    pub(super) fn run(self, console: &Console) -> Result<Exit, CliError> {
        let config = self.config.as_deref().map_or_else(|| Ok(Config::default()), Config::load)?;
        let camera = camera(self.camera, &config, &self.clip)?;
        let analysis = config.analysis_for(&camera);
        let request = Request { clip: self.clip, camera, analysis, at_s: self.at };
        console.say(&format!(
            "look writes a picture of the room to {}: the only command that does; masked parts are black; delete it when \
             zones and masks are right",
            self.out.display()
        ));
        let looked = look::run(&request, &self.out)?;
        console.say(&told(&looked, &request));
        Ok(Exit::Done)
    }
}

fn told(looked: &Looked, request: &Request) -> String {
    let flags: Vec<&str> = looked.quality.names().collect();
    let flags = if flags.is_empty() { String::new() } else { format!("; {}", flags.join(", ")) };
    format!(
        "camera {} at {:.1} s: zones {}, masks {}, moving cells {}, blobs {}{flags}",
        request.camera,
        looked.at_s,
        request.analysis.zones.len(),
        request.analysis.masks.len(),
        looked.moving_cells,
        looked.blobs,
    )
}

/// The camera given; else the one whose `match` holds the clip; else the only one there is. Nothing is guessed: a
/// picture with another camera's masks would show what must not be seen.
fn camera(given: Option<String>, config: &Config, clip: &Path) -> Result<CameraId, CliError> {
    let known = || config.cameras.iter().map(|camera| camera.id.to_string()).collect();
    let refuse = |problem| CliError::WhichCamera { clip: clip.to_owned(), problem, known: known() };
    if let Some(id) = given.map(CameraId::new) {
        let is_known = config.cameras.is_empty() || config.camera(&id).is_some();
        return if is_known { Ok(id) } else { Err(refuse("the configuration has no such camera")) };
    }
    let matched = config.camera_for_path(clip).map(|camera| camera.id.clone());
    match (matched, config.cameras.as_slice()) {
        (Some(id), _) => Ok(id),
        (None, []) => Ok(CameraId::new("clip")),
        (None, [only]) => Ok(only.id.clone()),
        (None, _) => Err(refuse("the configuration has several cameras and none that matches")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_camera_is_never_guessed_among_several() {
        let two = "[[camera]]\nid = \"a\"\nmatch = [\"a/*.mp4\"]\n[[camera]]\nid = \"b\"\nmatch = [\"b/*.mp4\"]\n";
        let two = Config::parse(two, "two.toml").unwrap();
        let chosen = |given: Option<&str>, config: &Config, clip: &str| {
            camera(given.map(str::to_owned), config, Path::new(clip)).map(|id| id.to_string())
        };
        assert_eq!(chosen(None, &two, "/x/b/1.mp4").unwrap(), "b");
        assert_eq!(chosen(Some("a"), &two, "/x/b/1.mp4").unwrap(), "a");
        let message = chosen(None, &two, "c.mp4").unwrap_err().to_string();
        assert!(message.contains("--camera ID, one of: a, b"), "{message}");
        assert!(chosen(Some("c"), &two, "c.mp4").is_err());
        assert_eq!(chosen(None, &Config::default(), "c.mp4").unwrap(), "clip");
    }
}
