//! Nobody, while the light, the weather, the camera and its encoder do all they can to look like somebody.

use crate::spec::{LampSwitch, LightSpec, NoiseSpec, RoomKind, SceneSpec, Seconds};

fn clip(name: &str, room: RoomKind, seed: u64) -> SceneSpec {
    SceneSpec { seed, ..SceneSpec::empty(&format!("empty-{name}"), room).lasting(600.0) }
}

fn lit(spec: SceneSpec, light: LightSpec) -> SceneSpec {
    SceneSpec { light, ..spec }
}

fn noisy(spec: SceneSpec, sigma: f32, correlation: f32) -> SceneSpec {
    SceneSpec { noise: NoiseSpec { sigma, correlation }, ..spec }
}

/// Lamps go off and on at uneven times, also within seconds.
fn lamp_light() -> LightSpec {
    let switch = |(at_s, level)| LampSwitch { at_s, level };
    let switches = [(95.0, 0.0), (160.0, 1.0), (163.0, 0.5), (290.0, 1.0), (391.0, 0.0), (394.0, 1.0), (500.0, 0.3)];
    LightSpec { switches: switches.map(switch).to_vec(), ..LightSpec::default() }
}

fn infrared_light() -> LightSpec {
    let span = |start_s, end_s| Seconds { start_s, end_s };
    let switches = vec![LampSwitch { at_s: 120.0, level: 0.0 }, LampSwitch { at_s: 420.0, level: 1.0 }];
    LightSpec {
        switches,
        infrared: vec![span(122.0, 418.0), span(500.0, 506.0)],
        daylight: 0.1,
        ..LightSpec::default()
    }
}

pub(super) fn empty() -> Vec<SceneSpec> {
    use RoomKind::{Counter, Office, Records};
    let clouds = LightSpec { lamp: 0.4, daylight: 1.1, cloud_depth: 0.7, cloud_period_s: 25.0, ..LightSpec::default() };
    let weather = LightSpec { rain: 8.0, flicker: 0.02, cloud_depth: 0.4, cloud_period_s: 60.0, ..clouds.clone() };
    let evening = LightSpec { daylight: 1.1, daylight_per_h: -0.9, cloud_depth: 0.3, ..LightSpec::default() };
    vec![
        noisy(clip("noise-crf20", Office, 401), 5.0, 0.1).with_crf(20),
        noisy(clip("noise-crf28", Counter, 402), 4.0, 0.3).with_crf(28),
        noisy(clip("noise-crf38", Office, 403), 5.0, 0.2).with_crf(38),
        clip("shelves-crf30", Records, 404).with_crf(30),
        noisy(clip("shelves-noise-crf30", Records, 405), 4.0, 0.2).with_crf(30).at_fps(10.0).sized(480, 270),
        lit(clip("lamps", Office, 406), lamp_light()).with_crf(28),
        lit(clip("clouds", Counter, 407), clouds).with_crf(28),
        lit(clip("rain-flicker", Office, 408), weather).with_crf(28),
        lit(clip("infrared", Records, 409), infrared_light()).with_crf(30),
        SceneSpec { clock_start_s: Some(1_783_927_200), ..clip("clock", Counter, 410) }.with_crf(34),
        lit(clip("evening-60min", Office, 411).lasting(3600.0).at_fps(2.0), evening).with_crf(32),
    ]
}
