//! Whether activity compares: the same scene filmed in several ways should give the same activity.
//!
//! Clips named `activity-<scene>-<variant>` with the same scene (which holds no `-`) are compared with each other:
//! means over the time that they have in common, and the order of their 10-s intervals against the first variant's.

use super::ClipScore;
use serde::Serialize;
use std::collections::BTreeMap;

/// Seconds of the intervals that are ranked.
const INTERVAL_S: i64 = 10;
/// An interval of which less was seen in one of the clips is left out, seconds.
const SEEN_S_MIN: f64 = 5.0;

/// Activity of a clip: seconds seen and their activity's sum, by 10-s interval.
pub(super) type Intervals = BTreeMap<i64, (f64, f64)>;

/// One scene in its variants.
#[derive(Clone, Debug, Serialize)]
pub struct ActivityScore {
    /// Its name.
    pub scene: String,
    /// By name; the first is the one that the others' order is compared with.
    pub variants: Vec<Variant>,
    /// Largest distance of a variant's mean from their median, over the median.
    pub deviation: Option<f64>,
    /// Lowest rank correlation of a variant's intervals with the first's.
    pub rank_correlation: Option<f64>,
}

/// One way in which a scene was filmed.
#[derive(Clone, Debug, Serialize)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// Mean activity over the intervals that all variants have, 0..100.
    pub activity: f64,
    /// Rank correlation (Spearman) with the first variant; none for that itself, and where nothing differs.
    pub rank_correlation: Option<f64>,
}

/// Adds the activity of a second to its interval.
pub(super) fn add(intervals: &mut Intervals, second: i64, seen_s: f64, activity: f64) {
    let sums = intervals.entry(second.div_euclid(INTERVAL_S)).or_default();
    sums.0 += seen_s;
    sums.1 += seen_s * activity;
}

/// Scenes of two variants and more, by name.
pub(super) fn scenes(clips: &[ClipScore]) -> Vec<ActivityScore> {
    let mut scenes: BTreeMap<&str, Vec<(&str, &Intervals)>> = BTreeMap::new();
    for clip in clips {
        let named = clip.name.strip_prefix("activity-").and_then(|rest| rest.split_once('-'));
        if let Some((scene, variant)) = named {
            scenes.entry(scene).or_default().push((variant, &clip.intervals));
        }
    }
    scenes
        .into_iter()
        .filter(|(_, variants)| variants.len() > 1)
        .map(|(scene, variants)| compare(scene, variants))
        .collect()
}

fn compare(scene: &str, mut variants: Vec<(&str, &Intervals)>) -> ActivityScore {
    variants.sort_by_key(|(name, _)| *name);
    let is_seen = |intervals: &Intervals, at: &i64| intervals.get(at).is_some_and(|(seen_s, _)| *seen_s >= SEEN_S_MIN);
    let shared: Vec<i64> =
        variants[0].1.keys().copied().filter(|at| variants.iter().all(|v| is_seen(v.1, at))).collect();
    let series =
        |intervals: &Intervals| -> Vec<f64> { shared.iter().map(|at| intervals[at].1 / intervals[at].0).collect() };
    let first = series(variants[0].1);
    let told: Vec<Variant> = variants
        .iter()
        .enumerate()
        .map(|(index, (name, intervals))| {
            let own = series(intervals);
            let rank_correlation = if index == 0 { None } else { spearman(&first, &own) };
            let activity = own.iter().sum::<f64>() / own.len().max(1) as f64;
            Variant { name: (*name).to_owned(), activity, rank_correlation }
        })
        .collect();
    let median = median(told.iter().map(|variant| variant.activity).collect());
    let far = told.iter().map(|variant| (variant.activity - median).abs()).fold(0.0, f64::max);
    ActivityScore {
        scene: scene.to_owned(),
        deviation: (median > 0.0).then(|| far / median),
        rank_correlation: told.iter().filter_map(|variant| variant.rank_correlation).reduce(f64::min),
        variants: told,
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

/// Correlation of ranks; `None` where one side is constant or has fewer than three values.
fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() < 3 {
        return None;
    }
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 - 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    let (aa, bb) = (product(&a, &a), product(&b, &b));
    (aa > 0.0 && bb > 0.0).then(|| product(&a, &b) / (aa * bb).sqrt())
}

/// Ranks from 0; equal values share their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = below as f64 + (tied.len() as f64 - 1.0) / 2.0;
        tied.iter().for_each(|&index| ranks[index] = rank);
        below += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_ignore_scale_and_share_ties() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 9.0]), [1.5, 0.0, 1.5, 3.0]);
        let close = |a: Option<f64>, b: f64| (a.unwrap() - b).abs() < 1e-12;
        assert!(close(spearman(&[1.0, 2.0, 3.0, 4.0], &[1.0, 4.0, 9.0, 16.0]), 1.0));
        assert!(close(spearman(&[1.0, 2.0, 3.0, 4.0], &[9.0, 7.0, 5.0, 1.0]), -1.0));
        assert!(close(spearman(&[1.0, 2.0, 3.0, 4.0], &[2.0, 1.0, 3.0, 4.0]), 0.8));
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[5.0, 5.0, 5.0]), None);
    }

    #[test]
    fn variants_are_compared_over_the_time_that_they_share() {
        let clip = |name: &str, values: &[f64]| {
            let mut clip = ClipScore::empty(name);
            for (index, value) in values.iter().enumerate() {
                (0..10).for_each(|second| add(&mut clip.intervals, index as i64 * 10 + second, 1.0, *value));
            }
            clip
        };
        let clips = [
            clip("activity-walk-25fps", &[10.0, 20.0, 30.0, 40.0]),
            clip("activity-walk-05fps", &[11.0, 22.0, 33.0, 44.0, 500.0]),
            clip("activity-walk-10fps-360p", &[20.0, 10.0, 30.0, 40.0]),
            clip("activity-alone-25fps", &[1.0]),
            clip("seated-walk-25fps", &[1.0]),
        ];
        let scenes = scenes(&clips);
        assert_eq!(scenes.iter().map(|scene| scene.scene.as_str()).collect::<Vec<_>>(), ["walk"]);
        let names: Vec<_> =
            scenes[0].variants.iter().map(|variant| (variant.name.as_str(), variant.activity)).collect();
        assert_eq!(names, [("05fps", 27.5), ("10fps-360p", 25.0), ("25fps", 25.0)]);
        assert!((scenes[0].deviation.unwrap() - 0.1).abs() < 1e-12);
        assert!((scenes[0].rank_correlation.unwrap() - 0.8).abs() < 1e-12);
    }
}
