//! Real footage, where `PANTAU_DATA` names its folder.

use super::*;
use crate::ingest::discover;
use std::path::PathBuf;

/// Clips to decode, smallest first; beyond this size they only cost time.
const CLIP_BYTES_MAX: u64 = 12 << 20;

fn clips() -> Vec<PathBuf> {
    let Ok(folder) = std::env::var("PANTAU_DATA") else {
        println!("skipped: PANTAU_DATA is not set");
        return Vec::new();
    };
    let files = discover(&[folder], std::io::empty()).files;
    files.into_iter().filter(|file| file.size_bytes <= CLIP_BYTES_MAX).map(|file| file.path).collect()
}

#[test]
fn real_clips_decode_as_ffprobe_counts_and_the_same_in_segments() {
    for path in clips() {
        let whole = decode(&path, WHOLE);
        let cut = decode_on(&path, EACH_KEY, 2);
        let withheld: u64 = whole.reports.iter().map(|report| report.damaged_frames).sum();
        println!("{}: {} frames, {} segments", path.display(), whole.frames.len(), cut.reports.len());
        assert_eq!(whole.frames.len() as u64 + withheld, frames_by_ffprobe(&path), "{}", path.display());
        assert_eq!(whole.frames, cut.frames, "{}", path.display());
    }
}
