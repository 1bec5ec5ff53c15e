use crate::footage::{Film, ffmpeg, name_at};
use crate::run::{Rows, analyze, analyzed, at, manifest};
use pantau_models::record::Quality;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

fn small(length_s: u32) -> Film {
    Film { size: (160, 90), ..Film::of(length_s) }
}

/// AC8: times come from the frames, whatever rate is declared.
#[test]
fn a_lying_frame_rate_changes_no_time() {
    let dir = tempfile::tempdir().unwrap();
    let honest = small(20).encode(dir.path().join("honest.mkv"), &[]);
    let lying = name_at(dir.path(), "lobby", 0).with_extension("mkv");
    let slow = ["-i", honest.to_str().unwrap(), "-c", "copy", "-bsf:v", "setts=pts=PTS*2:dts=DTS*2"];
    ffmpeg(&slow, &lying);
    let rows = analyzed(&dir.path().join("lake"), &[&lying], &[]);
    let observed: Vec<f32> = rows.observations.iter().map(|row| row.observed_s).collect();
    assert_eq!(observed, [10.0; 4], "100 frames, 0.4 s each");
    assert!(rows.observations.iter().all(|row| row.samples == 25), "{rows:?}");
}

/// AC8: three seconds without frames inside a recording are a gap of the camera, and were not observed.
#[test]
fn a_hole_inside_a_recording_is_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let whole = small(40).encode(dir.path().join("whole.mkv"), &[]);
    let holed = name_at(dir.path(), "lobby", 0).with_extension("mkv");
    let select = ["-vf", "select='not(between(t,12.9,15.9))'", "-vsync", "vfr", "-c:v", "libx264", "-bf", "0"];
    ffmpeg(&[&["-i", whole.to_str().unwrap()][..], &select].concat(), &holed);
    let rows = analyzed(&dir.path().join("lake"), &[&holed], &[]);
    assert_eq!(rows.gaps.len(), 1, "{:?}", rows.told_gaps());
    let gap = &rows.gaps[0];
    assert_eq!(gap.reason.as_str(), "camera_silent");
    assert!((gap.span.start.seconds_since(at(13.0))).abs() < 0.21, "{:?}", gap.span);
    assert!((gap.span.end.seconds_since(at(16.0))).abs() < 0.01, "{:?}", gap.span);
    assert!((rows.observed_s() + gap.span.seconds() - 40.0).abs() < 0.01, "{}", rows.observed_s());
    assert!((rows.observations[1].observed_s - 7.0).abs() < 0.21, "{}", rows.observations[1].observed_s);
}

/// AC13: names tell local time; half hours, skipped and repeated hours included.
#[test]
fn local_names_give_the_right_utc() {
    let dir = tempfile::tempdir().unwrap();
    let clip = small(2).encode(dir.path().join("clip.mp4"), &[]);
    for (zone, stamp, utc) in [
        ("Asia/Makassar", "20260714_080000", "2026-07-14T00:00:00Z"),
        ("Asia/Makassar", "20260714_030000", "2026-07-13T19:00:00Z"),
        ("Asia/Kolkata", "20260714_080000", "2026-07-14T02:30:00Z"),
        ("Europe/Berlin", "20260329_013000", "2026-03-29T00:30:00Z"),
        ("Europe/Berlin", "20260329_033000", "2026-03-29T01:30:00Z"),
        ("Europe/Berlin", "20261025_023000", "2026-10-25T00:30:00Z"),
    ] {
        let folder = dir.path().join(format!("{}-{stamp}", zone.replace('/', "-")));
        std::fs::create_dir(&folder).unwrap();
        let named = folder.join(format!("lobby_{stamp}.mp4"));
        std::fs::copy(&clip, &named).unwrap();
        let rows = analyzed(&folder.join("lake"), &[&named], &["--timezone", zone]);
        assert_eq!(rows.starts(), [utc], "{zone} {stamp}");
        let day = folder.join("lake/observations").join(format!("date={}", &utc[..10]));
        assert!(day.is_dir(), "{}", day.display());
    }
}

/// The start comes from the flag, else a configured pattern, else the container, else the name, else the file's time.
#[test]
fn the_best_clock_wins() {
    let dir = tempfile::tempdir().unwrap();
    let stamped = dir.path().join("lobby_20260714_080000.mp4");
    small(10).encode(&stamped, &["-metadata", "creation_time=2026-07-01T03:00:00Z"]);
    let named = name_at(&dir.path().join("named"), "lobby", 0);
    small(10).encode(&named, &[]);
    let plain = dir.path().join("lobby.mp4");
    std::fs::copy(&named, &plain).unwrap();
    let written = UNIX_EPOCH + Duration::from_secs(1_783_987_200 + 70);
    std::fs::File::options().write(true).open(&plain).unwrap().set_modified(written).unwrap();
    let pattern = ["--name-pattern", "lobby_%Y%m%d_%M%H%S"];
    let flag = ["--start", "2026-07-02T09:00:00"];
    let mut number = 0;
    let mut start = |file: &Path, flags: &[&str]| {
        number += 1;
        let lake = dir.path().join(format!("lake-{number}"));
        let rows = analyzed(&lake, &[file], flags);
        let is_suspect = rows.observations[0].quality.contains(Quality::CLOCK_SUSPECT);
        let recording = &manifest(&lake)[0];
        (recording.time_source.as_str(), recording.span.start.to_string(), is_suspect)
    };
    assert_eq!(start(&stamped, &[&pattern[..], &flag].concat()), ("flag", "2026-07-02T01:00:00Z".to_owned(), false));
    assert_eq!(start(&stamped, &pattern), ("name_pattern", "2026-07-13T16:08:00Z".to_owned(), false));
    assert_eq!(start(&stamped, &[]), ("container", "2026-07-01T03:00:00Z".to_owned(), true));
    let stamp = ["-metadata", "creation_time=2026-07-14T00:20:00Z"];
    small(10).encode(&stamped, &stamp);
    assert_eq!(start(&stamped, &[]), ("container", "2026-07-14T00:20:00Z".to_owned(), false), "its name agrees");
    assert_eq!(start(&named, &[]), ("nvr_name", "2026-07-14T00:00:00Z".to_owned(), false));
    assert_eq!(start(&plain, &[]), ("file_time", "2026-07-14T00:01:00Z".to_owned(), true));
}

/// With `--start`, recordings follow one another; so they do when a later run brings more of them.
#[test]
fn recordings_after_a_given_start_follow_one_another() {
    let dir = tempfile::tempdir().unwrap();
    let clip = small(10).encode(dir.path().join("a.mp4"), &[]);
    let all: Vec<_> = ["a.mp4", "b.mp4", "c.mp4"].map(|name| dir.path().join(name)).into();
    // The same pictures in other files: another encoding, or they would be copies.
    for (path, crf) in all[1..].iter().zip(["24", "25"]) {
        ffmpeg(&["-i", clip.to_str().unwrap(), "-c:v", "libx264", "-bf", "0", "-crf", crf], path);
    }
    let flags = ["--camera", "lobby", "--start", "2026-07-14T08:00:00"];
    let whole = analyzed(&dir.path().join("lake"), &all, &flags);
    assert_eq!(whole.starts().len(), 3);
    assert_eq!((whole.observed_s(), whole.gaps.len()), (30.0, 0));
    let in_two = dir.path().join("in-two-runs");
    analyzed(&in_two, &all[..2], &flags);
    assert_eq!(analyzed(&in_two, &all, &flags), whole);
}

/// A clock that was wrong is put right: told, refused, and with --replace the rows are as if it had never been wrong, also
/// where the old time of one recording is the new one of another.
#[test]
fn a_clock_that_was_wrong_is_put_right() {
    let dir = tempfile::tempdir().unwrap();
    let (lake, videos) = (dir.path().join("lake"), dir.path().join("videos"));
    small(30).encode(videos.join("lobby-1.mp4"), &[]);
    small(20).encode(videos.join("lobby-2.mp4"), &[]);
    let other = small(20).encode(dir.path().join("hall_20260714_080000.mp4"), &[]);
    let start = |minute: &str| ["--camera".to_owned(), "lobby".to_owned(), "--start".to_owned(), minute.to_owned()];
    let (wrong, right) = (start("2026-07-14T08:00:20"), start("2026-07-14T08:00:00"));
    let flags =
        |given: &'static str, of: &[String; 4]| of.iter().cloned().chain([given.to_owned()]).collect::<Vec<_>>();
    let run = |flags: &[String]| analyze(&lake, &[&videos], &flags.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(analyze(&lake, &[&other], &[]).code, Some(0));
    assert_eq!(run(&wrong).code, Some(0));
    let before = Rows::of(&lake);
    let refused = run(&right);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    assert_eq!(
        refused.stderr.matches("run again with --replace to exchange its rows").count(),
        2,
        "{}",
        refused.stderr
    );
    assert_eq!(Rows::of(&lake), before);
    assert_eq!(run(&flags("--replace", &right)).code, Some(0));
    let fresh = dir.path().join("fresh");
    assert_eq!(analyze(&fresh, &[&other], &[]).code, Some(0));
    let words = right.iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(Rows::of(&lake), analyzed(&fresh, &[&videos], &words));
    for again in [right.to_vec(), flags("--replace", &right)] {
        let again = run(&again);
        assert!(again.code == Some(0) && again.stderr.contains("2 done before"), "{}", again.stderr);
    }
    assert_eq!(run(&flags("--replace", &wrong)).code, Some(0));
    assert_eq!(Rows::of(&lake), before);
}

/// A name's word weighs less than the user's: what was once said with --start stays.
#[test]
fn a_name_does_not_move_what_the_user_placed() {
    let dir = tempfile::tempdir().unwrap();
    let lake = dir.path().join("lake");
    let film = small(20).encode(dir.path().join("lobby_20260714_080000.mp4"), &[]);
    let placed = analyzed(&lake, &[&film], &["--start", "2026-07-13T08:00:00"]);
    let later = analyze(&lake, &[&film], &[]);
    assert!(later.code == Some(0) && later.stderr.contains("1 done before"), "{}", later.stderr);
    let zone = analyze(&lake, &[&film], &["--timezone", "Asia/Jakarta"]);
    assert!(zone.stderr.contains("1 done before"), "{}", zone.stderr);
    assert_eq!(Rows::of(&lake), placed);
    let by_name = dir.path().join("by-name");
    assert_eq!(analyze(&by_name, &[&film], &[]).code, Some(0));
    let zone = analyze(&by_name, &[&film], &["--timezone", "Asia/Jakarta"]);
    assert_eq!(zone.code, Some(3), "an hour later there: {}", zone.stderr);
}

/// A recording that begins between two key frames, and whose container tells no length, is where it was when it is analysed
/// again.
#[test]
fn a_recording_that_begins_late_has_not_moved() {
    let dir = tempfile::tempdir().unwrap();
    let lake = dir.path().join("lake");
    let whole = small(40).encode(dir.path().join("whole.h264"), &["-g", "75", "-sc_threshold", "0"]);
    let bytes = std::fs::read(whole).unwrap();
    let late = dir.path().join("lobby_20260714_080000.h264");
    std::fs::write(&late, &bytes[bytes.len() / 5..]).unwrap();
    let first = analyze(&lake, &[&late], &[]);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert!(manifest(&lake)[0].span.start.seconds_since(at(0.0)) > 2.5, "{:?}", manifest(&lake)[0]);
    let again = analyze(&lake, &[&late], &[]);
    assert!(again.code == Some(0) && again.stderr.contains("1 done before"), "{}", again.stderr);
}
