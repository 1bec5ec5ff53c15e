//! How many people are in the whole view, second by second, where the camera is calibrated.

use pantau_models::evidence::Evidence;
use pantau_models::people::{Calibration, People, Smooth};
use pantau_models::time::US_PER_S;
use serde::{Deserialize, Serialize};

/// The counting of one camera. Zones beside the whole view are not counted: the calibration knows only the whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Counting {
    calibration: Option<Calibration>,
    smooth: Smooth,
}

impl Counting {
    pub(super) fn new(calibration: Option<Calibration>) -> Self {
        Self { calibration, smooth: Smooth::default() }
    }

    /// Takes a sample; gives the seconds that are counted by it.
    pub(super) fn observe(&mut self, evidence: &Evidence) -> Vec<(i64, People)> {
        let (Some(calibration), Some(room)) = (&self.calibration, evidence.zones.first()) else { return Vec::new() };
        let Some(crowd) = &room.crowd else { return Vec::new() };
        let seconds = self.smooth.push(evidence.at.0.div_euclid(US_PER_S), crowd);
        seconds.into_iter().map(|(second, moment)| (second, calibration.count(&moment))).collect()
    }

    /// The stream ends: what was not given yet.
    pub(super) fn flush(&mut self) -> Vec<(i64, People)> {
        let Some(calibration) = &self.calibration else { return Vec::new() };
        let seconds = self.smooth.flush();
        seconds.into_iter().map(|(second, moment)| (second, calibration.count(&moment))).collect()
    }
}
