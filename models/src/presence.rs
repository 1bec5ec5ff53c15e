//! Presence is not motion: whether somebody is in a zone, second by second.
//!
//! Each second's evidence becomes a log-likelihood ratio (nats, somebody against nobody); a chain of three states
//! (nobody; somebody who stands out from the background; somebody who looks like it) is
//! filtered forward and smoothed backward over a fixed lag, so that recordings and streams give the same numbers and
//! a second is final [`LAG_S`] after it. Ratios and rates come from measurements on labelled footage of rooms:
//! small movements of still people are seen in 94-100 % of seconds when seen whole, in 80-95 % at 20 x 25 pixels, with
//! silences of 5 to 13 s; "quiet and nothing in front of the background" is strong evidence of absence.

use crate::evidence::ZoneEvidence;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A second is final so many seconds after it: more changed nothing on labelled footage, 2 s were nearly as good.
pub const LAG_S: i64 = 60;

/// What a second shows, and how likely it is if somebody is in front of the background, or somebody is there who looks
/// like the background (half hidden, in clothes as bright as the wall, part of the background picture): nats over
/// nobody.
const MOVES: [f64; 2] = [12.5, 8.0];
const PAIR_MOVES: [f64; 2] = [5.0, 4.5];
const MOVES_AGAIN_UNSUPPORTED: [f64; 2] = [3.0, 4.5];
const MOVES_UNSUPPORTED: [f64; 2] = [2.0, 3.5];
const FAINT_AGAIN: [f64; 2] = [0.8, 1.5];
const FAINT: [f64; 2] = [0.0, 0.2];
const STANDS_OUT: [f64; 2] = [-0.04, -0.12];
const STANDS_OUT_STILL: [f64; 2] = [-0.4, -0.25];
const STANDS_OUT_LONG: [f64; 2] = [-0.4, -0.25];
/// People hold still for 5 to 20 s; what does so for longer is rarely one, seconds.
const STILL_S: f32 = 20.0;
const NOTHING: [f64; 2] = [-6.0, -0.16];
/// Cells of a cluster from which it is more than a pair.
const CLUSTER_CELLS: u16 = 3;
/// Cells of a cluster from which somebody walks.
const WALKER_CELLS: u16 = 6;

/// Chance a second that somebody comes or goes, while something moves at the border of the view or one second off.
const SWITCH_AT_BORDER: f64 = 0.25;
/// The same while somebody walks inside, who may come out of a door within the view.
const SWITCH_WALKING: f64 = 0.02;
/// The same at any other time: once an hour.
const SWITCH_ELSEWHERE: f64 = 1.0 / 3600.0;
/// Chance a second that somebody who stood out begins to look like the background, and the other way round.
const HIDES: f64 = 1.0 / 120.0;
const SHOWS: f64 = 1.0 / 30.0;
/// Chance that somebody is there before anything was seen: in front of the background, and as part of it.
const PRIOR: [f64; 3] = [0.87, 0.09, 0.04];

/// What the samples of one second say, before weighing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecondEvidence {
    /// Samples that could say something.
    pub samples: u32,
    /// Of these, samples with movement or something in front of the background.
    pub busy: u32,
    /// Cells of the largest cluster.
    pub cluster: u16,
    /// Cells of the largest cluster that might be noise.
    pub faint: u16,
    /// Whether a cluster is where something moved before.
    pub recurs: bool,
    /// Whether some cluster was part of something in front of the background.
    pub supported: bool,
    /// Whether one touched the border of the view.
    pub at_border: bool,
    /// Whether something in front of the background moved within the last minute.
    pub live: bool,
    /// Seconds since it moved.
    pub still_s: f32,
    /// Whether something in front of the background has been still for longer.
    pub silent: bool,
    /// What sightings add to the weight, nats; 0 without any.
    pub sighted: f32,
}

impl SecondEvidence {
    /// Adds a sample.
    pub fn add(&mut self, zone: &ZoneEvidence, is_disturbed: bool) {
        if is_disturbed {
            return;
        }
        self.samples += 1;
        self.busy += u32::from(zone.cluster > 0 || zone.live > 0.0);
        self.cluster = self.cluster.max(zone.cluster);
        self.faint = self.faint.max(zone.faint);
        self.recurs |= zone.recurs;
        self.supported |= zone.cluster > 0 && zone.supported;
        self.at_border |= zone.at_border;
        self.live |= zone.live > 0.0;
        self.still_s = self.still_s.max(zone.still_s);
        self.silent |= zone.silent > 0.0;
    }

    /// Chance that somebody came or went in this second.
    fn switch(&self) -> f64 {
        if self.at_border {
            SWITCH_AT_BORDER
        } else if self.cluster >= WALKER_CELLS {
            SWITCH_WALKING
        } else {
            SWITCH_ELSEWHERE
        }
    }

    /// Nats over nobody, for somebody in front of the background and for somebody who looks like it.
    fn weigh(&self) -> [f64; 2] {
        if self.samples == 0 {
            return [0.0; 2];
        }
        if self.cluster >= WALKER_CELLS && self.busy * 2 < self.samples {
            // Somebody came or went, but for most of the second the room was empty.
            return [-1.0, -1.0];
        }
        match (self.cluster, self.supported, self.recurs) {
            (CLUSTER_CELLS.., true, _) => MOVES,
            (1.., true, _) => PAIR_MOVES,
            (1.., false, true) => MOVES_AGAIN_UNSUPPORTED,
            (1.., false, false) => MOVES_UNSUPPORTED,
            (0, _, true) if self.faint > 0 => FAINT_AGAIN,
            _ if self.live && self.still_s < STILL_S => STANDS_OUT,
            _ if self.live => STANDS_OUT_STILL,
            _ if self.silent => STANDS_OUT_LONG,
            _ if self.faint > 0 => FAINT,
            _ => NOTHING,
        }
    }
}

/// Chances of nobody, somebody in front of the background, somebody who looks like it.
type Chances = [f64; 3];

/// One second in the smoother.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Step {
    second: i64,
    /// Likelihoods of what was seen, over that of nobody.
    seen_if: [f64; 3],
    /// Chance that somebody came or went.
    switch: f64,
    /// Whether the camera looked at all.
    seen: bool,
    /// Filtered chances up to and including this second.
    forward: Chances,
}

/// Presence of one zone, fed second by second.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Presence {
    steps: VecDeque<Step>,
    before: Option<(Chances, f64)>,
}

/// A second about which nothing more will be learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FinalSecond {
    /// Its number since the epoch.
    pub second: i64,
    /// Probability that somebody was there, 0..1.
    pub presence: f32,
    /// Whether the camera looked; if not, the probability is what the seconds around it suggest.
    pub seen: bool,
}

impl Presence {
    /// Takes the next second (numbers rise; a jump of more than [`LAG_S`] ends the chain and starts another).
    /// Gives the seconds that are final now.
    pub fn push(&mut self, second: i64, evidence: &SecondEvidence) -> Vec<FinalSecond> {
        let mut done = Vec::new();
        if let Some(last) = self.steps.back() {
            if second - last.second > LAG_S {
                done = self.flush();
            } else {
                for unseen in last.second + 1..second {
                    self.step(unseen, [0.0; 2], SWITCH_ELSEWHERE, false);
                }
            }
        }
        let sighted = f64::from(evidence.sighted);
        // A detector sees who stands out; a coat that it takes for somebody must not outweigh a quiet, empty view.
        let [stands_out, hidden] = evidence.weigh();
        let nats = [stands_out + sighted, hidden];
        self.step(second, nats, evidence.switch(), true);
        while self.steps.front().is_some_and(|first| second - first.second >= LAG_S) {
            done.push(self.finish_first());
        }
        done
    }

    /// Chance that somebody was there in the last second taken, by what was seen until then.
    pub fn now(&self) -> f32 {
        self.steps.back().map_or(0.0, |last| (1.0 - last.forward[0]) as f32)
    }

    /// Ends the chain: the remaining seconds are final with what is known.
    pub fn flush(&mut self) -> Vec<FinalSecond> {
        let mut later = [1.0; 3];
        let mut done: Vec<FinalSecond> = (0..self.steps.len())
            .rev()
            .map(|index| {
                let second = self.finish(index, &later);
                later = self.earlier(index, &later);
                second
            })
            .collect();
        done.reverse();
        *self = Self::default();
        done
    }

    fn step(&mut self, second: i64, nats: [f64; 2], switch: f64, seen: bool) {
        let seen_if = [1.0, nats[0].exp(), nats[1].exp()];
        let forward = match self.steps.back().map(|step| (step.forward, step.switch)).or(self.before) {
            Some((before, switch_before)) => {
                let switch = switches(switch.max(switch_before));
                let predicted: Chances =
                    std::array::from_fn(|to| (0..3).map(|from| before[from] * switch[from][to]).sum());
                normal(std::array::from_fn(|state| predicted[state] * seen_if[state]))
            }
            None => normal(std::array::from_fn(|state| PRIOR[state] * seen_if[state])),
        };
        self.steps.push_back(Step { second, seen_if, switch, seen, forward });
    }

    fn finish_first(&mut self) -> FinalSecond {
        let mut later = [1.0; 3];
        for index in (1..self.steps.len()).rev() {
            later = self.earlier(index, &later);
        }
        let done = self.finish(0, &later);
        let first = self.steps.pop_front().expect("called with a first step");
        self.before = Some((first.forward, first.switch));
        done
    }

    /// Smoothed with the likelihoods of all later seconds, given each state now.
    fn finish(&self, index: usize, later: &[f64; 3]) -> FinalSecond {
        let step = &self.steps[index];
        let chances = normal(std::array::from_fn(|state| step.forward[state] * later[state]));
        FinalSecond { second: step.second, presence: (1.0 - chances[0]) as f32, seen: step.seen }
    }

    /// The likelihoods of this second and all later ones, given each state one second before it.
    fn earlier(&self, index: usize, later: &[f64; 3]) -> [f64; 3] {
        let step = &self.steps[index];
        let before = index.checked_sub(1).map_or(SWITCH_ELSEWHERE, |before| self.steps[before].switch);
        let switch = switches(step.switch.max(before));
        let here: [f64; 3] = std::array::from_fn(|state| step.seen_if[state] * later[state]);
        normal(std::array::from_fn(|from| (0..3).map(|to| switch[from][to] * here[to]).sum()))
    }
}

/// Chance of each state after one second, given each state before it.
fn switches(comes: f64) -> [[f64; 3]; 3] {
    let unseen = SWITCH_ELSEWHERE / 3.0;
    [
        [1.0 - comes - unseen, comes, unseen],
        [comes, 1.0 - comes - HIDES, HIDES],
        [SWITCH_ELSEWHERE, SHOWS, 1.0 - SHOWS - SWITCH_ELSEWHERE],
    ]
}

/// Scaled to a sum of 1. Certainty ends at one in a million, so that one wrong second can still be outvoted.
fn normal(values: [f64; 3]) -> [f64; 3] {
    let sum: f64 = values.iter().sum();
    let floored = values.map(|value| (value / sum).max(1e-6));
    let sum: f64 = floored.iter().sum();
    floored.map(|value| value / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moving(cells: u16) -> SecondEvidence {
        SecondEvidence { samples: 5, busy: 5, cluster: cells, supported: true, live: true, ..SecondEvidence::default() }
    }

    fn still() -> SecondEvidence {
        SecondEvidence { samples: 5, busy: 5, live: true, ..SecondEvidence::default() }
    }

    fn empty() -> SecondEvidence {
        SecondEvidence { samples: 5, ..SecondEvidence::default() }
    }

    fn run(seconds: impl IntoIterator<Item = SecondEvidence>) -> Vec<f32> {
        let mut presence = Presence::default();
        let mut done = Vec::new();
        for (second, evidence) in seconds.into_iter().enumerate() {
            done.extend(presence.push(second as i64, &evidence));
        }
        done.extend(presence.flush());
        assert!(done.iter().enumerate().all(|(index, done)| index as i64 == done.second));
        done.into_iter().map(|done| done.presence).collect()
    }

    #[test]
    fn a_person_who_moves_once_in_fifty_seconds_stays() {
        let p = run((0..300).map(|second| if second % 50 == 0 { moving(4) } else { still() }));
        assert!(p.iter().all(|p| *p > 0.5), "{p:?}");
    }

    #[test]
    fn an_entry_and_an_exit_are_found_to_the_second() {
        let at_border = |evidence: SecondEvidence| SecondEvidence { at_border: true, ..evidence };
        let seconds = (0..200).map(|second| match second {
            60 | 119 => at_border(moving(9)),
            61..=118 => {
                if second % 7 == 0 {
                    moving(3)
                } else {
                    still()
                }
            }
            _ => empty(),
        });
        for (second, p) in run(seconds).into_iter().enumerate() {
            assert_eq!(p > 0.5, (60..120).contains(&second), "second {second}: {p}");
        }
    }

    #[test]
    fn seconds_that_say_nothing_keep_what_was_known() {
        let disturbed = SecondEvidence::default();
        let p = run((0..120).map(|second| if (40..80).contains(&second) { disturbed } else { empty() }));
        assert!(p.iter().all(|p| *p < 0.05), "{p:?}");
    }

    #[test]
    fn a_second_is_final_after_the_lag_and_unseen_ones_are_marked() {
        let mut presence = Presence::default();
        presence.push(0, &moving(5));
        assert_eq!(presence.push(LAG_S - 1, &still()), []);
        let done = presence.push(LAG_S + 1, &still());
        assert_eq!(done.iter().map(|done| (done.second, done.seen)).collect::<Vec<_>>(), [(0, true), (1, false)]);
    }

    #[test]
    fn a_long_silence_of_the_camera_ends_the_chain() {
        let mut presence = Presence::default();
        for second in 0..30 {
            assert!(presence.push(second, &moving(5)).is_empty());
        }
        assert_eq!(presence.push(1000, &empty()).len(), 30);
        let rest = presence.flush();
        assert!(rest.len() == 1 && rest[0].second == 1000 && rest[0].presence < 0.05, "{rest:?}");
    }
}
