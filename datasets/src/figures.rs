//! A body from a pose: fourteen limbs as tapered capsules, in the room's metres, with what they wear.

use crate::behaviour::Pose;
use crate::chance::unit;
use crate::geometry::{Vec3, add, lerp, scale};
use crate::spec::{Clothing, PersonSpec};
use crate::surface::Tone;

/// A tapered capsule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limb {
    pub(crate) from: Vec3,
    pub(crate) to: Vec3,
    pub(crate) radius_from_m: f32,
    pub(crate) radius_to_m: f32,
    pub(crate) cloth: Cloth,
}

/// A colour with its texture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cloth {
    pub(crate) tone: Tone,
    /// Amplitude of the pattern, share of the brightness.
    pub(crate) pattern: f32,
    /// Size of the pattern's cells.
    pub(crate) cell_m: f32,
}

/// What one person wears and how tall they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looks {
    height_m: f32,
    shirt: Cloth,
    trousers: Cloth,
    skin: Cloth,
    hair: Cloth,
    shoes: Cloth,
}

/// Body height for which the proportions below are written.
const MODEL_HEIGHT_M: f32 = 1.68;
/// Height of the hip when seated on an office chair.
const SEAT_HIP_M: f32 = 0.52;
/// Height of hands at rest on a desk.
const DESK_HAND_M: f32 = 0.8;

const fn cloth(luma: f32, blue: f32, red: f32, pattern: f32, cell_m: f32) -> Cloth {
    Cloth { tone: Tone::new(luma, blue, red), pattern, cell_m }
}

impl Looks {
    pub(crate) fn new(spec: &PersonSpec, seed: u64) -> Self {
        let (shirt, trousers) = match spec.clothing {
            Clothing::Dark => (cloth(0.13, 0.05, 0.0, 0.12, 0.05), cloth(0.09, 0.02, 0.0, 0.1, 0.06)),
            Clothing::White => (cloth(0.86, 0.01, 0.0, 0.08, 0.06), cloth(0.12, 0.03, 0.0, 0.1, 0.06)),
            Clothing::Khaki => (cloth(0.46, -0.2, 0.08, 0.1, 0.05), cloth(0.4, -0.18, 0.08, 0.1, 0.06)),
            Clothing::Wall => (cloth(0.56, -0.04, 0.01, 0.05, 0.06), cloth(0.45, -0.02, 0.01, 0.06, 0.06)),
            Clothing::Batik => (cloth(0.34, -0.12, 0.22, 0.45, 0.035), cloth(0.1, 0.02, 0.0, 0.1, 0.06)),
        };
        let skin = 0.36 + 0.14 * unit(seed, 70, 0);
        Self {
            height_m: spec.height_m.clamp(1.0, 2.2),
            shirt,
            trousers,
            skin: cloth(skin, -0.16, 0.2, 0.04, 0.03),
            hair: cloth(0.06 + 0.05 * unit(seed, 71, 0), 0.0, 0.01, 0.2, 0.03),
            shoes: cloth(0.07, 0.0, 0.0, 0.05, 0.04),
        }
    }
}

/// The body's own axes at a pose.
struct Frame {
    at: [f32; 2],
    sin: f32,
    cos: f32,
    scale: f32,
}

impl Frame {
    /// A point given to the right of the body, up, and ahead of it.
    fn point(&self, right_m: f32, up_m: f32, ahead_m: f32) -> Vec3 {
        [
            self.at[0] + right_m * self.cos + ahead_m * self.sin,
            up_m,
            self.at[1] - right_m * self.sin + ahead_m * self.cos,
        ]
    }
}

/// The limbs of a person, in no order.
pub(crate) fn limbs(pose: &Pose, looks: &Looks) -> Vec<Limb> {
    let (sin, cos) = pose.heading_rad.sin_cos();
    let frame = Frame { at: pose.at, sin, cos, scale: looks.height_m / MODEL_HEIGHT_M };
    let mut limbs = Vec::with_capacity(16);
    for side in [-1.0, 1.0] {
        leg(&mut limbs, &frame, pose, looks, side);
        arm(&mut limbs, &frame, pose, looks, side);
    }
    trunk(&mut limbs, &frame, pose, looks);
    head(&mut limbs, &frame, pose, looks);
    limbs
}

fn limb(from: Vec3, to: Vec3, radii_m: [f32; 2], scale: f32, cloth: Cloth) -> Limb {
    Limb { from, to, radius_from_m: radii_m[0] * scale, radius_to_m: radii_m[1] * scale, cloth }
}

/// Height of the hip.
fn hip_m(frame: &Frame, pose: &Pose) -> f32 {
    let bob = 0.015 * (2.0 * pose.stride_rad).cos() * pose.walking;
    let standing = 0.9 * frame.scale + bob;
    standing + (SEAT_HIP_M - standing) * pose.seated
}

/// How far the trunk is ahead of the feet at a share of its height: leaning, and sitting back.
fn trunk_point(frame: &Frame, pose: &Pose, right_m: f32, above_hip_m: f32) -> Vec3 {
    let (lean_sin, lean_cos) = pose.micro.lean_rad.sin_cos();
    let sway_m = pose.micro.sway_m * above_hip_m / 0.5;
    frame.point(
        right_m * frame.scale + sway_m,
        hip_m(frame, pose) + above_hip_m * frame.scale * lean_cos,
        above_hip_m * frame.scale * lean_sin,
    )
}

fn leg(limbs: &mut Vec<Limb>, frame: &Frame, pose: &Pose, looks: &Looks, side: f32) {
    let scale = frame.scale;
    let swing = 0.45 * (pose.stride_rad).sin() * side * pose.walking;
    let bend = 0.5 * (pose.stride_rad + 1.2 * side).cos().max(0.0) * pose.walking;
    let right_m = 0.1 * scale * side;
    let hip_up_m = hip_m(frame, pose);
    let hip = frame.point(right_m, hip_up_m, 0.0);
    let thigh_m = 0.43 * scale;
    let standing_knee = frame.point(right_m, hip_up_m - thigh_m * swing.cos(), thigh_m * swing.sin());
    let seated_knee = frame.point(right_m * 1.4, SEAT_HIP_M + 0.02, 0.42 * scale);
    let knee = lerp(standing_knee, seated_knee, pose.seated);
    let shin = swing - bend;
    let drop_m = (0.42 * scale).min(knee[1]);
    let standing_ankle = add(knee, sub_frame(frame, -drop_m * shin.cos(), drop_m * shin.sin()));
    let seated_ankle = frame.point(right_m * 1.2, 0.07, 0.38 * scale);
    let mut ankle = lerp(standing_ankle, seated_ankle, pose.seated);
    ankle[1] = ankle[1].max(0.06);
    let toe = add(ankle, sub_frame(frame, -0.02, 0.15 * scale));
    limbs.push(limb(hip, knee, [0.085, 0.06], scale, looks.trousers));
    limbs.push(limb(knee, ankle, [0.06, 0.045], scale, looks.trousers));
    limbs.push(limb(ankle, toe, [0.045, 0.04], scale, looks.shoes));
}

/// A displacement up and ahead.
fn sub_frame(frame: &Frame, up_m: f32, ahead_m: f32) -> Vec3 {
    [ahead_m * frame.sin, up_m, ahead_m * frame.cos]
}

fn arm(limbs: &mut Vec<Limb>, frame: &Frame, pose: &Pose, looks: &Looks, side: f32) {
    let scale = frame.scale;
    let index = usize::from(side > 0.0);
    let micro = &pose.micro;
    let shoulder = trunk_point(frame, pose, 0.19 * side, 0.5);
    let swing = -0.4 * pose.stride_rad.sin() * side * pose.walking;
    // Standing people lift a forearm now and then (papers, a telephone).
    let lift = micro.reach[index].max(0.0) * (1.0 - pose.seated);
    let hang = add(shoulder, sub_frame(frame, -0.28 * scale * swing.cos(), 0.28 * scale * swing.sin()));
    let forearm = swing + 0.15 + 1.5 * lift;
    let hang_hand = add(hang, sub_frame(frame, -0.25 * scale * forearm.cos(), 0.25 * scale * forearm.sin()));
    let reach = micro.reach[index];
    let desk_hand = frame.point(
        (0.16 + 0.1 * reach) * side + micro.sway_m * 0.5,
        DESK_HAND_M + micro.typing_m[index].abs() + 0.16 * (-reach - 0.45).max(0.0),
        0.36 + 0.12 * reach + micro.typing_m[index],
    );
    let desk_elbow =
        add(lerp(shoulder, desk_hand, 0.5), add(scale_right(frame, 0.07 * side), [0.0, -0.09 * scale, 0.0]));
    let elbow = lerp(hang, desk_elbow, pose.seated);
    let hand = lerp(hang_hand, desk_hand, pose.seated);
    limbs.push(limb(shoulder, elbow, [0.062, 0.05], scale, looks.shirt));
    limbs.push(limb(elbow, hand, [0.047, 0.035], scale, looks.shirt));
    let finger = lerp(elbow, hand, 1.25);
    limbs.push(limb(hand, finger, [0.04, 0.035], scale, looks.skin));
}

fn scale_right(frame: &Frame, right_m: f32) -> Vec3 {
    scale([frame.cos, 0.0, -frame.sin], right_m)
}

fn trunk(limbs: &mut Vec<Limb>, frame: &Frame, pose: &Pose, looks: &Looks) {
    let chest_m = 0.11 + pose.micro.breath_m;
    for side in [-1.0, 1.0] {
        let (low, high) = (trunk_point(frame, pose, 0.08 * side, 0.02), trunk_point(frame, pose, 0.11 * side, 0.47));
        limbs.push(limb(low, high, [0.11, chest_m], frame.scale, looks.shirt));
    }
    let (low, high) = (trunk_point(frame, pose, 0.0, 0.05), trunk_point(frame, pose, 0.0, 0.42));
    limbs.push(limb(low, high, [0.14, 0.13 + pose.micro.breath_m], frame.scale, looks.shirt));
}

fn head(limbs: &mut Vec<Limb>, frame: &Frame, pose: &Pose, looks: &Looks) {
    let micro = &pose.micro;
    let neck = trunk_point(frame, pose, 0.0, 0.54);
    let (yaw_sin, yaw_cos) = (pose.heading_rad + micro.head_yaw_rad).sin_cos();
    let (pitch_sin, pitch_cos) = (micro.head_pitch_rad - 0.12).sin_cos();
    // The head's own axes: where the nose points, and up.
    let nose = [yaw_sin * pitch_cos, pitch_sin, yaw_cos * pitch_cos];
    let up = [-yaw_sin * pitch_sin, pitch_cos, -yaw_cos * pitch_sin];
    let at =
        |up_m: f32, ahead_m: f32| add(neck, add(scale(up, up_m * frame.scale), scale(nose, ahead_m * frame.scale)));
    limbs.push(limb(trunk_point(frame, pose, 0.0, 0.48), at(0.03, 0.0), [0.06, 0.055], frame.scale, looks.skin));
    limbs.push(limb(at(0.07, 0.035), at(0.16, 0.025), [0.075, 0.09], frame.scale, looks.skin));
    limbs.push(limb(at(0.13, -0.035), at(0.2, -0.005), [0.092, 0.088], frame.scale, looks.hair));
}
