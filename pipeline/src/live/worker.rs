//! The worker: starts sessions, ends those that hang, writes what is due, follows the clock and the configuration.

use super::backoff::Backoff;
use super::camera::WatchedCamera;
use super::clock::{Anchor, Clock, Step};
use super::line::{Dark, Line, Store};
use super::session::{Outcome, Session, Surroundings};
use super::status::{CameraStatus, Metrics, StatusReport};
use super::{Request, WatchError};
use crate::config::Config;
use crate::diff::KernelLevel;
use crate::lake::LakeError;
use pantau_models::ids::CameraId;
use pantau_models::record::GapReason;
use pantau_models::time::{US_PER_S, UtcMicros};
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Sessions are looked after so often.
const LOOK: Duration = Duration::from_millis(200);
/// What is due by the clock is done so often.
const KEEP: Duration = Duration::from_secs(1);
/// The wall clock is looked at so often, microseconds.
const FOLLOW_US: i64 = US_PER_S;
/// A stream whose packets give no frame for so long is opened anew, microseconds: a key frame may be 20 s away.
const STARVES_AFTER_US: i64 = 30 * US_PER_S;
/// Threads get so long to go when the worker stops or a camera's settings change.
const GO_WITHIN: Duration = Duration::from_millis(1000);
/// Rows are published on a stop until so much time has passed; what is left stays in the spools.
const STOP_WITHIN: Duration = Duration::from_millis(2500);
/// A thread that looks after the others is taken for stuck after so long, microseconds.
const STUCK_AFTER_US: i64 = 60 * US_PER_S;
/// The same trouble of a disk is told again after so long, microseconds.
const TELL_AGAIN_US: i64 = 600 * US_PER_S;

/// A camera with what runs for it.
struct Watched {
    around: Surroundings,
    session: Option<Arc<Session>>,
    next_at_us: i64,
    backoff: Backoff,
    was_up: bool,
    /// Sessions that hung and were left behind.
    left_behind: Vec<Arc<Session>>,
}

/// The worker.
pub(super) struct Worker {
    store: Store,
    kernel: KernelLevel,
    clock: Arc<dyn Clock>,
    anchor: Arc<Mutex<Anchor>>,
    pub metrics: Arc<Metrics>,
    cameras: RwLock<BTreeMap<CameraId, Mutex<Watched>>>,
    config: Mutex<Config>,
    began_us: i64,
    is_ready: AtomicBool,
    is_stopping: AtomicBool,
    looked_us: AtomicI64,
    kept_us: AtomicI64,
    told_disk_us: AtomicI64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Worker {
    /// Takes up what an earlier worker left.
    pub(super) fn new(request: &Request, store: Store, clock: Arc<dyn Clock>) -> Result<Self, WatchError> {
        let kernel = KernelLevel::choose()?;
        let metrics = Arc::new(Metrics::new()?);
        let cameras = watched(&request.config)?;
        let (monotonic_us, wall_us) = (clock.monotonic_us(), clock.wall_us());
        let anchor = Arc::new(Mutex::new(Anchor::new(monotonic_us, wall_us, None)));
        let worker = Self {
            store,
            kernel,
            clock,
            anchor,
            metrics,
            cameras: RwLock::default(),
            config: Mutex::new(request.config.clone()),
            began_us: monotonic_us,
            is_ready: AtomicBool::new(false),
            is_stopping: AtomicBool::new(false),
            looked_us: AtomicI64::new(monotonic_us),
            kept_us: AtomicI64::new(monotonic_us),
            told_disk_us: AtomicI64::new(i64::MIN / 2),
        };
        let opened: Result<Vec<(CameraId, Watched)>, LakeError> =
            cameras.into_par_iter().map(|camera| worker.open(camera)).collect();
        let opened = opened?;
        // Rows may exist from after this moment, if the clock was ahead: time goes on after them.
        let latest = opened.iter().filter_map(|(_, watched)| lock(&watched.around.line).seen_until()).max();
        *lock(&worker.anchor) = Anchor::new(monotonic_us, wall_us, latest);
        *worker.write_cameras() = opened.into_iter().map(|(id, watched)| (id, Mutex::new(watched))).collect();
        worker.is_ready.store(true, Ordering::Release);
        Ok(worker)
    }

    fn open(&self, camera: WatchedCamera) -> Result<(CameraId, Watched), LakeError> {
        let id = camera.place.camera.clone();
        let status = CameraStatus::new(&self.metrics, id.as_str(), camera.place.room.as_str());
        let camera = Arc::new(camera);
        let line = Line::open(self.kernel, camera.clone(), self.store.clone(), self.now())?;
        let seed = xxhash_rust::xxh3::xxh3_64(id.as_str().as_bytes());
        let around = Surroundings {
            camera,
            line: Arc::new(Mutex::new(line)),
            status: Arc::new(status),
            clock: self.clock.clone(),
            anchor: self.anchor.clone(),
        };
        let backoff = Backoff::new(seed);
        let watched = Watched { around, session: None, next_at_us: 0, backoff, was_up: false, left_behind: Vec::new() };
        Ok((id, watched))
    }

    /// Wall time as rows have it.
    fn now(&self) -> UtcMicros {
        lock(&self.anchor).at(self.clock.monotonic_us())
    }

    fn read_cameras(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<CameraId, Mutex<Watched>>> {
        self.cameras.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_cameras(&self) -> std::sync::RwLockWriteGuard<'_, BTreeMap<CameraId, Mutex<Watched>>> {
        self.cameras.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cameras that are watched.
    pub(super) fn count(&self) -> usize {
        self.read_cameras().len()
    }

    /// Cameras whose pictures come.
    pub(super) fn count_up(&self) -> usize {
        self.read_cameras().values().filter(|watched| lock(watched).was_up).count()
    }

    /// True once everything was taken up, and until the stop.
    pub(super) fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::Acquire) && !self.is_stopping()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    /// True if the threads that look after the others do.
    pub(super) fn is_healthy(&self) -> bool {
        let now_us = self.clock.monotonic_us();
        let is_fresh = |at: &AtomicI64| now_us - at.load(Ordering::Relaxed) < STUCK_AFTER_US;
        is_fresh(&self.looked_us) && is_fresh(&self.kept_us)
    }

    /// Looks after sessions until the stop.
    pub(super) fn supervise(&self) {
        let mut followed_us = self.clock.monotonic_us();
        while !self.is_stopping() {
            let now_us = self.clock.monotonic_us();
            self.looked_us.store(now_us, Ordering::Relaxed);
            if now_us - followed_us >= FOLLOW_US {
                followed_us = now_us;
                self.follow_clock(now_us);
            }
            for watched in self.read_cameras().values() {
                self.look_after(&mut lock(watched), now_us);
            }
            std::thread::sleep(LOOK);
        }
    }

    fn follow_clock(&self, now_us: i64) {
        let step = lock(&self.anchor).follow(now_us, self.clock.wall_us());
        let Some(step) = step else { return };
        self.metrics.clock_steps.inc();
        match step {
            Step::Forward(by_us) => {
                tracing::warn!(by_s = by_us / US_PER_S, "the machine's clock was set forward: rows go on after a gap")
            }
            Step::Back(by_us) => tracing::warn!(
                by_s = by_us / US_PER_S,
                "the machine's clock was set back: rows keep their pace and are flagged until it has caught up"
            ),
        }
        for watched in self.read_cameras().values() {
            let line = lock(watched).around.line.clone();
            lock(&line).note_step(step);
        }
    }

    fn look_after(&self, watched: &mut Watched, now_us: i64) {
        watched.left_behind.retain(|session| !session.is_gone());
        let camera = watched.around.camera.place.camera.clone();
        let Some(session) = watched.session.clone() else {
            if now_us >= watched.next_at_us {
                match Session::start(&watched.around) {
                    Ok(session) => watched.session = Some(session),
                    Err(error) => {
                        tracing::error!(%camera, %error, "no thread for the camera");
                        watched.next_at_us = now_us + watched.backoff.after(Duration::ZERO).as_micros() as i64;
                    }
                }
            }
            return;
        };
        let is_up = watched.around.status.is_up();
        if is_up && !std::mem::replace(&mut watched.was_up, is_up) {
            tracing::info!(%camera, "pictures come");
        }
        let ended = match session.outcome() {
            Some(outcome) => outcome,
            None => match session.hangs(now_us) {
                Some(who) => {
                    self.metrics.abandoned.inc();
                    watched.left_behind.push(session.clone());
                    hung(who)
                }
                None if session.starves(now_us, STARVES_AFTER_US) => starved(),
                None => return,
            },
        };
        session.end();
        if !session.is_gone() && !watched.left_behind.iter().any(|left| Arc::ptr_eq(left, &session)) {
            watched.left_behind.push(session.clone());
        }
        let lived = Duration::from_micros(session.lived_us(now_us).max(0) as u64);
        let wait = watched.backoff.after(lived);
        watched.next_at_us = now_us + wait.as_micros() as i64;
        watched.session = None;
        watched.was_up = false;
        if watched.around.status.lost(ended.kind, &ended.text) {
            tracing::warn!(%camera, again_s = wait.as_secs_f64().ceil(), "{}", ended.text);
        }
        lock(&watched.around.line).go_dark(ended.dark);
    }

    /// Writes what is due until the stop.
    pub(super) fn keep(&self) {
        while !self.is_stopping() {
            let now_us = self.clock.monotonic_us();
            self.kept_us.store(now_us, Ordering::Relaxed);
            let publish_us = i64::from(lock(&self.config).watch.publish_s) * US_PER_S;
            let mut trouble = None;
            for watched in self.read_cameras().values() {
                let (line, status) = {
                    let watched = lock(watched);
                    (watched.around.line.clone(), watched.around.status.clone())
                };
                let now = self.now();
                let mut line = lock(&line);
                let kept = line.keep(now_us, now, publish_us);
                trouble = trouble.or(kept.err());
                status.look(&line);
                status.pace(now);
                self.kept_us.store(self.clock.monotonic_us(), Ordering::Relaxed);
            }
            self.tell_disk(trouble, now_us);
            std::thread::sleep(KEEP);
        }
    }

    fn tell_disk(&self, trouble: Option<LakeError>, now_us: i64) {
        self.metrics.disk_full.set(i64::from(trouble.is_some()));
        match trouble {
            Some(error) if now_us - self.told_disk_us.load(Ordering::Relaxed) > TELL_AGAIN_US => {
                self.told_disk_us.store(now_us, Ordering::Relaxed);
                tracing::error!(%error, "the lake can't be written; trying again every second");
            }
            Some(_) => {}
            None => {
                if self.told_disk_us.swap(i64::MIN / 2, Ordering::Relaxed) > i64::MIN / 2 {
                    tracing::info!("the lake can be written again");
                }
            }
        }
    }

    /// Takes over another configuration: cameras that are new or changed begin anew, the others notice nothing.
    pub(super) fn reload(&self, config: Config) -> Result<(), WatchError> {
        let wanted = watched(&config)?;
        let mut changed = Vec::new();
        {
            let cameras = self.read_cameras();
            let mut wanted: BTreeMap<CameraId, WatchedCamera> =
                wanted.into_iter().map(|camera| (camera.place.camera.clone(), camera)).collect();
            for (id, watched) in cameras.iter() {
                match wanted.remove(id) {
                    Some(camera) if *lock(watched).around.camera == camera => {}
                    camera => changed.push((id.clone(), camera)),
                }
            }
            changed.extend(wanted.into_iter().map(|(id, camera)| (id, Some(camera))));
        }
        let mut trouble = None;
        for (id, camera) in changed {
            if let Err(error) = self.exchange(&id, camera) {
                tracing::error!(camera = %id, %error, "the camera's new configuration is not taken over");
                trouble = trouble.or(Some(error));
            }
        }
        match trouble {
            // The next reload compares with the cameras as they are, and tries what failed again.
            Some(error) => Err(error),
            None => {
                *lock(&self.config) = config;
                Ok(())
            }
        }
    }

    /// Ends a camera, if it is watched, and begins it anew, if it is to be. If its last rows can't be written it goes on
    /// as before, because what it has seen is in its memory and its spool.
    fn exchange(&self, id: &CameraId, camera: Option<WatchedCamera>) -> Result<(), WatchError> {
        let old = self.write_cameras().remove(id);
        if let Some(old) = old {
            let mut old = old.into_inner().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = self.part_with(&old) {
                old.left_behind.extend(old.session.take().filter(|session| !session.is_gone()));
                (old.was_up, old.next_at_us) = (false, self.clock.monotonic_us());
                self.write_cameras().insert(id.clone(), Mutex::new(old));
                return Err(error.into());
            }
            self.metrics.forget(id.as_str());
        }
        let Some(camera) = camera else {
            tracing::info!(camera = %id, "no longer watched");
            return Ok(());
        };
        let (id, watched) = self.open(camera)?;
        tracing::info!(camera = %id, "watched with the new configuration");
        self.write_cameras().insert(id, Mutex::new(watched));
        Ok(())
    }

    fn part_with(&self, watched: &Watched) -> Result<(), LakeError> {
        let now = self.now();
        if let Some(session) = &watched.session {
            session.end();
            wait_for(std::slice::from_ref(session), GO_WITHIN);
        }
        lock(&watched.around.line).close(now)
    }

    /// Ends everything: what was seen is durable first, then rows are published as long as time allows.
    pub(super) fn stop(&self) {
        let (began, now) = (Instant::now(), self.now());
        self.is_stopping.store(true, Ordering::Release);
        let cameras = self.read_cameras();
        let sessions: Vec<Arc<Session>> = cameras.values().filter_map(|watched| lock(watched).session.take()).collect();
        sessions.iter().for_each(|session| session.end());
        wait_for(&sessions, GO_WITHIN);
        let lines: Vec<Arc<Mutex<Line>>> = cameras.values().map(|watched| lock(watched).around.line.clone()).collect();
        let told = |result: Result<(), LakeError>| {
            if let Err(error) = result {
                tracing::error!(%error, "what was seen last may be lost");
            }
        };
        lines.par_iter().for_each(|line| told(lock(line).sync(now)));
        lines.par_iter().for_each(|line| {
            if began.elapsed() < STOP_WITHIN {
                told(lock(line).close(now));
            }
        });
    }

    /// How everything is.
    pub(super) fn report(&self) -> StatusReport {
        let (now_us, now) = (self.clock.monotonic_us(), self.now());
        let cameras = self.read_cameras();
        StatusReport {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            site: lock(&self.config).site.id.to_string(),
            running_s: (now_us - self.began_us) as f64 / US_PER_S as f64,
            clock_suspect: lock(&self.anchor).is_suspect(now_us),
            disk_full: self.metrics.disk_full.get() > 0,
            cameras: cameras.values().map(|watched| lock(watched).around.status.clone().report(now)).collect(),
        }
    }
}

/// The cameras that have an address.
fn watched(config: &Config) -> Result<Vec<WatchedCamera>, WatchError> {
    let mut cameras = Vec::new();
    for camera in &config.cameras {
        let found = WatchedCamera::of(config, camera)
            .map_err(|source| WatchError::Secret { camera: camera.id.clone(), source })?;
        cameras.extend(found);
    }
    Ok(cameras)
}

/// Waits until the sessions' threads are gone, or for so long.
fn wait_for(sessions: &[Arc<Session>], most: Duration) {
    let began = Instant::now();
    while began.elapsed() < most && !sessions.iter().all(|session| session.is_gone()) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn hung(who: &str) -> Outcome {
    let text = format!("the {who} hung and was left behind");
    Outcome { dark: Dark { reason: GapReason::CameraSilent, detail: text.clone() }, kind: "hung", text }
}

fn starved() -> Outcome {
    let text = "what the camera sends gives no pictures".to_owned();
    Outcome { dark: Dark { reason: GapReason::Decode, detail: text.clone() }, kind: "no_pictures", text }
}
