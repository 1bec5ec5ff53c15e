//! Small movements: two-sided differences at several lags, voted on by neighbours in space and time.
//!
//! min(|y(t) - y(t-L)|, |y(t) - y(t+L)|) leaves no tail after a departure and none before an entry; pumping at key
//! frames, single steps of light and changing digits cancel. It costs L of delay.
//!
//! In a film of one or two pictures a second that would cancel most of what somebody does. There a sample is compared
//! with the one before alone, and what key frames add is learned apart.

use super::burnt::is_clock_row;
use super::cells::{and_beside, components, is_rim, neighbours, with_neighbours};
use super::flight::Flights;
use super::history::STEP_LAGS;
use super::history::{History, Hits, Moment};
use super::light::brightening;
use super::noise::{ANEW, ENERGY, LAGS_S, Noise};
use super::sitter::{SMOOTHED, Sitters};
use crate::diff::MICRO_CELLS;

/// Delay after which nothing more can be learned of a moment, seconds.
pub(super) const LONGEST_LAG_S: f64 = LAGS_S[2];
/// A hit needs another hit near it within this time, seconds.
pub(super) const VOTE_S: f64 = 0.4;
/// What two samples further apart than this show may differ wholly, seconds.
const FLASH_S: f64 = 0.5;
/// Encoders mend what a key frame shows for so long, microseconds.
pub(super) const CODED_ANEW_US: i64 = 350_000;
/// A sample so shortly before a key frame has one side that is coded anew, seconds.
const LAST_S: f64 = 0.35;
/// With fewer other samples near one it isn't known what the encoder adds at key frames.
const OTHERS_MIN: usize = 2;
/// Slack for sample times that are not exact, seconds.
pub(super) const SLACK_S: f64 = 0.05;
/// At the longest lag only cells inside a foreground blob of at least so many cells count.
const LONG_LAG_BLOB_CELLS: u16 = 6;

/// Two-sided differences of a moment at a lag, grey levels; `None` where a side is missing. In a film so slow that whole
/// movements fit between two samples the least lag's are the step alone: a head that turns and stays has but one side.
pub(super) fn differences(history: &History, index: usize, lag: usize) -> Option<Vec<f32>> {
    let here = history.get(index);
    if lag < STEP_LAGS {
        let before = &here.steps[lag];
        let after = &history.after_lag(index, LAGS_S[lag])?.steps[lag];
        if before.is_empty() || after.is_empty() {
            return None;
        }
        // Digits step as well, for as long as it takes to know that they are a clock's.
        let is_slow = lag == 0 && history.is_slow(index);
        let steps_alone = |cell: usize| is_slow && !is_clock_row(cell);
        let sides = before.iter().zip(after).enumerate();
        let shown = sides.map(|(cell, (before, after))| if steps_alone(cell) { *before } else { before.min(*after) });
        return Some(shown.collect());
    }
    let lag_s = LAGS_S[lag];
    let before = history.at_lag(index, -lag_s, lag_s * 0.25)?;
    let after = history.at_lag(index, lag_s, lag_s * 0.25)?;
    let (to_before, to_after) = (drift(here, before), drift(here, after));
    let pairs = here.means.iter().zip(&before.means).zip(&after.means);
    Some(pairs.map(|((y, b), a)| (y - b - to_before).abs().min((y - a - to_after).abs())).collect())
}

/// Where noise keeps what a moment shows at a lag.
pub(super) fn slot(history: &History, index: usize, lag: usize) -> usize {
    if lag == 0 && history.get(index).is_coded_anew && history.is_slow(index) { ANEW } else { lag }
}

/// How much brighter most of the view is: auto-exposure and clouds move all cells by about as much.
pub(super) fn drift(here: &Moment, there: &Moment) -> f32 {
    /// Below this the mean difference can't push a cell over a threshold.
    const NEGLIGIBLE_GREY: f32 = 0.25;
    if (here.luma - there.luma).abs() < NEGLIGIBLE_GREY {
        return 0.0;
    }
    brightening(&there.means, &here.means)
}

/// Movement of every cell over its margin at a moment (1 and more; 0 for none). What `drifts` tells of is daylight's.
/// `sitters` take what shows without a foreground.
pub(super) fn hits(
    history: &History,
    index: usize,
    noise: &mut Noise,
    dt_s: f32,
    drifts: &[bool],
    mut sitters: Option<&mut Sitters>,
) -> Hits {
    let here = history.get(index);
    let none = || vec![0.0; MICRO_CELLS];
    let mut hits = Hits { any: none(), now: none(), strengths: Vec::new(), energy: Vec::new() };
    if here.disturbed {
        return hits;
    }
    let near_foreground = near_foreground(here);
    for (lag, &lag_s) in LAGS_S.iter().enumerate() {
        let Some(mut differences) = differences(history, index, lag) else { continue };
        let slot = slot(history, index, lag);
        noise.calm(slot, &mut differences, drifts);
        let counts = |cell: usize| match lag {
            0 => true,
            1 => near_foreground[cell],
            _ => blob_cells(here, cell) >= LONG_LAG_BLOB_CELLS,
        };
        let seeks = lag < STEP_LAGS && sitters.is_some();
        let ratios = noise.ratios(slot, &differences, |cell| seeks || counts(cell)).unwrap_or_default();
        if let Some(sitters) = sitters.as_deref_mut().filter(|_| seeks) {
            sitters.take(lag, &ratios);
        }
        if lag == 0 && !ratios.is_empty() {
            hits.strengths = noise.strengths(slot, &differences);
        }
        for (cell, &ratio) in ratios.iter().enumerate().filter(|(_, ratio)| **ratio >= 1.0) {
            if counts(cell) {
                hits.any[cell] = hits.any[cell].max(ratio);
                if lag == 0 {
                    hits.now[cell] = ratio;
                }
            }
        }
        // Key frames seconds apart are coded anew: what they tremble would hide small movements in between.
        if history.is_sparse(index, lag_s) {
            continue;
        }
        if lag == 1 {
            let energy = noise.smooth(&differences, dt_s);
            let counts = |cell: usize| sitters.is_some() || near_foreground[cell];
            let ratios = noise.ratios(ENERGY, &energy, counts).unwrap_or_default();
            if let Some(sitters) = sitters.as_deref_mut() {
                sitters.take(SMOOTHED, &ratios);
            }
            for (cell, &ratio) in ratios.iter().enumerate().filter(|(_, ratio)| **ratio >= 1.0) {
                if near_foreground[cell] {
                    hits.any[cell] = hits.any[cell].max(ratio);
                }
            }
            hits.energy = energy;
        }
    }
    hits
}

/// Noise learns what movement a moment shows from the cells that `may_learn` takes (told whether they are background).
pub(super) fn learn(
    history: &mut History,
    index: usize,
    noise: &mut Noise,
    dt_s: f32,
    may_learn: impl Fn(usize, bool) -> bool,
) {
    let unlearned = history.take_unlearned(index);
    let here = history.get(index);
    if here.disturbed {
        return;
    }
    let near_foreground = near_foreground(here);
    let learns: Vec<bool> = (0..MICRO_CELLS).map(|cell| may_learn(cell, !near_foreground[cell])).collect();
    for lag in (0..LAGS_S.len()).filter(|&lag| !history.is_sparse(index, LAGS_S[lag])) {
        if let Some(differences) = differences(history, index, lag) {
            noise.learn(slot(history, index, lag), &differences, dt_s, &learns);
        }
    }
    for (lag, differences) in unlearned.into_iter().filter(|(_, differences)| !differences.is_empty()) {
        noise.learn(lag, &differences, dt_s, &learns);
    }
}

/// Cells of the person-like blob that a cell is part of; 0 for none.
fn blob_cells(moment: &Moment, cell: usize) -> u16 {
    let facts = usize::from(moment.blobs[cell]).checked_sub(1).map(|blob| &moment.blob_facts[blob]);
    facts.filter(|facts| !facts.is_object).map_or(0, |facts| facts.cells)
}

/// Cells of a person-like blob, or next to one, or where somebody sits who is part of the background.
pub(super) fn near_foreground(moment: &Moment) -> Vec<bool> {
    let is_person_like = |&blob: &u8| blob > 0 && !moment.blob_facts[usize::from(blob) - 1].is_object;
    let mut near = with_neighbours(&moment.blobs.iter().map(is_person_like).collect::<Vec<bool>>());
    near.iter_mut().zip(&moment.seats).for_each(|(near, is_seat)| *near |= is_seat);
    near
}

/// A connected group of moving cells.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pub cells: Vec<u16>,
    /// The most that a cell shows, in multiples of its margin.
    pub peak: f32,
    /// Its movement can't be noise.
    pub is_strong: bool,
    /// It is part of something that differs from the background.
    pub is_supported: bool,
    pub touches_rim: bool,
}

impl Cluster {
    /// True if it counts as the room's activity. What is faint and part of nothing in front of the background is noise:
    /// in quiet hours there is nothing else, and how much of it depends on the encoder. Of somebody who hardly moves a
    /// single cell counts: whether the one beside it does, too, depends on the encoder as well.
    pub(super) fn is_activity(&self) -> bool {
        self.is_supported || self.cells.len() > 1 && self.is_strong
    }
}

const STRONG_CELLS: usize = 2;
const STRONG_PEAK: f32 = 1.6;
const ALONE_CELLS: usize = 3;
const ALONE_PEAK: f32 = 2.5;
/// Clusters that lie in the outermost ring alone must be this large: burnt-in text and lens edges live there.
const RIM_CELLS: usize = 6;

/// The clusters at a moment whose neighbours within [`VOTE_S`] have their hits.
pub(super) fn clusters(history: &History, index: usize, noise: &Noise, flights: &Flights) -> Vec<Cluster> {
    let here = history.get(index);
    let around = nearby(history, index);
    let before_key = before_key_frame(&around, here);
    let has_vote = |cell: usize| {
        neighbours(cell).any(|other| around.iter().any(|moment| hit(moment, other)))
            || around.iter().any(|moment| moment.at != here.at && hit(moment, cell))
    };
    let voted: Vec<bool> = (0..MICRO_CELLS).map(|cell| hit(here, cell) && has_vote(cell)).collect();
    let near = near_foreground(here);
    components(|cell| voted[cell])
        .into_iter()
        .filter(|cells| {
            let restless = cells.iter().filter(|&&cell| noise.is_restless(usize::from(cell))).count();
            restless == 0 || cells.len() - restless >= ALONE_CELLS
        })
        .map(|cells| {
            let peak = cells.iter().map(|&cell| here.hits.any[usize::from(cell)]).fold(0.0, f32::max);
            let is_supported = cells.iter().any(|&cell| near[usize::from(cell)]);
            let rim = cells.iter().filter(|&&cell| is_rim(usize::from(cell))).count();
            let is_strong = if is_supported {
                cells.len() >= STRONG_CELLS && peak >= STRONG_PEAK
            } else {
                cells.len() >= ALONE_CELLS && peak >= ALONE_PEAK
            };
            let is_strong = is_strong && (rim < cells.len() || cells.len() >= RIM_CELLS);
            let is_strong = is_strong && lasts(history, index, &cells);
            Cluster { cells, peak, is_strong, is_supported, touches_rim: rim > 0 }
        })
        .filter(|cluster| !flights.are_seen(cluster.cells.len(), here.at))
        .filter(|cluster| !here.is_coded_anew || cluster.is_supported || !is_encoders(&around, &cluster.cells))
        .filter(|cluster| !before_key.as_ref().is_some_and(|others| is_mended(others, &cluster.cells)))
        .collect()
}

/// True if nothing moves where `cells` are or beside them but at a key frame, by the moments `around` it: a textured
/// shelf is coded anew then, and moves in the same places every time.
fn is_encoders(around: &[&Moment], cells: &[u16]) -> bool {
    let others: Vec<&Moment> = around.iter().copied().filter(|moment| !moment.is_coded_anew).collect();
    moves_in_none(&others, cells)
}

/// The moments `around` one that neither are coded anew nor the last before such a one, if that is what the moment `here` is.
fn before_key_frame<'a>(around: &[&'a Moment], here: &Moment) -> Option<Vec<&'a Moment>> {
    let is_last = |index: usize| {
        let next = around.get(index + 1).filter(|next| next.is_coded_anew && !around[index].is_coded_anew);
        next.is_some_and(|next| next.at.seconds_since(around[index].at) <= LAST_S)
    };
    around.iter().position(|moment| moment.at == here.at).filter(|&index| is_last(index))?;
    let is_other = |&index: &usize| !around[index].is_coded_anew && !is_last(index);
    Some((0..around.len()).filter(is_other).map(|index| around[index]).collect())
}

/// True if what moves in the last sample before a key frame is there in none of the `others`: a patch of noise that was
/// coded late stands until the next sample else, and has but one side. Somebody moves, or stands out, before, too.
fn is_mended(others: &[&Moment], cells: &[u16]) -> bool {
    let stands_out = |moment: &&Moment| and_beside(cells).any(|cell| moment.blobs[cell] > 0);
    moves_in_none(others, cells) && !others.iter().all(stands_out)
}

/// True if nothing moves where `cells` are or beside them in any of the `others`, of which there are enough to tell.
fn moves_in_none(others: &[&Moment], cells: &[u16]) -> bool {
    others.len() >= OTHERS_MIN && !others.iter().any(|moment| and_beside(cells).any(|cell| hit(moment, cell)))
}

/// True if the sample before or after, too, shows movement or something in front of the background where `cells` are
/// or beside them: people do, streaks of rain flash up in one sample.
pub(super) fn lasts(history: &History, index: usize, cells: &[u16]) -> bool {
    let at = history.get(index).at;
    let is_unknown = |other: &Moment| other.disturbed || other.at.seconds_since(at).abs() > FLASH_S;
    let beside = [index.checked_sub(1), Some(index + 1).filter(|&after| after < history.len())];
    beside
        .into_iter()
        .flatten()
        .map(|other| history.get(other))
        .any(|other| is_unknown(other) || and_beside(cells).any(|cell| hit(other, cell) || other.blobs[cell] > 0))
}

pub(super) fn hit(moment: &Moment, cell: usize) -> bool {
    moment.hits.any.get(cell).is_some_and(|&ratio| ratio >= 1.0)
}

/// The moments within [`VOTE_S`] of one, itself included.
fn nearby(history: &History, index: usize) -> Vec<&Moment> {
    let at = history.get(index).at;
    let is_near = |other: &Moment| other.at.seconds_since(at).abs() <= VOTE_S + SLACK_S;
    let before = (0..index).rev().map(|i| history.get(i)).take_while(|moment| is_near(moment));
    let after = (index..history.len()).map(|i| history.get(i)).take_while(|moment| is_near(moment));
    before.chain(after).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::history::BlobFacts;
    use pantau_models::time::UtcMicros;

    /// Five samples a second for one, of which the one in the middle and the next are coded anew; `moves` in some.
    fn moments(moves: &[usize], is_coded_anew: impl Fn(usize) -> bool) -> Vec<Moment> {
        (0..5)
            .map(|number| {
                let mut moment = Moment::new(UtcMicros(0).plus_s(number as f64 / 5.0), vec![90.0; MICRO_CELLS]);
                moment.is_coded_anew = is_coded_anew(number);
                moment.hits.any = vec![0.0; MICRO_CELLS];
                moment.hits.any[600] = if moves.contains(&number) { 2.0 } else { 0.0 };
                moment
            })
            .collect()
    }

    #[test]
    fn what_a_key_frame_mends_at_once_is_nobody() {
        let is_mended = |moves: &[usize], stands_out: &[usize]| {
            let mut moments = moments(moves, |number| number >= 3);
            stands_out.iter().for_each(|&number| moments[number].blobs[600] = 1);
            let around: Vec<&Moment> = moments.iter().collect();
            super::is_mended(&before_key_frame(&around, around[2]).unwrap(), &[600])
        };
        assert!(is_mended(&[2], &[]) && is_mended(&[2], &[2]), "noise that was coded late");
        assert!(!is_mended(&[1, 2], &[]) && !is_mended(&[2], &[0, 1, 2]), "somebody was there before");
    }

    /// Where one leaves and the next comes five seconds later, the moment in between differs from both.
    #[test]
    fn a_thing_does_not_move_at_the_longest_lag() {
        let moves = |is_object: bool| {
            let mut history = History::default();
            for (number, grey) in [40.0, 90.0, 40.0].into_iter().enumerate() {
                let mut moment = Moment::new(UtcMicros(0).plus_s(number as f64 * 5.0), vec![90.0; MICRO_CELLS]);
                moment.means[77..85].fill(grey);
                moment.blobs[77..85].fill(1);
                moment.blob_facts = vec![BlobFacts { cells: 8, is_object, ..BlobFacts::default() }];
                history.push(moment);
            }
            let hits = hits(&history, 1, &mut Noise::new(), 0.2, &[false; MICRO_CELLS], None);
            hits.any.iter().filter(|&&ratio| ratio >= 1.0).count()
        };
        assert_eq!((moves(false), moves(true)), (8, 0));
    }

    /// A cell grows brighter by 9 at one of the samples, which are so far apart, and stays so.
    fn stepped(apart_s: &[f64], brighter: usize) -> (History, usize) {
        let mut history = History::default();
        let mut at = UtcMicros(0);
        for (number, &seconds) in apart_s.iter().enumerate() {
            at = at.plus_s(seconds);
            let mut moment = Moment::new(at, vec![90.0; MICRO_CELLS]);
            let mut step = vec![0.0; MICRO_CELLS];
            step[605] = if number == brighter { 9.0 } else { 0.0 };
            moment.steps = [step.clone(), step];
            history.push(moment);
        }
        (history, brighter)
    }

    #[test]
    fn a_slow_camera_s_steps_count_and_those_across_a_lost_frame_do_not() {
        let shown = |(history, index): (History, usize)| differences(&history, index, 0).unwrap()[605];
        assert_eq!(shown(stepped(&[0.0, 1.0, 1.0, 1.0, 1.0], 2)), 9.0);
        assert_eq!(shown(stepped(&[0.0, 0.5, 0.5, 0.5, 0.5], 2)), 9.0);
        assert_eq!(shown(stepped(&[0.0, 0.2, 0.2, 0.2, 0.2], 2)), 0.0);
        assert_eq!(shown(stepped(&[0.0, 0.2, 0.6, 0.2, 0.2], 2)), 0.0);
    }

    #[test]
    fn a_slow_camera_s_key_frames_are_learned_apart() {
        let slots = |apart_s: f64| {
            let (mut history, _) = stepped(&[0.0, apart_s, apart_s, apart_s], 1);
            let mut key = Moment::new(UtcMicros(0).plus_s(apart_s * 4.0), vec![90.0; MICRO_CELLS]);
            key.is_coded_anew = true;
            history.push(key);
            history.push(Moment::new(UtcMicros(0).plus_s(apart_s * 5.0), vec![90.0; MICRO_CELLS]));
            [slot(&history, 2, 0), slot(&history, 4, 0), slot(&history, 4, 1)]
        };
        assert_eq!(slots(1.0), [0, ANEW, 1]);
        assert_eq!(slots(0.2), [0, 0, 1]);
    }

    #[test]
    fn what_moves_at_a_key_frame_alone_is_the_encoders() {
        let is_told = |moves: &[usize], is_coded_anew: &dyn Fn(usize) -> bool| {
            let moments = moments(moves, is_coded_anew);
            is_encoders(&moments.iter().collect::<Vec<_>>(), &[601, 602])
        };
        let seldom = |number: usize| [2, 3].contains(&number);
        assert!(is_told(&[2, 3], &seldom));
        assert!(!is_told(&[1, 2], &seldom), "a hand that moves goes on moving");
        assert!(!is_told(&[2], &|_| true), "where every frame is a key frame they tell nothing");
    }
}
