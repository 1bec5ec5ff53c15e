//! Who sat there before the camera first looked: in front of no background, because they are in it.
//!
//! A hand and a head move a little, again and again, in one and the same place; noise does a little everywhere. So in
//! a view's first minutes what every cell shows beyond its margin is added up, at lags at which nothing counts else
//! without a foreground, and a place that has come to much more than the others is somebody's. From then on small
//! movements count there as they do in front of the background.
//!
//! Of 30 made clips that begin with somebody seated, 27 come to 8 and more within a minute and a half, and to many times what
//! other places of the same clips do; of 40 empty rooms none does, of 93 cuts of noisy ones, begun at any second, two do, for
//! 39 s of 39 231.

use super::burnt::is_clock_row;
use super::cells::{components, joined_around, silence, with_neighbours};
use crate::diff::{MICRO_CELLS, MICRO_X};
use pantau_models::time::{US_PER_S, UtcMicros};
use serde::{Deserialize, Serialize};

/// What is added up: movement at the first two lags, and at the second one smoothed.
pub(super) const KINDS: usize = 3;
/// The last of them.
pub(super) const SMOOTHED: usize = KINDS - 1;
/// Places are told from so long after the start until so long after it, seconds: later, somebody was seen to come, and noise
/// has come to more than whoever sits there and was not found yet.
const TELLS_FROM_S: f64 = 20.0;
const TELLS_UNTIL_S: f64 = 120.0;
/// Who was found may be found again for so long, seconds.
const AGAIN_S: f64 = 180.0;
/// Digits of a burnt-in clock are known by then, seconds.
const CLOCK_KNOWN_S: f64 = 60.0;
/// Time constant with which what was seen is forgotten, seconds.
const MEMORY_S: f32 = 120.0;
/// So much over its margin adds no more: one glint is no hand.
const OVER_MAX: f32 = 3.0;
/// One movement adds up to no more than this, and is one for as long as it goes on: light that flares up once is nobody, and
/// a shelf in a dim room's noise trembles without a pause. What is counted of it fades with this time constant, seconds,
/// while nothing shows.
const ONCE_MAX: f32 = 4.0;
const ONCE_S: f32 = 8.0;
/// What moves in more of the seconds than this, at the first two lags, is no person's place but a tree's or a fan's, and so
/// is whatever hangs together with it: in made clips those do in six of ten seconds and more, who sits in one to three of
/// ten, and in five where they are seen without looking for them.
const DUTY_MAX: f32 = 0.4;
const TOGETHER: f32 = 1.0;
/// Whoever sits there rests in between: in so much of the time the place shows less than this of its margin, smoothed over
/// seconds. Of those found in made clips all do in a quarter of it and more; what is noisier than the cells of like texture
/// (a bright door in a dim room) does in 3 % at most.
const RESTS_SHARE: f32 = 0.15;
const RESTS: f32 = 0.5;
/// A second in which more cells move than this tells nothing of places.
const WHOLE_CELLS: usize = 12;
/// A place is somebody's that has come to so much, and to so many times as much as the fourth best.
const SOMEBODY: f32 = 8.0;
const SOMEBODY_AGAIN: f32 = 5.0;
const OVER_OTHERS: f32 = 6.0;
const OTHERS: usize = 4;
/// A place may be somebody's that has come to so much: after 45 s six made clips of somebody who is found later had come to 2.9
/// to 5.5, of thirteen empty rooms four to as much and one of them to so many times as much as its fourth best place.
const SUSPECT: f32 = 2.5;
/// Two places are so many cells apart, either way; somebody who sits moves in so many around.
const APART_CELLS: usize = 5;
const AROUND_CELLS: usize = 3;

/// What was seen in each place since the start.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sitters {
    born: UtcMicros,
    /// The start, or when somebody was last found.
    since: UtcMicros,
    /// The second that is being added up, and the most that each cell has shown in it over its margin.
    second: i64,
    most: [Vec<f32>; KINDS],
    sums: Vec<f32>,
    /// What was added to each lately.
    lately: Vec<f32>,
    /// In how many of the seconds each place showed anything at the first two lags, and how many there were.
    shown_s: Vec<f32>,
    watched_s: f32,
    /// In how many of the samples each place was at rest, of all that were looked at for it.
    rested: Vec<f32>,
    looked: f32,
    /// What moves nearly all the time.
    is_mover: Vec<bool>,
    is_done: bool,
}

impl Sitters {
    pub(super) fn new(born: UtcMicros) -> Self {
        Self {
            born,
            since: born,
            second: i64::MIN,
            most: std::array::from_fn(|_| vec![0.0; MICRO_CELLS]),
            sums: vec![0.0; MICRO_CELLS],
            lately: vec![0.0; MICRO_CELLS],
            shown_s: vec![0.0; MICRO_CELLS],
            watched_s: 0.0,
            rested: vec![0.0; MICRO_CELLS],
            looked: 0.0,
            is_mover: vec![false; MICRO_CELLS],
            is_done: false,
        }
    }

    /// True as long as whoever moves may have been there from the start: for minutes, and for as long after each time that
    /// somebody was found.
    pub(super) fn is_open(&self, at: UtcMicros) -> bool {
        let until_s = if self.since == self.born { TELLS_UNTIL_S } else { AGAIN_S };
        !self.is_done && at.seconds_since(self.since) < until_s
    }

    /// Somebody came: from now on the background knows people.
    pub(super) fn close(&mut self) {
        self.is_done = true;
    }

    /// True while one place has come to more than all others though not yet to enough: who sits there is found by looking on.
    pub(super) fn suspects_somebody(&self, at: UtcMicros) -> bool {
        self.is_open(at) && {
            let best = best_places(&self.sums);
            best[0].1 >= SUSPECT.max(OVER_OTHERS * best[OTHERS - 1].1)
        }
    }

    /// Takes what each cell shows in multiples of its margin; nothing if none shows as much.
    pub(super) fn take(&mut self, kind: usize, ratios: &[f32]) {
        if kind == SMOOTHED && !ratios.is_empty() {
            self.looked += 1.0;
            let shown = joined_around(ratios, f32::max);
            for (rested, shown) in self.rested.iter_mut().zip(shown) {
                *rested += f32::from(u8::from(shown < RESTS));
            }
        }
        for (most, ratio) in self.most[kind].iter_mut().zip(ratios) {
            *most = most.max((ratio - 1.0).clamp(0.0, OVER_MAX));
        }
    }

    /// Ends the moment at `at`. Gives the cells in which somebody was found to sit.
    pub(super) fn find(&mut self, at: UtcMicros, is_masked: impl Fn(usize) -> bool) -> Option<Vec<bool>> {
        let second = at.0.div_euclid(US_PER_S);
        if second == self.second {
            return None;
        }
        let passed_s = (second.saturating_sub(self.second)).clamp(0, 60) as f32;
        self.second = second;
        let moving = self.most[0].iter().filter(|most| **most > 0.0).count();
        let [keep, keep_lately] = [MEMORY_S, ONCE_S].map(|memory_s| (-passed_s / memory_s).exp());
        let mut shown =
            self.most.each_mut().map(|kind| joined_around(&std::mem::replace(kind, vec![0.0; MICRO_CELLS]), f32::max));
        self.watched_s = self.watched_s * keep + 1.0;
        self.looked *= keep;
        self.rested.iter_mut().for_each(|rested| *rested *= keep);
        for (cell, shown_s) in self.shown_s.iter_mut().enumerate() {
            *shown_s = *shown_s * keep + f32::from(u8::from(shown[0][cell].max(shown[1][cell]) > 0.0));
        }
        // What moves as a whole is seen without this, and passes many places.
        if moving > WHOLE_CELLS {
            shown.iter_mut().for_each(|kind| kind.fill(0.0));
        }
        for (cell, (sum, lately)) in self.sums.iter_mut().zip(&mut self.lately).enumerate() {
            let shown: f32 = shown.iter().map(|kind| kind[cell]).sum();
            if shown == 0.0 {
                *lately *= keep_lately;
            }
            let shown = shown.min((ONCE_MAX - *lately).max(0.0));
            *lately += shown;
            *sum = *sum * keep + shown;
        }
        let since_s = at.seconds_since(self.born);
        let clock_is_known = since_s >= CLOCK_KNOWN_S;
        for cell in (0..MICRO_CELLS).filter(|&cell| is_masked(cell) || !clock_is_known && is_clock_row(cell)) {
            self.sums[cell] = 0.0;
        }
        if since_s < TELLS_FROM_S {
            return None;
        }
        self.leave_out_movers();
        let best = best_places(&self.sums);
        let others = best[OTHERS - 1].1 * OVER_OTHERS;
        let least = if self.since == self.born { SOMEBODY } else { SOMEBODY_AGAIN };
        let rests = |place: usize| self.rested[place] >= RESTS_SHARE * self.looked;
        let is_somebody = |&&(place, sum): &&(usize, f32)| sum >= least && sum >= others && rests(place);
        let places: Vec<usize> = best.iter().filter(is_somebody).map(|place| place.0).collect();
        if places.is_empty() {
            return None;
        }
        self.since = at;
        let is_near = |cell: usize| places.iter().any(|&place| distance(cell, place) <= AROUND_CELLS);
        let seats: Vec<bool> = (0..MICRO_CELLS).map(is_near).collect();
        // Who is found again moves again.
        self.sums.iter_mut().zip(&seats).filter(|(_, is_seat)| **is_seat).for_each(|(sum, _)| *sum = 0.0);
        Some(seats)
    }

    /// Forgets the places that move nearly all the time, for good: noise learns them soon, and they seem to pause.
    fn leave_out_movers(&mut self) {
        let moves_always = |cell: &u16| self.shown_s[usize::from(*cell)] > DUTY_MAX * self.watched_s;
        let parts = components(|cell| self.sums[cell] > TOGETHER);
        for cell in parts.into_iter().filter(|part| part.iter().any(moves_always)).flatten() {
            self.is_mover[usize::from(cell)] = true;
        }
        silence(&mut self.sums, &with_neighbours(&self.is_mover));
    }
}

/// The best places, apart from each other, with what they have come to.
fn best_places(sums: &[f32]) -> [(usize, f32); OTHERS] {
    let mut left = sums.to_vec();
    std::array::from_fn(|_| {
        let place = (0..MICRO_CELLS).fold(0, |best, cell| if left[cell] > left[best] { cell } else { best });
        let sum = left[place];
        (0..MICRO_CELLS).filter(|&cell| distance(cell, place) < APART_CELLS).for_each(|cell| left[cell] = 0.0);
        (place, sum)
    })
}

/// How many cells lie between the two, along or across, whichever are more.
fn distance(one: usize, other: usize) -> usize {
    let across = (one % MICRO_X).abs_diff(other % MICRO_X);
    across.max((one / MICRO_X).abs_diff(other / MICRO_X))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEAT: usize = 9 * MICRO_X + 28;

    /// The first second in which somebody is found, where `shown(second)` gives cells and multiples of their margins, and
    /// where. Besides, some cell or other of a noisy view shows a little in each second.
    fn found(shown: impl Fn(i64) -> Vec<(usize, f32)>) -> Option<(i64, Vec<bool>)> {
        let mut sitters = Sitters::new(UtcMicros(0));
        (0..170).find_map(|second| {
            for kind in 0..KINDS {
                let mut ratios = vec![0.0; MICRO_CELLS];
                ratios[(second as usize * 7919 + kind * 337) % MICRO_CELLS] = 1.2;
                shown(second).into_iter().for_each(|(cell, ratio)| ratios[cell] = ratio);
                sitters.take(kind, &ratios);
            }
            sitters.find(UtcMicros(second * US_PER_S), |_| false).map(|seats| (second, seats))
        })
    }

    #[test]
    fn who_moves_a_little_in_one_place_is_found_there() {
        let (second, seats) = found(|second| if second % 11 == 3 { vec![(SEAT, 1.5)] } else { vec![] }).unwrap();
        assert!((40..120).contains(&second), "{second}");
        assert!(seats[SEAT] && seats[SEAT + 3] && !seats[SEAT + 5] && !seats[0]);
    }

    #[test]
    fn who_moves_seldom_is_suspected_before_they_are_found_and_a_noisy_view_is_not() {
        let suspects = |every_s: i64| {
            let mut sitters = Sitters::new(UtcMicros(0));
            (0..45).for_each(|second| {
                let mut ratios = vec![0.0; MICRO_CELLS];
                ratios[(second as usize * 7919) % MICRO_CELLS] = 1.2;
                ratios[SEAT] = if second % every_s == 3 { 1.5 } else { 0.0 };
                (0..KINDS).for_each(|kind| sitters.take(kind, &ratios));
                assert_eq!(sitters.find(UtcMicros(second * US_PER_S), |_| false), None);
            });
            let at = |second: i64| sitters.suspects_somebody(UtcMicros(second * US_PER_S));
            [at(45), at(119), at(121)]
        };
        assert_eq!(suspects(20), [true, true, false], "not found by then, they are given up");
        assert_eq!(suspects(100), [false; 3]);
    }

    #[test]
    fn noise_a_flare_and_a_walk_are_nobody_s_place() {
        assert_eq!(found(|_| vec![]), None);
        assert_eq!(found(|second| if (30..34).contains(&second) { vec![(SEAT, 4.0)] } else { vec![] }), None);
        let all_over =
            |second: i64| (0..30).map(|part| ((part * 43 + second as usize * 17) % MICRO_CELLS, 1.6)).collect();
        assert_eq!(found(all_over), None, "a shelf full of noise");
        let walks =
            |second: i64| if second < 60 { (SEAT..SEAT + 14).map(|cell| (cell, 2.0)).collect() } else { vec![] };
        assert_eq!(found(walks), None);
    }

    #[test]
    fn a_shelf_that_trembles_without_a_pause_is_nobody_s_place() {
        let mut sitters = Sitters::new(UtcMicros(0));
        let mut ratios = vec![0.0; MICRO_CELLS];
        ratios[SEAT] = 1.6;
        for second in 0..170 {
            // Movement smoothed over seconds alone: each second's own stays within its margin.
            sitters.take(SMOOTHED, &ratios);
            assert_eq!(sitters.find(UtcMicros(second * US_PER_S), |_| false), None, "{second}");
        }
    }

    #[test]
    fn a_place_that_never_rests_is_nobody_s() {
        let found = |rest: f32| {
            found(|second| {
                let shown = if second % 7 < 2 { 1.5 } else { rest };
                vec![(SEAT, shown), (SEAT + 1, rest)]
            })
        };
        assert!(found(0.2).is_some());
        assert_eq!(found(0.8), None);
    }

    #[test]
    fn a_clock_is_not_taken_for_somebody_before_it_is_known() {
        assert_eq!(found(|second| if second < 55 { vec![(MICRO_X + 8, 3.0)] } else { vec![] }), None);
    }
}
