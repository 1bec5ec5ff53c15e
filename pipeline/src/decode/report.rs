//! What decoding one segment gave: frames, their times, and what was damaged.

use std::fmt;

/// Troubles kept one by one for each segment; beyond that they are only counted.
const TROUBLES_MAX: usize = 16;
/// Unseen spans kept apart for each segment: every second frame of the longest piece at 15 frames a second. Beyond
/// that the last one is stretched: too much is then called unseen, never too little.
const UNSEEN_MAX: usize = 1024;

/// What became of a segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SegmentReport {
    /// The segment's number.
    pub index: u64,
    /// Frames handed out.
    pub frames: u64,
    /// Frames withheld because they are damaged, or depend on a damaged one.
    pub damaged_frames: u64,
    /// Packets and frames with errors.
    pub error_count: u64,
    /// The first 16 of them.
    pub troubles: Vec<DecodeTrouble>,
    /// Times of the frames withheld or never decoded, each up to the next frame handed out; in order, not overlapping.
    pub unseen: Vec<UnseenSpan>,
    /// Median time from one frame to the next; `None` with fewer than two frames.
    pub frame_duration_us: Option<i64>,
    /// Time of the first frame handed out.
    pub first_pts_us: Option<i64>,
    /// Time of the last frame handed out.
    pub last_pts_us: Option<i64>,
    /// The caller stopped it before its end.
    pub was_stopped: bool,
}

/// A span in which frames were damaged, microseconds since the recording's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnseenSpan {
    /// The first damaged frame.
    pub from_us: i64,
    /// The next good frame, or the segment's end.
    pub until_us: i64,
}

/// One packet or frame with an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeTrouble {
    /// Its time, microseconds since the recording's start.
    pub pts_us: i64,
    /// What kind of error.
    pub kind: TroubleKind,
    /// What FFmpeg says.
    pub message: String,
}

/// Kinds of decoding errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// The decoder refused the packet.
    Packet,
    /// The demuxer marked the packet as damaged.
    CorruptPacket,
    /// The decoder concealed damage in the frame.
    Concealed,
    /// The frame refers to one that is missing.
    Reference,
    /// The frame's memory isn't what it claims, or it is too small.
    Picture,
}

impl TroubleKind {
    fn text(self) -> &'static str {
        match self {
            Self::Packet => "packet can't be decoded",
            Self::CorruptPacket => "packet is damaged",
            Self::Concealed => "frame is damaged",
            Self::Reference => "frame refers to a missing one",
            Self::Picture => "frame has no usable picture",
        }
    }
}

impl fmt::Display for DecodeTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s: {}", self.pts_us as f64 / 1e6, self.kind.text())?;
        if self.message.is_empty() { Ok(()) } else { write!(f, " ({})", self.message) }
    }
}

impl SegmentReport {
    /// Of a segment whose frames, at these times, count as handed out though not all were decoded.
    pub fn of_frames(index: u64, frames_us: &[i64]) -> Self {
        let mut steps: Vec<i64> = frames_us.windows(2).map(|pair| pair[1] - pair[0]).collect();
        Self {
            index,
            frames: frames_us.len() as u64,
            frame_duration_us: median(&mut steps),
            first_pts_us: frames_us.first().copied(),
            last_pts_us: frames_us.last().copied(),
            ..Self::default()
        }
    }

    /// Why a span of time, microseconds since the recording's start, is unseen.
    pub fn unseen_detail(&self, from_us: i64, until_us: i64) -> &str {
        let in_span = |trouble: &DecodeTrouble| (from_us..until_us).contains(&trouble.pts_us);
        let is_cause = |trouble: &&DecodeTrouble| trouble.kind == TroubleKind::Picture && in_span(trouble);
        self.troubles.iter().find(is_cause).map_or("damaged or missing frames", |trouble| &trouble.message)
    }

    /// Microseconds that damaged frames leave unseen.
    pub fn unseen_us(&self) -> i64 {
        self.unseen.iter().map(|span| span.until_us - span.from_us).sum()
    }

    pub(super) fn add_trouble(&mut self, trouble: DecodeTrouble) {
        self.error_count += 1;
        if self.troubles.len() < TROUBLES_MAX {
            self.troubles.push(trouble);
        }
    }

    /// Nothing whole was seen from `from_us` to `until_us`.
    pub(super) fn add_unseen(&mut self, from_us: i64, until_us: i64) {
        let is_full = self.unseen.len() >= UNSEEN_MAX;
        match self.unseen.last_mut().filter(|span| is_full || from_us <= span.until_us) {
            Some(span) => span.until_us = span.until_us.max(until_us),
            None => self.unseen.push(UnseenSpan { from_us, until_us: until_us.max(from_us) }),
        }
    }

    /// A frame at `pts_us` is handed out.
    pub(super) fn add_frame(&mut self, pts_us: i64) {
        self.frames += 1;
        self.first_pts_us.get_or_insert(pts_us);
        self.last_pts_us = Some(pts_us);
    }
}

pub(super) fn median(values: &mut [i64]) -> Option<i64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable(middle).1)
}
