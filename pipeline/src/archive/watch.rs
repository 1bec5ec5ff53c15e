//! Watches a group of pictures being decoded: whether it may be left early, and where in it something moves.

use super::busy;
use super::look::Look;
use crate::diff::{Difference, Geometry, Kernel, Quiet};
use pantau_models::time::US_PER_S;
use std::ops::Range;

/// Movement this near to a group's border may go on behind it.
const BORDER_US: i64 = US_PER_S / 2;
/// A group in which nothing has moved for so long may be left.
const STILL_US: i64 = 6 * US_PER_S / 10;
/// Nothing less than this is left out: the scene would take the pictures before and after it for neighbours.
const LEFT_US_MIN: i64 = 11 * US_PER_S / 10;

/// Where in a group something moves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Movement {
    pub anywhere: bool,
    pub at_start: bool,
    pub at_end: bool,
}

/// Watches a group being decoded.
pub(super) struct Watch<'a> {
    pub quiet: &'a Quiet,
    pub next_key: Option<&'a Look>,
    /// Its frames from this one on have usual sizes.
    pub unusual_until: usize,
    pub span_us: Range<i64>,
    /// The view while nothing happens, if the group may be left because it is known how it goes on.
    pub calm: Option<&'a Look>,
    /// Somebody moves all along.
    pub is_busy: bool,
    /// From each look to the next.
    pub differences: Vec<Difference>,
}

impl Watch<'_> {
    /// True if nothing has moved for a while, no packet to come is unusual, and the picture is the next group's.
    pub(super) fn is_over(&mut self, kernel: &mut Kernel, geometry: &Geometry, looks: &[Look]) -> bool {
        let [.., before, last] = looks else { return false };
        self.differences.push(Difference::of(kernel, geometry, &before.grid, &last.grid));
        if self.goes_on(kernel, geometry, looks) {
            self.is_busy = true;
            return true;
        }
        let Some(next_key) = self.next_key.filter(|_| last.frame + 1 >= self.unusual_until) else { return false };
        if next_key.pts_us - last.pts_us < LEFT_US_MIN {
            return false;
        }
        let quiet = Quiet::of_neighbours(&self.differences, self.quiet);
        let pairs = looks.windows(2).zip(&self.differences).rev();
        let moved = pairs.clone().find(|(_, difference)| difference.is_change(&quiet)).map(|(pair, _)| pair[1].pts_us);
        let still_us = last.pts_us - moved.unwrap_or(self.span_us.start);
        still_us >= STILL_US && !Difference::of(kernel, geometry, &last.grid, &next_key.grid).is_change(self.quiet)
    }

    /// True if the rest is more of the same.
    fn goes_on(&self, kernel: &mut Kernel, geometry: &Geometry, looks: &[Look]) -> bool {
        let (Some(calm), Some(next)) = (self.calm, self.next_key) else { return false };
        busy::enough(kernel, geometry, looks, next, &calm.grid) == Some(looks.len())
    }

    /// What the group shows, once it is decoded.
    pub(super) fn movement(mut self, kernel: &mut Kernel, geometry: &Geometry, looks: &[Look]) -> Movement {
        let mut looks: Vec<&Look> = looks.iter().collect();
        if let (Some(last), Some(next)) = (looks.last(), self.next_key)
            && next.pts_us - last.pts_us <= BORDER_US
        {
            self.differences.push(Difference::of(kernel, geometry, &last.grid, &next.grid));
            looks.push(next);
        }
        let quiet = Quiet::of_neighbours(&self.differences, self.quiet);
        let mut movement = Movement { anywhere: self.is_busy, at_start: self.is_busy, at_end: self.is_busy };
        for (pair, difference) in looks.windows(2).zip(&self.differences) {
            if difference.is_change(&quiet) {
                movement.anywhere = true;
                movement.at_start |= pair[0].pts_us < self.span_us.start + BORDER_US;
                movement.at_end |= pair[1].pts_us > self.span_us.end - BORDER_US;
            }
        }
        movement
    }
}
