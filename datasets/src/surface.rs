//! What the room's things look like: brightness and colour of a material at a point of it.

use crate::chance::{cloudy, unit};
use crate::geometry::Vec3;

/// What something is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Material {
    Wall,
    Ceiling,
    Floor,
    Wood,
    Books,
    Plastic,
    Cabinet,
    Poster,
    Screen,
    Window,
    Corridor,
    CorridorFloor,
    Bag,
    Carton,
    Coat,
    Cloth,
}

/// Reflectance (0..1) and its colour: blue and red difference per unit of brightness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tone {
    pub(crate) luma: f32,
    pub(crate) blue: f32,
    pub(crate) red: f32,
}

impl Tone {
    pub(crate) const fn new(luma: f32, blue: f32, red: f32) -> Self {
        Self { luma, blue, red }
    }
}

/// Coordinates on the face of a box whose normal is along `axis`.
fn face(point: Vec3, axis: usize) -> (f32, f32) {
    match axis {
        0 => (point[2], point[1]),
        1 => (point[0], point[2]),
        _ => (point[0], point[1]),
    }
}

/// One random value per cell of a grid.
fn speckle(seed: u64, u: f32, v: f32, cell_m: f32) -> f32 {
    unit(seed, (u / cell_m).floor() as i64, (v / cell_m).floor() as i64) - 0.5
}

/// The tone of a material at a point of a face with normal `axis`.
pub(crate) fn tone(material: Material, point: Vec3, axis: usize, seed: u64) -> Tone {
    let (u, v) = face(point, axis);
    match material {
        Material::Wall => wall(seed, u, v),
        Material::Ceiling => Tone::new(0.75, 0.0, 0.0),
        Material::Floor => floor(seed, u, v),
        Material::CorridorFloor => Tone::new(0.55 + 0.05 * cloudy(seed, u * 3.0, v * 3.0), 0.0, 0.02),
        Material::Wood => wood(seed, u, v),
        Material::Books => books(seed, u, v, axis),
        Material::Plastic => Tone::new(0.2 + 0.04 * speckle(seed, u, v, 0.02), 0.01, 0.0),
        Material::Cabinet => cabinet(seed, u, v),
        Material::Poster => poster(seed, u, v),
        Material::Screen => Tone::new(0.6 + 0.5 * speckle(seed, u, v, 0.015), 0.08, -0.03),
        Material::Window => window(seed, u, v),
        Material::Bag => Tone::new(0.17 + 0.05 * speckle(seed, u, v, 0.03), -0.03, 0.12),
        Material::Carton => carton(u, v),
        Material::Coat => coat(seed, u, v),
        Material::Cloth => Tone::new(0.4 + 0.03 * speckle(seed, u, v, 0.02), 0.06, -0.05),
        Material::Corridor => Tone::new(0.7 + 0.03 * cloudy(seed, u * 2.0, v * 2.0), -0.03, 0.02),
    }
}

fn wall(seed: u64, u: f32, v: f32) -> Tone {
    let plaster = 0.02 * cloudy(seed, u * 4.0, v * 4.0) + 0.02 * speckle(seed, u, v, 0.012);
    let skirting = if v < 0.12 { -0.25 } else { 0.0 };
    Tone::new(0.58 + plaster + skirting, -0.05, 0.015)
}

fn floor(seed: u64, u: f32, v: f32) -> Tone {
    const TILE_M: f32 = 0.4;
    const JOINT_M: f32 = 0.012;
    let joint = u.rem_euclid(TILE_M) < JOINT_M || v.rem_euclid(TILE_M) < JOINT_M;
    let tile = 0.05 * speckle(seed, u, v, TILE_M) + 0.03 * cloudy(seed, u * 9.0, v * 9.0);
    Tone::new(if joint { 0.3 } else { 0.44 + tile }, -0.02, 0.01)
}

fn wood(seed: u64, u: f32, v: f32) -> Tone {
    let grain = (v * 90.0 + 4.0 * cloudy(seed, u * 1.5, v * 6.0)).sin();
    Tone::new(0.36 + 0.045 * grain + 0.03 * speckle(seed, u, v, 0.02), -0.14, 0.1)
}

/// Binders of all greys on boards.
fn books(seed: u64, u: f32, v: f32, axis: usize) -> Tone {
    const BOARD_M: f32 = 0.36;
    const BINDER_M: f32 = 0.055;
    if axis == 1 {
        return wood(seed, u, v);
    }
    let (row, above_board) = ((v / BOARD_M).floor(), v.rem_euclid(BOARD_M));
    let column = (u / BINDER_M).floor();
    let random = |what: i64| unit(seed.wrapping_add(what as u64), column as i64, row as i64);
    if above_board < 0.03 {
        return Tone::new(0.4, -0.12, 0.08);
    }
    let gap = random(1) < 0.12 || above_board > 0.22 + 0.1 * random(2);
    if gap {
        return Tone::new(0.09, 0.0, 0.0);
    }
    let label = (0.1..0.16).contains(&above_board);
    let luma = if label { 0.75 } else { 0.12 + 0.5 * random(3) };
    Tone::new(luma, 0.12 * (random(4) - 0.5), 0.16 * (random(5) - 0.5))
}

fn cabinet(seed: u64, u: f32, v: f32) -> Tone {
    const DRAWER_M: f32 = 0.33;
    let in_drawer = v.rem_euclid(DRAWER_M);
    let seam = in_drawer < 0.015;
    let handle = (0.15..0.18).contains(&in_drawer) && u.rem_euclid(0.5) < 0.14;
    let luma = if seam {
        0.15
    } else if handle {
        0.7
    } else {
        0.42
    };
    Tone::new(luma + 0.015 * speckle(seed, u, v, 0.02), 0.02, -0.01)
}

fn poster(seed: u64, u: f32, v: f32) -> Tone {
    let letters = v.rem_euclid(0.05) < 0.03 && speckle(seed, u, v, 0.015) > 0.05;
    let luma = if letters { 0.25 } else { 0.7 };
    Tone::new(luma, 0.06 * cloudy(seed, u * 4.0, v * 4.0), 0.03)
}

/// Cardboard with a strip of tape over each face.
fn carton(u: f32, v: f32) -> Tone {
    let tape = (u.rem_euclid(0.45) - 0.22).abs() < 0.03;
    Tone::new(if tape { 0.62 } else { 0.42 + 0.02 * (v * 220.0).sin() }, -0.16, 0.09)
}

/// Folds that fall from a shoulder.
fn coat(seed: u64, u: f32, v: f32) -> Tone {
    let folds = 0.3 * (u * 55.0 + 1.5 * cloudy(seed, u * 6.0, v * 4.0)).sin();
    Tone::new(0.24 * (1.0 + folds) + 0.02 * speckle(seed, u, v, 0.02), 0.08, -0.04)
}

/// True on the bars between a window's panes.
pub(crate) fn is_window_bar(u: f32, v: f32) -> bool {
    const PANE_M: f32 = 0.62;
    const FRAME_M: f32 = 0.05;
    u.rem_euclid(PANE_M) < FRAME_M || v.rem_euclid(PANE_M) < FRAME_M
}

fn window(seed: u64, u: f32, v: f32) -> Tone {
    let frame = is_window_bar(u, v);
    let trees = 0.25 * (cloudy(seed, u * 5.0, v * 5.0) - (v - 1.5) * 0.6).clamp(-1.0, 1.0);
    Tone::new(if frame { 0.4 } else { 0.95 - trees.max(0.0) }, 0.05, -0.02)
}
