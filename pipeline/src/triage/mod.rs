//! Decides what of a recording is worth decoding: an archive is mostly nothing happening.
//!
//! ```text
//! sizes of all packets --> scores of groups of pictures --+--> plan of a segment --> decode
//!                            key frames that differ    --+        ^  |
//!                                                       movement--+  +-- decoded groups (the driver tells)
//! ```
//!
//! Packets grow where pictures change: large movement is seen in sizes, whether it is short or long. Small and slow
//! changes (somebody far away, a door left open) hardly weigh anything, but last: successive key frames differ. Each
//! finds what the other misses; where a decoded group of pictures moves at its border, its neighbour is decoded too.
//!
//! A plan is made for each segment by itself, from the sizes of the whole recording and the segment's own pictures, so
//! that it is the same on any number of threads.

mod plan;
mod scores;

pub use plan::{Plan, Reason, Strictness};
pub use scores::Scores;
