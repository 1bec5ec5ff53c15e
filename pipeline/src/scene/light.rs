//! Lamps, sun and exposure: a coherent change of most cells is light, not people.
//!
//! A tone map says which grey a grey has become: affine, fitted to the cells' brightness by trimmed least squares
//! (the best 60 % decide, so that people who move meanwhile do not), then corrected by the median residual of each
//! 16-level bin of brightness, shrunk by n / (n + 15) where a bin has few cells.

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
        let (mut gain, mut offset) = (1.0, median(from.iter().zip(to).map(|(a, b)| b - a).collect()));
        let mut errors: Vec<f32> = Vec::with_capacity(from.len());
        for _ in 0..ROUNDS {
            errors.clear();
            errors.extend(from.iter().zip(to).map(|(a, b)| (gain * a + offset - b).abs()));
            let mut sorted = errors.clone();
            let keep = ((sorted.len() as f32 * KEPT_SHARE) as usize).min(sorted.len() - 1);
            let limit = *sorted.select_nth_unstable_by(keep, f32::total_cmp).1;
            (gain, offset) = least_squares(from, to, |index| errors[index] <= limit);
        }
        let mut residuals = [0.0; BINS];
        for (bin, residual) in residuals.iter_mut().enumerate() {
            let own: Vec<f32> =
                from.iter().zip(to).filter(|(a, _)| bin_of(**a) == bin).map(|(a, b)| b - (gain * a + offset)).collect();
            let count = own.len() as f32;
            if count > 0.0 {
                *residual = median(own) * count / (count + SHRINK);
            }
        }
        Self { gain, offset, residuals }
    }

    /// The new grey level of an old one.
    pub(super) fn apply(&self, grey: f32) -> f32 {
        (self.gain * grey + self.offset + self.residuals[bin_of(grey)]).clamp(0.0, 255.0)
    }

    /// Maps a background in 8.8 fixed point.
    pub(super) fn apply_to(&self, background: &mut [u16]) {
        let table: Vec<u16> = (0..=255u16).map(|grey| (self.apply(f32::from(grey)) * 256.0) as u16).collect();
        for pixel in background {
            *pixel = table[usize::from(*pixel >> 8)];
        }
    }
}

/// If the step from `from` to `to` is a change of light, the map that explains it: more than half of the cells
/// change, four fifths of them the same way, and the map leaves less than a quarter of them unexplained.
pub(super) fn light_change(from: &[f32], to: &[f32]) -> Option<ToneMap> {
    let (mut brighter, mut darker) = (0usize, 0usize);
    for (a, b) in from.iter().zip(to) {
        brighter += usize::from(b - a > CHANGE_GREY);
        darker += usize::from(a - b > CHANGE_GREY);
    }
    let changed = brighter + darker;
    if (changed as f32) < CHANGED_SHARE * from.len() as f32
        || (brighter.max(darker) as f32) < SAME_SIGN_SHARE * changed as f32
    {
        return None;
    }
    let map = ToneMap::fit(from, to);
    let left = from.iter().zip(to).filter(|(a, b)| (map.apply(**a) - **b).abs() > CHANGE_GREY).count();
    ((left as f32) < LEFT_SHARE * changed as f32).then_some(map)
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

/// The middle value; 0 for none.
pub(super) fn median(mut values: Vec<f32>) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room() -> Vec<f32> {
        (0..1296).map(|cell| 40.0 + ((cell * 37) % 140) as f32).collect()
    }

    #[test]
    fn a_lamp_is_light_and_its_map_explains_the_room() {
        let before = room();
        let mut after: Vec<f32> = before.iter().map(|grey| grey * 1.25 + 5.0).collect();
        after[100..160].fill(10.0); // somebody in dark clothes walks by meanwhile
        let map = light_change(&before, &after).expect("a lamp is light");
        assert!((map.apply(100.0) - 130.0).abs() < 2.0, "{}", map.apply(100.0));
    }

    #[test]
    fn a_crowd_is_not_light() {
        let before = room();
        let after: Vec<f32> =
            before.iter().enumerate().map(|(i, g)| if i % 3 > 0 { ((i * 71) % 200) as f32 } else { *g }).collect();
        assert_eq!(light_change(&before, &after), None);
    }

    #[test]
    fn a_quiet_room_is_not_light() {
        let before = room();
        let after: Vec<f32> = before.iter().map(|grey| grey + 1.0).collect();
        assert_eq!(light_change(&before, &after), None);
    }
}
