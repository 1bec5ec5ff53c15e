//! `pantau demo`: the whole line on made footage with known truth, from film to report.

use super::console::{Console, print_data};
use super::error::CliError;
use super::exit::Exit;
use super::progress::Progress;
use super::report::write_page;
use crate::archive::{self, Overrides, Request, Tuning};
use crate::config::Config;
use crate::eval::{PresenceScore, Truth};
use crate::lake::{Lake, Query};
use clap::Args;
use pantau_datasets::demo::{self, DemoCamera};
use pantau_models::ids::{CameraId, ZoneId};
use pantau_models::record::EventKind;
use pantau_models::time::US_PER_S;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

const EXAMPLES: &str = "\
Examples:
  pantau demo
      films a made office, analyses it, checks the figures against the known truth, writes demo/report.html
  pantau demo --dir /tmp/pantau --keep
      elsewhere; the footage stays for a closer look";

/// Try everything on made footage: film, analysis, report
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct DemoArgs {
    /// Folder for footage, lake and report
    #[arg(long, value_name = "DIR", default_value = "demo")]
    dir: PathBuf,
    /// Keep the footage; without it only lake and report stay
    #[arg(long)]
    keep: bool,
}

impl DemoArgs {
    pub(super) fn run(&self, console: &Console) -> Result<Exit, CliError> {
        let started = Instant::now();
        let footage = self.dir.join("footage");
        let lake = self.dir.join("lake");
        remove_former(&footage)?;
        remove_former(&lake)?;
        console.say("filming a morning in three offices ...");
        let cameras = demo::render(&footage, |_| ()).map_err(CliError::Demo)?;
        let filmed_s = started.elapsed().as_secs_f64();
        console.say("analysing ...");
        let config = config_for(&cameras)?;
        let summary = archive::run(&request(&footage, &lake, config.clone()), &Progress::hidden())?;
        let analysed_s = started.elapsed().as_secs_f64() - filmed_s;
        let page = self.dir.join("report.html");
        write_page(&lake, config, &page)?;
        let mut told = String::new();
        for camera in &cameras {
            told += &how_right(camera, &lake)?;
        }
        if !self.keep {
            remove_former(&footage)?;
        }
        told += &format!(
            "{:.1} h of footage of {} cameras: filmed in {filmed_s:.0} s, analysed in {analysed_s:.0} s ({:.0}x realtime), {:.0} s in all\n",
            summary.footage_s / 3600.0,
            cameras.len(),
            summary.footage_s / analysed_s.max(0.001),
            started.elapsed().as_secs_f64(),
        );
        told += &format!("lake:   {}\nreport: {}\n", lake.display(), page.display());
        print_data(told.as_bytes())?;
        Ok(if summary.failed + summary.partial == 0 { Exit::Done } else { Exit::Partial })
    }
}

/// What an earlier demo left: its own folders only.
fn remove_former(folder: &Path) -> Result<(), CliError> {
    match std::fs::remove_dir_all(folder) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(CliError::DemoFolder { path: folder.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// The configuration that somebody with these three cameras would write.
fn config_for(cameras: &[DemoCamera]) -> Result<Config, CliError> {
    let mut text = "[site]\nid = \"demo\"\ntimezone = \"Asia/Makassar\"\n[report]\nlanguage = \"en\"\n".to_owned();
    // The demo films a morning: its offices close when the film ends, so that the day can be judged.
    text += "[calendar]\nmonday_to_thursday = [\"07:30-09:50\"]\n";
    for camera in cameras {
        let DemoCamera { camera, room, agency, district, .. } = camera;
        text += &format!(
            "[[camera]]\nid = \"{camera}\"\nroom = \"{room}\"\nagency = \"{agency}\"\ndistrict = \"{district}\"\nmatch = [\"**/{camera}_*.mp4\"]\n"
        );
    }
    Ok(Config::parse(&text, "demo")?)
}

fn request(footage: &Path, lake: &Path, config: Config) -> Request {
    Request {
        inputs: vec![footage.display().to_string()],
        lake: lake.to_owned(),
        jobs: config.jobs(),
        config,
        overrides: Overrides::default(),
        replace: false,
        dry_run: false,
        tuning: Tuning::default(),
    }
}

/// Presence against the known truth, second by second where there is film.
fn how_right(camera: &DemoCamera, lake: &Path) -> Result<String, CliError> {
    let query = Query::of_camera(CameraId::new(&camera.camera));
    let events = Lake::open(lake)?.events(&query)?;
    let start_s = camera.start.as_second();
    let stays: Vec<(i64, i64)> = events
        .iter()
        .filter(|event| event.kind == EventKind::Presence && event.zone == ZoneId::room())
        .map(|event| ((event.span.start.0 / US_PER_S) - start_s, (event.span.end.0 / US_PER_S) - start_s))
        .collect();
    let truth: Vec<Truth> = (0i64..)
        .zip(&camera.people)
        .filter_map(|(second, people)| {
            let people = f64::from((*people)?);
            Some(Truth { second, people, is_present: people > 0.0 })
        })
        .collect();
    let said = |second: i64| {
        let is_present = stays.iter().any(|(from, until)| (*from..*until).contains(&second));
        Some(if is_present { 1.0 } else { 0.0 })
    };
    let Some(score) = PresenceScore::of(&truth, said) else { return Ok(String::new()) };
    let share = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{:.1} %", 100.0 * value));
    Ok(format!(
        "{}: presence right in {:.1} % of {} s seen (F1 {}); {} of {} entries and exits found, {} false\n",
        camera.room,
        100.0 * score.accuracy,
        score.seconds,
        share(score.f1),
        score.edges.found(),
        score.edges.changes,
        score.edges.extra,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rooms_of_the_demo_make_a_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let cameras = demo::render_lasting(folder.path(), 20.0, |_| ()).unwrap();
        let config = config_for(&cameras).unwrap();
        for camera in &cameras {
            for file in &camera.files {
                let found = config.camera_for_path(&folder.path().join(&file.path)).unwrap();
                assert_eq!(found.id.as_str(), camera.camera);
            }
        }
    }
}
