//! One more pass over a clip: its frames' times, and its foreground against the masks.

use super::EvalError;
use super::change::{ChangeScore, Tally};
use crate::config::Config;
use crate::decode::{DecodeSettings, Decoder};
use crate::diff::{Kernel, KernelLevel};
use crate::ingest::Recording;
use crate::scene::Scene;
use pantau_datasets::labels::{Clip, LabelError};
use pantau_models::ids::{CameraId, Place};
use pantau_models::time::{US_PER_S, UtcMicros};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What the pass gives.
pub(super) struct Footage {
    /// Time of each frame since the clip's start, microseconds.
    pub times_us: Vec<i64>,
    pub change: Option<ChangeScore>,
}

impl Footage {
    pub(super) fn of(clip: &Clip, config: &Config, start: UtcMicros) -> Result<Self, EvalError> {
        let camera = CameraId::new("clip");
        let analysis = config.analysis_for(&camera);
        let slot_us = (US_PER_S as f64 / f64::from(analysis.samples_per_s)).round() as i64;
        let mut opened = Recording::open(&clip.video)?;
        let place = Arc::new(Place { camera, ..Place::default() });
        let settings = DecodeSettings { loop_filter: analysis.loop_filter, camera: place, recording_start: start };
        let mut decoder = Decoder::new(&opened.parameters, settings)?;
        let mut kernel = Kernel::new(KernelLevel::choose().map_err(crate::archive::ArchiveError::from)?);
        let mut scene = Scene::new(analysis);
        let (mut times_us, mut tally, mut last_slot) = (Vec::new(), Tally::default(), None);
        let mut trouble: Option<LabelError> = None;
        while let Some(segment) = opened.reader.next_segment() {
            decoder.decode_segment(&segment, |luma| {
                let frame = times_us.len() as u32;
                times_us.push(luma.pts_us());
                let slot = luma.wall().0.div_euclid(slot_us);
                if last_slot.replace(slot) == Some(slot) {
                    return ControlFlow::Continue(());
                }
                scene.observe_plane(&mut kernel, luma.wall(), luma.plane());
                let Some(masks) = &clip.masks else { return ControlFlow::Continue(()) };
                match masks.read(frame) {
                    Ok(Some(mask)) => tally.add(&mask, clip.roi.as_ref(), scene.foreground_pixels()),
                    Ok(None) => {}
                    Err(error) => {
                        trouble = Some(error);
                        return ControlFlow::Break(());
                    }
                }
                ControlFlow::Continue(())
            })?;
        }
        match trouble {
            Some(error) => Err(error.into()),
            None => Ok(Self { times_us, change: tally.score() }),
        }
    }
}
