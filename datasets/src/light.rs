//! How much of each light falls into the scene at a time: the room's own glow, lamps, daylight, infrared.

use crate::chance::{smoothstep, wander};
use crate::spec::{LampSwitch, LightSpec};

/// Sources of light that are rendered once each and mixed per frame.
pub(crate) const LAYERS: usize = 4;
/// Light that is always there: corridor, screens.
pub(crate) const FIXED: usize = 0;
/// The room's lamps.
pub(crate) const LAMP: usize = 1;
/// Daylight from the window.
pub(crate) const DAY: usize = 2;
/// The camera's own infrared light.
pub(crate) const INFRARED: usize = 3;

/// Tubes come on within this time.
const LAMP_RAMP_S: f64 = 0.15;
/// Time constant of a camera's automatic exposure.
const EXPOSURE_S: f64 = 1.2;
/// Lamps flicker at twice the mains' frequency; a little off, so that sampling doesn't freeze it.
const FLICKER_HZ: f64 = 100.07;
/// Channel of the random clouds.
const CLOUDS: i64 = 900;
/// Shares of lamps and daylight in what the exposure meter sees.
const METER: [f32; LAYERS] = [0.15, 0.55, 0.35, 0.0];

/// Light at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Levels {
    /// Weight of each layer, 0..2.
    pub(crate) weights: [f32; LAYERS],
    /// The camera sees in infrared: no colour.
    pub(crate) infrared: bool,
}

/// Light at `t_s`.
pub(crate) fn levels(spec: &LightSpec, seed: u64, t_s: f64) -> Levels {
    let day = daylight(spec, seed, t_s);
    if spec.infrared.iter().any(|span| span.holds(t_s)) {
        return Levels { weights: [0.4, 0.5 * lamp(spec, t_s), 0.5 * day, 0.8], infrared: true };
    }
    let gain = exposure(spec, day, t_s);
    let flicker = 1.0 + spec.flicker * (std::f64::consts::TAU * FLICKER_HZ * t_s).sin() as f32;
    let weights = [1.0, lamp(spec, t_s) * flicker, day, 0.0];
    Levels { weights: weights.map(|weight| stepped(weight * gain)), infrared: false }
}

/// In steps that change no pixel by more than a quarter of a grey level, so that a lit room serves several frames.
fn stepped(weight: f32) -> f32 {
    const STEPS: f32 = 1024.0;
    (weight.clamp(0.0, 1.99) * STEPS).round() / STEPS
}

/// The last switch at or before `t_s`, and the level before it.
fn last_switch(spec: &LightSpec, t_s: f64) -> Option<(LampSwitch, f32)> {
    let after = spec.switches.partition_point(|switch| switch.at_s <= t_s);
    let last = *spec.switches.get(after.checked_sub(1)?)?;
    let before = after.checked_sub(2).map_or(spec.lamp, |index| spec.switches[index].level);
    Some((last, before))
}

fn lamp(spec: &LightSpec, t_s: f64) -> f32 {
    last_switch(spec, t_s).map_or(spec.lamp, |(switch, before)| {
        let share = smoothstep(((t_s - switch.at_s) / LAMP_RAMP_S) as f32);
        before + (switch.level - before) * share
    })
}

fn daylight(spec: &LightSpec, seed: u64, t_s: f64) -> f32 {
    let sun = spec.daylight + spec.daylight_per_h * (t_s / 3600.0) as f32;
    let cloud = 0.5 + 0.5 * wander(seed, CLOUDS, t_s / spec.cloud_period_s.max(1.0));
    (sun * (1.0 - spec.cloud_depth * cloud)).max(0.0)
}

/// The camera's gain: it takes back a share of each change, with a delay.
fn exposure(spec: &LightSpec, day: f32, t_s: f64) -> f32 {
    let settled = |lamp: f32| {
        let light = METER[FIXED] + METER[LAMP] * lamp + METER[DAY] * day;
        (1.0 / light.max(0.05)).powf(spec.exposure_share).min(1.6)
    };
    last_switch(spec, t_s).map_or_else(
        || settled(spec.lamp),
        |(switch, before)| {
            let left = (-(t_s - switch.at_s) / EXPOSURE_S).exp() as f32;
            settled(switch.level) + (settled(before) - settled(switch.level)) * left
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lamp_goes_off_at_once_and_the_exposure_follows_slowly() {
        let spec = LightSpec { switches: vec![LampSwitch { at_s: 10.0, level: 0.0 }], ..LightSpec::default() };
        let (before, after, later) = (levels(&spec, 1, 9.9), levels(&spec, 1, 10.3), levels(&spec, 1, 20.0));
        assert!(before.weights[LAMP] > 0.5 && after.weights[LAMP] == 0.0);
        assert!(later.weights[DAY] > after.weights[DAY] * 1.05, "{after:?} {later:?}");
        assert_eq!(levels(&spec, 1, 20.0), later);
    }

    #[test]
    fn clouds_are_slow() {
        let spec = LightSpec { cloud_depth: 0.6, cloud_period_s: 60.0, ..LightSpec::default() };
        let steps = (0..3000).map(|step| levels(&spec, 7, f64::from(step) * 0.2).weights[DAY]).collect::<Vec<_>>();
        let largest = steps.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        let (low, high) = steps.iter().fold((9.0_f32, 0.0_f32), |(low, high), &day| (low.min(day), high.max(day)));
        assert!(high - low > 0.1 && largest < 0.01, "range {low}..{high}, largest step {largest}");
    }
}
