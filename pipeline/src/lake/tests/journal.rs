//! The journal after every way of dying and every kind of damage.

use super::sample::{new_lake, part, recording};
use crate::lake::{Entry, Journal, LakeError};
use std::fs;

fn entry(second: i64) -> Entry {
    Entry::RecordingDone { recording: recording("lobby", second, second + 10, "s1"), mtime_us: Some(second * 7) }
}

#[test]
fn entries_come_back_in_order() {
    let (dir, _lake) = new_lake();
    let (mut journal, entries) = Journal::open(dir.path()).unwrap();
    assert_eq!(entries, []);
    journal.append(&[entry(0), entry(10)]).unwrap();
    journal.append(&[]).unwrap();
    journal.append(&[entry(20)]).unwrap();
    drop(journal);
    assert_eq!(Journal::open(dir.path()).unwrap().1, [entry(0), entry(10), entry(20)]);
}

#[test]
fn a_write_cut_off_at_any_byte_loses_only_itself() {
    let (dir, lake) = new_lake();
    let path = lake.paths().journal();
    let (mut journal, _) = Journal::open(dir.path()).unwrap();
    journal.append(&[entry(0), entry(10)]).unwrap();
    let sound = fs::metadata(&path).unwrap().len() as usize;
    journal.append(&[entry(20)]).unwrap();
    drop(journal);
    let whole = fs::read(&path).unwrap();
    for cut in sound..whole.len() {
        let zeroed: Vec<u8> = whole[..cut].iter().copied().chain(std::iter::repeat_n(0, whole.len() - cut)).collect();
        for torn in [&whole[..cut], &zeroed] {
            fs::write(&path, torn).unwrap();
            let (mut journal, entries) = Journal::open(dir.path()).unwrap();
            assert_eq!(entries, [entry(0), entry(10)], "cut at {cut}");
            assert_eq!(fs::metadata(&path).unwrap().len() as usize, sound, "cut at {cut}");
            journal.append(&[entry(30)]).unwrap();
            drop(journal);
            assert_eq!(Journal::open(dir.path()).unwrap().1, [entry(0), entry(10), entry(30)], "cut at {cut}");
        }
    }
    assert!(!lake.paths().damaged_journal(1).exists(), "a torn tail is normal");
}

#[test]
fn a_journal_cut_within_its_header_starts_anew() {
    let (dir, lake) = new_lake();
    drop(Journal::open(dir.path()).unwrap());
    let header = fs::read(lake.paths().journal()).unwrap();
    assert_eq!(header.len(), 16);
    for cut in 0..header.len() {
        fs::write(lake.paths().journal(), &header[..cut]).unwrap();
        assert_eq!(Journal::open(dir.path()).unwrap().1, []);
        assert_eq!(fs::read(lake.paths().journal()).unwrap(), header);
    }
    assert!(!lake.paths().damaged_journal(1).exists());
}

#[test]
fn damage_in_the_middle_keeps_what_precedes_and_sets_the_rest_aside() {
    let (dir, lake) = new_lake();
    let path = lake.paths().journal();
    let (mut journal, _) = Journal::open(dir.path()).unwrap();
    journal.append(&[entry(0)]).unwrap();
    let sound = fs::metadata(&path).unwrap().len() as usize;
    journal.append(&[entry(10), entry(20)]).unwrap();
    drop(journal);
    let mut bytes = fs::read(&path).unwrap();
    bytes[sound + 30] ^= 0x10;
    fs::write(&path, &bytes).unwrap();
    assert_eq!(Journal::open(dir.path()).unwrap().1, [entry(0)]);
    assert_eq!(fs::read(lake.paths().damaged_journal(1)).unwrap(), bytes[sound..]);
    assert_eq!(fs::read(&path).unwrap(), bytes[..sound]);

    fs::write(&path, b"this is no journal at all").unwrap();
    assert_eq!(Journal::open(dir.path()).unwrap().1, []);
    assert_eq!(fs::read(lake.paths().damaged_journal(2)).unwrap(), b"this is no journal at all");
}

#[test]
fn a_second_run_is_refused_until_the_first_ends() {
    let (dir, _lake) = new_lake();
    let (journal, _) = Journal::open(dir.path()).unwrap();
    let error = Journal::open(dir.path()).unwrap_err();
    assert!(matches!(error, LakeError::Locked { .. }), "{error}");
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    drop(journal);
    assert!(Journal::open(dir.path()).is_ok());
}

#[test]
fn journals_of_newer_programs_are_refused_and_unknown_entries_passed_over() {
    let (dir, lake) = new_lake();
    let path = lake.paths().journal();
    let (mut journal, _) = Journal::open(dir.path()).unwrap();
    journal.append(&[entry(0)]).unwrap();
    drop(journal);
    let mut bytes = fs::read(&path).unwrap();
    crate::lake::frames::push_frame(&mut bytes, br#"{"kind":"camera_paused","camera":"lobby"}"#);
    fs::write(&path, &bytes).unwrap();
    assert_eq!(Journal::open(dir.path()).unwrap().1, [entry(0)]);
    assert_eq!(fs::read(&path).unwrap(), bytes, "the newer program finds its entry again");

    bytes[8] = 2;
    let crc = crc32c::crc32c(&bytes[..12]);
    bytes[12..16].copy_from_slice(&crc.to_le_bytes());
    fs::write(&path, &bytes).unwrap();
    let error = Journal::open(dir.path()).unwrap_err();
    assert!(matches!(error, LakeError::NewerJournal { found: 2, known: 1, .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_lost_journal_is_made_again_from_the_manifest() {
    let (dir, lake) = new_lake();
    let part = part("lobby", 0, 60, "s1");
    lake.write_part(&part).unwrap();
    assert!(lake.has_recordings().unwrap());
    let (mut journal, entries) = Journal::open(dir.path()).unwrap();
    assert_eq!(entries, []);
    let rebuilt = journal.rebuild(&lake).unwrap();
    assert_eq!(rebuilt, [Entry::RecordingDone { recording: part.recordings[0].clone(), mtime_us: None }]);
    drop(journal);
    assert_eq!(Journal::open(dir.path()).unwrap().1, rebuilt);
}

#[test]
fn an_entry_that_is_too_long_is_refused_and_the_journal_stays_sound() {
    let (dir, _lake) = new_lake();
    let (mut journal, _) = Journal::open(dir.path()).unwrap();
    let mut long = recording("lobby", 0, 10, "s1");
    long.message = "x".repeat(2 << 20);
    let error = journal.append(&[entry(0), Entry::RecordingDone { recording: long, mtime_us: None }]).unwrap_err();
    assert!(matches!(error, LakeError::EntryTooLong { .. }), "{error}");
    journal.append(&[entry(10)]).unwrap();
    drop(journal);
    assert_eq!(Journal::open(dir.path()).unwrap().1, [entry(10)]);
}
