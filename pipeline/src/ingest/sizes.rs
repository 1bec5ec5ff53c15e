//! Sizes of a recording's video packets, in decoding order: what it costs least to know of a recording.
//!
//! An MP4's sample table holds them all, so quiet hours are not even read from the disk, but for each picture's header
//! where a camera holds its bit rate constant: there sizes alone tell little. Other containers are read through once,
//! without decoding.

use super::ffi::IndexEntry;
use super::quantiser::{HEADER_BYTES, Quantisers};
use super::{IngestError, demux, ffi};
use ffmpeg_next::Packet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Headers that are read to see whether quantisers change at all, spread over the recording.
const PROBES: usize = 64;
/// Where they differ from the usual one in one of so many headers, they tell more than sizes do. At constant quality
/// they differ in one of 600, at constant bit rate in more than half.
const CHANGES_ONE_IN: usize = 10;

/// A packet's size and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketSize {
    /// Bytes; never 0.
    pub bytes: u32,
    /// The container marks it as a key frame.
    pub is_key: bool,
    /// How coarsely its picture is coded, H.264's 0 to 51, where that is known and changes from picture to picture.
    pub quantiser: Option<u8>,
}

/// Reads the sizes of the packets that a [`SegmentReader`](super::SegmentReader) of the same file hands out, in the
/// same order. What can't be read ends the list early: it is a hint, never a promise.
pub fn packet_sizes(path: &Path) -> Result<Vec<PacketSize>, IngestError> {
    let (mut input, stream) = demux::open_bare(path)?;
    let mut quantisers = Quantisers::of(&ffi::raw_facts(&input, stream));
    if let Some(mut entries) = ffi::index(&input, stream) {
        entries.retain(|entry| entry.bytes > 0);
        let file = quantisers.as_ref().and_then(|_| File::open(path).ok());
        return Ok(match (quantisers, file) {
            (Some(quantisers), Some(file)) => with_quantisers(&entries, quantisers, &file),
            _ => entries.iter().map(|entry| entry.size(None)).collect(),
        });
    }
    let mut sizes = Vec::new();
    let mut packet = Packet::empty();
    loop {
        match packet.read(&mut input) {
            Ok(()) if packet.stream() == stream && packet.size() > 0 => {
                let quantiser = quantisers.as_mut().zip(packet.data()).and_then(|(known, data)| known.read(data));
                sizes.push(PacketSize { bytes: packet.size() as u32, is_key: packet.is_key(), quantiser });
            }
            Ok(()) => {}
            // The end, or what can't be read: the reader counts that.
            Err(_) => break,
        }
    }
    let mut known: Vec<u8> = sizes.iter().filter(|size| !size.is_key).filter_map(|size| size.quantiser).collect();
    if !changes(&mut known) {
        sizes.iter_mut().for_each(|size| size.quantiser = None);
    }
    Ok(sizes)
}

impl IndexEntry {
    fn size(&self, quantiser: Option<u8>) -> PacketSize {
        PacketSize { bytes: self.bytes, is_key: self.is_key, quantiser }
    }
}

/// Reads the headers that a sample table points at, or none but a few if these are all alike.
fn with_quantisers(entries: &[IndexEntry], mut quantisers: Quantisers, file: &File) -> Vec<PacketSize> {
    let mut header = [0; HEADER_BYTES];
    let mut read = |entry: &IndexEntry| {
        let bytes = HEADER_BYTES.min(entry.bytes as usize);
        file.read_exact_at(&mut header[..bytes], entry.at).ok().and_then(|()| quantisers.read(&header[..bytes]))
    };
    let between = || entries.iter().filter(|entry| !entry.is_key);
    let apart = between().count().div_ceil(PROBES).max(1);
    // An odd distance meets every place in a group of pictures.
    let mut probed: Vec<u8> = between().step_by(apart | 1).filter_map(&mut read).collect();
    let is_worth_it = changes(&mut probed);
    entries.iter().map(|entry| entry.size(is_worth_it.then(|| read(entry)).flatten())).collect()
}

/// True if enough of the quantisers differ from the middle one.
fn changes(quantisers: &mut [u8]) -> bool {
    if quantisers.is_empty() {
        return false;
    }
    let at = quantisers.len() / 2;
    let middle = *quantisers.select_nth_unstable(at).1;
    quantisers.iter().filter(|quantiser| **quantiser != middle).count() * CHANGES_ONE_IN >= quantisers.len()
}
