//! Seconds of a clip: what is true of each, what is said of it, and the runs that are wrong.

use serde::Serialize;

/// From this probability somebody is said to be there.
const SOMEBODY: f32 = 0.5;

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

/// A second with a label and a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Second {
    /// Its number since the clip's start.
    pub second: i64,
    /// The truth.
    pub is_present: bool,
    /// Probability said.
    pub said: f32,
}

impl Second {
    pub(super) fn is_said(&self) -> bool {
        self.said >= SOMEBODY
    }

    fn is_wrong(&self) -> bool {
        self.is_said() != self.is_present
    }
}

/// The labelled seconds that have a row.
pub(super) fn pair(truth: &[Truth], said: impl Fn(i64) -> Option<f32>) -> Vec<Second> {
    let second =
        |truth: &Truth| Some(Second { second: truth.second, is_present: truth.is_present, said: said(truth.second)? });
    truth.iter().filter_map(second).collect()
}

/// A run of seconds that are wrong in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stretch {
    /// First wrong second.
    pub from_s: i64,
    /// Last wrong second.
    pub to_s: i64,
    /// Said to be present.
    pub said: bool,
    /// Really present.
    #[serde(rename = "true")]
    pub truth: bool,
    /// Mean probability said.
    pub presence_mean: f64,
}

impl Stretch {
    /// Its wrong seconds.
    pub fn length_s(&self) -> u64 {
        (self.to_s - self.from_s) as u64 + 1
    }
}

/// The wrong stretches, in the order of time. Seconds without a label or a row end one.
pub(super) fn stretches(seconds: &[Second]) -> Vec<Stretch> {
    seconds
        .chunk_by(|a, b| b.second == a.second + 1 && (a.is_said(), a.is_present) == (b.is_said(), b.is_present))
        .filter(|run| run[0].is_wrong())
        .map(|run| Stretch {
            from_s: run[0].second,
            to_s: run[run.len() - 1].second,
            said: run[0].is_said(),
            truth: run[0].is_present,
            presence_mean: run.iter().map(|second| f64::from(second.said)).sum::<f64>() / run.len() as f64,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_seconds_of_one_kind_are_one_stretch_and_unlabelled_ones_part_them() {
        let second = |second, is_present, said| Second { second, is_present, said };
        let seconds = [
            second(0, true, 0.9),
            second(1, true, 0.1),
            second(2, true, 0.3),
            second(3, false, 0.8),
            second(7, false, 0.6),
            second(8, false, 0.2),
        ];
        let found = stretches(&seconds);
        let told: Vec<_> = found.iter().map(|run| (run.from_s, run.to_s, run.said, run.truth)).collect();
        assert_eq!(told, [(1, 2, false, true), (3, 3, true, false), (7, 7, true, false)]);
        assert!((found[0].presence_mean - 0.2).abs() < 1e-6);
    }
}
