//! A public hall with up to half a hundred people: how many are there? Only the quiet one is empty now and then.

use crate::chance::unit;
use crate::scenes::visit;
use crate::spec::{Clothing, LightSpec, PersonSpec, RoomKind, SceneSpec};
use std::f64::consts::TAU;

/// Length of the scenes, seconds.
const LENGTH_S: f64 = 1000.0;
/// The longest way in or out, seconds: a spot is held by one visitor at a time.
const WAY_S: f64 = 32.0;

/// Visitors from before the scene's start to its end; as many a second as `rate` says.
fn visitors(seed: u64, rate: impl Fn(f64) -> f64) -> Vec<PersonSpec> {
    let names = (1..=30).map(|spot| format!("floor-{spot}")).chain((1..=8).map(|bench| format!("bench-{bench}")));
    let mut spots = names.map(|name| (name, f64::NEG_INFINITY)).collect::<Vec<_>>();
    let (mut people, mut now_s, mut turn) = (Vec::new(), -120.0, 0);
    while now_s < LENGTH_S {
        turn += 1;
        let dice = |what: i64| f64::from(unit(seed, what, turn));
        now_s -= (1.0 - dice(0)).max(1e-6).ln() / rate(now_s);
        let free = (0..spots.len()).filter(|&spot| spots[spot].1 <= now_s).collect::<Vec<_>>();
        let Some(&spot) = free.get((dice(1) * free.len() as f64) as usize) else {
            continue;
        };
        // Some turn round at once, most stay for half a minute, a few for minutes.
        let until_s = now_s + WAY_S * (0.5 + 0.5 * dice(2)) - 25.0 * (1.0 - dice(3)).max(1e-3).ln();
        spots[spot].1 = until_s + 2.0;
        people.push(PersonSpec {
            clothing: Clothing::ALL[(dice(4) * Clothing::ALL.len() as f64) as usize % Clothing::ALL.len()],
            height_m: 1.5 + 0.3 * dice(5) as f32,
            visits: vec![visit(now_s, &[(&spots[spot].0, until_s)])],
        });
    }
    people
}

/// The hall's scenes: a busy one as a slow and as a usual camera sees it, and a quiet one.
pub(super) fn crowds() -> Vec<SceneSpec> {
    let hall = |name: &str, fps: f64, seed: u64, people: Vec<PersonSpec>| SceneSpec {
        people,
        seed,
        light: LightSpec { lamp: 1.6, cloud_depth: 0.3, ..LightSpec::default() },
        ..SceneSpec::empty(&format!("crowd-{name}"), RoomKind::Hall)
            .sized(640, 480)
            .at_fps(fps)
            .lasting(LENGTH_S)
            .with_crf(24)
    };
    // Between a dozen and half a hundred people at a time, in swings of some minutes.
    let busy = visitors(801, |t_s| 0.5 + 0.2 * (t_s / 410.0 * TAU).sin() + 0.12 * (t_s / 97.0 * TAU).sin());
    let quiet = visitors(802, |t_s| 0.05 + 0.03 * (t_s / 300.0 * TAU).sin());
    vec![
        hall("busy-2fps", 2.0, 811, busy.clone()),
        hall("busy-8fps", 8.0, 811, busy),
        hall("quiet-2fps", 2.0, 812, quiet),
    ]
}
