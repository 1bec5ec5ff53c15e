//! A clock burnt into the picture: where it counts the seconds.
//!
//! Its last digit changes once a second, always at the same fraction of one, and is still in between; a person's
//! movements keep no such time. The cells around it say nothing about the room. A camera of one or two frames a second
//! hides most of that rhythm, so there it must be kept for a minute or half of one. Screens are left out with it.

use super::cells::silence;
use super::screen::Screens;
use crate::diff::{MICRO_CELLS, MICRO_X, MICRO_Y};
use pantau_models::time::{US_PER_S, UtcMicros};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// A cell changes if its pixels do by so much on average, grey levels: a digit's stroke covers a tenth of a cell and
/// more, at the contrast of something that is to be read.
const CHANGE_GREY: f32 = 3.0;
/// Steps over a longer time miss beats, seconds.
const STEP_S_MAX: f64 = 1.1;
/// A change is on the beat if it comes so near to a second after the last one, and as near to the fraction of a second
/// at which the others came, seconds: a sample's distance and a little.
const NEAR_S: f64 = 0.26;
/// Over longer steps, so many of them: what is seen at the end of one may have happened anywhere in it.
const NEAR_STEPS: f64 = 0.6;
/// A beat without a visible change (a 5 that becomes a 6) is forgiven if no more than this many seconds pass, and if so
/// many beats were seen for each missed: key frames every two seconds are no clock.
const MISSED_S: f64 = 2.0;
const BEATS_A_MISS: u16 = 4;
/// What is compressed anew just after a change belongs to it, seconds.
const SETTLES_S: f64 = 0.45;
/// So many changes on the beat are a clock's. People's movements in one of their cells come on the beat by chance one
/// time in three or four.
const BEATS: u16 = 11;
/// Steps up to so many seconds tell when in the second a change came, or that none came in half of it. Beyond, a clock
/// is what always changes ...
const STEP_S_FINE: f64 = 0.55;
/// ... for so many beats: people who are busy in one of their cells, at a table by the lower border, seldom change it in
/// four seconds of five for a minute.
const BEATS_COARSE: u16 = 60;
/// At the start fewer are believed, because nothing is told of the view before; if it doesn't go on counting it was
/// none.
const FIRST_BEATS: u16 = 4;
const FIRST_S: f64 = 8.0;
const FIRST_KEPT_S: f64 = 15.0;
/// Clocks are within so many rows of cells of the upper or the lower border; people sit in the middle.
const BORDER_ROWS: usize = 4;
/// More cells than this that keep time are no clock: key frames once a second, a lamp that flickers.
const DIGIT_CELLS_MAX: usize = 12;
/// Cells beside it that are masked as well: the next digit, and what compression smears.
const BESIDE_X: usize = 2;
const BESIDE_Y: usize = 1;
/// A clock's other digits stand in its rows, so many cells to either side.
const LINE_X: usize = 20;
/// ... and change at least so strongly beside the one that counts.
const LIKE_TICK: f32 = 0.25;
/// Tenths of a second change without a pause, seconds.
const BUSY_S: f64 = 3.0;
/// A clock that was watched for so long without being seen to count is gone, or somebody's head is before it, seconds.
const KEPT_S: f64 = 600.0;

/// True if a clock may be burnt in at the cell.
pub(super) fn is_clock_row(cell: usize) -> bool {
    !(BORDER_ROWS..MICRO_Y - BORDER_ROWS).contains(&(cell / MICRO_X))
}

/// What is known of a burnt-in clock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Burnt {
    cells: Vec<Rhythm>,
    born: Option<UtcMicros>,
    taken_at: UtcMicros,
    /// For how long the view was watched closely enough to see a clock count, seconds.
    watched_s: f64,
    /// Until when, by that, each cell is taken for a part of a clock.
    until_s: Vec<f64>,
    screens: Screens,
    /// Cells of the clock, and those of screens with them.
    clock: Vec<bool>,
    masked: Vec<bool>,
    /// Rows of cells with text.
    written: Vec<bool>,
}

/// When a cell changes.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Rhythm {
    /// For how long it has changed in each step, seconds; 0 if not in the last one.
    busy_s: f64,
    /// Begin of the last change.
    changed_at: UtcMicros,
    /// Changes on the beat since the last one off it, and the fraction of a second at which they come, seconds.
    beats: u16,
    misses: u16,
    phase_s: f64,
    /// One of them was seen over a step too long to tell when in the second it came.
    is_coarse: bool,
}

impl Rhythm {
    fn is_changing(&self) -> bool {
        self.busy_s > 0.0
    }

    fn take(&mut self, changes: bool, step_s: f64, at: UtcMicros) {
        let is_coarse = step_s > STEP_S_FINE;
        // A clock changes in every coarse step.
        let was_changing = self.is_changing() && !is_coarse;
        self.busy_s = if changes { self.busy_s + step_s } else { 0.0 };
        let near_s = NEAR_S.max(NEAR_STEPS * step_s);
        let since_s = at.seconds_since(self.changed_at);
        if !changes {
            if since_s > MISSED_S + near_s {
                self.beats = 0;
            }
            return;
        }
        if self.beats > 0 && since_s < SETTLES_S {
            return;
        }
        let phase_s = at.0.rem_euclid(US_PER_S) as f64 / US_PER_S as f64;
        let off_s = (phase_s - self.phase_s + 0.5).rem_euclid(1.0) - 0.5;
        let is_beat = !was_changing && (since_s - since_s.round()).abs() <= near_s && since_s <= MISSED_S + near_s;
        let misses = self.misses + u16::from(since_s > 1.0 + near_s);
        let beats = self.beats.saturating_add(1);
        if self.beats > 0 && is_beat && off_s.abs() <= near_s && misses.saturating_mul(BEATS_A_MISS) <= beats {
            (self.beats, self.misses, self.is_coarse) = (beats, misses, self.is_coarse || is_coarse);
            self.phase_s += off_s / f64::from(self.beats.min(BEATS));
        } else {
            (self.beats, self.misses, self.phase_s, self.is_coarse) = (u16::from(!was_changing), 0, phase_s, is_coarse);
        }
        self.changed_at = at;
    }
}

impl Burnt {
    pub(super) fn new() -> Self {
        Self {
            cells: vec![Rhythm::default(); MICRO_CELLS],
            born: None,
            taken_at: UtcMicros::NEVER,
            watched_s: 0.0,
            until_s: vec![f64::MIN; MICRO_CELLS],
            screens: Screens::new(),
            clock: vec![false; MICRO_CELLS],
            masked: vec![false; MICRO_CELLS],
            written: vec![false; MICRO_Y],
        }
    }

    /// Rows of cells in which a clock stands, whose digits make a line of text longer and shorter.
    pub(super) fn written(&self) -> &[bool] {
        &self.written
    }

    /// The view is another one: screens stand elsewhere, and the clock where it stood.
    pub(super) fn look_elsewhere(&mut self) {
        self.screens = Screens::new();
    }

    /// True if a clock is burnt in at the cell or beside it.
    pub(super) fn is_clock(&self, cell: usize) -> bool {
        self.clock[cell]
    }

    /// True if a clock is burnt in or a screen shows pages at the cell or beside it.
    pub(super) fn is_masked(&self, cell: usize) -> bool {
        self.masked[cell]
    }

    /// Since when the screens that were found until `at` have shown pages; told once.
    pub(super) fn take_found(&mut self, at: UtcMicros) -> Option<UtcMicros> {
        self.screens.take_found(at)
    }

    /// Takes what the masked cells show away.
    pub(super) fn silence(&self, ratios: &mut [f32]) {
        silence(ratios, &self.masked);
    }

    /// Takes the mean change of every cell's pixels over the last step, grey levels, which took `step_s`; whether it
    /// ends at a key frame or just after one. True if the mask is another now.
    pub(super) fn take(&mut self, steps: &[f32], step_s: f64, at: UtcMicros, is_coded_anew: bool) -> bool {
        if steps.is_empty() || !(0.0..=STEP_S_MAX).contains(&step_s) {
            return false;
        }
        let born = *self.born.get_or_insert(at);
        self.watched_s += at.seconds_since(self.taken_at).clamp(0.0, STEP_S_MAX);
        self.taken_at = at;
        for (rhythm, &step) in self.cells.iter_mut().zip(steps) {
            rhythm.take(step >= CHANGE_GREY, step_s, at);
        }
        self.believe(KEPT_S, |rhythm, is_known| {
            rhythm.beats >= if rhythm.is_coarse && !is_known { BEATS_COARSE } else { BEATS }
        });
        if at.seconds_since(born) <= FIRST_S {
            self.believe(FIRST_KEPT_S, |rhythm, _| rhythm.beats >= FIRST_BEATS && !rhythm.is_coarse);
        }
        if step_s <= STEP_S_FINE {
            self.read_on(steps, step_s, at);
        }
        let mut clock = vec![false; MICRO_CELLS];
        for cell in (0..MICRO_CELLS).filter(|&cell| self.until_s[cell] >= self.watched_s) {
            around(cell).for_each(|near| clock[near] = true);
        }
        if clock != self.clock {
            self.written = clock.chunks_exact(MICRO_X).map(|row| row.contains(&true)).collect();
            self.clock.clone_from(&clock);
        }
        self.screens.take(steps, step_s, at, is_coded_anew);
        let mut masked = clock;
        if let Some(screens) = self.screens.masked(at) {
            masked.iter_mut().zip(screens).for_each(|(masked, is_screen)| *masked |= is_screen);
        }
        let is_new = masked != self.masked;
        self.masked = masked;
        is_new
    }

    /// Beside a digit that counts stand others, which change with it or all the time, and as strongly. People who come
    /// there reach over the line's edges.
    fn read_on(&mut self, steps: &[f32], step_s: f64, at: UtcMicros) {
        let known: Vec<usize> = (0..MICRO_CELLS).filter(|&cell| self.until_s[cell] >= self.watched_s).collect();
        for is_upper in [true, false] {
            let digits = || known.iter().copied().filter(|cell| (cell / MICRO_X < MICRO_Y / 2) == is_upper);
            let Some(line) = Line::around(digits()) else { continue };
            let ticking = digits().filter(|&cell| self.cells[cell].changed_at == at && self.cells[cell].beats > 1);
            let tick = ticking.map(|cell| steps[cell]).fold(0.0, f32::max);
            let belongs = |cell: usize| {
                let rhythm = &self.cells[cell];
                let ticks = tick > 0.0 && rhythm.busy_s <= step_s && steps[cell] >= LIKE_TICK * tick;
                rhythm.is_changing() && (ticks || rhythm.busy_s >= BUSY_S)
            };
            let is_alone = |cell: usize| line.outside(cell).all(|near| !self.cells[near].is_changing());
            let others: Vec<usize> = line.cells().filter(|&cell| belongs(cell) && is_alone(cell)).collect();
            // As long as the clock is believed and no longer.
            let until_s = digits().map(|cell| self.until_s[cell]).fold(self.watched_s, f64::max);
            if others.len() <= DIGIT_CELLS_MAX {
                for cell in others {
                    self.until_s[cell] = self.until_s[cell].max(until_s);
                }
            }
        }
    }

    fn believe(&mut self, kept_s: f64, is_clock: impl Fn(&Rhythm, bool) -> bool) {
        let counts = |cell: usize| {
            let is_at_border = is_clock_row(cell);
            is_at_border && is_clock(&self.cells[cell], self.until_s[cell] >= self.watched_s)
        };
        let digits: Vec<usize> = (0..MICRO_CELLS).filter(|&cell| counts(cell)).collect();
        if digits.len() <= DIGIT_CELLS_MAX {
            for cell in digits {
                self.until_s[cell] = self.until_s[cell].max(self.watched_s + kept_s);
            }
        }
    }
}

/// The line of text that a clock stands in, in cells.
struct Line {
    columns: RangeInclusive<usize>,
    rows: RangeInclusive<usize>,
}

impl Line {
    fn around(digits: impl Iterator<Item = usize> + Clone) -> Option<Self> {
        let columns = digits.clone().map(|cell| cell % MICRO_X);
        let rows = digits.map(|cell| cell / MICRO_X);
        let (left, right) = (columns.clone().min()?, columns.max()?);
        Some(Self {
            columns: left.saturating_sub(LINE_X)..=(right + LINE_X).min(MICRO_X - 1),
            rows: rows.clone().min()?..=rows.max()?,
        })
    }

    fn cells(&self) -> impl Iterator<Item = usize> {
        let columns = self.columns.clone();
        self.rows.clone().flat_map(move |y| columns.clone().map(move |x| y * MICRO_X + x))
    }

    /// Cells just above and below the line at a cell of it.
    fn outside(&self, cell: usize) -> impl Iterator<Item = usize> {
        let x = cell % MICRO_X;
        let columns = x.saturating_sub(1)..=(x + 1).min(MICRO_X - 1);
        let below = Some(self.rows.end() + 1).filter(|&below| below < MICRO_Y);
        let rows = self.rows.start().checked_sub(1).into_iter().chain(below);
        rows.flat_map(move |y| columns.clone().map(move |x| y * MICRO_X + x))
    }
}

fn around(cell: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (cell % MICRO_X, cell / MICRO_X);
    let (x0, x1) = (x.saturating_sub(BESIDE_X), (x + BESIDE_X).min(MICRO_X - 1));
    let (y0, y1) = (y.saturating_sub(BESIDE_Y), (y + BESIDE_Y).min(MICRO_Y - 1));
    (y0..=y1).flat_map(move |y| (x0..=x1).map(move |x| y * MICRO_X + x))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps at `fps` for `seconds` in which each of `cells` changes when its function of the time says so.
    fn after(seconds: u32, fps: u32, cells: &[(usize, &dyn Fn(f64) -> bool)]) -> Burnt {
        coded(seconds, fps, &|_| false, cells)
    }

    /// The same where key frames come when `is_key` says so.
    fn coded(seconds: u32, fps: u32, is_key: &dyn Fn(f64) -> bool, cells: &[(usize, &dyn Fn(f64) -> bool)]) -> Burnt {
        let mut burnt = Burnt::new();
        let step_s = 1.0 / f64::from(fps);
        for step in 1..=seconds * fps {
            let at = UtcMicros(1_767_225_600_370_000).plus_s(f64::from(step) * step_s);
            let mut steps = vec![0.5; MICRO_CELLS];
            for (cell, changes) in cells {
                if changes(f64::from(step) * step_s) {
                    steps[*cell] = 9.0;
                }
            }
            burnt.take(&steps, step_s, at, is_key(f64::from(step) * step_s));
        }
        burnt
    }

    /// True in the step in which a second that began `offset_s` into the clip's ends.
    fn each_second(fps: u32, offset_s: f64) -> impl Fn(f64) -> bool {
        move |at_s| ((at_s - offset_s) * f64::from(fps)).round().rem_euclid(f64::from(fps)) < 0.5
    }

    const DIGIT: usize = MICRO_X + 14;

    #[test]
    fn a_turned_camera_has_its_clock_and_no_screen_any_more() {
        const PAGE: usize = 12 * MICRO_X + 20;
        let turns = |at_s: f64| (at_s * 5.0).round() % 40.0 == 0.0;
        let page: Vec<usize> = (0..9).map(|cell| PAGE + cell / 3 * MICRO_X + cell % 3).collect();
        let counts = each_second(5, 0.0);
        let mut cells: Vec<(usize, &dyn Fn(f64) -> bool)> = page.iter().map(|&cell| (cell, &turns as _)).collect();
        cells.push((DIGIT, &counts));
        let mut burnt = after(41, 5, &cells);
        assert!(burnt.is_masked(DIGIT) && burnt.is_masked(PAGE) && !burnt.is_clock(PAGE));
        burnt.look_elsewhere();
        burnt.take(&[0.5; MICRO_CELLS], 0.2, UtcMicros(1_767_225_600_370_000).plus_s(41.2), false);
        assert!(burnt.is_masked(DIGIT) && !burnt.is_masked(PAGE));
    }

    #[test]
    fn a_digit_that_counts_seconds_is_masked_within_five_of_them() {
        for fps in [4, 5, 6] {
            let burnt = after(5, fps, &[(DIGIT, &each_second(fps, 0.3))]);
            assert!(burnt.is_masked(DIGIT) && burnt.is_masked(DIGIT + 2) && burnt.is_masked(DIGIT - MICRO_X));
            assert!(!burnt.is_masked(DIGIT + 3) && !burnt.is_masked(DIGIT + 2 * MICRO_X));
        }
    }

    #[test]
    fn it_is_kept_while_somebody_stands_before_it_and_forgotten_when_it_is_gone() {
        let clock = each_second(5, 0.0);
        let hidden = |at_s: f64| if at_s < 20.0 { clock(at_s) } else { false };
        assert!(after(200, 5, &[(DIGIT, &hidden)]).is_clock(DIGIT));
        assert!(!after(640, 5, &[(DIGIT, &hidden)]).is_clock(DIGIT));
    }

    #[test]
    fn it_is_not_forgotten_while_nobody_watches_it() {
        let mut burnt = after(20, 5, &[(DIGIT, &each_second(5, 0.0))]);
        let begin = burnt.taken_at;
        // Looked at for a fifth of a second each ten, as where only key frames are decoded.
        for look in 1..=120 {
            burnt.take(&vec![0.5; MICRO_CELLS], 0.2, begin.plus_s(10.0 * f64::from(look)), false);
        }
        assert!(burnt.is_masked(DIGIT));
    }

    #[test]
    fn movement_without_a_second_hand_is_none() {
        let always = |_: f64| true;
        let tapping = |at_s: f64| ((at_s * 5.0).round() as u32).is_multiple_of(4);
        let walking_by = |at_s: f64| (3.0..4.0).contains(&at_s);
        for seconds in [5, 8, 30, 120] {
            for movement in [&always as &dyn Fn(f64) -> bool, &walking_by] {
                assert!(!after(seconds, 5, &[(DIGIT, movement)]).is_masked(DIGIT));
            }
            // By itself it is a lamp's.
            assert!(!after(seconds, 5, &[(DIGIT, &tapping)]).is_clock(DIGIT));
        }
    }

    #[test]
    fn what_keeps_time_for_some_seconds_only_is_forgotten_soon() {
        let clock = each_second(5, 0.0);
        let stops = |at_s: f64| at_s < 6.5 && clock(at_s);
        assert!(after(7, 5, &[(DIGIT, &stops)]).is_clock(DIGIT));
        assert!(!after(25, 5, &[(DIGIT, &stops)]).is_clock(DIGIT));
    }

    #[test]
    fn cameras_of_a_frame_or_two_a_second_are_watched_for_longer() {
        for (fps, soon_s, late_s) in [(1, 50, 65), (2, 3, 6)] {
            let clock = each_second(fps, 0.0);
            let missing = |at_s: f64| clock(at_s) && at_s.round() as u32 % 10 != 6;
            assert!(!after(soon_s, fps, &[(DIGIT, &clock)]).is_clock(DIGIT));
            assert!(after(late_s, fps, &[(DIGIT, &clock)]).is_clock(DIGIT));
            assert!(after(2 * late_s, fps, &[(DIGIT, &missing)]).is_clock(DIGIT));
            let busy = |at_s: f64| (at_s * 0.37).fract() < 0.7;
            assert!(!after(600, fps, &[(DIGIT, &busy)]).is_clock(DIGIT));
        }
    }

    #[test]
    fn minutes_that_change_with_the_seconds_and_tenths_that_always_do_belong_to_the_line() {
        let (minute, tenth) = (DIGIT - 6, DIGIT + 5);
        let seconds = each_second(5, 0.3);
        let minutes = |at_s: f64| seconds(at_s) && at_s > 20.0 && at_s < 20.4;
        let always = |_: f64| true;
        let line: [(usize, &dyn Fn(f64) -> bool); 3] = [(DIGIT, &seconds), (minute, &minutes), (tenth, &always)];
        let burnt = after(22, 5, &line);
        assert!(burnt.is_masked(minute) && burnt.is_masked(tenth) && burnt.written()[1] && !burnt.written()[8]);
        // Somebody bows into the line at the tick, and a flag waves behind it: both reach beyond it.
        let below = [(minute + MICRO_X, &minutes as &dyn Fn(f64) -> bool), (tenth + MICRO_X, &always)];
        let burnt = after(22, 5, &[&line[..], &below[..]].concat());
        assert!(burnt.is_masked(DIGIT) && !burnt.is_masked(minute) && !burnt.is_masked(tenth));
        // Somebody passes behind the minutes between two ticks.
        let passes = |at_s: f64| (20.6..20.9).contains(&at_s);
        let burnt = after(22, 5, &[(DIGIT, &seconds), (minute, &passes)]);
        assert!(burnt.is_masked(DIGIT) && !burnt.is_masked(minute));
    }

    #[test]
    fn there_is_no_clock_where_people_sit() {
        const MIDDLE: usize = 13 * MICRO_X + 20;
        assert!(!after(60, 5, &[(MIDDLE, &each_second(5, 0.0))]).is_clock(MIDDLE));
    }

    #[test]
    fn key_frames_every_two_seconds_are_no_clock_and_a_missed_beat_of_a_clock_is_forgiven() {
        let key = |at_s: f64| ((at_s * 5.0).round() as u32).is_multiple_of(10);
        assert!(!coded(60, 5, &key, &[(DIGIT, &key)]).is_masked(DIGIT));
        let clock = each_second(5, 0.0);
        let missing = |at_s: f64| clock(at_s) && at_s.round() as u32 % 10 != 6;
        assert!(after(40, 5, &[(DIGIT, &missing)]).is_clock(DIGIT));
    }

    #[test]
    fn the_whole_view_trembling_at_key_frames_is_no_clock() {
        let key = each_second(5, 0.0);
        let cells: Vec<(usize, &dyn Fn(f64) -> bool)> =
            (0..40).map(|cell| (cell * 7, &key as &dyn Fn(f64) -> bool)).collect();
        let burnt = coded(30, 5, &key, &cells);
        assert!((0..MICRO_CELLS).all(|cell| !burnt.is_masked(cell)));
    }
}
