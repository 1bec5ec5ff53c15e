//! Which FFmpeg this program runs on, for `doctor` and error reports.

use ffmpeg_next::codec::{self, Id};
use ffmpeg_next::{decoder, format, software, util};

/// Codecs that office recorders write.
const CODECS: [(&str, Id); 4] = [("h264", Id::H264), ("hevc", Id::HEVC), ("mjpeg", Id::MJPEG), ("mpeg4", Id::MPEG4)];

/// FFmpeg's libraries and their versions, such as `59.37.100`.
pub fn libraries() -> impl Iterator<Item = (&'static str, String)> {
    [
        ("libavcodec", codec::version()),
        ("libavformat", format::version()),
        ("libavutil", util::version()),
        ("libswscale", software::scaling::version()),
    ]
    .into_iter()
    .map(|(name, version)| (name, dotted(version)))
}

/// The codecs that matter with FFmpeg's decoder for each, if it has one.
pub fn decoders() -> impl Iterator<Item = (&'static str, Option<String>)> {
    CODECS.into_iter().map(|(name, id)| (name, decoder::find(id).map(|found| found.name().to_owned())))
}

/// FFmpeg packs a version as major, minor, micro in 16, 8 and 8 bits.
fn dotted(version: u32) -> String {
    format!("{}.{}.{}", version >> 16, version >> 8 & 0xff, version & 0xff)
}
