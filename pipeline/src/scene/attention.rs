//! Where something moves again and again, and whether somebody may have come: what decides if a cell's movement is a
//! person's small movement or the room's own.
//!
//! A person who sits moves a hand here and a head there, with pauses; a fan, a curtain or a tree in the window moves in
//! the same cells most of the time, and nobody came in before it. So a cell's own tremble is learned while nobody can
//! be there (nothing large came in since the view was quiet, or all that moved did so in places of its own), where nobody
//! was for a quarter of an hour though others are elsewhere, and where it moves most of the time for minutes.

use super::cells::{and_beside, with_neighbours, with_surroundings};
use super::history::Hits;
use super::motion::Cluster;
use super::restless::Restless;
use crate::diff::MICRO_CELLS;
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};

/// After somebody came in, and after each later movement, somebody may be there for so long without moving, seconds.
const ATTENDS_S: f64 = 120.0;
/// The same from the start, when nothing has moved yet.
const FIRST_ATTENDS_S: f64 = 30.0;
/// Whoever was there when the light changed is learned with the room, and moves less visibly in the dark: for so long they
/// may be there without being seen to move, seconds.
const RELIT_ATTENDS_S: f64 = 900.0;
/// A cluster of so many cells that belongs to something in front of the background is somebody coming or going.
const VISITOR_CELLS: usize = 6;
/// Whoever moves first after so long is coming in, and where is a door, seconds.
const VACANT_S: f64 = 15.0;
/// Nobody stays for so long without ever moving more than a hand, seconds; and not for so long from the start.
const VISIT_S: f64 = 1800.0;
const FIRST_S: f64 = 120.0;
/// ... nor for so long in one place, and in those beside it, if others do elsewhere: who was found to have come in moved so
/// within ten minutes, in made footage from a whole body to a head, and mostly within five. Or so many times a cell's margin:
/// somebody far from the camera is never more than a few cells, but a head that turns is 6 and more, a curtain or blades far
/// away 1 to 5.
const PLACE_S: f64 = 900.0;
const BODY_PEAK: f32 = 6.0;
/// Everything seen so soon after the start is tremble, unless somebody walks, seconds.
const BURN_IN_S: f64 = 5.0;
/// Time constant of the share of time in which a cell moves, seconds.
const DUTY_S: f32 = 600.0;
/// A cell that moves for more of the time than this is no person's.
const DUTY_MAX: f32 = 0.5;
/// A cell that moves for more of the time than this is somebody's seat, or a tree's or a curtain's place.
const HAUNT_DUTY: f32 = 0.12;
/// More of the view than this moves for much of the time: a crowd.
const HAUNTS_SHARE_MAX: f32 = 0.25;
/// Whoever comes in moves in so many cells apart from such places, and stays no longer than this, seconds.
const PATH_CELLS: usize = 12;
const STAY_S: f64 = 4.0 * 3600.0;
/// ... and leaves so many of them behind within this time, for so long, seconds: a fan that was switched on never does.
const LEFT_CELLS: usize = 4;
const LEAVES_S: f64 = 10.0;
const LEFT_S: f64 = 6.0;
/// Nothing else moves from so long after somebody walked out, seconds.
const GONE_S: f64 = 1.0;
/// Nobody who is there from the start moves nothing for so long: who moves after it has come in, seconds.
const EMPTY_S: f64 = 180.0;
/// Movement so long after the last one in a cell is another movement, seconds.
const PAUSE_S: f64 = 1.5;
/// So many movements remembered make a cell somebody's seat. If the light changes within the first of these times, seconds,
/// nothing that moves there is learned for the second: who is lost in the dark moves as before when it gets light, and would be
/// learned with the room within half a minute. Not even if somebody is seen to leave: their way may begin beside who stays.
const SEAT_MOVEMENTS: f32 = 3.0;
const SAT_S: f64 = 600.0;
const SEAT_S: f64 = 1.5 * 3600.0;
/// Time constant with which earlier movements are forgotten, seconds.
const MEMORY_S: f32 = 90.0;
/// So much must be remembered of earlier movements near it for one to be a movement again.
const RECURS: f32 = 0.5;

/// What is remembered of movements.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Attention {
    until: UtcMicros,
    /// ... at least, because the light changed while somebody may have been there.
    relit_until: UtcMicros,
    at: UtcMicros,
    duty: Vec<f32>,
    moved_at: Vec<UtcMicros>,
    /// When something that noise does not explain last moved in each cell.
    stirred_at: Vec<UtcMicros>,
    /// The same by what moves at the very moment: longer lags show who has left for seconds.
    shifted_at: Vec<UtcMicros>,
    movements: Vec<f32>,
    /// When somebody who sat there last moved in each cell.
    sat_at: Vec<UtcMicros>,
    /// When the light changed while they did.
    relit_at: Vec<UtcMicros>,
    doors: Vec<bool>,
    last_strong: UtcMicros,
    last_visitor: UtcMicros,
    /// When the first visitor after some time came.
    came_at: UtcMicros,
    born: UtcMicros,
    /// The view was empty once: whoever is there now came in.
    was_empty: bool,
    /// When something large that may be somebody last moved in each cell.
    trod: Vec<UtcMicros>,
    /// When somebody last moved there by more than a hand.
    used_at: Vec<UtcMicros>,
    /// When each cell was last moving for much of the time.
    haunted: Vec<UtcMicros>,
    restless: Restless,
    /// When somebody last walked out.
    left_at: UtcMicros,
    /// The moment by which something was found that never rests, until it is told.
    found_at: Option<UtcMicros>,
}

impl Attention {
    /// Somebody may be there from the start.
    pub(super) fn new(start: UtcMicros) -> Self {
        Self {
            until: start.plus_s(FIRST_ATTENDS_S),
            relit_until: start,
            at: start,
            duty: vec![0.0; MICRO_CELLS],
            moved_at: vec![UtcMicros::NEVER; MICRO_CELLS],
            stirred_at: vec![UtcMicros::NEVER; MICRO_CELLS],
            shifted_at: vec![UtcMicros::NEVER; MICRO_CELLS],
            movements: vec![0.0; MICRO_CELLS],
            sat_at: vec![UtcMicros::NEVER; MICRO_CELLS],
            relit_at: vec![UtcMicros::NEVER; MICRO_CELLS],
            doors: vec![false; MICRO_CELLS],
            last_strong: UtcMicros::NEVER,
            last_visitor: start.plus_s(FIRST_S - VISIT_S),
            came_at: start,
            born: start,
            was_empty: false,
            trod: vec![UtcMicros::NEVER; MICRO_CELLS],
            used_at: vec![UtcMicros::NEVER; MICRO_CELLS],
            haunted: vec![UtcMicros::NEVER; MICRO_CELLS],
            restless: Restless::new(),
            left_at: UtcMicros::NEVER,
            found_at: None,
        }
    }

    /// Tells of each cell whether what it shows may be learned as its own, whatever it does.
    pub(super) fn free_cells(&self) -> impl Fn(usize) -> bool {
        let (nobody, burns_in) = (self.at > self.until, self.is_burning_in());
        move |cell| {
            let is_vacant = nobody && !self.is_sat(cell);
            is_vacant || burns_in || self.duty[cell] > DUTY_MAX || self.restless.contains(cell)
        }
    }

    /// Tells of each cell whether what moves in it may be learned as its own: it is free, or whoever came in has not been in
    /// that place for so long that they aren't there.
    pub(super) fn unused_cells(&self) -> impl Fn(usize) -> bool {
        let is_used = |at: &UtcMicros| self.at.seconds_since((*at).max(self.born)) <= PLACE_S;
        let used = self.was_empty.then(|| self.used_at.iter().map(is_used).collect::<Vec<bool>>());
        let (is_free, near) = (self.free_cells(), used.map(|used| with_surroundings(&used)));
        move |cell| is_free(cell) || near.as_ref().is_some_and(|near| !near[cell]) && !self.is_sat(cell)
    }

    /// True if somebody sat in the cell when the light changed.
    fn is_sat(&self, cell: usize) -> bool {
        self.at.seconds_since(self.relit_at[cell]) < SEAT_S
    }

    /// Where somebody who came in sat within hours, and beside that.
    pub(super) fn seats(&self) -> Vec<bool> {
        let sat: Vec<bool> = self.sat_at.iter().map(|sat_at| self.at.seconds_since(*sat_at) < STAY_S).collect();
        if sat.contains(&true) { with_surroundings(&sat) } else { sat }
    }

    /// True if nobody has walked in the first seconds.
    pub(super) fn is_burning_in(&self) -> bool {
        !self.has_had_visitor() && self.at.seconds_since(self.born) < BURN_IN_S
    }

    /// True if somebody large has come since the start.
    pub(super) fn has_had_visitor(&self) -> bool {
        self.last_visitor >= self.born
    }

    /// True if something moved near the cluster before, within a minute or so, and paused.
    pub(super) fn recurs(&self, cells: &[u16], at: UtcMicros) -> bool {
        let before = and_beside(cells).map(|cell| {
            let is_same = at.seconds_since(self.moved_at[cell]) <= PAUSE_S;
            self.movements[cell] - f32::from(u8::from(is_same))
        });
        before.fold(0.0, f32::max) > RECURS
    }

    /// True if something that noise does not explain has moved in the cell since then.
    pub(super) fn has_stirred(&self, cell: usize, since: UtcMicros) -> bool {
        self.stirred_at[cell] >= since
    }

    /// Takes what moves at `at`, `dt_s` after the moment before, in multiples of each cell's margin, and takes what never
    /// rests out of it if nobody else can be there: noise is about to learn that.
    pub(super) fn watch(&mut self, hits: &mut Hits, at: UtcMicros, dt_s: f32) {
        let Self { restless, shifted_at, trod, left_at, was_empty, .. } = self;
        let is_alone = |fringe: &[bool]| {
            let others = || (0..MICRO_CELLS).filter(|&cell| !fringe[cell]);
            let nobody_came = || others().filter(|&cell| at.seconds_since(trod[cell]) < STAY_S).count() < LEFT_CELLS;
            let is_left = || others().all(|cell| shifted_at[cell] <= left_at.plus_s(GONE_S));
            *left_at > UtcMicros::NEVER && is_left() || *was_empty && nobody_came()
        };
        if restless.take(&hits.now, dt_s, is_alone) {
            self.found_at.get_or_insert(at);
        }
        for ratios in [&mut hits.any, &mut hits.now] {
            self.restless.silence(ratios);
        }
    }

    /// Somebody walked out of the view at `at`, last seen in `cells`, unless that was something that never rests.
    pub(super) fn leave(&mut self, cells: &[u16], at: UtcMicros) {
        let lively = cells.iter().filter(|&&cell| self.restless.is_lively(usize::from(cell))).count();
        if lively * 2 < cells.len() {
            self.left_at = self.left_at.max(at);
        }
    }

    /// True if what moves in the cell does so nearly all the time.
    pub(super) fn never_rests(&self, cell: usize) -> bool {
        self.restless.contains(cell)
    }

    /// Since when nothing but what never rests has moved among `cells`, if that was found out by `at` and not told yet.
    pub(super) fn restless_since(&self, cells: impl Fn(usize) -> bool, at: UtcMicros) -> Option<UtcMicros> {
        let own = || (0..MICRO_CELLS).filter(|&cell| cells(cell));
        if self.found_at.is_none_or(|found_at| found_at > at) || !own().any(|cell| self.restless.contains(cell)) {
            return None;
        }
        Some(self.shifted_at(|cell| cells(cell) && !self.restless.is_fringe(cell)).max(self.born))
    }

    /// When something that noise does not explain last moved among `cells` at the shortest step.
    pub(super) fn shifted_at(&self, cells: impl Fn(usize) -> bool) -> UtcMicros {
        let own = (0..MICRO_CELLS).filter(|&cell| cells(cell));
        own.map(|cell| self.shifted_at[cell]).max().unwrap_or(UtcMicros::NEVER)
    }

    /// True if somebody large moves where people come in.
    pub(super) fn is_at_door(&self, cluster: &Cluster) -> bool {
        cluster.cells.len() >= PATH_CELLS && cluster.cells.iter().any(|&cell| self.doors[usize::from(cell)])
    }

    /// Somebody was found who has sat in these cells from the start.
    pub(super) fn sit(&mut self, seats: &[bool], at: UtcMicros) {
        self.used_at.iter_mut().zip(seats).filter(|(_, is_seat)| **is_seat).for_each(|(used_at, _)| *used_at = at);
        (self.last_strong, self.last_visitor, self.came_at) = (at, at, at);
        self.until = at.plus_s(ATTENDS_S);
    }

    /// The view is another one, with whoever is in it.
    pub(super) fn look_elsewhere(&mut self, at: UtcMicros) {
        self.last_strong = at;
        self.was_empty = false;
        self.sat_at.fill(UtcMicros::NEVER);
        self.relit_at.fill(UtcMicros::NEVER);
    }

    /// The light has changed.
    pub(super) fn relight(&mut self, at: UtcMicros) {
        if self.is_on(at) && self.has_had_visitor() {
            for (relit_at, sat_at) in self.relit_at.iter_mut().zip(&self.sat_at) {
                *relit_at = if at.seconds_since(*sat_at) < SAT_S { at } else { *relit_at };
            }
            self.relit_until = at.plus_s(RELIT_ATTENDS_S).min(self.last_visitor.plus_s(VISIT_S));
            self.until = self.until.max(self.relit_until);
        }
    }

    /// True if somebody may be there.
    pub(super) fn is_on(&self, at: UtcMicros) -> bool {
        at <= self.until
    }

    /// True if somebody large walked where nothing keeps moving: what only ever moves in its own place never came in.
    fn has_come(&self) -> bool {
        if !self.was_empty {
            return true;
        }
        let (is_crowded, path, left) = self.path();
        is_crowded || path >= PATH_CELLS && (self.at.seconds_since(self.came_at) < LEAVES_S || left >= LEFT_CELLS)
    }

    /// True if the view was empty, and somebody has come in since and gone on from where they did.
    fn is_inside(&self) -> bool {
        if !self.was_empty {
            return false;
        }
        let (is_crowded, path, left) = self.path();
        !is_crowded && path >= PATH_CELLS && left >= LEFT_CELLS
    }

    /// Whether something moves for much of the time in so many cells that it is a crowd; the number of cells apart from those
    /// in which somebody large walked, and of these those in which nobody does any more.
    fn path(&self) -> (bool, usize, usize) {
        let is_lately = |times: &[UtcMicros], cell: usize| self.at.seconds_since(times[cell]) < STAY_S;
        let haunted: Vec<bool> = (0..MICRO_CELLS).map(|cell| is_lately(&self.haunted, cell)).collect();
        let haunts = haunted.iter().filter(|is_haunted| **is_haunted).count();
        let near_haunts = with_neighbours(&haunted);
        let is_path = |cell: &usize| is_lately(&self.trod, *cell) && !near_haunts[*cell];
        let path = || (0..MICRO_CELLS).filter(is_path);
        let is_left = |cell: &usize| self.at.seconds_since(self.trod[*cell]) > LEFT_S;
        (haunts as f32 > HAUNTS_SHARE_MAX * MICRO_CELLS as f32, path().count(), path().filter(is_left).count())
    }

    /// What was found to never rest by `at` has been told.
    pub(super) fn tell_found(&mut self, at: UtcMicros) {
        self.found_at.take_if(|found_at| *found_at <= at);
    }

    /// Takes a moment's clusters, and what moves in it at the shortest step; `is_vacant`: nothing in front of the
    /// background moved lately.
    pub(super) fn take(&mut self, clusters: &[Cluster], now: &[f32], is_vacant: bool, at: UtcMicros) {
        let dt_s = at.seconds_since(self.at).clamp(0.0, 10.0) as f32;
        self.at = at;
        let (forget, keep) = (1.0 - dt_s / DUTY_S, 1.0 - dt_s / MEMORY_S);
        for cell in 0..MICRO_CELLS {
            self.duty[cell] *= forget;
            self.movements[cell] *= keep;
        }
        for cell in (0..MICRO_CELLS).filter(|&cell| self.restless.contains(cell)) {
            self.haunted[cell] = at;
        }
        let is_attended = at <= self.until;
        self.was_empty |= at.seconds_since(self.last_strong.max(self.born)) > EMPTY_S;
        let sits = is_attended && !clusters.is_empty() && self.is_inside();
        for cluster in clusters {
            for &cell in &cluster.cells {
                let cell = usize::from(cell);
                self.duty[cell] += dt_s.min(1.0) / DUTY_S;
                if self.duty[cell] > HAUNT_DUTY {
                    self.haunted[cell] = at;
                }
                if at.seconds_since(self.moved_at[cell]) > PAUSE_S {
                    self.movements[cell] += 1.0;
                }
                self.moved_at[cell] = at;
                if cluster.is_strong {
                    if sits && self.movements[cell] >= SEAT_MOVEMENTS {
                        self.sat_at[cell] = at;
                    }
                    self.stirred_at[cell] = at;
                    if now.get(cell).is_some_and(|ratio| *ratio >= 1.0) {
                        self.shifted_at[cell] = at;
                    }
                }
            }
            let is_visitor = cluster.is_strong
                && cluster.cells.len() >= VISITOR_CELLS
                && (cluster.is_supported || cluster.touches_rim);
            let is_whole = cluster.cells.len() >= PATH_CELLS;
            if is_visitor && is_whole && is_vacant && at.seconds_since(self.last_strong) > VACANT_S {
                for &cell in &cluster.cells {
                    self.doors[usize::from(cell)] = true;
                }
            }
            if cluster.is_strong {
                self.last_strong = at;
            }
            if is_visitor || cluster.is_strong && cluster.peak >= BODY_PEAK {
                cluster.cells.iter().for_each(|&cell| self.used_at[usize::from(cell)] = at);
            }
            if is_visitor {
                for &cell in &cluster.cells {
                    self.trod[usize::from(cell)] = at;
                }
                if at.seconds_since(self.last_visitor) > VACANT_S {
                    self.came_at = at;
                }
                self.last_visitor = at;
            }
            if is_visitor || is_attended && cluster.is_strong {
                self.until = at.plus_s(ATTENDS_S).min(self.last_visitor.plus_s(VISIT_S)).max(self.relit_until);
            }
        }
        if at <= self.until && !self.has_come() {
            self.until = at.plus_us(-1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::MICRO_X;

    fn at(second: f64) -> UtcMicros {
        UtcMicros(0).plus_s(second)
    }

    /// A view that was empty for minutes, then `cluster` at each fifth of a second for `length_s`.
    fn seen_for(length_s: f64, cluster: impl Fn(f64) -> Vec<u16>) -> Attention {
        let mut attention = Attention::new(UtcMicros(0));
        (0..1000).for_each(|sample| attention.take(&[], &[], true, at(f64::from(sample) / 5.0)));
        for sample in 0..(length_s * 5.0) as u32 {
            let second = f64::from(sample) / 5.0;
            let cells = cluster(second);
            let moves = Cluster { cells, peak: 2.0, is_strong: true, is_supported: true, touches_rim: false };
            attention.take(&[moves], &[], sample == 0, at(200.0 + second));
        }
        attention
    }

    /// Whether somebody may be there after that.
    fn is_attended_after(length_s: f64, cluster: impl Fn(f64) -> Vec<u16>) -> bool {
        seen_for(length_s, cluster).is_on(at(200.0 + length_s))
    }

    /// Four cells wide and as high.
    fn block(column: usize) -> Vec<u16> {
        (0..16).map(|cell| ((10 + cell / 4) * MICRO_X + column + cell % 4) as u16).collect()
    }

    fn comes_and_waves(second: f64) -> Vec<u16> {
        block(if second < 3.0 { 4 + (second * 5.0) as usize } else { 20 })
    }

    #[test]
    fn a_fan_that_is_switched_on_is_nobody_after_seconds_and_whoever_walks_in_stays() {
        let fan = |_: f64| block(20);
        assert!(is_attended_after(LEAVES_S - 1.0, fan));
        assert!(!is_attended_after(LEAVES_S + 1.0, fan));
        assert!(is_attended_after(LEAVES_S + 1.0, comes_and_waves));
        assert!(is_attended_after(60.0, comes_and_waves));
    }

    #[test]
    fn who_is_there_when_the_light_changes_may_be_there_for_a_quarter_of_an_hour() {
        let after = |comes: bool, is_relit: bool, seconds: f64| {
            let mut attention = seen_for(if comes { 20.0 } else { 0.0 }, comes_and_waves);
            if is_relit {
                attention.relight(at(221.0));
            }
            let rest = 1100..1100 + (seconds * 5.0) as u32;
            rest.for_each(|sample| attention.take(&[], &[], true, at(f64::from(sample) / 5.0)));
            attention.is_on(at(220.0 + seconds))
        };
        assert_eq!([60.0, 200.0].map(|seconds| after(true, false, seconds)), [true, false]);
        assert_eq!([200.0, 890.0, 910.0].map(|seconds| after(true, true, seconds)), [true, true, false]);
        assert!(!after(false, true, 60.0));
    }

    #[test]
    fn where_nobody_walked_for_a_quarter_of_an_hour_nobody_is_though_others_are_elsewhere() {
        // Comes and sits, and at times moves their whole body; a hand moves there, and a curtain elsewhere.
        let works = |second: f64| {
            let body = second < 8.0 || second % 300.0 < 2.0;
            if body { comes_and_waves(second) } else { block(20)[..2].to_vec() }
        };
        let [seat, beside, curtain] = [block(20)[5], block(20)[0] - 2, block(40)[0]].map(usize::from);
        let unused_after = |seconds: f64| {
            let attention = seen_for(seconds, works);
            assert!(attention.is_on(attention.at));
            let is_unused = attention.unused_cells();
            [seat, beside, curtain].map(is_unused)
        };
        assert_eq!(unused_after(PLACE_S - 250.0), [false; 3]);
        assert_eq!(unused_after(PLACE_S + 10.0), [false, false, true]);
    }

    #[test]
    fn a_seat_is_not_learned_after_the_light_changed() {
        // Sits, and moves for two seconds of four.
        let sits = |second: f64| {
            if second < 8.0 || second % 4.0 < 2.0 { comes_and_waves(second) } else { Vec::new() }
        };
        let seat = usize::from(block(20)[5]);
        let is_learned = |is_relit: bool, rest_s: u32| {
            let mut attention = seen_for(60.0, sits);
            if is_relit {
                attention.relight(at(261.0));
            }
            let rest = 1310..1310 + 5 * rest_s;
            rest.for_each(|sample| attention.take(&[], &[], true, at(f64::from(sample) / 5.0)));
            assert!(!attention.is_on(attention.at) && attention.free_cells()(0));
            attention.free_cells()(seat)
        };
        assert!(is_learned(false, 1200), "in the same light, nobody is there");
        assert!(!is_learned(true, 1200));
        assert!(is_learned(true, 5500));
    }
}
