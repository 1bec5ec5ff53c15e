//! Numbers of people per second, beside what always saying the median would score: as they are, and as they would be
//! with 30 frames labelled.

use super::EvalError;
use super::presence::Truth;
use crate::calibrate::{self, Label, Watched};
use crate::config::Config;
use pantau_datasets::labels::Clip;
use pantau_models::ids::CameraId;
use pantau_models::record::Observation;
use serde::Serialize;
use std::collections::BTreeMap;

/// How right the numbers are.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CountScore {
    /// Seconds with a label and an estimate.
    pub seconds: u64,
    /// Seconds with a label and a row, but no estimate: said to be unknown.
    pub unknown: u64,
    /// Mean absolute error.
    pub mae: Option<f64>,
    /// The same for a constant: the median of the labels.
    pub constant_mae: f64,
    /// Share of estimates whose 90 % interval holds the truth.
    pub interval_holds: Option<f64>,
    /// With labels of the camera; none where there are too few seconds to label and to test on.
    pub calibrated: Option<CalibratedScore>,
}

/// How right the numbers are after `pantau calibrate` with [`LABELS`] frames spread over the clip, on the seconds of
/// which none is labelled; the mean of [`DRAWS`] choices of frames.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct CalibratedScore {
    /// Seconds tested, over all choices.
    pub seconds: u64,
    /// Mean absolute error.
    pub mae: f64,
    /// The same for a constant: the median of the seconds tested.
    pub constant_mae: f64,
    /// Share of seconds whose 90 % interval holds the truth.
    pub held: f64,
}

/// Frames labelled.
const LABELS: usize = 30;
/// Choices of frames.
const DRAWS: usize = 10;
/// Steps of this share visit every part of a stretch evenly.
const GOLDEN: f64 = 0.618_033_988_749_895;

/// `None` without labels.
pub(super) fn score(truth: &[Truth], rows: &BTreeMap<i64, Observation>) -> Option<CountScore> {
    let constant_mae = constant_mae(truth.iter().map(|truth| truth.people).collect())?;
    let (mut error, mut known, mut unknown, mut held) = (0.0, 0u64, 0u64, 0u64);
    for (truth, row) in truth.iter().filter_map(|truth| Some((truth, rows.get(&truth.second)?))) {
        let Some(people) = row.people else {
            unknown += 1;
            continue;
        };
        known += 1;
        error += (f64::from(people) - truth.people).abs();
        let (low, high) = (row.people_low.unwrap_or(people), row.people_high.unwrap_or(people));
        held += u64::from((f64::from(low)..=f64::from(high)).contains(&truth.people));
    }
    let share = |part: f64| (known > 0).then(|| part / known as f64);
    Some(CountScore {
        seconds: known,
        unknown,
        mae: share(error),
        constant_mae,
        interval_holds: share(held as f64),
        calibrated: None,
    })
}

/// Error of always saying the median.
fn constant_mae(mut labels: Vec<f64>) -> Option<f64> {
    labels.sort_by(f64::total_cmp);
    let median = *labels.get(labels.len() / 2)?;
    Some(labels.iter().map(|label| (label - median).abs()).sum::<f64>() / labels.len() as f64)
}

/// Labels some frames, fits, and counts the others.
pub(super) fn calibrated(clip: &Clip, config: &Config, truth: &[Truth]) -> Result<Option<CalibratedScore>, EvalError> {
    if truth.len() < 2 * LABELS {
        return Ok(None);
    }
    let watched = Watched::of(&clip.video, &config.analysis_for(&CameraId::new("clip")))?;
    let draws: Vec<CalibratedScore> = (0..DRAWS).filter_map(|draw| tested(clip, &watched, truth, draw)).collect();
    let mean = |value: fn(&CalibratedScore) -> f64| draws.iter().map(value).sum::<f64>() / draws.len() as f64;
    Ok((!draws.is_empty()).then(|| CalibratedScore {
        seconds: draws.iter().map(|score| score.seconds).sum(),
        mae: mean(|score| score.mae),
        constant_mae: mean(|score| score.constant_mae),
        held: mean(|score| score.held),
    }))
}

/// One choice of frames: one from each of [`LABELS`] equal stretches of the labelled time. `None` if nothing can be
/// learned from them.
fn tested(clip: &Clip, watched: &Watched, truth: &[Truth], draw: usize) -> Option<CalibratedScore> {
    let label = |stretch: usize| {
        let own = &truth[stretch * truth.len() / LABELS..(stretch + 1) * truth.len() / LABELS];
        let place = ((stretch + draw * LABELS) as f64 * GOLDEN).fract();
        let (frame, _) = watched.frame_of(own[(place * own.len() as f64) as usize].second)?;
        let count = clip.frames.get(frame as usize)?.count?;
        Some(Label { frame, count: count as f32 })
    };
    let labels: Vec<Label> = (0..LABELS).filter_map(label).collect();
    let calibration = calibrate::fit(watched, &labels).ok()?.fit.calibration;
    let labelled: Vec<i64> = labels.iter().filter_map(|label| watched.second_of(label.frame)).collect();
    let others = truth.iter().filter(|truth| !labelled.contains(&truth.second));
    let counted: Vec<(f64, _)> = others
        .filter_map(|truth| Some((truth.people, calibration.count(watched.seconds.get(&truth.second)?))))
        .collect();
    let count = counted.len() as f64;
    let held = counted.iter().filter(|(people, said)| (f64::from(said.low)..=f64::from(said.high)).contains(people));
    Some(CalibratedScore {
        seconds: counted.len() as u64,
        mae: counted.iter().map(|(people, said)| (f64::from(said.estimate) - people).abs()).sum::<f64>() / count,
        constant_mae: constant_mae(counted.iter().map(|(people, _)| *people).collect())?,
        held: held.count() as f64 / count,
    })
}
