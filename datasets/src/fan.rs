//! A fan: three blades that turn in a disc, blurred over the camera's exposure.

use crate::backdrop::{Backdrop, Light, light_at};
use crate::geometry::{Lens, Vec3, add, dot, scale, sub};
use crate::light::Levels;
use crate::movers::lit;
use crate::paint::{Canvas, DEPTH_SLACK_M, span};
use crate::rooms::{Block, Room, block};
use crate::spec::{FanKind, Seconds};
use crate::surface::{Material, Tone};
use std::f32::consts::TAU;

const BLADES: f32 = 3.0;
/// Share of the circle that blades cover.
const BLADE_DUTY: f32 = 0.5;
/// A camera indoors exposes this long.
const EXPOSURE_S: f64 = 0.02;
/// Edges of blades are at least this soft, share of the distance between two blades.
const BLUR_MIN: f32 = 0.03;
/// The head of a stand turns this far to each side, within this time there and back.
const TURN_RAD: f32 = 0.8;
const TURN_PERIOD_S: f64 = 9.0;
/// Share of the radius that the hub takes.
const HUB_SHARE: f32 = 0.2;

/// A fan before one camera.
#[derive(Clone, Debug)]
pub(crate) struct Fan {
    kind: FanKind,
    at: Vec3,
    /// Heading towards the camera.
    ahead_rad: f32,
    on: Vec<Seconds>,
    light: Light,
}

/// Its stand, or the rod from the ceiling.
pub(crate) fn blocks(kind: FanKind, at: Vec3, room_height_m: f32) -> Vec<Block> {
    let [x, y, z] = at;
    let rod = |low, high| block([x - 0.02, x + 0.02], [low, high], [z + 0.03, z + 0.07], Material::Plastic);
    match kind {
        FanKind::Stand => {
            vec![rod(0.0, y), block([x - 0.2, x + 0.2], [0.0, 0.04], [z - 0.15, z + 0.25], Material::Plastic)]
        }
        FanKind::Ceiling => vec![rod(y, room_height_m)],
    }
}

impl Fan {
    pub(crate) fn new(kind: FanKind, at: Vec3, on: &[Seconds], room: &Room, lens: &Lens) -> Self {
        let way = sub(lens.at(), at);
        let to_camera = scale(way, 1.0 / dot(way, way).sqrt().max(0.01));
        let light = light_at(room, at, to_camera, lens.at());
        Self { kind, at, ahead_rad: way[0].atan2(way[2]), on: on.to_vec(), light }
    }

    fn radius_m(&self) -> f32 {
        if self.kind == FanKind::Stand { 0.24 } else { 0.62 }
    }

    /// Turns a second.
    fn rate_hz(&self) -> f64 {
        if self.kind == FanKind::Stand { 18.7 } else { 2.9 }
    }

    /// Seconds it has run, and whether it runs.
    fn run_s(&self, t_s: f64) -> (f64, bool) {
        let run = |span: &Seconds| (t_s.min(span.end_s) - span.start_s).max(0.0);
        (self.on.iter().map(run).sum(), self.on.iter().any(|span| span.holds(t_s)))
    }

    /// Right, up and ahead of the disc.
    fn axes(&self, run_s: f64) -> [Vec3; 3] {
        if self.kind == FanKind::Ceiling {
            return [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]];
        }
        let swing = (f64::from(TAU) * run_s / TURN_PERIOD_S).sin() as f32;
        let (sin, cos) = (self.ahead_rad + TURN_RAD * swing).sin_cos();
        [[cos, 0.0, -sin], [0.0, 1.0, 0.0], [sin, 0.0, cos]]
    }

    pub(crate) fn draw(&self, canvas: &mut Canvas, backdrop: &Backdrop, lens: &Lens, levels: &Levels, t_s: f64) {
        let (run_s, is_on) = self.run_s(t_s);
        let axes = self.axes(run_s);
        let Some(hub) = lens.project(self.at) else {
            return;
        };
        let turns = (run_s * self.rate_hz()).rem_euclid(1.0) as f32;
        let blur = if is_on { (EXPOSURE_S * self.rate_hz()) as f32 * BLADES / 2.0 } else { 0.0 }.max(BLUR_MIN);
        let reach_px = self.radius_m() * lens.px_per_m(hub.depth_m) * 1.3 + 2.0;
        let width = canvas.width();
        let height = canvas.luma.len() / width;
        for y in span(hub.y_px, reach_px, height) {
            for x in span(hub.x_px, reach_px, width) {
                let ray = lens.ray(x as f32 + 0.5, y as f32 + 0.5);
                let depth_m = dot(sub(self.at, lens.at()), axes[2]) / dot(ray, axes[2]);
                if !(depth_m > 0.0 && depth_m < backdrop.depth_m[y * width + x] + DEPTH_SLACK_M) {
                    continue;
                }
                let way = sub(add(lens.at(), scale(ray, depth_m)), self.at);
                let (right, up) = (dot(way, axes[0]), dot(way, axes[1]));
                let pixel_m = depth_m / lens.px_per_m(1.0);
                let (coverage, tone) = self.coverage(right, up, pixel_m, turns, blur);
                if coverage > 0.0 {
                    canvas.cover(y * width + x, coverage, &tone, tone.luma * lit(&self.light, levels), levels.infrared);
                }
            }
        }
    }

    /// What of a point of the disc is hub, cage or blade.
    fn coverage(&self, right_m: f32, up_m: f32, pixel_m: f32, turns: f32, blur: f32) -> (f32, Tone) {
        const METAL: Tone = Tone::new(0.12, 0.0, 0.0);
        const WOOD: Tone = Tone::new(0.2, -0.08, 0.08);
        const BLADE: Tone = Tone::new(0.72, 0.12, -0.08);
        let (radius_m, from_hub_m) = (self.radius_m(), right_m.hypot(up_m));
        let within = |reach_m: f32| ((reach_m - from_hub_m) / pixel_m + 0.5).clamp(0.0, 1.0);
        let hub = within(HUB_SHARE * radius_m);
        let cage = if self.kind == FanKind::Stand { within(radius_m) - within(0.93 * radius_m) } else { 0.0 };
        if hub.max(cage) > 0.5 {
            return (hub.max(cage), METAL);
        }
        let angle = BLADES * (up_m.atan2(right_m) / TAU - turns);
        let blade = if self.kind == FanKind::Stand { BLADE } else { WOOD };
        (within(0.93 * radius_m) * duty(angle, blur), blade)
    }
}

/// Share of `at - blur .. at + blur` that blades cover; their pattern repeats with 1.
fn duty(at: f32, blur: f32) -> f32 {
    let sum = |x: f32| x.floor() * BLADE_DUTY + (x - x.floor()).min(BLADE_DUTY);
    ((sum(at + blur) - sum(at - blur)) / (2.0 * blur)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blur_spreads_the_blades_and_keeps_their_share() {
        assert_eq!(duty(0.2, BLUR_MIN), 1.0);
        assert_eq!(duty(0.7, BLUR_MIN), 0.0);
        let mean = (0..100).map(|step| duty(step as f32 / 100.0, 0.3)).sum::<f32>() / 100.0;
        assert!((mean - BLADE_DUTY).abs() < 0.01, "{mean}");
        assert!((duty(0.1, 0.5) - BLADE_DUTY).abs() < 1e-4, "a whole turn of the pattern is even");
    }
}
