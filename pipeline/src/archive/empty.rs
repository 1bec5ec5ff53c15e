//! What a view looks like while nobody is there: pictures like it need not be followed.

use crate::diff::{Difference, Geometry, Grid, Kernel, Quiet};

/// What is known of the empty view at a moment.
#[derive(Clone, Debug, Default)]
pub(super) struct EmptyView {
    /// The last two pictures of it, the newest first.
    pub pictures: [Option<Grid>; 2],
    /// Cells of a burnt-in clock.
    pub clock: Vec<usize>,
    /// Cells that move by themselves: a fan, a tree.
    pub restless: Vec<usize>,
}

impl EmptyView {
    /// False until a picture of it was kept.
    pub(super) fn is_known(&self) -> bool {
        self.pictures[0].is_some()
    }

    /// True if a picture differs from the last one of the empty view no more than that differs from the one before it,
    /// or trembles: textures do, and clocks go on.
    pub(super) fn is_seen_in(&self, kernel: &mut Kernel, geometry: &Geometry, picture: &Grid) -> bool {
        self.is_like(kernel, geometry, picture, &[])
    }

    /// The same, but for what moves by itself.
    pub(super) fn is_nearly_seen_in(&self, kernel: &mut Kernel, geometry: &Geometry, picture: &Grid) -> bool {
        self.is_like(kernel, geometry, picture, &self.restless)
    }

    fn is_like(&self, kernel: &mut Kernel, geometry: &Geometry, picture: &Grid, ignored: &[usize]) -> bool {
        let [Some(newer), older] = &self.pictures else { return false };
        let older = older.as_ref().filter(|older| older.fits(geometry));
        if !newer.fits(geometry) || !picture.fits(geometry) {
            return false;
        }
        let usual = older.map(|older| Difference::of(kernel, geometry, older, newer));
        let mut quiet = Quiet::of(usual.iter());
        quiet.ignore_clock(self.clock.iter().copied());
        quiet.ignore(ignored.iter().copied());
        !Difference::of(kernel, geometry, newer, picture).is_change(&quiet)
    }
}
