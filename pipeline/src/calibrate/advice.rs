//! What labels do not tell: warnings about their spread, and frames to label next.

use super::{Suggestion, Watched};
use pantau_models::people::{Fit, Labelled};
use std::collections::BTreeMap;

/// What to beware of, and what to do about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advice {
    /// For people, worst first.
    pub warnings: Vec<String>,
    /// Frames that the labels say least about.
    pub next: Vec<Suggestion>,
}

/// Labels that span less than this share of the clip come from one stretch of it.
const SPREAD_SHARE: f64 = 0.6;
/// Fewer labelled seconds than this make a poor fit.
const SECONDS_GOOD: usize = 20;
/// A clip shorter than this has one light and one crowd, seconds.
const CLIP_S_GOOD: f64 = 1800.0;
/// Fewest and most people closer together than this share of the most: nothing is learned of other numbers.
const RANGE_SHARE: f32 = 0.3;
/// An error above this share of the constant's is not worth a calibration.
const WORTH: f64 = 0.9;
/// Frames proposed.
const NEXT_MAX: usize = 6;

impl Advice {
    /// Of a fit of `labelled` seconds.
    pub fn of(watched: &Watched, labelled: &BTreeMap<i64, Labelled>, fit: &Fit) -> Self {
        Self { warnings: warnings(watched, labelled, fit), next: next(watched, labelled, fit) }
    }
}

fn warnings(watched: &Watched, labelled: &BTreeMap<i64, Labelled>, fit: &Fit) -> Vec<String> {
    let mut warnings = Vec::new();
    let length_s = watched.length_s();
    let ends = labelled.first_key_value().zip(labelled.last_key_value());
    let (first, last) = ends.map_or((0, 0), |((first, _), (last, _))| (*first, *last));
    if (last - first) as f64 <= SPREAD_SHARE * length_s {
        warnings.push(format!(
            "all labels lie between {first} and {last} s of {length_s:.0} s: labels of one stretch do not count the rest"
        ));
    }
    if fit.error > WORTH * fit.constant_error {
        warnings.push(format!(
            "on stretches that were left out the error, {:.2}, is no better than always saying the median, {:.2}: \
             the labels are too few or too alike, or the picture does not tell",
            fit.error, fit.constant_error
        ));
    }
    let [fewest, most] = fit.calibration.counts;
    if most - fewest < (RANGE_SHARE * most).max(2.0) {
        warnings.push(format!(
            "labels say {fewest} to {most} people only: other numbers will be guessed, with wide intervals"
        ));
    }
    if labelled.len() < SECONDS_GOOD {
        warnings.push(format!("{} labelled seconds are few: 20 to 50 make a good fit", labelled.len()));
    }
    if length_s < CLIP_S_GOOD {
        warnings.push(format!(
            "the clip is {:.1} min long: other hours have other light and crowds; calibrate on a clip that holds them",
            length_s / 60.0
        ));
    }
    warnings
}

/// The seconds that lie furthest beyond what was labelled, apart from one another.
fn next(watched: &Watched, labelled: &BTreeMap<i64, Labelled>, fit: &Fit) -> Vec<Suggestion> {
    let apart = (watched.length_s() as i64 / (2 * NEXT_MAX as i64)).max(2);
    let is_apart = |second: i64, others: &[i64]| others.iter().all(|other| (other - second).abs() >= apart);
    let mut beyond: Vec<(i64, f32)> = watched
        .seconds
        .iter()
        .filter(|(second, _)| !labelled.contains_key(second))
        .map(|(second, moment)| (*second, fit.calibration.beyond(moment)))
        .filter(|(_, beyond)| *beyond > 0.0)
        .collect();
    beyond.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut chosen: Vec<i64> = Vec::new();
    for (second, _) in beyond {
        if chosen.len() < NEXT_MAX && is_apart(second, &chosen) {
            chosen.push(second);
        }
    }
    chosen.sort_unstable();
    let frame = |second: i64| watched.frame_of(second).map(|(frame, at_s)| Suggestion { frame, at_s });
    chosen.into_iter().filter_map(frame).collect()
}
