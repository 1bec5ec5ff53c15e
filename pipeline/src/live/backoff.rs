//! When to try a camera again.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_secs(1);
/// The longest: with connecting, a description and the wait for a key frame a camera is back within a minute of its
/// return.
const LONGEST: Duration = Duration::from_secs(45);
/// A session that lasted so long begins anew with the first wait: before, the camera flaps.
const STABLE: Duration = Duration::from_secs(20);

/// Waits that double, each with jitter, so that a hundred cameras behind one switch don't come back in step.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    failures: u32,
    /// State of the jitter.
    seed: u64,
}

impl Backoff {
    /// The seed is the camera's own.
    pub(super) fn new(seed: u64) -> Self {
        Self { failures: 0, seed: seed | 1 }
    }

    /// How long to wait after a session that lasted so long (nothing, if it never began).
    pub(super) fn after(&mut self, session: Duration) -> Duration {
        if session >= STABLE {
            self.failures = 0;
        }
        let whole = FIRST.saturating_mul(1 << self.failures.min(6)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        whole.mul_f64(0.5 + 0.5 * self.fraction())
    }

    /// The next of a sequence of numbers in 0..1 (Marsaglia's xorshift).
    fn fraction(&mut self) -> f64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        (self.seed >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_begin_anew_after_a_stable_session() {
        let mut backoff = Backoff::new(42);
        let waits: Vec<f64> = (0..10).map(|_| backoff.after(Duration::ZERO).as_secs_f64()).collect();
        for (wait, whole) in waits.iter().zip([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 45.0, 45.0, 45.0, 45.0]) {
            assert!((whole / 2.0..=whole).contains(wait), "{waits:?}");
        }
        assert!(backoff.after(Duration::from_secs(3)) > Duration::from_secs(20), "it flaps");
        assert!(backoff.after(Duration::from_secs(60)) <= FIRST);
    }

    #[test]
    fn cameras_do_not_come_back_in_step() {
        let wait = |seed| {
            (0..8).map(|_| 0).fold(Backoff::new(seed), |mut backoff, _| {
                backoff.after(Duration::ZERO);
                backoff
            })
        };
        assert_ne!(wait(1000).after(Duration::ZERO), wait(7777).after(Duration::ZERO));
    }
}
