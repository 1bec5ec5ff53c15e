//! A real process that writes parts and is really killed (SIGKILL), again and again.

use super::sample::{at, part};
use crate::lake::{Coverage, Entry, Journal, Lake, Query};
use pantau_models::time::Span;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Tells the child process where its lake is.
const LAKE_VARIABLE: &str = "PANTAU_TEST_KILLED_WRITER_LAKE";
/// Rows of `observations` in each part.
const PART_ROWS: usize = 120;
/// Seconds that each part covers.
const PART_S: i64 = 600;
/// How often the writer is killed.
const KILLS: u64 = 12;

/// Not a test by itself: what the child process runs until it is killed.
#[test]
fn killed_writer() {
    let Some(dir) = std::env::var_os(LAKE_VARIABLE) else { return };
    let lake = Lake::open_for_writing(&dir).unwrap();
    let (mut journal, done) = Journal::open(&dir).unwrap();
    for index in done.len() as i64.. {
        let part = part("a", index * PART_S, (index + 1) * PART_S, "s1");
        lake.write_part(&part).unwrap();
        let recording = part.recordings[0].clone();
        journal.append(&[Entry::RecordingDone { recording, mtime_us: Some(index) }]).unwrap();
    }
}

#[test]
fn a_killed_writer_leaves_whole_parts_and_the_next_one_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut entries_before = 0;
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "lake::tests::kill::killed_writer"])
            .env(LAKE_VARIABLE, dir.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(150 + kill * 17));
        assert!(child.try_wait().unwrap().is_none(), "the writer ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();

        let lake = Lake::open_for_writing(dir.path()).unwrap();
        let (_journal, entries) = Journal::open(dir.path()).unwrap();
        let recordings = lake.recordings(&Query::default()).unwrap();
        let parts = recordings.len();
        assert_eq!(lake.observations(&Query::default()).unwrap().len(), parts * PART_ROWS);
        assert_eq!(lake.events(&Query::default()).unwrap().len(), parts);
        assert_eq!(lake.gaps(&Query::default()).unwrap().len(), parts);
        assert!(entries.len() == parts || entries.len() + 1 == parts, "{} entries, {parts} parts", entries.len());
        assert!(entries.len() >= entries_before);
        entries_before = entries.len();
        if parts > 0 {
            let covered = Span::new(at(0), at(parts as i64 * PART_S));
            let found = Coverage::of_lake(&lake).unwrap().overlaps(&"a".into(), &covered);
            assert_eq!(found, [(covered, "s1".to_owned())]);
        }
    }
    assert!(entries_before > 0, "the writer was killed before it finished anything");
}
