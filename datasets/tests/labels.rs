//! Labelled folders: what is read, what is refused and how it is named; on real footage too if `PANTAU_DATA` names it.
#![allow(clippy::disallowed_methods, reason = "fixtures need no durability")]

use pantau_datasets::grey::Grey;
use pantau_datasets::labels::{
    Clip, FrameLabel, LabelError, MASK_BACKGROUND, MASK_MOVING, MASK_OUTSIDE, MASK_SHADOW, MASK_UNKNOWN, load, load_all,
};
use std::fs;
use std::path::Path;

fn clip(dir: &Path, name: &str, table: &str) -> std::path::PathBuf {
    let folder = dir.join(name);
    fs::create_dir_all(folder.join("masks")).unwrap();
    fs::write(folder.join("gt.csv"), table).unwrap();
    fs::write(folder.join("video.mp4"), b"not opened").unwrap();
    folder
}

#[test]
fn a_folder_of_clips_is_read_in_order() {
    let dir = tempfile::tempdir().unwrap();
    clip(dir.path(), "b", "frame,count,fg_frac\n0,,\n1,2,\n2,3,0.25\n");
    let a = clip(dir.path(), "a", "frame,count,fg_frac\n0,0,\n1,1,\n");
    fs::write(a.join("boxes.csv"), "frame,id,x,y,w,h\n1,7,1.5,2,30,40\n0,7,1,2,30,40\n").unwrap();
    let codes = [MASK_BACKGROUND, MASK_SHADOW, MASK_OUTSIDE, MASK_UNKNOWN, MASK_MOVING];
    Grey::new(5, 1, codes.to_vec()).unwrap().write_png(&a.join("masks/000001.png")).unwrap();
    // Only what a file begins with tells its kind, not its name.
    Grey::new(5, 1, vec![255; 5]).unwrap().write_png(&a.join("ROI.bmp")).unwrap();
    fs::create_dir(dir.path().join("not-a-clip")).unwrap();

    let clips = load_all(dir.path()).unwrap();
    let names = clips.iter().map(|clip| clip.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(clips[1].frames[1], FrameLabel { count: Some(2), fg_frac: None });
    assert_eq!(clips[1].frames[2], FrameLabel { count: Some(3), fg_frac: Some(0.25) });
    assert_eq!(clips[1].frames[0], FrameLabel::default());
    assert!(clips[1].boxes.is_none() && clips[1].roi.is_none());
    let boxes = clips[0].boxes.as_ref().unwrap();
    assert_eq!((boxes[0].frame, boxes[1].frame, boxes[1].x, boxes[1].width), (0, 1, 1.5, 30.0));
    let masks = clips[0].masks.as_ref().unwrap();
    assert_eq!(masks.frames().collect::<Vec<_>>(), [1]);
    assert_eq!(masks.read(1).unwrap().unwrap().pixels(), codes);
    assert!(masks.read(0).unwrap().is_none());
    assert_eq!(clips[0].roi.as_ref().map(|roi| (roi.width(), roi.height())), Some((5, 1)));
}

#[test]
fn malformed_tables_are_refused_by_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    for (table, line, word) in [
        ("frame,count,fg_frac\n0,1,\n1,many,\n", "line 3", "field 1: invalid digit"),
        ("frame,count,fg_frac\n0,1,\n2,1,\n", "line 3", "frame 2 where 1 was expected"),
        ("frame,count,fg_frac\n0,1,1.5\n", "line 2", "fg_frac = 1.5"),
        ("frame,count,fg_frac\n0,1\n", "line 2", "fields"),
        ("frame,count,fg_frac\n0,1,NaN\n", "line 2", "fg_frac"),
        ("number,count,fg_frac\n0,1,\n", "line 2", "frame"),
    ] {
        let folder = clip(dir.path(), "c", table);
        let text = load(&folder).unwrap_err().to_string();
        assert!(text.contains("gt.csv") && text.contains(line) && text.contains(word), "{table:?}: {text}");
    }
    let folder = clip(dir.path(), "c", "frame,count,fg_frac\n0,1,\n");
    fs::write(folder.join("boxes.csv"), "frame,id,x,y,w,h\n0,1,5,5,0,9\n").unwrap();
    let text = load(&folder).unwrap_err().to_string();
    assert!(text.contains("boxes.csv") && text.contains("line 2") && text.contains("w = 0"), "{text}");
}

#[test]
fn a_clip_has_exactly_one_video() {
    let dir = tempfile::tempdir().unwrap();
    let folder = clip(dir.path(), "c", "frame,count,fg_frac\n");
    fs::write(folder.join("video.avi"), b"").unwrap();
    assert!(matches!(load(&folder), Err(LabelError::Video { found: 2, .. })));
    fs::remove_file(folder.join("video.avi")).unwrap();
    fs::remove_file(folder.join("video.mp4")).unwrap();
    assert!(matches!(load(&folder), Err(LabelError::Video { found: 0, .. })));
    assert!(matches!(load_all(&dir.path().join("nowhere")), Err(LabelError::Io { .. })));
}

/// Largest difference between the share of moving pixels in the mask of `frame` and `fg_frac` of row `frame + shift`.
fn mask_error(clip: &Clip, shift: i64) -> f32 {
    let masks = clip.masks.as_ref().unwrap();
    let frames = masks.frames().filter(|frame| frame % 10 == 9);
    let errors = frames.filter_map(|frame| {
        let label = clip.frames.get((i64::from(frame) + shift) as usize)?.fg_frac?;
        let mask = masks.read(frame).unwrap().unwrap();
        let count = |codes: &[u8]| mask.pixels().iter().filter(|code| codes.contains(code)).count() as f32;
        let valid = count(&[MASK_BACKGROUND, MASK_SHADOW, MASK_UNKNOWN, MASK_MOVING]);
        Some((count(&[MASK_MOVING]) / valid - label).abs())
    });
    errors.fold(0.0, f32::max)
}

#[test]
fn mask_names_are_rows() {
    let Some(data) = std::env::var_os("PANTAU_DATA") else {
        return;
    };
    let clips = load_all(Path::new(&data)).unwrap();
    assert!(clips.len() >= 5, "only {} clips", clips.len());
    let masked = clips.iter().filter(|clip| clip.masks.is_some()).collect::<Vec<_>>();
    assert!(!masked.is_empty());
    for clip in masked {
        let (own, before, after) = (mask_error(clip, 0), mask_error(clip, -1), mask_error(clip, 1));
        assert!(own < 1e-5, "{}: masks differ from fg_frac by up to {own}", clip.name);
        assert!(before > 0.002 && after > 0.002, "{}: shifted masks fit as well: {before}, {after}", clip.name);
    }
}
