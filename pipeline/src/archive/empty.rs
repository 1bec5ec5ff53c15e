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
        self.is_like(kernel, geometry, picture, &[], Difference::of)
    }

    /// The same, but for what moves by itself, and for what encoders make of edges.
    pub(super) fn is_nearly_seen_in(&self, kernel: &mut Kernel, geometry: &Geometry, picture: &Grid) -> bool {
        self.is_like(kernel, geometry, picture, &self.restless, Difference::of_keys)
    }

    fn is_like(
        &self,
        kernel: &mut Kernel,
        geometry: &Geometry,
        picture: &Grid,
        ignored: &[usize],
        difference: fn(&mut Kernel, &Geometry, &Grid, &Grid) -> Difference,
    ) -> bool {
        let [Some(newer), older] = &self.pictures else { return false };
        let older = older.as_ref().filter(|older| older.fits(geometry));
        if !newer.fits(geometry) || !picture.fits(geometry) {
            return false;
        }
        let usual = older.map(|older| Difference::of(kernel, geometry, older, newer));
        let mut quiet = Quiet::of(usual.iter());
        quiet.ignore_clock(self.clock.iter().copied());
        quiet.ignore(ignored.iter().copied());
        !difference(kernel, geometry, newer, picture).is_change(&quiet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{KernelLevel, MICRO_X};

    /// A grey room; a white box at (x, y) if there is one.
    fn picture(at: Option<(usize, usize)>) -> (Geometry, Grid) {
        let is_in = |(left, top): (usize, usize), x, y| (left..left + 30).contains(&x) && (top..top + 30).contains(&y);
        Grid::of_grey((480, 270), |x, y| if at.is_some_and(|at| is_in(at, x, y)) { 200 } else { 100 })
    }

    #[test]
    fn what_moves_by_itself_is_excused_where_it_does_and_nowhere_else() {
        let mut kernel = Kernel::new(KernelLevel::choose().unwrap());
        let (geometry, room) = picture(None);
        let ((_, fan), (_, person)) = (picture(Some((100, 100))), picture(Some((300, 100))));
        // The fan's cells: 10 pixels each.
        let restless = (10..13).flat_map(|row| (10..13).map(move |column| row * MICRO_X + column)).collect();
        let empty = EmptyView { pictures: [Some(room.clone()), Some(room.clone())], clock: Vec::new(), restless };
        assert!(empty.is_seen_in(&mut kernel, &geometry, &room));
        assert!(!empty.is_seen_in(&mut kernel, &geometry, &fan));
        assert!(empty.is_nearly_seen_in(&mut kernel, &geometry, &fan));
        assert!(!empty.is_nearly_seen_in(&mut kernel, &geometry, &person));
        assert!(!EmptyView::default().is_known());
    }
}
