//! The empty room as the camera sees it, raycast once: one picture per source of light, and the depth of every pixel
//! that can hide a person.

use crate::geometry::{Lens, Vec3, add, dot, scale, sub};
use crate::light::{DAY, FIXED, INFRARED, LAMP, LAYERS};
use crate::rooms::{Block, CORRIDOR_M, DOOR_HEIGHT_M, Room};
use crate::surface::{Material, Tone, tone};
use rayon::prelude::*;

/// Luma of a white surface in full light, above black.
pub(crate) const LUMA_SPAN: f32 = 219.0;
/// Fraction bits of the layers: with weights of 15 bits, the upper half of the product has 4.
pub(crate) const LAYER_BITS: u32 = 5;
/// Rays per pixel are this number squared.
const RAYS: usize = 2;

/// Light from each source.
pub(crate) type Light = [f32; LAYERS];

/// The empty room.
#[derive(Clone, Debug)]
pub(crate) struct Backdrop {
    /// Luma above black per source, [`LAYER_BITS`] fraction bits.
    pub(crate) luma: [Vec<u16>; LAYERS],
    /// Blue and red difference per source at half the size, [`LAYER_BITS`] fraction bits.
    pub(crate) chroma: [[Vec<i16>; LAYERS]; 2],
    /// Depth of what hides people, metres; infinite where nothing can (the floor).
    pub(crate) depth_m: Vec<f32>,
    /// Pixels of the window, for rain.
    pub(crate) window: Vec<u32>,
}

/// What a ray meets.
struct Hit {
    depth_m: f32,
    point: Vec3,
    axis: usize,
    normal: Vec3,
    material: Material,
}

/// One pixel, before it is stored.
struct Pixel {
    luma: Light,
    blue: Light,
    red: Light,
    depth_m: f32,
    is_window: bool,
}

impl Backdrop {
    pub(crate) fn new(room: &Room, lens: &Lens, width: usize, height: usize, seed: u64) -> Self {
        let pixels = (0..width * height)
            .into_par_iter()
            .map(|at| pixel(room, lens, (at % width) as f32, (at / width) as f32, seed))
            .collect::<Vec<_>>();
        let fixed = |value: f32| (value * (1 << LAYER_BITS) as f32).round();
        let luma = std::array::from_fn(|layer| {
            pixels.iter().map(|pixel| fixed(pixel.luma[layer]).clamp(0.0, 65_535.0) as u16).collect()
        });
        let plane = |pick: fn(&Pixel) -> &Light, layer: usize| {
            let quarter = |at: usize| {
                let (x, y) = (2 * (at % (width / 2)), 2 * (at / (width / 2)));
                let near = [(0, 0), (1, 0), (0, 1), (1, 1)];
                let sum = near.iter().map(|(dx, dy)| pick(&pixels[(y + dy) * width + x + dx])[layer]).sum::<f32>();
                fixed(sum / 4.0).clamp(-32_768.0, 32_767.0) as i16
            };
            (0..width * height / 4).map(quarter).collect::<Vec<_>>()
        };
        Self {
            luma,
            chroma: [
                std::array::from_fn(|layer| plane(|pixel| &pixel.blue, layer)),
                std::array::from_fn(|layer| plane(|pixel| &pixel.red, layer)),
            ],
            depth_m: pixels.iter().map(|pixel| pixel.depth_m).collect(),
            window: (0..).zip(&pixels).filter(|(_, pixel)| pixel.is_window).map(|(at, _)| at).collect(),
        }
    }
}

fn pixel(room: &Room, lens: &Lens, x: f32, y: f32, seed: u64) -> Pixel {
    let mut pixel =
        Pixel { luma: [0.0; LAYERS], blue: [0.0; LAYERS], red: [0.0; LAYERS], depth_m: 0.0, is_window: false };
    let share = 1.0 / (RAYS * RAYS) as f32;
    for ray in 0..RAYS * RAYS {
        let offset = |part: usize| (part as f32 + 0.5) / RAYS as f32;
        let hit = cast(room, lens.at(), lens.ray(x + offset(ray % RAYS), y + offset(ray / RAYS)));
        let Tone { luma, blue, red } = tone(hit.material, hit.point, hit.axis, seed);
        let light = falling_on(room, &hit, lens.at());
        for (layer, light) in light.into_iter().enumerate() {
            let lit = luma.clamp(0.02, 1.0) * light * LUMA_SPAN * share;
            pixel.luma[layer] += lit;
            pixel.blue[layer] += blue * lit;
            pixel.red[layer] += red * lit;
        }
    }
    let middle = cast(room, lens.at(), lens.ray(x + 0.5, y + 0.5));
    let is_floor = matches!(middle.material, Material::Floor | Material::CorridorFloor);
    pixel.depth_m = if is_floor { f32::INFINITY } else { middle.depth_m };
    pixel.is_window = middle.material == Material::Window;
    pixel
}

/// The first thing on a ray.
fn cast(room: &Room, from: Vec3, ray: Vec3) -> Hit {
    let blocks = room.blocks.iter().chain([&room.window]);
    let nearest =
        blocks.filter_map(|block| Some((enter(block, from, ray)?, block))).min_by(|(a, _), (b, _)| a.0.total_cmp(&b.0));
    match nearest {
        Some(((depth_m, axis), block)) => hit(from, ray, depth_m, axis, block.material),
        None => shell(room, from, ray),
    }
}

fn hit(from: Vec3, ray: Vec3, depth_m: f32, axis: usize, material: Material) -> Hit {
    let mut normal = [0.0; 3];
    normal[axis] = -ray[axis].signum();
    Hit { depth_m, point: add(from, scale(ray, depth_m)), axis, normal, material }
}

/// Where a ray enters a box from outside: depth and axis of the face.
fn enter(block: &Block, from: Vec3, ray: Vec3) -> Option<(f32, usize)> {
    let (mut near, mut far, mut axis) = (0.05_f32, f32::INFINITY, usize::MAX);
    for side in 0..3 {
        let inverse = 1.0 / ray[side];
        let (a, b) = ((block.min[side] - from[side]) * inverse, (block.max[side] - from[side]) * inverse);
        if a.min(b) > near {
            (near, axis) = (a.min(b), side);
        }
        far = far.min(a.max(b));
    }
    (near < far && axis < 3).then_some((near, axis))
}

/// Where a ray leaves a box from inside.
fn leave(min: Vec3, max: Vec3, from: Vec3, ray: Vec3) -> (f32, usize) {
    (0..3)
        .map(|side| {
            let wall = if ray[side] > 0.0 { max[side] } else { min[side] };
            ((wall - from[side]) / ray[side], side)
        })
        .filter(|(depth_m, _)| *depth_m > 0.0)
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or((f32::INFINITY, 1))
}

/// The room's own walls, or the corridor behind its door.
fn shell(room: &Room, from: Vec3, ray: Vec3) -> Hit {
    let (depth_m, axis) = leave([0.0; 3], [room.width_m, room.height_m, room.depth_m], from, ray);
    let point = add(from, scale(ray, depth_m));
    let in_door = (room.door_m[0]..room.door_m[1]).contains(&point[0]) && point[1] < DOOR_HEIGHT_M;
    if axis == 2 && ray[2] > 0.0 && in_door {
        let (min, max) = ([-9.0, 0.0, room.depth_m], [room.width_m + 9.0, 2.8, room.depth_m + CORRIDOR_M]);
        let (depth_m, axis) = leave(min, max, from, ray);
        let material = if axis == 1 && ray[1] < 0.0 { Material::CorridorFloor } else { Material::Corridor };
        return hit(from, ray, depth_m, axis, material);
    }
    let material = match (axis, ray[1] > 0.0) {
        (1, true) => Material::Ceiling,
        (1, false) => Material::Floor,
        _ => Material::Wall,
    };
    hit(from, ray, depth_m, axis, material)
}

fn falling_on(room: &Room, hit: &Hit, camera: Vec3) -> Light {
    match hit.material {
        Material::Corridor | Material::CorridorFloor => corridor_light(),
        Material::Window => [0.0, 0.12, 1.15, 0.25],
        Material::Screen => [0.5, 0.25, 0.1, 0.3],
        _ => {
            let mut light = light_at(room, hit.point, hit.normal, camera);
            light[LAMP] *= 1.0 - 0.5 * shadow(room, hit);
            light
        }
    }
}

/// Light in the corridor: its own lamps.
pub(crate) fn corridor_light() -> Light {
    [0.8, 0.06, 0.05, 0.5]
}

/// Share of the lamps that furniture hides.
fn shadow(room: &Room, hit: &Hit) -> f32 {
    let from = add(hit.point, scale(hit.normal, 0.01));
    let hidden = room.lamps.iter().filter(|&&lamp| {
        let way = sub(lamp, from);
        room.blocks.iter().any(|block| enter(block, from, way).is_some_and(|(share, _)| share < 1.0))
    });
    hidden.count() as f32 / room.lamps.len().max(1) as f32
}

/// Light that falls on a surface of the room from each source, shadows aside.
pub(crate) fn light_at(room: &Room, point: Vec3, normal: Vec3, camera: Vec3) -> Light {
    let lamps = room.lamps.iter().map(|&lamp| {
        let (cosine, distance_sq) = towards(point, normal, lamp);
        cosine / distance_sq.max(0.5)
    });
    let lamp = 0.42 + 4.0 * lamps.sum::<f32>() / room.lamps.len().max(1) as f32;
    let middle = scale(add(room.window.min, room.window.max), 0.5);
    let (cosine, distance_sq) = towards(point, normal, middle);
    let day = 0.22 + 2.6 * cosine / (distance_sq + 1.0);
    let (cosine, distance_sq) = towards(point, normal, camera);
    let infrared = 0.15 + 16.0 * cosine / (distance_sq + 4.0);
    let mut light = [0.0; LAYERS];
    light[FIXED] = 0.03;
    light[LAMP] = lamp.min(1.3);
    light[DAY] = day.min(1.3);
    light[INFRARED] = infrared.min(1.2);
    light
}

/// Cosine between a surface's normal and the way to a light, and the squared distance.
fn towards(point: Vec3, normal: Vec3, light: Vec3) -> (f32, f32) {
    let way = sub(light, point);
    let distance_sq = dot(way, way).max(1e-4);
    ((dot(normal, way) / distance_sq.sqrt()).max(0.0), distance_sq)
}
