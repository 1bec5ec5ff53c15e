//! What a crowd's samples say of a second: the mean of that second and its two neighbours. A gait swings the area of a
//! walker by a third; three seconds of it counted best of 1 to 4.

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
    sum: Crowd,
    samples: u32,
    is_told: bool,
}

impl Smooth {
    /// Takes a sample of a second and gives the seconds that are final by it.
    pub fn push(&mut self, second: i64, crowd: &Crowd) -> Vec<(i64, Crowd)> {
        let is_new = self.seconds.back().is_none_or(|last| last.second < second);
        let mut done = Vec::new();
        if is_new {
            done = self.tell(second - 1);
            while self.seconds.front().is_some_and(|first| first.second < second - 2 * SIDE_S) {
                self.seconds.pop_front();
            }
            self.seconds.push_back(Second { second, sum: Crowd::default(), samples: 0, is_told: false });
        }
        if let Some(last) = self.seconds.back_mut() {
            add(&mut last.sum, crowd);
            last.samples += 1;
        }
        done
    }

    /// The stream ends: every second that was not given yet.
    pub fn flush(&mut self) -> Vec<(i64, Crowd)> {
        let done = self.tell(i64::MAX);
        self.seconds.clear();
        done
    }

    /// Seconds whose later side ends before `until`.
    fn tell(&mut self, until: i64) -> Vec<(i64, Crowd)> {
        let final_seconds = |second: &Second| !second.is_told && second.second.saturating_add(SIDE_S) <= until;
        let told: Vec<i64> = self.seconds.iter().filter(|second| final_seconds(second)).map(|s| s.second).collect();
        for second in &mut self.seconds {
            second.is_told |= told.contains(&second.second);
        }
        told.into_iter().map(|second| (second, self.mean_around(second))).collect()
    }

    fn mean_around(&self, second: i64) -> Crowd {
        let (mut sum, mut samples) = (Crowd::default(), 0);
        for near in self.seconds.iter().filter(|near| (near.second - second).abs() <= SIDE_S) {
            add(&mut sum, &near.sum);
            samples += near.samples;
        }
        let share = 1.0 / samples.max(1) as f32;
        Crowd { area: sum.area.map(|area| area * share), edge: sum.edge.map(|edge| edge * share) }
    }
}

fn add(sum: &mut Crowd, crowd: &Crowd) {
    for band in 0..BANDS {
        sum.area[band] += crowd.area[band];
        sum.edge[band] += crowd.edge[band];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(area: f32) -> Crowd {
        Crowd { area: [area; BANDS], ..Crowd::default() }
    }

    #[test]
    fn each_second_comes_once_with_the_mean_of_its_neighbours() {
        let mut smooth = Smooth::default();
        let mut told = Vec::new();
        for (second, area) in [(10, 1.0), (10, 3.0), (11, 5.0), (12, 3.0), (13, 1.0), (20, 7.0)] {
            told.extend(smooth.push(second, &crowd(area)));
        }
        told.extend(smooth.flush());
        let told: Vec<(i64, f32)> = told.into_iter().map(|(second, crowd)| (second, crowd.area[4])).collect();
        assert_eq!(told, [(10, 3.0), (11, 3.0), (12, 3.0), (13, 2.0), (20, 7.0)]);
        assert!(smooth.flush().is_empty());
    }
}
