//! Recordings whose rows are in the lake under another time than they are now said to begin at: a clock that was put
//! right. They are refused, or with `--replace` their old rows go before anything is read.
//!
//! Only a word that weighs as much as the one that was taken counts: who once said `--start` is not contradicted by a
//! recording's name.

use super::Request;
use super::feed::OVERLAP_S;
use super::finished::FileKey;
use super::ledger::Ledger;
use super::message;
use super::plan::{CameraPlan, Plan, PlannedFile};
use crate::ingest::Recording as Opener;
use crate::lake::LakeError;
use pantau_models::record::{Recording, TimeSource};
use pantau_models::time::{Span, UtcMicros};

/// The first picture of a recording without a declared length may come so late, seconds: those before its first key frame
/// can't be decoded.
const LATE_S: f64 = 60.0;

/// What an earlier run made of a file, under a time that is not its own any more.
struct Moved {
    index: usize,
    claimed: Claimed,
    start: UtcMicros,
}

/// A recording's time in the lake.
#[derive(Clone)]
pub(super) struct Claimed {
    pub span: Span,
    pub time_source: TimeSource,
    pub settings_id: String,
}

/// Finds them, and refuses or removes them.
pub(super) fn put_right(plan: &mut Plan, ledger: &Ledger, request: &Request) -> Result<(), LakeError> {
    for camera in &mut plan.cameras {
        let moved = moved(camera, ledger);
        if request.replace {
            remove(camera, &moved, ledger)?;
        } else {
            for Moved { index, claimed, start } in moved {
                camera.files[index].refused = Some(message::moved(&claimed.span, start));
            }
        }
    }
    Ok(())
}

fn moved(camera: &CameraPlan, ledger: &Ledger) -> Vec<Moved> {
    let claimed = |planned: &PlannedFile| ledger.claimed(&camera.place.camera, FileKey::found(&planned.file));
    let files = camera.files.iter().enumerate();
    let Some(start) = camera.start else {
        let named = files.filter_map(|(index, planned)| {
            let (start, source) = planned.named?;
            let claimed = claimed(planned).filter(|claimed| weight(source) >= weight(claimed.time_source))?;
            is_elsewhere(planned, &claimed.span, start).then_some(Moved { index, claimed, start })
        });
        return named.collect();
    };
    // Where one ends the next begins: they are all where the first one is, or all elsewhere.
    let first = camera.files.first().and_then(|planned| Some((claimed(planned)?, planned)));
    let Some((first, _)) = first.filter(|(first, planned)| is_elsewhere(planned, &first.span, start)) else {
        return Vec::new();
    };
    let later_us = start.0 - first.span.start.0;
    let all = files.filter_map(|(index, planned)| {
        let claimed = claimed(planned)?;
        let start = claimed.span.start.plus_us(later_us);
        Some(Moved { index, claimed, start })
    });
    all.collect()
}

/// Which word is taken before which.
fn weight(source: TimeSource) -> u8 {
    match source {
        TimeSource::Flag | TimeSource::Live => 4,
        TimeSource::NamePattern => 3,
        TimeSource::Container => 2,
        TimeSource::NvrName => 1,
        TimeSource::FileTime => 0,
    }
}

/// Of a recording that begins at `start` less may be in the lake: what another one had seen already is cut off its beginning,
/// and neither that nor its end may have been decodable.
fn is_elsewhere(planned: &PlannedFile, span: &Span, start: UtcMicros) -> bool {
    let is_before = |a: UtcMicros, b: UtcMicros| b.seconds_since(a) > OVERLAP_S;
    let ends_later = || {
        let length_us = Opener::open(&planned.file.path).ok().and_then(|opened| opened.info.duration_us);
        let end = length_us.map_or_else(|| start.plus_s(span.seconds() + LATE_S), |us| start.plus_us(us));
        is_before(end, span.end)
    };
    is_before(span.start, start) || is_before(start, span.start) && ends_later()
}

/// Rows first, then the journal: a run killed in between finds the time claimed still, and never counts a row twice.
fn remove(camera: &CameraPlan, moved: &[Moved], ledger: &Ledger) -> Result<(), LakeError> {
    if moved.is_empty() {
        return Ok(());
    }
    let id = &camera.place.camera;
    // Nothing can go on from a state that knows another time.
    ledger.lake.remove_other_states(id, "")?;
    let spans = moved.iter().map(|moved| moved.claimed.span).collect();
    ledger.lake.old_files(id, "")?.remove(&ledger.lake, spans)?;
    let put_right = |Moved { index, claimed, start }: &Moved| {
        let file = &camera.files[*index].file;
        let Claimed { span, time_source, settings_id } = claimed.clone();
        let recording = camera.failed(file, span, time_source, message::moved(&span, *start));
        (Recording { settings_id, ..recording }, Some(file.mtime_us))
    };
    ledger.forget(moved.iter().map(put_right).collect())
}
