//! The configuration: one TOML, from *as written* (`written`) to *as meant* ([`Config`], made in `resolve`).
//!
//! What holds: flags, then `PANTAU_*`, then the file, then defaults. Nothing is guessed: a key that is unknown, a
//! value that can't be meant, an id used twice is refused with file, line and what to write instead. Secrets are
//! named by an environment variable or a file; nothing here reads or prints them.

mod calendar;
mod calibration;
mod keys;
mod moment;
mod pattern;
mod refusal;
mod resolve;
mod schema;
mod secret;
mod written;

pub use calibration::{CalibrationError, CalibrationFile};
pub use keys::{Key, Kind, ROOT as KEYS, tables};
pub use moment::{MomentError, parse_moment};
pub use pattern::{PatternError, check_pattern};
pub use refusal::{ConfigError, Problem, Refusal};
pub use resolve::time_zone;
pub use schema::json_schema;
pub use secret::{Secret, SecretError};

pub use crate::report::{Language, SinglePersonRoom};

use crate::ingest::Transport;
use globset::GlobSet;
use jiff::tz::TimeZone;
use pantau_models::calendar::Calendar;
use pantau_models::ids::{AgencyId, CameraId, DistrictId, Place, RoomId, SiteId};
use pantau_models::people::Calibration;
use pantau_models::settings::{ANALYSIS_VERSION, Analysis, Effort, Polygon, Zone};
use pantau_models::time::{Interval, UtcMicros};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// A configuration that uses every key; `pantau config example` prints it.
pub const EXAMPLE: &str = include_str!("example.toml");

/// The time zone of a site that names none.
pub const DEFAULT_TIMEZONE: &str = "Asia/Makassar";

/// The configuration as meant.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The place.
    pub site: Site,
    /// How footage becomes rows.
    pub analysis: AnalysisDefaults,
    /// Name patterns for every camera, in order.
    pub name_patterns: Vec<String>,
    /// Cameras, in the file's order.
    pub cameras: Vec<Camera>,
    /// Service hours.
    pub calendar: Calendar,
    /// Language of reports.
    pub language: Language,
    /// Rooms where presence tells about one person.
    pub single_person_rooms: Vec<SinglePersonRoom>,
    /// What a live worker does.
    pub watch: Watch,
    /// Where a live worker tells rooms' states.
    pub mqtt: Option<Mqtt>,
}

/// An MQTT broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mqtt {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// User and password, if it wants them.
    pub login: Option<Login>,
    /// What all topics begin with.
    pub topic: String,
    /// Whether Home Assistant is told how to find the rooms.
    pub has_discovery: bool,
}

/// What a live worker does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Where it tells how it is.
    pub listen: SocketAddr,
    /// How often final rows of the running hour go to the lake, seconds.
    pub publish_s: u32,
}

impl Default for Watch {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 9470)), publish_s: 300 }
    }
}

/// Who a camera or a broker lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// Where the password is.
    pub password: Secret,
}

/// The place whose machine runs the analysis.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Zone of recordings, calendar and reports.
    pub timezone: TimeZone,
    /// District of cameras that name none.
    pub district: DistrictId,
    /// Agency of cameras that name none.
    pub agency: AgencyId,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            id: "site".into(),
            timezone: time_zone(DEFAULT_TIMEZONE).expect("invariant: the bundled time zones hold the default"),
            district: DistrictId::default(),
            agency: AgencyId::default(),
        }
    }
}

/// What holds for every camera's analysis.
#[derive(Clone, Debug)]
pub struct AnalysisDefaults {
    /// Time step of rows.
    pub interval: Interval,
    /// Most samples a second.
    pub samples_per_s: f32,
    /// How much is decoded.
    pub effort: Effort,
    /// Whether decoders run the loop filter; by codec if not given.
    pub loop_filter: Option<bool>,
    /// Largest share of movement that less than full effort may lose, 0..1.
    pub miss_budget: f32,
    /// Worker threads; one per processor if not given.
    pub jobs: Option<NonZeroUsize>,
    /// Recordings read at a time from each disk; if not given, one from a disk that turns, and any number from others.
    pub io_jobs: Option<NonZeroUsize>,
}

impl Default for AnalysisDefaults {
    fn default() -> Self {
        let Analysis { interval, samples_per_s, effort, loop_filter, miss_budget, .. } = Analysis::default();
        Self { interval, samples_per_s, effort, loop_filter, miss_budget, jobs: None, io_jobs: None }
    }
}

/// One camera.
#[derive(Clone, Debug)]
pub struct Camera {
    /// Its id.
    pub id: CameraId,
    /// The room it sees.
    pub room: RoomId,
    /// The room's agency.
    pub agency: AgencyId,
    /// The agency's district.
    pub district: DistrictId,
    /// Which recordings are its own.
    pub recordings: GlobSet,
    /// Where it is watched live.
    pub url: Option<Secret>,
    /// User and password, if its address holds none.
    pub login: Option<Login>,
    /// How its packets come.
    pub transport: Transport,
    /// Where a recorder puts its recordings, which are analysed as they land.
    pub folder: Option<PathBuf>,
    /// Wall clock of its first picture, if given.
    pub start: Option<UtcMicros>,
    /// Patterns of its file names, tried before the site's.
    pub name_patterns: Vec<String>,
    /// Named parts of its view.
    pub zones: Vec<Zone>,
    /// Parts of its view that nothing looks at.
    pub masks: Vec<Polygon>,
    /// How its people are counted.
    pub calibration: Option<Calibration>,
}

impl Config {
    /// Reads a file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Reads text; `file` names it in refusals, and what it names is found from that file's folder.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        let folder = Path::new(file).parent().unwrap_or(Path::new(""));
        written::parse(text).and_then(|written| resolve::resolve(written, text, folder)).map_err(|mut refusals| {
            refusals.sort_by_key(|refusal| refusal.line);
            ConfigError::Refused { file: file.to_owned(), refusals }
        })
    }

    /// The camera of that id.
    pub fn camera(&self, id: &CameraId) -> Option<&Camera> {
        self.cameras.iter().find(|camera| camera.id == *id)
    }

    /// The camera whose `match` holds the path; the first in the file's order if several do.
    pub fn camera_for_path(&self, path: &Path) -> Option<&Camera> {
        self.cameras.iter().find(|camera| camera.recordings.is_match(path))
    }

    /// Where a camera is. One that the file doesn't know is a room of its own at the site.
    pub fn place(&self, id: &CameraId) -> Place {
        let known = self.camera(id);
        Place {
            site: self.site.id.clone(),
            district: known.map_or_else(|| self.site.district.clone(), |camera| camera.district.clone()),
            agency: known.map_or_else(|| self.site.agency.clone(), |camera| camera.agency.clone()),
            room: known.map_or_else(|| RoomId::new(id.as_str()), |camera| camera.room.clone()),
            camera: id.clone(),
        }
    }

    /// The settings of a camera's analysis.
    pub fn analysis_for(&self, id: &CameraId) -> Analysis {
        let known = self.camera(id);
        Analysis {
            interval: self.analysis.interval,
            samples_per_s: self.analysis.samples_per_s,
            effort: self.analysis.effort,
            loop_filter: self.analysis.loop_filter,
            miss_budget: self.analysis.miss_budget,
            zones: known.map(|camera| camera.zones.clone()).unwrap_or_default(),
            masks: known.map(|camera| camera.masks.clone()).unwrap_or_default(),
            people: known.and_then(|camera| camera.calibration.clone()),
        }
    }

    /// Patterns of a camera's file names, its own first.
    pub fn name_patterns_for(&self, id: &CameraId) -> Vec<String> {
        let own = self.camera(id).map(|camera| camera.name_patterns.as_slice()).unwrap_or_default();
        own.iter().chain(&self.name_patterns).cloned().collect()
    }

    /// Worker threads: as configured, else one per processor.
    pub fn jobs(&self) -> usize {
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.analysis.jobs.map_or(processors, NonZeroUsize::get)
    }
}

/// Hash of everything that rows depend on beside the footage.
pub fn settings_id(analysis: &Analysis) -> String {
    let text = serde_json::to_string(analysis).expect("invariant: settings are plain numbers and texts");
    let hash = xxhash_rust::xxh3::xxh3_64(format!("{ANALYSIS_VERSION}\u{1f}{text}").as_bytes());
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests;
