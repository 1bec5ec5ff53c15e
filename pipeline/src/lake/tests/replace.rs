//! Another analysis of the same time: old rows leave, neighbours stay, nothing counts twice.

use super::sample::{DAY_S, at, contents, event, gap, new_lake, part, recording, span};
use crate::lake::{Coverage, Lake, Part, Query, Removed, Replacement};
use pantau_models::record::RecordingStatus;
use pantau_models::time::Span;

fn replacement(from: i64, to: i64) -> Replacement {
    Replacement { camera: "a".into(), span: span(from, to), settings_id: "s2".to_owned() }
}

fn spans<T>(rows: Vec<T>, span: impl Fn(&T) -> Span) -> Vec<(i64, i64)> {
    let second = |at: pantau_models::time::UtcMicros| at.seconds_since(super::sample::DAY) as i64;
    rows.iter().map(|row| (second(span(row).start), second(span(row).end))).collect()
}

fn events(lake: &Lake) -> Vec<(i64, i64)> {
    spans(lake.events(&Query::default()).unwrap(), |row| row.span)
}

#[test]
fn a_recording_is_replaced_and_its_neighbours_stay() {
    let (_dir, lake) = new_lake();
    for (camera, from) in [("a", 0), ("a", 600), ("a", 1200), ("b", 600)] {
        lake.write_part(&part(camera, from, from + 600, "s1")).unwrap();
    }
    let others = |lake: &Lake| {
        let rows = lake.observations(&Query::default()).unwrap();
        rows.into_iter()
            .filter(|row| row.place.camera == "b".into() || row.start < at(600) || row.start >= at(1200))
            .collect::<Vec<_>>()
    };
    let before = others(&lake);
    let removed = lake.remove_replaced(&replacement(600, 1200)).unwrap();
    assert_eq!(removed, Removed { rows: 123, files_rewritten: 0, files_removed: 4 });
    assert_eq!(Coverage::of_lake(&lake).unwrap().overlaps(&"a".into(), &span(600, 1200)), []);
    lake.write_part(&part("a", 600, 1200, "s2")).unwrap();
    assert_eq!(lake.observations(&Query::default()).unwrap().len(), 4 * 120);
    assert_eq!(others(&lake), before);
    assert_eq!(
        Coverage::of_lake(&lake).unwrap().overlaps(&"a".into(), &span(0, 1800)),
        [(span(0, 600), "s1".into()), (span(600, 1200), "s2".into()), (span(1200, 1800), "s1".into())]
    );
}

#[test]
fn rows_of_the_new_settings_stay_and_a_second_call_changes_nothing() {
    let (_dir, lake) = new_lake();
    lake.write_part(&part("a", 0, 600, "s1")).unwrap();
    lake.remove_replaced(&replacement(0, 600)).unwrap();
    lake.write_part(&part("a", 0, 600, "s2")).unwrap();
    let before = contents(&lake);
    assert_eq!(lake.remove_replaced(&replacement(0, 600)).unwrap(), Removed::default());
    assert_eq!(contents(&lake), before);
}

#[test]
fn what_reaches_out_of_the_span_is_cut() {
    let (_dir, lake) = new_lake();
    let old = Part {
        events: vec![event("a", 10, 590), event("a", 10, 200), event("a", 250, 300), event("a", 400, 450)],
        ..part("a", 0, 600, "s1")
    };
    lake.write_part(&old).unwrap();
    lake.remove_replaced(&replacement(195, 305)).unwrap();
    assert_eq!(events(&lake), [(10, 195), (10, 195), (305, 590), (400, 450)]);
    // Intervals that are touched go whole: 190..200 and 300..310.
    let left = lake.observations(&Query::default()).unwrap();
    assert_eq!(left.len(), 2 * (19 + 29));
    assert!(left.iter().all(|row| row.start < at(190) || row.start >= at(310)));
    let manifest = lake.recordings(&Query::default()).unwrap();
    assert!(manifest.iter().all(|row| row.status == RecordingStatus::Partial && row.message.contains("replaced")));
    assert_eq!(spans(manifest, |row| row.span), [(0, 195), (305, 600)]);
}

#[test]
fn a_piece_on_a_later_day_moves_to_its_partition_once() {
    let (_dir, lake) = new_lake();
    let night = Part { gaps: vec![gap("a", DAY_S - 100, DAY_S + 100)], ..part("a", DAY_S - 100, DAY_S + 100, "s1") };
    let night = Part { observations: Vec::new(), ..night };
    lake.write_part(&night).unwrap();
    let with_old_rows = contents(&lake);
    lake.remove_replaced(&replacement(DAY_S - 200, DAY_S + 50)).unwrap();
    let finished = contents(&lake);
    let partitions: Vec<_> =
        finished.iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "parquet")).collect();
    assert_eq!(partitions.len(), 3);
    assert!(partitions.iter().all(|(path, _)| path.to_string_lossy().contains("date=2026-11-24")));
    assert_eq!(spans(lake.gaps(&Query::default()).unwrap(), |row| row.span), [(DAY_S + 50, DAY_S + 100)]);
    // Killed between the two steps: the copy is there, the old rows too. The next run ends the same.
    for (path, bytes) in &with_old_rows {
        std::fs::write(path, bytes).unwrap();
    }
    lake.remove_replaced(&replacement(DAY_S - 200, DAY_S + 50)).unwrap();
    assert_eq!(contents(&lake), finished);
}

#[test]
fn failed_recordings_have_no_time_to_replace() {
    let (_dir, lake) = new_lake();
    let mut failed = recording("a", 0, 0, "s1");
    failed.status = RecordingStatus::Failed;
    lake.write_part(&Part { camera: "a".into(), recordings: vec![failed], ..Part::default() }).unwrap();
    assert_eq!(lake.remove_replaced(&replacement(-100, 100)).unwrap(), Removed::default());
    assert_eq!(lake.recordings(&Query::default()).unwrap().len(), 1);
}

/// What a run does that replaces thousands of recordings: old files are found once, spans go in groups.
#[test]
fn spans_in_groups_leave_what_they_leave_one_by_one() {
    let spans = [(100, 200), (300, 450), (640, 650), (1100, 1300)].map(|(from, to)| span(from, to));
    let old = |from: i64| Part { events: vec![event("a", from + 10, from + 590)], ..part("a", from, from + 600, "s1") };
    let lakes = [new_lake(), new_lake()];
    for (_dir, lake) in &lakes {
        for part in [old(0), old(600), old(1200), part("b", 0, 600, "s1"), part("a", 1800, 2400, "s2")] {
            lake.write_part(&part).unwrap();
        }
    }
    let [(_, singly), (_, grouped)] = &lakes;
    for span in spans {
        let settings_id = "s2".to_owned();
        singly.remove_replaced(&Replacement { camera: "a".into(), span, settings_id }).unwrap();
    }
    let mut files = grouped.old_files(&"a".into(), "s2").unwrap();
    // Out of order, overlapping, empty.
    files.remove(grouped, vec![spans[2], span(350, 450), spans[0], span(300, 360), span(7, 7)]).unwrap();
    files.remove(grouped, vec![spans[3]]).unwrap();
    let all = Query::default();
    let rows = |lake: &Lake| (lake.observations(&all).unwrap(), lake.events(&all).unwrap(), lake.gaps(&all).unwrap());
    assert_eq!(rows(grouped), rows(singly));
    assert!(events(grouped).contains(&(200, 300)) && events(grouped).contains(&(650, 1100)));
    assert_eq!(grouped.recordings(&all).unwrap(), singly.recordings(&all).unwrap());
    assert_eq!(files.remove(grouped, spans.to_vec()).unwrap(), Removed::default());
}

#[test]
fn a_piece_that_moved_to_a_later_day_is_found_again() {
    let (_dir, lake) = new_lake();
    let night = Part { gaps: vec![gap("a", DAY_S - 100, DAY_S + 100)], ..part("a", DAY_S - 100, DAY_S + 100, "s1") };
    lake.write_part(&Part { observations: Vec::new(), ..night }).unwrap();
    let mut files = lake.old_files(&"a".into(), "s2").unwrap();
    files.remove(&lake, vec![span(DAY_S - 200, DAY_S + 50)]).unwrap();
    files.remove(&lake, vec![span(DAY_S + 60, DAY_S + 70)]).unwrap();
    let gaps = spans(lake.gaps(&Query::default()).unwrap(), |row| row.span);
    assert_eq!(gaps, [(DAY_S + 50, DAY_S + 60), (DAY_S + 70, DAY_S + 100)]);
}
