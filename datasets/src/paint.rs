//! Draws a frame before the camera's sensor sees it: the lit room, shadows at people's feet, people.
//!
//! Luma is kept with four fraction bits until the noise is added, so that slow light moves smoothly.

use crate::backdrop::{Backdrop, LAYER_BITS, LUMA_SPAN};
use crate::chance::{draw, unit, wander};
use crate::figures::{Cloth, Limb};
use crate::geometry::{Lens, Projected};
use crate::light::{LAYERS, Levels};
use crate::noise::CLEAN_BITS;
use crate::surface::Tone;
use crate::yuv::{CHROMA_GREY, LUMA_BLACK};
use std::ops::Range;

/// A person is drawn over things at most this much nearer than the limb's axis (limbs are round).
pub(crate) const DEPTH_SLACK_M: f32 = 0.08;
/// How dark the shadow at somebody's feet is, and its radius.
const SHADOW: f32 = 0.3;
pub(crate) const SHADOW_RADIUS_M: f32 = 0.42;
/// Side of the repeating cloth pattern, cells.
const PATTERN_CELLS: usize = 32;
/// A streak of rain takes this long to pass a point of the window.
const RAIN_STREAK_S: f64 = 0.7;

/// The frame while it is drawn.
#[derive(Clone, Debug)]
pub(crate) struct Canvas {
    width: usize,
    /// Luma with [`CLEAN_BITS`] fraction bits.
    pub(crate) luma: Vec<u16>,
    pub(crate) chroma: [Vec<u8>; 2],
    /// The lit empty room, kept while the light stays the same.
    lit: Option<Lit>,
    /// Rows that may no longer show the lit empty room alone.
    drawn: Range<usize>,
}

#[derive(Clone, Debug)]
struct Lit {
    stage: usize,
    levels: Levels,
    luma: Vec<u16>,
    chroma: [Vec<u8>; 2],
}

/// How a limb is lit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shade {
    /// Light that falls on the person, of the layers together.
    pub(crate) light: f32,
    pub(crate) infrared: bool,
    pub(crate) seed: u64,
}

/// A limb in the picture.
struct Stroke {
    from: Projected,
    to: Projected,
    radii_px: [f32; 2],
    /// One over the squared length in the picture.
    per_length_sq: f32,
    length_m: f32,
}

impl Canvas {
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            luma: vec![0; width * height],
            chroma: [vec![0; width * height / 4], vec![0; width * height / 4]],
            lit: None,
            drawn: 0..0,
        }
    }

    /// Starts a frame with the empty room: all of it after a change of the light, else the rows that were drawn over.
    /// `stage` tells the backdrops of a scene apart.
    pub(crate) fn fill(&mut self, stage: usize, backdrop: &Backdrop, levels: &Levels) {
        if self.lit.as_ref().is_none_or(|lit| (lit.stage, lit.levels) != (stage, *levels)) {
            self.lit = Some(Lit {
                stage,
                levels: *levels,
                luma: mix_luma(backdrop, levels),
                chroma: [0, 1].map(|plane| mix_chroma(&backdrop.chroma[plane], levels)),
            });
            self.draws_on_all();
        }
        let rows = std::mem::take(&mut self.drawn);
        if let Some(lit) = &self.lit {
            let luma = rows.start * self.width..rows.end * self.width;
            self.luma[luma.clone()].copy_from_slice(&lit.luma[luma]);
            let chroma = rows.start / 2 * (self.width / 2)..rows.end.div_ceil(2) * (self.width / 2);
            for (canvas, lit) in self.chroma.iter_mut().zip(&lit.chroma) {
                canvas[chroma.clone()].copy_from_slice(&lit[chroma.clone()]);
            }
        }
    }

    /// Notes rows that no longer show the empty room alone.
    fn draws_on(&mut self, rows: &Range<usize>) {
        let drawn = &mut self.drawn;
        *drawn =
            if drawn.start >= drawn.end { rows.clone() } else { drawn.start.min(rows.start)..drawn.end.max(rows.end) };
    }

    /// Notes that no row shows the empty room alone.
    pub(crate) fn draws_on_all(&mut self) {
        self.drawn = 0..self.luma.len() / self.width;
    }

    /// Darkens the floor around a point of it.
    pub(crate) fn shadow(&mut self, backdrop: &Backdrop, lens: &Lens, at: [f32; 2]) {
        let Some(foot) = lens.project([at[0], 0.0, at[1]]) else {
            return;
        };
        let radius_x_px = SHADOW_RADIUS_M * lens.px_per_m(foot.depth_m);
        let slope = (lens.at()[1] / foot.depth_m).clamp(0.2, 1.0);
        let radius_y_px = radius_x_px * slope;
        let height = self.luma.len() / self.width;
        let rows = span(foot.y_px, radius_y_px, height);
        self.draws_on(&rows);
        for y in rows {
            for x in span(foot.x_px, radius_x_px, self.width) {
                let (dx, dy) = ((x as f32 - foot.x_px) / radius_x_px, (y as f32 - foot.y_px) / radius_y_px);
                let strength = SHADOW * (1.0 - (dx * dx + dy * dy)).max(0.0);
                let pixel = y * self.width + x;
                if strength > 0.0 && backdrop.depth_m[pixel].is_infinite() {
                    let black = u16::from(LUMA_BLACK) << CLEAN_BITS;
                    let lit = f32::from(self.luma[pixel].saturating_sub(black));
                    self.luma[pixel] = black + (lit * (1.0 - strength)) as u16;
                }
            }
        }
    }

    /// Draws limbs from far to near, behind whatever hides them.
    pub(crate) fn person(&mut self, backdrop: &Backdrop, lens: &Lens, limbs: &mut [Limb], shade: &Shade) {
        let depth_m =
            |limb: &Limb| lens.project(crate::geometry::lerp(limb.from, limb.to, 0.5)).map_or(0.0, |seen| seen.depth_m);
        limbs.sort_by(|a, b| depth_m(b).total_cmp(&depth_m(a)));
        for (index, limb) in limbs.iter().enumerate() {
            if let Some(stroke) = Stroke::new(lens, limb) {
                let seed = draw(shade.seed, 50, index as i64);
                self.stroke(backdrop, &stroke, &limb.cloth, &Shade { seed, ..*shade });
            }
        }
    }

    fn stroke(&mut self, backdrop: &Backdrop, stroke: &Stroke, cloth: &Cloth, shade: &Shade) {
        let height = self.luma.len() / self.width;
        let reach_px = stroke.radii_px[0].max(stroke.radii_px[1]) + 1.0;
        let middle = |a: f32, b: f32| ((a + b) / 2.0, (a - b).abs() / 2.0 + reach_px);
        let (x_px, half_width_px) = middle(stroke.from.x_px, stroke.to.x_px);
        let (y_px, half_height_px) = middle(stroke.from.y_px, stroke.to.y_px);
        let pattern = Pattern::new(cloth, stroke, shade.seed);
        let rows = span(y_px, half_height_px, height);
        self.draws_on(&rows);
        for y in rows {
            let (x_px, half_width_px) = stroke.row(y as f32 + 0.5, reach_px, (x_px, half_width_px));
            for x in span(x_px, half_width_px, self.width) {
                let Some(touch) = stroke.touch(x as f32 + 0.5, y as f32 + 0.5) else {
                    continue;
                };
                let pixel = y * self.width + x;
                if touch.depth_m > backdrop.depth_m[pixel] + DEPTH_SLACK_M {
                    continue;
                }
                let lit = cloth.tone.luma * shade.light * touch.shading() * pattern.at(&touch) * LUMA_SPAN;
                let luma = (f32::from(LUMA_BLACK) + lit.min(LUMA_SPAN)) * (1 << CLEAN_BITS) as f32;
                let below = f32::from(self.luma[pixel]);
                self.luma[pixel] = (below + (luma - below) * touch.coverage + 0.5) as i32 as u16;
                if x % 2 == 0 && y % 2 == 0 && touch.coverage > 0.5 {
                    self.tint(y / 2 * (self.width / 2) + x / 2, cloth, if shade.infrared { 0.0 } else { lit });
                }
            }
        }
    }

    fn tint(&mut self, at: usize, cloth: &Cloth, lit: f32) {
        for (plane, difference) in self.chroma.iter_mut().zip([cloth.tone.blue, cloth.tone.red]) {
            plane[at] = (f32::from(CHROMA_GREY) + difference * lit + 0.5).clamp(0.0, 255.0) as i32 as u8;
        }
    }

    /// Covers a share of one pixel with a surface; `lit` is its luma above black.
    pub(crate) fn cover(&mut self, pixel: usize, coverage: f32, tone: &Tone, lit: f32, infrared: bool) {
        let luma = (f32::from(LUMA_BLACK) + lit.min(LUMA_SPAN)) * (1 << CLEAN_BITS) as f32;
        let below = f32::from(self.luma[pixel]);
        self.luma[pixel] = (below + (luma - below) * coverage + 0.5) as u16;
        let (x, y) = (pixel % self.width, pixel / self.width);
        self.draws_on(&(y..y + 1));
        if x % 2 == 0 && y % 2 == 0 {
            let coloured = if infrared { 0.0 } else { lit };
            for (plane, difference) in self.chroma.iter_mut().zip([tone.blue, tone.red]) {
                let value = &mut plane[y / 2 * (self.width / 2) + x / 2];
                let target = f32::from(CHROMA_GREY) + difference * coloured;
                *value = (f32::from(*value) + (target - f32::from(*value)) * coverage + 0.5) as u8;
            }
        }
    }

    /// Applies a gain and an offset in grey levels, as a camera's exposure does.
    pub(crate) fn expose(&mut self, gain: f32, offset: f32) {
        self.draws_on_all();
        let (black, highest) = (f32::from(LUMA_BLACK) * 16.0, f32::from(u8::MAX) * 16.0);
        for luma in &mut self.luma {
            *luma = (black + (f32::from(*luma) - black) * gain + offset * 16.0).clamp(0.0, highest) as u16;
        }
        let grey = f32::from(CHROMA_GREY);
        for value in self.chroma.iter_mut().flatten() {
            *value = (grey + (f32::from(*value) - grey) * gain + 0.5).clamp(0.0, 255.0) as u8;
        }
    }

    /// Streaks of rain on the window.
    pub(crate) fn rain(&mut self, backdrop: &Backdrop, amplitude: f32, seed: u64, t_s: f64) {
        if amplitude <= 0.0 {
            return;
        }
        self.draws_on_all();
        for &pixel in &backdrop.window {
            let (x, y) = (pixel as usize % self.width, pixel as usize / self.width);
            let fall = t_s / RAIN_STREAK_S + f64::from(unit(seed, 60, x as i64)) * 50.0 - y as f64 / 25.0;
            let change = amplitude * wander(seed, 1000 + (x / 2) as i64, fall) * (1 << CLEAN_BITS) as f32;
            let luma = &mut self.luma[pixel as usize];
            *luma = (f32::from(*luma) + change).clamp(0.0, f32::from(u8::MAX) * 16.0) as u16;
        }
    }
}

/// Pixels within `reach` of a middle, cut at the picture's edge.
pub(crate) fn span(middle: f32, reach: f32, len: usize) -> Range<usize> {
    let from = (middle - reach).floor().clamp(0.0, len as f32) as usize;
    let to = (middle + reach + 1.0).ceil().clamp(0.0, len as f32) as usize;
    from..to
}

/// Weights as 15-bit fractions.
fn weights(levels: &Levels) -> [u16; LAYERS] {
    levels.weights.map(|weight| (weight * 32_768.0).round().clamp(0.0, 65_535.0) as u16)
}

fn mix_luma(backdrop: &Backdrop, levels: &Levels) -> Vec<u16> {
    let [w0, w1, w2, w3] = weights(levels);
    let [l0, l1, l2, l3] = &backdrop.luma;
    let part = |layer: u16, weight: u16| ((u32::from(layer) * u32::from(weight)) >> 16) as u16;
    let highest = 255_u16 << CLEAN_BITS;
    let black = u16::from(LUMA_BLACK) << CLEAN_BITS;
    let layers = l0.iter().zip(l1).zip(l2).zip(l3);
    layers
        .map(|(((&a, &b), &c), &d)| (black + part(a, w0) + part(b, w1) + part(c, w2) + part(d, w3)).min(highest))
        .collect()
}

fn mix_chroma(layers: &[Vec<i16>; LAYERS], levels: &Levels) -> Vec<u8> {
    let [l0, l1, l2, l3] = layers;
    if levels.infrared {
        return vec![CHROMA_GREY; l0.len()];
    }
    let [w0, w1, w2, w3] = weights(levels).map(i32::from);
    let one = 1 << (15 + LAYER_BITS);
    l0.iter()
        .zip(l1)
        .zip(l2)
        .zip(l3)
        .map(|(((&a, &b), &c), &d)| {
            let sum = i32::from(a) * w0 + i32::from(b) * w1 + i32::from(c) * w2 + i32::from(d) * w3;
            (i32::from(CHROMA_GREY) + (sum + one / 2).div_euclid(one)).clamp(0, 255) as u8
        })
        .collect()
}

/// Where a pixel lies on a limb.
struct Touch {
    /// Share of the pixel that is covered.
    coverage: f32,
    depth_m: f32,
    /// Along the limb, 0..1.
    along: f32,
    /// From the axis: to the right and down, in radii.
    right: f32,
    down: f32,
}

impl Touch {
    /// Light comes from above and a little from the left; edges turn away from the camera.
    fn shading(&self) -> f32 {
        let edge = (self.right * self.right + self.down * self.down).min(1.0);
        1.02 - 0.16 * self.down - 0.09 * self.right - 0.22 * edge
    }
}

impl Stroke {
    fn new(lens: &Lens, limb: &Limb) -> Option<Self> {
        let (from, to) = (lens.project(limb.from)?, lens.project(limb.to)?);
        let way = crate::geometry::sub(limb.to, limb.from);
        let (dx, dy) = (to.x_px - from.x_px, to.y_px - from.y_px);
        Some(Self {
            from,
            to,
            radii_px: [limb.radius_from_m * lens.px_per_m(from.depth_m), limb.radius_to_m * lens.px_per_m(to.depth_m)],
            per_length_sq: 1.0 / (dx * dx + dy * dy).max(1e-6),
            length_m: crate::geometry::dot(way, way).sqrt(),
        })
    }

    /// Middle and half width of what a row may touch: a band around the axis, within the limb's box (`all`).
    fn row(&self, y_px: f32, reach_px: f32, all: (f32, f32)) -> (f32, f32) {
        let (dx, dy) = (self.to.x_px - self.from.x_px, self.to.y_px - self.from.y_px);
        let slope = dx / if dy.abs() < 1e-3 { 1e-3 } else { dy };
        let half = reach_px * (1.0 + slope * slope).sqrt();
        let middle = self.from.x_px + (y_px - self.from.y_px) * slope;
        // No point of the limb, its round ends included, is further from the axis's line than the reach.
        let low = (middle - half).max(all.0 - all.1).min(all.0 + all.1);
        let high = (middle + half).min(all.0 + all.1).max(all.0 - all.1);
        ((low + high) / 2.0, (high - low) / 2.0)
    }

    fn touch(&self, x_px: f32, y_px: f32) -> Option<Touch> {
        let (dx, dy) = (self.to.x_px - self.from.x_px, self.to.y_px - self.from.y_px);
        let (px, py) = (x_px - self.from.x_px, y_px - self.from.y_px);
        let along = ((px * dx + py * dy) * self.per_length_sq).clamp(0.0, 1.0);
        let radius_px = self.radii_px[0] + (self.radii_px[1] - self.radii_px[0]) * along;
        let (right, down) = (px - along * dx, py - along * dy);
        let (reach_px, distance_sq) = (radius_px + 0.5, right * right + down * down);
        if distance_sq >= reach_px * reach_px {
            return None;
        }
        let per_radius = 1.0 / radius_px.max(0.1);
        Some(Touch {
            coverage: (reach_px - distance_sq.sqrt()).min(1.0),
            depth_m: self.from.depth_m + (self.to.depth_m - self.from.depth_m) * along,
            along,
            right: right * per_radius,
            down: down * per_radius,
        })
    }
}

/// The repeating pattern of a cloth on one limb.
struct Pattern {
    cells: [f32; PATTERN_CELLS],
    cells_along: f32,
    cells_across: f32,
}

impl Pattern {
    fn new(cloth: &Cloth, stroke: &Stroke, seed: u64) -> Self {
        let radius_m = stroke.length_m.max(0.1) * stroke.radii_px[0]
            / ((stroke.to.x_px - stroke.from.x_px).hypot(stroke.to.y_px - stroke.from.y_px)).max(1.0);
        Self {
            cells: std::array::from_fn(|cell| 1.0 + cloth.pattern * (unit(seed, 80, cell as i64) - 0.5) * 2.0),
            cells_along: stroke.length_m / cloth.cell_m,
            cells_across: (radius_m / cloth.cell_m).clamp(0.5, 4.0),
        }
    }

    fn at(&self, touch: &Touch) -> f32 {
        // Neither is ever negative; 32-bit integers convert much faster than 64-bit ones.
        let along = (touch.along * self.cells_along) as i32;
        let across = ((touch.right + touch.down + 4.0) * self.cells_across) as i32;
        self.cells[(along * 7 + across * 5) as u32 as usize % PATTERN_CELLS]
    }
}
