//! Frames worth labelling: one from each of N equal stretches of the clip, and over the whole range of crowds.

use super::Watched;
use pantau_models::people::Moment;
use std::collections::BTreeMap;

/// A frame to be labelled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suggestion {
    /// Frame, from 0.
    pub frame: u32,
    /// Its time since the clip's start, seconds.
    pub at_s: f64,
}

/// Steps of this share of the range visit all of it evenly, however many there are.
const GOLDEN: f64 = 0.618_033_988_749_895;

impl Suggestion {
    /// So many frames, in time order; fewer if the clip has fewer seconds.
    pub fn of(watched: &Watched, count: usize) -> Vec<Self> {
        let seconds: Vec<i64> = watched.seconds.keys().copied().collect();
        let ranks = ranks(&watched.seconds);
        let stretches = count.min(seconds.len());
        let mut chosen = Vec::with_capacity(stretches);
        for stretch in 0..stretches {
            let own = &seconds[stretch * seconds.len() / stretches..(stretch + 1) * seconds.len() / stretches];
            let wanted = (stretch as f64 * GOLDEN).fract();
            let distance = |second: &&i64| (ranks[*second] - wanted).abs();
            let Some(second) = own.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))) else { continue };
            chosen.extend(watched.frame_of(*second).map(|(frame, at_s)| Self { frame, at_s }));
        }
        chosen
    }
}

/// Where each second stands between the emptiest, 0, and the fullest, 1.
fn ranks(seconds: &BTreeMap<i64, Moment>) -> BTreeMap<i64, f64> {
    let total = |moment: &Moment| {
        let crowd = moment.mean(1.0);
        crowd.area.iter().chain(&crowd.edge).sum::<f32>()
    };
    let mut order: Vec<i64> = seconds.keys().copied().collect();
    order.sort_by(|a, b| total(&seconds[a]).total_cmp(&total(&seconds[b])));
    let last = order.len().saturating_sub(1).max(1) as f64;
    order.into_iter().enumerate().map(|(rank, second)| (second, rank as f64 / last)).collect()
}

/// A skeleton to fill in.
pub fn as_csv(suggestions: &[Suggestion]) -> String {
    let rows = suggestions.iter().map(|Suggestion { frame, at_s }| format!("{frame},,{at_s:.2}\n"));
    std::iter::once("frame,count,at_s\n".to_owned()).chain(rows).collect()
}
