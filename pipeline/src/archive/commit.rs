//! Parts of the lake: a camera's finished rows, then its state, then the journal.

use super::checkpoint::Checkpoint;
use super::schedule::Schedule;
use super::tail::{OpenPart, Running, Tail, Track};
use crate::lake::{LakeError, Part};
use pantau_models::time::{Span, UtcMicros};

impl Tail {
    /// Writes the part: rows, then this camera's state, then the journal.
    pub(super) fn commit(&mut self, schedule: &Schedule<'_>) -> Result<(), LakeError> {
        let part = std::mem::take(&mut self.track.part);
        (self.track.part.identity, self.track.part.start) = self.identity_after(&part);
        self.write(&part, schedule)?;
        let checkpoint = Checkpoint {
            scene: self.scene.state(),
            estimator: self.estimator.clone(),
            track: self.track.clone(),
            committed: part.recordings.clone(),
        };
        checkpoint.save(schedule, &self.camera)?;
        schedule.ledger.note(&part.recordings)
    }

    /// What the part after this one is called: a name that every run gives it.
    fn identity_after(&self, part: &OpenPart) -> (String, UtcMicros) {
        let at = |start: UtcMicros| self.track.seen_until.unwrap_or(start);
        match (&self.track.running, part.recordings.last()) {
            (Some(Running { recording, next_segment, .. }), _) => {
                (format!("{}/{next_segment}", recording.content_id), at(recording.span.start))
            }
            (None, Some((recording, _))) => (format!("{}/after", recording.content_id), at(recording.span.end)),
            (None, None) => (format!("{}/after", part.identity), at(part.start)),
        }
    }

    fn write(&mut self, part: &OpenPart, schedule: &Schedule<'_>) -> Result<(), LakeError> {
        if part.rows.is_empty() && part.recordings.is_empty() {
            return Ok(());
        }
        let written = Part {
            camera: self.camera.place.camera.clone(),
            start: part.start,
            identity: part.identity.clone(),
            settings_id: self.camera.settings_id.clone(),
            observations: part.rows.observations.clone(),
            events: part.rows.events.clone(),
            gaps: part.rows.gaps.clone(),
            recordings: part.recordings.iter().map(|(recording, _)| recording.clone()).collect(),
        };
        self.remove_replaced(schedule)?;
        let lake = &schedule.ledger.lake;
        if let Some(until) = self.track.seen_until.filter(|_| self.track.is_behind) {
            lake.fill_gaps(&self.camera.place.camera, Span::new(part.start, until))?;
        }
        if part.was_flushed {
            lake.rewrite_part(&written)?
        } else {
            lake.write_part(&written)?
        };
        let mut summary = schedule.summary();
        summary.observations += part.rows.observations.len() as u64;
        summary.events += part.rows.events.len() as u64;
        summary.gaps += part.rows.gaps.len() as u64;
        Ok(())
    }

    /// Removes what other settings made of the time that this run has read, before its own rows come: once a part, since
    /// each removal writes the old files anew.
    fn remove_replaced(&mut self, schedule: &Schedule<'_>) -> Result<(), LakeError> {
        let (camera, lake) = (&self.camera.place.camera, &schedule.ledger.lake);
        let spans = schedule.ledger.take_to_replace(camera);
        if spans.is_empty() {
            return Ok(());
        }
        let old_files = match self.old_files.take() {
            Some(found) => found,
            None => lake.old_files(camera, &self.camera.settings_id)?,
        };
        self.old_files.insert(old_files).remove(lake, spans).map(drop)
    }

    /// The camera's recordings are through. The lake gets the rows as if the stream ended here; the state is kept from
    /// before that, so that a later run can go on.
    pub(super) fn close(&mut self, schedule: &Schedule<'_>) -> Result<(), LakeError> {
        if !std::mem::take(&mut self.is_touched) {
            return Ok(());
        }
        self.leave_unfinished(schedule);
        let open = OpenPart { was_flushed: true, ..self.track.part.clone() };
        let (scene, estimator) = (self.scene.state(), self.estimator.clone());
        self.end_timeline();
        let part = std::mem::take(&mut self.track.part);
        self.write(&part, schedule)?;
        let committed = part.recordings.clone();
        let checkpoint = if self.is_suspect {
            // Nothing can be told to be the continuation of a guess.
            Checkpoint::fresh(&self.camera, committed)
        } else {
            let track = Track { part: open, is_flushed: true, ..self.track.clone() };
            Checkpoint { scene, estimator, track, committed }
        };
        checkpoint.save(schedule, &self.camera)?;
        schedule.ledger.note(&part.recordings)
    }
}
