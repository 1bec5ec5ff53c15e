use crate::footage::{Film, name_at};
use crate::run::{Rows, analyze, analyzed, assert_same, remains};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small disk of its own, gone with the test.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where this user may not mount.
    fn mount(at: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let options = format!("size={size}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "none"]).arg(at).output().ok()?;
        mounted.status.success().then(|| Self(at.to_owned()))
    }

    fn resize(&self, size: &str) {
        let options = format!("remount,size={size}");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

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
    let lake = disk.0.join("lake");
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
