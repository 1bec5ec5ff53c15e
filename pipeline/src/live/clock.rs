//! Time that only goes forward: the monotonic clock anchored to wall time, and a camera's clock anchored to that.
//!
//! A wall clock steps: it is set by hand, by NTP after boot without a battery, by a wrong zone put right. Rows must not
//! overlap for that. So a step ahead is a gap (that time was never lived through here), and a step back is worked off
//! by going slower, with every row flagged until both agree again.

use pantau_models::time::{US_PER_S, UtcMicros};
use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A difference to the wall clock below this is followed gradually and is no step, microseconds: NTP steps at 128 ms,
/// and a machine under load reads both clocks some time apart.
const STEP_US: i64 = US_PER_S;
/// Differences are worked off at one in so many: 5 %, which no 10-s row shows.
const SLEW_DIVISOR: i64 = 20;
/// Rows are flagged for so long after a step ahead, microseconds: the row that it is in, at most.
const FLAGGED_US: i64 = 10 * US_PER_S;

/// A camera's packets that come earlier than its clock says by more than this: the clock jumped, microseconds.
const EARLY_US_MAX: i64 = 4 * US_PER_S;
/// ... and later than that, for [`LATE_FOR_US`] on end. A link that stalls and then catches up is late for a while.
const LATE_US_MAX: i64 = 5 * US_PER_S;
const LATE_FOR_US: i64 = 30 * US_PER_S;
/// A camera's clock may be slow by so much, as one in: 1000 ppm, ten times what a crystal is off.
const DRIFT_DIVISOR: i64 = 1000;

/// Both clocks of the machine.
pub(super) trait Clock: Send + Sync {
    /// Microseconds that passed since some moment; never steps.
    fn monotonic_us(&self) -> i64;
    /// What the machine takes for UTC; may step.
    fn wall_us(&self) -> i64;
}

/// The machine's own clocks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SystemClock;

impl Clock for SystemClock {
    fn monotonic_us(&self) -> i64 {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed().as_micros() as i64
    }

    fn wall_us(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64)
    }
}

/// What following the wall clock met with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It was set forward by so many microseconds.
    Forward(i64),
    /// It was set back by so many microseconds.
    Back(i64),
}

/// Wall time that never runs backwards.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchor {
    /// Wall time less monotonic time.
    offset_us: i64,
    followed_us: i64,
    /// Rows up to this monotonic time are flagged.
    suspect_until_us: i64,
    is_ahead: bool,
}

impl Anchor {
    /// Begins with the wall clock as it is, or after `not_before` if rows up to there exist already.
    pub(super) fn new(monotonic_us: i64, wall_us: i64, not_before: Option<UtcMicros>) -> Self {
        let start_us = not_before.map_or(wall_us, |at| at.0.max(wall_us));
        let is_ahead = start_us - wall_us > STEP_US;
        Self { offset_us: start_us - monotonic_us, followed_us: monotonic_us, suspect_until_us: i64::MIN, is_ahead }
    }

    /// Wall time at a monotonic moment.
    pub(super) fn at(&self, monotonic_us: i64) -> UtcMicros {
        UtcMicros(monotonic_us + self.offset_us)
    }

    /// True if rows of this moment have a doubtful clock.
    pub(super) fn is_suspect(&self, monotonic_us: i64) -> bool {
        self.is_ahead || monotonic_us < self.suspect_until_us
    }

    /// Looks at the wall clock, about once a second.
    pub(super) fn follow(&mut self, monotonic_us: i64, wall_us: i64) -> Option<Step> {
        let passed_us = (monotonic_us - self.followed_us).max(0);
        self.followed_us = monotonic_us;
        let error_us = wall_us - self.at(monotonic_us).0;
        if error_us > STEP_US {
            self.offset_us += error_us;
            self.suspect_until_us = monotonic_us + FLAGGED_US;
            self.is_ahead = false;
            return Some(Step::Forward(error_us));
        }
        let was_ahead = std::mem::replace(&mut self.is_ahead, error_us < -STEP_US);
        let most_us = passed_us / SLEW_DIVISOR;
        self.offset_us += error_us.clamp(-most_us, most_us);
        (self.is_ahead && !was_ahead).then_some(Step::Back(-error_us))
    }
}

/// Puts a camera's own clock, whose zero and rate are anything, into wall time, without the jitter of the network.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MediaClock {
    /// Wall time less media time.
    offset_us: Option<i64>,
    last_media_us: i64,
    late_since: Option<i64>,
}

impl MediaClock {
    /// Begins with a session's first packets, by media time and when they arrived: servers send what they have kept in
    /// one burst, so the packet that was least delayed tells when all of them were taken.
    pub(super) fn begin(&mut self, packets: impl IntoIterator<Item = (i64, UtcMicros)>) {
        self.offset_us = packets.into_iter().map(|(media_us, arrived)| arrived.0 - media_us).min();
    }

    /// What to add to the media time of a packet that arrived at this wall time. Packets that come in a burst after a
    /// stall keep their distances.
    pub(super) fn shift_us(&mut self, media_us: i64, arrived: UtcMicros) -> i64 {
        let passed_us = (media_us - std::mem::replace(&mut self.last_media_us, media_us)).clamp(0, US_PER_S);
        let Some(offset_us) = self.offset_us else {
            return *self.offset_us.insert(arrived.0 - media_us);
        };
        let late_us = arrived.0 - media_us - offset_us;
        if late_us <= LATE_US_MAX {
            self.late_since = None;
        }
        if late_us < -EARLY_US_MAX || (late_us > LATE_US_MAX && self.is_late_for_long(arrived)) {
            return *self.offset_us.insert(arrived.0 - media_us);
        }
        // The packet that was least delayed tells best; the others only show that its clock may be slow.
        let slewed_us = late_us.clamp(-passed_us / SLEW_DIVISOR, passed_us / DRIFT_DIVISOR);
        *self.offset_us.insert(offset_us + slewed_us)
    }

    fn is_late_for_long(&mut self, arrived: UtcMicros) -> bool {
        let since = *self.late_since.get_or_insert(arrived.0);
        let is_long = arrived.0 - since > LATE_FOR_US;
        if is_long {
            self.late_since = None;
        }
        is_long
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = US_PER_S;
    const H: i64 = 3600 * S;

    /// Follows a wall clock that is `wall_us(t)` at monotonic second t; what each second is called, and whether flagged.
    fn follow(seconds: i64, wall_us: impl Fn(i64) -> i64) -> (Vec<(i64, bool)>, Vec<Step>) {
        let mut anchor = Anchor::new(0, wall_us(0), None);
        let mut steps = Vec::new();
        let told = (1..=seconds).map(|t| {
            steps.extend(anchor.follow(t * S, wall_us(t)));
            (anchor.at(t * S).0, anchor.is_suspect(t * S))
        });
        (told.collect(), steps)
    }

    #[test]
    fn a_steady_clock_is_told_as_it_is() {
        let (told, steps) = follow(1000, |t| 50 * H + t * S + (t % 3) * 20_000);
        assert!(steps.is_empty() && told.iter().all(|(_, suspect)| !suspect));
        assert!(told.iter().zip(1..).all(|((at, _), t)| (at - 50 * H - t * S).abs() < 100_000));
    }

    #[test]
    fn an_hour_ahead_is_followed_at_once_and_flagged() {
        let (told, steps) = follow(100, |t| 50 * H + t * S + if t >= 40 { H } else { 0 });
        assert_eq!(steps, [Step::Forward(H)]);
        assert!(told.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(told[39].0, 50 * H + H + 40 * S);
        assert!(told[40].1 && !told[60].1 && !told[38].1);
    }

    #[test]
    fn an_hour_back_never_runs_backwards_and_is_flagged_until_worked_off() {
        let (told, steps) = follow(21 * 3600, |t| 50 * H + t * S - if t >= 40 { H } else { 0 });
        assert_eq!(steps, [Step::Back(H)]);
        assert!(told.is_sorted_by(|a, b| a.0 < b.0));
        assert!(told[40].1 && told[10_000].1);
        let (last, suspect) = told[told.len() - 1];
        assert!(!suspect && (last - 50 * H - 21 * 3600 * S + H).abs() <= S, "{last}");
    }

    #[test]
    fn a_clock_without_battery_goes_on_after_the_rows_that_exist() {
        let mut anchor = Anchor::new(7 * S, 5 * H, Some(UtcMicros(90 * H)));
        assert_eq!(anchor.at(7 * S), UtcMicros(90 * H));
        assert!(anchor.is_suspect(7 * S));
        assert_eq!(anchor.follow(60 * S, 91 * H), Some(Step::Forward(91 * H - 90 * H - 53 * S)));
        assert!(!anchor.is_suspect(100 * S));
    }

    /// Media times as a camera sends them, with when they arrive; returns the wall times that they are given.
    fn placed(packets: impl IntoIterator<Item = (i64, i64)>) -> Vec<i64> {
        let packets: Vec<(i64, i64)> = packets.into_iter().collect();
        let mut clock = MediaClock::default();
        clock.begin(packets[..40].iter().map(|&(media, arrived)| (media, UtcMicros(arrived))));
        let place = |(media, arrived)| media + clock.shift_us(media, UtcMicros(arrived));
        packets.into_iter().map(place).collect()
    }

    #[test]
    fn jitter_and_bursts_keep_the_distances_of_frames() {
        let jitter = |n: i64| (n * 7919 % 97) * 2_000;
        // The first two seconds come at once; later a stall of three seconds is caught up.
        let arrives = |n: i64| match n {
            0..30 => 100 * S,
            600..645 => 100 * S + 645 * S / 15 - 2 * S,
            _ => 100 * S + n * S / 15 - 2 * S + jitter(n),
        };
        let wall = placed((0..3000).map(|n| (n * S / 15, arrives(n))));
        let steps: Vec<i64> = wall.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|step| (step - S / 15).abs() <= S / 15 / 20 + 2), "{steps:?}");
        for n in [0, 500, 2999_usize] {
            let true_us = 100 * S - 2 * S + n as i64 * S / 15;
            assert!((wall[n] - true_us).abs() < 250_000, "{} us off", wall[n] - true_us);
        }
    }

    #[test]
    fn slow_and_fast_clocks_are_followed() {
        for ppm in [-300, 300] {
            let wall = placed((0..50_000).map(|n| {
                let true_us = n * S / 5;
                (true_us + true_us / 1_000_000 * ppm, 1000 * S + true_us)
            }));
            assert!(wall.iter().zip(0..).all(|(at, n)| (at - 1000 * S - n * S / 5).abs() < 50_000), "{ppm}");
        }
    }

    #[test]
    fn a_camera_clock_that_jumps_is_anchored_anew() {
        let ahead = placed((0..300).map(|n| (n * S / 5 + if n >= 100 { 60 * S } else { 0 }, n * S / 5)));
        assert_eq!(ahead[299], 299 * S / 5);
        // Frozen for a minute while its pictures were dropped: later than it says, for good.
        let behind = placed((0..900).map(|n| (n * S / 5, n * S / 5 + if n >= 100 { 60 * S } else { 0 })));
        assert_eq!(behind[899], 899 * S / 5 + 60 * S);
    }
}
