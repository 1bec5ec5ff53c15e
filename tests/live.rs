//! `pantau watch` as operators run it: the real program, real RTSP cameras, links that break, kills, a full disk.
#![allow(clippy::disallowed_methods)] // Configurations and passwords of these tests need not survive a power cut.

/// Clips made with `ffmpeg`.
#[allow(dead_code)] // Some of it is for recordings only.
#[path = "batch/footage.rs"]
mod footage;
/// What runs left in a lake.
#[allow(dead_code)] // Some of it is for recordings only.
#[path = "batch/run.rs"]
mod run;
#[allow(dead_code)]
#[path = "batch/small_disk.rs"]
mod small_disk;

/// Every second between start and stop: seen, a gap, or missing.
#[path = "live/account.rs"]
mod account;
/// Cameras that speak RTSP.
#[path = "live/camera.rs"]
mod camera;
/// Links to cameras, which break in many ways.
#[path = "live/link.rs"]
mod link;
/// Workers that run, and what they tell.
#[path = "live/worker.rs"]
mod worker;

/// An MQTT broker.
#[path = "live/broker.rs"]
mod broker;
/// No room on the disk.
#[path = "live/disk.rs"]
mod disk;
/// Cameras and links in trouble.
#[path = "live/faults.rs"]
mod faults;
/// Folders that a recorder fills.
#[path = "live/folder.rs"]
mod folder;
/// Workers that are killed and come back.
#[path = "live/kill.rs"]
mod kill;
/// All is well.
#[path = "live/pictures.rs"]
mod pictures;
/// Another configuration while the worker runs.
#[path = "live/reload.rs"]
mod reload;
/// Passwords stay where they are.
#[path = "live/secrets.rs"]
mod secrets;
/// Cameras that speak something else than RTSP over TCP.
#[path = "live/sources.rs"]
mod sources;
/// Long runs, for people.
#[path = "live/soak.rs"]
mod soak;

/// A number for people who run a test longer than usual.
fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name}: {text}")))
}
