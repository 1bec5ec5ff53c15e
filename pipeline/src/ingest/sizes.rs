//! Sizes of a recording's video packets, in decoding order: what it costs least to know of a recording.
//!
//! An MP4's sample table holds them all, so quiet hours are not even read from the disk. Other containers are read
//! through once, without decoding.

use super::{IngestError, demux, ffi};
use ffmpeg_next::Packet;
use std::path::Path;

/// A packet's size and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketSize {
    /// Bytes; never 0.
    pub bytes: u32,
    /// The container marks it as a key frame.
    pub is_key: bool,
}

/// Reads the sizes of the packets that a [`SegmentReader`](super::SegmentReader) of the same file hands out, in the
/// same order. What can't be read ends the list early: it is a hint, never a promise.
pub fn packet_sizes(path: &Path) -> Result<Vec<PacketSize>, IngestError> {
    let (mut input, stream) = demux::open_bare(path)?;
    if let Some(sizes) = ffi::index_sizes(&input, stream) {
        return Ok(sizes.into_iter().filter(|size| size.bytes > 0).collect());
    }
    let mut sizes = Vec::new();
    let mut packet = Packet::empty();
    loop {
        match packet.read(&mut input) {
            Ok(()) if packet.stream() == stream && packet.size() > 0 => {
                sizes.push(PacketSize { bytes: packet.size() as u32, is_key: packet.is_key() });
            }
            Ok(()) => {}
            // The end, or what can't be read: the reader counts that.
            Err(_) => return Ok(sizes),
        }
    }
}
