//! Lamps, sun and exposure: a coherent change of most cells is light, not people.
//!
//! A tone map says which grey a grey has become: affine, fitted to the cells' brightness by trimmed least squares
//! (the best 60 % decide, so that people who move meanwhile do not), then corrected by the median residual of each
//! 16-level bin of brightness, shrunk by n / (n + 15) where a bin has few cells.

use super::cells::neighbours;
use crate::diff::{Geometry, MICRO_X, Ranked};
use serde::{Deserialize, Serialize};

const ROUNDS: usize = 4;
const KEPT_SHARE: f32 = 0.6;
/// Pulls the gain towards 1 when the picture has little contrast: as if so many cells of a contrast of one grey
/// level had been seen unchanged.
const RIDGE: f32 = 200.0;
const BINS: usize = 16;
const SHRINK: f32 = 15.0;

/// A change this large, in grey levels, is one that a cell cannot make by noise.
const CHANGE_GREY: f32 = 4.0;
const CHANGED_SHARE: f32 = 0.5;
const SAME_SIGN_SHARE: f32 = 0.8;
const LEFT_SHARE: f32 = 0.25;
/// So much of the view can't change at once by anything but light, whatever a tone map says: a lamp in a dark room
/// lights some walls and not others, and infrared makes some things brighter and others darker.
const ALL_SHARE: f32 = 0.75;
/// Grey levels added to both sides of a cell's gain, so that black cells don't get absurd ones.
const GAIN_FLOOR_GREY: f32 = 4.0;
/// Gains beyond this, or below its inverse, are noise in black cells.
const GAIN_MAX: f32 = 16.0;

/// From old grey levels to new ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ToneMap {
    gain: f32,
    offset: f32,
    residuals: [f32; BINS],
}

impl ToneMap {
    /// Fits the map from `from` to `to`, two pictures' cell means.
    pub(super) fn fit(from: &[f32], to: &[f32]) -> Self {
        let (mut gain, mut offset) = (1.0, brightening(from, to));
        let mut errors: Vec<f32> = Vec::with_capacity(from.len());
        for _ in 0..ROUNDS {
            errors.clear();
            errors.extend(from.iter().zip(to).map(|(a, b)| (gain * a + offset - b).abs()));
            let keep = ((errors.len() as f32 * KEPT_SHARE) as usize).min(errors.len() - 1);
            let limit = errors.iter().copied().collect::<Ranked>().at(keep);
            (gain, offset) = least_squares(from, to, |index| errors[index] <= limit);
        }
        let mut residuals = [0.0; BINS];
        for (bin, residual) in residuals.iter_mut().enumerate() {
            let own = from.iter().zip(to).filter(|(a, _)| bin_of(**a) == bin);
            let mut own: Ranked = own.map(|(a, b)| b - (gain * a + offset)).collect();
            let count = own.len() as f32;
            if count > 0.0 {
                *residual = own.median() * count / (count + SHRINK);
            }
        }
        Self { gain, offset, residuals }
    }

    /// The new grey level of an old one.
    pub(super) fn apply(&self, grey: f32) -> f32 {
        (self.gain * grey + self.offset + self.residuals[bin_of(grey)]).clamp(0.0, 255.0)
    }

    pub(super) fn gain(&self) -> f32 {
        self.gain
    }

    /// The old grey level of each new one.
    pub(super) fn back(&self) -> [u8; 256] {
        let mut highest = 0.0f32;
        let news: [f32; 256] = std::array::from_fn(|old| {
            highest = highest.max(self.apply(old as f32));
            highest
        });
        std::array::from_fn(|new| {
            let new = new as f32;
            let above = news.partition_point(|&other| other < new);
            match above {
                0 => 0,
                256 => 255,
                above => {
                    let (low, high) = (news[above - 1], news[above]);
                    (above as f32 - (high - new) / (high - low)).round() as u8
                }
            }
        })
    }

    /// Maps a background in 8.8 fixed point.
    pub(super) fn apply_to(&self, background: &mut [u16]) {
        let table: Vec<u16> = (0..=255u16).map(|grey| (self.apply(f32::from(grey)) * 256.0) as u16).collect();
        for pixel in background {
            *pixel = table[usize::from(*pixel >> 8)];
        }
    }
}

/// A change of light.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum LightChange {
    /// Exposure, or a lamp that reaches everything alike: explained by a tone map, whoever moves meanwhile.
    Tone(ToneMap),
    /// A lamp that lights some walls more than others, or infrared.
    Uneven,
}

/// What change of light the step from `from` to `to` is, if it is one: more than half of the cells change, four fifths
/// of them the same way, and a tone map leaves less than a quarter of them unexplained; or three quarters change, however
/// they do.
pub(super) fn light_change(from: &[f32], to: &[f32]) -> Option<LightChange> {
    let (mut brighter, mut darker) = (0usize, 0usize);
    for (a, b) in from.iter().zip(to) {
        brighter += usize::from(b - a > CHANGE_GREY);
        darker += usize::from(a - b > CHANGE_GREY);
    }
    let changed = (brighter + darker) as f32;
    let same_sign = brighter.max(darker) as f32;
    let view = from.len() as f32;
    if changed >= CHANGED_SHARE * view && same_sign >= SAME_SIGN_SHARE * changed {
        let map = ToneMap::fit(from, to);
        if left_share(&map, from, to) * view < LEFT_SHARE * changed {
            return Some(LightChange::Tone(map));
        }
    }
    (changed >= ALL_SHARE * view).then_some(LightChange::Uneven)
}

/// The share of the cells that a tone map leaves unexplained.
pub(super) fn left_share(map: &ToneMap, from: &[f32], to: &[f32]) -> f32 {
    let left = from.iter().zip(to).filter(|(a, b)| (map.apply(**a) - **b).abs() > CHANGE_GREY).count();
    left as f32 / from.len() as f32
}

/// How much brighter each cell has become. Cells that `is_foreground` takes show people and not the room: they get
/// the mean of their neighbours' gains, from the outside in.
pub(super) fn gains(from: &[f32], to: &[f32], is_foreground: impl Fn(usize) -> bool) -> Vec<f32> {
    let gain = |cell: usize| {
        let gain = (to[cell] + GAIN_FLOOR_GREY) / (from[cell] + GAIN_FLOOR_GREY);
        gain.clamp(1.0 / GAIN_MAX, GAIN_MAX)
    };
    let mut gains: Vec<Option<f32>> = (0..from.len()).map(|cell| (!is_foreground(cell)).then(|| gain(cell))).collect();
    while gains.iter().any(Option::is_none) {
        let filled: Vec<(usize, f32)> = (0..gains.len())
            .filter(|&cell| gains[cell].is_none())
            .filter_map(|cell| {
                let known: Vec<f32> = neighbours(cell).filter_map(|other| gains[other]).collect();
                (!known.is_empty()).then(|| (cell, known.iter().sum::<f32>() / known.len() as f32))
            })
            .collect();
        if filled.is_empty() {
            break;
        }
        for (cell, gain) in filled {
            gains[cell] = Some(gain);
        }
    }
    gains.into_iter().map(|gain| gain.unwrap_or(1.0)).collect()
}

/// Brightens a background by its cells' gains, interpolated between the cells' centres so that no cell border shows.
pub(super) fn apply_gains(geometry: &Geometry, gains: &[f32], background: &mut [u16]) {
    let centres = |bounds: &[usize]| -> Vec<f32> { bounds.windows(2).map(|b| (b[0] + b[1]) as f32 / 2.0).collect() };
    let columns = weights(&centres(geometry.columns()), geometry.width());
    let rows = weights(&centres(geometry.rows()), geometry.height());
    for (row, &(top, bottom, down)) in background.chunks_exact_mut(geometry.width()).zip(&rows) {
        for (pixel, &(left, right, across)) in row.iter_mut().zip(&columns) {
            let at = |y: usize, x: usize| gains[y * MICRO_X + x];
            let upper = at(top, left) * (1.0 - across) + at(top, right) * across;
            let lower = at(bottom, left) * (1.0 - across) + at(bottom, right) * across;
            let gain = upper * (1.0 - down) + lower * down;
            let floor = GAIN_FLOOR_GREY * 256.0;
            *pixel = ((f32::from(*pixel) + floor) * gain - floor).clamp(0.0, 255.0 * 256.0) as u16;
        }
    }
}

/// For each pixel the centres on both sides, and how near it is to the second.
fn weights(centres: &[f32], length: usize) -> Vec<(usize, usize, f32)> {
    let last = centres.len() - 1;
    (0..length)
        .map(|pixel| {
            let at = pixel as f32 + 0.5;
            let after = centres.partition_point(|centre| *centre < at);
            match after {
                0 => (0, 0, 0.0),
                after if after > last => (last, last, 0.0),
                after => {
                    let (a, b) = (centres[after - 1], centres[after]);
                    (after - 1, after, (at - a) / (b - a))
                }
            }
        })
        .collect()
}

fn least_squares(from: &[f32], to: &[f32], is_kept: impl Fn(usize) -> bool) -> (f32, f32) {
    let (mut n, mut sum_a, mut sum_b) = (0.0f64, 0.0f64, 0.0f64);
    for index in (0..from.len()).filter(|&index| is_kept(index)) {
        n += 1.0;
        sum_a += f64::from(from[index]);
        sum_b += f64::from(to[index]);
    }
    let n = n.max(1.0);
    let (mean_a, mean_b) = (sum_a / n, sum_b / n);
    let (mut aa, mut ab) = (f64::from(RIDGE), f64::from(RIDGE));
    for index in (0..from.len()).filter(|&index| is_kept(index)) {
        let a = f64::from(from[index]) - mean_a;
        aa += a * a;
        ab += a * (f64::from(to[index]) - mean_b);
    }
    let gain = (ab / aa).clamp(0.05, 20.0);
    (gain as f32, (mean_b - gain * mean_a) as f32)
}

fn bin_of(grey: f32) -> usize {
    ((grey / 16.0) as usize).min(BINS - 1)
}

/// By how much the middle cell is brighter in the second of two pictures' cell means.
pub(super) fn brightening(from: &[f32], to: &[f32]) -> f32 {
    from.iter().zip(to).map(|(from, to)| to - from).collect::<Ranked>().median()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room() -> Vec<f32> {
        (0..1296).map(|cell| 40.0 + ((cell * 37) % 140) as f32).collect()
    }

    #[test]
    fn exposure_is_light_and_its_map_explains_the_room() {
        let before = room();
        let mut after: Vec<f32> = before.iter().map(|grey| grey * 1.25 + 5.0).collect();
        after[100..160].fill(10.0); // somebody in dark clothes walks by meanwhile
        let Some(LightChange::Tone(map)) = light_change(&before, &after) else { panic!("exposure is light") };
        assert!((map.apply(100.0) - 130.0).abs() < 2.0, "{}", map.apply(100.0));
    }

    #[test]
    fn a_map_leads_back_to_what_it_came_from() {
        let before = room();
        let after: Vec<f32> = before.iter().map(|grey| (grey * 1.4 + 5.0).min(255.0)).collect();
        let back = ToneMap::fit(&before, &after).back();
        assert!((f32::from(back[145]) - 100.0).abs() < 1.5, "{}", back[145]);
        assert!(back.is_sorted() && back[0] == 0, "{back:?}");
        // Greys from 179 on are white now, and might be any of them.
        assert!((175..=182).contains(&back[255]), "{}", back[255]);
    }

    #[test]
    fn a_lamp_that_lights_one_wall_more_is_light() {
        let before = room();
        let after: Vec<f32> =
            before.iter().enumerate().map(|(i, grey)| grey * (1.2 + (i % 48) as f32 / 40.0)).collect();
        assert_eq!(light_change(&before, &after), Some(LightChange::Uneven));
    }

    #[test]
    fn infrared_that_turns_the_greys_round_is_light() {
        let before = room();
        let after: Vec<f32> = before.iter().map(|grey| 200.0 - grey).collect();
        assert_eq!(light_change(&before, &after), Some(LightChange::Uneven));
    }

    #[test]
    fn a_crowd_is_not_light() {
        let before = room();
        let crowd = |(i, grey): (usize, &f32)| if i % 3 > 0 { ((i * 71) % 200) as f32 } else { *grey };
        let after: Vec<f32> = before.iter().enumerate().map(crowd).collect();
        assert_eq!(light_change(&before, &after), None);
    }

    #[test]
    fn a_quiet_room_is_not_light() {
        let before = room();
        let after: Vec<f32> = before.iter().map(|grey| grey + 1.0).collect();
        assert_eq!(light_change(&before, &after), None);
    }

    #[test]
    fn people_keep_standing_out_when_the_lamp_goes_on() {
        let geometry = Geometry::of(480, 270).unwrap();
        let mut before = vec![50.0; 1296];
        let mut after: Vec<f32> = (0..1296).map(|cell| 90.0 + (cell % 48) as f32).collect();
        (before[600], after[600]) = (20.0, 30.0); // a dark coat in front of the wall
        let gains = gains(&before, &after, |cell| cell == 600);
        let mut background = vec![50u16 << 8; geometry.area()];
        apply_gains(&geometry, &gains, &mut background);
        for cell in [0, 47, 600, 700, 1295] {
            let (x, y) = (cell % 48 * 10 + 5, cell / 48 * 10 + 5);
            let expected = 90.0 + (cell % 48) as f32;
            let found = f32::from(background[y * 480 + x]) / 256.0;
            assert!((found - expected).abs() < 2.0, "cell {cell}: {found} instead of {expected}");
        }
    }
}
