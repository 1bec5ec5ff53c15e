//! From as written to as meant: what values mean together.

use super::calibration::CalibrationFile;
use super::refusal::{Problem, Refusal, did_you_mean, line_of};
use super::{AnalysisDefaults, Camera, Config, Language, Login, Mqtt, Secret, SinglePersonRoom, Site, Watch, written};
use super::{check_pattern, parse_moment};
use crate::ingest::Transport;
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use jiff::tz::TimeZone;
use pantau_models::ids::{AgencyId, CameraId, DistrictId, RoomId, SiteId, ZoneId};
use pantau_models::people::Calibration;
use pantau_models::settings::{Effort, Polygon, Zone};
use pantau_models::time::{Interval, UtcMicros};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The port of brokers without TLS.
const MQTT_PORT: u16 = 1883;

/// The time zone of that IANA name; refused with a suggestion.
pub fn time_zone(name: &str) -> Result<TimeZone, Problem> {
    TimeZone::get(name.trim()).map_err(|_| {
        let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let hint = did_you_mean(name, known.iter().map(String::as_str));
        Problem::UnknownTimeZone { name: name.to_owned(), hint }
    })
}

/// `folder` is the file's own: what it names is found from there.
pub(super) fn resolve(file: written::File, text: &str, folder: &Path) -> Result<Config, Vec<Refusal>> {
    let mut resolver = Resolver { text, folder, refusals: Vec::new() };
    let site = resolver.site(file.site);
    let cameras = resolver.cameras(file.camera, &site);
    let config = Config {
        analysis: analysis(&file.analysis),
        name_patterns: resolver.patterns(file.time.name_patterns),
        calendar: resolver.calendar(file.calendar),
        language: file.report.language.as_deref().and_then(Language::parse).unwrap_or_default(),
        single_person_rooms: resolver.single_person_rooms(file.privacy.single_person_rooms),
        watch: resolver.watch(file.watch),
        mqtt: file.mqtt.map(|mqtt| resolver.mqtt(mqtt)),
        site,
        cameras,
    };
    if resolver.refusals.is_empty() { Ok(config) } else { Err(resolver.refusals) }
}

/// Bounds were checked when the file was read.
fn analysis(written: &written::Analysis) -> AnalysisDefaults {
    let default = AnalysisDefaults::default();
    AnalysisDefaults {
        interval: written.interval_s.and_then(Interval::from_seconds).unwrap_or(default.interval),
        samples_per_s: written.samples_per_s.unwrap_or(default.samples_per_s),
        effort: written.effort.as_deref().and_then(Effort::parse).unwrap_or(default.effort),
        loop_filter: written.loop_filter.or(default.loop_filter),
        miss_budget: written.miss_budget.unwrap_or(default.miss_budget),
        jobs: written.jobs.and_then(NonZeroUsize::new),
        io_jobs: written.io_jobs.and_then(NonZeroUsize::new),
    }
}

/// Judges values and notes every refusal; `calendar` is judged in a file of its own.
pub(super) struct Resolver<'a> {
    text: &'a str,
    folder: &'a Path,
    pub(super) refusals: Vec<Refusal>,
}

impl Resolver<'_> {
    pub(super) fn line<T>(&self, at: &Spanned<T>) -> usize {
        line_of(self.text, at.span().start)
    }

    /// The value, or the default after noting why not.
    pub(super) fn accept<T: Default, P: Into<Problem>>(&mut self, line: usize, result: Result<T, P>) -> T {
        result.unwrap_or_else(|problem| {
            self.refusals.push(Refusal { line, problem: problem.into() });
            T::default()
        })
    }

    fn site(&mut self, written: written::Site) -> Site {
        let mut site = Site::default();
        if let Some(name) = &written.timezone {
            let line = self.line(name);
            site.timezone = self.accept(line, time_zone(name.get_ref()).map(Some)).unwrap_or(site.timezone);
        }
        site.id = written.id.map_or(site.id, SiteId::new);
        site.district = written.district.map(DistrictId::new).unwrap_or_default();
        site.agency = written.agency.map(AgencyId::new).unwrap_or_default();
        site
    }

    fn cameras(&mut self, written: Vec<written::Camera>, site: &Site) -> Vec<Camera> {
        let mut first_lines = HashMap::new();
        let mut cameras = Vec::with_capacity(written.len());
        for camera in written {
            let line = self.line(&camera.id);
            let id = CameraId::new(camera.id.get_ref());
            if let Some(&first_line) = first_lines.get(&id) {
                let problem = Problem::DuplicateCamera { id: id.to_string(), first_line };
                self.refusals.push(Refusal { line, problem });
            }
            first_lines.entry(id.clone()).or_insert(line);
            cameras.push(self.camera(id, camera, site));
        }
        cameras
    }

    fn camera(&mut self, id: CameraId, written: written::Camera, site: &Site) -> Camera {
        Camera {
            room: written.room.map_or_else(|| RoomId::new(id.as_str()), RoomId::new),
            agency: written.agency.map_or_else(|| site.agency.clone(), AgencyId::new),
            district: written.district.map_or_else(|| site.district.clone(), DistrictId::new),
            recordings: self.globs(&written.globs),
            url: written.url.and_then(|url| self.url(&id, url)),
            login: self.login(&format!("camera '{id}'"), written.user, written.password),
            transport: written.transport.as_deref().and_then(Transport::parse).unwrap_or_default(),
            folder: written.folder,
            start: written.start.and_then(|start| self.start(&id, &start, site)),
            name_patterns: self.patterns(written.name_patterns),
            zones: self.zones(written.zones),
            calibration: written.calibration.and_then(|path| self.calibration(&id, &path)),
            masks: written.masks.into_iter().map(|mask| Polygon { corners: mask.polygon }).collect(),
            id,
        }
    }

    fn globs(&mut self, written: &[Spanned<String>]) -> GlobSet {
        let mut set = GlobSetBuilder::new();
        for glob in written {
            let line = self.line(glob);
            let built = anywhere(glob.get_ref()).map(Some);
            let built = built.map_err(|source| Problem::Glob { glob: glob.get_ref().clone(), source });
            if let Some(built) = self.accept(line, built) {
                set.add(built);
            }
        }
        let line = written.first().map_or(1, |glob| self.line(glob));
        let named = || written.iter().map(|glob| glob.get_ref().as_str()).collect::<Vec<_>>().join(", ");
        let built = set.build().map_err(|source| Problem::Glob { glob: named(), source });
        self.accept(line, built)
    }

    fn url(&mut self, camera: &CameraId, written: Spanned<written::Secret>) -> Option<Secret> {
        let line = self.line(&written);
        match written.into_inner() {
            written::Secret::Plain(url) if holds_user(&url) => {
                let problem = Problem::PasswordInUrl { camera: camera.to_string() };
                self.refusals.push(Refusal { line, problem });
                None
            }
            other => Some(secret(other)),
        }
    }

    fn login(
        &mut self,
        whose: &str,
        user: Option<Spanned<String>>,
        password: Option<Spanned<written::Secret>>,
    ) -> Option<Login> {
        match (user, password) {
            (None, None) => None,
            (Some(user), Some(password)) => {
                Some(Login { user: user.into_inner(), password: secret(password.into_inner()) })
            }
            (user, password) => {
                let line = user.map(|user| self.line(&user)).or(password.map(|password| self.line(&password)));
                let problem = Problem::HalfLogin { whose: whose.to_owned() };
                self.refusals.push(Refusal { line: line.unwrap_or(1), problem });
                None
            }
        }
    }

    fn watch(&mut self, written: written::Watch) -> Watch {
        let default = Watch::default();
        let listen = written.listen.map(|text| {
            let line = self.line(&text);
            let parsed = text.get_ref().parse::<SocketAddr>().map(Some);
            let problem = |_| Problem::Listen { text: text.get_ref().clone() };
            self.accept(line, parsed.map_err(problem))
        });
        Watch {
            listen: listen.flatten().unwrap_or(default.listen),
            publish_s: written.publish_s.unwrap_or(default.publish_s),
        }
    }

    fn mqtt(&mut self, written: written::Mqtt) -> Mqtt {
        Mqtt {
            host: written.host,
            port: written.port.unwrap_or(MQTT_PORT),
            login: self.login("[mqtt]", written.user, written.password),
            topic: written.topic.unwrap_or_else(|| "pantau".to_owned()),
            has_discovery: written.discovery.unwrap_or(true),
        }
    }

    fn calibration(&mut self, camera: &CameraId, written: &Spanned<PathBuf>) -> Option<Calibration> {
        let line = self.line(written);
        let read = CalibrationFile::load(&self.folder.join(written.get_ref())).map(|file| Some(file.people));
        self.accept(line, read.map_err(|source| Problem::Calibration { camera: camera.to_string(), source }))
    }

    fn start(&mut self, camera: &CameraId, written: &Spanned<toml::Value>, site: &Site) -> Option<UtcMicros> {
        let line = self.line(written);
        let text = match written.get_ref() {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let moment = parse_moment(&text, &site.timezone).map(Some);
        self.accept(line, moment.map_err(|source| Problem::Start { camera: camera.to_string(), source }))
    }

    fn patterns(&mut self, written: Vec<Spanned<String>>) -> Vec<String> {
        for pattern in &written {
            let line = self.line(pattern);
            self.accept(line, check_pattern(pattern.get_ref()));
        }
        written.into_iter().map(Spanned::into_inner).collect()
    }

    fn zones(&mut self, written: Vec<written::Zone>) -> Vec<Zone> {
        let mut first_lines = HashMap::new();
        let mut zones = Vec::with_capacity(written.len());
        for zone in written {
            let line = self.line(&zone.id);
            let id = ZoneId::new(zone.id.get_ref());
            if id == ZoneId::room() {
                self.refusals.push(Refusal { line, problem: Problem::ReservedZone });
            } else if let Some(&first_line) = first_lines.get(&id) {
                let problem = Problem::DuplicateZone { id: id.to_string(), first_line };
                self.refusals.push(Refusal { line, problem });
            }
            first_lines.entry(id.clone()).or_insert(line);
            zones.push(Zone { id, polygon: Polygon { corners: zone.polygon } });
        }
        zones
    }

    fn single_person_rooms(&mut self, written: Vec<written::SinglePersonRoom>) -> Vec<SinglePersonRoom> {
        let mut rooms = Vec::with_capacity(written.len());
        for entry in written {
            if entry.allowed && entry.reason.trim().is_empty() {
                let line = self.line(&entry.room);
                let problem = Problem::MissingReason { room: entry.room.get_ref().clone() };
                self.refusals.push(Refusal { line, problem });
            }
            let room = RoomId::new(entry.room.get_ref());
            rooms.push(SinglePersonRoom { room, allowed: entry.allowed, reason: entry.reason });
        }
        rooms
    }
}

fn secret(written: written::Secret) -> Secret {
    match written {
        written::Secret::Plain(text) => Secret::Plain(text),
        written::Secret::Env { env } => Secret::Env(env),
        written::Secret::File { file } => Secret::File(file),
        written::Secret::Credential { credential } => Secret::Credential(credential),
    }
}

/// A glob of a path; one that doesn't start at the root matches in any folder. `*` stays within a folder.
fn anywhere(glob: &str) -> Result<Glob, globset::Error> {
    let full = if glob.starts_with('/') { glob.to_owned() } else { format!("**/{}", glob.trim_start_matches("./")) };
    GlobBuilder::new(&full).literal_separator(true).build()
}

/// True if the address names a user, and with it perhaps a password.
fn holds_user(url: &str) -> bool {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
}
