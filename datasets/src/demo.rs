//! The demo's material: a Monday morning in three offices, as a recorder would have stored it, with the truth beside.
//!
//! Files are named `<camera>_YYYYMMDD_HHMMSS.mp4` in local time, a quarter of an hour each, in one folder a camera;
//! `truth.json` holds who was really in view. One camera lost an hour: those recordings don't exist.

use crate::demo_day::{Plan, plans};
use crate::durable;
use crate::encode::{EncodeError, EncodeSpec, constant_rate, encode};
use crate::office::{Scene, SceneError};
use crate::truth::Truth;
use jiff::civil::{DateTime, date};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Time zone of the three offices.
pub const TIME_ZONE: &str = "Asia/Makassar";
/// District of the three offices.
pub const DISTRICT: &str = "demo-district";
/// Site of the three offices.
pub const SITE: &str = "demo-site";
/// Name of the truth's file in the demo's folder.
pub const TRUTH_FILE: &str = "truth.json";
/// Length of a recording.
pub const RECORDING_S: f64 = 900.0;
/// Length of the whole demo: ten recordings, the most that renders within a minute on two cores.
pub const DURATION_S: f64 = 10.0 * RECORDING_S;

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A folder or the truth can't be written.
    #[error("{}: cannot write: {source}; check space and permissions", path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The demo's own schedule is wrong.
    #[error("camera {camera}: {source}")]
    Scene {
        /// Which.
        camera: String,
        /// Why.
        source: SceneError,
    },
    /// A recording can't be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The local date doesn't exist in the zone (never for the built-in date).
    #[error("the demo's start: {0}")]
    Time(#[from] jiff::Error),
}

/// One camera's recordings and truth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemoCamera {
    /// Site.
    pub site: String,
    /// District.
    pub district: String,
    /// Agency.
    pub agency: String,
    /// Room.
    pub room: String,
    /// Camera; also its folder's name.
    pub camera: String,
    /// Its recordings, in order.
    pub files: Vec<DemoFile>,
    /// Wall clock at second 0 of `truth`, `people` and `presence`.
    #[serde(with = "rfc3339")]
    pub start: Timestamp,
    /// Everybody's stays and the lamp switches, seconds since `start`, recorded or not.
    pub truth: Truth,
    /// People in view in each second since `start`; `None` where no recording exists.
    pub people: Vec<Option<u32>>,
    /// Spans with somebody in view, seconds since `start`, recorded or not.
    pub presence: Vec<(f64, f64)>,
}

/// One recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemoFile {
    /// Path from the demo's folder.
    pub path: PathBuf,
    /// Wall clock of its first frame.
    #[serde(with = "rfc3339")]
    pub start: Timestamp,
    /// Its first frame in the scene, seconds since the camera's `start`.
    pub offset_s: f64,
    /// Its length, seconds.
    pub duration_s: f64,
    /// Its frames.
    pub frames: u64,
    /// Its size.
    pub bytes: u64,
}

/// Moments as text in JSON, without jiff's own serde feature.
mod rfc3339 {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Timestamp, D::Error> {
        String::deserialize(input)?.parse().map_err(D::Error::custom)
    }
}

/// How far the demo is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Frames written, of all cameras.
    pub frames_done: u64,
    /// Frames that there will be.
    pub frames: u64,
}

/// One recording before it is made.
struct Job<'plan> {
    camera: usize,
    plan: &'plan Plan,
    scene: &'plan Scene,
    offset_s: f64,
}

/// Local time of the first frame: Monday, 2026-07-13, 07:20.
fn local_start() -> DateTime {
    date(2026, 7, 13).at(7, 20, 0, 0)
}

/// Renders the whole demo into a folder. `progress` is called from several threads, about once a second of work each.
pub fn render(dir: &Path, progress: impl Fn(Progress) + Sync) -> Result<Vec<DemoCamera>, DemoError> {
    render_lasting(dir, DURATION_S, progress)
}

/// The same, cut to the first `duration_s` seconds (whole recordings).
pub fn render_lasting(
    dir: &Path,
    duration_s: f64,
    progress: impl Fn(Progress) + Sync,
) -> Result<Vec<DemoCamera>, DemoError> {
    let clock_start_s = TimeZone::UTC.to_timestamp(local_start())?.as_second();
    let plans = plans(duration_s, clock_start_s);
    let scenes = plans.iter().map(scene_of).collect::<Result<Vec<_>, _>>()?;
    for plan in &plans {
        let folder = dir.join(plan.camera);
        std::fs::create_dir_all(&folder).map_err(|source| DemoError::Io { path: folder, source })?;
    }
    let jobs = jobs(&plans, &scenes, duration_s);
    let frames = jobs.iter().map(Job::frames).sum();
    let done = AtomicU64::new(0);
    let tick = |count: u64| {
        let frames_done = done.fetch_add(count, Ordering::Relaxed) + count;
        progress(Progress { frames_done, frames });
    };
    let files =
        jobs.par_iter().map(|job| Ok((job.camera, job.record(dir, &tick)?))).collect::<Result<Vec<_>, DemoError>>()?;
    let mut cameras = Vec::new();
    for (index, (plan, scene)) in plans.iter().zip(&scenes).enumerate() {
        let own = files.iter().filter(|(camera, _)| *camera == index).map(|(_, file)| file.clone());
        cameras.push(describe(plan, scene, own.collect())?);
    }
    write_truth(&dir.join(TRUTH_FILE), &cameras)?;
    Ok(cameras)
}

fn scene_of(plan: &Plan) -> Result<Scene, DemoError> {
    Scene::new(plan.scene.clone()).map_err(|source| DemoError::Scene { camera: plan.camera.to_owned(), source })
}

/// All recordings, camera by camera within each quarter, so that the last ones to run are not all of one room.
fn jobs<'plan>(plans: &'plan [Plan], scenes: &'plan [Scene], duration_s: f64) -> Vec<Job<'plan>> {
    let quarters = (duration_s / RECORDING_S).floor().max(1.0) as u32;
    let mut jobs = Vec::new();
    for quarter in 0..quarters {
        let offset_s = f64::from(quarter) * RECORDING_S;
        for (camera, (plan, scene)) in plans.iter().zip(scenes).enumerate() {
            let lost = plan.lost_s.is_some_and(|(from_s, to_s)| (from_s..to_s).contains(&offset_s));
            if !lost {
                jobs.push(Job { camera, plan, scene, offset_s });
            }
        }
    }
    jobs
}

impl Job<'_> {
    fn duration_s(&self) -> f64 {
        RECORDING_S.min(self.scene.spec().duration_s - self.offset_s)
    }

    fn frames(&self) -> u64 {
        (self.duration_s() * self.scene.spec().fps).round() as u64
    }

    fn record(&self, dir: &Path, tick: &(impl Fn(u64) + Sync)) -> Result<DemoFile, DemoError> {
        /// Frames between two calls of the progress: about a second of work.
        const TICK_FRAMES: u64 = 900;
        let local = local_start() + (self.offset_s as i64).seconds();
        let start = start()? + SignedDuration::from_secs_f64(self.offset_s);
        let path =
            Path::new(self.plan.camera).join(format!("{}_{}.mp4", self.plan.camera, local.strftime("%Y%m%d_%H%M%S")));
        let spec = self.scene.spec();
        let how = EncodeSpec {
            crf: spec.crf,
            preset: "ultrafast",
            start: Some(start),
            ..EncodeSpec::new(spec.width, spec.height, spec.fps)
        };
        let mut renderer = self.scene.renderer();
        let mut pending = 0;
        let times_us = constant_rate(spec.fps, self.frames());
        let written = encode(&dir.join(&path), how, times_us, |pts_us, picture| {
            renderer.render(self.offset_s + pts_us as f64 / 1e6, picture);
            pending += 1;
            if pending == TICK_FRAMES {
                tick(std::mem::take(&mut pending));
            }
        })?;
        tick(pending);
        Ok(DemoFile {
            path,
            start,
            offset_s: self.offset_s,
            duration_s: self.duration_s(),
            frames: written.frames,
            bytes: written.bytes,
        })
    }
}

fn start() -> Result<Timestamp, DemoError> {
    Ok(local_start().in_tz(TIME_ZONE)?.timestamp())
}

fn describe(plan: &Plan, scene: &Scene, files: Vec<DemoFile>) -> Result<DemoCamera, DemoError> {
    let truth = scene.truth().clone();
    let recorded = |second: usize| {
        let t_s = second as f64 + 0.5;
        files.iter().any(|file| (file.offset_s..file.offset_s + file.duration_s).contains(&t_s))
    };
    let seconds = truth.per_second().into_iter().enumerate();
    Ok(DemoCamera {
        site: SITE.to_owned(),
        district: DISTRICT.to_owned(),
        agency: plan.agency.to_owned(),
        room: plan.room.to_owned(),
        camera: plan.camera.to_owned(),
        start: start()?,
        people: seconds.map(|(second, people)| recorded(second).then_some(people)).collect(),
        presence: truth.presence(),
        truth,
        files,
    })
}

fn write_truth(path: &Path, cameras: &[DemoCamera]) -> Result<(), DemoError> {
    let io = |source| DemoError::Io { path: path.to_owned(), source };
    let text = serde_json::to_vec(cameras).map_err(|error| io(error.into()))?;
    durable::write(path, &text).map_err(io)
}
