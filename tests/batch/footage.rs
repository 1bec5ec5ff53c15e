//! Small recordings: a grey room with noise, and a light box that walks when it is told to.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What is filmed.
#[derive(Clone, Copy)]
pub(crate) struct Film {
    pub(crate) size: (u32, u32),
    pub(crate) fps: u32,
    pub(crate) length_s: u32,
    /// From and until which second the box walks.
    pub(crate) walks: (u32, u32),
}

impl Film {
    /// 320 x 180 at 5 frames a second; the box walks all the time.
    pub(crate) fn of(length_s: u32) -> Self {
        Self { size: (320, 180), fps: 5, length_s, walks: (0, length_s) }
    }

    fn source(&self) -> String {
        let Self { size: (width, height), fps, length_s, walks: (from, until) } = *self;
        let room = format!("color=c=gray:s={width}x{height}:r={fps}:d={length_s},noise=alls=3:allf=t[room]");
        let person = format!("color=c=white:s={}x{}:r={fps}:d={length_s}[person]", width / 16 * 2, height / 6 * 2);
        let walk = format!("overlay=x='mod(t*37,W-w)':y=H/3:enable='between(t,{from},{until}-0.01)'");
        format!("{room};{person};[room][person]{walk}")
    }

    /// Encodes it; `options` come after a closed GOP of a second and no B-frames.
    pub(crate) fn encode(&self, path: impl AsRef<Path>, options: &[&str]) -> PathBuf {
        let gop = self.fps.to_string();
        let mut args = vec!["-f", "lavfi", "-i"];
        let source = self.source();
        args.push(&source);
        args.extend(["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", &gop]);
        args.extend(options);
        ffmpeg(&args, path.as_ref());
        path.as_ref().to_owned()
    }
}

/// Runs `ffmpeg` to make a file.
pub(crate) fn ffmpeg(args: &[&str], path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let output = Command::new("ffmpeg").args(["-v", "error", "-nostdin", "-y"]).args(args).arg(path).output();
    let output = output.expect("these tests need the `ffmpeg` program");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Cuts a recording without decoding it: each piece begins at a key frame and its own zero.
pub(crate) fn cut(whole: &Path, lengths_s: &[u32], name: impl Fn(u32) -> PathBuf) -> Vec<PathBuf> {
    let mut at_s = 0;
    let mut pieces = Vec::new();
    for &length_s in lengths_s {
        let (from, length) = (at_s.to_string(), length_s.to_string());
        let path = name(at_s);
        ffmpeg(&["-ss", &from, "-i", whole.to_str().unwrap(), "-t", &length, "-c", "copy"], &path);
        pieces.push(path);
        at_s += length_s;
    }
    pieces
}

/// `lobby_20260714_HHMMSS.mp4`, so many seconds after 08:00 in the default zone, which is midnight UTC.
pub(crate) fn name_at(folder: &Path, camera: &str, at_s: u32) -> PathBuf {
    let (hour, minute, second) = (8 + at_s / 3600, at_s / 60 % 60, at_s % 60);
    folder.join(format!("{camera}_20260714_{hour:02}{minute:02}{second:02}.mp4"))
}
