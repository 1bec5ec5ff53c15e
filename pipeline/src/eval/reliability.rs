//! Reliability: of the seconds said to be occupied with probability p, is a share of p occupied?

use super::seconds::Second;
use serde::Serialize;

/// Bins of equal width over 0..1.
const BINS: usize = 10;
/// A bin with fewer seconds proves nothing.
const SECONDS_MIN: u64 = 50;

/// Said against true, over all seconds of all clips.
#[derive(Clone, Debug, Serialize)]
pub struct Reliability {
    /// From the least probable to the most.
    pub bins: Vec<Bin>,
    /// Largest gap between said and true over bins of 50 seconds and more.
    pub largest_gap: Option<f64>,
    /// Mean gap over all seconds.
    pub expected_gap: Option<f64>,
}

/// The seconds whose probability lies in one tenth.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Bin {
    /// Least probability in it.
    pub from: f64,
    /// Seconds in it.
    pub seconds: u64,
    /// Mean probability said.
    pub said_mean: Option<f64>,
    /// Share of them in which somebody was there.
    pub true_share: Option<f64>,
}

impl Bin {
    fn gap(&self) -> Option<f64> {
        Some((self.said_mean? - self.true_share?).abs())
    }
}

impl Reliability {
    pub(super) fn of<'a>(seconds: impl Iterator<Item = &'a Second>) -> Self {
        let mut sums = [(0u64, 0.0f64, 0u64); BINS];
        for second in seconds {
            let bin = &mut sums[((second.said * BINS as f32) as usize).min(BINS - 1)];
            bin.0 += 1;
            bin.1 += f64::from(second.said);
            bin.2 += u64::from(second.is_present);
        }
        let bins: Vec<Bin> = sums
            .iter()
            .enumerate()
            .map(|(index, &(seconds, said, present))| {
                let mean = |sum: f64| (seconds > 0).then(|| sum / seconds as f64);
                Bin {
                    from: index as f64 / BINS as f64,
                    seconds,
                    said_mean: mean(said),
                    true_share: mean(present as f64),
                }
            })
            .collect();
        let told = || bins.iter().filter_map(|bin| Some((bin.seconds, bin.gap()?)));
        let total: u64 = bins.iter().map(|bin| bin.seconds).sum();
        let largest_gap = told().filter(|(seconds, _)| *seconds >= SECONDS_MIN).map(|(_, gap)| gap).reduce(f64::max);
        let weighted = told().map(|(seconds, gap)| seconds as f64 * gap).sum::<f64>();
        let expected_gap = (total > 0).then(|| weighted / total as f64);
        Self { bins, largest_gap, expected_gap }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_of_thin_bins_do_not_count_as_the_largest() {
        let second = |second, said, is_present| Second { second, is_present, said };
        let sure = (0..100).map(|at| second(at, 0.95, at < 90));
        let thin = (100..110).map(|at| second(at, 0.55, false));
        let seconds: Vec<Second> = sure.chain(thin).chain([second(110, 1.0, true)]).collect();
        let reliability = Reliability::of(seconds.iter());
        let counts: Vec<u64> = reliability.bins.iter().map(|bin| bin.seconds).collect();
        assert_eq!(counts, [0, 0, 0, 0, 0, 10, 0, 0, 0, 101]);
        let last = &reliability.bins[9];
        let gap = (0.95 * 100.0 + 1.0) / 101.0 - 91.0 / 101.0;
        assert!((last.gap().unwrap() - gap).abs() < 1e-6);
        assert!((reliability.largest_gap.unwrap() - gap).abs() < 1e-6);
        assert!((reliability.expected_gap.unwrap() - (101.0 * gap + 5.5) / 111.0).abs() < 1e-6);
    }
}
