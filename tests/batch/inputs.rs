use crate::footage::{Film, name_at};
use crate::run::{Rows, analyze, command, files};
use std::io::Write;
use std::process::Stdio;

fn small() -> Film {
    Film { size: (160, 90), ..Film::of(10) }
}

/// A list on standard input, a glob and a folder lead to the same files.
#[test]
fn a_list_a_glob_and_a_folder_are_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("videos");
    let all = ["lobby", "counter"].map(|camera| small().encode(name_at(&folder, camera, 0), &[]));
    let expected = dir.path().join("of-folder");
    assert_eq!(analyze(&expected, &[&folder], &[]).code, Some(0));
    let of_glob = dir.path().join("of-glob");
    assert_eq!(analyze(&of_glob, &[folder.join("*_2026*.mp4")], &[]).code, Some(0));
    let of_list = dir.path().join("of-list");
    let mut child = command(&of_list, &["-"], &[]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let list = all.map(|path| format!("{}\n", path.display())).concat();
    child.stdin.take().unwrap().write_all(list.as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(Rows::of(&expected).observations.len(), 2);
    assert_eq!(Rows::of(&of_glob), Rows::of(&expected));
    assert_eq!(Rows::of(&of_list), Rows::of(&expected));
}

/// `--dry-run` tells and writes nothing.
#[test]
fn a_dry_run_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let clip = small().encode(name_at(dir.path(), "lobby", 0), &[]);
    let lake = dir.path().join("lake");
    let outcome = analyze(&lake, &[&clip], &["--dry-run"]);
    assert_eq!(outcome.code, Some(0));
    assert!(outcome.stderr.contains("camera lobby, start 2026-07-14T00:00:00Z (nvr_name)"), "{}", outcome.stderr);
    assert!(!lake.exists(), "{:?}", files(&lake));
}

/// `--json` is one document on standard output, whatever goes wrong.
#[test]
fn json_is_one_document() {
    let dir = tempfile::tempdir().unwrap();
    let clip = small().encode(name_at(dir.path(), "lobby", 0), &[]);
    let bad = dir.path().join("bad.mp4");
    std::fs::write(&bad, b"").unwrap();
    let outcome = analyze(&dir.path().join("lake"), &[&clip, &bad], &["--json"]);
    assert_eq!(outcome.code, Some(3));
    let summary: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&summary["inputs"], &summary["done"], &summary["failed"]), (&2.into(), &1.into(), &1.into()));
    assert_eq!((&summary["observations"], &summary["footage_s"]), (&1.into(), &10.0.into()));
    assert!(summary["problems"][0].as_str().unwrap().contains("bad.mp4"));
}
