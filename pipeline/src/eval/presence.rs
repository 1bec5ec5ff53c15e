//! Presence per second against the truth: how often right, how much of it, and how far off entries and exits are.
//!
//! A [`Tally`] counts one clip; tallies of several add up, so that a group of clips is judged by its seconds.

use super::edges::Edges;
use super::seconds::{self, Second, Stretch, stretches};
use serde::Serialize;

pub(super) use super::seconds::Truth;

/// How right presence is.
#[derive(Clone, Debug, Serialize)]
pub struct PresenceScore {
    /// Seconds with a label and a row.
    pub seconds: u64,
    /// Seconds with a label but no row.
    pub unseen: u64,
    /// Share of seconds said right.
    pub accuracy: f64,
    /// The same, where the truth one second earlier or later counts as right too.
    pub accuracy_within_1_s: f64,
    /// Of the seconds said present, the share that are.
    pub precision: Option<f64>,
    /// Of the seconds present, the share that were said.
    pub recall: Option<f64>,
    /// Harmonic mean of both.
    pub f1: Option<f64>,
    /// Seconds in which nobody was there.
    pub empty_seconds: u64,
    /// ... that were said present.
    pub false_seconds: u64,
    /// ... as a share of the empty ones.
    pub false_share: Option<f64>,
    /// Occupied time as reports add it up (sum of the probabilities), over the true one, less 1.
    pub occupied_error: Option<f64>,
    /// Longest run of wrong seconds.
    pub longest_wrong_s: u64,
    /// Entries and exits.
    pub edges: Edges,
}

impl PresenceScore {
    /// `said` gives the probability of a second, if it has a row. `None` without labels.
    pub fn of(truth: &[Truth], said: impl Fn(i64) -> Option<f32>) -> Option<Self> {
        Tally::of(truth, &seconds::pair(truth, said)).score()
    }
}

/// Seconds counted, of one clip or of several.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    hit: u64,
    missed: u64,
    wrong: u64,
    quiet: u64,
    unseen: u64,
    tolerated: u64,
    said_s: f64,
    longest_wrong_s: u64,
    edges: Edges,
}

impl Tally {
    /// Of a clip's seconds, those with a label.
    pub(super) fn of(truth: &[Truth], seconds: &[Second]) -> Self {
        let count =
            |wanted: (bool, bool)| seconds.iter().filter(|s| (s.is_present, s.is_said()) == wanted).count() as u64;
        let longest = stretches(seconds).iter().map(Stretch::length_s).max();
        Self {
            hit: count((true, true)),
            missed: count((true, false)),
            wrong: count((false, true)),
            quiet: count((false, false)),
            unseen: (truth.len() - seconds.len()) as u64,
            tolerated: seconds.iter().filter(|second| is_near(truth, second)).count() as u64,
            said_s: seconds.iter().map(|second| f64::from(second.said)).sum(),
            longest_wrong_s: longest.unwrap_or(0),
            edges: Edges::of(seconds),
        }
    }

    /// The seconds of both; nothing spans the border between two clips.
    pub(super) fn add(&mut self, other: &Self) {
        self.hit += other.hit;
        self.missed += other.missed;
        self.wrong += other.wrong;
        self.quiet += other.quiet;
        self.unseen += other.unseen;
        self.tolerated += other.tolerated;
        self.said_s += other.said_s;
        self.longest_wrong_s = self.longest_wrong_s.max(other.longest_wrong_s);
        self.edges.add(&other.edges);
    }

    /// `None` without labels.
    pub(super) fn score(&self) -> Option<PresenceScore> {
        let (hit, missed, wrong, quiet) = (self.hit, self.missed, self.wrong, self.quiet);
        let seconds = hit + missed + wrong + quiet;
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        (seconds + self.unseen > 0).then(|| PresenceScore {
            seconds,
            unseen: self.unseen,
            accuracy: share(hit + quiet, seconds).unwrap_or(0.0),
            accuracy_within_1_s: share(self.tolerated, seconds).unwrap_or(0.0),
            precision: share(hit, hit + wrong),
            recall: share(hit, hit + missed),
            f1: share(2 * hit, 2 * hit + wrong + missed),
            empty_seconds: wrong + quiet,
            false_seconds: wrong,
            false_share: share(wrong, wrong + quiet),
            occupied_error: (hit + missed > 0).then(|| self.said_s / (hit + missed) as f64 - 1.0),
            longest_wrong_s: self.longest_wrong_s,
            edges: self.edges.clone(),
        })
    }
}

/// True if what is said of the second is true of it or of one beside it. `truth` is in the order of time.
fn is_near(truth: &[Truth], second: &Second) -> bool {
    let from = truth.partition_point(|truth| truth.second < second.second - 1);
    let mut near = truth[from..].iter().take_while(|truth| truth.second <= second.second + 1);
    near.any(|truth| truth.is_present == second.is_said())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth() -> Vec<Truth> {
        (0..20)
            .map(|second| {
                let is_present = (5..15).contains(&second);
                Truth { second, people: if is_present { 1.0 } else { 0.0 }, is_present }
            })
            .collect()
    }

    fn tally(said: impl Fn(i64) -> Option<f32>) -> Tally {
        let truth = truth();
        Tally::of(&truth, &seconds::pair(&truth, said))
    }

    #[test]
    fn a_late_exit_is_one_wrong_second_and_within_tolerance() {
        let score = tally(|second| Some(if (5..16).contains(&second) { 0.9 } else { 0.1 })).score().unwrap();
        assert_eq!((score.accuracy, score.accuracy_within_1_s), (0.95, 1.0));
        assert_eq!((score.precision, score.recall), (Some(10.0 / 11.0), Some(1.0)));
        assert_eq!((score.empty_seconds, score.false_seconds, score.longest_wrong_s), (10, 1, 1));
        assert_eq!((&score.edges.entry_errors_s[..], &score.edges.exit_errors_s[..]), (&[0][..], &[1][..]));
        // 11 x 0.9 + 9 x 0.1 seconds are said for 10.
        assert!((score.occupied_error.unwrap() - 0.08).abs() < 1e-6);
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let score = tally(|second| (second < 10).then_some(0.0)).score().unwrap();
        assert_eq!((score.seconds, score.unseen, score.accuracy), (10, 10, 0.5));
        assert_eq!((score.precision, score.edges.missed, score.longest_wrong_s), (None, 1, 5));
    }

    #[test]
    fn clips_add_up_by_their_seconds() {
        let mut both = tally(|_| Some(0.0));
        both.add(&tally(|second| Some(if (5..15).contains(&second) { 1.0 } else { 0.0 })));
        let score = both.score().unwrap();
        assert_eq!((score.seconds, score.accuracy, score.recall), (40, 0.75, Some(0.5)));
        assert_eq!((score.edges.changes, score.edges.missed, score.longest_wrong_s), (4, 2, 10));
    }
}
