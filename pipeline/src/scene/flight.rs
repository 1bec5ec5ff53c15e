//! Insects near the lens: what flies is somewhere else in each sample, and only where it turns is it slow enough to
//! look like somebody. In the night of a warm country there are hundreds.

use super::cells::components;
use super::history::History;
use super::motion::{SLACK_S, VOTE_S, hit, lasts};
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What an insect shows is no smaller or larger than this, cells: single ones tell nothing anyway, and with more it would
/// cover a tenth of the view's height and width.
const CELLS_MIN: usize = 2;
const CELLS_MAX: usize = 24;
/// So long before something, and for as long after it as votes are taken, it flashes up elsewhere, seconds ...
const FLIGHT_S: f64 = 0.8;
/// ... in so many samples, as large as it is by so many times.
const FLASHES_MIN: usize = 2;
const ALIKE: usize = 2;
/// If more moves in a sample it is no insect, or rain.
const TOGETHER_MAX: usize = 3;

/// What flashed up lately.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Flights {
    flashes: VecDeque<Flash>,
    /// The last moment that was looked at.
    seen_until: UtcMicros,
}

/// Places that move in one sample and neither before nor after it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Flash {
    at: UtcMicros,
    /// Cells of each.
    sizes: Vec<u16>,
}

impl Flights {
    pub(super) fn new() -> Self {
        Self { flashes: VecDeque::new(), seen_until: UtcMicros::NEVER }
    }

    /// Looks at the moments of which those before `end` have their hits.
    pub(super) fn look(&mut self, history: &History, end: usize) {
        let is_new = |index: &usize| history.get(*index).at > self.seen_until;
        let first = (0..end).rev().take_while(is_new).last().unwrap_or(end);
        for index in first..end {
            let moment = history.get(index);
            self.seen_until = moment.at;
            let sizes = flashes(history, index);
            if !sizes.is_empty() {
                self.flashes.push_back(Flash { at: moment.at, sizes });
            }
        }
    }

    /// True if something as large as `cells` flashed up in several places just before and after `at`.
    pub(super) fn are_seen(&self, cells: usize, at: UtcMicros) -> bool {
        if !(CELLS_MIN..=CELLS_MAX).contains(&cells) {
            return false;
        }
        let is_like = |&other: &u16| usize::from(other) * ALIKE >= cells && usize::from(other) <= ALIKE * cells;
        let is_near = |flash: &Flash| {
            let after_s = flash.at.seconds_since(at);
            flash.at != at && (-FLIGHT_S - SLACK_S..=VOTE_S + SLACK_S).contains(&after_s)
        };
        let flashes = self.flashes.iter().filter(|flash| is_near(flash) && flash.sizes.iter().any(is_like));
        flashes.count() >= FLASHES_MIN
    }

    /// Forgets what no moment from `at` on is near to.
    pub(super) fn forget(&mut self, at: UtcMicros) {
        while self.flashes.front().is_some_and(|flash| at.seconds_since(flash.at) > 2.0 * FLIGHT_S) {
            self.flashes.pop_front();
        }
    }
}

/// Cells of each place that flashes up at the moment at `index`.
fn flashes(history: &History, index: usize) -> Vec<u16> {
    let moment = history.get(index);
    if moment.disturbed {
        return Vec::new();
    }
    let mut moving = components(|cell| hit(moment, cell));
    moving.retain(|cells| cells.len() >= CELLS_MIN);
    if moving.len() > TOGETHER_MAX {
        return Vec::new();
    }
    moving.iter().filter(|cells| !lasts(history, index, cells)).map(|cells| cells.len() as u16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{MICRO_CELLS, MICRO_X};
    use crate::scene::history::{Hits, Moment};

    /// Whether insects are seen at sample 5 of ten, five a second, by something of six cells: `places(sample)` are the
    /// upper left cells of what moves, three cells wide and two high.
    fn are_seen(places: impl Fn(usize) -> Vec<usize>) -> bool {
        let mut history = History::default();
        for sample in 0..10 {
            let mut moment = Moment::new(UtcMicros(0).plus_s(sample as f64 / 5.0), vec![90.0; MICRO_CELLS]);
            let mut any = vec![0.0; MICRO_CELLS];
            for place in places(sample) {
                (0..6).for_each(|cell| any[place + cell / 3 * MICRO_X + cell % 3] = 2.0);
            }
            moment.hits = Hits { any, ..Hits::default() };
            history.push(moment);
        }
        let mut flights = Flights::new();
        flights.look(&history, history.len());
        flights.are_seen(6, UtcMicros(0).plus_s(1.0))
    }

    fn cell(x: usize, y: usize) -> usize {
        y * MICRO_X + x
    }

    #[test]
    fn an_insect_is_elsewhere_in_each_sample_but_where_it_turns() {
        let turns = |sample: usize| if sample <= 5 { 10 + sample * 7 } else { 80 - sample * 7 };
        assert!(are_seen(|sample| vec![cell(turns(sample), 5)]));
        assert!(are_seen(|sample| vec![cell(turns(sample), 5), cell(40 - 4 * sample, 12)]), "two of them");
    }

    #[test]
    fn who_walks_or_moves_a_hand_is_no_insect() {
        assert!(!are_seen(|sample| vec![cell(10 + 2 * sample, 5)]), "walks");
        assert!(!are_seen(|sample| if sample == 5 { vec![cell(10, 5)] } else { vec![] }), "once");
        assert!(!are_seen(|sample| vec![cell(10 + sample / 2 * 8, 5)]), "here and there, for two samples each");
    }

    #[test]
    fn rain_hides_nobody() {
        let rain = |sample: usize| (0..5).map(move |streak| cell(3 + streak * 9 + sample % 2 * 4, 4 + sample % 3 * 6));
        assert!(!are_seen(|sample| rain(sample).collect()));
    }
}
