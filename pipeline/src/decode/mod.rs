//! Turns packets into brightness: each frame's Y plane, borrowed from the decoder, with camera and time.
//!
//! One [`Decoder`] a thread, each single-threaded: several of them side by side use the processor better than one with
//! as many threads. A decoder starts afresh with each segment, so what it hands out depends on the segment alone.
//!
//! **Invariant:** a damaged picture is never handed out; its time is reported as unseen.

mod decoder;
mod error;
mod ffi;
mod luma;
mod pixels;
mod report;

pub mod versions;

pub use decoder::{DecodeSettings, Decoder, decode_next};
pub use error::DecodeError;
pub use luma::{Luma, LumaError, PICTURE_MIN, Plane, too_small};
pub use report::{DecodeTrouble, SegmentReport, TroubleKind, UnseenSpan};

#[cfg(test)]
mod tests;
