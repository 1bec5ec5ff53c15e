//! The lake as its users see it: real files in a temporary folder.
#![allow(clippy::disallowed_methods, reason = "tests make damaged and half-written files on purpose")]

mod crash;
mod foreign;
mod journal;
mod kill;
mod replace;
mod round_trip;
mod sample;
mod size;
