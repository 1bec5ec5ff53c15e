//! Pantau: office CCTV in, an honest Parquet time series of room use out, and reports that people can act on.
//!
//! ```text
//!  (per segment of a recording, in parallel: rayon)      (per camera, in time order: cheap)
//!  ingest ---> decode ---> diff ------------------------> scene ---> estimate ---> lake ---> report
//!  packets     Luma        Grid                           Evidence   rows          Parquet   people
//! ```
//!
//! `archive` drives recordings through that line, `live` drives cameras, `calibrate` and `eval` drive labelled clips; `config` and `cli` stand
//! before it, `look` and `doctor` beside it. A line of code lives where the type it outputs lives.
//!
//! **Invariant:** no stage imports a later one. **Invariant:** only `ingest` and `decode` know FFmpeg.
//! **Invariant:** the same footage and settings give the same rows, on any number of threads and any SIMD level.
#![cfg_attr(
    test,
    allow(clippy::disallowed_methods, reason = "tests make broken files, which the durable writer can't")
)]

pub mod ingest;
pub mod decode;
pub mod diff;
pub mod scene;
pub mod triage;
pub mod estimate;
pub mod lake;
pub mod report;

pub mod archive;
pub mod calibrate;
pub mod cli;
pub mod config;
pub mod doctor;
pub mod eval;
pub mod live;
pub mod look;
