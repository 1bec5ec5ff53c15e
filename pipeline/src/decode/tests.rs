//! Real encodes, decoded in one go and in segments: the same frames with the same pixels at the same times.

use super::*;
use crate::ingest::fixtures::{Footage, frames_by_ffprobe};
use crate::ingest::segments::Limits;
use crate::ingest::{OpenRecording, Recording};
use pantau_models::ids::{CameraId, Place};
use pantau_models::time::UtcMicros;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use xxhash_rust::xxh3::Xxh3;

mod damage;
mod footage;
mod formats;
mod segments;

/// 2026-07-14T00:00:00Z.
const START: UtcMicros = UtcMicros(1_783_987_200_000_000);

/// One segment, whatever its length.
const WHOLE: Limits =
    Limits { segment_us: i64::MAX, segment_bytes: usize::MAX, piece_us: i64::MAX, piece_bytes: usize::MAX };
/// A segment for each key frame.
const EACH_KEY: Limits =
    Limits { segment_us: 1, segment_bytes: usize::MAX, piece_us: i64::MAX, piece_bytes: usize::MAX };

#[derive(Debug, Default, PartialEq)]
struct Decoded {
    /// Time of every frame, and hash of its pixels and of the age of its key frame.
    frames: Vec<(i64, u64)>,
    reports: Vec<SegmentReport>,
    sizes: Vec<(usize, usize)>,
}

impl Decoded {
    fn errors(&self) -> u64 {
        self.reports.iter().map(|report| report.error_count).sum()
    }

    fn times_us(&self) -> Vec<i64> {
        self.frames.iter().map(|(pts_us, _)| *pts_us).collect()
    }
}

fn settings(loop_filter: bool) -> DecodeSettings {
    let camera = Arc::new(Place { camera: CameraId::new("lobby"), ..Place::default() });
    DecodeSettings { loop_filter: Some(loop_filter), camera, recording_start: START }
}

fn decode(path: &Path, limits: Limits) -> Decoded {
    decode_on(path, limits, 1)
}

/// Decodes with so many decoders side by side.
fn decode_on(path: &Path, limits: Limits, threads: usize) -> Decoded {
    let OpenRecording { parameters, mut reader, .. } = Recording::open(path).unwrap();
    reader.set_limits(limits);
    let reader = Mutex::new(reader);
    let all = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut decoder = Decoder::new(&parameters, settings(false)).unwrap();
                loop {
                    let mut part = Decoded::default();
                    let mut first = 0;
                    let reports = decode_next(&reader, &mut decoder, |index, luma| {
                        first = index;
                        assert_eq!(luma.wall(), START.plus_us(luma.pts_us()));
                        assert_eq!(luma.camera().camera.as_str(), "lobby");
                        part.frames.push((luma.pts_us(), hash(&luma)));
                        part.sizes.push((luma.width(), luma.height()));
                        ControlFlow::Continue(())
                    });
                    let Some(reports) = reports.unwrap() else { return };
                    part.reports = reports;
                    all.lock().unwrap().insert(part.reports[0].index, part);
                }
            });
        }
    });
    let mut whole = Decoded::default();
    for part in all.into_inner().unwrap().into_values() {
        whole.frames.extend(part.frames);
        whole.reports.extend(part.reports);
        whole.sizes.extend(part.sizes);
    }
    whole.sizes.dedup();
    whole
}

fn hash(luma: &Luma<'_>) -> u64 {
    let mut hash = Xxh3::new();
    (0..luma.height()).for_each(|y| hash.update(luma.row(y)));
    hash.update(format!("{:?}", luma.plane().since_key_us).as_bytes());
    hash.digest()
}
