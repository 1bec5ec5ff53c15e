//! What a scene holds, to be looked at by whoever sets up a camera: never read by the estimators.

use super::Scene;
use super::history::BlobFacts;
use super::observe::LIVE_S;
use crate::diff::{Geometry, MICRO_CELLS};
use pantau_models::record::Quality;
use pantau_models::time::UtcMicros;

/// A scene at one of its last moments. Cells are those of the 48 x 27 grid, row by row.
#[derive(Clone, Debug)]
pub struct ViewReport {
    /// The moment.
    pub at: UtcMicros,
    /// Its movement has been judged: enough was seen after it.
    pub is_judged: bool,
    /// Where the cells lie.
    pub geometry: Geometry,
    /// Movement from which a cell counts as moving, at the shortest lag, grey levels.
    pub thresholds_grey: Vec<f32>,
    /// Movement of each cell.
    pub movement: Vec<Movement>,
    /// Number of each cell's blob in `blobs`, from 1; 0 for the background.
    pub labels: Vec<u8>,
    /// What differs from the background.
    pub blobs: Vec<BlobReport>,
    /// Cells of each zone, the whole view first.
    pub zone_cells: Vec<usize>,
    /// Mean brightness, 0..255.
    pub luma: f32,
    /// What troubles the view.
    pub quality: Quality,
    /// Light, shake or a new background make it say nothing about people.
    pub disturbed: bool,
}

/// How a cell moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Movement {
    /// Not more than its noise.
    #[default]
    None,
    /// More than its noise, but too little around it moves: not evidence.
    Weak,
    /// Part of a cluster that noise does not explain: evidence of somebody.
    Strong,
}

/// A connected part of the view that differs from the background.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlobReport {
    /// What it is taken for.
    pub kind: BlobKind,
    /// Seconds since something of it moved.
    pub still_s: f32,
}

/// What a blob is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlobKind {
    /// Somebody: it moved within the last minute.
    Live,
    /// Still for longer.
    Silent,
    /// Small and still: a thing.
    Thing,
}

impl Scene {
    /// The view at the moment nearest to `at` that the scene remembers: some seconds back to where movement was judged
    /// last, and what came since.
    pub fn view_at(&self, at: UtcMicros) -> Option<ViewReport> {
        let view = self.view.as_ref()?;
        let index = (0..view.history.len()).min_by_key(|&index| (view.history.get(index).at.0 - at.0).abs())?;
        let moment = view.history.get(index);
        let mut movement = vec![Movement::None; MICRO_CELLS];
        for (movement, ratio) in movement.iter_mut().zip(&moment.hits.any) {
            if *ratio >= 1.0 {
                *movement = Movement::Weak;
            }
        }
        for cluster in view.clusters(index).iter().filter(|cluster| cluster.is_strong) {
            cluster.cells.iter().for_each(|&cell| movement[usize::from(cell)] = Movement::Strong);
        }
        Some(ViewReport {
            at: moment.at,
            is_judged: index < view.next_evidence,
            geometry: view.geometry.clone(),
            thresholds_grey: view.noise.thresholds_grey(0),
            movement,
            labels: moment.blobs.clone(),
            blobs: moment.blob_facts.iter().map(BlobReport::of).collect(),
            zone_cells: self.zones.iter().map(|zone| (0..MICRO_CELLS).filter(|&c| zone.contains(c)).count()).collect(),
            luma: moment.luma_seen,
            quality: moment.quality,
            disturbed: moment.disturbed,
        })
    }
}

impl BlobReport {
    fn of(facts: &BlobFacts) -> Self {
        let kind = match facts {
            BlobFacts { is_object: true, .. } => BlobKind::Thing,
            BlobFacts { still_s, .. } if *still_s < LIVE_S => BlobKind::Live,
            _ => BlobKind::Silent,
        };
        Self { kind, still_s: facts.still_s }
    }
}
