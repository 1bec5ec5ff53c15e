//! Watches a group of pictures being decoded: whether it may be left early, and where in it something moves.

use super::look::Look;
use crate::diff::{Difference, Geometry, Kernel, Quiet};
use crate::estimate::SAMPLE_HOLDS_US;
use pantau_models::time::US_PER_S;
use std::ops::Range;

/// Movement this near to a group's border may go on behind it.
const BORDER_US: i64 = US_PER_S / 2;
/// A group in which nothing has moved for so long may be left.
const STILL_US: i64 = 6 * US_PER_S / 10;
/// Nothing less than this is left out: the scene would take the pictures before and after it for neighbours.
const LEFT_US_MIN: i64 = 11 * US_PER_S / 10;
/// ... unless somebody moves all along: less time than this says little of the rest.
const BUSY_US_MIN: i64 = 6 * US_PER_S / 10;

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

    /// True if the rest is more of the same, and the last sample stands for it: somebody as large as a person moves from each
    /// look to the next, and neither the first one nor the next key frame shows the calm view.
    fn goes_on(&self, kernel: &mut Kernel, geometry: &Geometry, looks: &[Look]) -> bool {
        let (Some(calm), Some(next), [first, .., last]) = (self.calm, self.next_key, looks) else { return false };
        let is_near = |look: &Look| next.pts_us - look.pts_us <= SAMPLE_HOLDS_US;
        let seen = &looks[..looks.len() - 1];
        if !is_near(last) || seen.iter().any(is_near) || last.pts_us - first.pts_us < BUSY_US_MIN {
            return false;
        }
        let mut differs = |look: &Look| Difference::of(kernel, geometry, &calm.grid, &look.grid).is_large();
        self.differences.iter().all(Difference::is_large) && differs(first) && differs(next)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{Grid, KernelLevel};
    use pantau_models::time::UtcMicros;

    fn look(second: f64, person_at: Option<usize>) -> (Geometry, Look) {
        let is_person = |x: usize, y: usize| {
            person_at.is_some_and(|left| (left..left + 40).contains(&x)) && (100..200).contains(&y)
        };
        let (geometry, grid) = Grid::of_grey((480, 270), |x, y| if is_person(x, y) { 40 } else { 120 });
        let at = UtcMicros(0).plus_s(second);
        (geometry, Look { at, pts_us: at.0, frame: 0, grid })
    }

    /// A group of 2 s: five samples a second of where somebody is, and where they are in the next group's first picture.
    /// After how many of them it is known that they go on.
    fn enough_of(person_at: impl Fn(usize) -> Option<usize>, next: Option<usize>) -> Option<usize> {
        let mut kernel = Kernel::new(KernelLevel::choose().unwrap());
        let (geometry, calm) = look(0.0, None);
        let looks: Vec<Look> = (0..10).map(|sample| look(sample as f64 / 5.0, person_at(sample)).1).collect();
        let next_key = look(2.0, next).1;
        let mut watch = Watch {
            quiet: &Quiet::default(),
            next_key: Some(&next_key),
            unusual_until: usize::MAX,
            span_us: 0..next_key.pts_us,
            calm: Some(&calm),
            is_busy: false,
            differences: Vec::new(),
        };
        (1..=looks.len()).find(|&count| watch.is_over(&mut kernel, &geometry, &looks[..count]))
    }

    #[test]
    fn half_a_group_is_enough_of_whoever_walks_on_and_all_of_it_of_others() {
        let walks = |sample: usize| Some(100 + 20 * sample);
        assert_eq!(enough_of(walks, Some(300)), Some(6));
        let leaves = enough_of(walks, None);
        let sits = enough_of(|_| Some(100), Some(100));
        let comes = enough_of(|sample| (sample > 0).then_some(100 + 20 * sample), Some(300));
        let stops = enough_of(|sample| Some(100 + 20 * sample.min(3)), Some(160));
        assert_eq!([leaves, sits, comes, stops], [None; 4]);
    }
}
