//! Footage whose truth is known: a synthetic office, its encoder, and loaders of labelled clips.
//!
//! ```text
//!  spec ---> rooms, things ---> backdrop --\
//!  (what)    (where)       stage (raycast)  office ---> encode ---> recordings + truth
//!            behaviour ---> figures -------/  |
//!            movers, light, camera, noise ---/   demo, scenes, suite: ready-made specs   labels: real clips
//! ```
//!
//! **Invariant:** a rendered frame is a pure function of the scene's specification and the time; the order of
//! rendering, the number of threads and earlier frames never matter.
#![forbid(unsafe_code)]

pub mod demo;
pub mod encode;
pub mod grey;
pub mod labels;
pub mod office;
pub mod scenes;
pub mod spec;
pub mod suite;
pub mod truth;
pub mod yuv;

mod backdrop;
mod behaviour;
mod camera;
mod chance;
mod demo_day;
mod durable;
mod fan;
mod figures;
mod geometry;
mod light;
mod micro;
mod movers;
mod noise;
mod osd;
mod paint;
mod rooms;
mod stage;
mod surface;
mod things;
