//! Presence per second against the truth.

use serde::Serialize;

/// What is true of one second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truth {
    /// Its number since the clip's start.
    pub second: i64,
    /// Mean number of people.
    pub people: f64,
    /// Somebody is there for half of it or more.
    pub is_present: bool,
}

/// From this probability somebody is said to be there.
const SOMEBODY: f32 = 0.5;
/// A true change and a said one further apart than this are not the same, seconds.
const SAME_CHANGE_S: i64 = 10;

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
    /// Entries and exits in the truth.
    pub changes: u64,
    /// ... for which one was said within 10 s.
    pub changes_found: u64,
    /// Median distance of those, seconds.
    pub change_error_median_s: Option<f64>,
    /// Entries and exits said with none in the truth within 10 s.
    pub changes_false: u64,
}

impl PresenceScore {
    /// `said` gives the probability of a second, if it has a row. `None` without labels.
    pub fn of(truth: &[Truth], said: impl Fn(i64) -> Option<f32>) -> Option<Self> {
        if truth.is_empty() {
            return None;
        }
        let seconds: Vec<(Truth, bool)> =
            truth.iter().filter_map(|truth| Some((*truth, said(truth.second)? >= SOMEBODY))).collect();
        let count = |wanted: (bool, bool)| seconds.iter().filter(|(t, said)| (t.is_present, *said) == wanted).count() as f64;
        let (hit, miss, wrong, quiet) = (count((true, true)), count((true, false)), count((false, true)), count((false, false)));
        let total = (hit + miss + wrong + quiet).max(1.0);
        let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        let tolerated = seconds.iter().filter(|(at, said)| is_near(truth, at.second, *said)).count() as f64;
        let (precision, recall) = (share(hit, hit + wrong), share(hit, hit + miss));
        let true_changes = changes(truth.iter().map(|truth| (truth.second, truth.is_present)));
        let said_changes = changes(seconds.iter().map(|(truth, said)| (truth.second, *said)));
        let mut errors: Vec<i64> = true_changes.iter().filter_map(|change| nearest(*change, &said_changes)).collect();
        errors.sort_unstable();
        let false_changes = said_changes.iter().filter(|change| nearest(**change, &true_changes).is_none()).count();
        Some(Self {
            seconds: seconds.len() as u64,
            unseen: (truth.len() - seconds.len()) as u64,
            accuracy: (hit + quiet) / total,
            accuracy_within_1_s: tolerated / total,
            precision,
            recall,
            f1: share(2.0 * hit, 2.0 * hit + wrong + miss),
            changes: true_changes.len() as u64,
            changes_found: errors.len() as u64,
            change_error_median_s: errors.get(errors.len() / 2).map(|error| *error as f64),
            changes_false: false_changes as u64,
        })
    }
}

fn is_near(truth: &[Truth], second: i64, said: bool) -> bool {
    truth.iter().any(|truth| (truth.second - second).abs() <= 1 && truth.is_present == said)
}

/// Seconds at which presence changes, with what it becomes.
fn changes(seconds: impl Iterator<Item = (i64, bool)>) -> Vec<(i64, bool)> {
    let mut last = None;
    seconds.filter(|(_, is_present)| last.replace(*is_present).is_some_and(|last| last != *is_present)).collect()
}

/// Distance to the nearest change of the same kind that is near enough.
fn nearest((second, kind): (i64, bool), among: &[(i64, bool)]) -> Option<i64> {
    let distances = among.iter().filter(|other| other.1 == kind).map(|other| (other.0 - second).abs());
    distances.min().filter(|distance| *distance <= SAME_CHANGE_S)
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

    #[test]
    fn a_late_exit_is_one_wrong_second_and_within_tolerance() {
        let score = PresenceScore::of(&truth(), |second| Some(if (5..16).contains(&second) { 0.9 } else { 0.1 })).unwrap();
        assert_eq!((score.accuracy, score.accuracy_within_1_s), (0.95, 1.0));
        assert_eq!((score.precision, score.recall), (Some(10.0 / 11.0), Some(1.0)));
        assert_eq!((score.changes, score.changes_found, score.changes_false), (2, 2, 0));
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let score = PresenceScore::of(&truth(), |second| (second < 10).then_some(0.0)).unwrap();
        assert_eq!((score.seconds, score.unseen, score.accuracy), (10, 10, 0.5));
        assert_eq!((score.precision, score.changes_found), (None, 0));
    }
}
