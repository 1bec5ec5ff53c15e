//! The open part's rows, kept small: an hour of one-second rows would take 3 MB of memory for each camera and zone
//! otherwise, 0.9 KB a row while vectors grow.

use crate::estimate::Rows;
use pantau_models::record::{Gap, Observation};
use pantau_models::time::UtcMicros;
use std::sync::Arc;

/// So many rows of observations wait as they are; then they are packed, to a tenth of their size.
const LOOSE_ROWS_MAX: usize = 120;
const ZSTD_LEVEL: i32 = 1;

/// Rows of a part.
#[derive(Default)]
pub(super) struct Kept {
    packed: Vec<Packed>,
    /// Those that are not packed.
    loose: Rows,
    last_end: Option<UtcMicros>,
}

struct Packed {
    bytes: Vec<u8>,
    /// Bytes before they were packed.
    length: usize,
}

impl Kept {
    /// Puts rows behind these.
    pub(super) fn append(&mut self, rows: Rows) {
        let ends = rows.observations.iter().map(|row| row.start.plus_s(row.duration_s.into()));
        self.last_end = ends.max().max(self.last_end);
        self.loose.append(rows);
        if self.loose.observations.len() > LOOSE_ROWS_MAX {
            self.packed.push(Packed::of(&std::mem::take(&mut self.loose.observations)));
        }
    }

    /// All of them.
    pub(super) fn rows(&self) -> Rows {
        let mut rows = Rows::default();
        for packed in &self.packed {
            packed.unpack_into(&mut rows.observations);
        }
        rows.append(self.loose.clone());
        rows
    }

    /// Its gaps.
    pub(super) fn gaps(&self) -> &[Gap] {
        &self.loose.gaps
    }

    /// Where the last interval ends that has a row.
    pub(super) fn last_end(&self) -> Option<UtcMicros> {
        self.last_end
    }
}

impl Packed {
    fn of(rows: &[Observation]) -> Self {
        let plain = postcard::to_stdvec(rows).expect("invariant: rows are plain data");
        let bytes = zstd::bulk::compress(&plain, ZSTD_LEVEL).expect("invariant: memory takes what is compressed");
        Self { bytes, length: plain.len() }
    }

    fn unpack_into(&self, rows: &mut Vec<Observation>) {
        let plain = zstd::bulk::decompress(&self.bytes, self.length).expect("invariant: packed by this process");
        let unpacked: Vec<Observation> = postcard::from_bytes(&plain).expect("invariant: packed by this process");
        for mut row in unpacked {
            // Rows of one place share it, as they did.
            if let Some(last) = rows.last().filter(|last| last.place == row.place) {
                row.place = Arc::clone(&last.place);
            }
            rows.push(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pantau_models::ids::{Place, ZoneId};
    use pantau_models::record::{CELLS, Quality};

    fn row(second: usize, place: &Arc<Place>) -> Observation {
        let moves = second.is_multiple_of(7);
        let mut cells = [0; CELLS];
        cells[second % CELLS] = u8::from(moves) * 90;
        Observation {
            start: UtcMicros(1_783_987_200_000_000).plus_s(second as f64),
            duration_s: 1.0,
            place: Arc::clone(place),
            zone: ZoneId::new("room"),
            observed_s: 1.0,
            samples: 5,
            motion: f32::from(u8::from(moves)) * 0.013,
            motion_peak: 0.02,
            active_s: 0.0,
            activity: (second % 50) as f32,
            presence: 0.3 + (second % 100) as f32 / 1000.0,
            people: None,
            people_low: None,
            people_high: None,
            luma: 97.3,
            quality: Quality::empty(),
            cells,
        }
    }

    #[test]
    fn rows_come_out_as_they_went_in_and_take_a_tenth() {
        let place = Arc::new(Place::default());
        let all: Vec<Observation> = (0..1000).map(|second| row(second, &place)).collect();
        let mut kept = Kept::default();
        for row in &all {
            kept.append(Rows { observations: vec![row.clone()], ..Rows::default() });
        }
        let rows = kept.rows();
        assert_eq!(rows.observations, all);
        assert_eq!(kept.last_end(), Some(all[999].start.plus_s(1.0)));
        let packed: usize = kept.packed.iter().map(|packed| packed.bytes.len()).sum();
        assert!(packed * 10 < all.len() * size_of::<Observation>(), "{packed} bytes");
    }
}
