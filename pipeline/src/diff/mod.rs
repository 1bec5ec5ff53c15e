//! Compares pixels: a luma plane becomes a small working grid, and the grid is compared with the previous sample and
//! with the background, all in one pass over bands that stay in the cache.
//!
//! Two halves, one arithmetic. [`Kernel::reduce`] needs nothing but the frame, so any thread may run it ahead of
//! time; [`Kernel::compare`] needs the camera's [`Model`] and runs in time order; [`Kernel::fused`] does both band by
//! band and gives, to the bit, what the two give one after the other.
//!
//! It refuses to know what the numbers mean: no thresholds on cells, no time, no light. No full-size mask is stored.

mod change;
mod geometry;
mod grid;
mod kernel;
mod level;
mod ranked;
mod shift;

pub use change::{Difference, Quiet};
pub use geometry::{Geometry, MICRO_CELLS, MICRO_X, MICRO_Y, WORKING_WIDTH_MAX};
pub use grid::{Blackout, CellSums, Grid, Model, is_masked};
pub use kernel::{Kernel, Work, scalar};
pub use level::{KERNEL_ENV, KernelLevel, UnknownKernel};
pub use ranked::Ranked;
pub use shift::{Shift, find_shift, move_back};
