//! From a container's time stamps to microseconds since the recording's first video packet: unwrapped, and going on
//! where a camera started its clock anew.

/// A step back of decoding time by more than this is a new start of the clock; less is jitter of a network camera.
const BACKWARD_US_MAX: i64 = 1_000_000;
/// Formats whose clock may start anew: a step ahead by more than an hour is a new start too. Shorter ones are taken as
/// time that passed unseen: a camera that lost its link keeps its clock.
const FORWARD_US_MAX_RESETTABLE: i64 = 3_600 * 1_000_000;
/// Formats that own their clock (MP4, Matroska, AVI): motion-triggered files may rest for days; a step ahead by more
/// than a week is damage.
const FORWARD_US_MAX: i64 = 7 * 24 * 3_600 * 1_000_000;
/// Time between frames if the file declares none: the commonest rate of cameras, 25 a second.
const FRAME_US_DEFAULT: i64 = 40_000;
/// Steps longer than this don't tell the time between frames.
const FRAME_US_MAX: i64 = 2_000_000;

/// A jump of the recording's clock that is no passing of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeJump {
    /// Where time goes on, microseconds since the recording's start.
    pub at_us: i64,
    /// By how much the clock jumped; how much time really passed is unknown, one frame is assumed.
    pub by_us: i64,
    /// Which way.
    pub kind: JumpKind,
}

/// Which way a clock jumped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JumpKind {
    /// To an earlier time, usually zero.
    Backward,
    /// Further ahead than time could have passed.
    Forward,
}

/// What the container tells about its clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Unit of time stamps, seconds as a fraction.
    pub(super) time_base: (i64, i64),
    /// Bits after which they wrap.
    pub(super) wrap_bits: u32,
    /// They may start anew.
    pub(super) may_reset: bool,
    /// There are none: the n-th packet is at n frames.
    pub(super) absent: bool,
    /// Frames by which the decoder reorders.
    pub(super) reorder_frames: u32,
    /// Time between frames by the declared rate, if any.
    pub(super) frame_us: Option<i64>,
}

/// Time stamps of one packet as the container has them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Raw {
    pub(super) pts: Option<i64>,
    pub(super) dts: Option<i64>,
    pub(super) duration: i64,
}

/// Where a packet is in the recording's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// When its frame is shown; unknown for reordered frames in files without time stamps.
    pub(super) pts_us: Option<i64>,
    /// When it is decoded: never runs backwards by more than jitter.
    pub(super) dts_us: i64,
    /// How long its frame stays.
    pub(super) duration_us: i64,
    /// The clock jumped just before it.
    pub(super) jump: Option<TimeJump>,
}

/// Places packets, in the order in which they are read.
#[derive(Debug)]
pub(super) struct Timeline {
    clock: Clock,
    /// The raw time stamp that is the recording's zero, after unwrapping.
    origin: Option<i64>,
    /// Added to raw time stamps: whole wraps.
    unwrap: i64,
    /// Added to times: the sum of undone jumps.
    shift_us: i64,
    last_raw: i64,
    last_us: i64,
    frame_us: i64,
    counted: i64,
}

impl Timeline {
    pub(super) fn new(clock: Clock) -> Self {
        let frame_us = clock.frame_us.filter(|us| (1..=FRAME_US_MAX).contains(us)).unwrap_or(FRAME_US_DEFAULT);
        Self { clock, origin: None, unwrap: 0, shift_us: 0, last_raw: 0, last_us: 0, frame_us, counted: 0 }
    }

    /// Time between frames, as far as known by now.
    pub(super) fn frame_us(&self) -> i64 {
        self.frame_us
    }

    pub(super) fn place(&mut self, raw: Raw) -> Placed {
        match raw.dts.or(raw.pts) {
            Some(key) if !self.clock.absent => self.place_stamped(raw, key),
            _ => self.place_counted(),
        }
    }

    fn place_counted(&mut self) -> Placed {
        let at_us = if self.clock.absent { self.counted * self.frame_us } else { self.last_us + self.frame_us };
        self.counted += 1;
        self.last_us = at_us;
        let pts_us = (self.clock.reorder_frames == 0).then_some(at_us);
        Placed { pts_us, dts_us: at_us, duration_us: self.frame_us, jump: None }
    }

    fn place_stamped(&mut self, raw: Raw, key: i64) -> Placed {
        let origin = *self.origin.get_or_insert_with(|| {
            self.last_raw = key;
            raw.pts.unwrap_or(key)
        });
        let jump = self.follow(key, origin);
        let in_display_order = self.clock.reorder_frames == 0;
        let pts = raw.pts.or(raw.dts.filter(|_| in_display_order));
        let dts_us = self.to_us(key, origin);
        self.learn_frame(raw.duration, dts_us);
        (self.last_raw, self.last_us) = (key.saturating_add(self.unwrap), dts_us);
        let duration_us = if raw.duration > 0 { self.rescale(raw.duration) } else { self.frame_us };
        Placed { pts_us: pts.map(|pts| self.to_us(pts, origin)), dts_us, duration_us, jump }
    }

    /// Adjusts to a wrap or a jump between the last packet and one at `key`.
    fn follow(&mut self, key: i64, origin: i64) -> Option<TimeJump> {
        let step = |timeline: &Self| key.saturating_add(timeline.unwrap).saturating_sub(timeline.last_raw);
        if (1..63).contains(&self.clock.wrap_bits) {
            let period = 1_i64 << self.clock.wrap_bits;
            if step(self) < -period / 2 && self.clock.may_reset && near_wrap(self.last_raw, period) {
                self.unwrap = self.unwrap.saturating_add(period);
            }
        }
        let by_us = self.rescale(step(self));
        let forward_max = if self.clock.may_reset { FORWARD_US_MAX_RESETTABLE } else { FORWARD_US_MAX };
        let kind = match by_us {
            by_us if by_us < -BACKWARD_US_MAX => JumpKind::Backward,
            by_us if by_us > forward_max => JumpKind::Forward,
            _ => return None,
        };
        let at_us = self.last_us + self.frame_us;
        self.shift_us += at_us - self.to_us(key, origin);
        Some(TimeJump { at_us, by_us, kind })
    }

    fn learn_frame(&mut self, duration: i64, dts_us: i64) {
        let by_step = dts_us - self.last_us;
        let by_duration = self.rescale(duration);
        // The declared duration first: the step to a frame after a pause isn't the time between frames.
        let learned = [by_duration, by_step].into_iter().find(|us| (1..=FRAME_US_MAX).contains(us));
        self.frame_us = learned.unwrap_or(self.frame_us);
    }

    fn to_us(&self, raw: i64, origin: i64) -> i64 {
        self.rescale(raw.saturating_add(self.unwrap).saturating_sub(origin)).saturating_add(self.shift_us)
    }

    /// To microseconds, to the nearest one.
    fn rescale(&self, ticks: i64) -> i64 {
        let (numerator, denominator) = self.clock.time_base;
        let scaled = i128::from(ticks) * i128::from(numerator) * 1_000_000;
        let denominator = i128::from(denominator);
        let rounded = (scaled * 2 + denominator).div_euclid(denominator * 2);
        i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN / 4 } else { i64::MAX / 4 })
    }
}

/// True in the last sixteenth of a period: there a step back is a wrap, elsewhere the clock started anew.
fn near_wrap(last_raw: i64, period: i64) -> bool {
    last_raw.rem_euclid(period) > period - period / 16
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: i64 = 3_600;

    fn transport_stream() -> Timeline {
        Timeline::new(Clock {
            time_base: (1, 90_000),
            wrap_bits: 33,
            may_reset: true,
            absent: false,
            reorder_frames: 0,
            frame_us: Some(40_000),
        })
    }

    fn place(timeline: &mut Timeline, ticks: i64) -> Placed {
        timeline.place(Raw { pts: Some(ticks), dts: Some(ticks), duration: FRAME })
    }

    #[test]
    fn time_starts_at_zero_and_is_exact_over_a_day() {
        let mut timeline = transport_stream();
        assert_eq!(place(&mut timeline, 126_000).pts_us, Some(0));
        for frame in 1..25 * 3_600 * 24 {
            assert_eq!(place(&mut timeline, 126_000 + frame * FRAME).pts_us, Some(frame * 40_000));
        }
    }

    #[test]
    fn thirty_three_bits_wrap_without_a_jump() {
        let mut timeline = transport_stream();
        let start = (1_i64 << 33) - 10 * FRAME;
        for frame in 0..20 {
            let placed = place(&mut timeline, (start + frame * FRAME) % (1 << 33));
            assert_eq!((placed.pts_us, placed.jump), (Some(frame * 40_000), None), "frame {frame}");
        }
    }

    #[test]
    fn a_clock_that_starts_anew_goes_on_and_is_reported() {
        let mut timeline = transport_stream();
        (0..100).for_each(|frame| assert_eq!(place(&mut timeline, 900_000 + frame * FRAME).jump, None));
        let placed = place(&mut timeline, 0);
        assert_eq!(placed.pts_us, Some(4_000_000));
        assert_eq!(placed.jump.map(|jump| (jump.kind, jump.at_us)), Some((JumpKind::Backward, 4_000_000)));
        assert_eq!(place(&mut timeline, FRAME).pts_us, Some(4_040_000));
        let far = place(&mut timeline, 90_000 * 3_600 * 20);
        assert_eq!((far.pts_us, far.jump.map(|jump| jump.kind)), (Some(4_080_000), Some(JumpKind::Forward)));
    }

    #[test]
    fn a_pause_is_time_that_passed_and_jitter_is_no_jump() {
        let mut timeline = transport_stream();
        place(&mut timeline, 0);
        assert_eq!(
            place(&mut timeline, 90_000 * 600),
            Placed { pts_us: Some(600_000_000), dts_us: 600_000_000, duration_us: 40_000, jump: None }
        );
        assert_eq!(place(&mut timeline, 90_000 * 600 - 900).jump, None);
        assert_eq!(timeline.frame_us(), 40_000);
    }

    #[test]
    fn files_without_time_stamps_are_counted_at_the_declared_rate() {
        let raw = |reorder_frames| Clock {
            absent: true,
            reorder_frames,
            frame_us: Some(100_000),
            ..transport_stream().clock
        };
        let mut plain = Timeline::new(raw(0));
        let times: Vec<_> = (0..3).map(|_| plain.place(Raw::default()).pts_us).collect();
        assert_eq!(times, [Some(0), Some(100_000), Some(200_000)]);
        let mut reordered = Timeline::new(raw(2));
        assert_eq!(reordered.place(Raw::default()).pts_us, None);
    }

    #[test]
    fn absurd_time_stamps_do_no_harm() {
        let mut timeline = transport_stream();
        for ticks in [i64::MIN + 1, i64::MAX, 0, i64::MAX, i64::MIN + 1, 5] {
            let placed = place(&mut timeline, ticks);
            assert!(placed.dts_us >= 0, "{ticks}: {placed:?}");
        }
    }
}
