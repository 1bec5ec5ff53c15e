//! Numbers of people per second, beside what always saying the median would score.

use super::presence::Truth;
use pantau_models::record::Observation;
use serde::Serialize;
use std::collections::BTreeMap;

/// How right the numbers are.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CountScore {
    /// Seconds with a label and an estimate.
    pub seconds: u64,
    /// Seconds with a label and a row, but no estimate: said to be unknown.
    pub unknown: u64,
    /// Mean absolute error.
    pub mae: Option<f64>,
    /// The same for a constant: the median of the labels.
    pub constant_mae: f64,
    /// Share of estimates whose 90 % interval holds the truth.
    pub interval_holds: Option<f64>,
}

/// `None` without labels.
pub(super) fn score(truth: &[Truth], rows: &BTreeMap<i64, Observation>) -> Option<CountScore> {
    let mut labels: Vec<f64> = truth.iter().map(|truth| truth.people).collect();
    labels.sort_by(f64::total_cmp);
    let median = *labels.get(labels.len() / 2)?;
    let constant_mae = labels.iter().map(|label| (label - median).abs()).sum::<f64>() / labels.len() as f64;
    let (mut error, mut known, mut unknown, mut held) = (0.0, 0u64, 0u64, 0u64);
    for (truth, row) in truth.iter().filter_map(|truth| Some((truth, rows.get(&truth.second)?))) {
        let Some(people) = row.people else {
            unknown += 1;
            continue;
        };
        known += 1;
        error += (f64::from(people) - truth.people).abs();
        let (low, high) = (row.people_low.unwrap_or(people), row.people_high.unwrap_or(people));
        held += u64::from((f64::from(low)..=f64::from(high)).contains(&truth.people));
    }
    let share = |part: f64| (known > 0).then(|| part / known as f64);
    Some(CountScore {
        seconds: known,
        unknown,
        mae: share(error),
        constant_mae,
        interval_holds: share(held as f64),
    })
}
