//! A link between worker and camera: a TCP proxy that passes, cuts, refuses, swallows, stalls and soils.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

/// How often everything is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// What the link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As links should.
    Passes,
    /// Nobody listens; connections are cut.
    Refuses,
    /// Connections are taken, nothing is passed on, either way.
    Swallows,
    /// What comes is passed on in bursts, so long apart.
    Stalls(Duration),
    /// What the camera says arrives as noise.
    Soils,
}

struct Shared {
    mode: Mutex<Mode>,
    /// The camera's port.
    camera: AtomicU16,
    /// Raised to cut all connections.
    cuts: AtomicU32,
    connections: AtomicU32,
    is_over: AtomicBool,
}

impl Shared {
    fn mode(&self) -> Mode {
        *self.mode.lock().unwrap()
    }
}

/// The link; its port stays the same whatever it does.
pub(crate) struct Link {
    shared: Arc<Shared>,
    port: u16,
}

impl Link {
    /// A link to the camera at this port.
    pub(crate) fn to(camera: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            mode: Mutex::new(Mode::Passes),
            camera: AtomicU16::new(camera),
            cuts: AtomicU32::new(0),
            connections: AtomicU32::new(0),
            is_over: AtomicBool::new(false),
        });
        let serving = shared.clone();
        std::thread::spawn(move || serve(&serving, listener, port));
        Self { shared, port }
    }

    /// The address of the camera behind it.
    pub(crate) fn url(&self) -> String {
        format!("rtsp://127.0.0.1:{}/cam", self.port)
    }

    /// The same, with a login in it.
    pub(crate) fn url_with(&self, login: &str) -> String {
        format!("rtsp://{login}@127.0.0.1:{}/cam", self.port)
    }

    /// From now on it behaves so.
    pub(crate) fn set(&self, mode: Mode) {
        *self.shared.mode.lock().unwrap() = mode;
    }

    /// Cuts what is connected.
    pub(crate) fn cut(&self) {
        self.shared.cuts.fetch_add(1, Ordering::Relaxed);
    }

    /// Another camera, or the same at another port, is behind it.
    pub(crate) fn lead_to(&self, camera: u16) {
        self.shared.camera.store(camera, Ordering::Relaxed);
    }

    /// Connections so far.
    pub(crate) fn connections(&self) -> u32 {
        self.shared.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
    }
}

fn serve(shared: &Arc<Shared>, first: TcpListener, port: u16) {
    let mut listener = Some(first);
    while !shared.is_over.load(Ordering::Relaxed) {
        if shared.mode() == Mode::Refuses {
            listener = None;
        } else if listener.is_none() {
            listener = TcpListener::bind(("127.0.0.1", port)).ok();
        }
        if let Some(listener) = &listener {
            listener.set_nonblocking(true).unwrap();
            while let Ok((worker, _)) = listener.accept() {
                shared.connections.fetch_add(1, Ordering::Relaxed);
                let shared = shared.clone();
                std::thread::spawn(move || connect(&shared, worker));
            }
        }
        sleep(LOOK);
    }
}

fn connect(shared: &Arc<Shared>, worker: TcpStream) {
    let cuts = shared.cuts.load(Ordering::Relaxed);
    // A camera that is gone refuses, and so does its link.
    let Ok(camera) = TcpStream::connect(("127.0.0.1", shared.camera.load(Ordering::Relaxed))) else { return };
    for stream in [&worker, &camera] {
        stream.set_nonblocking(false).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(LOOK)).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    }
    let back = (camera.try_clone().unwrap(), worker.try_clone().unwrap());
    let there = shared.clone();
    std::thread::spawn(move || pass(&there, worker, camera, cuts, false));
    pass(shared, back.0, back.1, cuts, true);
}

/// Passes bytes from one to the other until either ends or the link is cut.
fn pass(shared: &Shared, mut from: TcpStream, mut to: TcpStream, cuts: u32, is_of_camera: bool) {
    let mut bytes = vec![0; 1 << 16];
    let mut noise = 0x9e37_79b9_u32;
    let is_cut = || {
        let is_over = shared.is_over.load(Ordering::Relaxed);
        is_over || shared.mode() == Mode::Refuses || shared.cuts.load(Ordering::Relaxed) != cuts
    };
    while !is_cut() {
        match shared.mode() {
            Mode::Swallows => {
                sleep(LOOK);
                continue;
            }
            Mode::Stalls(pause) => sleep(pause),
            _ => {}
        }
        let length = match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(_) => break,
        };
        if is_of_camera && shared.mode() == Mode::Soils {
            for byte in &mut bytes[..length] {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = (noise >> 24) as u8;
            }
        }
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
