//! Where somebody moves from a group's first picture on and is still there in the next one's, the last second of the
//! group shows more of the same: its first part stands for it.

use super::look::Look;
use crate::diff::{Difference, Geometry, Grid, Kernel};
use pantau_models::time::US_PER_S;

/// A sample stands for the time until the next one if that is so near, microseconds.
const REST_US_MAX: i64 = US_PER_S;
/// Less time than this says little of the rest, microseconds.
const SEEN_US_MIN: i64 = 6 * US_PER_S / 10;

/// How many of a group's looks are enough, as somebody moves in all of them and is still there in the `next` key frame:
/// neither that nor the first look shows the `calm` view. `None` if there are not so many, or the group is too short.
pub(super) fn enough(
    kernel: &mut Kernel,
    geometry: &Geometry,
    looks: &[Look],
    next: &Look,
    calm: &Grid,
) -> Option<usize> {
    let count = 1 + looks.iter().position(|look| next.pts_us - look.pts_us <= REST_US_MAX)?;
    if looks[count - 1].pts_us - looks[0].pts_us < SEEN_US_MIN || !calm.fits(geometry) {
        return None;
    }
    let mut is_large = |a: &Grid, b: &Grid| Difference::of(kernel, geometry, a, b).is_large();
    let is_there = is_large(calm, &looks[0].grid) && is_large(calm, &next.grid);
    (is_there && looks[..count].windows(2).all(|pair| is_large(&pair[0].grid, &pair[1].grid))).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::KernelLevel;
    use pantau_models::time::UtcMicros;

    fn look(second: f64, person_at: Option<usize>) -> (Geometry, Look) {
        let is_person = |x: usize, y: usize| {
            person_at.is_some_and(|left| (left..left + 40).contains(&x)) && (100..200).contains(&y)
        };
        let (geometry, grid) = Grid::of_grey((480, 270), |x, y| if is_person(x, y) { 40 } else { 120 });
        let at = UtcMicros(0).plus_s(second);
        (geometry, Look { at, pts_us: at.0, frame: 0, grid })
    }

    /// A group of 2 s: five samples a second of where somebody is, and where they are in the next group's first picture.
    fn enough_of(person_at: impl Fn(usize) -> Option<usize>, next: Option<usize>) -> Option<usize> {
        let mut kernel = Kernel::new(KernelLevel::choose().unwrap());
        let (geometry, calm) = look(0.0, None);
        let looks: Vec<Look> = (0..10).map(|sample| look(sample as f64 / 5.0, person_at(sample)).1).collect();
        super::enough(&mut kernel, &geometry, &looks, &look(2.0, next).1, &calm.grid)
    }

    #[test]
    fn half_a_group_is_enough_of_whoever_walks_on_and_all_of_it_of_others() {
        let walks = |sample: usize| Some(100 + 20 * sample);
        assert_eq!(enough_of(walks, Some(300)), Some(6));
        let leaves = enough_of(walks, None);
        let sits = enough_of(|_| Some(100), Some(100));
        let comes = enough_of(|sample| (sample > 0).then_some(100 + 20 * sample), Some(300));
        let stops = enough_of(|sample| Some(100 + 20 * sample.min(3)), Some(160));
        assert_eq!([leaves, sits, comes, stops], [None; 4]);
    }
}
