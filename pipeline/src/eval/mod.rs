//! How right the estimates are: the same line on labelled footage, and figures against its labels.
//!
//! A clip's rows come from the archive driver at 1-s intervals, exactly as `pantau analyze` would write them; frame
//! times and foreground masks come from one more pass over the same frames.

mod change;
mod counts;
mod footage;
mod presence;
mod table;

pub use change::ChangeScore;
pub use counts::{CalibratedScore, CountScore};
pub use presence::{PresenceScore, Truth};
pub use table::as_text;

use crate::archive::{self, ArchiveError, Overrides, Request, Summary, Tuning, Watcher};
use crate::calibrate::CalibrateError;
use crate::config::Config;
use crate::decode::DecodeError;
use crate::ingest::IngestError;
use crate::lake::{Lake, LakeError, Query};
use footage::Footage;
use pantau_datasets::labels::{self, Clip, LabelError};
use pantau_models::ids::ZoneId;
use pantau_models::record::{Observation, RecordingStatus};
use pantau_models::time::{Interval, US_PER_S, UtcMicros};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// When every clip is said to begin: a whole second, so that seconds of the clip are seconds of the rows.
const START: UtcMicros = UtcMicros(1_767_225_600 * US_PER_S);

/// What one clip showed.
#[derive(Clone, Debug, Serialize)]
pub struct ClipScore {
    /// Name of its folder.
    pub name: String,
    /// Seconds of footage.
    pub footage_s: f64,
    /// Every label is 0 or 1: it tells presence, not numbers.
    pub is_binary: bool,
    /// Presence per second; none without counts.
    pub presence: Option<PresenceScore>,
    /// People per second; none without counts above 1.
    pub people: Option<CountScore>,
    /// Foreground against masks; none without masks.
    pub change: Option<ChangeScore>,
}

/// All clips of a folder.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// One a clip, by name.
    pub clips: Vec<ClipScore>,
    /// Mean accuracy per second over the clips labelled 0 or 1.
    pub binary_accuracy: Option<f64>,
}

/// Why the evaluation can't be made.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// The labels can't be read.
    #[error(transparent)]
    Labels(#[from] LabelError),
    /// No clip.
    #[error("{}: no labelled clips; a clip is a folder with video.* and gt.csv", path.display())]
    Nothing {
        /// The folder.
        path: PathBuf,
    },
    /// The analysis ended early.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A clip can't be analysed.
    #[error("{}", .0.join("; "))]
    Clip(Vec<String>),
    /// A clip can't be looked at for counting.
    #[error(transparent)]
    Calibrate(#[from] CalibrateError),
    /// Its rows can't be read back.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A clip can't be opened.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// A clip can't be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// No place for a lake.
    #[error("a folder for temporary files can't be made: {0}; set TMPDIR to one that can be written")]
    Temporary(#[from] std::io::Error),
}

/// Evaluates every clip of a folder; `told` hears each name as its turn comes.
pub fn run(data: &Path, config: &Config, mut told: impl FnMut(&str)) -> Result<Evaluation, EvalError> {
    let clips = labels::load_all(data)?;
    if clips.is_empty() {
        return Err(EvalError::Nothing { path: data.to_owned() });
    }
    let scores: Result<Vec<ClipScore>, EvalError> = clips
        .iter()
        .map(|clip| {
            told(&clip.name);
            score(clip, config)
        })
        .collect();
    let clips = scores?;
    let binary: Vec<f64> =
        clips.iter().filter(|clip| clip.is_binary).filter_map(|clip| Some(clip.presence.as_ref()?.accuracy)).collect();
    let binary_accuracy = (!binary.is_empty()).then(|| binary.iter().sum::<f64>() / binary.len() as f64);
    Ok(Evaluation { clips, binary_accuracy })
}

fn score(clip: &Clip, config: &Config) -> Result<ClipScore, EvalError> {
    let rows = rows(&clip.video, config)?;
    let footage = Footage::of(clip, config, START)?;
    let truth = truth(clip, &footage);
    let people_max = clip.frames.iter().filter_map(|label| label.count).max();
    let mut people = (people_max > Some(1)).then(|| counts::score(&truth, &rows)).flatten();
    if let Some(people) = &mut people {
        people.calibrated = counts::calibrated(clip, config, &truth)?;
    }
    Ok(ClipScore {
        name: clip.name.clone(),
        footage_s: footage.times_us.last().map_or(0.0, |last| *last as f64 / US_PER_S as f64),
        is_binary: people_max.is_some_and(|max| max <= 1),
        presence: PresenceScore::of(&truth, |second| rows.get(&second).map(|row| row.presence)),
        people,
        change: footage.change,
    })
}

/// A clip's rows, by second since its start.
fn rows(video: &Path, config: &Config) -> Result<BTreeMap<i64, Observation>, EvalError> {
    let folder = tempfile::tempdir()?;
    let lake = folder.path().join("lake");
    let mut config = config.clone();
    config.analysis.interval = Interval::from_seconds(1).unwrap_or_default();
    let request = Request {
        inputs: vec![video.display().to_string()],
        lake: lake.clone(),
        config,
        overrides: Overrides { camera: Some("clip".to_owned()), start: Some(START), ..Overrides::default() },
        jobs: 1,
        replace: false,
        dry_run: false,
        tuning: Tuning::default(),
    };
    let summary: Summary = archive::run(&request, &Silent)?;
    if summary.done + summary.partial == 0 {
        return Err(EvalError::Clip(summary.problems));
    }
    let rows = Lake::open(&lake)?.observations(&Query::default())?;
    let room = ZoneId::room();
    let of_room = rows.into_iter().filter(|row| row.zone == room);
    Ok(of_room.map(|row| ((row.start.0 - START.0) / US_PER_S, row)).collect())
}

/// Mean number of people of each second that has labels; presence where most labelled frames have somebody.
fn truth(clip: &Clip, footage: &Footage) -> Vec<Truth> {
    let mut seconds: BTreeMap<i64, (f64, u32, u32)> = BTreeMap::new();
    for (label, at_us) in clip.frames.iter().zip(&footage.times_us) {
        if let Some(count) = label.count {
            let (sum, frames, with_people) = seconds.entry(at_us.div_euclid(US_PER_S)).or_default();
            *sum += f64::from(count);
            *frames += 1;
            *with_people += u32::from(count > 0);
        }
    }
    seconds
        .into_iter()
        .map(|(second, (sum, frames, with_people))| Truth {
            second,
            people: sum / f64::from(frames),
            is_present: with_people * 2 >= frames,
        })
        .collect()
}

/// Nobody watches an evaluation's single clips.
struct Silent;

impl Watcher for Silent {
    fn planned(&self, _files: u64, _bytes: u64) {}
    fn opened(&self, _path: &Path) {}
    fn read(&self, _bytes: u64) {}
    fn analysed(&self, _footage_s: f64) {}
    fn finished(&self, _path: &Path, _status: RecordingStatus, _message: &str) {}
    fn say(&self, _line: &str) {}
}
