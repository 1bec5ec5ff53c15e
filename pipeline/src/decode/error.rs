//! What stops decoding. Damaged packets and frames don't: they are in [`SegmentReport`](super::SegmentReport).

use thiserror::Error;

/// Why a segment can't be decoded at all.
#[derive(Debug, Error)]
pub enum DecodeError {
    /// The decoder doesn't open.
    #[error("the {codec} decoder can't be opened: {source}; check that the recording plays in `ffplay`")]
    Open {
        /// FFmpeg's name of the codec.
        codec: String,
        /// What FFmpeg says.
        source: ffmpeg_next::Error,
    },
    /// Frames of a kind whose brightness isn't known.
    #[error(
        "at {at_s:.1} s: unsupported pixel format {format}; convert the recording with `ffmpeg -i IN -pix_fmt yuv420p OUT.mkv`"
    )]
    PixelFormat {
        /// FFmpeg's name of the format.
        format: String,
        /// Time in the recording, seconds.
        at_s: f64,
    },
    /// A piece of a recording came without the one before it.
    #[error(
        "segment {index} continues its predecessor, which this decoder has not decoded; take segments with `decode_next`"
    )]
    MissingPredecessor {
        /// The segment's number.
        index: u64,
    },
}
