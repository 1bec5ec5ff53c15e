//! The rooms: walls, furniture, spots to be at, and where the camera hangs.

use crate::geometry::{Vec3, View};
use crate::spec::RoomKind;
use crate::surface::Material;
use std::f32::consts::PI;

mod hall;

/// An axis-aligned box of the room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub(crate) min: Vec3,
    pub(crate) max: Vec3,
    pub(crate) material: Material,
}

/// A place where people sit or stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    pub(crate) name: &'static str,
    /// x and z, metres.
    pub(crate) at: [f32; 2],
    pub(crate) facing_rad: f32,
    pub(crate) seated: bool,
    /// Corners of the way from the door, so that nobody walks through a desk.
    pub(crate) via: &'static [[f32; 2]],
}

/// A room without its people.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) width_m: f32,
    pub(crate) depth_m: f32,
    pub(crate) height_m: f32,
    /// From and to x of the door in the back wall.
    pub(crate) door_m: [f32; 2],
    /// x in the corridor where nobody is seen.
    pub(crate) hidden_x_m: f32,
    /// A flat box on a wall.
    pub(crate) window: Block,
    pub(crate) blocks: Vec<Block>,
    pub(crate) spots: &'static [Spot],
    pub(crate) lamps: Vec<Vec3>,
    pub(crate) view: View,
}

/// Height of every door.
pub(crate) const DOOR_HEIGHT_M: f32 = 2.1;
/// Depth of the corridor behind every door.
pub(crate) const CORRIDOR_M: f32 = 1.8;
/// Depth into the corridor where people walk.
pub(crate) const CORRIDOR_LANE_M: f32 = 0.9;

impl Room {
    pub(crate) fn new(kind: RoomKind) -> Self {
        match kind {
            RoomKind::Office => office(),
            RoomKind::Counter => counter(),
            RoomKind::Records => records(),
            RoomKind::Hall => hall::hall(),
        }
    }

    pub(crate) fn spot(&self, name: &str) -> Option<&'static Spot> {
        self.spots.iter().find(|spot| spot.name == name)
    }

    /// x of the door's middle.
    pub(crate) fn door_x_m(&self) -> f32 {
        (self.door_m[0] + self.door_m[1]) / 2.0
    }
}

pub(crate) fn block(x: [f32; 2], y: [f32; 2], z: [f32; 2], material: Material) -> Block {
    Block { min: [x[0], y[0], z[0]], max: [x[1], y[1], z[1]], material }
}

/// A desk with a closed front below its top.
fn desk(blocks: &mut Vec<Block>, x: [f32; 2], z: [f32; 2]) {
    blocks.push(block([x[0] + 0.04, x[1] - 0.04], [0.08, 0.71], [z[0] + 0.04, z[1] - 0.3], Material::Wood));
    blocks.push(block(x, [0.71, 0.75], z, Material::Wood));
}

/// A monitor on a desk; `x`, `z` of its middle.
pub(crate) fn monitor(blocks: &mut Vec<Block>, x: f32, z: f32, screen: Material) {
    blocks.push(block([x - 0.24, x + 0.24], [0.86, 1.16], [z - 0.02, z + 0.02], screen));
    blocks.push(block([x - 0.04, x + 0.04], [0.75, 0.86], [z - 0.03, z + 0.03], Material::Plastic));
}

/// The back of a chair, `x`, `z` of its middle, and the seat before it (`ahead`: 1 towards +z, -1 towards -z).
pub(crate) fn chair(blocks: &mut Vec<Block>, x: f32, z: f32, ahead: f32) {
    let seat_z = z + 0.25 * ahead;
    blocks.push(block([x - 0.22, x + 0.22], [0.38, 0.43], [seat_z - 0.22, seat_z + 0.22], Material::Plastic));
    blocks.push(block([x - 0.03, x + 0.03], [0.0, 0.38], [seat_z - 0.03, seat_z + 0.03], Material::Plastic));
    blocks.push(block([x - 0.21, x + 0.21], [0.55, 0.95], [z - 0.03, z + 0.03], Material::Plastic));
}

/// Papers and things on a desk.
fn papers(blocks: &mut Vec<Block>, x: f32, z: f32) {
    blocks.push(block([x - 0.11, x + 0.11], [0.75, 0.79], [z - 0.15, z + 0.15], Material::Poster));
}

const OFFICE_SPOTS: &[Spot] = &[
    Spot { name: "desk-a", at: [2.9, 5.14], facing_rad: PI, seated: true, via: &[[1.35, 5.25]] },
    Spot {
        name: "desk-b",
        at: [5.0, 4.92],
        facing_rad: PI,
        seated: true,
        via: &[[1.5, 4.9], [1.7, 3.8], [3.95, 3.7], [3.95, 5.1]],
    },
    Spot { name: "desk-c", at: [3.9, 1.96], facing_rad: 0.0, seated: true, via: &[[1.5, 4.6], [2.5, 2.1]] },
    Spot { name: "shelf", at: [4.2, 5.3], facing_rad: 0.0, seated: false, via: &[[1.5, 4.9], [1.7, 3.8], [3.95, 3.7]] },
    Spot { name: "floor", at: [2.1, 3.3], facing_rad: -2.2, seated: false, via: &[[1.5, 4.9], [1.7, 3.8]] },
    Spot { name: "window", at: [5.9, 3.3], facing_rad: PI / 2.0, seated: false, via: &[[1.5, 4.9], [1.7, 3.7]] },
];

fn office() -> Room {
    let mut blocks = Vec::new();
    desk(&mut blocks, [2.2, 3.6], [4.1, 4.82]);
    desk(&mut blocks, [4.3, 5.7], [3.9, 4.6]);
    // Seen from behind, its closed side is away from the camera.
    blocks.push(block([3.2, 4.6], [0.71, 0.75], [2.3, 3.0], Material::Wood));
    blocks.push(block([3.24, 4.56], [0.08, 0.71], [2.9, 2.96], Material::Wood));
    monitor(&mut blocks, 2.45, 4.3, Material::Plastic);
    monitor(&mut blocks, 5.45, 4.1, Material::Plastic);
    monitor(&mut blocks, 4.2, 2.75, Material::Screen);
    papers(&mut blocks, 3.3, 4.3);
    papers(&mut blocks, 4.6, 4.2);
    papers(&mut blocks, 3.45, 2.6);
    chair(&mut blocks, 2.9, 5.42, -1.0);
    chair(&mut blocks, 5.0, 5.2, -1.0);
    chair(&mut blocks, 3.9, 1.66, 1.0);
    blocks.push(block([2.3, 5.0], [0.0, 1.9], [5.68, 6.0], Material::Books));
    blocks.push(block([5.2, 6.2], [0.0, 1.35], [5.5, 6.0], Material::Cabinet));
    blocks.push(block([5.3, 6.1], [1.6, 2.2], [5.98, 6.0], Material::Poster));
    Room {
        width_m: 6.4,
        depth_m: 6.0,
        height_m: 2.9,
        door_m: [0.9, 1.8],
        hidden_x_m: 3.4,
        window: block([6.38, 6.4], [1.0, 2.2], [2.4, 4.8], Material::Window),
        blocks,
        spots: OFFICE_SPOTS,
        lamps: vec![[2.2, 2.85, 3.0], [4.4, 2.85, 3.0], [3.3, 2.85, 5.0]],
        view: View { at: [0.3, 2.6, 0.2], yaw_deg: 36.0, pitch_down_deg: 22.0, field_of_view_deg: 80.0 },
    }
}

const COUNTER_SPOTS: &[Spot] = &[
    Spot { name: "staff-a", at: [2.2, 4.66], facing_rad: PI, seated: true, via: &[[6.2, 5.5], [5.6, 5.3], [2.8, 5.2]] },
    Spot { name: "staff-b", at: [4.2, 4.66], facing_rad: PI, seated: true, via: &[[6.2, 5.5], [5.6, 5.3], [4.6, 5.2]] },
    Spot {
        name: "visitor-a",
        at: [2.3, 3.12],
        facing_rad: 0.0,
        seated: false,
        via: &[[6.2, 5.0], [6.0, 2.9], [3.2, 2.7]],
    },
    Spot {
        name: "visitor-b",
        at: [3.3, 3.08],
        facing_rad: 0.0,
        seated: false,
        via: &[[6.2, 5.0], [6.0, 2.9], [4.0, 2.7]],
    },
    Spot { name: "visitor-c", at: [4.3, 3.1], facing_rad: 0.1, seated: false, via: &[[6.2, 5.0], [6.0, 3.0]] },
    Spot {
        name: "bench-a",
        at: [0.75, 2.6],
        facing_rad: PI / 2.0,
        seated: true,
        via: &[[6.2, 5.0], [6.0, 2.8], [1.4, 2.5]],
    },
    Spot {
        name: "bench-b",
        at: [0.75, 1.9],
        facing_rad: PI / 2.0,
        seated: true,
        via: &[[6.2, 5.0], [6.0, 2.8], [1.4, 2.0]],
    },
];

fn counter() -> Room {
    let mut blocks = vec![
        block([1.0, 5.3], [0.0, 0.92], [3.5, 3.62], Material::Cabinet),
        block([0.95, 5.35], [0.92, 0.96], [3.42, 3.75], Material::Wood),
        block([1.0, 5.3], [0.68, 0.72], [3.75, 4.35], Material::Wood),
        block([0.3, 0.95], [0.4, 0.45], [1.4, 3.1], Material::Plastic),
        block([0.8, 4.8], [0.0, 1.8], [6.15, 6.5], Material::Books),
        block([2.6, 4.6], [1.95, 2.4], [6.47, 6.5], Material::Poster),
        block([0.0, 0.03], [1.3, 2.1], [4.6, 5.8], Material::Poster),
    ];
    monitor(&mut blocks, 1.65, 4.1, Material::Plastic);
    monitor(&mut blocks, 4.75, 4.1, Material::Plastic);
    papers(&mut blocks, 2.7, 4.05);
    chair(&mut blocks, 2.2, 4.94, -1.0);
    chair(&mut blocks, 4.2, 4.94, -1.0);
    Room {
        width_m: 7.0,
        depth_m: 6.5,
        height_m: 3.0,
        door_m: [5.7, 6.6],
        hidden_x_m: 4.0,
        window: block([0.0, 0.02], [1.0, 2.3], [0.8, 3.4], Material::Window),
        blocks,
        spots: COUNTER_SPOTS,
        lamps: vec![[2.0, 2.95, 2.2], [4.8, 2.95, 2.2], [2.0, 2.95, 5.0], [4.8, 2.95, 5.0]],
        view: View { at: [6.6, 2.7, 0.3], yaw_deg: -33.0, pitch_down_deg: 22.0, field_of_view_deg: 80.0 },
    }
}

const RECORDS_SPOTS: &[Spot] = &[
    Spot { name: "shelf-a", at: [1.1, 3.6], facing_rad: -PI / 2.0, seated: false, via: &[[3.9, 4.2], [2.0, 3.9]] },
    Spot { name: "shelf-b", at: [2.2, 4.2], facing_rad: 0.0, seated: false, via: &[[3.9, 4.3]] },
    Spot { name: "table-a", at: [2.9, 3.35], facing_rad: PI, seated: true, via: &[[3.9, 4.1], [3.0, 3.8]] },
    Spot { name: "table-b", at: [4.05, 2.5], facing_rad: -PI / 2.0, seated: true, via: &[[4.2, 4.0], [4.4, 3.0]] },
];

fn records() -> Room {
    let mut blocks = vec![
        block([0.0, 0.4], [0.0, 2.2], [2.2, 5.0], Material::Books),
        block([0.6, 3.2], [0.0, 2.2], [4.62, 5.0], Material::Books),
        block([4.6, 5.0], [0.0, 1.4], [0.8, 2.2], Material::Cabinet),
    ];
    desk(&mut blocks, [2.2, 3.6], [2.1, 2.98]);
    papers(&mut blocks, 2.6, 2.5);
    chair(&mut blocks, 2.9, 3.65, -1.0);
    Room {
        width_m: 5.0,
        depth_m: 5.0,
        height_m: 2.8,
        door_m: [3.6, 4.5],
        hidden_x_m: 1.9,
        window: block([4.98, 5.0], [1.5, 2.2], [2.6, 3.8], Material::Window),
        blocks,
        spots: RECORDS_SPOTS,
        lamps: vec![[2.5, 2.75, 2.5]],
        view: View { at: [0.5, 2.5, 0.2], yaw_deg: 34.0, pitch_down_deg: 24.0, field_of_view_deg: 82.0 },
    }
}
