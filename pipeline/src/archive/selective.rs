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

/// A picture that was looked at.
pub(super) struct Look {
    pub at: UtcMicros,
    pts_us: i64,
    pub grid: Grid,
}

/// What was looked at of a segment.
pub(super) struct Selected {
    pub geometry: Geometry,
    pub blackout: Blackout,
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
    decoder: &mut Decoder,
    kernel: &mut Kernel,
    masks: &[Polygon],
    slot_us: i64,
    segment: &Segment,
    plan: &mut Plan,
    is_adaptive: bool,
) -> Result<Option<Selected>, DecodeError> {
    if segment.end_us - segment.start_us > SEGMENT_US_MAX {
        return Ok(None);
    }
    let Some(frames_us) = segment.frames_us() else { return Ok(None) };
    let mut selection = Selection { decoder, kernel, masks, slot_us, segment, view: None };
    let Some(mut keys) = selection.keys(plan, is_adaptive)? else { return Ok(None) };
    let Some((geometry, _)) = selection.view.clone() else { return Ok(None) };
    let next = keys.split_off(plan.len()).pop();
    let mut groups: Vec<Vec<Look>> = keys.into_iter().map(|key| vec![key]).collect();
    let mut tally = Tally { groups: plan.len() as u64, ..Tally::default() };
    if is_adaptive {
        let quiet = compare_keys(selection.kernel, &geometry, &groups, next.as_ref(), plan);
        while let Some(group) = plan.take() {
            let Some(looks) = selection.excerpt(plan.packets(group), plan.span_us(group))? else { return Ok(None) };
            let following = groups.get(group + 1).and_then(|looks| looks.first()).or(next.as_ref());
            let moves = Movement::of(selection.kernel, &geometry, &looks, following, plan.span_us(group), &quiet);
            plan.moves(group, moves.at_start, moves.at_end);
            tally.decoded += 1;
            tally.moving += u64::from(moves.anywhere && plan.reason(group) != Some(Reason::Audit));
            let is_audit = plan.reason(group) == Some(Reason::Audit);
            tally.audited += u64::from(is_audit);
            tally.audited_moving += u64::from(is_audit && moves.anywhere);
            groups[group] = looks;
        }
    }
    let reasons: Vec<Option<Reason>> = (0..plan.len()).map(|group| plan.reason(group)).collect();
    tracing::debug!(segment = segment.index, ?reasons, ?tally, "decoded in parts");
    let Some((geometry, blackout)) = selection.view else { return Ok(None) };
    let report = report(segment, &frames_us);
    let looks = groups.into_iter().flatten().collect();
    Ok(Some(Selected { geometry, blackout, looks, frames_us, report, tally }))
}

struct Selection<'a> {
    decoder: &'a mut Decoder,
    kernel: &'a mut Kernel,
    masks: &'a [Polygon],
    slot_us: i64,
    segment: &'a Segment,
    view: Option<(Geometry, Blackout)>,
}

impl Selection<'_> {
    /// The key frame of each group, and the one after the segment's end if there is one and it is asked for.
    fn keys(&mut self, plan: &Plan, with_next: bool) -> Result<Option<Vec<Look>>, DecodeError> {
        let next = self.segment.next_key.as_ref().filter(|_| with_next).map(|_| self.segment.packets.len());
        let packets: Vec<usize> = plan.keys().chain(next).collect();
        let expected = packets.len();
        let looks = self.decode(packets, self.segment.start_us..i64::MAX, false)?;
        Ok(looks.filter(|looks| looks.len() == expected))
    }

    fn excerpt(&mut self, packets: Range<usize>, span_us: Range<i64>) -> Result<Option<Vec<Look>>, DecodeError> {
        let from_us = self.segment.emit_from_us.map_or(span_us.start, |from_us| from_us.max(span_us.start));
        let until_us = self.segment.emit_until_us.map_or(span_us.end, |until_us| until_us.min(span_us.end));
        let looks = self.decode(packets, from_us..until_us, true)?;
        Ok(looks.filter(|looks| !looks.is_empty()))
    }

    /// Decodes packets; of each slot of time the first picture if `by_slots`, else all.
    fn decode(
        &mut self,
        packets: impl IntoIterator<Item = usize>,
        span_us: Range<i64>,
        by_slots: bool,
    ) -> Result<Option<Vec<Look>>, DecodeError> {
        let Some(excerpt) = self.segment.excerpt(packets, span_us) else { return Ok(None) };
        let Self { decoder, kernel, masks, view, slot_us, .. } = self;
        let mut looks = Vec::new();
        let mut last_slot = None;
        let mut is_whole = true;
        let report = decoder.decode_segment(&excerpt, |luma: Luma<'_>| {
            let slot = luma.wall().0.div_euclid(*slot_us);
            if by_slots && last_slot.is_some_and(|last| slot <= last) {
                return ControlFlow::Continue(());
            }
            last_slot = Some(slot);
            let (width, height) = (luma.width(), luma.height());
            if view.is_none() {
                *view = Geometry::of(width, height).map(|geometry| {
                    let blackout = Blackout::new(&geometry, masks);
                    (geometry, blackout)
                });
            }
            let Some((geometry, blackout)) = view.as_ref().filter(|(geometry, _)| geometry.fits(width, height)) else {
                is_whole = false;
                return ControlFlow::Break(());
            };
            let mut grid = Grid::new(geometry);
            kernel.reduce(geometry, luma.plane(), blackout, &mut grid);
            looks.push(Look { at: luma.wall(), pts_us: luma.pts_us(), grid });
            ControlFlow::Continue(())
        })?;
        Ok((is_whole && report.error_count == 0 && report.damaged_frames == 0).then_some(looks))
    }
}

/// Tells the plan which groups begin and end with different pictures.
fn compare_keys(
    kernel: &mut Kernel,
    geometry: &Geometry,
    groups: &[Vec<Look>],
    next: Option<&Look>,
    plan: &mut Plan,
) -> Quiet {
    let keys: Vec<&Look> = groups.iter().filter_map(|looks| looks.first()).chain(next).collect();
    let differences: Vec<Difference> =
        keys.windows(2).map(|pair| Difference::of(kernel, geometry, &pair[0].grid, &pair[1].grid)).collect();
    let quiet = Quiet::of(&differences);
    for (group, difference) in differences.iter().enumerate() {
        tracing::debug!("KEY {group} {} {}", difference.is_change(&quiet), difference.debug(&quiet));
        if difference.is_change(&quiet) {
            plan.keys_differ(group);
        }
    }
    quiet
}

/// Where in a group something moves.
#[derive(Clone, Copy, Debug, Default)]
struct Movement {
    anywhere: bool,
    at_start: bool,
    at_end: bool,
}

impl Movement {
    fn of(
        kernel: &mut Kernel,
        geometry: &Geometry,
        looks: &[Look],
        following: Option<&Look>,
        span_us: Range<i64>,
        between_keys: &Quiet,
    ) -> Self {
        let looks: Vec<&Look> = looks.iter().chain(following).collect();
        let differences: Vec<Difference> =
            looks.windows(2).map(|pair| Difference::of(kernel, geometry, &pair[0].grid, &pair[1].grid)).collect();
        let quiet = Quiet::of_neighbours(&differences, between_keys);
        let mut movement = Self::default();
        for (pair, difference) in looks.windows(2).zip(&differences) {
            tracing::debug!("MOV {} {}", difference.is_change(&quiet), difference.debug(&quiet));
            if difference.is_change(&quiet) {
                movement.anywhere = true;
                movement.at_start |= pair[0].pts_us < span_us.start + BORDER_US;
                movement.at_end |= pair[1].pts_us > span_us.end - BORDER_US;
            }
        }
        movement
    }
}

/// What decoding the whole segment would have told of its frames.
fn report(segment: &Segment, frames_us: &[i64]) -> SegmentReport {
    let mut steps: Vec<i64> = frames_us.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let middle = steps.len() / 2;
    let frame_duration_us = (!steps.is_empty()).then(|| *steps.select_nth_unstable(middle).1);
    SegmentReport {
        index: segment.index,
        frames: frames_us.len() as u64,
        frame_duration_us,
        first_pts_us: frames_us.first().copied(),
        last_pts_us: frames_us.last().copied(),
        ..SegmentReport::default()
    }
}
