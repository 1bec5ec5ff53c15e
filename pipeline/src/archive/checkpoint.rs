//! A camera's state between two parts, as the lake keeps it.

use super::feed::Position;
use super::plan::CameraPlan;
use super::schedule::Schedule;
use super::tail::{Settled, Track};
use crate::estimate::Estimator;
use crate::lake::LakeError;
use crate::scene::{Scene, SceneState};
use serde::{Deserialize, Serialize};

/// Raised whenever the stored types change; an older state is then learned anew.
const VERSION: u32 = 26;

/// Everything that the next segment depends on.
#[derive(Serialize, Deserialize)]
pub(super) struct Checkpoint {
    pub scene: SceneState,
    pub estimator: Estimator,
    pub track: Track,
    /// The recordings of the part committed just before: noted in the journal after this was written.
    pub committed: Vec<Settled>,
}

impl Checkpoint {
    /// Of a camera that nothing is known of, after these recordings.
    pub(super) fn fresh(camera: &CameraPlan, committed: Vec<Settled>) -> Self {
        Self {
            scene: Scene::new(camera.analysis.clone()).state(),
            estimator: Estimator::new(camera.place.clone(), &camera.analysis),
            track: Track::default(),
            committed,
        }
    }

    /// The camera's state for these settings, if there is one. Brings the journal up to it.
    pub(super) fn load(schedule: &Schedule<'_>, camera: &CameraPlan) -> Result<Option<Self>, LakeError> {
        let id = &camera.place.camera;
        let Some(bytes) = schedule.ledger.lake.load_state(id, &camera.settings_id)? else { return Ok(None) };
        let read = postcard::from_bytes::<(u32, Self)>(&bytes);
        let Some((_, checkpoint)) = read.ok().filter(|(version, _)| *version == VERSION) else {
            tracing::info!(camera = %id, "stored state is of another version: the scene is learned anew");
            return Ok(None);
        };
        if checkpoint.estimator.place() != &camera.place {
            tracing::info!(camera = %id, "the camera has another place now: its stored state is not used");
            return Ok(None);
        }
        let committed = checkpoint.committed.iter();
        let missing: Vec<Settled> = committed.filter(|settled| !schedule.ledger.is_noted(settled)).cloned().collect();
        schedule.ledger.restore(missing)?;
        Ok(Some(checkpoint))
    }

    pub(super) fn save(&self, schedule: &Schedule<'_>, camera: &CameraPlan) -> Result<(), LakeError> {
        let bytes = postcard::to_stdvec(&(VERSION, self)).expect("invariant: the state is plain data");
        schedule.ledger.lake.save_state(&camera.place.camera, &camera.settings_id, &bytes)
    }

    /// Where to go on, if it was taken inside a recording.
    pub(super) fn position(&self) -> Option<Position> {
        self.track.running.as_ref().map(|running| Position {
            content_id: running.recording.content_id.clone(),
            start: running.recording.span.start,
            next_segment: running.next_segment,
        })
    }
}
