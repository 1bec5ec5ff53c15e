use crate::account::Account;
use crate::camera::{Camera, clip, usual_clip};
use crate::link::Link;
use crate::run::{Rows, manifest, remains};
use crate::worker::{Site, camera};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Cameras of three codecs: pictures come, the worker tells so, and after SIGTERM all seconds are in the lake.
#[test]
fn pictures_become_rows_and_the_worker_tells_how_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let clips = [
        ("h264", usual_clip(dir.path())),
        ("hevc", clip(dir.path(), "other.h265", (640, 360), &["-c:v", "libx265", "-x265-params", "log-level=none"])),
        ("mjpeg", clip(dir.path(), "other.mjpeg", (320, 176), &["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"])),
    ];
    let cameras = clips.each_ref().map(|(codec, clip)| (*codec, Camera::start(clip)));
    let links = cameras.each_ref().map(|(codec, camera)| (*codec, Link::to(camera.port)));
    let site = Site::new(dir.path());
    site.configure(&links.each_ref().map(|(codec, link)| camera(codec, link)));
    let worker = site.watch(&[]);
    for (codec, _) in &links {
        worker.wait_for_pictures(codec, Duration::from_secs(20));
    }
    std::thread::sleep(Duration::from_secs(12));
    for (codec, _) in &links {
        let told = worker.camera(codec).unwrap();
        assert_eq!((told.codec.as_str(), told.up, told.reconnects), (*codec, true, 0), "{told:?}");
        assert!((4.0..6.0).contains(&told.fps), "{told:?}");
        assert!(worker.metric(&format!("pantau_frames_decoded_total{{camera=\"{codec}\"}}")) > 20.0);
        assert_eq!(worker.metric(&format!("pantau_camera_up{{camera=\"{codec}\"}}")), 1.0);
    }
    assert_eq!(worker.get("/healthz").unwrap().body, "ok");
    assert_eq!(worker.get("/readyz").unwrap().body, "ready");
    assert_eq!(worker.get("/nothing").unwrap().status, 404);
    check_metrics(&worker.get("/metrics").unwrap().body);
    let began = worker.began;
    let stopped = worker.stop();

    let rows = Rows::of(site.lake());
    for (codec, _) in &links {
        let account = Account::of(&rows, codec, began, stopped);
        account.must_be_whole(codec, 1.5);
        assert!(account.seen_s > 10.0, "{account:?}");
    }
    assert!(rows.observations.iter().any(|row| row.presence > 0.5), "somebody walks");
    let manifest = manifest(site.lake());
    assert_eq!(manifest.len(), 3, "{manifest:?}");
    assert_eq!(remains(site.lake()), Vec::<PathBuf>::new());
}

/// Every line of the text is a comment or a series with a number, and Prometheus' own tool finds no fault, if it is
/// there.
fn check_metrics(text: &str) {
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
        assert!(series.starts_with("pantau_") || series.starts_with("process_"), "{line}");
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    let tool = Command::new("promtool").args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let Ok(mut tool) = tool else {
        println!("not tested: promtool is not here");
        return;
    };
    tool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let told = tool.wait_with_output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}
