//! Parts: an hour of rows under one name, published while it runs and written once more at its end.

use super::kept::Kept;
use super::{Begun, Counts, DARK_US, FLUSH_US, Line, PART_US, SYNC_US, Told, VERSION};
use crate::estimate::{Estimator, GAP_US_MIN, Rows};
use crate::lake::{Entry, Lake, LakeError, Part, Spool};
use crate::live::camera::WatchedCamera;
use crate::scene::{Scene, SceneState};
use pantau_models::record::{Recording, RecordingStatus, TimeSource};
use pantau_models::settings::ANALYSIS_VERSION;
use pantau_models::time::{Span, UtcMicros};
use std::sync::PoisonError;

impl Line {
    /// What is due by the clock; called about once a second. `monotonic_us` paces the disk, `now` is wall time.
    pub(in crate::live) fn keep(
        &mut self,
        monotonic_us: i64,
        now: UtcMicros,
        publish_us: i64,
    ) -> Result<(), LakeError> {
        self.tell_darkness(now, publish_us.max(DARK_US));
        if monotonic_us - self.flushed_us >= FLUSH_US {
            self.flush()?;
            self.flushed_us = monotonic_us;
        }
        if monotonic_us - self.synced_us >= SYNC_US {
            self.spool.sync()?;
            self.synced_us = monotonic_us;
        }
        if self.part_end() <= now {
            self.close_part(now)?;
        } else if now.0 - self.published.0 >= publish_us && self.has_unpublished {
            self.publish(self.rows.rows())?;
            self.published = now;
            self.has_unpublished = false;
        }
        Ok(())
    }

    /// Ends the part that was made with other settings, and begins one with these. An interval that the old ones have
    /// begun stays theirs.
    pub(super) fn change_settings(&mut self, now: UtcMicros) -> Result<(), LakeError> {
        self.tell(Told::Ended);
        self.publish(self.rows.rows())?;
        self.note()?;
        let interval = self.camera.analysis.interval;
        let bound = self.rows.last_end().max(self.not_before);
        self.not_before = bound.map(|at| interval.start_of(at.plus_us(interval.length_us() - 1)));
        self.estimator = Estimator::new(self.camera.place.clone(), &self.camera.analysis);
        self.settings_id = self.camera.settings_id.clone();
        self.begin_part(now)
    }

    fn part_end(&self) -> UtcMicros {
        UtcMicros((self.part_start.0.div_euclid(PART_US) + 1) * PART_US)
    }

    /// Ends the part and begins the next.
    fn close_part(&mut self, now: UtcMicros) -> Result<(), LakeError> {
        self.close_span();
        self.tell_darkness(now, GAP_US_MIN);
        self.flush()?;
        self.publish(self.rows.rows())?;
        self.note()?;
        self.save_scene()?;
        self.begin_part(now)
    }

    fn begin_part(&mut self, now: UtcMicros) -> Result<(), LakeError> {
        let begun = Begun {
            settings_id: self.settings_id.clone(),
            part_start: now,
            not_before: self.not_before,
            seen_until: self.seen_until,
            unsampled: self.unsampled.clone(),
            estimator: self.estimator.clone(),
        };
        let path = self.store.lake.paths().spool(&self.camera.place.camera);
        self.spool = Spool::begin(&path, &written(&begun))?;
        self.part_start = now;
        self.files = Some(Vec::new());
        self.published = now;
        self.rows = Kept::default();
        self.counts = Counts::default();
        self.seen_from = None;
        self.has_unpublished = false;
        Ok(())
    }

    /// Writes the open part as it is.
    fn publish(&mut self, rows: Rows) -> Result<(), LakeError> {
        let recording = self.recording();
        if rows.is_empty() && recording.is_none() {
            return Ok(());
        }
        let part = Part {
            camera: self.camera.place.camera.clone(),
            start: self.part_start,
            identity: format!("live/{}", self.part_start.0),
            settings_id: self.settings_id.clone(),
            observations: rows.observations,
            events: rows.events,
            gaps: rows.gaps,
            recordings: recording.into_iter().collect(),
        };
        let written = match &self.files {
            Some(former) => self.store.lake.rewrite_files(&part, former)?,
            // An earlier worker may have written it.
            None => self.store.lake.rewrite_part(&part)?,
        };
        self.files = Some(written);
        Ok(())
    }

    /// The part's entry in the manifest; `None` if nothing was seen.
    fn recording(&self) -> Option<Recording> {
        let span = Span::new(self.seen_from?, self.seen_until?);
        let mut counts = self.counts.clone();
        counts.add(&self.fresh);
        let gaps = self.rows.gaps().len();
        let is_whole = gaps == 0 && counts.decode_errors == 0 && counts.dropped == 0;
        let message = match is_whole {
            true => String::new(),
            false => format!(
                "watched with {gaps} gaps, {} connections, {} damaged and {} dropped packets",
                counts.sessions, counts.decode_errors, counts.dropped
            ),
        };
        Some(Recording {
            place: self.estimator.place().clone(),
            path: "live".to_owned(),
            content_id: format!("live-{}", self.part_start.0),
            span,
            time_source: TimeSource::Live,
            codec: counts.codec,
            width: counts.width,
            height: counts.height,
            size_bytes: counts.bytes,
            frames: counts.frames,
            decode_errors: counts.decode_errors,
            status: if is_whole { RecordingStatus::Done } else { RecordingStatus::Partial },
            message,
            settings_id: self.settings_id.clone(),
            spent_s: 0.0,
        })
    }

    /// Notes what was seen. What was not may still come from a recorder: its recordings are not refused for it.
    fn note(&self) -> Result<(), LakeError> {
        let Some(recording) = self.recording() else { return Ok(()) };
        let mut gaps: Vec<Span> = self.rows.gaps().iter().map(|gap| gap.span).collect();
        gaps.sort();
        let done = |span| Entry::RecordingDone { recording: Recording { span, ..recording.clone() }, mtime_us: None };
        let entries: Vec<Entry> = recording.span.without(&gaps).into_iter().map(done).collect();
        self.store.journal.lock().unwrap_or_else(PoisonError::into_inner).append(&entries)
    }

    /// The worker stops: the lake gets the rows as if the stream ended here. The spool stays, and with it the part may
    /// go on.
    pub(in crate::live) fn close(&mut self, now: UtcMicros) -> Result<(), LakeError> {
        self.sync(now)?;
        let mut rows = self.rows.rows();
        rows.append(self.estimator.clone().flush());
        self.publish(rows)?;
        self.note()?;
        self.save_scene()
    }

    fn save_scene(&self) -> Result<(), LakeError> {
        let state = postcard::to_stdvec(&self.scene.state()).expect("invariant: the state is plain data");
        self.store.lake.save_state(&self.camera.place.camera, &state_id(&self.camera), &state)
    }
}

/// The scene's state under a name of its own: recordings of the same camera have another.
fn state_id(camera: &WatchedCamera) -> String {
    format!("live{VERSION}-{}", camera.settings_id)
}

pub(super) fn scene(camera: &WatchedCamera, lake: &Lake) -> Scene {
    let analysis = camera.analysis.clone();
    let stored = lake.load_state(&camera.place.camera, &state_id(camera)).ok().flatten();
    match stored.and_then(|bytes| postcard::from_bytes::<SceneState>(&bytes).ok()) {
        Some(state) => Scene::restore(analysis, state),
        None => Scene::new(analysis),
    }
}

pub(super) fn written(begun: &Begun) -> Vec<u8> {
    postcard::to_stdvec(&(VERSION, ANALYSIS_VERSION, begun)).expect("invariant: the state is plain data")
}

pub(super) fn begun(payload: &[u8]) -> Option<Begun> {
    let (version, analysis, rest): (u32, u32, &[u8]) = {
        let (version, rest) = postcard::take_from_bytes::<u32>(payload).ok()?;
        let (analysis, rest) = postcard::take_from_bytes::<u32>(rest).ok()?;
        (version, analysis, rest)
    };
    let is_known = version == VERSION && analysis == ANALYSIS_VERSION;
    is_known.then(|| postcard::from_bytes(rest).ok()).flatten()
}
