//! How much each cell trembles by itself: sensor noise, compression, texture.
//!
//! Under H.264 the median tremble of a cell is zero (its blocks are skipped): tails decide. So each cell's 95 %
//! quantile is tracked at every lag, and the threshold of a cell is the largest of three: a floor in grey levels,
//! 2.2 x the median over cells of like texture of their quantiles, and 0.05 x the cell's own gradient.

use crate::diff::MICRO_CELLS;
use serde::{Deserialize, Serialize};

/// Lags at which a sample is compared with both sides, seconds.
pub(super) const LAGS_S: [f64; 3] = [0.2, 1.0, 5.0];
/// Least movement per lag, grey levels of a cell's mean.
const FLOORS_GREY: [f32; 3] = [3.0, 4.0, 5.0];
const QUANTILE: f32 = 0.95;
const OVER_QUANTILE: f32 = 2.2;
const OVER_GRADIENT: f32 = 0.05;
/// Cells are compared with the quarter of the view's cells whose texture is most like theirs.
const TEXTURE_CLASSES: usize = 4;
/// Speed of the quantiles' tracking, grey levels a second: a minute to learn an ordinary noise.
const LEARN_GREY_PER_S: f32 = 0.15;
/// A cell's quantile never says more than this: beyond it the cell moves and does not tremble.
const QUANTILE_GREY_MAX: f32 = 12.0;

/// Noise of a view.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Noise {
    quantiles: [Vec<f32>; 3],
    thresholds: [Vec<f32>; 3],
    gradient: Vec<f32>,
    classes: Vec<u8>,
}

impl Noise {
    pub(super) fn new() -> Self {
        Self {
            quantiles: std::array::from_fn(|_| vec![0.5; MICRO_CELLS]),
            thresholds: std::array::from_fn(|lag| vec![FLOORS_GREY[lag]; MICRO_CELLS]),
            gradient: vec![0.0; MICRO_CELLS],
            classes: vec![0; MICRO_CELLS],
        }
    }

    /// Threshold of every cell at a lag, grey levels.
    pub(super) fn thresholds(&self, lag: usize) -> &[f32] {
        &self.thresholds[lag]
    }

    /// Moves the quantiles of the cells that `is_quiet` takes towards what they showed.
    pub(super) fn learn(&mut self, lag: usize, differences: &[f32], dt_s: f32, is_quiet: impl Fn(usize) -> bool) {
        let rate = LEARN_GREY_PER_S * dt_s.min(1.0);
        for (cell, (quantile, &difference)) in self.quantiles[lag].iter_mut().zip(differences).enumerate() {
            if is_quiet(cell) {
                let step = if difference > *quantile { rate * QUANTILE / (1.0 - QUANTILE) } else { -rate };
                *quantile = (*quantile + step).clamp(0.0, QUANTILE_GREY_MAX);
            }
        }
    }

    /// Takes the background's mean gradient per cell and computes the thresholds anew.
    pub(super) fn refresh(&mut self, gradient: Vec<f32>) {
        let mut order: Vec<u16> = (0..MICRO_CELLS as u16).collect();
        order.sort_by(|&a, &b| gradient[usize::from(a)].total_cmp(&gradient[usize::from(b)]));
        for (rank, &cell) in order.iter().enumerate() {
            self.classes[usize::from(cell)] = (rank * TEXTURE_CLASSES / MICRO_CELLS) as u8;
        }
        self.gradient = gradient;
        for (lag, floor) in FLOORS_GREY.into_iter().enumerate() {
            let medians: [f32; TEXTURE_CLASSES] = std::array::from_fn(|class| {
                let own = (0..MICRO_CELLS).filter(|&cell| usize::from(self.classes[cell]) == class);
                super::light::median(own.map(|cell| self.quantiles[lag][cell]).collect())
            });
            for cell in 0..MICRO_CELLS {
                let of_class = medians[usize::from(self.classes[cell])] * OVER_QUANTILE;
                let of_texture = self.gradient[cell] * OVER_GRADIENT;
                self.thresholds[lag][cell] = floor.max(of_class).max(of_texture);
            }
        }
    }
}
