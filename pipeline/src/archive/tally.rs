//! How many groups of pictures were decoded, and what an audit by lot says of the others.

use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

/// Groups of pictures by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    pub groups: u64,
    pub decoded: u64,
    /// Decoded groups that move, those decoded by lot not counted.
    pub moving: u64,
    /// Decoded by lot alone.
    pub audited: u64,
    /// Of these, those that move: lost if the lot had not fallen on them.
    pub audited_moving: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.groups += other.groups;
        self.decoded += other.decoded;
        self.moving += other.moving;
        self.audited += other.audited;
        self.audited_moving += other.audited_moving;
    }
}

impl Tally {
    /// Counts a group.
    pub(super) fn add(&mut self, is_decoded: bool, moves: bool, is_audit: bool) {
        self.groups += 1;
        self.decoded += u64::from(is_decoded);
        self.moving += u64::from(moves && !is_audit);
        self.audited += u64::from(is_audit);
        self.audited_moving += u64::from(is_audit && moves);
    }

    /// Of the groups in which nothing seemed to happen, the share that moves: as the lot tells it, and the bounds of its
    /// 95 % interval (Wilson 1927). `None` if the lot fell on nothing.
    pub(super) fn moving_share(&self) -> Option<[f64; 3]> {
        const Z: f64 = 1.96;
        if self.audited == 0 {
            return None;
        }
        let (drawn, share) = (self.audited as f64, self.audited_moving as f64 / self.audited as f64);
        let middle = share + Z * Z / (2.0 * drawn);
        let reach = Z * (share * (1.0 - share) / drawn + Z * Z / (4.0 * drawn * drawn)).sqrt();
        let scale = 1.0 + Z * Z / drawn;
        Some([share, (middle - reach) / scale, (middle + reach) / scale])
    }

    /// Of the groups that move, the share that was not decoded: as the lot tells it, and the bounds of its 95 %
    /// interval. `None` if the lot fell on nothing.
    pub(super) fn lost_share(&self) -> Option<[f64; 3]> {
        let skipped = (self.groups - self.decoded) as f64;
        // Those drawn were decoded: only what was not can be lost.
        let lost = |share: f64| {
            let lost = skipped * share.clamp(0.0, 1.0);
            if lost > 0.0 { lost / (lost + (self.moving + self.audited_moving) as f64) } else { 0.0 }
        };
        self.moving_share().map(|shares| shares.map(lost))
    }

    /// For the manifest.
    pub(super) fn message(&self) -> String {
        let Self { groups, decoded, .. } = self;
        let told = format!("{decoded} of {groups} groups of pictures decoded beside key frames");
        self.lost_message().map_or(told.clone(), |lost| format!("{told}; {lost}"))
    }

    /// What the lot tells of losses.
    pub(super) fn lost_message(&self) -> Option<String> {
        let Self { audited, audited_moving, .. } = self;
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        let [lost, low, high] = self.lost_share()?.map(percent);
        Some(format!(
            "of {audited} quiet ones drawn by lot {audited_moving} moved: {lost} of what moves was lost ({low} to {high})"
        ))
    }

    /// Half of everything.
    pub(super) fn halved(self) -> Self {
        let Self { groups, decoded, moving, audited, audited_moving } = self;
        let [groups, decoded, moving, audited, audited_moving] =
            [groups, decoded, moving, audited, audited_moving].map(|count| count / 2);
        Self { groups, decoded, moving, audited, audited_moving }
    }
}
