//! What moves though nobody is there: curtains and a tree at the window, fans.
//!
//! Curtains and trees are planes before and behind the window, with a texture that the wind displaces; their pixels
//! are found once a stage. They are drawn before people, in the order of the specification.

use crate::backdrop::{Backdrop, LUMA_SPAN, Light, light_at};
use crate::chance::{cloudy, smoothstep, wander};
use crate::fan::{self, Fan};
use crate::geometry::{Lens, add, scale};
use crate::light::{DAY, Levels};
use crate::paint::Canvas;
use crate::rooms::{Block, Room};
use crate::spec::{MoverSpec, Seconds};
use crate::surface::{Tone, is_window_bar};
use std::f64::consts::TAU;

/// Curtains hang this far from the wall, and this far beyond the window's edges.
const CURTAIN_GAP_M: f32 = 0.08;
const CURTAIN_OVER_M: f32 = 0.12;
/// Length below the window's lower edge.
const CURTAIN_BELOW_M: f32 = 0.3;
/// Share of the window that each curtain covers when it hangs still.
const CURTAIN_SHARE: f32 = 0.3;
/// How far the strongest wind moves a curtain's lower free corner.
const CURTAIN_SWING_M: f32 = 0.3;
/// How far the strongest wind moves a tree's crown.
const TREE_SWING_M: f32 = 0.16;
/// Winds rise and fall within this time; gusts are about this long.
const WIND_RAMP_S: f64 = 2.0;
const GUST_S: f64 = 6.0;
/// Rays per pixel are this number squared.
const RAYS: usize = 2;

/// A pixel of a plane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pixel: u32,
    /// Along the wall and up, metres.
    u: f32,
    v: f32,
    /// Share of the pixel that the plane can take.
    share: f32,
    light: Light,
}

/// Something that moves by itself, prepared for one view of the room.
#[derive(Clone, Debug)]
pub(crate) enum Mover {
    Curtain { points: Vec<Point>, sheets: [Sheet; 2], wind: Wind },
    Tree { points: Vec<Point>, wind: Wind },
    Fan(Fan),
}

/// One curtain: where it is fixed at the wall's side, and its width towards the other one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sheet {
    fixed_m: f32,
    /// Negative if the sheet lies at lower `u` than its fixed edge.
    width_m: f32,
    top_m: f32,
    length_m: f32,
}

#[derive(Clone, Debug)]
pub(crate) struct Wind {
    sways: Vec<Seconds>,
    strength: f32,
    channel: i64,
}

/// Blocks that belong to a mover and never move.
pub(crate) fn blocks(mover: &MoverSpec, room_height_m: f32) -> Vec<Block> {
    match mover {
        MoverSpec::Fan { kind, at_m, .. } => fan::blocks(*kind, *at_m, room_height_m),
        MoverSpec::Curtain { .. } | MoverSpec::Tree { .. } => Vec::new(),
    }
}

impl Mover {
    pub(crate) fn new(
        spec: &MoverSpec,
        room: &Room,
        lens: &Lens,
        backdrop: &Backdrop,
        width: usize,
        index: i64,
    ) -> Self {
        let wind = |sways: &Vec<Seconds>, strength| Wind { sways: sways.clone(), strength, channel: 3000 + 20 * index };
        match spec {
            MoverSpec::Curtain { sways, wind: strength } => {
                let sheets = sheets(room);
                let points = curtain_points(room, lens, backdrop, width, &sheets);
                Self::Curtain { points, sheets, wind: wind(sways, *strength) }
            }
            MoverSpec::Tree { sways, wind: strength } => {
                Self::Tree { points: tree_points(room, lens, backdrop, width), wind: wind(sways, *strength) }
            }
            MoverSpec::Fan { kind, at_m, on } => Self::Fan(Fan::new(*kind, *at_m, on, room, lens)),
        }
    }

    pub(crate) fn draw(
        &self,
        canvas: &mut Canvas,
        backdrop: &Backdrop,
        lens: &Lens,
        levels: &Levels,
        seed: u64,
        t_s: f64,
    ) {
        match self {
            Self::Curtain { points, sheets, wind } => curtain(canvas, points, sheets, wind, levels, seed, t_s),
            Self::Tree { points, wind } => tree(canvas, points, wind, levels, seed, t_s),
            Self::Fan(fan) => fan.draw(canvas, backdrop, lens, levels, t_s),
        }
    }
}

impl Wind {
    /// How strong it blows, 0..1.
    fn force(&self, seed: u64, t_s: f64) -> f32 {
        let rises = |span: &Seconds| {
            smoothstep(((t_s - span.start_s) / WIND_RAMP_S) as f32)
                * smoothstep(((span.end_s - t_s) / WIND_RAMP_S) as f32)
        };
        let blows = self.sways.iter().map(rises).fold(0.0, f32::max);
        blows * self.strength * (0.6 + 0.4 * wander(seed, self.channel, t_s / GUST_S))
    }

    /// A swing with a period, made uneven, -1..1.
    fn swing(&self, seed: u64, part: i64, period_s: f64, t_s: f64) -> f32 {
        let even = (TAU * t_s / period_s + f64::from(part as i32)).sin() as f32;
        0.55 * even + 0.45 * wander(seed, self.channel + 1 + part, t_s / (0.7 * period_s))
    }
}

/// The window's plane: its x, and the direction into the room.
fn window_plane(room: &Room) -> (f32, f32) {
    let (low, high) = (room.window.min[0], room.window.max[0]);
    if high > room.width_m / 2.0 { (low, -1.0) } else { (high, 1.0) }
}

fn sheets(room: &Room) -> [Sheet; 2] {
    let ([_, low_m, from_m], [_, high_m, to_m]) = (room.window.min, room.window.max);
    let width_m = CURTAIN_SHARE * (to_m - from_m) + CURTAIN_OVER_M;
    let sheet = |fixed_m, width_m| Sheet {
        fixed_m,
        width_m,
        top_m: high_m + CURTAIN_OVER_M,
        length_m: high_m - low_m + CURTAIN_OVER_M + CURTAIN_BELOW_M,
    };
    [sheet(from_m - CURTAIN_OVER_M, width_m), sheet(to_m + CURTAIN_OVER_M, -width_m)]
}

/// Pixels that a curtain may ever cover.
fn curtain_points(room: &Room, lens: &Lens, backdrop: &Backdrop, width: usize, sheets: &[Sheet; 2]) -> Vec<Point> {
    let (window_x_m, inward) = window_plane(room);
    let x_m = window_x_m + inward * CURTAIN_GAP_M;
    let (low_m, high_m) = (sheets[0].top_m - sheets[0].length_m, sheets[0].top_m);
    let mut points = Vec::new();
    for pixel in 0..backdrop.depth_m.len() {
        let ray = lens.ray((pixel % width) as f32 + 0.5, (pixel / width) as f32 + 0.5);
        let depth_m = (x_m - lens.at()[0]) / ray[0];
        let at = add(lens.at(), scale(ray, depth_m));
        let inside = (sheets[0].fixed_m..sheets[1].fixed_m).contains(&at[2]) && (low_m..high_m).contains(&at[1]);
        if depth_m > 0.0 && inside && depth_m < backdrop.depth_m[pixel] {
            let mut light = light_at(room, at, [inward, 0.0, 0.0], lens.at());
            // Cloth before a window glows.
            light[DAY] += 0.5;
            points.push(Point { pixel: pixel as u32, u: at[2], v: at[1], share: 1.0, light });
        }
    }
    points
}

fn curtain(
    canvas: &mut Canvas,
    points: &[Point],
    sheets: &[Sheet; 2],
    wind: &Wind,
    levels: &Levels,
    seed: u64,
    t_s: f64,
) {
    const EDGE_M: f32 = 0.012;
    let force = wind.force(seed, t_s);
    let swings = [0, 1].map(|side| force * CURTAIN_SWING_M * wind.swing(seed, side, 2.6 + 0.5 * side as f64, t_s));
    let ripple = f64::from(force) * TAU * t_s / 1.9;
    for point in points {
        for (side, sheet) in sheets.iter().enumerate() {
            let fallen = ((sheet.top_m - point.v) / sheet.length_m).clamp(0.0, 1.0);
            let reach_m = sheet.width_m.abs() + swings[side] * fallen * fallen.sqrt();
            let along_m = (point.u - sheet.fixed_m) * sheet.width_m.signum();
            let coverage = ((reach_m - along_m) / EDGE_M + 0.5).clamp(0.0, 1.0);
            if along_m < 0.0 || coverage == 0.0 {
                continue;
            }
            let cloth_m = along_m / reach_m * sheet.width_m.abs();
            let wave = 0.9 * force * fallen * (ripple as f32 + 3.0 * fallen).sin();
            let folds = (cloth_m * 57.0 + wave).sin() + 0.4 * (cloth_m * 131.0 + 1.3 * wave).sin();
            let tone = Tone::new(0.46 + 0.09 * folds, -0.08, 0.1);
            canvas.cover(point.pixel as usize, coverage, &tone, tone.luma * lit(&point.light, levels), levels.infrared);
        }
    }
}

/// Pixels of the window's panes.
fn tree_points(room: &Room, lens: &Lens, backdrop: &Backdrop, width: usize) -> Vec<Point> {
    let (x_m, _) = window_plane(room);
    let on_plane = |x_px: f32, y_px: f32| {
        let ray = lens.ray(x_px, y_px);
        add(lens.at(), scale(ray, (x_m - lens.at()[0]) / ray[0]))
    };
    let point = |&pixel: &u32| {
        let (x, y) = ((pixel as usize % width) as f32, (pixel as usize / width) as f32);
        let offset = |part: usize| (part as f32 + 0.5) / RAYS as f32;
        let panes = (0..RAYS * RAYS).filter(|ray| {
            let at = on_plane(x + offset(ray % RAYS), y + offset(ray / RAYS));
            !is_window_bar(at[2], at[1])
        });
        let share = panes.count() as f32 / (RAYS * RAYS) as f32;
        let at = on_plane(x + 0.5, y + 0.5);
        Point { pixel, u: at[2], v: at[1], share, light: [0.0, 0.08, 1.15, 0.15] }
    };
    backdrop.window.iter().map(point).filter(|point| point.share > 0.0).collect()
}

/// A crown of leaves before the sky: boughs swing, leaves flutter on them.
fn tree(canvas: &mut Canvas, points: &[Point], wind: &Wind, levels: &Levels, seed: u64, t_s: f64) {
    let force = wind.force(seed, t_s);
    let (right, up) = (wind.swing(seed, 0, 2.3, t_s), wind.swing(seed, 1, 1.7, t_s));
    let flutter = (TAU * 1.3 * t_s) as f32;
    for point in points {
        let bough = (point.v * 2.3 + point.u * 1.1).sin();
        let leaf = 0.03 * (flutter + 9.0 * point.u + 7.0 * point.v).sin();
        let u = point.u + force * (TREE_SWING_M * (right + 0.35 * bough * up) + leaf);
        let v = point.v + force * (0.5 * TREE_SWING_M * up * (0.6 + 0.4 * bough) + 0.6 * leaf);
        let crown = 0.8 * cloudy(seed, u * 1.7, v * 1.7) + 0.5 * cloudy(seed, u * 7.0 + 40.0, v * 7.0);
        let leaves = cloudy(seed, u * 19.0, v * 19.0 + 90.0);
        let density = crown + 0.45 * leaves - (v - 1.9) * 0.9;
        let coverage = point.share * smoothstep(density * 4.0 + 0.5);
        if coverage > 0.0 {
            let tone = Tone::new(0.27 + 0.13 * leaves, -0.16, -0.12);
            canvas.cover(point.pixel as usize, coverage, &tone, tone.luma * lit(&point.light, levels), levels.infrared);
        }
    }
}

/// Luma of a white surface in a light.
pub(crate) fn lit(light: &Light, levels: &Levels) -> f32 {
    LUMA_SPAN * light.iter().zip(levels.weights).map(|(light, weight)| light * weight).sum::<f32>()
}
