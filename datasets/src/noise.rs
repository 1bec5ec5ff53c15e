//! Sensor noise: Gaussian, more in the light than in the dark, a little smeared along lines (demosaicing) and over
//! frames (the camera's temporal filter).
//!
//! One strip of unit noise is drawn per scene; every row of every frame reads it from its own random offset. A frame's
//! noise is `c0 e(n) + c1 e(n-1)` with fresh `e`, so neighbouring frames correlate by `c0 c1` and others not at all.

use crate::chance::{draw, unit};
use crate::spec::NoiseSpec;

/// Samples of unit noise. Every row reads two places of it at random, which is slow unless it stays in a core's own
/// cache (128 KiB do); that two rows share a stretch of it shows in no statistic of a pixel over time.
const STRIP_LEN: usize = 1 << 17;
/// One standard deviation in the strip's integers; 127 is then four of them.
const STRIP_SIGMA: f32 = 32.0;
/// Weights of a pixel's neighbours on its line before normalising.
const SMEAR: f32 = 0.3;
/// One in the fixed-point weights of the present and the previous frame.
const MIX_ONE: f32 = 64.0;
/// Share of the noise that doesn't depend on the light (read noise); the rest grows with it (shot noise).
const READ_SHARE: f32 = 0.7;
/// Fraction bits of the clean picture.
pub(crate) const CLEAN_BITS: u32 = 4;

/// The noise of a scene.
#[derive(Clone, Debug)]
pub(crate) struct Noise {
    strip: Vec<i8>,
    seed: u64,
    mix: [i16; 2],
    /// Fixed-point sigma: in the dark, and its growth with the light.
    gain: [u16; 2],
}

impl Noise {
    pub(crate) fn new(spec: &NoiseSpec, seed: u64) -> Self {
        // c0 c1 = correlation, c0^2 + c1^2 = 1.
        let angle = 0.5 * (2.0 * spec.correlation.clamp(0.0, 0.5)).asin();
        let sigma = spec.sigma.clamp(0.0, 8.0);
        // noise = unit (scaled by STRIP_SIGMA x MIX_ONE = 2^11) x gain / 2^16, with CLEAN_BITS fraction bits.
        let one = 65536.0 / (STRIP_SIGMA * MIX_ONE) * 16.0;
        let grown = sigma * one * (1.0 - READ_SHARE) * 2.0 * 16.0;
        Self {
            strip: strip(seed),
            seed,
            mix: [angle.cos(), angle.sin()].map(|weight| (weight * MIX_ONE).round() as i16),
            gain: [(sigma * one * READ_SHARE).round() as u16, grown.round() as u16],
        }
    }

    /// Adds frame `index`'s noise to a row of the clean picture ([`CLEAN_BITS`] fraction bits) and rounds it.
    pub(crate) fn develop_row(&self, clean: &[u16], index: i64, row: usize, out: &mut [u8]) {
        let present = self.row(index, row, clean.len());
        let previous = self.row(index - 1, row, clean.len());
        let ([m0, m1], [g0, g1]) = (self.mix, self.gain);
        for (((out, &clean), &e0), &e1) in out.iter_mut().zip(clean).zip(present).zip(previous) {
            let unit = i16::from(e0) * m0 + i16::from(e1) * m1;
            let gain = g0 + ((u32::from(clean) * u32::from(g1)) >> 16) as u16;
            let noise = ((i32::from(unit) * i32::from(gain as i16)) >> 16) as i16;
            let value = clean as i16 + noise + (1 << (CLEAN_BITS - 1));
            *out = (value.clamp(0, (256 << CLEAN_BITS) - 1) >> CLEAN_BITS) as u8;
        }
    }

    fn row(&self, index: i64, row: usize, len: usize) -> &[i8] {
        let len = len.min(STRIP_LEN / 2);
        let offset = draw(self.seed, index, row as i64) as usize % (STRIP_LEN - len);
        &self.strip[offset..offset + len]
    }
}

/// Unit noise by Box and Muller's method, smeared along the strip.
fn strip(seed: u64) -> Vec<i8> {
    let mut white = Vec::with_capacity(STRIP_LEN + 2);
    for pair in 0..(STRIP_LEN as i64 / 2 + 1) {
        let radius = (-2.0 * (1.0 - unit(seed, 1, pair)).max(f32::MIN_POSITIVE).ln()).sqrt();
        let (sin, cos) = (std::f32::consts::TAU * unit(seed, 2, pair)).sin_cos();
        white.extend([radius * sin, radius * cos]);
    }
    let norm = STRIP_SIGMA / (1.0 + 2.0 * SMEAR * SMEAR).sqrt();
    white
        .windows(3)
        .map(|near| ((near[1] + SMEAR * (near[0] + near[2])) * norm).round().clamp(-127.0, 127.0) as i8)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(noise: &Noise, index: i64, grey: u8) -> Vec<f32> {
        let clean = vec![u16::from(grey) << CLEAN_BITS; 640];
        let mut out = vec![0; 640];
        let mut all = Vec::new();
        for row in 0..100 {
            noise.develop_row(&clean, index, row, &mut out);
            all.extend(out.iter().map(|&value| f32::from(value) - f32::from(grey)));
        }
        all
    }

    fn moment(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>() / a.len() as f32
    }

    #[test]
    fn noise_has_the_sigma_and_the_correlation_asked_for_and_grows_with_light() {
        let noise = Noise::new(&NoiseSpec { sigma: 3.0, correlation: 0.3 }, 5);
        let (first, second, third) = (frame(&noise, 7, 128), frame(&noise, 8, 128), frame(&noise, 9, 128));
        let variance = moment(&first, &first);
        assert!((variance.sqrt() - 3.0).abs() < 0.15, "sigma {}", variance.sqrt());
        assert!((moment(&first, &second) / variance - 0.3).abs() < 0.03);
        assert!((moment(&first, &third) / variance).abs() < 0.03);
        let (dark, light) = (frame(&noise, 7, 40), frame(&noise, 7, 220));
        assert!(moment(&light, &light) > 1.4 * moment(&dark, &dark));
        assert!(first.iter().sum::<f32>().abs() / (first.len() as f32) < 0.05, "biased");
    }
}
