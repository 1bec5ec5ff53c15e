use crate::footage::{Film, name_at};
use crate::run::{Rows, command, manifest};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How a run went.
#[derive(Debug)]
struct Measured {
    first_word: Duration,
    memory_peak_kb: u64,
}

/// Runs to the end, looking at the process's memory all the time.
fn measured(lake: &Path, inputs: &Path, flags: &[&str]) -> Measured {
    let begun = Instant::now();
    let mut command = command(lake, &[inputs], flags);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    let first_word = begun.elapsed();
    let rest = std::thread::spawn(move || lines.map_while(Result::ok).last());
    let mut memory_peak_kb = 0;
    let status = format!("/proc/{}/status", child.id());
    let code = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        memory_peak_kb = peak.map_or(memory_peak_kb, |peak| peak.parse().unwrap());
        match child.try_wait().unwrap() {
            Some(status) => break status.code(),
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    assert_eq!(code, Some(0), "{:?}", rest.join());
    Measured { first_word, memory_peak_kb }
}

/// Recordings of a second, every 15 seconds.
fn many(folder: &Path, count: u32) -> PathBuf {
    let clip = Film { size: (96, 54), ..Film::of(1) }.encode(folder.join("clip.mp4"), &[]);
    let folder = folder.join(count.to_string());
    std::fs::create_dir(&folder).unwrap();
    for index in 0..count {
        std::fs::copy(&clip, name_at(&folder, "lobby", index * 15)).unwrap();
    }
    folder
}

/// AC17: it starts at once, memory does not grow with the number of files, and a re-run has nothing to do.
#[test]
fn thousands_of_files_start_at_once_in_constant_memory() {
    let dir = tempfile::tempdir().unwrap();
    let few = measured(&dir.path().join("few"), &many(dir.path(), 200), &["--jobs", "2"]);
    let lake = dir.path().join("lake");
    let folder = many(dir.path(), 2000);
    let begun = Instant::now();
    let all = measured(&lake, &folder, &["--jobs", "2"]);
    let first_run = begun.elapsed();
    println!("200 files: {few:?}; 2000 files: {all:?} in {first_run:?}");
    assert!(all.first_word < Duration::from_secs(2), "{all:?}");
    assert!(all.memory_peak_kb < few.memory_peak_kb * 12 / 10, "{few:?} {all:?}");
    let rows = Rows::of(&lake);
    assert_eq!(manifest(&lake).len(), 2000);
    assert_eq!(rows.gaps.len(), 1999);
    assert!((rows.observed_s() - 2000.0).abs() < 1.0, "{}", rows.observed_s());
    let begun = Instant::now();
    measured(&lake, &folder, &["--jobs", "2"]);
    assert!(begun.elapsed() < Duration::from_secs(2), "a re-run of nothing took {:?}", begun.elapsed());
    assert_eq!(Rows::of(&lake), rows);
}

/// Memory does not grow with the length of a recording.
#[test]
fn ten_minutes_need_no_more_memory_than_one() {
    let dir = tempfile::tempdir().unwrap();
    let film = |length_s| Film { size: (640, 360), ..Film::of(length_s) };
    let [short, long] = [60, 600].map(|length_s| {
        let clip = film(length_s).encode(name_at(&dir.path().join(length_s.to_string()), "lobby", 0), &["-g", "10"]);
        measured(&dir.path().join(format!("lake-{length_s}")), &clip, &["--jobs", "2"])
    });
    println!("60 s: {short:?}; 600 s: {long:?}");
    assert!(long.memory_peak_kb < short.memory_peak_kb * 12 / 10, "{short:?} {long:?}");
}
