//! The pure part of Pantau: what a room, a moment and a row are, and everything that can be computed from them.
//!
//! **Invariant:** no I/O, no threads, no unsafe, no pixels. The same input gives the same output on every machine.
#![forbid(unsafe_code)]

pub mod activity;
pub mod calendar;
pub mod evidence;
pub mod ids;
pub mod kpi;
pub mod people;
pub mod presence;
pub mod record;
pub mod schema;
pub mod settings;
pub mod sighting;
pub mod time;
