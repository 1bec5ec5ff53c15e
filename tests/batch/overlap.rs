use crate::footage::{Film, cut, name_at};
use crate::run::{Rows, analyze, analyzed, at, manifest, verdict};
use pantau::lake::{Entry, Journal, Lake, Part};
use pantau_models::record::{Gap, GapReason, Observation, Recording, TimeSource};
use pantau_models::time::Span;
use std::path::{Path, PathBuf};

fn film(folder: &Path, length_s: u32) -> PathBuf {
    Film { size: (160, 90), ..Film::of(length_s) }.encode(name_at(folder, "lobby", 0), &[])
}

/// The same file, a copy of it, and a run repeated count once.
#[test]
fn the_same_recording_counts_once() {
    let dir = tempfile::tempdir().unwrap();
    let lake = dir.path().join("lake");
    let first = film(dir.path(), 30);
    let rows = analyzed(&lake, &[&first, &first], &[]);
    assert_eq!((rows.observed_s(), manifest(&lake).len()), (30.0, 1));
    let again = analyze(&lake, &[&first], &[]);
    assert_eq!(again.code, Some(0));
    assert!(again.stderr.contains("1 done before"), "{}", again.stderr);
    let copy = dir.path().join("lobby_copy_20260714_080000.mp4");
    std::fs::copy(&first, &copy).unwrap();
    assert_eq!(analyzed(&lake, &[&copy], &["--camera", "lobby"]), rows);
    let (status, message) = verdict(&lake, "lobby_copy_20260714_080000.mp4");
    assert_eq!(status, "skipped");
    assert!(message.contains("under another name"), "{message}");

    let at_once = dir.path().join("at-once");
    assert_eq!(analyzed(&at_once, &[&first, &copy], &["--camera", "lobby"]), rows);
    assert!(verdict(&at_once, "lobby_copy_20260714_080000.mp4").1.contains("under another name"));
}

/// Recordings of one camera that overlap: every second counts once, in one run or in two, whatever the threads.
#[test]
fn no_second_counts_twice() {
    let dir = tempfile::tempdir().unwrap();
    let whole = film(&dir.path().join("whole"), 55);
    let expected = analyzed(&dir.path().join("of-whole"), &[&whole], &[]);
    let first = cut(&whole, &[30], |_| name_at(dir.path(), "lobby", 0)).remove(0);
    let second = cut(&whole, &[25, 30], |at_s| name_at(dir.path(), "lobby", at_s + u32::from(at_s == 0))).remove(1);
    for jobs in ["1", "3"] {
        let lake = dir.path().join(format!("lake-{jobs}"));
        assert_eq!(analyzed(&lake, &[&first, &second], &["--jobs", jobs]), expected, "{jobs} jobs");
    }
    let in_two = dir.path().join("in-two-runs");
    analyzed(&in_two, &[&first], &[]);
    assert_eq!(analyzed(&in_two, &[&second], &[]), expected);
    assert_eq!(analyzed(&in_two, &[&first, &second], &[]), expected);
}

/// Other settings are refused until told to replace; then only the new rows remain, and the way back is refused too.
#[test]
fn other_settings_are_refused_or_replace() {
    let dir = tempfile::tempdir().unwrap();
    let lake = dir.path().join("lake");
    let videos = dir.path().join("videos");
    let first = film(&videos, 30);
    std::fs::copy(&first, name_at(&videos, "lobby", 30)).unwrap();
    let by_10 = analyzed(&lake, &[&videos], &[]);
    for _ in 0..2 {
        let refused = analyze(&lake, &[&videos], &["--interval", "5"]);
        assert_eq!(refused.code, Some(3), "{}", refused.stderr);
        assert_eq!(refused.stderr.matches("run again with --replace").count(), 2, "{}", refused.stderr);
        assert_eq!(Rows::of(&lake), by_10);
    }
    let by_5 = analyzed(&lake, &[&videos], &["--interval", "5", "--replace"]);
    assert_eq!(by_5, analyzed(&dir.path().join("fresh"), &[&videos], &["--interval", "5"]));
    assert!(by_5.observations.iter().all(|row| row.duration_s == 5.0));
    let back = analyze(&lake, &[&videos], &[]);
    assert_eq!(back.code, Some(3), "{}", back.stderr);
    assert_eq!(Rows::of(&lake), by_5);
    let again = analyze(&lake, &[&videos], &["--interval", "5"]);
    assert!(again.code == Some(0) && again.stderr.contains("2 done before"), "{}", again.stderr);
    assert_eq!(analyzed(&lake, &[&videos], &["--replace"]), by_10);
}

/// A recorder's disk fills what a live worker missed, and nothing of what it saw.
#[test]
fn a_recording_fills_the_gaps_of_a_live_worker() {
    let dir = tempfile::tempdir().unwrap();
    let film = film(dir.path(), 60);
    let whole = dir.path().join("of-recording");
    let expected = analyzed(&whole, &[&film], &[]);

    let dir_of_lake = dir.path().join("lake");
    let lake = Lake::open_for_writing(&dir_of_lake).unwrap();
    let until = at(30.0);
    let seen: Vec<Observation> = expected.observations.iter().filter(|row| row.start < until).cloned().collect();
    let [recording] = &manifest(&whole)[..] else { panic!("one recording") };
    let live = Recording {
        path: "live".to_owned(),
        content_id: "live-1".to_owned(),
        span: Span::new(at(0.0), until),
        time_source: TimeSource::Live,
        ..recording.clone()
    };
    let detail = "no connection".to_owned();
    let gap = Gap { span: Span::new(until, at(90.0)), place: live.place.clone(), reason: GapReason::NoLink, detail };
    lake.write_part(&Part {
        camera: live.place.camera.clone(),
        start: at(0.0),
        identity: "live/1".to_owned(),
        settings_id: live.settings_id.clone(),
        observations: seen.clone(),
        events: Vec::new(),
        gaps: vec![gap],
        recordings: vec![live.clone()],
    })
    .unwrap();
    let (mut journal, _) = Journal::open_live(&dir_of_lake).unwrap();
    journal.append(&[Entry::RecordingDone { recording: live, mtime_us: None }]).unwrap();
    drop(journal);

    let rows = analyzed(&dir_of_lake, &[&film], &[]);
    assert_eq!(rows.observed_s(), 60.0);
    assert_eq!(rows.starts(), expected.starts());
    assert!(seen.iter().all(|row| rows.observations.contains(row)), "what was seen live stays as it was");
    assert_eq!(rows.gaps.len(), 1);
    assert_eq!(rows.gaps[0].span, Span::new(at(60.0), at(90.0)));
}
