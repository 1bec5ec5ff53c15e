//! What can be wrong with a recording before its first packet, each with what to do about it.

use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a recording can't be read at all. Trouble after the first packet is counted in
/// [`ReadReport`](super::ReadReport) instead.
#[derive(Debug, Error)]
pub enum IngestError {
    /// Zero bytes.
    #[error("{}: the file is empty (0 bytes); the recorder wrote nothing: copy it again or leave it out", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("{}: can't be read: {source}; check that it exists and that this user may read it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No demuxer recognises it.
    #[error("{}: not a video that FFmpeg knows ({source}); if it plays elsewhere, convert it with `ffmpeg -i IN -c copy OUT.mkv`", path.display())]
    NotVideo {
        /// The file.
        path: PathBuf,
        /// What FFmpeg says.
        source: ffmpeg_next::Error,
    },
    /// An MP4 or MOV whose index was never written.
    #[error("{}: the MP4 has no index (moov): the recorder was interrupted before it closed the file; repair it with a tool such as `untrunc` and a good file of the same camera, or leave it out", path.display())]
    NoMoov {
        /// The file.
        path: PathBuf,
    },
    /// Sound or subtitles only.
    #[error("{}: no video stream, only {streams}; choose the recording that holds the picture", path.display())]
    NoVideoStream {
        /// The file.
        path: PathBuf,
        /// What there is instead.
        streams: String,
    },
    /// A video stream that this FFmpeg can't decode.
    #[error("{}: no decoder for the video codec {codec}; export the recording as H.264 or H.265 from the recorder", path.display())]
    UnknownCodec {
        /// The file.
        path: PathBuf,
        /// Its name, or its tag in the file.
        codec: String,
    },
}
