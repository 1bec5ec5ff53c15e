//! The live driver: one process, many cameras, for weeks.
//!
//! ```text
//! per camera:  reader thread -> queue -> decoder thread -> line: scene, spool, estimator, parts of the lake
//! per worker:  supervisor (starts, ends and replaces sessions), keeper (writes what is due), folders, MQTT, HTTP and signals
//! ```
//!
//! Pixels stay on threads; only HTTP and signals are asynchronous. Cameras share nothing but the disk and the clock: one
//! camera's trouble is its own. Every queue is bounded; what is too much is dropped and counted, and its time is a gap.
//!
//! **Invariant:** the estimator is told what the spool holds, in the same order: rows are the same after a kill.
//! **Invariant:** no address is logged, served or stored: it may hold a password.

mod ask;
mod backoff;
mod camera;
mod clock;
mod folder;
mod http;
mod line;
mod mqtt;
mod queue;
mod session;
mod status;
mod trial;
mod worker;

pub use ask::{AskError, WorkerAddress};
pub use status::{CameraReport, StatusReport};
pub use trial::{Seen, Trial, TrialError, try_cameras};

use crate::config::{Config, SecretError};
use crate::diff::UnknownKernel;
use crate::lake::{Journal, Lake, LakeError};
use clock::SystemClock;
use line::Store;
use pantau_models::ids::CameraId;
use sd_notify::NotifyState;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use worker::Worker;

/// The service manager hears from the worker at least so often, and more often if it asks for it.
const NOTIFY: Duration = Duration::from_secs(10);
/// Folders are looked at so often.
const FOLDERS: Duration = Duration::from_secs(10);

/// What `pantau watch` was asked to do.
pub struct Request {
    /// The configuration as meant.
    pub config: Config,
    /// The lake's folder.
    pub lake: PathBuf,
    /// Reads the configuration anew; an error is for people.
    pub reload: Box<dyn Fn() -> Result<Config, String>>,
}

/// Why a worker can't start, or can't take a configuration.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// There is nothing to watch.
    #[error("no camera of the configuration has a 'url' or a 'folder'; see `pantau config example`")]
    NothingToWatch,
    /// A camera's address or password can't be read.
    #[error("camera '{camera}': {source}")]
    Secret {
        /// Which camera.
        camera: CameraId,
        /// Why.
        source: SecretError,
    },
    /// The lake can't be read or written.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The environment asks for a kernel that this machine lacks.
    #[error(transparent)]
    Kernel(#[from] UnknownKernel),
    /// Numbers can't be registered.
    #[error("metrics: {0}")]
    Metrics(#[from] prometheus::Error),
    /// The address is taken or not this machine's.
    #[error("can't listen on {address}: {source}; choose another `listen` in [watch]")]
    Listen {
        /// As configured.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Threads or signals can't be had.
    #[error("the system refuses: {0}")]
    System(#[from] std::io::Error),
}

impl WatchError {
    /// True if the configuration is to blame.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NothingToWatch | Self::Secret { .. } | Self::Listen { .. })
    }
}

/// Watches until told to stop (SIGTERM, SIGINT). SIGHUP reads the configuration anew.
pub fn run(request: &Request) -> Result<(), WatchError> {
    if !has_source(&request.config) {
        return Err(WatchError::NothingToWatch);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(watch(request))
}

fn has_source(config: &Config) -> bool {
    config.cameras.iter().any(|camera| camera.url.is_some() || camera.folder.is_some())
}

async fn watch(request: &Request) -> Result<(), WatchError> {
    let mut signals = Signals::new()?;
    let address = request.config.watch.listen;
    let listener = TcpListener::bind(address).await.map_err(|source| WatchError::Listen { address, source })?;
    let lake = Lake::open_for_writing(&request.lake)?;
    let (journal, _) = Journal::open_live(&request.lake)?;
    let store = Store { lake, journal: Arc::new(Mutex::new(journal)) };
    let worker = Arc::new(Worker::new(request, store, Arc::new(SystemClock))?);
    let config = Arc::new(Mutex::new(request.config.clone()));
    start_threads(&worker, &config, request)?;
    let server = axum::serve(listener, http::router(worker.clone()));
    let serving = tokio::spawn(async move { server.await });
    let cameras = worker.count();
    tracing::info!(cameras, %address, lake = %request.lake.display(), "watching");
    notify(&[NotifyState::Ready]);
    attend(&worker, &config, request, &mut signals).await;
    notify(&[NotifyState::Stopping]);
    let stopping = worker.clone();
    let _ = tokio::task::spawn_blocking(move || stopping.stop()).await;
    serving.abort();
    tracing::info!("stopped");
    Ok(())
}

/// The signals that a worker heeds.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// The next one: whether to read the configuration anew, else to stop.
    async fn next(&mut self) -> bool {
        let Self { terminate, interrupt, hangup } = self;
        std::future::poll_fn(|context| {
            if terminate.poll_recv(context).is_ready() || interrupt.poll_recv(context).is_ready() {
                return std::task::Poll::Ready(false);
            }
            hangup.poll_recv(context).map(|_| true)
        })
        .await
    }
}

fn start_threads(worker: &Arc<Worker>, config: &Arc<Mutex<Config>>, request: &Request) -> std::io::Result<()> {
    let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
    let supervisor = worker.clone();
    thread("pantau-watch").spawn(move || supervisor.supervise())?;
    let keeper = worker.clone();
    thread("pantau-keep").spawn(move || keeper.keep())?;
    let (telling, told) = (worker.clone(), config.clone());
    thread("pantau-mqtt").spawn(move || mqtt::tell(&telling, &told))?;
    let (worker, config, lake) = (worker.clone(), config.clone(), request.lake.clone());
    thread("pantau-folders").spawn(move || {
        let mut folders = folder::Folders::default();
        while !worker.is_stopping() {
            let config = config.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
            folders.look(&config, &lake);
            std::thread::sleep(FOLDERS);
        }
    })?;
    Ok(())
}

/// Heeds signals and tells the service manager that all is well, until the stop.
async fn attend(worker: &Arc<Worker>, config: &Arc<Mutex<Config>>, request: &Request, signals: &mut Signals) {
    let asked = sd_notify::watchdog_enabled();
    let every = asked.map_or(NOTIFY, |limit| (limit / 3).min(NOTIFY));
    loop {
        match tokio::time::timeout(every, signals.next()).await {
            Ok(true) => reload(worker, config, request).await,
            Ok(false) => return,
            Err(_) => {}
        }
        let status = format!("{} of {} cameras up", worker.count_up(), worker.count());
        if worker.is_healthy() {
            notify(&[NotifyState::Watchdog, NotifyState::Status(&status)]);
        } else {
            notify(&[NotifyState::Status("its own threads are stuck")]);
        }
    }
}

async fn reload(worker: &Arc<Worker>, config: &Arc<Mutex<Config>>, request: &Request) {
    let read = (request.reload)();
    let taken = match read {
        Ok(new) if !has_source(&new) => Err(WatchError::NothingToWatch.to_string()),
        Ok(new) => {
            let (worker, taking) = (worker.clone(), new.clone());
            let done = tokio::task::spawn_blocking(move || worker.reload(taking).map_err(|error| error.to_string()));
            done.await.unwrap_or_else(|error| Err(error.to_string())).map(|()| new)
        }
        Err(error) => Err(error),
    };
    let result = match taken {
        Ok(new) => {
            *config.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = new;
            tracing::info!("the configuration was read anew");
            "taken"
        }
        Err(error) => {
            tracing::error!("the new configuration is refused, the old one stays: {error}");
            "refused"
        }
    };
    worker.metrics.reloads.with_label_values(&[result]).inc();
}

/// Tells the service manager, if there is one.
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager can't be told");
    }
}
