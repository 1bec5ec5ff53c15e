//! What a trial of a camera means: is it what it says, what is lost, how many of its kind this machine carries.

use super::{Level, Problem};
use crate::config::Config;
use crate::live::{Seen, Trial, TrialError, try_cameras};
use serde::Serialize;
use std::time::Duration;

/// Processors are loaded at most so far: the rest is for bursts, key frames and the system.
const LOAD_MAX: f64 = 0.7;
/// Fewer frames than this share of the declared ones are told.
const FPS_SHARE_MIN: f64 = 0.8;
/// Fewer frames a second than this and short movements are missed.
const FPS_MIN: f64 = 2.0;
/// Key frames further apart than this make each interruption longer, seconds.
const KEY_FRAME_S_MAX: f64 = 10.0;
/// The camera's clock may be off by so much: a trial of some seconds tells no more.
const CLOCK_OFF_MAX: f64 = 0.1;
/// Pictures larger than this cost more than they tell.
const WIDTH_LARGE: u32 = 1280;

/// Where doctor may not see what the service sees.
const SECRET_FIX: &str = "run doctor as the worker runs, with its user, variables and credentials; or mend the place that the configuration names";

/// A camera, and what to do about it.
#[derive(Clone, Debug, Serialize)]
pub struct CameraFinding {
    /// Its id.
    pub camera: String,
    /// The room that it sees.
    pub room: String,
    /// What it sent.
    pub seen: Option<Seen>,
    /// How many such cameras this machine carries.
    pub carries: Option<u64>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl CameraFinding {
    /// The worst of it.
    pub fn level(&self) -> Level {
        self.problems.iter().map(|problem| problem.level).max().unwrap_or_default()
    }
}

pub(super) fn findings(config: &Config, time: Duration) -> Vec<CameraFinding> {
    try_cameras(config, time).into_iter().map(|trial| finding(trial, time, super::machine::processors())).collect()
}

fn finding(trial: Trial, time: Duration, processors: usize) -> CameraFinding {
    let (camera, room) = (trial.place.camera.to_string(), trial.place.room.to_string());
    match trial.result {
        Ok(seen) => CameraFinding {
            camera,
            room,
            carries: seen.cpu_share.map(|share| carried(share, processors)),
            problems: problems(&seen, time, trial.is_udp),
            seen: Some(seen),
        },
        Err(error) => {
            let (what, fix) = match &error {
                TrialError::Secret(secret) => (secret.to_string(), SECRET_FIX.to_owned()),
                error => error_and_fix(&error.to_string()),
            };
            CameraFinding { camera, room, seen: None, carries: None, problems: vec![Problem::broken(what, fix)] }
        }
    }
}

/// Errors of cameras tell the next step after a semicolon.
fn error_and_fix(text: &str) -> (String, String) {
    match text.rsplit_once("; ") {
        Some((what, fix)) => (what.to_owned(), fix.to_owned()),
        None => (text.to_owned(), "look at the camera's own page, and at its address, user and password".to_owned()),
    }
}

fn carried(share: f64, processors: usize) -> u64 {
    (processors as f64 * LOAD_MAX / share.max(1e-5)) as u64
}

fn problems(seen: &Seen, time: Duration, is_udp: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(ended) = &seen.ended {
        problems.push(Problem::doubtful(
            format!("the stream ended after {:.0} s: {ended}", seen.span_s),
            "see whether the camera allows one more viewer, and whether the link holds",
        ));
    }
    if seen.frames == 0 {
        let fix = match seen.key_frame_s {
            None => "set the camera's key-frame interval (I-frame, GOP) to 2 s",
            Some(_) => "set the camera to plain H.264 or H.265, without the maker's own extensions",
        };
        problems.push(Problem::broken("packets come, but no picture could be decoded", fix));
        return problems;
    }
    problems.extend(rates(seen));
    if seen.errors > 0 {
        let fix = if is_udp {
            "set transport = \"tcp\": datagrams are lost"
        } else {
            "look at the link: camera and switch lose data"
        };
        problems.push(Problem::doubtful(format!("{} packets or frames are damaged", seen.errors), fix));
    }
    let waits_s = seen.key_frame_s.or_else(|| (time.as_secs_f64() > KEY_FRAME_S_MAX).then_some(time.as_secs_f64()));
    if let Some(waits_s) = waits_s.filter(|waits_s| *waits_s > KEY_FRAME_S_MAX) {
        problems.push(Problem::doubtful(
            format!("key frames come every {waits_s:.0} s: after each interruption so much more is not seen"),
            "set the camera's key-frame interval (I-frame, GOP) to 2 s, and its 'smart' codec off",
        ));
    }
    if let Some(ratio) = seen.clock_ratio.filter(|ratio| (ratio - 1.0).abs() > CLOCK_OFF_MAX) {
        problems.push(Problem::doubtful(
            format!("its clock runs {ratio:.2} times as fast as this machine's, or packets pile up on the way"),
            "run doctor again; if it stays, update the camera's firmware or look at the link's speed",
        ));
    }
    for flag in seen.flags.iter().filter(|flag| *flag != "infrared") {
        let fix = match flag.as_str() {
            "dark" => "nothing, if the room is dark now; else look at lens and exposure",
            "frozen" => "restart the camera: it repeats the same picture to the bit",
            "covered" => "look at the camera: something covers the lens",
            _ => "look at the camera's exposure and at what shines into it",
        };
        problems.push(Problem::doubtful(format!("the picture is {}", told(flag)), fix));
    }
    problems
}

fn rates(seen: &Seen) -> Option<Problem> {
    if seen.fps < FPS_MIN {
        let what = format!("only {:.1} frames a second come: short movements are missed", seen.fps);
        return Some(Problem::doubtful(what, "set the camera's stream to 5 frames a second or more"));
    }
    let declared = seen.declared_fps.filter(|declared| seen.fps < declared * FPS_SHARE_MIN)?;
    Some(Problem::doubtful(
        format!("{:.1} frames a second come, the camera declares {declared:.0}", seen.fps),
        "nothing, if it slows down in the dark; else look at its exposure time and the link. Rows take the real times",
    ))
}

fn told(flag: &str) -> &str {
    if flag == "glare" { "burnt out in large parts" } else { flag }
}

/// What all cameras together ask of the processors, if it is too much.
pub(super) fn load(cameras: &[CameraFinding], processors: usize) -> Option<Problem> {
    let asked: f64 = cameras.iter().filter_map(|camera| camera.seen.as_ref()?.cpu_share).sum();
    if asked <= processors as f64 * LOAD_MAX {
        return None;
    }
    let is_large = |camera: &&CameraFinding| camera.seen.as_ref().is_some_and(|seen| seen.width > WIDTH_LARGE);
    let large: Vec<&str> = cameras.iter().filter(is_large).map(|camera| camera.camera.as_str()).collect();
    let fix = if large.is_empty() {
        "fewer frames a second or smaller pictures, fewer cameras, or a larger machine".to_owned()
    } else {
        format!("watch the small stream (640x360 is enough) of: {}", large.join(", "))
    };
    let what = format!("the cameras ask for {asked:.1} of {processors} processors: pictures will be dropped");
    Some(Problem::doubtful(what, fix))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: Duration = Duration::from_secs(10);

    fn healthy() -> Seen {
        Seen {
            codec: "h264".into(),
            width: 640,
            height: 360,
            span_s: 10.0,
            declared_fps: Some(15.0),
            fps: 15.0,
            kbit_s: 400.0,
            key_frame_s: Some(2.0),
            frames: 150,
            clock_ratio: Some(1.0),
            cpu_share: Some(0.01),
            ..Seen::default()
        }
    }

    fn told(seen: &Seen) -> Vec<String> {
        problems(seen, TIME, true).into_iter().map(|problem| format!("{}; {}", problem.what, problem.fix)).collect()
    }

    #[test]
    fn a_healthy_camera_has_no_problem() {
        assert_eq!(told(&healthy()), [""; 0]);
        let infrared = Seen { flags: vec!["infrared".into()], declared_fps: None, ..healthy() };
        assert_eq!(told(&infrared), [""; 0]);
    }

    #[test]
    fn each_trouble_is_told_with_its_fix() {
        for (seen, expected) in [
            (Seen { fps: 8.0, ..healthy() }, "8.0 frames a second come, the camera declares 15"),
            (Seen { fps: 1.0, ..healthy() }, "5 frames a second or more"),
            (Seen { errors: 3, ..healthy() }, "transport = \"tcp\""),
            (Seen { key_frame_s: Some(20.0), ..healthy() }, "key frames come every 20 s"),
            (Seen { clock_ratio: Some(1.3), ..healthy() }, "1.30 times as fast"),
            (Seen { flags: vec!["frozen".into()], ..healthy() }, "restart the camera"),
            (Seen { ended: Some("the stream ended".into()), ..healthy() }, "one more viewer"),
            (Seen { frames: 0, key_frame_s: None, ..healthy() }, "key-frame interval"),
        ] {
            let told = told(&seen);
            assert!(told.len() == 1 && told[0].contains(expected), "{expected}: {told:?}");
        }
        assert_eq!(problems(&Seen { frames: 0, ..healthy() }, TIME, false)[0].level, Level::Broken);
    }

    #[test]
    fn what_a_machine_carries_leaves_a_third_of_it_free() {
        assert_eq!((carried(0.01, 2), carried(0.35, 2)), (140, 4));
        let camera = |id: &str, width, share| CameraFinding {
            camera: id.into(),
            room: id.into(),
            seen: Some(Seen { width, cpu_share: Some(share), ..healthy() }),
            carries: None,
            problems: Vec::new(),
        };
        assert_eq!(load(&[camera("a", 640, 0.4), camera("b", 640, 0.9)], 2), None);
        let problem = load(&[camera("a", 640, 0.4), camera("b", 1920, 1.2)], 2).unwrap();
        assert!(problem.what.contains("1.6 of 2") && problem.fix.ends_with("of: b"), "{problem:?}");
    }

    #[test]
    fn the_step_after_an_errors_semicolon_is_its_fix() {
        assert_eq!(error_and_fix("no connection (x); check cable").1, "check cable");
        assert_eq!(error_and_fix("the stream has no video").0, "the stream has no video");
    }
}
