//! The last seconds of a view as cell means, so that a sample can be compared with what came before it and after it.

use super::crowd::CrowdCells;
use crate::diff::MICRO_CELLS;
use pantau_models::record::Quality;
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// One sample as the scene remembers it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Moment {
    pub at: UtcMicros,
    /// Mean brightness per cell.
    pub means: Vec<f32>,
    /// Mean brightness of the view.
    pub luma: f32,
    /// Raised by every change of light and every new background: samples of different epochs are not compared.
    pub epoch: u32,
    pub quality: Quality,
    pub disturbed: bool,
    /// How crowded it is, if this moment was looked at for that.
    pub crowd: Option<CrowdCells>,
    /// Blob number of each cell, 0 for background.
    pub blobs: Vec<u8>,
    /// What is known of each blob; blob `n` is at `n - 1`.
    pub blob_facts: Vec<BlobFacts>,
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
}

/// A connected part of the view that differs from the background.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct BlobFacts {
    pub cells: u16,
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

    pub(super) fn set_hits(&mut self, index: usize, hits: Hits) {
        self.moments[index].hits = hits;
    }

    /// Forgets the oldest moment.
    pub(super) fn pop_front(&mut self) {
        self.moments.pop_front();
    }

    /// The moment nearest to `lag_s` after (or, negative, before) that at `index`, within `tolerance_s` and in the
    /// same epoch.
    pub(super) fn at_lag(&self, index: usize, lag_s: f64, tolerance_s: f64) -> Option<&Moment> {
        let here = &self.moments[index];
        let wanted = here.at.plus_s(lag_s);
        let after = self.moments.partition_point(|moment| moment.at < wanted);
        let candidates = [after.checked_sub(1), (after < self.moments.len()).then_some(after)];
        candidates
            .into_iter()
            .flatten()
            .filter(|&other| other != index)
            .map(|other| &self.moments[other])
            .min_by_key(|moment| (moment.at.0 - wanted.0).abs())
            .filter(|moment| moment.at.seconds_since(wanted).abs() <= tolerance_s && moment.epoch == here.epoch)
    }
}

impl Moment {
    /// A moment with nothing but its brightness.
    pub(super) fn new(at: UtcMicros, means: Vec<f32>) -> Self {
        let luma = means.iter().sum::<f32>() / MICRO_CELLS as f32;
        Self {
            at,
            means,
            luma,
            epoch: 0,
            quality: Quality::empty(),
            disturbed: false,
            crowd: None,
            blobs: vec![0; MICRO_CELLS],
            blob_facts: Vec::new(),
            hits: Hits::default(),
        }
    }
}
