//! What is to be done: each camera's recordings, in time order as far as names and file times tell. No file is opened
//! here, so a batch of tens of thousands starts at once.

use super::summary::{Summary, Watcher};
use super::{Request, name_patterns};
use crate::config::settings_id;
use crate::ingest::{Found, FoundFile, NamePattern, NamePatternError, camera_from_path, wall_clock_from_path};
use pantau_models::ids::{CameraId, Place};
use pantau_models::record::{Recording, RecordingStatus, TimeSource};
use pantau_models::settings::Analysis;
use pantau_models::time::{Span, UtcMicros};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A recording to be opened when its turn comes.
#[derive(Clone, Debug)]
pub(super) struct PlannedFile {
    pub file: FoundFile,
    /// The wall clock that its name tells.
    pub named: Option<(UtcMicros, TimeSource)>,
    /// Why it is left alone, if it is.
    pub refused: Option<String>,
}

/// One camera's recordings, settings and identity.
#[derive(Clone, Debug)]
pub(super) struct CameraPlan {
    pub place: Arc<Place>,
    pub analysis: Analysis,
    pub settings_id: String,
    /// When the first recording begins, if the user said so.
    pub start: Option<UtcMicros>,
    pub files: Vec<PlannedFile>,
}

/// All cameras of a batch.
#[derive(Debug)]
pub(super) struct Plan {
    pub cameras: Vec<CameraPlan>,
    /// Inputs that name no recording, told as they are.
    pub problems: Vec<String>,
}

impl Plan {
    pub(super) fn new(request: &Request, found: Found) -> Result<Self, NamePatternError> {
        let mut patterns: BTreeMap<CameraId, Vec<NamePattern>> = BTreeMap::new();
        let mut files: BTreeMap<CameraId, Vec<PlannedFile>> = BTreeMap::new();
        for file in found.files {
            let camera = camera_of(request, &file.path);
            if !patterns.contains_key(&camera) {
                let configured = request.config.name_patterns_for(&camera);
                patterns.insert(camera.clone(), name_patterns(request, &configured)?);
            }
            let clock = wall_clock_from_path(&file.path, &request.config.site.timezone, &patterns[&camera]);
            let named = clock.map(|named| (named.at, named.source));
            files.entry(camera).or_default().push(PlannedFile { file, named, refused: None });
        }
        let cameras = files.into_iter().map(|(camera, files)| CameraPlan::new(request, camera, files)).collect();
        Ok(Self { cameras, problems: found.problems.iter().map(ToString::to_string).collect() })
    }

    /// Files and bytes to be read.
    pub(super) fn size(&self) -> (u64, u64) {
        let files = || self.cameras.iter().flat_map(|camera| &camera.files);
        (files().count() as u64, files().map(|planned| planned.file.size_bytes).sum())
    }

    /// Tells what would be done.
    pub(super) fn dry_run(self, request: &Request, watcher: &dyn Watcher) -> Summary {
        let (files, bytes) = self.size();
        watcher.planned(files, bytes);
        for camera in &self.cameras {
            for planned in &camera.files {
                let clock = match (camera.start, planned.named) {
                    (Some(start), _) => format!("from {start} on (--start)"),
                    (None, Some((at, source))) => format!("{at} ({})", source.as_str()),
                    (None, None) => "told by the container or the file's time".to_owned(),
                };
                let camera = &camera.place.camera;
                watcher.say(&format!("{}: camera {camera}, start {clock}", planned.file.path.display()));
            }
        }
        for problem in &self.problems {
            watcher.say(problem);
        }
        Summary {
            lake: request.lake.clone(),
            dry_run: true,
            cameras: self.cameras.len() as u64,
            inputs: files + self.problems.len() as u64,
            failed: self.problems.len() as u64,
            problems: self.problems,
            ..Summary::default()
        }
    }
}

impl CameraPlan {
    fn new(request: &Request, camera: CameraId, mut files: Vec<PlannedFile>) -> Self {
        let overrides = &request.overrides;
        let mut place = request.config.place(&camera);
        let set = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(str::to_owned);
        place.site = set(&overrides.site).map_or(place.site, |text| text.as_str().into());
        place.district = set(&overrides.district).map_or(place.district, |text| text.as_str().into());
        place.agency = set(&overrides.agency).map_or(place.agency, |text| text.as_str().into());
        place.room = set(&overrides.room).map_or(place.room, |text| text.as_str().into());
        if place.room.is_empty() {
            place.room = camera.as_str().into();
        }
        let analysis = request.config.analysis_for(&camera);
        let start = overrides.start.or_else(|| request.config.camera(&camera).and_then(|camera| camera.start));
        if start.is_some() {
            files.sort_by(|a, b| a.file.path.cmp(&b.file.path));
        } else {
            files.sort_by_cached_key(|planned| (planned.order_us(), planned.file.path.clone()));
        }
        Self { place: Arc::new(place), settings_id: settings_id(&analysis), analysis, start, files }
    }

    /// The row of a file of which nothing is in the lake.
    pub(super) fn failed(&self, file: &FoundFile, span: Span, time_source: TimeSource, message: String) -> Recording {
        Recording {
            place: self.place.clone(),
            path: file.path.display().to_string(),
            content_id: String::new(),
            span,
            time_source,
            codec: String::new(),
            width: 0,
            height: 0,
            size_bytes: file.size_bytes,
            frames: 0,
            decode_errors: 0,
            status: RecordingStatus::Failed,
            message,
            settings_id: self.settings_id.clone(),
            spent_s: 0.0,
        }
    }

    /// Bytes to be read.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|planned| planned.file.size_bytes).sum()
    }
}

impl PlannedFile {
    /// The best guess of its place in time that costs nothing: what its name tells, else when it was last written.
    fn order_us(&self) -> i64 {
        self.named.map_or(self.file.mtime_us, |(at, _)| at.0)
    }
}

fn camera_of(request: &Request, path: &Path) -> CameraId {
    if let Some(camera) = request.overrides.camera.as_deref().filter(|camera| !camera.is_empty()) {
        return CameraId::new(camera);
    }
    match request.config.camera_for_path(path) {
        Some(camera) => camera.id.clone(),
        None => CameraId::new(camera_from_path(path)),
    }
}
