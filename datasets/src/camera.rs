//! What the camera itself does to a picture: shake, turns and zooms, jumps of its exposure.

use crate::chance::{smoothstep, wander};
use crate::geometry::View;
use crate::spec::{CameraSpec, ExposureStep, ViewChange};

/// A shaking camera drifts within this time, and trembles this often.
const DRIFT_S: f64 = 3.0;
const TREMBLE_HZ: f64 = 6.0;
/// Share of the drift in the shake.
const DRIFT_SHARE: f32 = 0.6;
/// An exposure jumps within this time.
const JUMP_S: f64 = 0.3;
/// Random channels: drift and tremble, right and down.
const SHAKE: [[i64; 2]; 2] = [[910, 911], [912, 913]];
/// Fraction bits of the weights of neighbouring pixels.
const TAP_BITS: u32 = 7;

/// The room's view as changed by then.
pub(crate) fn view(plan: &View, spec: &CameraSpec, t_s: f64) -> View {
    let Some(ViewChange { yaw_deg, pitch_deg, zoom, .. }) = spec.views.iter().rfind(|view| view.at_s <= t_s) else {
        return *plan;
    };
    let half = (plan.field_of_view_deg / 2.0).to_radians().tan() / zoom.max(0.2);
    View {
        at: plan.at,
        yaw_deg: plan.yaw_deg + yaw_deg,
        pitch_down_deg: plan.pitch_down_deg + pitch_deg,
        field_of_view_deg: 2.0 * half.atan().to_degrees(),
    }
}

/// How far the picture is moved to the right and down, pixels.
pub(crate) fn shake_px(spec: &CameraSpec, width_px: usize, seed: u64, t_s: f64) -> [f32; 2] {
    let reach_px = spec.shake * width_px as f32;
    if reach_px == 0.0 {
        return [0.0; 2];
    }
    SHAKE.map(|[drift, tremble]| {
        let slow = wander(seed, drift, t_s / DRIFT_S);
        let fast = wander(seed, tremble, t_s * TREMBLE_HZ);
        reach_px * (DRIFT_SHARE * slow + (1.0 - DRIFT_SHARE) * fast)
    })
}

/// Gain and offset (grey levels) at a time, if they are not 1 and 0.
pub(crate) fn exposure(spec: &CameraSpec, t_s: f64) -> Option<(f32, f32)> {
    const USUAL: ExposureStep = ExposureStep { at_s: 0.0, gain: 1.0, offset: 0.0 };
    let after = spec.exposure.partition_point(|step| step.at_s <= t_s);
    let now = spec.exposure.get(after.checked_sub(1)?)?;
    let before = after.checked_sub(2).map_or(USUAL, |index| spec.exposure[index]);
    let share = smoothstep(((t_s - now.at_s) / JUMP_S) as f32);
    let blend = |from: f32, to: f32| from + (to - from) * share;
    let (gain, offset) = (blend(before.gain, now.gain), blend(before.offset, now.offset));
    (gain != 1.0 || offset != 0.0).then_some((gain, offset))
}

/// Weights of four neighbouring pixels at a fraction between the middle two (Catmull and Rom's spline, which keeps
/// texture as sharp between pixels as on them); their sum is one in [`TAP_BITS`].
fn taps(fraction: f32) -> [i32; 4] {
    let f = fraction;
    let exact = [
        ((2.0 - f) * f - 1.0) * f / 2.0,
        ((3.0 * f - 5.0) * f * f + 2.0) / 2.0,
        ((4.0 - 3.0 * f) * f + 1.0) * f / 2.0,
        (f - 1.0) * f * f / 2.0,
    ];
    let mut taps = exact.map(|weight| (weight * (1 << TAP_BITS) as f32).round() as i32);
    let rest = (1 << TAP_BITS) - taps.iter().sum::<i32>();
    taps[if f < 0.5 { 1 } else { 2 }] += rest;
    taps
}

/// Moves a plane to the right and down by a part of a pixel or more; its edges are repeated.
pub(crate) fn shift<T>(plane: &mut [T], width: usize, by_px: [f32; 2], highest: i32)
where
    T: Copy + Default + Into<i32> + TryFrom<i32>,
{
    let height = plane.len() / width;
    let source = plane.to_vec();
    let start = by_px.map(|px| (-px).floor());
    let [across, down] = [0, 1].map(|axis| taps(-by_px[axis] - start[axis]));
    let row_at = |row: isize| {
        let row = row.clamp(0, height as isize - 1) as usize;
        &source[row * width..(row + 1) * width]
    };
    let mut between = vec![0_i32; width + 3];
    for (row, out) in plane.chunks_exact_mut(width).enumerate() {
        let rows = [-1, 0, 1, 2].map(|tap| row_at(row as isize + start[1] as isize + tap));
        for (column, value) in between.iter_mut().enumerate() {
            let from = (column as isize + start[0] as isize - 1).clamp(0, width as isize - 1) as usize;
            *value = rows.iter().zip(down).map(|(row, tap)| row[from].into() * tap).sum();
        }
        for (value, near) in out.iter_mut().zip(between.windows(4)) {
            let sum = near.iter().zip(across).map(|(value, tap)| value * tap).sum::<i32>();
            let rounded = (sum + (1 << (2 * TAP_BITS - 1))) >> (2 * TAP_BITS);
            // A clamped value fits; the default is never taken.
            *value = T::try_from(rounded.clamp(0, highest)).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_by_whole_pixels_moves_them_and_a_flat_plane_stays_flat() {
        let mut plane = (0..48_u8).collect::<Vec<_>>();
        shift(&mut plane, 8, [2.0, 1.0], 255);
        assert_eq!(plane[8..16], [0, 0, 0, 1, 2, 3, 4, 5]);
        assert_eq!(plane[40..48], [32, 32, 32, 33, 34, 35, 36, 37]);
        let mut flat = vec![977_u16; 64];
        shift(&mut flat, 8, [0.37, -1.61], 4095);
        assert!(flat.iter().all(|&value| value == 977));
    }

    #[test]
    fn half_a_pixel_lies_between() {
        let mut plane = vec![10_u8, 10, 10, 10, 50, 50, 50, 50];
        shift(&mut plane, 8, [0.5, 0.0], 255);
        assert_eq!(plane[4], 30);
    }
}
