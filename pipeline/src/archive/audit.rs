//! What audits by lot have told of a camera, over all its recordings, and how strict its plans are for it.
//!
//! Groups of pictures drawn by lot are decoded though nothing seems to happen in them. If so many of them move that more
//! than the budget of what moves would be lost, plans get stricter, in the last step everything is decoded; after a
//! while without reproach they get laxer again. All of it follows from the sequence of the camera's segments alone.

use super::tally::Tally;
use crate::triage::Strictness;
use serde::{Deserialize, Serialize};

/// Fewer drawn groups that move are chance: a lamp, a moth.
const MOVING_MIN: u64 = 2;
/// Where surely more than this share of what seems quiet moves, and most of what moves is lost, sizes and key frames tell
/// nothing: steps between would only lose more until they are taken.
const HOPELESS_MIN: f64 = 0.1;
const MOST_LOST: f64 = 0.5;
/// What was told is worth half as much after so many groups: a day of 2-s groups.
const HALVED_AFTER: u64 = 43_200;
/// Without reproach plans get laxer after so many groups: an hour of 2-s groups.
const LAXER_AFTER: u64 = 1800;

/// A camera's audits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Audit {
    /// Since plans are as strict as they are now.
    pool: Tally,
    /// Over all, older ones counting less.
    total: Tally,
    strictness: Strictness,
    groups: u64,
    tightened: u64,
}

impl Audit {
    /// How strict plans are now.
    pub(super) fn strictness(&self) -> Strictness {
        self.strictness
    }

    /// True if with these groups more of what moves than `budget` (0..1) is lost, and plans can be stricter: then they
    /// are, and the groups are to be looked at again.
    pub(super) fn tightens(&mut self, groups: Tally, budget: f64) -> bool {
        let mut pool = self.pool;
        pool += groups;
        let (Some([_, moving_least, _]), Some([lost, lost_least, _])) = (pool.moving_share(), pool.lost_share()) else {
            return false;
        };
        let exceeds = pool.audited_moving >= MOVING_MIN && lost > budget;
        let Some(stricter) = self.strictness.stricter().filter(|_| exceeds) else { return false };
        let is_hopeless = moving_least > HOPELESS_MIN && lost_least > MOST_LOST;
        let strictness = if is_hopeless { Strictness::WHOLE } else { stricter };
        // What the laxer plans lost says nothing about these.
        *self = Self { pool: Tally::default(), strictness, groups: 0, tightened: self.tightened + 1, ..*self };
        true
    }

    /// Takes what became of a segment's groups.
    pub(super) fn take(&mut self, groups: Tally) {
        self.pool += groups;
        self.total += groups;
        self.groups += groups.groups;
        if self.pool.groups > HALVED_AFTER {
            self.pool = self.pool.halved();
        }
        if self.total.groups > HALVED_AFTER {
            self.total = self.total.halved();
        }
        if self.groups > LAXER_AFTER
            && let Some(laxer) = self.strictness.laxer()
        {
            *self = Self { pool: Tally::default(), strictness: laxer, groups: 0, ..*self };
        }
    }

    /// For the manifest.
    pub(super) fn message(&self) -> String {
        let told = self.total.lost_message().map(|lost| format!("; with this camera's recordings before it, {lost}"));
        let tightened = (self.tightened > 0).then(|| {
            format!("; plans were made stricter {} times: more than the miss budget was lost", self.tightened)
        });
        [told, tightened].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(groups: u64, audited: u64, audited_moving: u64) -> Tally {
        Tally { groups, decoded: groups / 10, moving: groups / 20, audited, audited_moving }
    }

    #[test]
    fn losses_above_the_budget_tighten_and_an_hour_without_reproach_relaxes() {
        let mut audit = Audit::default();
        audit.take(quiet(1000, 20, 0));
        assert!(!audit.tightens(quiet(8, 1, 1), 0.02), "one may be chance");
        audit.take(quiet(8, 1, 1));
        assert!(!audit.tightens(quiet(8, 1, 1), 0.9), "within a large budget");
        let lax = audit.strictness();
        assert!(audit.tightens(quiet(8, 1, 1), 0.02));
        assert_eq!(audit.strictness(), lax.stricter().unwrap());
        assert!(audit.message().contains("stricter 1 times"), "{}", audit.message());
        audit.take(quiet(LAXER_AFTER + 1, 30, 0));
        assert_eq!(audit.strictness(), lax);
    }

    #[test]
    fn where_quiet_groups_move_like_any_other_everything_is_decoded_at_once() {
        let mut audit = Audit::default();
        assert!(audit.tightens(quiet(100, 5, 3), 0.02));
        assert!(audit.strictness().is_whole());
        let mut audit = Audit::default();
        assert!(audit.tightens(quiet(100, 20, 2), 0.02), "twice in twenty may be moths");
        assert!(!audit.strictness().is_whole());
    }

    #[test]
    fn the_strictest_plans_do_not_tighten() {
        let mut audit = Audit::default();
        let bad = quiet(100, 10, 8);
        while audit.tightens(bad, 0.02) {}
        assert_eq!(audit.strictness().stricter(), None);
    }
}
