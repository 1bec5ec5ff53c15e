//! Zones as sets of cells.

use crate::diff::{MICRO_CELLS, MICRO_X, MICRO_Y};
use pantau_models::settings::{Analysis, Polygon};

/// The cells of a zone.
#[derive(Clone, Debug)]
pub(super) struct ZoneCells {
    is_in: Vec<bool>,
    count: usize,
}

impl ZoneCells {
    /// The whole view, then each configured zone: cells whose centre is inside and which no mask covers.
    pub(super) fn all(analysis: &Analysis) -> Vec<Self> {
        let is_masked = |cell| analysis.masks.iter().any(|mask| holds(mask, cell));
        let view = Self::of(|cell| !is_masked(cell));
        let zones = analysis.zones.iter().map(|zone| Self::of(|cell| !is_masked(cell) && holds(&zone.polygon, cell)));
        std::iter::once(view).chain(zones).collect()
    }

    fn of(is_in: impl Fn(usize) -> bool) -> Self {
        let is_in: Vec<bool> = (0..MICRO_CELLS).map(is_in).collect();
        let count = is_in.iter().filter(|is_in| **is_in).count();
        Self { is_in, count }
    }

    pub(super) fn contains(&self, cell: usize) -> bool {
        self.is_in[cell]
    }

    /// The zone's share of `cells`' worth of area, 0..1.
    pub(super) fn share(&self, cells: f32) -> f32 {
        if self.count == 0 { 0.0 } else { (cells / self.count as f32).min(1.0) }
    }
}

fn holds(polygon: &Polygon, cell: usize) -> bool {
    let x = (cell % MICRO_X) as f32 + 0.5;
    let y = (cell / MICRO_X) as f32 + 0.5;
    polygon.contains(x / MICRO_X as f32, y / MICRO_Y as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pantau_models::settings::Zone;

    fn rectangle(x0: f32, y0: f32, x1: f32, y1: f32) -> Polygon {
        Polygon { corners: vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]] }
    }

    #[test]
    fn masks_take_cells_from_the_view_and_from_zones() {
        let analysis = Analysis {
            zones: vec![Zone { id: "desk".into(), polygon: rectangle(0.0, 0.0, 0.5, 1.0) }],
            masks: vec![rectangle(0.0, 0.0, 0.25, 1.0)],
            ..Analysis::default()
        };
        let zones = ZoneCells::all(&analysis);
        assert_eq!((zones[0].count, zones[1].count), (36 * 27, 12 * 27));
        assert!(!zones[1].contains(0) && zones[1].contains(13) && !zones[1].contains(24));
    }
}
