//! Decodes of a segment what its plan asks for, and tells the plan what it sees.

use crate::decode::{DecodeError, Decoder, Luma, SegmentReport};
use crate::diff::{Blackout, Difference, Geometry, Grid, Kernel, Quiet};
use crate::ingest::Segment;
use crate::triage::{Plan, Reason};
use pantau_models::settings::Polygon;
use pantau_models::time::{US_PER_S, UtcMicros};
use serde::{Deserialize, Serialize};
use std::ops::{AddAssign, ControlFlow, Range};

/// Longest segment that is decoded in parts, whose samples are all in memory at once: 300 at 5 a second, 39 MB.
const SEGMENT_US_MAX: i64 = 60 * US_PER_S;
/// Movement this near to a group's border may go on behind it.
const BORDER_US: i64 = US_PER_S / 2;
/// A group in which nothing has moved for so long may be left.
const STILL_US: i64 = 6 * US_PER_S / 10;
/// Where nothing happens, key frames may be so far apart.
const QUIET_KEYS_US: i64 = 9 * US_PER_S / 2;
/// Nothing less than this is left out: the scene would take the pictures before and after it for neighbours.
const LEFT_US_MIN: i64 = 11 * US_PER_S / 10;
/// Key frames of usual groups without which nothing is known of quiet times.
const KEYS_MIN: usize = 4;

/// A picture that was looked at.
pub(super) struct Look {
    pub at: UtcMicros,
    pts_us: i64,
    pub grid: Grid,
}

/// How a picture is reduced, and what of it is black.
pub(super) type View = (Geometry, Blackout);

/// What was looked at of a segment.
pub(super) struct Selected {
    pub view: View,
    pub looks: Vec<Look>,
    /// Times of all frames of the segment, decoded or not.
    pub frames_us: Vec<i64>,
    pub report: SegmentReport,
    pub tally: Tally,
}

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
    /// Of the groups that move, the share that was not decoded: as the lot tells it, and the bounds of its 95 %
    /// interval (Wilson 1927). `None` if the lot fell on nothing.
    pub(super) fn lost_share(&self) -> Option<[f64; 3]> {
        const Z: f64 = 1.96;
        if self.audited == 0 {
            return None;
        }
        let (drawn, share) = (self.audited as f64, self.audited_moving as f64 / self.audited as f64);
        let middle = share + Z * Z / (2.0 * drawn);
        let reach = Z * (share * (1.0 - share) / drawn + Z * Z / (4.0 * drawn * drawn)).sqrt();
        let scale = 1.0 + Z * Z / drawn;
        let skipped = (self.groups - self.decoded) as f64;
        // Those drawn were decoded: only what was not can be lost.
        let lost = |share: f64| {
            let lost = skipped * share.clamp(0.0, 1.0);
            if lost > 0.0 { lost / (lost + (self.moving + self.audited_moving) as f64) } else { 0.0 }
        };
        Some([lost(share), lost((middle - reach) / scale), lost((middle + reach) / scale)])
    }

    /// For the manifest.
    pub(super) fn message(&self) -> String {
        let Self { groups, decoded, audited, audited_moving, .. } = self;
        let told = format!("{decoded} of {groups} groups of pictures decoded beside key frames");
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        match self.lost_share() {
            Some([lost, low, high]) => format!(
                "{told}; of {audited} quiet ones drawn by lot {audited_moving} moved: {} of what moves was lost ({} to {})",
                percent(lost),
                percent(low),
                percent(high)
            ),
            None => told,
        }
    }
}

/// Decodes what the plan asks for. `None` if the segment must be decoded as a whole: its pictures change in size, are
/// damaged, or are not those that its packets promise.
pub(super) fn decode_selected(
    eye: Eye<'_>,
    segment: &Segment,
    plan: &mut Plan,
    is_adaptive: bool,
) -> Result<Option<Selected>, DecodeError> {
    let Some(frames_us) = frames_us(segment) else { return Ok(None) };
    let groups = plan.len();
    let mut selection = Selection::new(eye, segment, plan);
    let is_whole = if is_adaptive {
        selection.look_around()?
    } else {
        selection.look_at_keys(&(0..groups).collect::<Vec<_>>(), false)?
    };
    let Selection { view, groups, tally, .. } = selection;
    let looks = groups.into_iter().flatten().collect();
    Ok(view.filter(|_| is_whole).map(|view| Selected::new(segment, view, looks, frames_us, tally)))
}

/// Decodes the first frame of each slot of time, where every frame stands alone. `None` as above.
pub(super) fn decode_slots(
    mut eye: Eye<'_>,
    segment: &Segment,
    start: UtcMicros,
) -> Result<Option<Selected>, DecodeError> {
    let frames_us = frames_us(segment).filter(|_| !segment.continues_previous && !segment.continues_next);
    let Some(frames_us) = frames_us else { return Ok(None) };
    let mut last_slot = None;
    let is_first = |packet: &usize| {
        let slot = segment.shown_at_us(*packet).map(|at_us| start.plus_us(at_us).0.div_euclid(eye.slot_us));
        let is_new = slot > last_slot;
        last_slot = last_slot.max(slot);
        is_new
    };
    let packets: Vec<usize> = (0..segment.own_packets).filter(is_first).collect();
    let Some(excerpt) = segment.excerpt(packets, segment.emits_us()) else { return Ok(None) };
    let mut view = None;
    let Some(looks) = eye.decode(&excerpt, &mut view, true, |_, _, _, _| false)? else { return Ok(None) };
    Ok(view.map(|view| Selected::new(segment, view, looks, frames_us, Tally::default())))
}

/// Times of all frames, of a segment that is short enough to be decoded in parts and tells them.
fn frames_us(segment: &Segment) -> Option<Vec<i64>> {
    let is_short = segment.end_us - segment.start_us <= SEGMENT_US_MAX;
    is_short.then(|| segment.frames_us()).flatten()
}

impl Selected {
    fn new(segment: &Segment, view: View, looks: Vec<Look>, frames_us: Vec<i64>, tally: Tally) -> Self {
        let report = SegmentReport::of_frames(segment.index, &frames_us);
        Self { view, looks, frames_us, report, tally }
    }
}

/// What looks.
pub(super) struct Eye<'a> {
    pub decoder: &'a mut Decoder,
    pub kernel: &'a mut Kernel,
    pub masks: &'a [Polygon],
    pub slot_us: i64,
}

struct Selection<'a> {
    eye: Eye<'a>,
    segment: &'a Segment,
    plan: &'a mut Plan,
    view: Option<View>,
    /// What was seen of each group; its key frame first.
    groups: Vec<Vec<Look>>,
    /// The key frame after the segment.
    next: Option<Look>,
    /// How much cells differ from key frame to key frame.
    quiet: Quiet,
    tally: Tally,
}

impl<'a> Selection<'a> {
    fn new(eye: Eye<'a>, segment: &'a Segment, plan: &'a mut Plan) -> Self {
        let groups = (0..plan.len()).map(|_| Vec::new()).collect();
        let tally = Tally { groups: plan.len() as u64, ..Tally::default() };
        Self { eye, segment, plan, view: None, groups, next: None, quiet: Quiet::default(), tally }
    }

    /// Key frames, groups that are unusual by their sizes, and what follows from both; false if something is not whole.
    fn look_around(&mut self) -> Result<bool, DecodeError> {
        // Their key frames come with them; but without some others nothing is known of quiet times.
        let mut large = self.plan.unusual_by_size();
        if self.groups.len() < large.len() + KEYS_MIN {
            large.clear();
        }
        let between = self.between_keys(&large);
        let others = (0..self.groups.len()).filter(|group| !large.contains(group) && !between.contains(group));
        if !self.look_at_keys(&others.collect::<Vec<_>>(), true)? {
            return Ok(false);
        }
        let mut differences = self.key_differences();
        self.quiet = Quiet::of(differences.iter().map(|(_, difference)| difference));
        let mut sees_more = !large.is_empty();
        // From the last to the first: a group may be left early if its picture is the next one's.
        while let Some(group) = large.pop() {
            if !self.look_at_group(group)? {
                return Ok(false);
            }
        }
        // Whoever sits there moves from each key frame to the next: cells are not excused by what they do here.
        let severe = self.quiet.clone().only_restless();
        let hides_something =
            |(group, difference): &(usize, Difference)| between.contains(&(group + 1)) && difference.is_change(&severe);
        let is_hidden = differences.iter().any(hides_something);
        if is_hidden && !self.look_at_keys(&between, false)? {
            return Ok(false);
        }
        sees_more |= is_hidden;
        if sees_more {
            differences = self.key_differences();
        }
        if is_hidden {
            self.quiet = Quiet::of(differences.iter().map(|(_, difference)| difference));
        }
        for (group, difference) in &differences {
            let is_whole = self.groups.get(group + 1).is_none_or(|next| !next.is_empty());
            if is_whole && difference.is_change(&self.quiet) {
                self.plan.keys_differ(*group);
            }
        }
        while let Some(group) = self.plan.next_wanted() {
            if !self.look_at_group(group)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Groups whose key frames need not be seen where nothing happens: every second one, if they are that near, and not
    /// beside one that is `large`.
    fn between_keys(&self, large: &[usize]) -> Vec<usize> {
        let odd = (1..self.groups.len()).step_by(2);
        odd.filter(|&group| {
            let (before, own) = (self.plan.span_us(group - 1), self.plan.span_us(group));
            let is_near = own.end - before.start <= QUIET_KEYS_US;
            is_near && !(group - 1..=group + 1).any(|other| large.contains(&other))
        })
        .collect()
    }

    /// The key frames of some groups, and the one after the segment's end if it is asked for and there.
    fn look_at_keys(&mut self, wanted: &[usize], with_next: bool) -> Result<bool, DecodeError> {
        let Self { eye, segment, plan, view, groups, next, .. } = self;
        let next_packet = segment.next_key.as_ref().filter(|_| with_next).map(|_| segment.packets.len());
        let packets = wanted.iter().map(|&group| plan.packets(group).start).chain(next_packet);
        // One by one: key frames in a row that don't forbid references to before them come out in any order.
        for (packet, group) in packets.zip(wanted.iter().map(Some).chain([None])) {
            let Some(at_us) = segment.shown_at_us(packet) else { return Ok(false) };
            let Some(excerpt) = segment.excerpt([packet], at_us..i64::MAX) else { return Ok(false) };
            let Some(mut looks) = eye.decode(&excerpt, view, false, |_, _, _, _| false)? else { return Ok(false) };
            let (Some(look), true) = (looks.pop(), looks.is_empty()) else { return Ok(false) };
            match group {
                Some(&group) => groups[group] = vec![look],
                None => *next = Some(look),
            }
        }
        Ok(true)
    }

    /// From each key frame that was seen to the next one that was, with the number of the first one's group.
    fn key_differences(&mut self) -> Vec<(usize, Difference)> {
        let Some((geometry, _)) = &self.view else { return Vec::new() };
        let own = self.groups.iter().enumerate().filter_map(|(group, looks)| Some((group, looks.first()?)));
        let keys: Vec<(usize, &Look)> = own.chain(self.next.iter().map(|next| (self.groups.len(), next))).collect();
        let kernel = &mut self.eye.kernel;
        keys.windows(2)
            .map(|pair| (pair[0].0, Difference::of(kernel, geometry, &pair[0].1.grid, &pair[1].1.grid)))
            .collect()
    }

    /// Decodes a group, as far as anything happens in it.
    fn look_at_group(&mut self, group: usize) -> Result<bool, DecodeError> {
        let Self { eye, segment, plan, view, groups, next, quiet, tally } = self;
        plan.take(group);
        let is_audit = plan.reason(group) == Some(Reason::Audit);
        let span_us = plan.span_us(group);
        let own = segment.emits_us();
        let shown_us = own.start.max(span_us.start)..own.end.min(span_us.end);
        let Some(excerpt) = segment.excerpt(plan.packets(group), shown_us) else { return Ok(false) };
        let mut watch = Watch {
            quiet,
            next_key: groups.get(group + 1).map_or(next.as_ref(), |looks| looks.first()),
            unusual_until: if is_audit { usize::MAX } else { plan.unusual_until(group) },
            span_us,
            differences: Vec::new(),
        };
        let looks = eye.decode(&excerpt, view, true, |kernel, geometry, looks, frames| {
            watch.is_over(kernel, geometry, looks, frames)
        })?;
        let Some(looks) = looks.filter(|looks| !looks.is_empty()) else { return Ok(false) };
        let Some((geometry, _)) = view else { return Ok(false) };
        let moves = watch.movement(eye.kernel, geometry, &looks);
        if moves.anywhere {
            plan.moves(group, moves.at_start, moves.at_end);
        }
        tally.decoded += 1;
        tally.moving += u64::from(!is_audit && moves.anywhere);
        tally.audited += u64::from(is_audit);
        tally.audited_moving += u64::from(is_audit && moves.anywhere);
        groups[group] = looks;
        Ok(true)
    }
}

impl Eye<'_> {
    /// Decodes packets and keeps of each slot of time the first picture if `by_slots`, else all, until `is_over` is
    /// true: it is told what was kept, and how many frames there were. `None` if something is not whole.
    fn decode(
        &mut self,
        excerpt: &Segment,
        view: &mut Option<View>,
        by_slots: bool,
        mut is_over: impl FnMut(&mut Kernel, &Geometry, &[Look], usize) -> bool,
    ) -> Result<Option<Vec<Look>>, DecodeError> {
        let Self { decoder, kernel, masks, slot_us } = self;
        let mut looks = Vec::new();
        let (mut last_slot, mut frames, mut is_whole) = (None, 0, true);
        let report = decoder.decode_segment(excerpt, |luma: Luma<'_>| {
            frames += 1;
            let slot = luma.wall().0.div_euclid(*slot_us);
            if by_slots && last_slot.is_some_and(|last| slot <= last) {
                return ControlFlow::Continue(());
            }
            last_slot = Some(slot);
            let (width, height) = (luma.width(), luma.height());
            if view.is_none() {
                let geometry = Geometry::of(width, height);
                *view = geometry.map(|geometry| (geometry.clone(), Blackout::new(&geometry, masks)));
            }
            let Some((geometry, blackout)) = view.as_ref().filter(|(geometry, _)| geometry.fits(width, height)) else {
                is_whole = false;
                return ControlFlow::Break(());
            };
            let mut grid = Grid::new(geometry);
            kernel.reduce(geometry, luma.plane(), blackout, &mut grid);
            looks.push(Look { at: luma.wall(), pts_us: luma.pts_us(), grid });
            if is_over(kernel, geometry, &looks, frames) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok((is_whole && report.error_count == 0 && report.damaged_frames == 0).then_some(looks))
    }
}

/// Where in a group something moves.
#[derive(Clone, Copy, Debug, Default)]
struct Movement {
    anywhere: bool,
    at_start: bool,
    at_end: bool,
}

/// Watches a group being decoded.
struct Watch<'a> {
    quiet: &'a Quiet,
    next_key: Option<&'a Look>,
    /// Its frames from this one on have usual sizes.
    unusual_until: usize,
    span_us: Range<i64>,
    /// From each look to the next.
    differences: Vec<Difference>,
}

impl Watch<'_> {
    /// True if nothing has moved for a while, no packet to come is unusual, and the picture is the next group's.
    fn is_over(&mut self, kernel: &mut Kernel, geometry: &Geometry, looks: &[Look], frames: usize) -> bool {
        let [.., before, last] = looks else { return false };
        self.differences.push(Difference::of(kernel, geometry, &before.grid, &last.grid));
        let Some(next_key) = self.next_key.filter(|_| frames >= self.unusual_until) else { return false };
        if next_key.pts_us - last.pts_us < LEFT_US_MIN {
            return false;
        }
        let quiet = Quiet::of_neighbours(&self.differences, self.quiet);
        let pairs = looks.windows(2).zip(&self.differences).rev();
        let moved = pairs.clone().find(|(_, difference)| difference.is_change(&quiet)).map(|(pair, _)| pair[1].pts_us);
        let still_us = last.pts_us - moved.unwrap_or(self.span_us.start);
        still_us >= STILL_US && !Difference::of(kernel, geometry, &last.grid, &next_key.grid).is_change(self.quiet)
    }

    /// What the group shows, once it is decoded.
    fn movement(mut self, kernel: &mut Kernel, geometry: &Geometry, looks: &[Look]) -> Movement {
        let mut looks: Vec<&Look> = looks.iter().collect();
        if let (Some(last), Some(next)) = (looks.last(), self.next_key)
            && next.pts_us - last.pts_us <= BORDER_US
        {
            self.differences.push(Difference::of(kernel, geometry, &last.grid, &next.grid));
            looks.push(next);
        }
        let quiet = Quiet::of_neighbours(&self.differences, self.quiet);
        let mut movement = Movement::default();
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
