//! Which groups of pictures of a segment are decoded, and why.

use super::Scores;
use crate::ingest::Segment;
use pantau_models::time::US_PER_S;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A group whose sizes score more than this is decoded, by how strict a plan is.
const SCORE_MIN: [f32; 3] = [4.0, 3.0, 2.0];
/// ... and more than so much of that near to what moves: whoever is there goes on moving, if less.
const NEAR_SHARE: f32 = 0.5;
/// So near to it, microseconds.
const NEAR_US: i64 = 6 * US_PER_S;
/// Groups that score less are as usual as can be: of quiet ones nearly all. With 2, night's key frames were looked at
/// twice as often, and nothing more was found.
const CALM_MAX: f32 = 3.0;
/// One of so many quiet groups is decoded all the same, to see what is lost.
const AUDIT_ONE_IN: u64 = 50;

/// How little a plan leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strictness(u8);

impl Strictness {
    /// Everything is decoded.
    pub const WHOLE: Self = Self(SCORE_MIN.len() as u8);

    /// The next step, if there is one.
    pub fn stricter(self) -> Option<Self> {
        (!self.is_whole()).then_some(Self(self.0 + 1))
    }

    /// The step before, if there is one.
    pub fn laxer(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }

    /// True if everything is decoded: sizes and key frames don't tell.
    pub fn is_whole(self) -> bool {
        self.0 >= Self::WHOLE.0
    }

    fn score_min(self) -> f32 {
        SCORE_MIN[usize::from(self.0).min(SCORE_MIN.len() - 1)]
    }
}

/// Why a group of pictures is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its packets are unusually large.
    Sizes,
    /// The key frames at its ends differ.
    Keys,
    /// Its neighbour moves at their border.
    Neighbour,
    /// By lot.
    Audit,
}

/// A group of pictures: from a packet at which a decoder can start to the next one.
#[derive(Clone, Debug, PartialEq)]
struct Group {
    packets: Range<usize>,
    /// When its key frame and the next group's are shown, microseconds since the recording's start.
    span_us: Range<i64>,
    score: f32,
    unusual_until: usize,
    keys_differ: bool,
    reason: Option<Reason>,
    is_decoded: bool,
}

/// What to decode of a segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    groups: Vec<Group>,
    /// Near to what moves, sizes that score more than this are unusual.
    near_min: f32,
    /// [`CALM_MAX`], or less than any score where audits found that sizes miss something.
    calm_max: f32,
}

impl Plan {
    /// The groups that the sizes and the lot tell; `lot` is a number of the recording's own. `None` where a segment
    /// can't be decoded in parts: it has no groups of its own, or times or sizes are not known.
    pub fn new(segment: &Segment, scores: &Scores, lot: u64, strictness: Strictness) -> Option<Self> {
        let mut plan = Self::key_frames(segment)?;
        let score_min = strictness.score_min();
        plan.near_min = NEAR_SHARE * score_min;
        plan.calm_max = if strictness == Strictness::default() { CALM_MAX } else { f32::MIN };
        for group in &mut plan.groups {
            let first = segment.first_packet + group.packets.start as u64;
            let score = scores.of(first, segment.bytes(group.packets.clone()))?;
            group.score = score;
            group.unusual_until = scores.unusual_until(first, group.packets.len(), plan.near_min);
            group.reason = if score > score_min {
                Some(Reason::Sizes)
            } else {
                mixed(lot, first).is_multiple_of(AUDIT_ONE_IN).then_some(Reason::Audit)
            };
        }
        Some(plan)
    }

    /// No group, only key frames; `None` as in [`Self::new`].
    pub fn key_frames(segment: &Segment) -> Option<Self> {
        if segment.continues_previous || segment.continues_next || segment.starts.is_empty() {
            return None;
        }
        let ends = segment.starts.iter().skip(1).copied().chain([segment.own_packets]);
        let mut groups: Vec<Group> = Vec::new();
        for (start, end) in segment.starts.iter().copied().zip(ends) {
            let from_us = segment.shown_at_us(start)?;
            if let Some(last) = groups.last_mut() {
                last.span_us.end = from_us;
                if from_us <= last.span_us.start {
                    return None;
                }
            }
            groups.push(Group {
                packets: start..end,
                span_us: from_us..segment.end_us,
                score: f32::MIN,
                unusual_until: 0,
                keys_differ: false,
                reason: None,
                is_decoded: false,
            });
        }
        groups.last().is_some_and(|last| last.span_us.start < last.span_us.end).then_some(Self {
            groups,
            near_min: f32::MAX,
            calm_max: f32::MIN,
        })
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// When a group is shown, microseconds since the recording's start.
    pub fn span_us(&self, group: usize) -> Range<i64> {
        self.groups[group].span_us.clone()
    }

    /// The group's packets.
    pub fn packets(&self, group: usize) -> Range<usize> {
        self.groups[group].packets.clone()
    }

    /// Why a group is decoded; `None` if it isn't.
    pub fn reason(&self, group: usize) -> Option<Reason> {
        self.groups[group].reason
    }

    /// The key frames at a group's ends differ.
    pub fn keys_differ(&mut self, group: usize) {
        self.groups[group].keys_differ = true;
        self.want(group, Reason::Keys);
    }

    /// A decoded group moves, perhaps at its start or its end: then so may its neighbours.
    pub fn moves(&mut self, group: usize, at_start: bool, at_end: bool) {
        if self.groups[group].reason != Some(Reason::Audit) {
            let Range { start, end } = self.span_us(group);
            let near = start - NEAR_US..end + NEAR_US;
            for other in 0..self.groups.len() {
                let span_us = self.span_us(other);
                if self.groups[other].score > self.near_min && span_us.end > near.start && span_us.start < near.end {
                    self.want(other, Reason::Sizes);
                }
            }
        }
        // Movement that shows in neither sizes nor key frames is a tremble: it would spread from group to group.
        if !self.groups[group].keys_differ && self.groups[group].score < self.near_min {
            return;
        }
        if at_start && let Some(before) = group.checked_sub(1) {
            self.want(before, Reason::Neighbour);
        }
        if at_end && group + 1 < self.groups.len() {
            self.want(group + 1, Reason::Neighbour);
        }
    }

    /// The groups whose packets are unusually large.
    pub fn unusual_by_size(&self) -> Vec<usize> {
        (0..self.groups.len()).filter(|&group| self.groups[group].reason == Some(Reason::Sizes)).collect()
    }

    /// True if a group's sizes are as usual as can be.
    pub fn is_calm(&self, group: usize) -> bool {
        self.groups[group].score < self.calm_max
    }

    /// The packet of a group from which on no packet is unusually large.
    pub fn unusual_until(&self, group: usize) -> usize {
        self.groups[group].unusual_until
    }

    /// The next group to decode, from the last to the first.
    pub fn next_wanted(&self) -> Option<usize> {
        self.groups.iter().rposition(|group| group.reason.is_some() && !group.is_decoded)
    }

    /// The group is being decoded.
    pub fn take(&mut self, group: usize) {
        self.groups[group].is_decoded = true;
    }

    fn want(&mut self, group: usize, reason: Reason) {
        let group = &mut self.groups[group];
        // What was drawn by lot and moves is found by something else too: the audit then knows of no loss.
        if matches!(group.reason, None | Some(Reason::Audit)) {
            group.reason = Some(reason);
        }
    }
}

/// A number that depends on both in no visible way: splitmix64's finaliser (Steele, Lea and Flood 2014).
fn mixed(lot: u64, number: u64) -> u64 {
    let mut x = lot ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
