//! (to be written)

pub mod versions;
