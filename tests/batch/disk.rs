use crate::footage::{Film, name_at};
use crate::run::{Rows, analyze, analyzed, assert_same, remains};
use crate::small_disk::SmallDisk;
use std::path::PathBuf;

/// AC14: a full disk stops the run with a clear word and nothing half written; with room again, it completes.
#[test]
fn a_full_disk_stops_cleanly_and_the_run_resumes() {
    let dir = tempfile::tempdir().unwrap();
    let videos = dir.path().join("videos");
    let film = Film { size: (160, 90), walks: (20, 40), ..Film::of(120) };
    let first = film.encode(name_at(&videos, "lobby", 0), &[]);
    std::fs::copy(first, name_at(&videos, "lobby", 120)).unwrap();
    let flags = ["--part-seconds", "4"];
    let expected = dir.path().join("expected");
    analyzed(&expected, &[&videos], &flags);
    let Some(disk) = SmallDisk::mount(&dir.path().join("disk"), "300k") else {
        println!("not tested: this user may not mount a small disk");
        return;
    };
    let lake = disk.path().join("lake");
    for _ in 0..2 {
        let full = analyze(&lake, &[&videos], &flags);
        assert_eq!(full.code, Some(1), "{}", full.stderr);
        assert!(full.stderr.contains("No space left on device"), "{}", full.stderr);
        assert_eq!(remains(&lake), Vec::<PathBuf>::new());
        Rows::of(&lake);
    }
    disk.resize("16m");
    analyzed(&lake, &[&videos], &flags);
    assert_same(&lake, &expected, "after the disk had room again");
}
