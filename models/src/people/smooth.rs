//! What a crowd's samples say of a second and of the two beside it. A gait swings the area of a walker by a third, so that
//! three seconds of it count few people best; of a crowd, or of frames seconds apart, a second counts best alone.

use crate::evidence::{BANDS, Crowd};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Seconds on either side that count.
const SIDE_S: i64 = 1;

/// Takes samples in time order and gives seconds, each once it is final.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Smooth {
    seconds: VecDeque<Second>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Second {
    second: i64,
    seen: Samples,
    is_told: bool,
}

/// Samples of a second, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Samples {
    sum: Crowd,
    count: u32,
}

/// How crowded a second was, and the seconds beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moment {
    own: Samples,
    beside: Samples,
}

impl Moment {
    /// The mean of the samples, those of the seconds beside it weighted so, 0..1.
    pub fn mean(&self, beside: f32) -> Crowd {
        let samples = self.own.count as f32 + beside * self.beside.count as f32;
        let mean = |own: f32, others: f32| if samples > 0.0 { (own + beside * others) / samples } else { 0.0 };
        let bands =
            |own: &[f32; BANDS], others: &[f32; BANDS]| std::array::from_fn(|band| mean(own[band], others[band]));
        Crowd {
            area: bands(&self.own.sum.area, &self.beside.sum.area),
            edge: bands(&self.own.sum.edge, &self.beside.sum.edge),
        }
    }
}

/// A second of one sample, with nothing beside it.
impl From<Crowd> for Moment {
    fn from(crowd: Crowd) -> Self {
        Self { own: Samples { sum: crowd, count: 1 }, beside: Samples::default() }
    }
}

impl Samples {
    fn add(&mut self, other: &Self) {
        for band in 0..BANDS {
            self.sum.area[band] += other.sum.area[band];
            self.sum.edge[band] += other.sum.edge[band];
        }
        self.count += other.count;
    }
}

impl Smooth {
    /// Takes a sample of a second and gives the seconds that are final by it.
    pub fn push(&mut self, second: i64, crowd: &Crowd) -> Vec<(i64, Moment)> {
        let is_new = self.seconds.back().is_none_or(|last| last.second < second);
        let mut done = Vec::new();
        if is_new {
            done = self.tell(second - 1);
            while self.seconds.front().is_some_and(|first| first.second < second - 2 * SIDE_S) {
                self.seconds.pop_front();
            }
            self.seconds.push_back(Second { second, seen: Samples::default(), is_told: false });
        }
        if let Some(last) = self.seconds.back_mut() {
            last.seen.add(&Samples { sum: *crowd, count: 1 });
        }
        done
    }

    /// The stream ends: every second that was not given yet.
    pub fn flush(&mut self) -> Vec<(i64, Moment)> {
        let done = self.tell(i64::MAX);
        self.seconds.clear();
        done
    }

    /// Seconds whose later side ends before `until`.
    fn tell(&mut self, until: i64) -> Vec<(i64, Moment)> {
        let final_seconds = |second: &Second| !second.is_told && second.second.saturating_add(SIDE_S) <= until;
        let told: Vec<i64> = self.seconds.iter().filter(|second| final_seconds(second)).map(|s| s.second).collect();
        for second in &mut self.seconds {
            second.is_told |= told.contains(&second.second);
        }
        told.into_iter().map(|second| (second, self.moment(second))).collect()
    }

    fn moment(&self, second: i64) -> Moment {
        let mut moment = Moment::default();
        for near in self.seconds.iter().filter(|near| (near.second - second).abs() <= SIDE_S) {
            let part = if near.second == second { &mut moment.own } else { &mut moment.beside };
            part.add(&near.seen);
        }
        moment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(area: f32) -> Crowd {
        Crowd { area: [area; BANDS], ..Crowd::default() }
    }

    #[test]
    fn each_second_comes_once_with_its_neighbours() {
        let mut smooth = Smooth::default();
        let mut told = Vec::new();
        for (second, area) in [(10, 1.0), (10, 3.0), (11, 5.0), (12, 3.0), (13, 1.0), (20, 7.0)] {
            told.extend(smooth.push(second, &crowd(area)));
        }
        told.extend(smooth.flush());
        let means = |beside: f32| -> Vec<(i64, f32)> {
            told.iter().map(|(second, moment)| (*second, moment.mean(beside).area[4])).collect()
        };
        assert_eq!(means(1.0), [(10, 3.0), (11, 3.0), (12, 3.0), (13, 2.0), (20, 7.0)]);
        assert_eq!(means(0.0), [(10, 2.0), (11, 5.0), (12, 3.0), (13, 1.0), (20, 7.0)]);
        assert!(smooth.flush().is_empty());
    }
}
