//! Cuts a recording into segments that start at key frames and decode apart from each other.
//!
//! A segment ends before the first key packet at least [`SEGMENT_US`] (or [`SEGMENT_BYTES`]) after its start. Where
//! frames are shown before the key frame that precedes them in the file (open GOPs), the earlier segment carries that
//! key packet and those leading packets once more, and [`Segment::emit_until_us`] and [`Segment::emit_from_us`] say
//! which of both hands out which frames: each frame is handed out once, and decoded whole. Streams without such
//! frames pay nothing.
//!
//! Where no cut is possible (no key frame comes, or display times are unknown), the recording is handed out in
//! *pieces*: [`Segment::continues_next`] says that the same decoder must go on. **Whoever takes such a segment from a
//! shared reader keeps the reader to itself until the last piece**, which
//! [`decode_next`](crate::decode::decode_next) does.

use super::ffi;
use super::nal::Framing;
use super::report::{Ending, ReadReport, ReadTroubleKind};
use super::timeline::{Placed, Raw, Timeline};
use ffmpeg_next::format::context::Input;
use ffmpeg_next::{Error, Packet};
use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;

/// A segment's least length: opening a decoder and a frame or two decoded twice are nothing against it, and a
/// recording of five minutes still makes 18 of them.
pub const SEGMENT_US: i64 = 16 * 1_000_000;
/// A segment's size from which the next key packet ends it: 16 s at 16 Mb/s; with 2 cores and one segment ahead,
/// 3 x 32 MB.
pub const SEGMENT_BYTES: usize = 32 << 20;
/// Size and length at which a segment is handed out in pieces because no key packet came.
const PIECE_BYTES: usize = 64 << 20;
const PIECE_US: i64 = 120 * 1_000_000;
/// Leading packets looked for after a key packet; H.264 and H.265 reorder by at most 16 frames, twice if they are
/// fields.
const LEADING_MAX: usize = 32;
/// Reads that may fail one after another before the file is given up: a torn MP4 fails once for each missing packet.
const READ_ERRORS_MAX: u32 = 32;
/// Time that may be missing at the end before a file counts as cut short: containers round, and count sound.
const MISSING_US_MAX: i64 = 2_000_000;

/// When a segment ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The next key packet after this ends it.
    pub(crate) segment_us: i64,
    pub(crate) segment_bytes: usize,
    /// Without a key packet, it is handed out in pieces of this.
    pub(crate) piece_us: i64,
    pub(crate) piece_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { segment_us: SEGMENT_US, segment_bytes: SEGMENT_BYTES, piece_us: PIECE_US, piece_bytes: PIECE_BYTES }
    }
}

/// Packets that one decoder takes in one go. Their time stamps are microseconds since the recording's start.
pub struct Segment {
    /// Its number, from 0.
    pub index: u64,
    /// Its packets in decoding order, and the next segment's first ones if their frames need them.
    pub packets: Vec<Packet>,
    /// Time of its first own packet.
    pub start_us: i64,
    /// Time of the next segment's first packet, or the end of its own last one.
    pub end_us: i64,
    /// Frames before this belong to the previous segment.
    pub emit_from_us: Option<i64>,
    /// Frames from this on belong to the next segment.
    pub emit_until_us: Option<i64>,
    /// The same decoder must have decoded the previous segment, without being drained.
    pub continues_previous: bool,
    /// The same decoder must go on with the next segment.
    pub continues_next: bool,
    /// The recording ends with it.
    pub is_last: bool,
    /// How many packets of the recording come before its own.
    pub first_packet: u64,
    /// Its own packets; those after them are the next segment's.
    pub own_packets: usize,
    /// Of its own packets those at which a decoder can start; the first one always.
    pub starts: Vec<usize>,
    /// The key packet that comes after its own packets.
    pub next_key: Option<Packet>,
    /// A part of a segment: its decoder may be used again.
    pub is_excerpt: bool,
}

impl Segment {
    /// Which frames it hands out, by their times.
    pub fn emits_us(&self) -> Range<i64> {
        self.emit_from_us.unwrap_or(0)..self.emit_until_us.unwrap_or(i64::MAX)
    }

    /// When a packet's frame is shown, microseconds since the recording's start; `None` if it doesn't tell.
    pub fn shown_at_us(&self, packet: usize) -> Option<i64> {
        self.packets.get(packet).or(self.next_key.as_ref()).and_then(Packet::pts)
    }

    /// Bytes of each of some packets.
    pub fn bytes(&self, packets: Range<usize>) -> impl ExactSizeIterator<Item = usize> {
        self.packets[packets].iter().map(Packet::size)
    }

    /// The times of all frames that the segment hands out, in order; `None` if some packet doesn't tell.
    pub fn frames_us(&self) -> Option<Vec<i64>> {
        let times: Option<Vec<i64>> = self.packets.iter().map(Packet::pts).collect();
        let (mut times, own) = (times?, self.emits_us());
        times.retain(|at_us| own.contains(at_us));
        times.sort_unstable();
        times.dedup();
        Some(times)
    }

    /// Some of the segment's packets, by their numbers, as a segment that hands out frames from `span_us` only; the
    /// number after the last one is the next key packet's. `None` if memory is short.
    pub fn excerpt(&self, packets: impl IntoIterator<Item = usize>, span_us: Range<i64>) -> Option<Self> {
        let shared = packets.into_iter().map(|index| {
            let packet = self.packets.get(index).or(self.next_key.as_ref().filter(|_| index == self.packets.len()))?;
            ffi::share(packet).ok()
        });
        Some(Self {
            index: self.index,
            packets: shared.collect::<Option<_>>()?,
            start_us: span_us.start,
            end_us: span_us.end,
            emit_from_us: Some(span_us.start),
            emit_until_us: Some(span_us.end),
            continues_previous: false,
            continues_next: false,
            is_last: self.is_last,
            first_packet: self.first_packet,
            own_packets: 0,
            starts: Vec::new(),
            next_key: None,
            is_excerpt: true,
        })
    }

    /// True for the recording's first segment.
    pub fn is_first(&self) -> bool {
        self.index == 0
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segment")
            .field("index", &self.index)
            .field("packets", &self.packets.len())
            .field("us", &(self.start_us..self.end_us))
            .field("emit_us", &(self.emit_from_us, self.emit_until_us))
            .field("continues", &(self.continues_previous, self.continues_next))
            .field("is_last", &self.is_last)
            .finish()
    }
}

/// What a reader is made of.
pub(super) struct ReaderParts {
    pub(super) input: Input,
    pub(super) stream: usize,
    pub(super) timeline: Timeline,
    pub(super) framing: Framing,
    pub(super) timestamps_assumed: bool,
    /// The duration that the container declares.
    pub(super) declared_us: Option<i64>,
}

/// Reads a recording once, from start to end. Can be sent to another thread, or shared behind a mutex.
pub struct SegmentReader {
    parts: ReaderParts,
    /// Packets read ahead, in order.
    ahead: VecDeque<Timed>,
    report: ReadReport,
    next_index: u64,
    /// Packets of the segments handed out.
    handed_out: u64,
    /// The last segment handed out goes on.
    continues: bool,
    /// Bounds of the next segment's frames, if its leading packets were handed out with the last one.
    emit_from_us: Option<i64>,
    /// Parameter sets that came in the middle of the recording, for decoders that start after them.
    extradata: Option<Vec<u8>>,
    limits: Limits,
}

struct Timed {
    packet: Packet,
    placed: Placed,
    is_clean_start: bool,
}

impl Timed {
    /// Display time if known, else decoding time.
    fn at_us(&self) -> i64 {
        self.placed.pts_us.unwrap_or(self.placed.dts_us)
    }
}

impl fmt::Debug for SegmentReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentReader").field("next_index", &self.next_index).finish_non_exhaustive()
    }
}

/// A segment being filled.
struct Filling {
    packets: Vec<Packet>,
    starts: Vec<usize>,
    bytes: usize,
    start_us: i64,
    start_dts_us: i64,
    end_us: i64,
}

impl Filling {
    fn new(first: Timed) -> Self {
        let (start_us, start_dts_us) = (first.at_us(), first.placed.dts_us);
        let mut filling =
            Self { packets: Vec::new(), starts: Vec::new(), bytes: 0, start_us, start_dts_us, end_us: start_us };
        filling.push(first);
        filling
    }

    fn push(&mut self, timed: Timed) {
        self.bytes += timed.packet.size();
        self.end_us = self.end_us.max(timed.at_us().saturating_add(timed.placed.duration_us));
        if timed.is_clean_start || self.packets.is_empty() {
            self.starts.push(self.packets.len());
        }
        self.packets.push(timed.packet);
    }

    fn exceeds(&self, next: &Timed, span_us: i64, bytes: usize) -> bool {
        self.bytes >= bytes || next.placed.dts_us - self.start_dts_us >= span_us
    }
}

/// How a segment ends.
enum End {
    /// Before a key packet that so many leading packets follow.
    Cut { leading: usize },
    /// Anywhere: the same decoder goes on.
    Piece,
    /// With the recording.
    Last,
}

impl SegmentReader {
    pub(super) fn new(parts: ReaderParts) -> Self {
        let report = ReadReport { timestamps_assumed: parts.timestamps_assumed, ..ReadReport::default() };
        Self {
            parts,
            ahead: VecDeque::new(),
            report,
            next_index: 0,
            handed_out: 0,
            continues: false,
            emit_from_us: None,
            extradata: None,
            limits: Limits::default(),
        }
    }

    /// Other limits, so that short clips make many segments.
    #[cfg(test)]
    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// What reading met with so far.
    pub fn report(&self) -> &ReadReport {
        &self.report
    }

    /// The next segment; `None` after the last one. Packets that can't be read are counted in [`Self::report`], the
    /// rest goes on.
    pub fn next_segment(&mut self) -> Option<Segment> {
        let mut first = self.take()?;
        if !self.continues {
            self.remind_of_extradata(&mut first.packet);
        }
        let mut filling = Filling::new(first);
        let end = self.fill(&mut filling);
        Some(self.finish(filling, end))
    }

    fn fill(&mut self, filling: &mut Filling) -> End {
        let limits = self.limits;
        loop {
            let Some(next) = self.peek(0) else { return End::Last };
            let is_due = filling.exceeds(next, limits.segment_us, limits.segment_bytes);
            let is_overdue = filling.exceeds(next, limits.piece_us, limits.piece_bytes);
            if is_due
                && next.is_clean_start
                && let Some(leading) = self.leading_packets()
            {
                return End::Cut { leading };
            }
            if is_overdue {
                return End::Piece;
            }
            let Some(next) = self.take() else { return End::Last };
            filling.push(next);
        }
    }

    fn finish(&mut self, mut filling: Filling, end: End) -> Segment {
        let emit_from_us = self.emit_from_us.take();
        let mut emit_until_us = None;
        let end_us = match self.ahead.front() {
            Some(key) => key.at_us().max(filling.start_us),
            None => filling.end_us,
        };
        let own_packets = filling.packets.len();
        let next_key = self.ahead.front().filter(|_| matches!(end, End::Cut { .. }));
        let next_key = next_key.and_then(|timed| ffi::share(&timed.packet).ok());
        if let End::Cut { leading: leading @ 1.. } = end {
            let shared = self.ahead.iter().take(leading + 1).map(|timed| ffi::share(&timed.packet));
            // Sharing fails only without memory; the decoder then reports what misses its references.
            filling.packets.extend(shared.flatten());
            emit_until_us = Some(end_us);
            self.emit_from_us = Some(end_us);
        }
        let index = self.next_index;
        self.next_index += 1;
        let first_packet = self.handed_out;
        self.handed_out += own_packets as u64;
        let continues_previous = std::mem::replace(&mut self.continues, matches!(end, End::Piece));
        Segment {
            index,
            packets: filling.packets,
            start_us: filling.start_us,
            end_us,
            emit_from_us,
            emit_until_us,
            continues_previous,
            continues_next: self.continues,
            is_last: matches!(end, End::Last),
            first_packet,
            own_packets,
            starts: filling.starts,
            next_key,
            is_excerpt: false,
        }
    }

    /// How many packets after the key packet ahead hold frames shown before it; `None` where that can't be known.
    fn leading_packets(&mut self) -> Option<usize> {
        let key_us = self.peek(0)?.placed.pts_us?;
        for leading in 0..=LEADING_MAX {
            match self.peek(leading + 1).map(|timed| timed.placed.pts_us) {
                Some(Some(pts_us)) if pts_us < key_us => {}
                Some(Some(_)) | None => return Some(leading),
                Some(None) => return None,
            }
        }
        None
    }

    fn take(&mut self) -> Option<Timed> {
        self.peek(0)?;
        let timed = self.ahead.pop_front()?;
        if let Some(extradata) = ffi::new_extradata(&timed.packet) {
            self.extradata = Some(extradata);
        }
        Some(timed)
    }

    fn peek(&mut self, index: usize) -> Option<&Timed> {
        while self.ahead.len() <= index {
            let timed = self.read()?;
            self.ahead.push_back(timed);
        }
        self.ahead.get(index)
    }

    /// The next packet of the stream; after read errors it tries on, a bounded number of times.
    fn read(&mut self) -> Option<Timed> {
        let mut failed = 0;
        while self.report.ending == Ending::Reading {
            let mut packet = Packet::empty();
            match packet.read(&mut self.parts.input) {
                // An empty packet would tell the decoder that the recording ends.
                Ok(()) if packet.stream() != self.parts.stream || packet.size() == 0 => {}
                Ok(()) => return Some(self.place(packet)),
                Err(Error::Eof) => self.report.ending = self.ending(),
                Err(source) => {
                    failed += 1;
                    self.report.add_trouble(self.report.end_us, ReadTroubleKind::Read { source });
                    if failed >= READ_ERRORS_MAX {
                        self.report.ending = Ending::ReadErrors;
                    }
                }
            }
        }
        None
    }

    fn place(&mut self, mut packet: Packet) -> Timed {
        let raw = Raw { pts: packet.pts(), dts: packet.dts(), duration: packet.duration() };
        let placed = self.parts.timeline.place(raw);
        packet.set_pts(placed.pts_us);
        packet.set_dts(Some(placed.dts_us));
        packet.set_duration(placed.duration_us);
        let timed = Timed {
            is_clean_start: packet.is_key() && self.parts.framing.is_clean_start(packet.data().unwrap_or_default()),
            packet,
            placed,
        };
        self.account(&timed);
        timed
    }

    fn account(&mut self, timed: &Timed) {
        if let Some(jump) = timed.placed.jump {
            self.report.add_jump(jump);
        }
        if timed.packet.is_corrupt() {
            self.report.add_trouble(timed.at_us(), ReadTroubleKind::Corrupt);
        }
        self.report.packets += 1;
        self.report.bytes += timed.packet.size() as u64;
        self.report.end_us = self.report.end_us.max(timed.at_us().saturating_add(timed.placed.duration_us));
    }

    fn ending(&self) -> Ending {
        match self.parts.declared_us {
            Some(declared_us) if declared_us > self.report.end_us + MISSING_US_MAX => Ending::EndsEarly { declared_us },
            _ => Ending::Complete,
        }
    }

    /// A decoder that starts here hasn't seen the packet that brought these parameter sets.
    fn remind_of_extradata(&self, first: &mut Packet) {
        if let Some(extradata) = &self.extradata
            && ffi::new_extradata(first).is_none()
            && !ffi::attach_extradata(first, extradata)
        {
            tracing::warn!("out of memory: a segment may start with outdated parameter sets");
        }
    }
}
