//! What goes in comes out, in order, on the right day, under the same names and as the same bytes.

use super::sample::{DAY_S, at, camera_day, contents, event, gap, new_lake, observation, part, recording, span};
use crate::lake::{Coverage, Lake, LakeError, Part, Query, Table};
use pantau_models::ids::CameraId;
use pantau_models::record::{GapReason, Quality, RecordingStatus};
use pantau_models::time::Span;
use std::collections::BTreeSet;

fn between(from: i64, to: i64) -> Query {
    Query { from: Some(at(from)), to: Some(at(to)), cameras: None }
}

#[test]
fn every_table_comes_back_as_it_was() {
    let (_dir, lake) = new_lake();
    let camera = "ruang/№ 1";
    let mut part = part(camera, 0, 60, "s1");
    part.observations[3].people = None;
    part.observations[3].people_low = None;
    part.observations[3].people_high = None;
    part.observations[4].quality = Quality::empty();
    part.gaps.push(pantau_models::record::Gap { reason: GapReason::Decode, ..gap(camera, 20, 21) });
    part.recordings[0].status = RecordingStatus::Partial;
    part.recordings[0].message = "posisi 12,5 s: gambar rusak".to_owned();
    let files = lake.write_part(&part).unwrap();
    assert_eq!(files.iter().map(|file| file.table).collect::<Vec<_>>(), Table::ALL);
    assert!(files.iter().all(|file| std::fs::metadata(&file.path).unwrap().len() == file.bytes));

    part.observations.sort_by_key(|row| (row.zone.clone(), row.start));
    part.gaps.sort_by_key(|row| row.span.start);
    let lake = Lake::open(lake.paths().root()).unwrap();
    assert_eq!(lake.observations(&Query::default()).unwrap(), part.observations);
    assert_eq!(lake.events(&Query::default()).unwrap(), part.events);
    assert_eq!(lake.gaps(&Query::default()).unwrap(), part.gaps);
    assert_eq!(lake.recordings(&Query::default()).unwrap(), part.recordings);
}

#[test]
fn a_part_over_midnight_has_a_file_per_utc_day() {
    let (_dir, lake) = new_lake();
    let mut late = part("a", DAY_S - 20, DAY_S + 20, "s1");
    late.gaps = vec![gap("a", DAY_S + 5, DAY_S + 7)];
    let files = lake.write_part(&late).unwrap();
    let root = lake.paths().root();
    let days: Vec<_> = files.iter().map(|file| file.path.strip_prefix(root).unwrap().parent().unwrap()).collect();
    let names: BTreeSet<_> = files.iter().map(|file| file.path.file_name().unwrap()).collect();
    let expected = [
        "observations/date=2026-11-23",
        "observations/date=2026-11-24",
        "events/date=2026-11-23",
        "gaps/date=2026-11-24",
        "recordings/date=2026-11-23",
    ];
    assert_eq!(days, expected.map(std::path::Path::new));
    assert_eq!(names.len(), 1);
    assert_eq!(lake.observations(&Query::default()).unwrap().len(), 8);
    let next_day = between(DAY_S, 2 * DAY_S);
    assert_eq!(lake.observations(&next_day).unwrap().len(), 4);
    // The episode began the day before and lasts into this one.
    assert_eq!(lake.events(&next_day).unwrap(), late.events);
    assert!(lake.events(&between(DAY_S + 15, 2 * DAY_S)).unwrap().is_empty());
}

#[test]
fn the_same_rows_in_any_order_are_the_same_bytes() {
    let (_dir, lake) = new_lake();
    let mut part = part("a", 0, 3600, "s1");
    lake.write_part(&part).unwrap();
    let first = contents(&lake);
    part.observations.reverse();
    lake.write_part(&part).unwrap();
    assert_eq!(contents(&lake), first);
    let (_other_dir, other) = new_lake();
    other.write_part(&part).unwrap();
    let bytes =
        |contents: Vec<(std::path::PathBuf, Vec<u8>)>| contents.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>();
    assert_eq!(bytes(contents(&other)), bytes(first));
}

#[test]
fn writing_what_was_read_changes_no_byte() {
    let (_dir, lake) = new_lake();
    let mut part = Part { camera: "a".into(), start: at(0), observations: camera_day("a"), ..Part::default() };
    lake.write_part(&part).unwrap();
    let first = contents(&lake);
    let read = lake.observations(&Query::default()).unwrap();
    assert_ne!(read, part.observations, "noise below the lake's precision is rounded away");
    part.observations = read;
    lake.write_part(&part).unwrap();
    assert_eq!(contents(&lake), first);
}

#[test]
fn other_settings_or_inputs_make_other_files() {
    let (_dir, lake) = new_lake();
    let mut names = BTreeSet::new();
    let mut add = |part: &Part| names.insert(lake.write_part(part).unwrap()[0].path.clone());
    assert!(add(&part("a", 0, 60, "s1")));
    assert!(!add(&part("a", 0, 60, "s1")));
    assert!(add(&part("a", 0, 60, "s2")));
    assert!(add(&Part { identity: "another file of the same second".to_owned(), ..part("a", 0, 60, "s1") }));
}

#[test]
fn queries_choose_by_time_and_camera() {
    let (_dir, lake) = new_lake();
    for camera in ["b", "a", "a/1"] {
        for hour in 0..3 {
            lake.write_part(&part(camera, hour * 3600, (hour + 1) * 3600, "s1")).unwrap();
        }
    }
    let query = Query { cameras: Some(BTreeSet::from(["a".into(), "a/1".into()])), ..between(3600, 3620) };
    let rows = lake.observations(&query).unwrap();
    let key = |row: &pantau_models::record::Observation| (row.place.camera.clone(), row.zone.clone(), row.start);
    let keys: Vec<_> = rows.iter().map(key).collect();
    let row = |camera: &str, zone: &str, second| (CameraId::from(camera), zone.into(), at(second));
    let expected = ["a", "a/1"].into_iter().flat_map(|camera| {
        ["loket", "room"].into_iter().flat_map(move |zone| [3600, 3610].map(|second| row(camera, zone, second)))
    });
    assert_eq!(keys, expected.collect::<Vec<_>>());
    assert_eq!(lake.recordings(&query).unwrap().len(), 2);
    assert_eq!(lake.recordings(&Query::of_camera("b".into())).unwrap().len(), 3);
}

#[test]
fn streaming_goes_day_by_day_and_camera_by_camera() {
    let (_dir, lake) = new_lake();
    for camera in ["b", "a"] {
        for start in [DAY_S - 60, 0, 60] {
            lake.write_part(&part(camera, start, start + 120, "s1")).unwrap();
        }
    }
    let mut keys = Vec::new();
    lake.for_each_observation(&Query::default(), |row| {
        keys.push((row.start.utc_date(), row.place.camera.clone(), row.zone.clone(), row.start));
    })
    .unwrap();
    assert_eq!(keys.len(), 2 * 3 * 2 * 12);
    assert!(keys.is_sorted());
}

#[test]
fn a_part_has_one_camera() {
    let (_dir, lake) = new_lake();
    let mut mixed = part("a", 0, 60, "s1");
    mixed.observations.push(observation("b", "room", 0));
    let error = lake.write_part(&mixed).unwrap_err();
    assert!(matches!(error, LakeError::ForeignRow { .. }), "{error}");
    assert!(lake.observations(&Query::default()).unwrap().is_empty());
}

#[test]
fn the_manifest_tells_what_is_covered() {
    let (_dir, lake) = new_lake();
    let mut failed = recording("a", 120, 180, "s1");
    failed.status = RecordingStatus::Failed;
    let recordings = vec![recording("a", 0, 60, "s1"), recording("a", 60, 120, "s1"), failed];
    let start = at(0);
    lake.write_part(&Part {
        camera: "a".into(),
        start,
        recordings,
        events: vec![event("a", 0, 60)],
        ..Part::default()
    })
    .unwrap();
    let coverage = Coverage::of_lake(&lake).unwrap();
    let all = Span::new(at(-100), at(1000));
    assert_eq!(coverage.overlaps(&"a".into(), &all), [(span(0, 120), "s1".to_owned())]);
}

#[test]
fn checkpoints_come_back_unless_damaged() {
    let (_dir, lake) = new_lake();
    let camera = CameraId::from("ruang/№ 1");
    let state: Vec<u8> = (0..100_000_u32).map(|index| (index % 251) as u8).collect();
    assert_eq!(lake.load_state(&camera, "s1").unwrap(), None);
    lake.save_state(&camera, "s1", &[1]).unwrap();
    lake.save_state(&camera, "s1", &state).unwrap();
    lake.save_state(&camera, "s2", &[]).unwrap();
    assert_eq!(lake.load_state(&camera, "s1").unwrap(), Some(state));
    assert_eq!(lake.load_state(&camera, "s2").unwrap(), Some(Vec::new()));
    assert_eq!(lake.load_state(&"ruang".into(), "s1").unwrap(), None);
    let path = lake.paths().state(&camera, "s1");
    let whole = std::fs::read(&path).unwrap();
    for damage in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[damage] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(lake.load_state(&camera, "s1").unwrap(), None, "byte {damage} of {}", whole.len());
        std::fs::write(&path, &whole[..damage]).unwrap();
        assert_eq!(lake.load_state(&camera, "s1").unwrap(), None, "cut to {damage} of {}", whole.len());
    }
}
