//! What is kept of a picture that was decoded, until the scene sees it.

use crate::diff::Grid;
use pantau_models::time::UtcMicros;

/// A picture that was looked at.
pub(super) struct Look {
    pub at: UtcMicros,
    pub pts_us: i64,
    /// Its number among the frames of its group.
    pub frame: usize,
    pub grid: Grid,
}

impl Look {
    pub(super) fn copy(&self) -> Self {
        Self { grid: self.grid.clone(), ..*self }
    }
}
