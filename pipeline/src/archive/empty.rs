//! What a view looks like while nobody is there: pictures like it need not be followed.

use crate::diff::{Difference, Geometry, Grid, Kernel, Quiet};

/// What is known of the empty view at a moment.
#[derive(Clone, Debug, Default)]
pub(super) struct EmptyView {
    /// The last two pictures of it, the newest first.
    pub pictures: [Option<Grid>; 2],
    /// Cells of a burnt-in clock.
    pub clock: Vec<usize>,
}

impl EmptyView {
    /// True if a picture differs from the last one of the empty view no more than that differs from the one before it,
    /// or trembles: textures do, and clocks go on.
    pub(super) fn is_seen_in(&self, kernel: &mut Kernel, geometry: &Geometry, picture: &Grid) -> bool {
        let [Some(newer), older] = &self.pictures else { return false };
        let older = older.as_ref().filter(|older| older.fits(geometry));
        if !newer.fits(geometry) || !picture.fits(geometry) {
            return false;
        }
        let usual = older.map(|older| Difference::of(kernel, geometry, older, newer));
        let mut quiet = Quiet::of(usual.iter());
        quiet.ignore_clock(self.clock.iter().copied());
        !Difference::of(kernel, geometry, newer, picture).is_change(&quiet)
    }
}
