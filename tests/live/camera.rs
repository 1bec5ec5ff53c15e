//! Cameras of the tests: `rtsp_camera.py`, one process each.

use crate::footage::Film;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What a camera sends.
#[derive(Clone, Debug)]
pub(crate) struct Clip {
    path: PathBuf,
    fps: u32,
}

/// A clip of 8 s with somebody who walks through it.
pub(crate) fn clip(folder: &Path, name: &str, size: (u32, u32), options: &[&str]) -> Clip {
    let film = Film { size, ..Film::of(8) };
    Clip { path: film.encode(folder.join(name), options), fps: film.fps }
}

/// The usual one: H.264 in 320 x 180.
pub(crate) fn usual_clip(folder: &Path) -> Clip {
    clip(folder, "usual.h264", (320, 180), &[])
}

/// Twice as many pictures a second.
pub(crate) fn quick_clip(folder: &Path) -> Clip {
    let film = Film { fps: 10, ..Film::of(8) };
    Clip { path: film.encode(folder.join("quick.h264"), &[]), fps: film.fps }
}

/// Who may see the pictures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Login<'a> {
    /// `digest` or `basic`.
    pub(crate) method: &'a str,
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
}

/// A camera that runs; it is gone with the test.
pub(crate) struct Camera {
    process: Child,
    pub(crate) port: u16,
}

impl Camera {
    /// Starts a camera for everybody on a free port.
    pub(crate) fn start(clip: &Clip) -> Self {
        Self::run(clip, None)
    }

    /// Starts a camera for those who know the password.
    pub(crate) fn guarded(clip: &Clip, login: Login<'_>) -> Self {
        Self::run(clip, Some(login))
    }

    fn run(clip: &Clip, login: Option<Login<'_>>) -> Self {
        // GStreamer's bindings are packages of the system, for its own Python.
        let python = Some("/usr/bin/python3").filter(|path| Path::new(path).exists()).unwrap_or("python3");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/live/rtsp_camera.py");
        let mut command = Command::new(python);
        command.arg(script).arg("0").arg(&clip.path).arg(clip.fps.to_string());
        if let Some(Login { method, user, password }) = login {
            command.args([method, user, password]);
        }
        // It ends with whoever holds the other end of its standard input.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("these tests need Python; `make test` installs it");
        let mut told = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut told).unwrap();
        let port = told.strip_prefix("listening ").and_then(|port| port.trim().parse().ok());
        let Some(port) = port else {
            let mut complaint = String::new();
            process.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
            panic!("no camera for the test: {complaint}");
        };
        Self { process, port }
    }

    /// It dies at once.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// It stands still, with its connections open.
    pub(crate) fn stand_still(&self) {
        signal(self.process.id(), "STOP");
    }

    pub(crate) fn go_on(&self) {
        signal(self.process.id(), "CONT");
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends a signal to a process of the test's own.
pub(crate) fn signal(process: u32, name: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status().unwrap();
    assert!(sent.success(), "{name} to {process}");
}
