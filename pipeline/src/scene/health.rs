//! What troubles the picture: darkness, glare, a covered or frozen lens, a scene that is not known yet or never rests.

use super::View;
use super::history::Moment;
use crate::diff::{CellSums, Geometry, MICRO_CELLS};
use pantau_models::record::Quality;

/// A background younger than this is still being learned, seconds.
const WARMUP_S: f64 = 10.0;
/// A picture that repeats to the bit for so long is frozen, seconds. Quiet scenes repeat for seconds under H.264.
const FROZEN_S: f64 = 60.0;
/// Mean brightness under which nothing can be told, grey levels.
const DARK_GREY: f32 = 14.0;
/// Cells brighter than this are burnt out; more than [`GLARE_SHARE`] of them is glare.
const BURNT_GREY: f32 = 250.0;
const GLARE_SHARE: f32 = 0.3;
/// More of the view than this moves by itself: it is told.
const RESTLESS_SHARE: f32 = 0.003;
/// Standard deviation of the cells' brightness under which the lens is covered, grey levels.
const COVERED_GREY: f32 = 3.0;

/// A picture whose colours are nearer to grey than this, in eighths of a level on the mean, has none: cameras in
/// infrared send 128 in both colour components, to the bit or nearly; a grey room by day is two levels and more away.
const GREY_EIGHTHS: u8 = 6;

impl View {
    /// The troubles of a moment.
    pub(super) fn health(&mut self, moment: &Moment, sums: &CellSums, colour: Option<u8>) -> Quality {
        let mut quality = Quality::empty();
        let count = MICRO_CELLS as f32;
        let variance = moment.means.iter().map(|mean| (mean - moment.luma).powi(2)).sum::<f32>() / count;
        let burnt = moment.means.iter().filter(|mean| **mean > BURNT_GREY).count() as f32 / count;
        if sums.step.iter().any(|&sum| sum > 0) {
            self.same_since = None;
        }
        let same_since = *self.same_since.get_or_insert(moment.at);
        for (is_set, flag) in [
            (moment.luma_seen < DARK_GREY, Quality::DARK),
            (burnt > GLARE_SHARE, Quality::GLARE),
            (variance.sqrt() < COVERED_GREY, Quality::COVERED),
            (self.is_blurred, Quality::BLURRED),
            (colour.is_some_and(|colour| colour < GREY_EIGHTHS), Quality::INFRARED),
            (moment.at.seconds_since(same_since) > FROZEN_S, Quality::FROZEN),
            (moment.at.seconds_since(self.born) < WARMUP_S, Quality::WARMUP),
            (self.noise.unrest_share() > RESTLESS_SHARE, Quality::RESTLESS),
        ] {
            if is_set {
                quality.insert(flag);
            }
        }
        quality
    }
}

/// How bright each cell is beside an ordinary room, or the view if that is more, 0.35..1: in the dark everything moves by fewer
/// grey levels, but not a doorway into the sun.
pub(super) fn light_shares(sums: &CellSums, geometry: &Geometry) -> Vec<f32> {
    /// Mean brightness of a lit room, grey levels.
    const LIT_GREY: f32 = 100.0;
    let mean = sums.luma.iter().map(|&sum| f64::from(sum)).sum::<f64>() / geometry.area() as f64;
    let of_view = (mean as f32 / LIT_GREY).clamp(0.35, 1.0);
    geometry.means(&sums.luma).into_iter().map(|mean| (mean / LIT_GREY).clamp(of_view, 1.0)).collect()
}
