//! Short scenes with known truth, each for one question. Change size, rate, length, seed or quality with the
//! methods of [`SceneSpec`]; `lasting` before the last stop's end cuts the scene, never the truth.

use crate::encode::{EncodeError, EncodeSpec, Encoded, constant_rate, encode};
use crate::office::Scene;
use crate::spec::{
    CameraSpec, Clothing, ExposureStep, LampSwitch, LightSpec, PersonSpec, RoomKind, SceneSpec, Seconds, StopSpec,
    VisitSpec,
};
use std::path::Path;

/// A scene's name and its maker.
pub type Named = (&'static str, fn() -> SceneSpec);

/// Every scene by its name.
pub const ALL: &[Named] = &[
    ("seated_ten_minutes", seated_ten_minutes),
    ("seated_from_the_start", seated_from_the_start),
    ("empty_noise", empty_noise),
    ("empty_rain_flicker", empty_rain_flicker),
    ("lamp_switch", lamp_switch),
    ("lamp_steps", lamp_steps),
    ("infrared_switch", infrared_switch),
    ("slow_clouds", slow_clouds),
    ("hunting_exposure", hunting_exposure),
    ("two_people_one_leaves", two_people_one_leaves),
    ("osd_clock", osd_clock),
    ("walk_through", walk_through),
    ("busy_counter", busy_counter),
    ("passers", passers),
];

/// The scene of a name.
pub fn by_name(name: &str) -> Option<SceneSpec> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, make)| make())
}

/// A person with one visit.
pub fn person(clothing: Clothing, height_m: f32, enter_s: f64, stops: &[(&str, f64)]) -> PersonSpec {
    PersonSpec { clothing, height_m, visits: vec![visit(enter_s, stops)] }
}

/// One visit: when it starts in the corridor, and the spots with the second each is left.
pub fn visit(enter_s: f64, stops: &[(&str, f64)]) -> VisitSpec {
    let stops = stops.iter().map(|&(spot, until_s)| StopSpec { spot: spot.to_owned(), until_s }).collect();
    VisitSpec { enter_s, stops }
}

fn scene(name: &str, room: RoomKind, duration_s: f64, people: Vec<PersonSpec>) -> SceneSpec {
    SceneSpec { people, ..SceneSpec::empty(name, room).lasting(duration_s) }
}

/// Somebody enters, sits at a desk for ten minutes and leaves; half a minute of empty room before and a minute after.
pub fn seated_ten_minutes() -> SceneSpec {
    let people = vec![person(Clothing::Khaki, 1.66, 30.0, &[("desk-b", 640.0)])];
    scene("seated_ten_minutes", RoomKind::Office, 720.0, people)
}

/// Nobody, for five minutes; use `lasting(3600.0)` for the hour.
pub fn empty_noise() -> SceneSpec {
    scene("empty_noise", RoomKind::Office, 300.0, Vec::new())
}

/// Somebody in khaki who sat down before the recording begins, of whom little is seen.
pub fn seated_from_the_start() -> SceneSpec {
    let people = vec![person(Clothing::Khaki, 1.66, -150.0, &[("desk-b", 900.0)])];
    SceneSpec { seed: 5013, ..scene("seated_from_the_start", RoomKind::Office, 150.0, people).with_crf(28) }
}

/// Nobody; rain on the window, tubes that flicker, more noise.
pub fn empty_rain_flicker() -> SceneSpec {
    let mut spec = scene("empty_rain_flicker", RoomKind::Office, 300.0, Vec::new());
    spec.light = LightSpec { rain: 6.0, flicker: 0.015, ..LightSpec::default() };
    spec.noise.sigma = 4.0;
    spec
}

/// Nobody; the lamp goes off after a minute and on again after two.
pub fn lamp_switch() -> SceneSpec {
    let switches = vec![LampSwitch { at_s: 60.0, level: 0.0 }, LampSwitch { at_s: 120.0, level: 1.0 }];
    SceneSpec {
        light: LightSpec { switches, ..LightSpec::default() },
        ..scene("lamp_switch", RoomKind::Records, 180.0, Vec::new())
    }
}

/// Nobody; the lamp goes to 75 %, back, to 125 % and back, a step each half minute.
pub fn lamp_steps() -> SceneSpec {
    let levels = [0.75, 1.0, 1.25, 1.0];
    let switches = (1..).zip(levels).map(|(step, level)| LampSwitch { at_s: 30.0 * f64::from(step), level }).collect();
    SceneSpec {
        light: LightSpec { switches, exposure_share: 0.0, ..LightSpec::default() },
        ..scene("lamp_steps", RoomKind::Office, 150.0, Vec::new())
    }
}

/// The camera switches to infrared after a minute, when the lamp goes off; somebody walks through right after it.
pub fn infrared_switch() -> SceneSpec {
    let people = vec![person(Clothing::Dark, 1.7, 61.0, &[("shelf", 75.0)])];
    let switches = vec![LampSwitch { at_s: 60.0, level: 0.0 }];
    let infrared = vec![Seconds { start_s: 60.0, end_s: 180.0 }];
    SceneSpec {
        light: LightSpec { switches, infrared, daylight: 0.15, ..LightSpec::default() },
        ..scene("infrared_switch", RoomKind::Office, 180.0, people)
    }
}

/// Nobody; clouds take up to 60 % of the daylight within minutes.
pub fn slow_clouds() -> SceneSpec {
    let light = LightSpec { lamp: 0.5, daylight: 1.0, cloud_depth: 0.6, cloud_period_s: 90.0, ..LightSpec::default() };
    SceneSpec { light, ..scene("slow_clouds", RoomKind::Office, 600.0, Vec::new()) }
}

/// The camera's exposure hunts from 30 s to 210 s; meanwhile somebody comes, sits and leaves.
pub fn hunting_exposure() -> SceneSpec {
    let people = vec![person(Clothing::Khaki, 1.66, 70.0, &[("desk-b", 150.0)])];
    let camera =
        CameraSpec { exposure: unsteady(Seconds::new(30.0, 210.0), 8.0, [0.12, 14.0]), ..CameraSpec::default() };
    SceneSpec { camera, ..scene("hunting_exposure", RoomKind::Office, 240.0, people) }
}

/// An exposure that swings with such a period within `span`, by so much gain and so many grey levels both ways.
pub(crate) fn unsteady(span: Seconds, period_s: f64, [gain, offset]: [f32; 2]) -> Vec<ExposureStep> {
    const EVERY_S: f64 = 0.2;
    let steps = ((span.end_s - span.start_s) / EVERY_S).round() as i32;
    (0..=steps)
        .map(|step| {
            let since_s = f64::from(step) * EVERY_S;
            let swing = if step < steps { (since_s * std::f64::consts::TAU / period_s).sin() as f32 } else { 0.0 };
            ExposureStep { at_s: span.start_s + since_s, gain: 1.0 + gain * swing, offset: offset * swing }
        })
        .collect()
}

/// Two people sit, one facing the camera and one with the back to it; the second leaves half-way.
pub fn two_people_one_leaves() -> SceneSpec {
    let people = vec![
        person(Clothing::Batik, 1.6, -60.0, &[("desk-a", 900.0)]),
        person(Clothing::White, 1.7, -40.0, &[("desk-c", 150.0)]),
    ];
    scene("two_people_one_leaves", RoomKind::Office, 300.0, people)
}

/// Nobody; a burnt-in clock.
pub fn osd_clock() -> SceneSpec {
    // Monday, 2026-07-13, 07:20:00 on the camera's clock.
    SceneSpec { clock_start_s: Some(1_783_927_200), ..scene("osd_clock", RoomKind::Office, 120.0, Vec::new()) }
}

/// Somebody in the wall's colour walks in to the window and out again: the hard case of a passer-by.
pub fn walk_through() -> SceneSpec {
    let people = vec![person(Clothing::Wall, 1.68, 20.0, &[("window", 30.0)])];
    scene("walk_through", RoomKind::Office, 90.0, people)
}

/// A counter with two clerks and four visitors, one of whom waits on the bench first.
pub fn busy_counter() -> SceneSpec {
    let people = vec![
        person(Clothing::Khaki, 1.64, -90.0, &[("staff-a", 900.0)]),
        person(Clothing::Khaki, 1.58, -80.0, &[("staff-b", 200.0)]),
        person(Clothing::Batik, 1.7, 10.0, &[("visitor-a", 100.0)]),
        person(Clothing::Wall, 1.62, 30.0, &[("bench-a", 110.0), ("visitor-a", 190.0)]),
        person(Clothing::White, 1.74, 45.0, &[("visitor-c", 120.0)]),
        person(Clothing::Dark, 1.6, 60.0, &[("visitor-b", 160.0)]),
    ];
    scene("busy_counter", RoomKind::Counter, 240.0, people)
}

/// Forty minutes of a records room into which somebody looks for a few seconds every now and then: one group of pictures
/// in fifteen moves, and hardly a movement is long. What decoding less is for.
pub fn passers() -> SceneSpec {
    let looks_in = |clothing, first_s: f64, apart_s: f64, spot: &str| {
        let visits = (0..5).map(|turn| first_s + apart_s * f64::from(turn)).map(|at_s| visit(at_s, &[(spot, at_s)]));
        PersonSpec { clothing, height_m: 1.67, visits: visits.collect() }
    };
    let people = vec![
        looks_in(Clothing::Khaki, 71.0, 491.0, "shelf-b"),
        looks_in(Clothing::Dark, 213.0, 463.0, "shelf-a"),
        looks_in(Clothing::Batik, 377.0, 449.0, "shelf-b"),
    ];
    let spec = scene("passers", RoomKind::Records, 2400.0, people).sized(1280, 720).at_fps(10.0);
    SceneSpec { clock_start_s: Some(1_783_927_200), ..spec.with_crf(17) }
}

/// Encodes a whole scene at its own size, rate and quality, as a file whose wall clock starts at `start`.
pub fn record(scene: &Scene, path: &Path, start: Option<jiff::Timestamp>) -> Result<Encoded, EncodeError> {
    let spec = scene.spec();
    let how = EncodeSpec { crf: spec.crf, start, ..EncodeSpec::new(spec.width, spec.height, spec.fps) };
    let mut renderer = scene.renderer();
    encode(path, how, constant_rate(spec.fps, spec.frames()), |pts_us, picture| {
        renderer.render(pts_us as f64 / 1e6, picture);
    })
}
