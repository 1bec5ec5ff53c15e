//! A public hall: people walk in by the dozen, stand about, wait on benches and go.

use super::{Block, Room, Spot, block};
use crate::geometry::View;
use crate::surface::Material;
use std::f32::consts::FRAC_PI_2;

const fn standing(name: &'static str, at: [f32; 2], facing_rad: f32) -> Spot {
    Spot { name, at, facing_rad, seated: false, via: &[] }
}

const fn waiting(name: &'static str, at: [f32; 2], facing_rad: f32) -> Spot {
    Spot { name, at, facing_rad, seated: true, via: &[] }
}

/// Unevenly over the floor, so that some hide others.
const SPOTS: &[Spot] = &[
    standing("floor-1", [8.3, 7.9], -0.6),
    standing("floor-2", [11.1, 7.8], -0.6),
    standing("floor-3", [15.1, 9.0], 1.6),
    standing("floor-4", [6.6, 11.1], -1.4),
    standing("floor-5", [9.1, 10.4], -1.8),
    standing("floor-6", [12.7, 11.5], 1.9),
    standing("floor-7", [15.3, 10.5], -1.2),
    standing("floor-8", [17.4, 11.4], 2.2),
    standing("floor-9", [5.6, 12.8], 0.7),
    standing("floor-10", [8.3, 13.5], -2.0),
    standing("floor-11", [10.8, 12.8], 2.7),
    standing("floor-12", [13.8, 13.6], -1.2),
    standing("floor-13", [16.6, 13.6], 2.4),
    standing("floor-14", [19.2, 13.5], -0.5),
    standing("floor-15", [4.7, 16.4], -2.1),
    standing("floor-16", [7.3, 17.0], -2.8),
    standing("floor-17", [9.7, 16.7], -1.4),
    standing("floor-18", [13.1, 16.5], -1.0),
    standing("floor-19", [16.5, 16.0], -0.5),
    standing("floor-20", [18.9, 16.7], -1.4),
    standing("floor-21", [5.3, 20.4], -1.1),
    standing("floor-22", [9.1, 20.6], -2.5),
    standing("floor-23", [14.5, 19.6], 1.6),
    standing("floor-24", [18.5, 19.6], -1.0),
    standing("floor-25", [6.0, 22.9], -2.8),
    standing("floor-26", [10.3, 23.6], 2.8),
    standing("floor-27", [14.1, 23.7], -3.0),
    standing("floor-28", [16.8, 23.7], 1.7),
    standing("floor-29", [8.1, 26.7], 0.7),
    standing("floor-30", [16.4, 25.7], -1.9),
    waiting("bench-1", [1.3, 19.2], FRAC_PI_2),
    waiting("bench-2", [1.3, 20.7], FRAC_PI_2),
    waiting("bench-3", [1.3, 22.2], FRAC_PI_2),
    waiting("bench-4", [1.3, 23.7], FRAC_PI_2),
    waiting("bench-5", [22.7, 19.6], -FRAC_PI_2),
    waiting("bench-6", [22.7, 21.1], -FRAC_PI_2),
    waiting("bench-7", [22.7, 22.6], -FRAC_PI_2),
    waiting("bench-8", [22.7, 24.1], -FRAC_PI_2),
];

fn bench(x: [f32; 2]) -> Block {
    block(x, [0.38, 0.45], [18.6, 24.8], Material::Wood)
}

pub(super) fn hall() -> Room {
    let blocks = vec![
        bench([0.8, 1.6]),
        bench([22.4, 23.2]),
        block([1.0, 7.5], [0.0, 1.1], [28.0, 28.7], Material::Cabinet),
        block([16.5, 23.0], [0.0, 1.1], [28.0, 28.7], Material::Cabinet),
        block([1.5, 7.0], [2.6, 4.0], [29.96, 30.0], Material::Poster),
        block([17.0, 22.5], [2.6, 4.0], [29.96, 30.0], Material::Poster),
    ];
    let lamps = [6.0, 14.0, 22.0].into_iter().flat_map(|z| [6.0, 12.0, 18.0].map(|x| [x, 6.9, z]));
    Room {
        width_m: 24.0,
        depth_m: 30.0,
        height_m: 7.0,
        door_m: [9.0, 15.0],
        hidden_x_m: 5.0,
        window: block([0.0, 0.02], [2.5, 5.5], [10.0, 18.0], Material::Window),
        blocks,
        spots: SPOTS,
        lamps: lamps.collect(),
        view: View { at: [12.0, 6.0, 0.2], yaw_deg: 0.0, pitch_down_deg: 24.0, field_of_view_deg: 60.0 },
    }
}
