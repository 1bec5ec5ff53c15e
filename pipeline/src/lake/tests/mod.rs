//! The lake as its users see it: real files in a temporary folder.

mod crash;
mod foreign;
mod journal;
mod kill;
mod replace;
mod round_trip;
mod sample;
mod size;
