//! What reading a recording met with, for the manifest and for people.

use super::timeline::TimeJump;
use std::fmt;

/// Troubles and jumps kept one by one; beyond that they are only counted. 64 lines are more than anybody reads, and
/// bound what a hopeless file costs.
pub(super) const DETAILS_MAX: usize = 64;

/// How reading ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// It hasn't ended.
    #[default]
    Reading,
    /// At the end of the file, as far as can be told.
    Complete,
    /// At the end of the file, but the container declares more.
    EndsEarly {
        /// The duration that the container declares.
        declared_us: i64,
    },
    /// The file can't be read on.
    ReadErrors,
}

/// What reading met with, so far.
#[derive(Clone, Debug, Default)]
pub struct ReadReport {
    /// Video packets read.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Packets that the demuxer marks as damaged.
    pub corrupt_packets: u64,
    /// Reads that failed.
    pub read_errors: u64,
    /// The first 64 of both.
    pub troubles: Vec<ReadTrouble>,
    /// Times that the recording's clock jumped.
    pub jump_count: u64,
    /// The first 64 of them.
    pub jumps: Vec<TimeJump>,
    /// Time is counted from frames at the declared rate, because the file has no time stamps.
    pub timestamps_assumed: bool,
    /// End of the last packet, microseconds since the recording's start.
    pub end_us: i64,
    /// How reading ended.
    pub ending: Ending,
}

/// One packet that is damaged or missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadTrouble {
    /// Its number among the recording's video packets, from 0.
    pub packet: u64,
    /// Its time; of a packet that couldn't be read, the end of the one before.
    pub at_us: i64,
    /// What is wrong with it.
    pub kind: ReadTroubleKind,
}

/// What is wrong with a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadTroubleKind {
    /// The demuxer marks it as damaged or cut short.
    Corrupt,
    /// It couldn't be read.
    Read {
        /// What FFmpeg says.
        source: ffmpeg_next::Error,
    },
}

impl fmt::Display for ReadTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at_s = self.at_us as f64 / 1e6;
        match self.kind {
            ReadTroubleKind::Corrupt => write!(f, "packet {} ({at_s:.1} s): damaged", self.packet),
            ReadTroubleKind::Read { source } => {
                write!(f, "packet {} ({at_s:.1} s): can't be read: {source}", self.packet)
            }
        }
    }
}

impl ReadReport {
    /// True if everything that the file should hold was read, and nothing was damaged.
    pub fn is_clean(&self) -> bool {
        self.ending == Ending::Complete && self.corrupt_packets == 0 && self.read_errors == 0
    }

    pub(super) fn add_trouble(&mut self, at_us: i64, kind: ReadTroubleKind) {
        match kind {
            ReadTroubleKind::Corrupt => self.corrupt_packets += 1,
            ReadTroubleKind::Read { .. } => self.read_errors += 1,
        }
        if self.troubles.len() < DETAILS_MAX {
            self.troubles.push(ReadTrouble { packet: self.packets, at_us, kind });
        }
    }

    pub(super) fn add_jump(&mut self, jump: TimeJump) {
        self.jump_count += 1;
        if self.jumps.len() < DETAILS_MAX {
            self.jumps.push(jump);
        }
    }
}
