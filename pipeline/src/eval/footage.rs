//! One more pass over a clip: its frames' times, and its foreground against the masks. Without masks its packets tell
//! the times of a clip that was decoded without a fault, or has a label for each of them, at a hundredth of the cost.

use super::EvalError;
use super::change::{ChangeScore, Tally};
use crate::config::Config;
use crate::decode::{DecodeSettings, Decoder};
use crate::diff::{Kernel, KernelLevel};
use crate::ingest::Recording;
use crate::scene::Scene;
use pantau_datasets::labels::{Clip, LabelError};
use pantau_models::ids::{CameraId, Place};
use pantau_models::record;
use pantau_models::time::UtcMicros;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What the pass gives.
pub(super) struct Footage {
    /// Time of each frame since the clip's start, microseconds.
    pub times_us: Vec<i64>,
    pub change: Option<ChangeScore>,
}

impl Footage {
    /// `recording` is what the manifest says of the clip.
    pub(super) fn of(
        clip: &Clip,
        config: &Config,
        start: UtcMicros,
        recording: Option<&record::Recording>,
    ) -> Result<Self, EvalError> {
        if let Some(recording) = recording.filter(|_| clip.masks.is_none()) {
            let times_us = packet_times_us(clip)?;
            let is_whole = recording.decode_errors == 0 && times_us.len() as u64 == recording.frames;
            // Of a damaged clip frames are lost that have their labels.
            if is_whole || times_us.len() == clip.frames.len() {
                return Ok(Self { times_us, change: None });
            }
        }
        Self::decoded(clip, config, start)
    }

    fn decoded(clip: &Clip, config: &Config, start: UtcMicros) -> Result<Self, EvalError> {
        let camera = CameraId::new("clip");
        let analysis = config.analysis_for(&camera);
        let slot_us = analysis.slot_us();
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

/// Times of the packets in the order in which they are shown; empty if they carry none.
pub(super) fn packet_times_us(clip: &Clip) -> Result<Vec<i64>, EvalError> {
    let mut opened = Recording::open(&clip.video)?;
    let mut times_us = Vec::new();
    if opened.parameters.counts_frames {
        return Ok(times_us);
    }
    while let Some(segment) = opened.reader.next_segment() {
        let from_us = segment.emit_from_us.unwrap_or(i64::MIN);
        let until_us = segment.emit_until_us.unwrap_or(i64::MAX);
        let own = segment.packets.iter().filter_map(|packet| packet.pts());
        times_us.extend(own.filter(|pts_us| (from_us..until_us).contains(pts_us)));
    }
    times_us.sort_unstable();
    Ok(times_us)
}
