//! Randomness without state: every draw is a hash of a seed and what is drawn, so that any frame can be made alone.

/// A well-mixed 64-bit hash (the finaliser of SplitMix64).
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A hash of a seed and two coordinates.
pub(crate) fn draw(seed: u64, a: i64, b: i64) -> u64 {
    mix(mix(seed ^ mix(a as u64)).wrapping_add(b as u64))
}

/// Evenly distributed in 0..1.
pub(crate) fn unit(seed: u64, a: i64, b: i64) -> f32 {
    (draw(seed, a, b) >> 40) as f32 / (1u64 << 24) as f32
}

/// 0 below 0, 1 above 1, smooth between.
pub(crate) fn smoothstep(x: f32) -> f32 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

/// Smooth noise over time or length, -1..1, with one independent value per unit of `x`.
pub(crate) fn wander(seed: u64, channel: i64, x: f64) -> f32 {
    let cell = x.floor();
    let ends = [0, 1].map(|step| unit(seed, channel, cell as i64 + step) * 2.0 - 1.0);
    ends[0] + (ends[1] - ends[0]) * smoothstep((x - cell) as f32)
}

/// Smooth noise over a plane, -1..1, with one independent value per unit square.
pub(crate) fn cloudy(seed: u64, x: f32, y: f32) -> f32 {
    let (cell_x, cell_y) = (x.floor(), y.floor());
    let corner = |dx: i64, dy: i64| unit(seed, cell_x as i64 + dx, cell_y as i64 + dy) * 2.0 - 1.0;
    let (fx, fy) = (smoothstep(x - cell_x), smoothstep(y - cell_y));
    let top = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * fx;
    let bottom = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * fx;
    top + (bottom - top) * fy
}
