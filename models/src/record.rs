//! The rows of the lake as Rust values: observations, events, gaps, recordings.
//!
//! `schema` names their columns; `lake` (in the pipeline) writes them.

use crate::ids::{Place, ZoneId};
use crate::time::{Span, UtcMicros};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Columns of the movement grid that a row keeps.
pub const CELLS_X: usize = 16;
/// Rows of the movement grid that a row keeps.
pub const CELLS_Y: usize = 9;
/// Cells of the movement grid that a row keeps.
pub const CELLS: usize = CELLS_X * CELLS_Y;

/// What troubled an interval: a bit set, stored as `uint32`. Bits are never renumbered.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quality(pub u32);

impl Quality {
    /// Too dark to tell.
    pub const DARK: Self = Self(1 << 0);
    /// Much of the picture is burnt out.
    pub const GLARE: Self = Self(1 << 1);
    /// Something covers the lens.
    pub const COVERED: Self = Self(1 << 2);
    /// Out of focus.
    pub const BLURRED: Self = Self(1 << 3);
    /// The picture repeats to the bit.
    pub const FROZEN: Self = Self(1 << 4);
    /// Lamps, sun or exposure changed most of the picture at once.
    pub const LIGHT_CHANGE: Self = Self(1 << 5);
    /// The camera shakes or was turned.
    pub const CAMERA_MOVED: Self = Self(1 << 6);
    /// The camera sees in infrared.
    pub const INFRARED: Self = Self(1 << 7);
    /// Packets or frames could not be decoded.
    pub const DECODE_ERRORS: Self = Self(1 << 8);
    /// The wall clock of these rows is a guess.
    pub const CLOCK_SUSPECT: Self = Self(1 << 9);
    /// The scene is still being learned.
    pub const WARMUP: Self = Self(1 << 10);
    /// Something that is nobody moves in the view all the time, and people in front of it may be missed.
    pub const RESTLESS: Self = Self(1 << 11);

    /// Every bit with its name, in bit order.
    pub const NAMES: [(Self, &'static str); 12] = [
        (Self::DARK, "dark"),
        (Self::GLARE, "glare"),
        (Self::COVERED, "covered"),
        (Self::BLURRED, "blurred"),
        (Self::FROZEN, "frozen"),
        (Self::LIGHT_CHANGE, "light_change"),
        (Self::CAMERA_MOVED, "camera_moved"),
        (Self::INFRARED, "infrared"),
        (Self::DECODE_ERRORS, "decode_errors"),
        (Self::CLOCK_SUSPECT, "clock_suspect"),
        (Self::WARMUP, "warmup"),
        (Self::RESTLESS, "restless"),
    ];

    /// Nothing troubled.
    pub const fn empty() -> Self {
        Self(0)
    }

    /// True if every bit of `other` is set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Sets the bits of `other`.
    pub fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// The bits of both.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The names of the bits set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(bit, _)| self.contains(*bit)).map(|(_, name)| name)
    }
}

impl fmt::Debug for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// One row of `observations`: a camera's zone over one interval. Only what was seen, at least in part, has a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Start of the interval.
    pub start: UtcMicros,
    /// Nominal length of the interval, seconds.
    pub duration_s: f32,
    /// Where.
    pub place: Arc<Place>,
    /// Zone of the view.
    pub zone: ZoneId,
    /// Seconds really seen, from PTS: 0..=`duration_s`.
    pub observed_s: f32,
    /// Frames analysed.
    pub samples: u32,
    /// Mean share of the zone's area that moves, 0..1.
    pub motion: f32,
    /// Largest share of the zone's area that moves, 0..1.
    pub motion_peak: f32,
    /// Seconds with movement distinguishable from rest.
    pub active_s: f32,
    /// 0..100, comparable between cameras.
    pub activity: f32,
    /// Probability that somebody is in the zone, 0..1.
    pub presence: f32,
    /// Estimated number of people; `None` (null) where it can't be known.
    pub people: Option<f32>,
    /// Lower end of its 90 % interval.
    pub people_low: Option<f32>,
    /// Upper end of its 90 % interval.
    pub people_high: Option<f32>,
    /// Mean brightness, 0..255.
    pub luma: f32,
    /// What troubled the interval.
    pub quality: Quality,
    /// Movement per cell of the 16 x 9 grid, row by row from the top left, 0..255.
    #[serde(with = "cells_as_bytes")]
    pub cells: [u8; CELLS],
}

/// Serde writes arrays of at most 32 elements by itself.
pub(crate) mod cells_as_bytes {
    use super::CELLS;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(cells: &[u8; CELLS], out: S) -> Result<S::Ok, S::Error> {
        cells.as_slice().serialize(out)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<[u8; CELLS], D::Error> {
        Vec::<u8>::deserialize(input)?.try_into().map_err(|_| D::Error::custom("cells: not 144 bytes"))
    }
}

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// Movement, from its first to its last moment.
    Motion,
    /// Somebody was in the zone.
    Presence,
}

impl EventKind {
    /// As stored in the lake.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Motion => "motion",
            Self::Presence => "presence",
        }
    }

    /// From the lake's text.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Motion, Self::Presence].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One row of `events`: an episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// From when to when.
    pub span: Span,
    /// Where.
    pub place: Arc<Place>,
    /// Zone of the view.
    pub zone: ZoneId,
    /// Kind of episode.
    pub kind: EventKind,
    /// Largest value in it: motion share, or presence probability.
    pub peak: f32,
    /// Mean value in it.
    pub mean: f32,
    /// How sure we are that it was one, 0..1.
    pub confidence: f32,
}

/// Why nothing was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum GapReason {
    /// The link to the camera is down.
    NoLink,
    /// The camera answers but sends nothing.
    CameraSilent,
    /// Packets came but could not be decoded, or pictures are too small.
    Decode,
    /// Somebody paused the worker or the camera.
    Paused,
    /// No room to write.
    Disk,
    /// No recording covers the time.
    NoRecording,
}

impl GapReason {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::NoLink, Self::CameraSilent, Self::Decode, Self::Paused, Self::Disk, Self::NoRecording];

    /// As stored in the lake.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoLink => "no_link",
            Self::CameraSilent => "camera_silent",
            Self::Decode => "decode",
            Self::Paused => "paused",
            Self::Disk => "disk",
            Self::NoRecording => "no_recording",
        }
    }

    /// From the lake's text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// One row of `gaps`: time of a camera that nobody saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// From when to when.
    pub span: Span,
    /// Which camera.
    pub place: Arc<Place>,
    /// Why.
    pub reason: GapReason,
    /// More, for people.
    pub detail: String,
}

/// How the wall clock of a recording became known, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TimeSource {
    /// `--start`.
    Flag,
    /// A configured pattern for file names.
    NamePattern,
    /// The container's creation time.
    Container,
    /// A name as NVRs write it.
    NvrName,
    /// The file's modification time minus its duration: rows are flagged `clock_suspect`.
    FileTime,
    /// The machine's own clock, while it watched.
    Live,
}

impl TimeSource {
    /// All of them, best first.
    pub const ALL: [Self; 6] =
        [Self::Flag, Self::NamePattern, Self::Container, Self::NvrName, Self::FileTime, Self::Live];

    /// As stored in the lake.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::NamePattern => "name_pattern",
            Self::Container => "container",
            Self::NvrName => "nvr_name",
            Self::FileTime => "file_time",
            Self::Live => "live",
        }
    }

    /// From the lake's text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == text)
    }

    /// True where the clock is a guess.
    pub fn is_suspect(self) -> bool {
        self == Self::FileTime
    }
}

/// What became of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RecordingStatus {
    /// Read to its end.
    Done,
    /// Read in part: its end or some of its middle could not be decoded.
    Partial,
    /// Nothing of it could be used.
    Failed,
    /// Its time was already covered.
    Skipped,
}

impl RecordingStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Done, Self::Partial, Self::Failed, Self::Skipped];

    /// As stored in the lake.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// True if it gave rows: an account of its time is in the lake.
    pub fn has_rows(self) -> bool {
        matches!(self, Self::Done | Self::Partial)
    }

    /// From the lake's text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// One row of `recordings`: the manifest entry of one input file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Which camera.
    pub place: Arc<Place>,
    /// The file as it was named to us.
    pub path: String,
    /// Hash of size and parts of the content: the same bytes under another name have the same id.
    pub content_id: String,
    /// Wall-clock span that its frames cover; empty for a file without usable frames.
    pub span: Span,
    /// Where the wall clock comes from.
    pub time_source: TimeSource,
    /// FFmpeg's name of the codec; empty if unknown.
    pub codec: String,
    /// Width of the first picture, pixels.
    pub width: u32,
    /// Height of the first picture, pixels.
    pub height: u32,
    /// Size of the file, bytes.
    pub size_bytes: u64,
    /// Frames decoded.
    pub frames: u64,
    /// Packets and frames that could not be decoded.
    pub decode_errors: u64,
    /// What became of it.
    pub status: RecordingStatus,
    /// For people: position, cause, next step; empty when all went well.
    pub message: String,
    /// Hash of the analysis settings.
    pub settings_id: String,
    /// CPU seconds spent on it.
    pub spent_s: f32,
}
