//! Observations boiled down, one by one as the lake hands them out, to what a report needs of them.

use pantau_models::ids::{Place, ZoneId};
use pantau_models::kpi::SeenRow;
use pantau_models::record::Observation;
use pantau_models::time::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The rows of every camera's whole view; a tenth of their size in the lake's own form, so that months fit in memory.
#[derive(Clone, Debug, Default)]
pub struct SeenRows {
    cameras: BTreeMap<Arc<Place>, Vec<SeenRow>>,
    span: Option<Span>,
}

impl SeenRows {
    /// Takes what is needed of a row. Rows of other zones than `room`, and rows of which nothing was seen, are passed
    /// over.
    pub fn add(&mut self, row: &Observation) {
        let Some(seen) = SeenRow::new(row).filter(|_| row.zone == ZoneId::room()) else { return };
        let Span { start, end } = seen.span();
        self.span = Some(self.span.map_or(seen.span(), |span| Span::new(span.start.min(start), span.end.max(end))));
        match self.cameras.get_mut(&row.place) {
            Some(rows) => rows.push(seen),
            None => {
                self.cameras.insert(row.place.clone(), vec![seen]);
            }
        }
    }

    /// From the first row's start to the last row's end.
    pub fn span(&self) -> Option<Span> {
        self.span
    }

    /// Rows by where their camera is.
    pub(super) fn into_cameras(self) -> impl Iterator<Item = (Arc<Place>, Vec<SeenRow>)> {
        self.cameras.into_iter()
    }
}

impl Extend<Observation> for SeenRows {
    fn extend<I: IntoIterator<Item = Observation>>(&mut self, rows: I) {
        rows.into_iter().for_each(|row| self.add(&row));
    }
}

impl FromIterator<Observation> for SeenRows {
    fn from_iter<I: IntoIterator<Item = Observation>>(rows: I) -> Self {
        let mut seen = Self::default();
        seen.extend(rows);
        seen
    }
}
