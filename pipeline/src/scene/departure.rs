//! Who leaves the view, and what they leave behind: a ghost of themselves where the background holds them.
//!
//! A ghost in front of a shelf has as many edges as somebody who came and sat down there: its outline does not tell. How
//! it came about does. Movement that begins in it, with nobody on the way there before, and then walks out of the view is
//! somebody who was there from the start, or sat there for so long that they had become the background. Whoever comes
//! walks in from elsewhere first.

use super::motion::Cluster;
use crate::diff::{MICRO_CELLS, MICRO_X};
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Movements are remembered for so long, seconds: from getting up to the door, with a word on the way.
const REMEMBERED_S: f64 = 60.0;
/// Nothing moves where somebody walked out, by a door or the border of the view, for so long after it, seconds, and of
/// their cells there so few differ from the background: who stands there does.
const GONE_S: f64 = 1.5;
const STANDS_SHARE: f32 = 0.2;
/// Who walks out is seen in so many cells at least.
const WALKER_CELLS: usize = 6;
/// Whoever was hardly seen when they were seen last, by less than so many times a cell's margin, did not leave: they went where
/// the dark or a wall like their clothes hides them.
const FADES_PEAK: f32 = 3.0;
/// Somebody who walks is as near as this to where they were the moment before, cells, and so much farther for each second
/// that lies between.
const STEP_CELLS: f64 = 2.0;
const STEP_CELLS_PER_S: f64 = 8.0;
/// After a break longer than this they go on from where they stood, seconds.
const BREAK_S: f64 = 1.2;
/// Who walks goes farther than they are long, and so far at least, cells, within this time, seconds: who leans, or turns in
/// a chair, does not.
const WALKS_CELLS: f64 = 3.0;
const WALKS_S: f64 = 20.0;
/// Boxes of cells side by side are so far apart, cells.
const TOUCHES_CELLS: f64 = 1.0;
/// A ghost appears when who left it gets up: within this time they move on this share of its cells, seconds.
const APPEARS_S: f64 = 1.5;
const COVERED_SHARE: f32 = 0.5;
/// What moves before that, so far from it, is somebody on their way there, cells.
const APART_CELLS: f64 = 2.0;
/// A blob that moved so long after they had left is not theirs, seconds.
const STILL_SINCE_S: f64 = 0.5;

/// What moved lately, and who is about to be gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Departures {
    moments: VecDeque<Movements>,
    /// Who walked, and was not seen since.
    leaving: Vec<(UtcMicros, Mover)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Movements {
    at: UtcMicros,
    movers: Vec<Mover>,
}

/// The cells of a cluster.
type Mover = Vec<u16>;

/// One of the places that differ from the background.
pub(super) struct Place {
    pub cells: Vec<u16>,
    /// Since when it does, mostly.
    pub appeared_at: UtcMicros,
    /// When something last moved in it.
    pub moved_at: UtcMicros,
}

/// Somebody who left.
pub(super) struct Gone {
    pub at: UtcMicros,
    /// Where they were seen last.
    pub last: Vec<u16>,
    /// What they left behind in the background.
    pub ghosts: Vec<u16>,
    /// Whether they were seen to walk there.
    pub walked: bool,
}

impl Departures {
    pub(super) fn new() -> Self {
        Self { moments: VecDeque::new(), leaving: Vec::new() }
    }

    /// Takes the clusters of the moment at `at`, of which only the cells count for which `moves` holds. True if somebody
    /// has left.
    pub(super) fn take(&mut self, clusters: &[Cluster], moves: impl Fn(usize) -> bool, at: UtcMicros) -> bool {
        let (mut movers, mut clear) = (Vec::new(), Vec::new());
        for cluster in clusters.iter().filter(|cluster| cluster.is_strong) {
            let mover: Mover = cluster.cells.iter().copied().filter(|&cell| moves(usize::from(cell))).collect();
            if is_walker(&mover) && cluster.peak >= FADES_PEAK {
                clear.push((at, mover.clone()));
            }
            if !mover.is_empty() {
                movers.push(mover);
            }
        }
        let (walkers, rests): (Vec<&Mover>, Vec<&Mover>) = movers.iter().partition(|mover| is_walker(mover));
        self.leaving.retain_mut(|(since, left)| {
            let reach = reach(at.seconds_since(*since));
            let is_near = |mover: &&&Mover| apart(mover, left) <= reach;
            if rests.iter().any(|mover| is_near(&mover)) {
                *since = at;
            }
            !walkers.iter().any(|mover| is_near(&mover))
        });
        self.leaving.extend(clear);
        self.moments.push_back(Movements { at, movers });
        while self.moments.front().is_some_and(|first| at.seconds_since(first.at) > REMEMBERED_S) {
            self.moments.pop_front();
        }
        self.leaving.iter().any(|(since, _)| at.seconds_since(*since) > GONE_S)
    }

    /// Who has left by `at`, told once: when, in which cells they were seen last, and the cells of those places that they
    /// left behind.
    pub(super) fn take_gone(&mut self, places: &[Place], at: UtcMicros) -> Vec<Gone> {
        let (gone, leaving) = std::mem::take(&mut self.leaving)
            .into_iter()
            .partition::<Vec<_>, _>(|(since, _)| at.seconds_since(*since) > GONE_S);
        self.leaving = leaving;
        let mut told = Vec::new();
        for (left_at, mover) in gone {
            let stands = places.iter().flat_map(|place| &place.cells).filter(|cell| mover.contains(cell)).count();
            if stands as f32 > STANDS_SHARE * mover.len() as f32 {
                continue;
            }
            let way = self.way_back(left_at, &mover);
            let is_theirs =
                |place: &&Place| apart(&place.cells, &mover) > APART_CELLS && is_left_behind(place, &way, left_at);
            let ghosts = places.iter().filter(is_theirs).flat_map(|place| place.cells.iter().copied()).collect();
            let walked = self.walks_since(&mover, left_at).is_some();
            told.push(Gone { at: left_at, last: mover, ghosts, walked });
        }
        told
    }

    /// Since when whoever is in these cells at `at` has walked there: from where somebody moved before, farther off than they
    /// are long, by movement in one place after another. `None` if they have not.
    pub(super) fn walks_since(&self, cells: &[u16], at: UtcMicros) -> Option<UtcMicros> {
        if cells.len() < WALKER_CELLS {
            return None;
        }
        let far = WALKS_CELLS.max(longest_side(cells));
        let (mut seen_at, mut here): (UtcMicros, Vec<&[u16]>) = (at, vec![cells]);
        let mut walks = false;
        for moment in self.moments.iter().rev().skip_while(|moment| moment.at >= at) {
            if at.seconds_since(moment.at) > WALKS_S || seen_at.seconds_since(moment.at) > BREAK_S {
                break;
            }
            let touches = |mover: &&[u16]| here.iter().any(|cells| apart(mover, cells) <= TOUCHES_CELLS);
            let movers: Vec<&[u16]> = moment.movers.iter().map(Vec::as_slice).filter(touches).collect();
            walks |= movers.iter().any(|mover| mover.len() >= WALKER_CELLS && apart(mover, cells) >= far);
            if !movers.is_empty() {
                (seen_at, here) = (moment.at, movers);
            }
        }
        walks.then_some(seen_at)
    }

    /// Where whoever left was before, from the last moment to the first.
    fn way_back(&self, left_at: UtcMicros, last: &Mover) -> Vec<(UtcMicros, Vec<&Mover>)> {
        let mut way: Vec<(UtcMicros, Vec<&Mover>)> = Vec::new();
        let (mut seen_at, mut here): (UtcMicros, Vec<&[u16]>) = (left_at, vec![last]);
        for moment in self.moments.iter().rev().skip_while(|moment| moment.at > left_at) {
            let since_s = seen_at.seconds_since(moment.at);
            let reach = reach(if since_s > BREAK_S { 0.0 } else { since_s });
            let is_theirs = |mover: &&Mover| here.iter().any(|cells| apart(mover, cells) <= reach);
            let movers: Vec<&Mover> = moment.movers.iter().filter(is_theirs).collect();
            if !movers.is_empty() {
                here = movers.iter().map(|mover| mover.as_slice()).collect();
                seen_at = moment.at;
                way.push((moment.at, movers));
            }
        }
        way
    }
}

/// True if so much moves that it is somebody who walks.
fn is_walker(mover: &Mover) -> bool {
    mover.len() >= WALKER_CELLS
}

/// How far somebody gets in `seconds`, cells.
fn reach(seconds: f64) -> f64 {
    STEP_CELLS + STEP_CELLS_PER_S * seconds
}

/// True if whoever went `way` (from its end) and left at `left_at` was at the place before all that.
fn is_left_behind(place: &Place, way: &[(UtcMicros, Vec<&Mover>)], left_at: UtcMicros) -> bool {
    if place.cells.len() < 2 || place.moved_at.seconds_since(left_at) > STILL_SINCE_S {
        return false;
    }
    let after_s = |at: &UtcMicros| at.seconds_since(place.appeared_at);
    let mut is_covered = vec![false; MICRO_CELLS];
    for (_, movers) in way.iter().filter(|(at, _)| after_s(at).abs() <= APPEARS_S) {
        movers.iter().copied().flatten().for_each(|&cell| is_covered[usize::from(cell)] = true);
    }
    let covered = place.cells.iter().filter(|&&cell| is_covered[usize::from(cell)]).count();
    let mut before = way.iter().filter(|(at, _)| after_s(at) < -APPEARS_S).flat_map(|(_, movers)| movers);
    covered as f32 >= COVERED_SHARE * place.cells.len() as f32
        && before.all(|mover| apart(mover, &place.cells) <= APART_CELLS)
}

/// The box around a group of cells: first and last column, first and last row.
fn sides(cells: &[u16]) -> [usize; 4] {
    let mut sides = [usize::MAX, 0, usize::MAX, 0];
    for &cell in cells {
        let (x, y) = (usize::from(cell) % MICRO_X, usize::from(cell) / MICRO_X);
        sides = [sides[0].min(x), sides[1].max(x), sides[2].min(y), sides[3].max(y)];
    }
    sides
}

/// The longer side of the box around some cells, cells; 0 without any.
fn longest_side(cells: &[u16]) -> f64 {
    let [left, right, top, bottom] = sides(cells);
    if cells.is_empty() { 0.0 } else { (right - left).max(bottom - top) as f64 + 1.0 }
}

/// How far apart the boxes around two groups of cells are, cells; 0 if they overlap.
fn apart(one: &[u16], other: &[u16]) -> f64 {
    let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (sides(one), sides(other));
    let gap = |from: [usize; 2], to: [usize; 2]| to[0].saturating_sub(from[1]).max(from[0].saturating_sub(to[1]));
    gap([a0, a1], [b0, b1]).max(gap([a2, a3], [b2, b3])) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four cells wide and six high, from `column` on in the tenth row.
    fn block(column: usize) -> Mover {
        (0..24).map(|cell| ((10 + cell / 4) * MICRO_X + column + cell % 4) as u16).collect()
    }

    /// Somebody in the columns from `column` on, so clearly seen.
    fn cluster(column: usize, peak: f32) -> Cluster {
        let touches_rim = column == 0;
        Cluster { cells: block(column), peak, is_strong: true, is_supported: true, touches_rim }
    }

    /// How many cells are a ghost of `place`, which differs from the background since `appeared_s`, of somebody who is at
    /// the columns that `walks` tells of each second, five samples in each, for 14 s.
    fn ghosts(place: usize, appeared_s: f64, walks: impl Fn(f64) -> Option<usize>) -> usize {
        ghosts_of((place, appeared_s), walks, |_| 5.0)
    }

    /// The same of somebody who is so clearly seen, in multiples of a cell's margin.
    fn ghosts_of(
        (place, appeared_s): (usize, f64),
        walks: impl Fn(f64) -> Option<usize>,
        peak: impl Fn(f64) -> f32,
    ) -> usize {
        let at = |second: f64| UtcMicros(0).plus_s(second);
        let mut departures = Departures::new();
        let mut found = 0;
        for sample in 0..70 {
            let second = f64::from(sample) / 5.0;
            let clusters: Vec<Cluster> =
                walks(second).map(|column| cluster(column, peak(second))).into_iter().collect();
            if departures.take(&clusters, |_| true, at(second)) {
                let moves =
                    |sample: &u32| walks(f64::from(*sample) / 5.0).is_some_and(|column| column.abs_diff(place) < 4);
                let moved_at = (0..sample).rev().find(moves).map_or(UtcMicros::NEVER, |last| at(f64::from(last) / 5.0));
                let place = Place { cells: block(place), appeared_at: at(appeared_s), moved_at };
                found += departures.take_gone(&[place], at(second)).iter().map(|gone| gone.ghosts.len()).sum::<usize>();
            }
        }
        found
    }

    /// Gets up in column 30 at 2 s and walks out of the view in 6 s.
    fn gets_up_and_leaves(second: f64) -> Option<usize> {
        (2.0..8.0).contains(&second).then_some((30.0 - (second - 2.0) * 5.0) as usize)
    }

    #[test]
    fn who_gets_up_and_leaves_has_left_a_ghost() {
        assert_eq!(ghosts(30, 2.2, gets_up_and_leaves), 24);
        assert_eq!(ghosts(30, 2.2, |second| gets_up_and_leaves(second).filter(|_| second < 6.0)), 24, "by a door");
        // Looks round in the seat before.
        let first = |second: f64| if second < 2.0 { Some(30) } else { gets_up_and_leaves(second) };
        assert_eq!(ghosts(30, 2.2, first), 24);
    }

    #[test]
    fn who_came_and_sat_down_is_no_ghost() {
        let comes = |second: f64| (2.0..8.0).contains(&second).then_some(((second - 2.0) * 5.0) as usize);
        assert_eq!(ghosts(29, 7.8, comes), 0);
        // Somebody brings them, and leaves.
        let brings = |second: f64| if second < 8.0 { comes(second) } else { gets_up_and_leaves(second - 6.0) };
        assert_eq!(ghosts(29, 8.0, brings), 0);
    }

    #[test]
    fn who_stood_there_before_is_no_ghost_of_who_leaves() {
        assert_eq!(ghosts(30, 0.2, |second| gets_up_and_leaves(second - 2.0)), 0, "stood out before");
        assert_eq!(ghosts(14, 5.2, gets_up_and_leaves), 0, "on their way out");
        assert_eq!(ghosts(30, 2.2, |second| Some(gets_up_and_leaves(second)?.max(20))), 24, "goes behind a shelf");
        assert_eq!(ghosts(30, 2.2, |second| Some(gets_up_and_leaves(second)?.max(28))), 0, "only moves there");
    }

    #[test]
    fn who_fades_into_the_dark_has_not_left() {
        let fades = |second: f64| if second < 6.0 { 5.0 } else { 2.0 };
        assert_eq!(ghosts_of((30, 2.2), gets_up_and_leaves, fades), 0);
        assert_eq!(ghosts_of((30, 2.2), gets_up_and_leaves, |second| 7.0 - fades(second)), 24, "into the light");
    }

    /// Since when whoever is at the columns that `walks` tells of each second, five samples in each, is found to walk at
    /// `until_s`.
    fn walks_since(walks: impl Fn(f64) -> Option<usize>, until_s: f64) -> Option<f64> {
        let at = |second: f64| UtcMicros(0).plus_s(second);
        let mut departures = Departures::new();
        for sample in 0..(until_s * 5.0) as u32 {
            let second = f64::from(sample) / 5.0;
            let clusters: Vec<Cluster> = walks(second).map(|column| cluster(column, 5.0)).into_iter().collect();
            departures.take(&clusters, |_| true, at(second));
        }
        let since = departures.walks_since(&block(walks(until_s)?), at(until_s));
        since.map(|since| since.seconds_since(UtcMicros(0)))
    }

    #[test]
    fn who_goes_farther_than_they_are_long_walks() {
        let slowly = |second: f64| (second >= 2.0).then_some(4 + (second - 2.0).max(0.0) as usize);
        assert_eq!(walks_since(slowly, 8.0), None, "not yet as far as six cells beside where they were");
        assert_eq!(walks_since(slowly, 16.0), Some(2.0));
        let leans = |second: f64| Some(10 + 4 * (second as usize % 2));
        assert_eq!(walks_since(leans, 30.0), None);
        let stops = |second: f64| slowly(if second > 12.0 { 12.0 } else { second });
        assert_eq!(walks_since(stops, 20.0), Some(2.0), "stands and moves there");
        assert_eq!(walks_since(stops, 40.0), None, "long after");
        let two = |second: f64| Some(if second < 5.0 { 4 } else { 30 });
        assert_eq!(walks_since(two, 6.0), None, "somebody else");
    }

    #[test]
    fn boxes_are_as_far_apart_as_the_cells_between_them() {
        assert_eq!([30, 33, 34, 40].map(|column| apart(&block(30), &block(column))), [0.0, 0.0, 1.0, 7.0]);
        assert_eq!(apart(&[0], &[5 * MICRO_X as u16 + 2]), 5.0);
    }
}
