//! Which time of which camera is analysed already, and with which settings: the answer to "skip, refuse or replace".

use super::Result;
use super::reader::Query;
use super::rows::outside;
use super::writer::Lake;
use pantau_models::ids::CameraId;
use pantau_models::record::{Recording, RecordingStatus};
use pantau_models::time::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Analysed time per camera.
///
/// **Invariant:** the spans of a camera are sorted, not empty, and share no moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    cameras: BTreeMap<CameraId, Vec<Covered>>,
}

/// A span with one settings id.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Covered {
    span: Span,
    settings_id: Arc<str>,
}

impl Coverage {
    /// What the lake's manifest claims.
    pub fn of_lake(lake: &Lake) -> Result<Self> {
        Ok(Self::of_recordings(&lake.recordings(&Query::default())?))
    }

    /// What these recordings claim, one after the other: those that were read, at least in part. A failed one without a
    /// content is one whose rows were taken out again, since its clock had been wrong: its time is free.
    pub fn of_recordings<'a>(recordings: impl IntoIterator<Item = &'a Recording>) -> Self {
        let mut coverage = Self::default();
        for recording in recordings {
            if recording.status.has_rows() {
                coverage.insert(&recording.place.camera, recording.span, &recording.settings_id);
            } else if recording.status == RecordingStatus::Failed && recording.content_id.is_empty() {
                coverage.remove(&recording.place.camera, &recording.span);
            }
        }
        coverage
    }

    /// What is noted of one camera.
    pub fn of_camera(&self, camera: &CameraId) -> Self {
        let covered = self.cameras.get_key_value(camera).map(|(camera, covered)| (camera.clone(), covered.clone()));
        Self { cameras: covered.into_iter().collect() }
    }

    /// The analysed pieces of the span, in order, each cut to the span.
    pub fn overlaps(&self, camera: &CameraId, span: &Span) -> Vec<(Span, String)> {
        let Some(covered) = self.cameras.get(camera) else { return Vec::new() };
        let first = covered.partition_point(|piece| piece.span.end <= span.start);
        covered[first..]
            .iter()
            .map_while(|piece| Some((piece.span.intersection(span)?, piece.settings_id.to_string())))
            .collect()
    }

    /// Notes that the span is analysed; what was noted for it before is forgotten.
    pub fn insert(&mut self, camera: &CameraId, span: Span, settings_id: &str) {
        if span.start >= span.end {
            return;
        }
        self.remove(camera, &span);
        let covered = self.cameras.entry(camera.clone()).or_default();
        let at = covered.partition_point(|piece| piece.span.end <= span.start);
        covered.insert(at, Covered { span, settings_id: settings_id.into() });
        merge_with_next(covered, at);
        if let Some(before) = at.checked_sub(1) {
            merge_with_next(covered, before);
        }
    }

    /// Forgets the span.
    pub fn remove(&mut self, camera: &CameraId, span: &Span) {
        if span.start >= span.end {
            return;
        }
        let Some(covered) = self.cameras.get_mut(camera) else { return };
        let first = covered.partition_point(|piece| piece.span.end <= span.start);
        let last = covered.partition_point(|piece| piece.span.start < span.end);
        if first >= last {
            return;
        }
        let rest: Vec<Covered> = covered[first..last]
            .iter()
            .flat_map(|piece| {
                outside(piece.span, span).map(|span| Covered { span, settings_id: Arc::clone(&piece.settings_id) })
            })
            .collect();
        covered.splice(first..last, rest);
    }
}

/// Joins a span with the next one if they touch and their settings are the same: thousands of recordings end to end
/// are one span.
fn merge_with_next(covered: &mut Vec<Covered>, at: usize) {
    let [piece, next, ..] = &covered[at..] else { return };
    if piece.span.end == next.span.start && piece.settings_id == next.settings_id {
        covered[at].span.end = next.span.end;
        covered.remove(at + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pantau_models::time::UtcMicros;
    use proptest::prelude::*;

    fn span(start: i64, end: i64) -> Span {
        Span::new(UtcMicros(start), UtcMicros(end))
    }

    fn found(coverage: &Coverage, wanted: Span) -> Vec<(i64, i64, String)> {
        let overlaps = coverage.overlaps(&"a".into(), &wanted);
        overlaps.into_iter().map(|(span, settings_id)| (span.start.0, span.end.0, settings_id)).collect()
    }

    #[test]
    fn neighbours_with_the_same_settings_become_one() {
        let mut coverage = Coverage::default();
        for start in [20, 0, 10, 40] {
            coverage.insert(&"a".into(), span(start, start + 10), "x");
        }
        coverage.insert(&"a".into(), span(30, 40), "y");
        assert_eq!(found(&coverage, span(5, 45)), [(5, 30, "x".into()), (30, 40, "y".into()), (40, 45, "x".into())]);
        assert_eq!(coverage.cameras[&CameraId::from("a")].len(), 3);
        assert!(coverage.overlaps(&"b".into(), &span(0, 50)).is_empty());
        assert!(found(&coverage, span(50, 60)).is_empty());
    }

    proptest! {
        /// Against a list with one cell per moment.
        #[test]
        fn answers_as_a_list_of_moments_would(
            steps in prop::collection::vec((0_i64..50, 0_i64..12, 0_u8..4), 0..40),
            start in 0_i64..50,
            length in 1_i64..20,
        ) {
            let camera = CameraId::from("a");
            let mut coverage = Coverage::default();
            let mut moments = [None; 72];
            for (at, length, kind) in steps {
                let settings_id = ["x", "y", "z"].get(usize::from(kind)).copied();
                match settings_id {
                    Some(id) => coverage.insert(&camera, span(at, at + length), id),
                    None => coverage.remove(&camera, &span(at, at + length)),
                }
                moments[at as usize..(at + length) as usize].fill(settings_id);
            }
            let pieces = coverage.cameras.get(&camera).cloned().unwrap_or_default();
            for pair in pieces.windows(2) {
                prop_assert!(pair[0].span.end <= pair[1].span.start);
            }
            let mut answer = [None; 72];
            for (from, to, id) in found(&coverage, span(start, start + length)) {
                prop_assert!(start <= from && from < to && to <= start + length);
                answer[from as usize..to as usize].fill(["x", "y", "z"].into_iter().find(|known| *known == id));
            }
            prop_assert_eq!(&answer[start as usize..], {
                moments[(start + length) as usize..].fill(None);
                &moments[start as usize..]
            });
        }
    }
}
