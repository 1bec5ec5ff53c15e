//! Decodes of a segment what its plan asks for, and tells the plan what it sees. What happens where somebody is known
//! to be is seen whole: the scene tells so once it is the segment's turn.

use super::empty::EmptyView;
use super::eye::{Eye, View};
use super::look::Look;
use super::tally::Tally;
use super::watch::{Movement, Watch};
use crate::decode::{DecodeError, SegmentReport};
use crate::diff::{Difference, Geometry, Kernel, Quiet};
use crate::ingest::Segment;
use crate::triage::{Plan, Reason};
use pantau_models::time::{US_PER_S, UtcMicros};
use std::ops::Range;

/// Longest segment that is decoded in parts, whose samples are all in memory at once: 300 at 5 a second, 39 MB.
const SEGMENT_US_MAX: i64 = 60 * US_PER_S;
/// Where nothing happens, key frames may be so far apart.
const QUIET_KEYS_US: i64 = 9 * US_PER_S / 2;
/// ... and so far where sizes are as usual as can be, if rows are not shorter: each row of 10 s has one.
const CALM_KEYS_US: i64 = 9 * US_PER_S;
/// Key frames of usual groups without which nothing is known of quiet times.
const KEYS_MIN: usize = 4;

/// What was looked at of a segment of which every frame stands alone.
pub(super) struct Selected {
    pub view: View,
    pub looks: Vec<Look>,
    pub span: Covered,
}

/// Which frames a segment has, decoded or not.
pub(super) struct Covered {
    /// Their times.
    pub frames_us: Vec<i64>,
    pub report: SegmentReport,
}

impl Covered {
    /// `None` if the segment is too long to be decoded in parts, or doesn't tell its frames.
    fn of(segment: &Segment) -> Option<Self> {
        let is_short = segment.end_us - segment.start_us <= SEGMENT_US_MAX;
        let frames_us = is_short.then(|| segment.frames_us()).flatten()?;
        let report = SegmentReport::of_frames(segment.index, &frames_us);
        Some(Self { frames_us, report })
    }
}

/// Decodes the first frame of each slot of time, where every frame stands alone. `None` if the segment must be decoded
/// as a whole: its pictures change in size, are damaged, or are not those that its packets promise.
pub(super) fn decode_slots(mut eye: Eye<'_>, segment: &Segment) -> Result<Option<Selected>, DecodeError> {
    if segment.continues_previous || segment.continues_next {
        return Ok(None);
    }
    let Some(span) = Covered::of(segment) else { return Ok(None) };
    let mut last_slot = None;
    let is_first = |packet: &usize| {
        let slot = segment.shown_at_us(*packet).map(|at_us| eye.slot(at_us));
        let is_new = slot > last_slot;
        last_slot = last_slot.max(slot);
        is_new
    };
    let packets: Vec<usize> = (0..segment.own_packets).filter(is_first).collect();
    let Some(excerpt) = segment.excerpt(packets, segment.emits_us()) else { return Ok(None) };
    let mut view = None;
    let Some(looks) = eye.decode(&excerpt, &mut view, true, |_, _, _| false)? else { return Ok(None) };
    Ok(view.map(|view| Selected { view, looks, span }))
}

/// What is looked at of a segment, group by group.
pub(super) struct Selection<'a> {
    segment: &'a Segment,
    plan: Plan,
    covered: Covered,
    view: Option<View>,
    groups: Vec<Group>,
    /// The key frame after the segment.
    next: Option<Look>,
    /// How much cells differ from key frame to key frame.
    quiet: Quiet,
    /// Groups whose key frame is like the next one that was seen.
    calm: Vec<usize>,
    /// Cells of a burnt-in clock.
    clock: Vec<usize>,
    /// What the plan asks for was looked at; false if that can't be.
    is_looked: Option<bool>,
}

/// What was seen of a group of pictures.
#[derive(Default)]
struct Group {
    /// As the plan asks; its key frame first.
    looks: Vec<Look>,
    /// All of it, if it was decoded though the plan did not ask for it.
    whole: Option<Vec<Look>>,
    /// Its key frame, if that was decoded though the plan did not ask for it.
    key: Option<Look>,
    /// What moves, if the plan asked for it.
    movement: Option<Movement>,
    /// It was left before its end: nothing moved any more, or somebody goes on.
    is_left: bool,
    /// Somebody goes on.
    is_busy: bool,
    /// By lot: the scene has told whether it moves.
    is_judged: bool,
    is_handed_out: bool,
}

impl Group {
    /// Its key frame, if it is known by whatever way.
    fn key(&self) -> Option<&Look> {
        self.looks.first().or(self.key.as_ref()).or(self.whole.as_ref().and_then(|whole| whole.first()))
    }
}

impl<'a> Selection<'a> {
    /// Of nothing yet. `None` if the segment must be decoded as a whole.
    pub(super) fn new(segment: &'a Segment, plan: Plan, clock: Vec<usize>) -> Option<Self> {
        let covered = Covered::of(segment)?;
        let groups = (0..plan.len()).map(|_| Group::default()).collect();
        let (quiet, calm) = (Quiet::default(), Vec::new());
        Some(Self { segment, plan, covered, view: None, groups, next: None, quiet, calm, clock, is_looked: None })
    }

    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    /// When a group is first shown, microseconds since the recording's start.
    pub(super) fn start_us(&self, group: usize) -> i64 {
        self.plan.span_us(group).start
    }

    /// How its pictures are reduced; known once something was looked at.
    pub(super) fn view(&self) -> Option<View> {
        self.view.clone()
    }

    /// The key frame after the segment, if it was looked at.
    pub(super) fn take_next(&mut self) -> Option<(View, Look)> {
        self.view.clone().zip(self.next.take())
    }

    /// This may be the segment's first key frame.
    pub(super) fn offer_first(&mut self, (view, look): (View, Look)) {
        if look.pts_us == self.plan.span_us(0).start {
            (self.view, self.groups[0].key) = (Some(view), Some(look));
        }
    }

    /// Begins anew with another plan and another clock's cells; what was decoded beforehand stays.
    pub(super) fn replan(&mut self, plan: Plan, clock: Vec<usize>) {
        (self.plan, self.clock) = (plan, clock);
        (self.quiet, self.is_looked) = (Quiet::default(), None);
        for group in &mut self.groups {
            let key = group.key.take().or_else(|| std::mem::take(&mut group.looks).into_iter().next());
            let whole = group.whole.take();
            *group = Group { key, whole, is_handed_out: group.is_handed_out, ..Group::default() };
        }
    }

    /// What became so far of the groups that were not handed out.
    pub(super) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (group, seen) in self.groups.iter().enumerate().filter(|(_, seen)| !seen.is_handed_out) {
            let moves = seen.movement.is_some_and(|movement| movement.anywhere);
            tally.add(seen.movement.is_some(), moves, self.plan.reason(group) == Some(Reason::Audit));
        }
        tally
    }

    /// Decodes all of it but what shows the empty view, because somebody is expected to be there all along. What is
    /// handed out stays the same.
    pub(super) fn decode_beforehand(&mut self, eye: &mut Eye<'_>, empty: &EmptyView) -> Result<(), DecodeError> {
        (0..self.groups.len()).try_for_each(|group| self.follow(eye, group, empty).map(drop))
    }

    /// Looks at what the plan asks for, or at key frames only; false if the segment must be decoded as a whole.
    pub(super) fn look(&mut self, eye: &mut Eye<'_>, is_adaptive: bool) -> Result<bool, DecodeError> {
        if let Some(is_looked) = self.is_looked {
            return Ok(is_looked);
        }
        let is_looked = if is_adaptive {
            self.look_around(eye)?
        } else {
            self.look_at_keys(eye, &(0..self.groups.len()).collect::<Vec<_>>(), false)?
        };
        self.is_looked = Some(is_looked);
        Ok(is_looked)
    }

    /// Key frames, groups that are unusual by their sizes, and what follows from both; false as above.
    fn look_around(&mut self, eye: &mut Eye<'_>) -> Result<bool, DecodeError> {
        // Their key frames come with them; but without some others nothing is known of quiet times.
        let mut large = self.plan.unusual_by_size();
        if self.groups.len() < large.len() + KEYS_MIN {
            large.clear();
        }
        let between = self.between_keys(&large, eye.interval_us);
        let others = (0..self.groups.len()).filter(|group| !large.contains(group) && !between.contains(group));
        if !self.look_at_keys(eye, &others.collect::<Vec<_>>(), true)? {
            return Ok(false);
        }
        let mut differences = self.key_differences(eye);
        self.learn_quiet(&differences);
        let mut sees_more = !large.is_empty();
        // From the last to the first: a group may be left early if its picture is the next one's.
        while let Some(group) = large.pop() {
            if !self.look_at_group(eye, group)? {
                return Ok(false);
            }
        }
        // Whoever sits there moves from each key frame to the next: cells are not excused by what they do here.
        let severe = self.quiet.clone().only_restless();
        let hides_something = |(group, difference): &&(usize, Difference)| {
            between.contains(&(group + 1)) && difference.is_change(&severe)
        };
        let unseen = |(group, _): &(usize, Difference)| (group + 1..).take_while(|next| between.contains(next));
        let hidden: Vec<usize> = differences.iter().filter(hides_something).flat_map(unseen).collect();
        let is_hidden = !hidden.is_empty();
        if is_hidden && !self.look_at_keys(eye, &hidden, false)? {
            return Ok(false);
        }
        sees_more |= is_hidden;
        if sees_more {
            differences = self.key_differences(eye);
        }
        if is_hidden {
            self.learn_quiet(&differences);
        }
        for (group, difference) in &differences {
            let is_whole = self.groups.get(group + 1).is_none_or(|next| !next.looks.is_empty());
            if is_whole && difference.is_change(&self.quiet) {
                self.plan.keys_differ(*group);
            }
        }
        while let Some(group) = self.plan.next_wanted() {
            if !self.look_at_group(eye, group)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Groups drawn by lot from `from` on of which the scene has not told whether they move, each with what is looked at
    /// from `from` to the group's end.
    pub(super) fn judge(&mut self, from: usize, mut moves: impl FnMut(&[&Look], Range<UtcMicros>) -> bool) {
        for group in from..self.groups.len() {
            let seen = &self.groups[group];
            let is_drawn = self.plan.reason(group) == Some(Reason::Audit) && seen.movement.is_some();
            let [Some(first), Some(last)] = [seen.looks.first(), seen.looks.last()] else { continue };
            if !is_drawn || seen.is_judged {
                continue;
            }
            let own = first.at..last.at.plus_us(1);
            let next_key = self.groups.get(group + 1).and_then(Group::key).or(self.next.as_ref());
            let looks: Vec<&Look> =
                self.groups[from..=group].iter().flat_map(|seen| &seen.looks).chain(next_key).collect();
            let anywhere = moves(&looks, own);
            let seen = &mut self.groups[group];
            (seen.movement, seen.is_judged) = (Some(Movement { anywhere, ..Movement::default() }), true);
        }
    }

    /// Decodes all of a group unless its key frame shows the `empty` view; true if it was. `None` if the segment must be
    /// decoded as a whole.
    pub(super) fn follow(
        &mut self,
        eye: &mut Eye<'_>,
        group: usize,
        empty: &EmptyView,
    ) -> Result<Option<bool>, DecodeError> {
        if let (Some(key), Some((geometry, _))) = (self.groups[group].key(), &self.view) {
            return Ok(Some(!empty.is_seen_in(eye.kernel, geometry, &key.grid)));
        }
        let mut is_left = false;
        let looks = self.decode_group(eye, group, |kernel, geometry, looks| {
            is_left = looks.len() == 1 && empty.is_seen_in(kernel, geometry, &looks[0].grid);
            is_left
        })?;
        let Some(mut looks) = looks else { return Ok(None) };
        if is_left {
            self.groups[group].key = looks.pop();
        } else {
            self.groups[group].whole = Some(looks);
        }
        Ok(Some(!is_left))
    }

    /// Takes all looks that there can be at a group; false if the segment must be decoded as a whole. They are kept: the
    /// plan may ask for them later.
    pub(super) fn take_whole(
        &mut self,
        eye: &mut Eye<'_>,
        group: usize,
        tally: &mut Tally,
    ) -> Result<bool, DecodeError> {
        tally.add(true, false, false);
        let seen = &self.groups[group];
        let is_seen_whole = seen.whole.is_some() || seen.movement.is_some() && !seen.is_left;
        if !is_seen_whole {
            let Some(whole) = self.decode_group(eye, group, |_, _, _| false)? else { return Ok(false) };
            self.groups[group].whole = Some(whole);
        }
        self.groups[group].is_handed_out = true;
        Ok(true)
    }

    /// Takes the looks at a group that the plan asked for, once the segment was looked at.
    pub(super) fn take_planned(&mut self, group: usize, tally: &mut Tally) {
        let is_audit = self.plan.reason(group) == Some(Reason::Audit);
        let seen = &mut self.groups[group];
        seen.is_handed_out = true;
        let moves = is_audit && seen.movement.is_some_and(|movement| movement.anywhere);
        tally.add(seen.movement.is_some(), moves, is_audit && seen.movement.is_some());
    }

    /// The looks at a group that were taken.
    pub(super) fn looks(&self, group: usize, is_whole: bool) -> &[Look] {
        let Group { looks, whole, .. } = &self.groups[group];
        whole.as_ref().filter(|_| is_whole).unwrap_or(looks)
    }

    /// True if the group's key frame shows something that the `empty` view lacks, though the plan asks for no more.
    pub(super) fn is_strange(&self, eye: &mut Eye<'_>, group: usize, empty: impl FnOnce() -> EmptyView) -> bool {
        let ([key], Some((geometry, _))) = (self.groups[group].looks.as_slice(), &self.view) else { return false };
        let empty = empty();
        empty.is_known() && !empty.is_nearly_seen_in(eye.kernel, geometry, &key.grid)
    }

    /// True if what was looked at of a group, as the plan asks, stands for the rest: somebody goes on.
    pub(super) fn is_busy(&self, group: usize) -> bool {
        self.groups[group].is_busy
    }

    /// True if the plan had the group decoded by lot.
    pub(super) fn is_drawn(&self, group: usize) -> bool {
        self.plan.reason(group) == Some(Reason::Audit)
    }

    /// The segment's frames.
    pub(super) fn into_covered(self) -> Covered {
        self.covered
    }

    /// Groups whose key frames need not be seen where nothing happens, not beside one that is `large`: those in between
    /// others that are that near, by how usual their sizes are.
    fn between_keys(&self, large: &[usize], interval_us: i64) -> Vec<usize> {
        let calm_us = CALM_KEYS_US.min(interval_us).max(QUIET_KEYS_US);
        let mut between = Vec::new();
        let (mut seen, mut is_calm) = (0, true);
        for group in 1..self.groups.len() {
            is_calm &= self.plan.is_calm(group - 1) && self.plan.is_calm(group);
            let span_us = self.plan.span_us(group).end - self.plan.span_us(seen).start;
            let is_near = span_us <= if is_calm { calm_us } else { QUIET_KEYS_US };
            if is_near && !(group - 1..=group + 1).any(|other| large.contains(&other)) {
                between.push(group);
            } else {
                (seen, is_calm) = (group, true);
            }
        }
        between
    }

    /// The key frames of some groups, and the one after the segment's end if it is asked for and there.
    fn look_at_keys(&mut self, eye: &mut Eye<'_>, wanted: &[usize], with_next: bool) -> Result<bool, DecodeError> {
        for &group in wanted {
            let known = self.groups[group].key().map(Look::copy);
            let key = match known {
                Some(key) => Some(key),
                None => self.decode_key(eye, self.plan.packets(group).start)?,
            };
            let Some(key) = key else { return Ok(false) };
            self.groups[group].looks = vec![key];
        }
        if with_next && self.segment.next_key.is_some() && self.next.is_none() {
            self.next = self.decode_key(eye, self.segment.packets.len())?;
            return Ok(self.next.is_some());
        }
        Ok(true)
    }

    /// One by one: key frames in a row that don't forbid references to before them come out in any order.
    fn decode_key(&mut self, eye: &mut Eye<'_>, packet: usize) -> Result<Option<Look>, DecodeError> {
        let Some(at_us) = self.segment.shown_at_us(packet) else { return Ok(None) };
        let Some(excerpt) = self.segment.excerpt([packet], at_us..i64::MAX) else { return Ok(None) };
        let looks = eye.decode(&excerpt, &mut self.view, false, |_, _, _| false)?;
        Ok(looks.filter(|looks| looks.len() == 1).and_then(|mut looks| looks.pop()))
    }

    /// From each key frame that was seen to the next one that was, with the number of the first one's group.
    fn key_differences(&self, eye: &mut Eye<'_>) -> Vec<(usize, Difference)> {
        let Some((geometry, _)) = &self.view else { return Vec::new() };
        let own = self.groups.iter().enumerate().filter_map(|(group, seen)| Some((group, seen.looks.first()?)));
        let keys: Vec<(usize, &Look)> = own.chain(self.next.iter().map(|next| (self.groups.len(), next))).collect();
        keys.windows(2)
            .map(|pair| (pair[0].0, Difference::of_keys(eye.kernel, geometry, &pair[0].1.grid, &pair[1].1.grid)))
            .collect()
    }

    /// What usually differs from key frame to key frame, and what never counts.
    fn learn_quiet(&mut self, differences: &[(usize, Difference)]) {
        self.quiet = Quiet::of(differences.iter().map(|(_, difference)| difference));
        self.quiet.ignore_clock(self.clock.iter().copied());
        let calm = differences.iter().filter(|(_, difference)| !difference.is_change(&self.quiet));
        self.calm = calm.map(|(group, _)| *group).collect();
    }

    /// Decodes a group, as far as anything happens in it.
    fn look_at_group(&mut self, eye: &mut Eye<'_>, group: usize) -> Result<bool, DecodeError> {
        self.plan.take(group);
        let is_audit = self.plan.reason(group) == Some(Reason::Audit);
        let calm = self.calm.iter().min_by_key(|calm| calm.abs_diff(group)).filter(|_| !is_audit);
        let calm = calm.and_then(|calm| self.groups[*calm].key()).map(Look::copy);
        let (quiet, next) = (std::mem::take(&mut self.quiet), self.next.take());
        let after = self.groups.get_mut(group + 1).map(|next| std::mem::take(&mut next.looks));
        let mut watch = Watch {
            quiet: &quiet,
            next_key: after.as_ref().map_or(next.as_ref(), |looks| looks.first()),
            unusual_until: if is_audit { usize::MAX } else { self.plan.unusual_until(group) },
            span_us: self.plan.span_us(group),
            calm: calm.as_ref(),
            is_busy: false,
            differences: Vec::new(),
        };
        let mut is_left = false;
        let looks = match (&self.groups[group].whole, &self.view) {
            (Some(whole), Some((geometry, _))) => {
                let until = (1..=whole.len()).find(|&count| watch.is_over(eye.kernel, geometry, &whole[..count]));
                is_left = until.is_some();
                Some(whole[..until.unwrap_or(whole.len())].iter().map(Look::copy).collect())
            }
            _ => self.decode_group(eye, group, |kernel, geometry, looks| {
                is_left = watch.is_over(kernel, geometry, looks);
                is_left
            })?,
        };
        let is_busy = watch.is_busy;
        let seen = looks.zip(self.view.as_ref()).map(|(looks, (geometry, _))| {
            let movement = watch.movement(eye.kernel, geometry, &looks);
            (looks, movement)
        });
        (self.quiet, self.next) = (quiet, next);
        if let Some(after) = after {
            self.groups[group + 1].looks = after;
        }
        let Some((looks, movement)) = seen else { return Ok(false) };
        if movement.anywhere {
            self.plan.moves(group, movement.at_start, movement.at_end);
        }
        let seen = &mut self.groups[group];
        (seen.looks, seen.movement, seen.is_left, seen.is_busy) = (looks, Some(movement), is_left, is_busy);
        Ok(true)
    }

    /// A group's looks until `is_over`; `None` if it is not whole.
    fn decode_group(
        &mut self,
        eye: &mut Eye<'_>,
        group: usize,
        is_over: impl FnMut(&mut Kernel, &Geometry, &[Look]) -> bool,
    ) -> Result<Option<Vec<Look>>, DecodeError> {
        let (own, span_us) = (self.segment.emits_us(), self.plan.span_us(group));
        let shown_us = own.start.max(span_us.start)..own.end.min(span_us.end);
        let packets = self.needed(eye, group, &shown_us);
        let Some(excerpt) = self.segment.excerpt(packets, shown_us) else { return Ok(None) };
        let looks = eye.decode(&excerpt, &mut self.view, true, is_over)?;
        Ok(looks.filter(|looks| !looks.is_empty()))
    }

    /// A group's packets up to the last one that a sample needs: what follows that in decoding order shows later moments
    /// of the same slot of time.
    fn needed(&self, eye: &Eye<'_>, group: usize, shown_us: &Range<i64>) -> Range<usize> {
        let packets = self.plan.packets(group);
        let shown = |packet: usize| self.segment.shown_at_us(packet).filter(|at_us| shown_us.contains(at_us));
        let Some(last_slot) = packets.clone().filter_map(shown).map(|at_us| eye.slot(at_us)).max() else {
            return packets;
        };
        let in_last = packets.clone().filter_map(shown).filter(|at_us| eye.slot(*at_us) == last_slot);
        let last_us = in_last.min().unwrap_or(i64::MAX);
        let last = packets.clone().rfind(|&packet| shown(packet).is_some_and(|at_us| at_us <= last_us));
        packets.start..last.map_or(packets.end, |last| last + 1)
    }
}
