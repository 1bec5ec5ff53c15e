//! Presence is not motion: whether somebody is in a zone, second by second.
//!
//! Each second's evidence becomes a log-likelihood ratio (nats, somebody against nobody); a two-state chain is
//! filtered forward and smoothed backward over a fixed lag, so that recordings and streams give the same numbers and
//! a second is final [`LAG_S`] after it. Ratios and rates come from measurements on labelled footage of rooms:
//! small movements of still people are seen in 94-100 % of seconds when seen whole, in 80-95 % at 20 x 25 pixels, with
//! silences of 5 to 13 s; "quiet and nothing in front of the background" is strong evidence of absence.

use crate::evidence::ZoneEvidence;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A second is final so many seconds after it: more changed nothing on labelled footage, 2 s were nearly as good.
pub const LAG_S: i64 = 60;

const CLUSTER_LLR: f32 = 12.5;
const PAIR_LLR: f32 = 5.0;
const SILENT_LLR: f32 = -0.05;
const IN_BACKGROUND_LLR: f32 = -0.15;
const EMPTY_LLR: f32 = -6.0;
/// Cells of a cluster from which it is more than a pair.
const CLUSTER_CELLS: u16 = 3;
/// Movement without anything in front of the background within this time means that somebody may be part of the
/// background picture, seconds.
const UNEXPLAINED_S: i64 = 60;
/// ... if there were so many such seconds.
const UNEXPLAINED_MIN: usize = 2;

/// Chance a second that somebody comes or goes, while something moves at the border of the view or one second off.
const SWITCH_AT_BORDER: f64 = 0.25;
/// The same at any other time: once an hour.
const SWITCH_ELSEWHERE: f64 = 1.0 / 3600.0;
/// Chance that somebody is there before anything was seen.
const PRIOR: f64 = 0.3;

/// What the samples of one second say, before weighing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecondEvidence {
    /// Samples that could say something.
    pub samples: u32,
    /// Cells of the largest cluster.
    pub cluster: u16,
    /// Whether some cluster was part of something in front of the background.
    pub supported: bool,
    /// Whether one touched the border of the view.
    pub at_border: bool,
    /// Whether something in front of the background moved within the last minute.
    pub live: bool,
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
        if zone.cluster > self.cluster {
            self.cluster = zone.cluster;
        }
        self.supported |= zone.cluster > 0 && zone.supported;
        self.at_border |= zone.at_border;
        self.live |= zone.live > 0.0;
        self.silent |= zone.silent > 0.0;
    }
}

/// One second in the smoother.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Step {
    second: i64,
    llr: f64,
    at_border: bool,
    /// Whether the camera looked at all.
    seen: bool,
    /// Filtered probability up to and including this second.
    forward: f64,
}

impl Step {
    fn finish(&self, p: f64) -> FinalSecond {
        FinalSecond { second: self.second, presence: p as f32, seen: self.seen }
    }
}

/// Presence of one zone, fed second by second.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Presence {
    steps: VecDeque<Step>,
    unexplained: VecDeque<i64>,
    before: Option<(f64, bool)>,
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
                    self.step(unseen, 0.0, false, false);
                }
            }
        }
        let llr = self.weigh(second, evidence) + evidence.sighted;
        self.step(second, f64::from(llr), evidence.at_border, true);
        while self.steps.front().is_some_and(|first| second - first.second >= LAG_S) {
            done.push(self.finish_first());
        }
        done
    }

    /// Ends the chain: the remaining seconds are final with what is known.
    pub fn flush(&mut self) -> Vec<FinalSecond> {
        let smoothed = self.smoothed();
        let done = self.steps.iter().zip(smoothed).map(|(step, p)| step.finish(p)).collect();
        *self = Self::default();
        done
    }

    /// Log-likelihood ratio of a second.
    fn weigh(&mut self, second: i64, evidence: &SecondEvidence) -> f32 {
        while self.unexplained.front().is_some_and(|&at| second - at > UNEXPLAINED_S) {
            self.unexplained.pop_front();
        }
        if evidence.samples == 0 {
            return 0.0;
        }
        if evidence.cluster > 0 {
            if !evidence.supported {
                self.unexplained.push_back(second);
            }
            return if evidence.cluster >= CLUSTER_CELLS { CLUSTER_LLR } else { PAIR_LLR };
        }
        if evidence.live {
            0.0
        } else if evidence.silent {
            SILENT_LLR
        } else if self.unexplained.len() >= UNEXPLAINED_MIN {
            IN_BACKGROUND_LLR
        } else {
            EMPTY_LLR
        }
    }

    fn step(&mut self, second: i64, llr: f64, at_border: bool, seen: bool) {
        let (before, border_before) = match self.steps.back() {
            Some(step) => (step.forward, step.at_border),
            None => self.before.unwrap_or((PRIOR, false)),
        };
        let switch = switch_rate(border_before || at_border);
        let predicted = before * (1.0 - switch) + (1.0 - before) * switch;
        self.steps.push_back(Step { second, llr, at_border, seen, forward: update(predicted, llr) });
    }

    fn finish_first(&mut self) -> FinalSecond {
        let p = self.smoothed().first().copied().unwrap_or(PRIOR);
        let first = self.steps.pop_front().expect("called with a first step");
        self.before = Some((first.forward, first.at_border));
        first.finish(p)
    }

    /// Smoothed probability of every second held.
    fn smoothed(&self) -> Vec<f64> {
        let mut smoothed = vec![0.0; self.steps.len()];
        // Ratio of the likelihoods of all later seconds given somebody and given nobody now.
        let mut later = 1.0f64;
        for (index, step) in self.steps.iter().enumerate().rev() {
            let odds = step.forward / (1.0 - step.forward) * later;
            smoothed[index] = clamp(odds / (1.0 + odds));
            let border_before = index.checked_sub(1).is_some_and(|before| self.steps[before].at_border);
            let switch = switch_rate(step.at_border || border_before);
            let here = step.llr.exp() * later;
            later = ((1.0 - switch) * here + switch) / (switch * here + 1.0 - switch);
        }
        smoothed
    }
}

fn switch_rate(is_at_border: bool) -> f64 {
    if is_at_border { SWITCH_AT_BORDER } else { SWITCH_ELSEWHERE }
}

fn update(predicted: f64, llr: f64) -> f64 {
    let odds = predicted / (1.0 - predicted) * llr.exp();
    clamp(odds / (1.0 + odds))
}

/// Certainty ends at one in a million, so that one wrong second can still be outvoted.
fn clamp(p: f64) -> f64 {
    p.clamp(1e-6, 1.0 - 1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moving(cells: u16) -> SecondEvidence {
        SecondEvidence { samples: 5, cluster: cells, supported: true, live: true, ..SecondEvidence::default() }
    }

    fn still() -> SecondEvidence {
        SecondEvidence { samples: 5, live: true, ..SecondEvidence::default() }
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
