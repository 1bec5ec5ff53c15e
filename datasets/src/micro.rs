//! The small movements of people who stay where they are: typing, turning the head, leaning, reaching, breathing.
//!
//! Each joint is a channel that holds a value for a few seconds and then moves to the next within about a second. Two
//! moods alternate (busy, reading: longer holds), and about every two minutes comes a spell of 10 to 20 s in which
//! nothing but breath moves: the spells that make detectors of motion lose a seated person.

use crate::chance::{smoothstep, unit};
use std::f64::consts::TAU;

/// One stillness per cycle.
const STILL_CYCLE_S: f64 = 115.0;
/// A mood lasts this long.
const MOOD_S: f64 = 40.0;
/// A new value is drawn at least every so many slots, which bounds the search for the last one.
const SLOTS_HELD_MAX: i64 = 64;
/// Fastest rhythm of hands at a keyboard.
const TYPING_HZ: f64 = 2.7;
/// Length of a burst of typing.
const BURST_S: f64 = 3.5;

/// What the joints do beside their pose.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Micro {
    pub(crate) head_yaw_rad: f32,
    pub(crate) head_pitch_rad: f32,
    pub(crate) lean_rad: f32,
    pub(crate) sway_m: f32,
    /// How far each hand reaches from its rest, -1..1.
    pub(crate) reach: [f32; 2],
    pub(crate) typing_m: [f32; 2],
    pub(crate) breath_m: f32,
}

/// A joint's rhythm.
struct Rhythm {
    channel: i64,
    slot_s: f64,
    move_s: f64,
    /// Share of slots that keep the value: busy, reading.
    held: [f32; 2],
}

const HEAD_YAW: Rhythm = Rhythm { channel: 1, slot_s: 4.3, move_s: 0.6, held: [0.35, 0.75] };
const HEAD_PITCH: Rhythm = Rhythm { channel: 2, slot_s: 5.1, move_s: 0.7, held: [0.4, 0.7] };
const LEAN: Rhythm = Rhythm { channel: 3, slot_s: 9.7, move_s: 1.4, held: [0.5, 0.75] };
const SWAY: Rhythm = Rhythm { channel: 4, slot_s: 12.3, move_s: 1.2, held: [0.5, 0.8] };
const REACH: [Rhythm; 2] = [
    Rhythm { channel: 5, slot_s: 6.7, move_s: 0.8, held: [0.5, 0.85] },
    Rhythm { channel: 6, slot_s: 5.9, move_s: 0.8, held: [0.45, 0.75] },
];

/// Channels of what is no joint.
const STILL: i64 = 20;
const MOOD: i64 = 21;
const TYPING: i64 = 22;

/// True while nothing but breath moves.
pub(crate) fn is_still(seed: u64, t_s: f64) -> bool {
    let cycle = (t_s / STILL_CYCLE_S).floor();
    let start_s = 15.0 + 70.0 * f64::from(unit(seed, STILL, 2 * cycle as i64));
    let length_s = 10.0 + 10.0 * f64::from(unit(seed, STILL, 2 * cycle as i64 + 1));
    let within_s = t_s - cycle * STILL_CYCLE_S;
    (start_s..start_s + length_s).contains(&within_s)
}

fn is_reading(seed: u64, t_s: f64) -> bool {
    unit(seed, MOOD, (t_s / MOOD_S).floor() as i64) < 0.45
}

impl Rhythm {
    fn is_fresh(&self, seed: u64, slot: i64) -> bool {
        let start_s = slot as f64 * self.slot_s;
        let held = self.held[usize::from(is_reading(seed, start_s))];
        slot % SLOTS_HELD_MAX == 0
            || (unit(seed, self.channel, 2 * slot) >= held
                && !is_still(seed, start_s)
                && !is_still(seed, start_s + self.move_s))
    }

    /// The value held in a slot, -1..1.
    fn target(&self, seed: u64, slot: i64) -> f32 {
        let fresh = (slot - SLOTS_HELD_MAX..=slot).rev().find(|&slot| self.is_fresh(seed, slot));
        unit(seed, self.channel, 2 * fresh.unwrap_or(slot) + 1) * 2.0 - 1.0
    }

    /// The value at a time, -1..1.
    fn value(&self, seed: u64, t_s: f64) -> f32 {
        let slot = (t_s / self.slot_s).floor();
        let (before, now) = (self.target(seed, slot as i64 - 1), self.target(seed, slot as i64));
        let share = smoothstep(((t_s - slot * self.slot_s) / self.move_s) as f32);
        before + (now - before) * share
    }
}

/// Hands at a keyboard: bursts with pauses, none while reading or still.
fn typing(seed: u64, t_s: f64) -> [f32; 2] {
    let burst = (t_s / BURST_S).floor();
    let start_s = burst * BURST_S;
    let quiet = unit(seed, TYPING, burst as i64) < 0.45
        || is_reading(seed, start_s)
        || is_still(seed, start_s)
        || is_still(seed, start_s + BURST_S);
    if quiet {
        return [0.0; 2];
    }
    let share = (t_s - start_s) / BURST_S;
    let amplitude_m = 0.018 * (share * std::f64::consts::PI).sin();
    [0.0, 0.37].map(|phase| (amplitude_m * (TAU * (TYPING_HZ * t_s + phase)).sin()) as f32)
}

/// The small movements of somebody who sits at work.
pub(crate) fn seated(seed: u64, t_s: f64) -> Micro {
    Micro {
        head_yaw_rad: 0.55 * HEAD_YAW.value(seed, t_s),
        head_pitch_rad: 0.22 * HEAD_PITCH.value(seed, t_s),
        lean_rad: 0.12 + 0.13 * LEAN.value(seed, t_s),
        sway_m: 0.05 * SWAY.value(seed, t_s),
        reach: [REACH[0].value(seed, t_s), REACH[1].value(seed, t_s)],
        typing_m: typing(seed, t_s),
        breath_m: breath(seed, t_s),
    }
}

/// The small movements of somebody who stands and waits or talks.
pub(crate) fn standing(seed: u64, t_s: f64) -> Micro {
    Micro {
        head_yaw_rad: 0.6 * HEAD_YAW.value(seed, t_s),
        head_pitch_rad: 0.15 * HEAD_PITCH.value(seed, t_s),
        lean_rad: 0.03 + 0.04 * LEAN.value(seed, t_s),
        sway_m: 0.06 * SWAY.value(seed, t_s),
        reach: [0.6 * REACH[0].value(seed, t_s), REACH[1].value(seed, t_s)],
        typing_m: [0.0; 2],
        breath_m: breath(seed, t_s),
    }
}

fn breath(seed: u64, t_s: f64) -> f32 {
    let rate_hz = 0.22 + 0.06 * f64::from(unit(seed, 30, 0));
    (0.003 * (TAU * rate_hz * t_s).sin()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest change of any joint between two moments a fifth of a second apart, breath aside.
    fn change(seed: u64, t_s: f64) -> f32 {
        let joints = |micro: Micro| {
            [
                micro.head_yaw_rad,
                micro.head_pitch_rad,
                micro.lean_rad,
                micro.sway_m,
                micro.reach[0],
                micro.reach[1],
                micro.typing_m[0] * 10.0,
            ]
        };
        let (a, b) = (joints(seated(seed, t_s)), joints(seated(seed, t_s + 0.2)));
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn seated_people_move_often_but_have_spells_of_stillness() {
        let mut longest_s: f64 = 0.0;
        for seed in 0..5 {
            let moving = (0..3000).map(|step| change(seed, f64::from(step) * 0.2) > 1e-4).collect::<Vec<_>>();
            let share = moving.iter().filter(|&&moves| moves).count() as f64 / moving.len() as f64;
            assert!((0.15..0.85).contains(&share), "seed {seed}: moves in {share} of the time");
            let still = moving.split(|&moves| moves).map(<[bool]>::len).max().unwrap_or(0) as f64 * 0.2;
            assert!((9.0..45.0).contains(&still), "seed {seed}: longest stillness {still} s");
            longest_s = longest_s.max(still);
        }
        assert!(longest_s > 12.0);
    }

    #[test]
    fn no_joint_jumps() {
        let largest = (0..20_000).map(|step| change(3, f64::from(step) * 0.2)).fold(0.0, f32::max);
        assert!(largest < 1.0, "{largest}");
    }
}
