use crate::footage::{Film, cut, name_at};
use crate::run::{Rows, analyzed, at, manifest};
use pantau_models::record::EventKind;
use std::path::{Path, PathBuf};

/// 40 recordings of 3 to 15 seconds.
fn lengths_s() -> Vec<u32> {
    (0..40).map(|index| 3 + index * 7 % 13).collect()
}

/// The whole film and its 40 pieces; something moves from the 5th to the 35th.
fn film(folder: &Path) -> (PathBuf, Vec<PathBuf>) {
    let lengths_s = lengths_s();
    let sum = |count: usize| lengths_s[..count].iter().sum::<u32>();
    let walks = (sum(4), sum(35));
    let film = Film { size: (160, 90), walks, ..Film::of(sum(40)) };
    let whole = film.encode(name_at(&folder.join("whole"), "lobby", 0), &[]);
    let pieces = cut(&whole, &lengths_s, |at_s| name_at(&folder.join("pieces"), "lobby", at_s));
    (whole, pieces)
}

fn motions(rows: &Rows) -> Vec<(f64, f64)> {
    let motions = rows.events.iter().filter(|event| event.kind == EventKind::Motion);
    motions.map(|event| (event.span.start.seconds_since(at(0.0)), event.span.end.seconds_since(at(0.0)))).collect()
}

/// AC16: one recording after another is as one recording, in one run or in two.
#[test]
fn an_episode_across_forty_recordings_is_one_episode() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, pieces) = film(dir.path());
    let expected = analyzed(&dir.path().join("of-whole"), &[&whole], &[]);
    let rows = analyzed(&dir.path().join("of-pieces"), &[dir.path().join("pieces")], &["--jobs", "2"]);
    assert_eq!(rows.gaps, []);
    let lengths_s = lengths_s();
    let walks = lengths_s[4..35].iter().sum::<u32>();
    let motions = motions(&rows);
    assert_eq!(motions.len(), 1, "{motions:?}");
    assert!((motions[0].1 - motions[0].0 - f64::from(walks)).abs() < 2.0, "{motions:?} but {walks} s");
    assert_eq!(rows.events.iter().filter(|event| event.kind == EventKind::Presence).count(), 1);
    assert_eq!(rows, expected);

    let in_two = dir.path().join("in-two-runs");
    analyzed(&in_two, &pieces[..20], &[]);
    assert_eq!(analyzed(&in_two, &pieces[20..], &[]), expected);
    let in_many = dir.path().join("in-eight-runs");
    for some in pieces.chunks(5) {
        analyzed(&in_many, some, &["--part-seconds", "20"]);
    }
    assert_eq!(Rows::of(&in_many), expected);
    assert_eq!(manifest(&in_many).len(), 40);
}

/// Time that no recording covers is a gap of exactly that length, and has no rows; so in one run and in two.
#[test]
fn a_missing_hour_is_a_gap_and_never_rows() {
    let dir = tempfile::tempdir().unwrap();
    let film = Film { size: (160, 90), ..Film::of(30) };
    let first = film.encode(name_at(dir.path(), "lobby", 0), &[]);
    let second = name_at(dir.path(), "lobby", 3630);
    std::fs::copy(&first, &second).unwrap();
    let lake = dir.path().join("lake");
    let rows = analyzed(&lake, &[&first, &second], &[]);
    assert_eq!(rows.told_gaps(), ["no_recording 2026-07-14T00:00:30Z 2026-07-14T01:00:30Z"]);
    assert_eq!(rows.observations.len(), 6);
    assert!(rows.observations.iter().all(|row| row.start < at(30.0) || row.start >= at(3630.0)));

    let in_two = dir.path().join("in-two-runs");
    analyzed(&in_two, &[&first], &[]);
    assert_eq!(analyzed(&in_two, &[&second], &[]), rows);
}

/// A recording that comes late fills the gap that was told for its time, and no more of it.
#[test]
fn a_late_recording_fills_its_gap() {
    let dir = tempfile::tempdir().unwrap();
    let film = Film { size: (160, 90), ..Film::of(30) };
    let first = film.encode(name_at(dir.path(), "lobby", 0), &[]);
    let [late, last] = [600, 3600].map(|at_s| name_at(dir.path(), "lobby", at_s));
    std::fs::copy(&first, &late).unwrap();
    std::fs::copy(&first, &last).unwrap();
    let lake = dir.path().join("lake");
    analyzed(&lake, &[&first, &last], &[]);
    let rows = analyzed(&lake, &[&late], &[]);
    assert_eq!(rows.observations.len(), 9);
    let expected = analyzed(&dir.path().join("in-order"), &[&first, &late, &last], &[]);
    assert_eq!(rows.gaps, expected.gaps);
    assert_eq!(analyzed(&lake, &[dir.path().join("lobby_*")], &[]), rows);
}

/// An earlier recording that comes in a later run has its rows; an interval that both share keeps the first ones.
#[test]
fn recordings_may_come_in_any_order() {
    let dir = tempfile::tempdir().unwrap();
    let film = Film { size: (160, 90), ..Film::of(32) };
    let late = film.encode(name_at(dir.path(), "lobby", 64), &[]);
    let early = name_at(dir.path(), "lobby", 32);
    std::fs::copy(&late, &early).unwrap();
    let last = name_at(dir.path(), "lobby", 200);
    std::fs::copy(&late, &last).unwrap();
    let lake = dir.path().join("lake");
    assert_eq!(analyzed(&lake, &[&late], &[]).observations.len(), 4);
    let rows = analyzed(&lake, &[&early, &last], &[]);
    let starts: Vec<f64> = rows.observations.iter().map(|row| row.start.seconds_since(at(0.0))).collect();
    assert_eq!(starts, [30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 200.0, 210.0, 220.0, 230.0]);
    assert_eq!(rows.told_gaps(), ["no_recording 2026-07-14T00:01:36Z 2026-07-14T00:03:20Z"]);
}
