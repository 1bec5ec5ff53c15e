//! How right the estimates are: the same line on labelled footage, and figures against its labels.
//!
//! A clip's rows come from the archive driver at 1-s intervals, exactly as `pantau analyze` would write them; frame
//! times and foreground masks come from one more pass over the same frames. As many clips are taken at once as there
//! are processors, each with one thread; the figures don't depend on it.

mod change;
mod choice;
mod comparable;
mod counts;
mod edges;
mod footage;
mod groups;
mod presence;
mod reliability;
mod seconds;
mod table;

pub use change::ChangeScore;
pub use choice::Choice;
pub use comparable::{ActivityScore, Variant};
pub use counts::{CalibratedScore, CountScore};
pub use edges::Edges;
pub use groups::{GroupScore, OTHERS};
pub use presence::PresenceScore;
pub use reliability::{Bin, Reliability};
pub use seconds::{Stretch, Truth};
pub use table::{as_text, failures_as_text};

use crate::archive::{self, ArchiveError, Overrides, Request, Summary, Tuning, Watcher};
use crate::calibrate::CalibrateError;
use crate::config::Config;
use crate::decode::DecodeError;
use crate::ingest::IngestError;
use crate::lake::{Lake, LakeError, Query};
use comparable::Intervals;
use footage::Footage;
use pantau_datasets::labels::{self, Clip, LabelError};
use pantau_models::ids::ZoneId;
use pantau_models::record::{Observation, Quality, Recording, RecordingStatus};
use pantau_models::time::{Interval, US_PER_S, UtcMicros};
use presence::Tally;
use seconds::Second;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

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
    /// Share of the seconds with each mark of quality, by its name; those that never came up are left out.
    pub quality: BTreeMap<&'static str, f64>,
    /// Runs of wrong seconds.
    pub wrong: Vec<Stretch>,
    #[serde(skip)]
    tally: Tally,
    #[serde(skip)]
    seconds: Vec<Second>,
    #[serde(skip)]
    intervals: Intervals,
}

/// A clip that could not be evaluated.
#[derive(Clone, Debug, Serialize)]
pub struct FailedClip {
    /// Name of its folder.
    pub name: String,
    /// Why, and what to do.
    pub message: String,
}

/// All clips of a folder.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// One a clip, by name.
    pub clips: Vec<ClipScore>,
    /// Clips that could not be evaluated, by name.
    pub failed: Vec<FailedClip>,
    /// Groups of clips with names alike, if there are several.
    pub groups: Vec<GroupScore>,
    /// Presence over the seconds of all clips.
    pub all: Option<PresenceScore>,
    /// Said against true probability, over the seconds of all clips.
    pub reliability: Reliability,
    /// Scenes filmed in several ways.
    pub activity: Vec<ActivityScore>,
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
    #[error("{}: no labelled clips to evaluate; a clip is a folder with video.* and gt.csv{}", path.display(), hint(.wanted))]
    Nothing {
        /// The folder.
        path: PathBuf,
        /// How many it has, of which none is wanted.
        wanted: usize,
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

fn hint(unwanted: &usize) -> String {
    match unwanted {
        0 => String::new(),
        count => format!("; --only takes none of its {count}"),
    }
}

/// Evaluates the wanted clips of a folder; `told` hears each name as its turn comes. A clip that can't be evaluated
/// is named and the others go on.
pub fn run(data: &Path, choice: &Choice, config: &Config, told: impl Fn(&str) + Sync) -> Result<Evaluation, EvalError> {
    let mut folders = labels::folders(data)?;
    let found = folders.len();
    folders.retain(|folder| choice.wants(&name_of(folder)));
    if folders.is_empty() {
        return Err(EvalError::Nothing { path: data.to_owned(), wanted: found });
    }
    let results = in_parallel(&folders, config.jobs(), |folder| {
        told(&name_of(folder));
        labels::load(folder).map_err(EvalError::from).and_then(|clip| score(&clip, config))
    });
    let (mut clips, mut failed) = (Vec::new(), Vec::new());
    for (folder, result) in folders.iter().zip(results) {
        match result {
            Ok(score) => clips.push(score),
            Err(error) => failed.push(FailedClip { name: name_of(folder), message: error.to_string() }),
        }
    }
    Ok(Evaluation::of(clips, failed))
}

fn name_of(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// `work` on every item, `jobs` at a time, in their order; results in the items' order. Threads of its own
/// and not rayon's: the archive driver has a pool inside, and a rayon thread that waits for another pool takes up the
/// next clip meanwhile.
fn in_parallel<T: Sync, R: Send>(items: &[T], jobs: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let index = next.fetch_add(1, Ordering::Relaxed);
        items.get(index).map(|item| (index, work(item)))
    };
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers = (0..jobs.clamp(1, items.len().max(1)))
            .map(|_| scope.spawn(|| std::iter::from_fn(take).collect::<Vec<_>>()));
        let workers: Vec<_> = workers.collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("invariant: a clip's trouble is an error")).collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

impl Evaluation {
    fn of(clips: Vec<ClipScore>, failed: Vec<FailedClip>) -> Self {
        let binary = clips.iter().filter(|clip| clip.is_binary);
        let binary: Vec<f64> = binary.filter_map(|clip| Some(clip.presence.as_ref()?.accuracy)).collect();
        let mut tally = Tally::default();
        clips.iter().for_each(|clip| tally.add(&clip.tally));
        Self {
            groups: groups::groups(&clips),
            all: tally.score(),
            reliability: Reliability::of(clips.iter().flat_map(|clip| &clip.seconds)),
            activity: comparable::scenes(&clips),
            binary_accuracy: (!binary.is_empty()).then(|| binary.iter().sum::<f64>() / binary.len() as f64),
            clips,
            failed,
        }
    }
}

impl ClipScore {
    /// A clip of which nothing is known.
    #[cfg(test)]
    fn empty(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            footage_s: 0.0,
            is_binary: false,
            presence: None,
            people: None,
            change: None,
            quality: BTreeMap::new(),
            wrong: Vec::new(),
            tally: Tally::default(),
            seconds: Vec::new(),
            intervals: Intervals::new(),
        }
    }
}

fn score(clip: &Clip, config: &Config) -> Result<ClipScore, EvalError> {
    let (rows, recording) = rows(&clip.video, config)?;
    let footage = Footage::of(clip, config, START, recording.as_ref())?;
    let truth = truth(clip, &footage);
    let people_max = clip.frames.iter().filter_map(|label| label.count).max();
    let mut people = (people_max > Some(1)).then(|| counts::score(&truth, &rows)).flatten();
    if let Some(people) = &mut people {
        people.calibrated = counts::calibrated(clip, config, &truth)?;
    }
    let seconds = seconds::pair(&truth, |second| rows.get(&second).map(|row| row.presence));
    let tally = Tally::of(&truth, &seconds);
    let mut intervals = Intervals::new();
    for (second, row) in &rows {
        comparable::add(&mut intervals, *second, f64::from(row.observed_s), f64::from(row.activity));
    }
    Ok(ClipScore {
        name: clip.name.clone(),
        footage_s: footage.times_us.last().map_or(0.0, |last| *last as f64 / US_PER_S as f64),
        is_binary: people_max.is_some_and(|max| max <= 1),
        presence: tally.score(),
        people,
        change: footage.change,
        quality: quality(&rows),
        wrong: seconds::stretches(&seconds),
        tally,
        seconds,
        intervals,
    })
}

/// Share of the rows with each mark that came up.
fn quality(rows: &BTreeMap<i64, Observation>) -> BTreeMap<&'static str, f64> {
    let share = |bit| rows.values().filter(|row| row.quality.contains(bit)).count() as f64 / rows.len() as f64;
    let shares = Quality::NAMES.into_iter().map(|(bit, name)| (name, share(bit)));
    shares.filter(|(_, share)| *share > 0.0).collect()
}

/// A clip's rows, by second since its start, and what the manifest says of it.
fn rows(video: &Path, config: &Config) -> Result<(BTreeMap<i64, Observation>, Option<Recording>), EvalError> {
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
    let lake = Lake::open(&lake)?;
    let recording = lake.recordings(&Query::default())?.pop();
    let room = ZoneId::room();
    let of_room = lake.observations(&Query::default())?.into_iter().filter(|row| row.zone == room);
    Ok((of_room.map(|row| ((row.start.0 - START.0) / US_PER_S, row)).collect(), recording))
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

#[cfg(test)]
mod tests;
