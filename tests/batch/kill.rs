use crate::footage::{Film, name_at};
use crate::run::{Rows, analyzed, assert_same, command, remains};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Lakes that are begun, killed and finished.
const ROUNDS: u32 = 20;

/// Numbers that are the same in every run of the test.
struct Dice(u64);

impl Dice {
    /// 0..1.
    fn throw(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn film(folder: &Path) {
    for (camera, walks) in [("lobby", (10, 50)), ("counter", (0, 60)), ("hall", (30, 32))] {
        let film = Film { size: (160, 90), walks, ..Film::of(60) };
        let first = film.encode(name_at(folder, camera, 0), &[]);
        for at_s in [60, 130] {
            std::fs::copy(&first, name_at(folder, camera, at_s)).unwrap();
        }
    }
}

/// AC10: kill -9 at any instant; what is closed is readable, a re-run completes, nothing is missing or there twice.
#[test]
fn killed_at_any_moment_a_batch_completes_as_if_undisturbed() {
    let dir = tempfile::tempdir().unwrap();
    let videos = dir.path().join("videos");
    film(&videos);
    let mut dice = Dice(7);
    let mut killed = 0;
    for effort in ["full", "adaptive"] {
        let flags = ["--jobs", "3", "--part-seconds", "9", "--effort", effort];
        let expected = dir.path().join(format!("expected-{effort}"));
        let begun = Instant::now();
        analyzed(&expected, &[&videos], &flags);
        let whole = begun.elapsed();
        for round in 0..ROUNDS / 2 {
            let lake = dir.path().join(format!("lake-{effort}-{round}"));
            for _ in 0..2 {
                killed += u32::from(kill_after(&lake, &videos, &flags, whole.mul_f64(dice.throw())));
            }
            analyzed(&lake, &[&videos], &flags);
            assert_same(&lake, &expected, &format!("{effort}, round {round}"));
            assert!(remains(&lake).is_empty(), "{:?}", remains(&lake));
        }
    }
    assert!(killed >= ROUNDS, "only {killed} runs were killed before their end");
}

/// True if the run was killed; false if it was done before.
fn kill_after(lake: &Path, videos: &Path, flags: &[&str], wait: Duration) -> bool {
    let mut command = command(lake, &[videos], flags);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(wait);
    child.kill().unwrap();
    let was_killed = child.wait().unwrap().code().is_none();
    if lake.join("_pantau.json").exists() {
        Rows::of(lake);
    }
    was_killed
}
