//! Whom adaptive effort follows: while somebody is likely there, everything is looked at, unless a picture is that of the
//! empty view. What the plan leaves out is looked at too if its key frame shows more than the empty view and what moves
//! by itself: a fan that was switched on is learned within seconds then, and taken for somebody for minutes otherwise.

use super::audit::Audit;
use super::empty::EmptyView;
use super::look::Look;
use super::tail::{Begun, Tail, Track, is_movement};
use crate::diff::Geometry;
use crate::scene::Scene;
use pantau_models::time::{US_PER_S, UtcMicros};
use std::ops::Range;

/// A view that was begun so lately is looked at all the time, microseconds: how much its cells tremble is learned once it
/// is clear that nobody moves, 30 s after the start. With 30 s, or with 25 s where nobody is likely there, small movement
/// was missed for as long as somebody stayed. With each of its groups looked at only until nothing moved in it (two
/// fifths), half of a seated person in dark clothes was.
const NEW_US: i64 = 45 * US_PER_S;
/// From this chance of somebody on everything is looked at: what comes later may raise it to what makes a row's
/// presence.
const SOMEBODY_MIN: f32 = 0.25;
/// Below this chance of somebody a picture counts as that of the empty view.
/// With 0.25, one clip in twenty of somebody seated lost some of their movement; with 0.05, all that followed a visit in
/// the first minute was decoded.
const EMPTY_CHANCE: f32 = 0.12;
/// ... once that has stayed so for so long after it: evidence is seconds late, and people hold still for a while,
/// microseconds.
const EMPTY_FOR_US: i64 = 10 * US_PER_S;
/// Pictures that may be that of the empty view are so far apart, microseconds, or half of it until two are known: nearer
/// ones differ less than the view does by itself.
const EMPTY_APART_US: i64 = 10 * US_PER_S;
/// So many wait at a time for evidence, which is up to 20 s late where only key frames are looked at.
const MAYBE_EMPTY_MAX: usize = 4;
/// So long after something moved, silence settles it if nobody is likely there but somebody may be, microseconds. Key
/// frames alone leave it open, and whoever came next would be said to have been there since.
const UNCLEAR_US: i64 = 60 * US_PER_S;
/// Who was there for so long before the view was ever seen empty may still be when somebody else has left, microseconds.
const STAYS_US: i64 = 30 * US_PER_S;
/// No more of it is told by one chance, microseconds: between recordings, nobody is asked for hours.
const ASKED_US_MAX: i64 = 10 * US_PER_S;

/// Where key frames alone are looked at, all of a view's first so many microseconds: a burnt-in clock is told by counting
/// eleven seconds. Not masked, its digits are somebody for as long as the recording lasts.
const CLOCK_US: i64 = 14 * US_PER_S;

/// How much of what comes next must be looked at, if not everything is.
pub(super) enum Attention {
    /// All of it.
    Whole,
    /// All of it, unless the picture is that of the empty view.
    UnlessEmpty,
    /// What the plan says, and what key frames show beyond the empty view.
    Plan,
}

impl Tail {
    /// A group of pictures begins; `planned` tells whether the plan had it decoded, if that was left to the plan.
    pub(super) fn group(&mut self, at: UtcMicros, counts: bool, planned: Option<bool>) {
        self.track.groups.push_back(Begun { at, counts });
        if let Some(is_decoded) = planned {
            self.track.planned[0] += 1;
            self.track.planned[1] += u64::from(is_decoded);
        }
    }

    /// True if pictures show movement within `own`, by the evidence that rows are made of; nothing is learned from them.
    pub(super) fn moves(&mut self, geometry: &Geometry, looks: &[&Look], own: &Range<UtcMicros>) -> bool {
        let mut scene = Scene::restore(self.camera.analysis.clone(), self.scene.state());
        let mut evidence = Vec::new();
        for look in looks {
            evidence.extend(scene.observe_grid(&mut self.kernel, look.at, geometry, &look.grid));
        }
        evidence.extend(scene.flush());
        evidence.iter().any(|evidence| own.contains(&evidence.at) && is_movement(evidence))
    }

    /// How much of what comes next, `now`, must be looked at.
    pub(super) fn attention(&mut self, now: UtcMicros, is_adaptive: bool) -> Attention {
        let chance = self.estimator.chance_of_somebody();
        self.settle_empty(now, chance);
        self.track.stay(now, chance);
        let is_within = |at: UtcMicros, length_us: i64| now.0 - at.0 < length_us;
        let (began, moved) = (self.scene.began_at(), self.track.moved_at);
        // How light swings and a camera shakes is learned from one sample to the next: from key frames alone, somebody under
        // an exposure that hunts was said to be there in 2 rows of 21.
        let is_unsteady = self.scene.is_unsteady(now);
        // Only a view into which nobody has walked yet may hide somebody who sits there from the start.
        let is_untouched = moved.is_none_or(|moved| Some(moved) < began) || self.scene.seeks_sitters(now);
        let is_new = began.is_none_or(|began| is_within(began, NEW_US) && (is_untouched || chance >= SOMEBODY_MIN));
        // Whoever leaves says nothing of who sat there all along.
        let is_lately = moved.is_some_and(|moved| is_within(moved, UNCLEAR_US));
        let may_sit = self.scene.suspects_somebody(now) || is_lately && self.track.is_sat_in();
        let is_unclear = is_lately && (EMPTY_CHANCE..SOMEBODY_MIN).contains(&chance);
        if !is_adaptive {
            let is_clock_unknown = began.is_none_or(|began| is_within(began, CLOCK_US));
            if is_clock_unknown { Attention::Whole } else { Attention::Plan }
        } else if is_new || is_unsteady || may_sit || self.is_whole() {
            Attention::Whole
        } else if chance >= SOMEBODY_MIN || is_unclear {
            Attention::UnlessEmpty
        } else {
            Attention::Plan
        }
    }

    /// True if all of the next segment is looked at whatever it shows: parts of it are not worth telling apart.
    pub(super) fn is_whole(&self) -> bool {
        self.track.whole_segments > 0 || self.track.audit.strictness().is_whole()
    }

    /// What audits tell of this camera.
    pub(super) fn audit(&mut self) -> &mut Audit {
        &mut self.track.audit
    }

    /// If nobody is found to have been there, this picture is that of the empty view.
    pub(super) fn keep_if_empty(&mut self, key: &Look) {
        let Track { maybe_empty, empty, .. } = &mut self.track;
        let apart_us = if empty[1].is_none() { EMPTY_APART_US / 2 } else { EMPTY_APART_US };
        let is_due = maybe_empty.back().is_none_or(|(taken, _)| key.at.0 - taken.0 >= apart_us);
        if is_due && maybe_empty.len() < MAYBE_EMPTY_MAX {
            maybe_empty.push_back((key.at, key.grid.clone()));
        }
    }

    /// Takes the pictures that may be that of the empty view for it if nobody was found in them and since, for long enough;
    /// forgets those in which somebody may have been, and the empty view if somebody was there who had not come since.
    fn settle_empty(&mut self, now: UtcMicros, chance: f32) {
        let unlikely = self.estimator.unlikely(EMPTY_CHANCE);
        let empty_for_us = if self.track.is_sat_in() { UNCLEAR_US } else { EMPTY_FOR_US };
        let Track { maybe_empty, empty, moved_at, .. } = &mut self.track;
        if let Some(unlikely) = unlikely {
            maybe_empty.retain(|(taken, _)| *taken >= unlikely.start);
            let is_empty = |taken: UtcMicros| taken < unlikely.end && now.0 - taken.0 >= empty_for_us;
            while let Some(kept) = maybe_empty.pop_front_if(|(taken, _)| is_empty(*taken)) {
                let [newer, older] = empty;
                *older = newer.replace(kept);
            }
        }
        if chance >= SOMEBODY_MIN {
            for kept in empty {
                kept.take_if(|(taken, _)| moved_at.is_none_or(|moved| moved < *taken));
            }
        }
    }

    /// Cells of a burnt-in clock.
    pub(super) fn clock(&self) -> Vec<usize> {
        self.scene.clock_cells().collect()
    }

    /// What the view looks like while nobody is there.
    pub(super) fn empty_view(&self) -> EmptyView {
        EmptyView {
            pictures: self.track.empty.each_ref().map(|kept| kept.as_ref().map(|(_, picture)| picture.clone())),
            clock: self.clock(),
            restless: self.scene.restless_cells().collect(),
        }
    }
}

impl Track {
    /// True if somebody was there for long in a view that was never seen without them: they are part of its background.
    fn is_sat_in(&self) -> bool {
        self.stayed_us >= STAYS_US
    }

    /// Takes the chance of somebody at `now`, as far as the view was not seen empty.
    fn stay(&mut self, now: UtcMicros, chance: f32) {
        let passed_us = self.asked_at.replace(now).map_or(0, |asked| (now.0 - asked.0).clamp(0, ASKED_US_MAX));
        if self.empty[0].is_some() {
            self.stayed_us = 0;
        } else if chance >= SOMEBODY_MIN {
            self.stayed_us += passed_us;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Grid;

    #[test]
    fn who_stays_before_the_view_was_seen_empty_may_be_part_of_it() {
        let mut track = Track::default();
        let stay = |track: &mut Track, seconds: std::ops::Range<i64>, chance: f32| {
            seconds.step_by(2).for_each(|second| track.stay(UtcMicros(second * US_PER_S), chance));
            track.is_sat_in()
        };
        assert!(!stay(&mut track, 0..60, 0.0), "nobody");
        assert!(!stay(&mut track, 60..80, 1.0), "a short visit");
        assert!(!stay(&mut track, 80..200, 0.1));
        assert!(stay(&mut track, 200..240, 1.0) && stay(&mut track, 240..300, 0.0), "and who left may be another");
        track.empty[0] = Some((UtcMicros(250 * US_PER_S), Grid::of_grey((480, 270), |_, _| 90).1));
        assert!(!stay(&mut track, 300..302, 0.0), "it was seen empty");
    }
}
