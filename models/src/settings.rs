//! What an analysis depends on: everything here, and nothing else, changes rows. Its canonical text is hashed into
//! the settings id.

use crate::ids::ZoneId;
use crate::people::Calibration;
use crate::time::{Interval, US_PER_S};
use serde::{Deserialize, Serialize};

/// Raised whenever the same footage and settings would give other rows than before.
pub const ANALYSIS_VERSION: u32 = 29;

/// A polygon of the view; corners as fractions of the picture's width and height, from the top left.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Polygon {
    /// Corners `[x, y]`, each 0..1, at least three.
    pub corners: Vec<[f32; 2]>,
}

impl Polygon {
    /// True if the point (fractions of the picture) is inside, by the even-odd rule; a point exactly on a left or
    /// top edge is inside, on a right or bottom edge outside, so that neighbours share no point and leave none out,
    /// whichever way round their corners are given.
    pub fn contains(&self, x: f32, y: f32) -> bool {
        let mut inside = false;
        let count = self.corners.len();
        for index in 0..count {
            let (one, other) = (self.corners[index], self.corners[(index + 1) % count]);
            // From the upper corner to the lower one: both neighbours round alike.
            let ([ax, ay], [bx, by]) = if one[1] <= other[1] { (one, other) } else { (other, one) };
            if (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
                inside = !inside;
            }
        }
        inside
    }
}

/// A named part of the view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// Its id in the rows.
    pub id: ZoneId,
    /// Where it is.
    pub polygon: Polygon,
}

/// How much of the footage is decoded. Rows mean the same whatever it is; `samples` tells how many pictures were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Every frame.
    #[default]
    Full,
    /// Key frames, and whatever is between them where sizes of packets or key frames tell of movement.
    Adaptive,
    /// Key frames only.
    Keyframes,
}

impl Effort {
    /// All of them, by their names.
    pub const NAMES: &'static [&'static str] = &["full", "adaptive", "keyframes"];

    /// The effort of this name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "full" => Some(Self::Full),
            "adaptive" => Some(Self::Adaptive),
            "keyframes" => Some(Self::Keyframes),
            _ => None,
        }
    }
}

/// Settings of one camera's analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The row's time step.
    pub interval: Interval,
    /// Most samples a second.
    pub samples_per_s: f32,
    /// How much is decoded.
    pub effort: Effort,
    /// Whether the decoder runs the loop filter of inter-coded video; for H.265 only if not given.
    pub loop_filter: Option<bool>,
    /// Largest share of moving groups of pictures that less than full effort may lose, 0..1, as its audits tell.
    pub miss_budget: f32,
    /// Zones beside the whole view.
    pub zones: Vec<Zone>,
    /// Parts of the view that are blackened before anything looks at them.
    pub masks: Vec<Polygon>,
    /// How the people in the whole view are counted; without it more than one is unknown.
    pub people: Option<Calibration>,
}

impl Analysis {
    /// Length of a sample's slot of time, microseconds.
    pub fn slot_us(&self) -> i64 {
        (US_PER_S as f64 / f64::from(self.samples_per_s)).round() as i64
    }
}

impl Default for Analysis {
    fn default() -> Self {
        Self {
            interval: Interval::default(),
            samples_per_s: 5.0,
            effort: Effort::Full,
            loop_filter: None,
            miss_budget: 0.02,
            zones: Vec::new(),
            masks: Vec::new(),
            people: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn neighbouring_polygons_share_no_point() {
        let left = Polygon { corners: vec![[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]] };
        let right = Polygon { corners: vec![[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]] };
        for step in 0..40 {
            let (x, y) = (step as f32 / 40.0, 0.5);
            assert!(left.contains(x, y) != right.contains(x, y), "x = {x}");
        }
    }

    proptest! {
        /// The picture cut into four triangles at any point: each point, also on the cuts, lies in one of them.
        #[test]
        fn zones_that_share_edges_share_no_point_and_leave_none_out(
            middle in [0.01f32..0.99, 0.01f32..0.99],
            cut in 0usize..4,
            along in 0.0f32..1.0,
            anywhere in [0.0f32..1.0, 0.0f32..1.0],
            is_turned in any::<bool>(),
        ) {
            let corners = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
            let triangle = |side: usize| {
                let mut corners = vec![corners[side], corners[(side + 1) % 4], middle];
                if is_turned && side == cut {
                    corners.reverse();
                }
                Polygon { corners }
            };
            let on_cut = [0, 1].map(|axis| corners[cut][axis] + along * (middle[axis] - corners[cut][axis]));
            for [x, y] in [on_cut, anywhere] {
                let is_in_picture = (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y);
                let zones = (0..4).filter(|&side| triangle(side).contains(x, y)).count();
                prop_assert!(!is_in_picture || zones == 1, "{x} {y} is in {zones} of the zones");
            }
        }
    }
}
