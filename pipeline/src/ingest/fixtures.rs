//! Real recordings for tests, made by the `ffmpeg` program.
#![allow(clippy::disallowed_methods, reason = "fixtures need no durability")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A moving picture with noise, so that every frame differs and B-frames pay.
const SOURCE: &str = "testsrc2=s=160x120:r=25,noise=alls=12:allf=t:all_seed=7";

/// A folder of recordings, removed in the end.
pub(crate) struct Footage {
    folder: tempfile::TempDir,
}

impl Footage {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Encodes `seconds` of the usual picture; `options` are FFmpeg's for the output.
    pub(crate) fn encode(&self, name: &str, seconds: u32, options: &str) -> PathBuf {
        self.run(name, &format!("-f lavfi -t {seconds} -i {SOURCE} {options}"))
    }

    /// Runs `ffmpeg ARGUMENTS NAME`.
    pub(crate) fn run(&self, name: &str, arguments: &str) -> PathBuf {
        let path = self.path(name);
        let output = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-y"])
            .args(arguments.split_whitespace())
            .arg(&path)
            .output()
            .expect("invariant: the ffmpeg program is installed where tests run");
        assert!(output.status.success(), "ffmpeg {arguments}: {}", String::from_utf8_lossy(&output.stderr));
        path
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// Frames that `ffprobe` decodes.
pub(crate) fn frames_by_ffprobe(path: &Path) -> u64 {
    let arguments = "-v quiet -select_streams v:0 -count_frames -show_entries stream=nb_read_frames -of csv=p=0";
    let output = Command::new("ffprobe").args(arguments.split_whitespace()).arg(path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    // A transport stream's program lists its streams again.
    let first = text.lines().next().unwrap_or_default();
    first.trim_end_matches(',').parse().unwrap_or_else(|_| panic!("ffprobe said {text:?}"))
}
