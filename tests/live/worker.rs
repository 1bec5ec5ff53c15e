//! Runs `pantau watch`, asks it how it is, and ends it.

use crate::camera::signal;
use crate::link::Link;
use pantau::live::{CameraReport, StatusReport};
use pantau_models::time::UtcMicros;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What a worker is told to stop within.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Where a worker's files are.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    folder: PathBuf,
    lake: PathBuf,
    port: u16,
}

impl Site {
    /// In a folder of the test's.
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), lake: folder.join("lake"), port: free_port() }
    }

    /// With its lake elsewhere.
    pub(crate) fn with_lake(self, lake: PathBuf) -> Self {
        Self { lake, ..self }
    }

    pub(crate) fn lake(&self) -> &Path {
        &self.lake
    }

    /// A file of the site's.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes the configuration: rows of a second, published often, and these tables.
    pub(crate) fn configure(&self, cameras: &[String]) {
        self.configure_at(5, cameras);
    }

    /// The same, with so many samples a second.
    pub(crate) fn configure_at(&self, samples_per_s: u32, cameras: &[String]) {
        let analysis = format!("[analysis]\ninterval_s = 1\nsamples_per_s = {samples_per_s}\n");
        let text = format!("[site]\nid = \"test\"\n{analysis}[watch]\npublish_s = 5\n{}", cameras.concat());
        std::fs::write(self.file("pantau.toml"), text).unwrap();
    }

    /// All that workers logged here.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    /// Starts a worker and waits until it is ready.
    pub(crate) fn watch(&self, flags: &[&str]) -> Worker {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pantau"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PANTAU_")) {
            command.env_remove(name);
        }
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.file("log")).unwrap();
        command.arg("watch").arg("--config").arg(self.file("pantau.toml")).arg("--lake").arg(&self.lake);
        command.arg("--listen").arg(format!("127.0.0.1:{}", self.port)).args(flags);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut worker = Worker { process: command.spawn().unwrap(), site: self.clone(), began: now() };
        worker.wait_for(Duration::from_secs(20), "ready", |worker| {
            worker.get("/readyz").is_some_and(|answer| answer.status == 200)
        });
        // How long the machine took to start it is not the worker's time.
        worker.began = now();
        worker
    }
}

/// A port of this machine at which nobody listens.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A camera's table for a configuration.
pub(crate) fn camera(id: &str, link: &Link) -> String {
    camera_with(id, &format!("url = \"{}\"", link.url()))
}

/// A camera's table with these lines.
pub(crate) fn camera_with(id: &str, lines: &str) -> String {
    format!("[[camera]]\nid = \"{id}\"\n{lines}\n")
}

/// What a worker answers.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// What a process takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Footprint {
    pub(crate) memory_mb: f64,
    pub(crate) threads: usize,
    pub(crate) files: usize,
    pub(crate) cpu_s: f64,
}

/// A worker that runs; it is gone with the test.
pub(crate) struct Worker {
    process: Child,
    site: Site,
    pub(crate) began: UtcMicros,
}

impl Worker {
    /// Asks it over HTTP; `None` if it doesn't answer.
    pub(crate) fn get(&self, path: &str) -> Option<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.site.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: pantau\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer { status, body: body.to_owned() })
    }

    /// What `/status` tells of a camera.
    pub(crate) fn camera(&self, id: &str) -> Option<CameraReport> {
        let report: StatusReport = serde_json::from_str(&self.get("/status")?.body).unwrap();
        report.cameras.into_iter().find(|camera| camera.camera == id)
    }

    /// Frames of a camera so far.
    pub(crate) fn frames(&self, id: &str) -> u64 {
        self.camera(id).map_or(0, |camera| camera.frames)
    }

    /// A number of `/metrics`; 0 if it isn't there.
    pub(crate) fn metric(&self, series: &str) -> f64 {
        let text = self.get("/metrics").map(|answer| answer.body).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')).map(str::to_owned);
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    /// Waits until some more pictures of a camera have come; returns how long that took, `None` if longer than that.
    pub(crate) fn pictures_within(&self, id: &str, most: Duration) -> Option<Duration> {
        let (began, before) = (Instant::now(), self.frames(id));
        while self.frames(id) < before + 5 {
            if began.elapsed() > most {
                return None;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Some(began.elapsed())
    }

    /// The same, where they must come.
    pub(crate) fn wait_for_pictures(&self, id: &str, most: Duration) -> Duration {
        self.pictures_within(id, most).unwrap_or_else(|| {
            panic!("{id}: no pictures in {most:?}: {:?}\n{}", self.camera(id), self.site.log());
        })
    }

    /// What the process takes, as Linux tells it.
    pub(crate) fn footprint(&self) -> Footprint {
        let folder = PathBuf::from(format!("/proc/{}", self.process.id()));
        let count = |name: &str| std::fs::read_dir(folder.join(name)).unwrap().count();
        let status = std::fs::read_to_string(folder.join("status")).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let resident_kb: f64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
        let cpu_s = self.metric("process_cpu_seconds_total");
        Footprint { memory_mb: resident_kb / 1024.0, threads: count("task"), files: count("fd"), cpu_s }
    }

    /// Waits until something is so.
    pub(crate) fn wait_for(&mut self, most: Duration, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "{what}: the worker ended with {ended:?}:\n{}", self.site.log());
            assert!(began.elapsed() < most, "{what}: not in {most:?}:\n{}", self.site.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn hang_up(&self) {
        signal(self.process.id(), "HUP");
    }

    /// Dies at once; returns when.
    pub(crate) fn kill(mut self) -> UtcMicros {
        let at = now();
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        at
    }

    /// Ends as a service manager ends it, which must be quick and a success; returns when it was told.
    pub(crate) fn stop(mut self) -> UtcMicros {
        let at = now();
        signal(self.process.id(), "TERM");
        let began = Instant::now();
        let ended = self.wait();
        assert!(began.elapsed() < STOP_WITHIN, "it took {:?}:\n{}", began.elapsed(), self.site.log());
        assert_eq!(ended.code(), Some(0), "{}", self.site.log());
        assert!(!self.site.log().contains("panicked"), "{}", self.site.log());
        at
    }

    fn wait(&mut self) -> ExitStatus {
        let began = Instant::now();
        while began.elapsed() < 4 * STOP_WITHIN {
            if let Some(ended) = self.process.try_wait().unwrap() {
                return ended;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it doesn't stop:\n{}", self.site.log());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The machine's clock.
pub(crate) fn now() -> UtcMicros {
    UtcMicros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as i64)
}
