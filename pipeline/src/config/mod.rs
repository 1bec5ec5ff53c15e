//! The configuration as meant.

/// The configuration as meant.
#[derive(Clone, Debug, Default)]
pub struct Config {}
