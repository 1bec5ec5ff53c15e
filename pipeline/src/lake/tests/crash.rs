//! What a killed run leaves, and what the next one makes of it.

use super::sample::{contents, new_lake, part};
use crate::lake::{Lake, LakeError, Query};
use std::fs;
use std::path::PathBuf;

#[test]
fn temp_files_of_a_killed_run_are_cleared_when_the_lake_is_opened_for_writing() {
    let (_dir, lake) = new_lake();
    let files = lake.write_part(&part("a", 0, 60, "s1")).unwrap();
    let sound = contents(&lake);
    let beside = |path: &PathBuf| path.with_file_name(".x.parquet.4000000-0.tmp");
    let temps = [
        beside(&files[0].path),
        beside(&files[3].path),
        beside(&lake.paths().marker()),
        beside(&lake.paths().journal()),
        lake.paths().state_dir().join(".a@s1.state.4000000-0.tmp"),
    ];
    for temp in &temps {
        fs::write(temp, b"half").unwrap();
    }
    Lake::open(lake.paths().root()).unwrap();
    assert!(temps.iter().all(|temp| temp.exists()), "a reader changes nothing");
    Lake::open_for_writing(lake.paths().root()).unwrap();
    assert_eq!(contents(&lake), sound);
}

/// Every moment at which a writer of a part can die: after none, one, ... all of its files, before and after the
/// marker went.
#[test]
fn a_part_is_there_whole_or_not_at_all() {
    let (_model_dir, model) = new_lake();
    let part = part("a", 0, 60, "s1");
    let files = model.write_part(&part).unwrap();
    let relative: Vec<PathBuf> =
        files.iter().map(|file| file.path.strip_prefix(model.paths().root()).unwrap().to_owned()).collect();
    for written in 0..=files.len() {
        let (_dir, lake) = new_lake();
        let root = lake.paths().root();
        for file in &relative[..written] {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::copy(model.paths().root().join(file), root.join(file)).unwrap();
        }
        fs::create_dir_all(lake.paths().pending_dir()).unwrap();
        let marker = lake.paths().pending_dir().join("a.json");
        fs::write(&marker, serde_json::json!({ "files": relative }).to_string()).unwrap();

        let lake = Lake::open_for_writing(root).unwrap();
        assert!(!marker.exists());
        let is_whole = written == files.len();
        assert_eq!(relative.iter().filter(|file| root.join(file).exists()).count(), if is_whole { written } else { 0 });
        let rows = |lake: &Lake| lake.observations(&Query::default()).unwrap().len();
        assert_eq!(rows(&lake), if is_whole { 12 } else { 0 });
        lake.write_part(&part).unwrap();
        assert_eq!(rows(&lake), 12);
    }
}

#[test]
fn a_part_that_can_not_be_written_is_taken_back_at_once() {
    let (_dir, lake) = new_lake();
    let part = part("a", 0, 60, "s1");
    let files = lake.write_part(&part).unwrap();
    let manifest = &files[3].path;
    for file in &files {
        fs::remove_file(&file.path).unwrap();
    }
    // In the manifest's place is something that no file can replace.
    fs::create_dir(manifest).unwrap();
    let error = lake.write_part(&part).unwrap_err();
    assert!(error.to_string().contains(&*manifest.to_string_lossy()), "{error}");
    assert!(manifest.exists(), "a folder is not ours to remove");
    fs::remove_dir(manifest).unwrap();
    lake.write_part(&part).unwrap();
    assert_eq!(lake.observations(&Query::default()).unwrap().len(), 12);
    // The same with the first file's folder in the way.
    fs::remove_file(manifest).unwrap();
    fs::remove_dir(manifest.parent().unwrap()).unwrap();
    fs::write(manifest.parent().unwrap(), b"").unwrap();
    lake.write_part(&part).unwrap_err();
    fs::remove_file(manifest.parent().unwrap()).unwrap();
    assert!(lake.observations(&Query::default()).unwrap().is_empty());
    assert_eq!(fs::read_dir(lake.paths().pending_dir()).unwrap().count(), 0);
}

#[test]
fn markers_never_reach_out_of_the_lake() {
    let (dir, lake) = new_lake();
    let outside = dir.path().with_extension("outside");
    fs::write(&outside, b"not ours").unwrap();
    fs::create_dir_all(lake.paths().pending_dir()).unwrap();
    let up = PathBuf::from("..").join(outside.file_name().unwrap());
    let files = [outside.clone(), up, PathBuf::from("missing.parquet")];
    fs::write(lake.paths().pending_dir().join("a.json"), serde_json::json!({ "files": files }).to_string()).unwrap();
    fs::write(lake.paths().pending_dir().join("b.json"), "{\"files\":").unwrap();
    Lake::open_for_writing(dir.path()).unwrap();
    assert!(outside.exists());
    assert_eq!(fs::read_dir(lake.paths().pending_dir()).unwrap().count(), 0);
    fs::remove_file(outside).unwrap();
}

#[test]
fn a_live_writer_keeps_its_part_while_another_process_opens_the_lake() {
    let (_dir, lake) = new_lake();
    let name = crate::lake::paths::PartName::new(&"a".into(), super::sample::at(0), "x");
    let files = [lake.paths().root().join("observations/x.parquet"), lake.paths().root().join("events/x.parquet")];
    fs::create_dir_all(files[0].parent().unwrap()).unwrap();
    let pending = crate::lake::pending::Pending::begin(lake.paths(), &name, &files).unwrap();
    fs::write(&files[0], b"rows").unwrap();
    Lake::open_for_writing(lake.paths().root()).unwrap();
    assert!(files[0].exists() && lake.paths().pending(&name).exists());
    // Its lock ends with it.
    drop(pending);
    Lake::open_for_writing(lake.paths().root()).unwrap();
    assert!(!files[0].exists() && !lake.paths().pending(&name).exists());
}

#[test]
fn damaged_markers_of_the_lake_are_named() {
    let (_dir, lake) = new_lake();
    fs::write(lake.paths().marker(), b"{").unwrap();
    let error = Lake::open(lake.paths().root()).unwrap_err();
    assert!(matches!(error, LakeError::Marker { .. }), "{error}");
    assert!(error.to_string().contains("_pantau.json"));
    fs::remove_file(lake.paths().marker()).unwrap();
    Lake::open_for_writing(lake.paths().root()).unwrap();
    assert!(Lake::open(lake.paths().root()).is_ok());
}
