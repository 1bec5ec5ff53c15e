//! One pass over a clip: when its frames are, and how crowded its seconds.

use super::CalibrateError;
use crate::decode::{DecodeSettings, Decoder};
use crate::diff::{Kernel, KernelLevel};
use crate::ingest::Recording;
use crate::scene::Scene;
use pantau_models::evidence::Evidence;
use pantau_models::ids::Place;
use pantau_models::people::{Moment, Smooth};
use pantau_models::settings::Analysis;
use pantau_models::time::{US_PER_S, UtcMicros};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// When every clip is said to begin: a whole second, so that seconds count from its first frame.
const START: UtcMicros = UtcMicros(0);
/// A frame whose own second was not looked at belongs to one at most so far away, seconds.
const NEAR_S: i64 = 1;

/// What a clip shows to the counting.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// Time of each frame since the clip's start, in decode order, microseconds.
    pub times_us: Vec<i64>,
    /// How crowded each second is that was looked at, and those beside it.
    pub seconds: BTreeMap<i64, Moment>,
}

impl Watched {
    /// Looks at a clip as the analysis with these settings does.
    pub fn of(clip: &Path, analysis: &Analysis) -> Result<Self, CalibrateError> {
        let mut opened = Recording::open(clip)?;
        let settings = DecodeSettings {
            loop_filter: analysis.loop_filter,
            camera: Arc::new(Place::default()),
            recording_start: START,
        };
        let mut decoder = Decoder::new(&opened.parameters, settings)?;
        let mut kernel = Kernel::new(KernelLevel::choose()?);
        let slot_us = analysis.slot_us();
        let mut scene = Scene::new(Analysis { zones: Vec::new(), people: None, ..analysis.clone() });
        let (mut watched, mut smooth, mut last_slot) = (Self::default(), Smooth::default(), None);
        while let Some(segment) = opened.reader.next_segment() {
            decoder.decode_segment(&segment, |luma| {
                watched.times_us.push(luma.pts_us());
                let slot = luma.wall().0.div_euclid(slot_us);
                if last_slot.replace(slot) != Some(slot) {
                    watched.take(&mut smooth, &scene.observe_plane(&mut kernel, luma.wall(), luma.plane()));
                }
                ControlFlow::Continue(())
            })?;
        }
        watched.take(&mut smooth, &scene.flush());
        watched.seconds.extend(smooth.flush());
        if watched.seconds.is_empty() {
            return Err(CalibrateError::Nothing { path: clip.to_owned() });
        }
        Ok(watched)
    }

    fn take(&mut self, smooth: &mut Smooth, evidence: &[Evidence]) {
        for evidence in evidence {
            if let Some(crowd) = evidence.zones.first().and_then(|room| room.crowd.as_ref()) {
                self.seconds.extend(smooth.push(evidence.at.0.div_euclid(US_PER_S), crowd));
            }
        }
    }

    /// The looked-at second of a frame, or the nearest one to it.
    pub fn second_of(&self, frame: u32) -> Option<i64> {
        let at_us = *self.times_us.get(usize::try_from(frame).ok()?)?;
        let second = at_us.div_euclid(US_PER_S);
        let near = self.seconds.range(second - NEAR_S..=second + NEAR_S);
        near.map(|(near, _)| *near).min_by_key(|near| (near - second).abs())
    }

    /// The frame in the middle of a second, and its time since the clip's start in seconds.
    pub fn frame_of(&self, second: i64) -> Option<(u32, f64)> {
        let middle_us = second * US_PER_S + US_PER_S / 2;
        let nearest = self.times_us.iter().enumerate().min_by_key(|(_, at_us)| (**at_us - middle_us).abs());
        nearest.map(|(frame, at_us)| (frame as u32, *at_us as f64 / US_PER_S as f64))
    }

    /// From the clip's start to its last frame, seconds.
    pub fn length_s(&self) -> f64 {
        self.times_us.iter().max().map_or(0.0, |last| *last as f64 / US_PER_S as f64)
    }
}
