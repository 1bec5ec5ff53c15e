//! `pantau analyze` as people run it: the real program on real recordings, judged by the lake that it leaves.
#![allow(clippy::disallowed_methods)] // Recordings and lists of these tests need not survive a power cut.

/// Clips made with `ffmpeg`.
#[path = "batch/footage.rs"]
mod footage;
/// Runs of the program, and what they left.
#[path = "batch/run.rs"]
mod run;
#[path = "batch/small_disk.rs"]
mod small_disk;

/// What a clock on the wall said: names, containers, frame times.
#[path = "batch/clock.rs"]
mod clock;
/// Recordings that are broken, and those beside them.
#[path = "batch/damage.rs"]
mod damage;
/// A morning in three made offices, as a newcomer tries it.
#[path = "batch/demo.rs"]
mod demo;
/// The same footage gives the same rows.
#[path = "batch/determinism.rs"]
mod determinism;
/// No room on the disk.
#[path = "batch/disk.rs"]
mod disk;
/// Less than everything is decoded.
#[path = "batch/effort.rs"]
mod effort;
/// Files, globs, lists, dry runs, JSON.
#[path = "batch/inputs.rs"]
mod inputs;
/// Runs that are killed and come back.
#[path = "batch/kill.rs"]
mod kill;
/// Time that is analysed twice, or differently.
#[path = "batch/overlap.rs"]
mod overlap;
/// Tens of thousands of files, and long ones.
#[path = "batch/scale.rs"]
mod scale;
/// One recording after another, with and without pauses.
#[path = "batch/sequence.rs"]
mod sequence;
