//! Daylight that drifts in a part of the view: a window's panes while clouds pass, the sun on a floor.
//!
//! Clouds take seconds: a pane becomes brighter for a second and goes on for the next at much the same rate, and all of
//! it does by about the same share. Whoever moves brightens some cells and darkens those beside them, each for less than
//! a second. The constants were chosen on five made windows and checked on labelled footage.

use super::blobs::Blobs;
use super::cells::components;
use super::history::History;
use super::motion::drift;
use super::{View, Working};
use crate::diff::{MICRO_CELLS, Ranked};

/// What a second's drift is compared with: the second after it.
const SECOND_S: f64 = 1.0;
/// ... or what is nearest to that, seconds.
const SLACK_S: f64 = 0.25;
/// A pane drifts by so much a second at least, grey levels apart from the rest of the view, and at most.
const GREY_MIN: f32 = 1.0;
const GREY_MAX: f32 = 14.0;
/// From one second to the next its rate changes to no less than this share.
const STEADY: f32 = 0.4;
/// Added to a cell's brightness, so that black ones don't get absurd shares, grey levels.
const BLACK_GREY: f32 = 16.0;
/// Cells drift alike by shares from one to the other of the middle one's.
const ALIKE: [f32; 2] = [0.35, 2.2];
/// So many cells that touch are a pane.
const PANE_CELLS: usize = 16;
/// What was a pane once, within so many seconds, is one again with less, cells and grey levels a second.
const KNOWN_S: f64 = 3600.0;
const KNOWN_CELLS: usize = 5;
const KNOWN_GREY_MIN: f32 = 0.25;
/// A pane is still one for so long after it was seen to drift, and was already so long before, seconds.
const NEAR_S: f64 = 2.5;
/// ... if for so long at least: what an encoder makes of a noisy wall is over sooner.
const LASTS_S: f64 = 1.5;
/// A blob of which so much is panes is their light.
pub(super) const LIGHT_SHARE: f32 = 0.6;

impl View {
    /// What drifts, by the last three seconds: of the moment in their middle that is known now. Blobs of it are light.
    pub(super) fn watch_daylight(&mut self, blobs: &mut Blobs, working: &Working) {
        let Some(newest) = self.history.len().checked_sub(1) else { return };
        let at = self.history.get(newest).at;
        if let Some(middle) = self.history.index_at(newest, -SECOND_S, SLACK_S) {
            let is_known: Vec<bool> = self.panes.iter().map(|seen| at.seconds_since(*seen) < KNOWN_S).collect();
            let drifts = drifting(&self.history, middle, &is_known);
            self.history.set_drifts(middle, drifts);
        }
        let drifts = self.drifting_now();
        for (seen, _) in self.panes.iter_mut().zip(&drifts).filter(|(_, drifts)| **drifts) {
            *seen = at;
        }
        self.take_over_daylight(blobs, &drifts, working);
    }

    /// Cells that drift now or did just before.
    pub(super) fn drifting_now(&self) -> Vec<bool> {
        self.history.len().checked_sub(1).map_or_else(|| vec![false; MICRO_CELLS], |last| near(&self.history, last))
    }

    /// A pane that is brighter than it was stands out from the background, and nobody stands there.
    fn take_over_daylight(&mut self, blobs: &mut Blobs, drifts: &[bool], working: &Working) {
        for index in 0..blobs.cells.len() {
            let cells = &blobs.cells[index];
            let count = cells.iter().filter(|&&cell| drifts[usize::from(cell)]).count();
            if count as f32 >= LIGHT_SHARE * cells.len() as f32 {
                self.take_blob_over(blobs, index, working);
            }
        }
    }
}

/// The cells that drift at about the time of a moment.
pub(super) fn near(history: &History, index: usize) -> Vec<bool> {
    let at = history.get(index).at;
    let is_near = |other: &usize| history.get(*other).at.seconds_since(at).abs() <= NEAR_S;
    let before = (0..index).rev().take_while(is_near);
    let after = (index..history.len()).take_while(is_near);
    let mut seen = vec![None; MICRO_CELLS];
    for moment in before.chain(after).map(|other| history.get(other)).filter(|moment| !moment.drifts.is_empty()) {
        for (seen, _) in seen.iter_mut().zip(&moment.drifts).filter(|(_, drifts)| **drifts) {
            let (first, last) = seen.unwrap_or((moment.at, moment.at));
            *seen = Some((moment.at.min(first), moment.at.max(last)));
        }
    }
    seen.into_iter().map(|seen| seen.is_some_and(|(first, last)| last.seconds_since(first) >= LASTS_S)).collect()
}

/// The cells that drift by themselves at a moment, by the second before and the one after it; empty if none do.
fn drifting(history: &History, index: usize, is_known: &[bool]) -> Vec<bool> {
    let mut drifting = Vec::new();
    let here = history.get(index);
    let [Some(before), Some(after)] = [-SECOND_S, SECOND_S].map(|lag_s| history.at_lag(index, lag_s, SLACK_S)) else {
        return drifting;
    };
    let (came, comes) = (drift(here, before), drift(after, here));
    let rates = here.means.iter().zip(&before.means).zip(&after.means);
    let rates: Vec<[f32; 2]> = rates.map(|((y, b), a)| [y - b - came, a - y - comes]).collect();
    for is_up in [true, false] {
        let drifts = |cell: usize| {
            let [first, then] = rates[cell].map(|rate| if is_up { rate } else { -rate });
            let (least, most) = (first.min(then), first.max(then));
            let enough = if is_known[cell] { KNOWN_GREY_MIN } else { GREY_MIN };
            least >= enough.max(STEADY * most) && most <= GREY_MAX
        };
        for part in components(drifts) {
            let share = |cell: &u16| {
                let cell = usize::from(*cell);
                (rates[cell][0] + rates[cell][1]).abs() / (here.means[cell] + BLACK_GREY)
            };
            let middle = part.iter().map(share).collect::<Ranked>().median();
            let alike = || part.iter().filter(|cell| (ALIKE[0] * middle..=ALIKE[1] * middle).contains(&share(cell)));
            let count = alike().count();
            let known = alike().filter(|&&cell| is_known[usize::from(cell)]).count();
            if (count >= PANE_CELLS || known >= KNOWN_CELLS) && count * 2 >= part.len() {
                drifting.resize(MICRO_CELLS, false);
                part.iter().for_each(|&cell| drifting[usize::from(cell)] = true);
            }
        }
    }
    drifting
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::MICRO_X;
    use crate::scene::history::Moment;
    use pantau_models::time::UtcMicros;

    /// How many cells drift after six seconds in which columns 4 to 9 of rows 4 to 9 show `pane` of the time.
    fn drifting_after(pane: impl Fn(f64, usize) -> f32) -> usize {
        let mut history = History::default();
        for sample in 0..30 {
            let at_s = f64::from(sample) / 5.0;
            let is_pane = |cell: usize| (4..10).contains(&(cell % MICRO_X)) && (4..10).contains(&(cell / MICRO_X));
            let grey = |cell: usize| if is_pane(cell) { pane(at_s, cell % MICRO_X) } else { 90.0 };
            history.push(Moment::new(UtcMicros(0).plus_s(at_s), (0..MICRO_CELLS).map(grey).collect()));
        }
        for index in 0..history.len() {
            let drifts = drifting(&history, index, &[false; MICRO_CELLS]);
            history.set_drifts(index, drifts);
        }
        near(&history, 15).iter().filter(|drifts| **drifts).count()
    }

    #[test]
    fn a_pane_drifts_and_nobody_who_comes_stays_or_walks_does() {
        assert_eq!(drifting_after(|at_s, _| 150.0 + 3.0 * at_s as f32), 36);
        assert_eq!(drifting_after(|at_s, _| 150.0 - (4.0 * (at_s * 0.5).sin()) as f32 * 3.0), 36);
        // Somebody brighter than the wall is there within a second; then nothing changes.
        assert_eq!(drifting_after(|at_s, _| 90.0 + (40.0 * (at_s - 3.0).clamp(0.0, 0.6)) as f32), 0);
        let walks = |at_s: f64, column: usize| if (column as f64 - 4.0 - at_s).abs() < 1.5 { 60.0 } else { 90.0 };
        assert_eq!(drifting_after(walks), 0);
    }
}
