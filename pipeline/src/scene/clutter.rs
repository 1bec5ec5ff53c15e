//! Noise that nothing is known of yet: small movements all over a view in which nobody walks.
//!
//! In a dim room's noise, coded by an encoder that keeps little of it, patches jump in a sample and are still in the next,
//! here and there and everywhere, from the first picture on. They are too rare for what most cells do at a moment to tell
//! of them, and in too many places for somebody.
//!
//! Of 27 made dim rooms of three sizes, nobody in them, the nine noisiest show small movements in 18 to 68 places of 108
//! within a minute, and were taken for occupied in 3103 s of 3778. Real people who sit and sway, or walk, from the first
//! picture on move in 16 at most beside what of them is plain.

use super::motion::Cluster;
use crate::diff::{MICRO_X, MICRO_Y};
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};

/// Size of a place, cells.
const PLACE_X: usize = 4;
const PLACE_Y: usize = 3;
const PLACES_X: usize = MICRO_X / PLACE_X;
const PLACES_Y: usize = MICRO_Y / PLACE_Y;
const PLACES: usize = PLACES_X * PLACES_Y;
/// A small movement is remembered for so long, seconds.
const LATELY_S: f64 = 60.0;
/// ... and is a cluster of no more cells than this that might be noise.
const SMALL_CELLS: usize = 4;
/// What exceeds its margin by so much is plain, whatever else the view does: noise of the clips above stays below.
const PLAIN_PEAK: f32 = 5.0;
/// A plain cluster of so many cells is somebody who walks, and trails small movements for so long, seconds.
const WALKER_CELLS: usize = 6;
const TRAIL_S: f64 = 5.0;
/// Small movements in so many places are noise.
const CLUTTERED_PLACES: usize = 17;

/// Where something moved lately.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Clutter {
    small: Vec<UtcMicros>,
    plain: Vec<UtcMicros>,
    walked_at: UtcMicros,
    is_on: bool,
}

impl Clutter {
    pub(super) fn new() -> Self {
        let never = UtcMicros::NEVER;
        Self { small: vec![never; PLACES], plain: vec![never; PLACES], walked_at: never, is_on: false }
    }

    /// True if small movements are noise, by the last moment taken.
    pub(super) fn is_on(&self) -> bool {
        self.is_on
    }

    /// Takes the clusters of the moment at `at`. In clutter only what is plain is left strong.
    pub(super) fn take(&mut self, clusters: &mut [Cluster], at: UtcMicros) {
        let is_plain = |cluster: &Cluster| cluster.is_strong && cluster.peak >= PLAIN_PEAK;
        for cluster in clusters.iter().filter(|cluster| is_plain(cluster)) {
            cluster.cells.iter().for_each(|&cell| self.plain[place(cell)] = at);
            if cluster.cells.len() >= WALKER_CELLS {
                self.walked_at = at;
            }
        }
        if at.seconds_since(self.walked_at) > TRAIL_S {
            let is_small = |cluster: &&Cluster| !cluster.is_strong && cluster.cells.len() <= SMALL_CELLS;
            for cluster in clusters.iter().filter(is_small) {
                self.small[place(cluster.cells[cluster.cells.len() / 2])] = at;
            }
        }
        let is_lately = |&last: &UtcMicros| at.seconds_since(last) < LATELY_S;
        let near_plain = |place: usize| around(place).any(|other| is_lately(&self.plain[other]));
        let places = (0..PLACES).filter(|&place| is_lately(&self.small[place]) && !near_plain(place));
        self.is_on = places.take(CLUTTERED_PLACES).count() == CLUTTERED_PLACES;
        if self.is_on {
            clusters.iter_mut().for_each(|cluster| cluster.is_strong = is_plain(cluster));
        }
    }
}

/// The place that a cell is in.
fn place(cell: u16) -> usize {
    let (x, y) = (usize::from(cell) % MICRO_X, usize::from(cell) / MICRO_X);
    y / PLACE_Y * PLACES_X + x / PLACE_X
}

/// A place and those next to it.
fn around(place: usize) -> impl Iterator<Item = usize> {
    let near = |at: usize, count: usize| at.saturating_sub(1)..=(at + 1).min(count - 1);
    let (x, y) = (place % PLACES_X, place / PLACES_X);
    near(y, PLACES_Y).flat_map(move |y| near(x, PLACES_X).map(move |x| y * PLACES_X + x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::MICRO_CELLS;

    fn cluster(first: usize, cells: usize, peak: f32, is_strong: bool) -> Cluster {
        let cells = (first..first + cells).map(|cell| cell as u16).collect();
        Cluster { cells, peak, is_strong, is_supported: false, touches_rim: false }
    }

    /// Whether the view is cluttered after each of the seconds of `clusters(second)`, and whether those stay strong.
    fn seen(seconds: u32, clusters: impl Fn(usize) -> Vec<Cluster>) -> (Vec<bool>, Vec<Cluster>) {
        let mut clutter = Clutter::new();
        let mut last = Vec::new();
        let is_on = (0..seconds).map(|second| {
            last = clusters(second as usize);
            clutter.take(&mut last, UtcMicros(0).plus_s(f64::from(second)));
            clutter.is_on()
        });
        (is_on.collect(), last)
    }

    fn anywhere(second: usize) -> Cluster {
        cluster(second * 7919 % MICRO_CELLS, 1, 1.5, false)
    }

    #[test]
    fn small_movements_all_over_the_view_are_noise_and_strong_ones_among_them_with_them() {
        let (is_on, last) = seen(60, |second| vec![anywhere(second), cluster(500, 5, 3.0, second == 59)]);
        assert!(!is_on[10] && is_on[40]);
        assert!(!last[1].is_strong);
        let (is_on, last) = seen(60, |second| vec![anywhere(second), cluster(500, 5, 6.0, second == 59)]);
        assert!(is_on[59] && last[1].is_strong, "what is plain stays");
        let (is_on, _) = seen(150, |second| if second < 60 { vec![anywhere(second)] } else { vec![] });
        assert!(is_on[59] && !is_on[149], "noise that was learned shows no more");
    }

    #[test]
    fn who_sways_in_one_place_or_walks_is_no_noise() {
        let sways = |second: usize| vec![cluster(480 + second % 5 * MICRO_X + second * 3 % 11, 2, 2.0, false)];
        assert!(!seen(120, sways).0.contains(&true));
        let walks = |second: usize| vec![cluster(480 + second % 40, 6, 8.0, true), anywhere(second)];
        assert!(!seen(120, walks).0.contains(&true));
    }
}
