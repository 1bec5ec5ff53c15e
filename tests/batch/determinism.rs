use crate::footage::{Film, name_at};
use crate::run::{Rows, analyzed, assert_same, command, run};
use pantau::diff::KernelLevel;
use std::path::Path;

/// Two minutes of each kind of stream, of two cameras: long enough for seven segments each.
fn film(folder: &Path) {
    let film = Film { walks: (20, 70), ..Film::of(120) };
    film.encode(name_at(folder, "lobby", 0), &["-g", "10"]);
    film.encode(name_at(folder, "lobby", 120), &["-g", "10", "-bf", "2", "-x264-params", "open-gop=1:scenecut=0"]);
    film.encode(name_at(folder, "counter", 0).with_extension("avi"), &["-c:v", "mjpeg", "-q:v", "6"]);
    film.encode(name_at(folder, "counter", 120).with_extension("ts"), &["-g", "10", "-bf", "1"]);
}

/// Same footage, same settings: the same rows and the same bytes, on any number of threads and any SIMD level.
#[test]
fn threads_and_kernels_change_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let videos = dir.path().join("videos");
    film(&videos);
    for part in [&[][..], &["--part-seconds", "7"]] {
        let lake = |name: &str| dir.path().join(format!("{name}-{}", part.len()));
        let expected = lake("expected");
        let rows = analyzed(&expected, &[&videos], &[part, &["--jobs", "1"]].concat());
        assert_eq!(rows.observations.len(), 48, "two cameras, four minutes");
        assert!((rows.observed_s() - 480.0).abs() < 0.5, "{}", rows.observed_s());
        for jobs in ["2", "5"] {
            analyzed(&lake(jobs), &[&videos], &[part, &["--jobs", jobs]].concat());
            assert_same(&lake(jobs), &expected, jobs);
        }
        for level in KernelLevel::available() {
            let mut command = command(&lake(level.name()), &[&videos], &[part, &["--jobs", "2"]].concat());
            command.env("PANTAU_KERNEL", level.name());
            assert_eq!(run(command).code, Some(0), "{}", level.name());
            assert_same(&lake(level.name()), &expected, level.name());
        }
    }
    let (whole, in_parts) = (Rows::of(&dir.path().join("expected-0")), Rows::of(&dir.path().join("expected-2")));
    assert_eq!(whole, in_parts, "rows do not depend on the length of parts");
}

/// Cameras that follow one another on the same thread have nothing in common.
#[test]
fn many_small_cameras_do_not_disturb_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let videos = dir.path().join("videos");
    for size in [(160, 90), (176, 144), (192, 108), (208, 120)] {
        let film = Film { size, ..Film::of(2) };
        let clip = film.encode(dir.path().join(format!("{}.mp4", size.0)), &[]);
        for camera in 0..15 {
            let camera = format!("room-{camera}-{}", size.0);
            std::fs::create_dir_all(&videos).unwrap();
            std::fs::copy(&clip, name_at(&videos, &camera, 0)).unwrap();
        }
    }
    let rows = analyzed(&dir.path().join("lake"), &[&videos], &["--jobs", "2"]);
    assert_eq!(rows.observations.len(), 60);
    assert!(rows.observations.iter().all(|row| (row.observed_s, row.samples) == (2.0, 10)), "{rows:?}");
}
