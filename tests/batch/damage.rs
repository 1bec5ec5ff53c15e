use crate::footage::{Film, ffmpeg, name_at};
use crate::run::{Rows, analyze, manifest, verdict};
use std::path::{Path, PathBuf};

fn film() -> Film {
    Film { size: (160, 90), walks: (5, 15), ..Film::of(20) }
}

fn path(folder: &Path, camera: &str, ending: &str) -> PathBuf {
    name_at(folder, camera, 0).with_extension(ending)
}

/// The first `share` of a file, in place.
fn truncate(path: &Path, share: f64) {
    let length = std::fs::metadata(path).unwrap().len();
    std::fs::File::options().write(true).open(path).unwrap().set_len((length as f64 * share) as u64).unwrap();
}

/// Makes one bad file of each kind, in a folder; returns what each is to become.
fn spoil(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    std::fs::create_dir_all(folder).unwrap();
    let empty = path(folder, "empty", "mp4");
    std::fs::write(&empty, b"").unwrap();
    let text = path(folder, "text", "mp4");
    std::fs::write(&text, "these are the minutes of the meeting\n".repeat(200)).unwrap();
    let headless = film().encode(path(folder, "headless", "mp4"), &[]);
    truncate(&headless, 0.6);
    let short = film().encode(path(folder, "short", "mp4"), &["-movflags", "+faststart"]);
    truncate(&short, 0.6);
    let corrupt = film().encode(path(folder, "corrupt", "mp4"), &["-movflags", "+faststart"]);
    let mut bytes = std::fs::read(&corrupt).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 3000].iter_mut().enumerate().for_each(|(index, byte)| *byte = (index * 89) as u8);
    std::fs::write(&corrupt, bytes).unwrap();
    let sound = path(folder, "sound", "mp4");
    ffmpeg(&["-f", "lavfi", "-i", "sine=d=5", "-c:a", "aac"], &sound);
    let tiny = Film { size: (32, 16), ..film() }.encode(path(folder, "tiny", "mp4"), &[]);
    vec![
        (empty, "failed"),
        (text, "failed"),
        (headless, "failed"),
        (short, "partial"),
        (corrupt, "partial"),
        (sound, "failed"),
        (tiny, "failed"),
    ]
}

/// AC9: the good ones are done, the bad ones named on standard error and in the manifest, and the exit code is 3.
#[test]
fn bad_files_are_named_and_the_rest_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("videos");
    let bad = spoil(&folder);
    film().encode(path(&folder, "good", "mp4"), &[]);
    film().encode(path(&folder, "good-ts", "ts"), &[]);
    // A raw stream whose name claims a container.
    let raw = film().encode(path(dir.path(), "raw", "h264"), &[]);
    std::fs::copy(raw, path(&folder, "renamed", "avi")).unwrap();
    let lake = dir.path().join("lake");
    let outcome = analyze(&lake, &[&folder], &[]);
    assert_eq!(outcome.code, Some(3), "{}", outcome.stderr);
    for (path, status) in &bad {
        let name = path.file_name().unwrap().to_str().unwrap();
        let (found, message) = verdict(&lake, name);
        assert_eq!(found, *status, "{name}: {message}");
        assert!(message.len() > 20, "{name}: {message}");
        let line = outcome.stderr.lines().find(|line| line.contains(name) && line.contains(status));
        assert!(line.is_some_and(|line| line.contains(&message)), "{name}: {message}\n{}", outcome.stderr);
    }
    for camera in ["good", "good-ts", "renamed"] {
        let recordings = manifest(&lake);
        let good = recordings.iter().find(|recording| recording.place.camera.as_str() == camera).unwrap();
        assert_eq!((good.status.as_str(), good.message.as_str()), ("done", ""), "{camera}");
        assert!((good.span.seconds() - 20.0).abs() < 0.3, "{camera}: {}", good.span.seconds());
    }
    assert_what_was_seen(&lake);

    // Once more: the good ones are known, the bad ones told again, no row is written twice.
    let rows = (Rows::of(&lake), manifest(&lake));
    let again = analyze(&lake, &[&folder], &[]);
    assert_eq!(again.code, Some(3), "{}", again.stderr);
    assert!(again.stderr.contains("5 failed, 5 done before"), "{}", again.stderr);
    assert_eq!((Rows::of(&lake), manifest(&lake)), rows);
}

/// Damaged time is a gap, not rest.
fn assert_what_was_seen(lake: &Path) {
    let rows = Rows::of(lake);
    let observed_s = |camera: &str| {
        let rows = rows.observations.iter().filter(|row| row.place.camera.as_str() == camera);
        rows.map(|row| f64::from(row.observed_s)).sum::<f64>()
    };
    assert!((observed_s("good") - 20.0).abs() < 0.01);
    assert!((8.0..15.0).contains(&observed_s("short")), "{}", observed_s("short"));
    let damaged = rows.gaps.iter().filter(|gap| gap.place.camera.as_str() == "corrupt");
    let damaged_s: f64 = damaged.map(|gap| gap.span.seconds()).sum();
    let seen_s = observed_s("corrupt");
    assert!((10.0..20.0).contains(&seen_s), "{seen_s}");
    assert!(20.0 - seen_s - damaged_s < 1.0, "{seen_s} s seen, {damaged_s} s told as damaged, of 20 s");
}

/// AC9: if every input is bad, or there is none, it failed.
#[test]
fn nothing_but_bad_files_is_failure() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("videos");
    std::fs::create_dir(&folder).unwrap();
    let nothing = analyze(&dir.path().join("lake"), &[&folder], &[]);
    assert_eq!(nothing.code, Some(1));
    assert!(nothing.stderr.contains("the folder holds no video file"), "{}", nothing.stderr);
    let missing = analyze(&dir.path().join("lake"), &[dir.path().join("missing.mp4")], &[]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.stderr.contains("no such file or folder"), "{}", missing.stderr);
    std::fs::write(folder.join("a.mp4"), b"").unwrap();
    std::fs::write(folder.join("b.mp4"), b"no video").unwrap();
    let bad = analyze(&dir.path().join("lake"), &[&folder], &[]);
    assert_eq!(bad.code, Some(1), "{}", bad.stderr);
    assert!(bad.stderr.contains("2 failed"), "{}", bad.stderr);
}
