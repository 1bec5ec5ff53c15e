//! The last seconds of a view as cell means, so that a sample can be compared with what came before it and after it.

use super::crowd::CrowdCells;
use super::noise::{BACKGROUND, ENERGY};
use crate::diff::MICRO_CELLS;
use pantau_models::record::Quality;
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Lags at which whole pictures are compared; at the others, cell means.
pub(super) const STEP_LAGS: usize = 2;
/// Two samples further apart than this are not neighbours, seconds.
pub(super) const NEIGHBOURS_S: f64 = 1.05;
/// Two samples no further apart than this are still compared at the longer lag if nothing lies between them: quiet time
/// may be seen by its key frames only, seconds.
pub(super) const SPARSE_S: f64 = 4.5;
/// Older grids are needed at no lag, but for the newest one, seconds.
const DENSE_S: f64 = 1.25;
/// Whole movements fit between samples further apart than this, seconds: a head turns in less.
const SLOW_S: f64 = 0.45;
/// Two samples nearer to each other than this are one, seconds.
const APART_S: f64 = 0.09;

/// One sample as the scene remembers it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Moment {
    pub at: UtcMicros,
    /// Mean brightness per cell.
    pub means: Vec<f32>,
    /// Mean brightness of the view.
    pub luma: f32,
    /// The same before the sample was brought back to the background's light.
    pub luma_seen: f32,
    /// Raised by every change of light and every new background: samples of different epochs are not compared.
    pub epoch: u32,
    pub quality: Quality,
    pub disturbed: bool,
    /// A key frame, or so soon after one that encoders still mend what it shows.
    pub is_coded_anew: bool,
    /// How crowded it is, if this moment was looked at for that.
    pub crowd: Option<CrowdCells>,
    /// Blob number of each cell, 0 for background.
    pub blobs: Vec<u8>,
    /// Cells in which somebody sits who is part of the background; empty if nobody does.
    pub seats: Vec<bool>,
    /// They were found out at this moment.
    pub is_found: bool,
    /// What is known of each blob; blob `n` is at `n - 1`.
    pub blob_facts: Vec<BlobFacts>,
    /// Mean |difference| per pixel of each cell to the sample 0.2 s and 1 s before; empty where there is none.
    pub steps: [Vec<f32>; STEP_LAGS],
    /// Mean |difference| per pixel of each cell from the background, if noise learns that later; empty once it has.
    pub apart: Vec<f32>,
    /// Cells in which daylight drifts; empty if none do.
    pub drifts: Vec<bool>,
    /// Movement per cell over its threshold, 0 for none; filled in when both sides of the moment are known.
    pub hits: Hits,
}

/// Movement per cell, as multiples of the cell's threshold; below 1 nothing. Empty until both sides are known.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Hits {
    /// The largest over all lags.
    pub any: Vec<f32>,
    /// At the shortest lag: what moves at this very moment.
    pub now: Vec<f32>,
    /// How strongly those move, in multiples of the least movement in such light, whatever a cell's own margin and what
    /// the others do: how it was encoded, who sat there before and who walks elsewhere don't enter. Empty where none moves.
    pub strengths: Vec<f32>,
    /// Movement at the longer step, smoothed over seconds, grey levels; empty where there is none, and once noise has
    /// learned it.
    pub energy: Vec<f32>,
}

/// A connected part of the view that differs from the background.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct BlobFacts {
    pub cells: u16,
    /// Seconds since its appearance.
    pub age_s: f32,
    /// Seconds since something of it moved.
    pub still_s: f32,
    /// Seconds from its appearance to its last movement.
    pub moved_for_s: f32,
    /// Much smaller than what usually moves there.
    pub is_small: bool,
    /// Small and still: a thing.
    pub is_object: bool,
    pub touches_rim: bool,
    /// People that its area amounts to.
    pub people: f32,
}

/// Moments in time order: `LONGEST_LAG_S` on either side of the one being judged, and a little more.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct History {
    moments: VecDeque<Moment>,
}

impl History {
    pub(super) fn push(&mut self, moment: Moment) {
        self.moments.push_back(moment);
    }

    pub(super) fn len(&self) -> usize {
        self.moments.len()
    }

    pub(super) fn get(&self, index: usize) -> &Moment {
        &self.moments[index]
    }

    pub(super) fn newest(&self) -> Option<&Moment> {
        self.moments.back()
    }

    /// What was seen in such cells turned out to be nothing of the room.
    pub(super) fn forget_blobs(&mut self, is_masked: impl Fn(usize) -> bool) {
        for moment in &mut self.moments {
            for cell in (0..MICRO_CELLS).filter(|&cell| is_masked(cell)) {
                moment.take_out(cell);
            }
        }
    }

    /// The same in the moment at `index`, for whole blobs of which at least `share` is masked.
    pub(super) fn forget_blobs_of(&mut self, index: usize, share: f32, is_masked: &[bool]) {
        let moment = &mut self.moments[index];
        let mut masked = vec![0u16; moment.blob_facts.len()];
        for (blob, _) in moment.blobs.iter().zip(is_masked).filter(|(_, is_masked)| **is_masked) {
            if let Some(blob) = usize::from(*blob).checked_sub(1) {
                masked[blob] += 1;
            }
        }
        let is_gone: Vec<bool> = masked
            .iter()
            .zip(&moment.blob_facts)
            .map(|(&masked, facts)| masked > 0 && f32::from(masked) >= share * f32::from(facts.cells))
            .collect();
        for cell in 0..MICRO_CELLS {
            if usize::from(moment.blobs[cell]).checked_sub(1).is_some_and(|blob| is_gone[blob]) {
                moment.take_out(cell);
            }
        }
    }

    /// What was seen after `since` turned out to say nothing.
    pub(super) fn disturb_after(&mut self, since: UtcMicros) {
        for moment in self.moments.iter_mut().rev().take_while(|moment| moment.at > since) {
            moment.disturbed = true;
        }
    }

    /// Somebody sits there, as long as the moments since the one at `index` are remembered.
    pub(super) fn seat(&mut self, index: usize, seats: &[bool]) {
        self.moments.range_mut(index..).for_each(|moment| moment.seats = seats.to_vec());
        self.moments[index].is_found = true;
    }

    pub(super) fn set_drifts(&mut self, index: usize, drifts: Vec<bool>) {
        self.moments[index].drifts = drifts;
    }

    pub(super) fn set_hits(&mut self, index: usize, hits: Hits) {
        self.moments[index].hits = hits;
    }

    /// Takes what noise has still to learn of the moment at `index`, with the lag it is of: nobody else needs it.
    pub(super) fn take_unlearned(&mut self, index: usize) -> [(usize, Vec<f32>); 2] {
        let moment = &mut self.moments[index];
        [(ENERGY, std::mem::take(&mut moment.hits.energy)), (BACKGROUND, std::mem::take(&mut moment.apart))]
    }

    /// Forgets the oldest moment.
    pub(super) fn pop_front(&mut self) {
        self.moments.pop_front();
    }

    /// The moment whose step over `lag_s` begins at the one at `index`, in the same epoch.
    pub(super) fn after_lag(&self, index: usize, lag_s: f64) -> Option<&Moment> {
        let here = &self.moments[index];
        let apart_s = |other: &Moment| other.at.seconds_since(here.at);
        let mut later = self.moments.range(index + 1..).take_while(|other| other.epoch == here.epoch);
        let next = later.clone().next().filter(|next| is_sparse(apart_s(next), lag_s));
        let mut dense = later.by_ref().take_while(|other| apart_s(other) < DENSE_S);
        next.or_else(|| dense.find(|other| is_lag(apart_s(other), lag_s)))
    }

    /// True if the moment is compared at the lag with one before or after it that is much further apart.
    pub(super) fn is_sparse(&self, index: usize, lag_s: f64) -> bool {
        let at = self.moments[index].at;
        let beside = [index.checked_sub(1), (index + 1 < self.moments.len()).then_some(index + 1)];
        beside.into_iter().flatten().any(|other| is_sparse(self.moments[other].at.seconds_since(at).abs(), lag_s))
    }

    /// True if the samples before and after are so far away that whole movements fit in between. One of them alone may
    /// be: links lose frames.
    pub(super) fn is_slow(&self, index: usize) -> bool {
        let at = self.moments[index].at;
        let is_far =
            |other: usize| self.moments.get(other).is_some_and(|other| other.at.seconds_since(at).abs() > SLOW_S);
        index.checked_sub(1).is_some_and(is_far) && is_far(index + 1)
    }

    /// The moment nearest to `lag_s` after (or, negative, before) that at `index`, within `tolerance_s` and in the
    /// same epoch.
    pub(super) fn at_lag(&self, index: usize, lag_s: f64, tolerance_s: f64) -> Option<&Moment> {
        self.index_at(index, lag_s, tolerance_s).map(|other| &self.moments[other])
    }

    /// The index of that moment.
    pub(super) fn index_at(&self, index: usize, lag_s: f64, tolerance_s: f64) -> Option<usize> {
        let here = &self.moments[index];
        let wanted = here.at.plus_s(lag_s);
        let after = self.moments.partition_point(|moment| moment.at < wanted);
        let candidates = [after.checked_sub(1), (after < self.moments.len()).then_some(after)];
        candidates
            .into_iter()
            .flatten()
            .filter(|&other| other != index)
            .min_by_key(|&other| (self.moments[other].at.0 - wanted.0).abs())
            .filter(|&other| {
                let moment = &self.moments[other];
                moment.at.seconds_since(wanted).abs() <= tolerance_s && moment.epoch == here.epoch
            })
    }
}

impl Moment {
    /// Takes a cell out of its blob.
    fn take_out(&mut self, cell: usize) {
        if let Some(blob) = usize::from(std::mem::take(&mut self.blobs[cell])).checked_sub(1) {
            self.blob_facts[blob].cells -= 1;
        }
    }

    /// A moment with nothing but its brightness.
    pub(super) fn new(at: UtcMicros, means: Vec<f32>) -> Self {
        let luma = means.iter().sum::<f32>() / MICRO_CELLS as f32;
        Self {
            at,
            means,
            luma,
            luma_seen: luma,
            epoch: 0,
            quality: Quality::empty(),
            disturbed: false,
            is_coded_anew: false,
            crowd: None,
            seats: Vec::new(),
            is_found: false,
            blobs: vec![0; MICRO_CELLS],
            blob_facts: Vec::new(),
            steps: Default::default(),
            apart: Vec::new(),
            drifts: Vec::new(),
            hits: Hits::default(),
        }
    }
}

/// True if two samples so far apart are compared at a lag of `lag_s`: a camera's rhythm gives what it gives.
pub(super) fn is_lag(apart_s: f64, lag_s: f64) -> bool {
    if lag_s < 0.5 { (APART_S..NEIGHBOURS_S).contains(&apart_s) } else { (lag_s - apart_s).abs() <= 0.25 * lag_s }
}

/// True if two samples with none between them are so far apart that they take the place of the longer lag's.
fn is_sparse(apart_s: f64, lag_s: f64) -> bool {
    lag_s >= 0.5 && (DENSE_S..=SPARSE_S).contains(&apart_s)
}

/// The grids of the last second.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Past {
    grids: VecDeque<PastGrid>,
}

/// A sample's grid.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PastGrid {
    pub at: UtcMicros,
    pub epoch: u32,
    pub pixels: Vec<u8>,
}

impl Past {
    /// The grid with which one taken at `at` is compared at a lag: the nearest to it.
    pub(super) fn before(&self, at: UtcMicros, epoch: u32, lag_s: f64) -> Option<&PastGrid> {
        let apart_s = |grid: &PastGrid| at.seconds_since(grid.at);
        let far = |grid: &PastGrid| ((apart_s(grid) - lag_s).abs() * 1e6) as i64;
        self.grids
            .iter()
            .filter(|grid| grid.epoch == epoch && is_lag(apart_s(grid), lag_s))
            .min_by_key(|grid| far(grid))
            .or_else(|| self.grids.back().filter(|last| last.epoch == epoch && is_sparse(apart_s(last), lag_s)))
    }

    /// Keeps a grid, and forgets those that are too old for any lag. Buffers are used again.
    pub(super) fn push(&mut self, at: UtcMicros, epoch: u32, pixels: &[u8]) {
        let mut buffer = Vec::new();
        let is_over = |grids: &VecDeque<PastGrid>| {
            let age_s = grids.front().map(|old| at.seconds_since(old.at))?;
            Some(!(0.0..=SPARSE_S).contains(&age_s) || age_s > DENSE_S && grids.len() > 1)
        };
        while is_over(&self.grids) == Some(true) {
            buffer = self.grids.pop_front().map(|old| old.pixels).unwrap_or_default();
        }
        buffer.clear();
        buffer.extend_from_slice(pixels);
        self.grids.push_back(PastGrid { at, epoch, pixels: buffer });
    }
}
