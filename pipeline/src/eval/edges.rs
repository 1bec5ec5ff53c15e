//! Entries and exits: the first and the last second of each visit, said against true.
//!
//! A true one and a said one of the same kind are paired, nearest pairs first, if they are no more than
//! [`SAME_EDGE_S`] apart. Where the clip begins or ends with somebody there, or labels or rows are missing for longer
//! than that, there is no edge: nobody knows when it was.

use super::seconds::Second;
use serde::Serialize;

/// A true edge and a said one further apart than this are not the same, seconds.
const SAME_EDGE_S: i64 = 60;

/// How far off entries and exits are; errors are said less true, seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edges {
    /// Entries and exits in the truth.
    pub changes: u64,
    /// ... for which none is said.
    pub missed: u64,
    /// Said with none in the truth.
    pub extra: u64,
    /// Error of each first second found.
    pub entry_errors_s: Vec<i64>,
    /// Error of each last second found.
    pub exit_errors_s: Vec<i64>,
}

impl Edges {
    pub(super) fn of(seconds: &[Second]) -> Self {
        let mut edges = Self::default();
        for becomes in [true, false] {
            let truth = changes(seconds, becomes, |second| second.is_present);
            let said = changes(seconds, becomes, Second::is_said);
            let errors = matched(&truth, &said);
            edges.changes += truth.len() as u64;
            edges.missed += (truth.len() - errors.len()) as u64;
            edges.extra += (said.len() - errors.len()) as u64;
            let kind = if becomes { &mut edges.entry_errors_s } else { &mut edges.exit_errors_s };
            kind.extend(errors);
        }
        edges
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.changes += other.changes;
        self.missed += other.missed;
        self.extra += other.extra;
        self.entry_errors_s.extend(&other.entry_errors_s);
        self.exit_errors_s.extend(&other.exit_errors_s);
    }

    /// Found ones.
    pub fn found(&self) -> u64 {
        self.changes - self.missed
    }

    /// Median of the distances of those found.
    pub fn error_median_s(&self) -> Option<i64> {
        self.distance(0.5)
    }

    /// 95th percentile of the same.
    pub fn error_p95_s(&self) -> Option<i64> {
        self.distance(0.95)
    }

    /// The smallest distance that this share of those found don't exceed.
    fn distance(&self, share: f64) -> Option<i64> {
        let errors = self.entry_errors_s.iter().chain(&self.exit_errors_s);
        let mut distances: Vec<i64> = errors.map(|error| error.abs()).collect();
        distances.sort_unstable();
        let rank = (share * distances.len() as f64).ceil() as usize;
        distances.get(rank.max(1) - 1).copied()
    }
}

impl Serialize for Edges {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written<'a> {
            changes: u64,
            found: u64,
            missed: u64,
            extra: u64,
            error_median_s: Option<i64>,
            error_p95_s: Option<i64>,
            entry_errors_s: &'a [i64],
            exit_errors_s: &'a [i64],
        }
        let written = Written {
            changes: self.changes,
            found: self.found(),
            missed: self.missed,
            extra: self.extra,
            error_median_s: self.error_median_s(),
            error_p95_s: self.error_p95_s(),
            entry_errors_s: &self.entry_errors_s,
            exit_errors_s: &self.exit_errors_s,
        };
        written.serialize(out)
    }
}

/// First seconds of visits, or the seconds after their last ones.
fn changes(seconds: &[Second], becomes: bool, is_there: impl Fn(&Second) -> bool) -> Vec<i64> {
    let changed = |pair: &&[Second]| {
        let is_near = pair[1].second - pair[0].second <= SAME_EDGE_S;
        is_near && is_there(&pair[0]) != becomes && is_there(&pair[1]) == becomes
    };
    let at = |pair: &[Second]| if becomes { pair[1].second } else { pair[0].second + 1 };
    seconds.windows(2).filter(changed).map(at).collect()
}

/// Errors of the pairs, each edge in one pair at most, in the order of the true edges.
fn matched(truth: &[i64], said: &[i64]) -> Vec<i64> {
    let mut pairs: Vec<(usize, usize, i64)> = Vec::new();
    for (index, &at) in truth.iter().enumerate() {
        let first = said.partition_point(|&said| said < at - SAME_EDGE_S);
        let near = said.iter().enumerate().skip(first).take_while(|(_, said)| **said <= at + SAME_EDGE_S);
        pairs.extend(near.map(|(other, &said)| (index, other, said - at)));
    }
    pairs.sort_by_key(|&(index, other, error)| (error.abs(), index, other));
    let (mut errors, mut taken) = (vec![None; truth.len()], vec![false; said.len()]);
    for (index, other, error) in pairs {
        if errors[index].is_none() && !taken[other] {
            errors[index] = Some(error);
            taken[other] = true;
        }
    }
    errors.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `truth` and `said` as a letter a second: `#` for present.
    fn edges(truth: &str, said: &str) -> Edges {
        let seconds: Vec<Second> = truth
            .chars()
            .zip(said.chars())
            .zip(0..)
            .map(|((truth, said), second)| Second {
                second,
                is_present: truth == '#',
                said: if said == '#' { 1.0 } else { 0.0 },
            })
            .collect();
        Edges::of(&seconds)
    }

    #[test]
    fn errors_have_a_sign_and_a_dropout_is_two_extra_edges() {
        let found = edges("...#######...", "....##.####..");
        assert_eq!((found.changes, found.found(), found.extra), (2, 2, 2));
        assert_eq!((found.entry_errors_s, found.exit_errors_s), (vec![1], vec![1]));
    }

    #[test]
    fn each_edge_is_in_one_pair_and_a_visit_never_said_is_missed() {
        let found = edges("..##..##..", "..######..");
        assert_eq!((found.changes, found.missed, found.extra), (4, 2, 0));
        assert_eq!((found.entry_errors_s, found.exit_errors_s), (vec![0], vec![0]));
        assert_eq!(edges("..##..", "......").error_median_s(), None);
    }

    #[test]
    fn an_edge_more_than_a_minute_off_is_another() {
        let truth = format!("{}{}", ".".repeat(10), "#".repeat(190));
        let said = |late: usize| format!("{}{}", ".".repeat(10 + late), "#".repeat(190 - late));
        assert_eq!(edges(&truth, &said(60)).entry_errors_s, [60]);
        let later = edges(&truth, &said(61));
        assert_eq!((later.missed, later.extra), (1, 1));
    }

    #[test]
    fn seconds_without_a_label_or_a_row_do_not_hide_an_edge() {
        let second = |second, is_present, said| Second { second, is_present, said };
        let seconds = [second(6, true, 1.0), second(7, false, 1.0), second(11, false, 0.0), second(90, true, 1.0)];
        let found = Edges::of(&seconds);
        assert_eq!((found.changes, found.missed, found.extra), (1, 0, 0));
        assert_eq!((found.entry_errors_s, found.exit_errors_s), (vec![], vec![1]));
    }

    #[test]
    fn percentiles_are_of_distances() {
        let errors = Edges { entry_errors_s: vec![-1, 0, 0, 2], exit_errors_s: vec![-9], ..Edges::default() };
        assert_eq!((errors.error_median_s(), errors.error_p95_s()), (Some(1), Some(9)));
    }
}
