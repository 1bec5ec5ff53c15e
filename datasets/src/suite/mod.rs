//! A suite of labelled clips that real footage lacks: people who sit still, rooms where everything moves but a person.
//!
//! Names start with the group, which says what is asked: `seated-*` (is somebody there the whole time?), `empty-*`
//! and `disturbed-*` (is nobody there?), `object-*` (does a thing count as a person?), `visits-*` (when exactly?),
//! `activity-SCENE-VARIANT` (the same happening, seen by different cameras), `crowd-*` (how many?), `day-*` (a whole day,
//! see [`days`]). Clips of 75 minutes are meant to be judged from the 60th minute on.

use crate::durable;
use crate::encode::EncodeError;
use crate::office::{Scene, SceneError};
use crate::scenes::record;
use crate::spec::SceneSpec;
use crate::truth::Truth;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::path::{Path, PathBuf};

mod crowds;
mod days;
mod disturbed;
mod still;
mod vacant;
mod visits;

/// Name of a clip's video in its folder.
pub const VIDEO_FILE: &str = "video.mp4";
/// Name of its labels; written last, so that a folder that has them is whole.
pub const LABEL_FILE: &str = "gt.csv";
/// Name of the truth with the clip's own recipe.
pub const TRUTH_FILE: &str = "truth.json";

/// Why a clip was not written.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The clip's specification makes no scene.
    #[error("{name}: {source}")]
    Scene {
        /// The clip.
        name: String,
        /// Why.
        source: SceneError,
    },
    /// The video can't be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Labels or folder can't be written.
    #[error("{}: cannot write: {source}; check space and permissions", path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
}

/// What lies beside a clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClipTruth {
    /// The recipe.
    pub spec: SceneSpec,
    /// Who was in view when.
    pub truth: Truth,
}

/// Every clip, group by group; names are unique.
pub fn suite() -> Vec<SceneSpec> {
    [
        still::seated(),
        vacant::empty(),
        disturbed::camera(),
        disturbed::unsteady(),
        disturbed::disturbed(),
        disturbed::objects(),
        visits::visits(),
        visits::activity(),
        crowds::crowds(),
    ]
    .concat()
}

/// Working days of eight hours and a half, one a room; apart from [`suite`], as each takes as long as ten of its clips.
/// `reseed` changes the schedules, too.
pub fn days(reseed: u64) -> Vec<SceneSpec> {
    days::days(reseed)
}

/// Writes one clip as `DIR/<name>/`; `false` if it is there already.
pub fn write_clip(spec: &SceneSpec, dir: &Path) -> Result<bool, SuiteError> {
    let folder = dir.join(&spec.name);
    let labels = folder.join(LABEL_FILE);
    if labels.is_file() {
        return Ok(false);
    }
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| SuiteError::Io { path, source }
    };
    std::fs::create_dir_all(&folder).map_err(io(&folder))?;
    let scene = Scene::new(spec.clone()).map_err(|source| SuiteError::Scene { name: spec.name.clone(), source })?;
    record(&scene, &folder.join(VIDEO_FILE), None)?;
    let truth = folder.join(TRUTH_FILE);
    let content = ClipTruth { spec: spec.clone(), truth: scene.truth().clone() };
    let json = serde_json::to_vec_pretty(&content).map_err(|source| io(&truth)(source.into()))?;
    durable::write(&truth, &json).map_err(io(&truth))?;
    durable::write(&labels, label_table(spec, scene.truth()).as_bytes()).map_err(io(&labels))?;
    Ok(true)
}

/// Labels as `labels::load` reads them: people in view per frame, nothing of moving pixels.
fn label_table(spec: &SceneSpec, truth: &Truth) -> String {
    let mut table = String::from("frame,count,fg_frac\n");
    for frame in 0..spec.frames() {
        let count = truth.people_in_view(frame as f64 / spec.fps);
        // Writing to a string never fails.
        let _ = writeln!(table, "{frame},{count},");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_every_schedule_fits_its_room() {
        let mut names = HashSet::new();
        for spec in suite().into_iter().chain(days(0)) {
            assert!(names.insert(spec.name.clone()), "{} twice", spec.name);
            assert!(Scene::check(&spec).is_ok(), "{}", spec.name);
        }
        assert!(names.len() > 60, "{} clips", names.len());
        for spec in days(5000) {
            assert!(Scene::check(&spec).is_ok(), "{} with another schedule", spec.name);
        }
    }

    #[test]
    fn who_sits_for_ten_minutes_is_in_view_all_the_while() {
        // The head alone is three limbs of eighteen: behind a screen it is all there is while somebody bends forward.
        const HEAD_SHARE: f32 = 0.16;
        for spec in still::seated() {
            let clip = Scene::new(spec.clone().sized(128, 72)).unwrap();
            let stay = clip.truth().stays[0];
            assert!(stay.leave_s - stay.enter_s > 590.0, "{}: {stay:?}", spec.name);
            let settled_s = stay.enter_s.max(0.0) + 20.0;
            let mut shares = [0.0; 28];
            for (step, share) in (0..).zip(&mut shares) {
                *share = clip.seen_share_of(0, settled_s + 20.0 * f64::from(step));
            }
            shares.sort_by(f32::total_cmp);
            assert!(shares[0] > HEAD_SHARE && shares[14] >= 0.25, "{}: {shares:.2?}", spec.name);
        }
    }
}
