//! Finds recordings and turns them into packets: which files, since when, of which camera, and their video packets in
//! segments that can be decoded apart from each other.
//!
//! ```text
//! discover ---> demux ------> segments ------> decode (the next stage)
//! files         stream info   key-frame cuts
//!   naming: wall clock and camera from a path      content_id: the same bytes under any name
//! ```
//!
//! A recording is read once, from its start to its end, by one [`SegmentReader`]; nothing seeks, so any container
//! works. Where a segment ends depends on the recording alone, never on how many threads decode.
//!
//! **Invariant:** time leaves this stage as microseconds since the recording's first video packet, unwrapped, never
//! running backwards from one segment to the next.

mod content_id;
pub mod demux;
pub mod discover;
mod error;
mod ffi;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod live;
pub mod log;
pub mod naming;
mod mp4;
mod nal;
mod report;
mod quantiser;
pub mod segments;
mod sizes;
mod timeline;

pub use content_id::content_id;
pub use demux::{OpenRecording, Recording, StreamInfo, StreamParameters};
pub use discover::{DiscoverProblem, Found, FoundFile, discover};
pub use error::IngestError;
pub use live::{Deadline, LiveError, LivePacket, LiveStream, OpenLive, Transport};
pub use naming::{NamePattern, NamePatternError, NamedTime, camera_from_path, wall_clock_from_path};
pub use report::{Ending, ReadReport, ReadTrouble, ReadTroubleKind};
pub use segments::{Segment, SegmentReader};
pub use sizes::{PacketSize, packet_sizes};
pub use timeline::{JumpKind, TimeJump};

#[cfg(test)]
mod tests;
