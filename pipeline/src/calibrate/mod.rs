//! Fits the counting of one camera from labelled frames of a clip, and proposes frames worth labelling.
//!
//! It looks at the clip as the analysis would, sample by sample, and keeps what each second says of the crowd; a label
//! belongs to the second of its frame. The fit and its errors are `pantau_models::people`'s.

mod advice;
mod labels;
mod suggest;
mod watched;

pub use advice::Advice;
pub use labels::{Label, LabelsError};
pub use suggest::{Suggestion, as_csv};
pub use watched::Watched;

use crate::decode::DecodeError;
use crate::diff::UnknownKernel;
use crate::ingest::IngestError;
use pantau_models::people::{Calibration, Fit, FitError, Labelled};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A fit, and what to tell of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The camera's counting and its errors.
    pub fit: Fit,
    /// Seconds that have labels.
    pub seconds: usize,
    /// Labels that belong to no second that was seen.
    pub unused: usize,
    /// What to beware of, and what to label next.
    pub advice: Advice,
}

/// Why a camera can't be calibrated.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    /// The clip can't be opened.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// The clip can't be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The environment asks for a kernel that this machine lacks.
    #[error(transparent)]
    Kernel(#[from] UnknownKernel),
    /// The clip shows nothing.
    #[error("{}: no picture could be read; `pantau analyze` tells why", path.display())]
    Nothing {
        /// The clip.
        path: PathBuf,
    },
    /// The labels can't be used.
    #[error(transparent)]
    Labels(#[from] LabelsError),
    /// The labels teach nothing.
    #[error("{}: {source}; `pantau calibrate CLIP --suggest 30` proposes frames", path.display())]
    Fit {
        /// The labels' file.
        path: PathBuf,
        /// Why not.
        source: FitError,
    },
}

/// Fits the counting of a clip's camera.
pub fn fit(watched: &Watched, labels: &[Label]) -> Result<Outcome, FitError> {
    let (labelled, unused) = by_second(watched, labels);
    let all: Vec<Labelled> = labelled.values().copied().collect();
    let fit = Calibration::fit(&all)?;
    let advice = Advice::of(watched, &labelled, &fit);
    Ok(Outcome { fit, seconds: labelled.len(), unused, advice })
}

/// What each labelled second holds, with the mean of its labels: frames of one second are one observation, not many.
/// Labels of frames that nothing was seen of are counted.
fn by_second(watched: &Watched, labels: &[Label]) -> (BTreeMap<i64, Labelled>, usize) {
    let mut sums: BTreeMap<i64, (f32, u32)> = BTreeMap::new();
    let mut unused = 0;
    for label in labels {
        match watched.second_of(label.frame) {
            Some(second) => {
                let (sum, count) = sums.entry(second).or_default();
                *sum += label.count;
                *count += 1;
            }
            None => unused += 1,
        }
    }
    let labelled = sums.into_iter().map(|(second, (sum, count))| {
        (second, Labelled { moment: watched.seconds[&second], count: sum / count as f32 })
    });
    (labelled.collect(), unused)
}

#[cfg(test)]
mod tests;
