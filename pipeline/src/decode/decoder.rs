//! Decodes segments, one after another, on the calling thread.

use super::error::DecodeError;
use super::ffi;
use super::luma::{Luma, Plane, too_small};
use super::pixels::Layout;
use super::report::{DecodeTrouble, SegmentReport, TroubleKind, median};
use crate::ingest::{Segment, SegmentReader, StreamParameters, log};
use ffmpeg_next::codec::{Context, decoder::Video as Opened, threading};
use ffmpeg_next::error::EAGAIN;
use ffmpeg_next::frame::Video as Frame;
use ffmpeg_next::{Discard, Error, Packet, Rational};
use pantau_models::ids::Place;
use pantau_models::time::UtcMicros;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

/// Time stamps of packets and frames are microseconds.
const TIME_BASE: Rational = Rational(1, 1_000_000);
/// After an error frames are withheld until the next key frame, but no longer than this after the last error: streams
/// without key frames (gradual refresh) are whole again by then.
const LOST_US_MAX: i64 = 10 * 1_000_000;
/// The H.265 decoder invents missing references and tells it in its log only.
const MISSING_REFERENCE_TEXT: &str = "Could not find ref with POC";

/// Without its loop filter H.265 drifts by several grey levels from one key frame to the next, where nothing moves:
/// empty rooms would be said to be occupied. H.264 does not.
const UNSTEADY_CODEC: &str = "hevc";

/// How to decode, and what the frames are of.
#[derive(Clone, Debug)]
pub struct DecodeSettings {
    /// Run the loop filter of inter-coded video; for H.265 only if not given. Without it decoding costs a quarter less.
    pub loop_filter: Option<bool>,
    /// Which camera.
    pub camera: Arc<Place>,
    /// Wall clock of the recording's first packet.
    pub recording_start: UtcMicros,
}

/// A single-threaded decoder of one recording's segments. Several of them may share a recording.
pub struct Decoder {
    parameters: Arc<StreamParameters>,
    settings: DecodeSettings,
    /// Opened to see that it can be, for the first segment.
    spare: Option<Opened>,
    /// Open between pieces of a chain only.
    opened: Option<Opened>,
    frame: Frame,
    /// The layout of the last frame's pixel format, with the format's number.
    layout: Option<(i32, Layout)>,
    /// Brightness of packed formats.
    copy: Vec<u8>,
    /// Times from frame to frame of the current segment.
    steps_us: Vec<i64>,
    state: State,
}

/// What carries over from piece to piece of a chain.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Frames out of the decoder.
    decoded: i64,
    /// Time of the last frame out of it.
    last_us: Option<i64>,
    /// Time of the last key frame out of it.
    key_us: Option<i64>,
    /// Since when references are lost, and the last error since.
    lost: Option<Lost>,
    /// Since when nothing whole was seen.
    unseen_from_us: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
struct Lost {
    from_us: i64,
    last_error_us: i64,
}

/// What decoding a segment keeps beside the decoder.
struct Run<'s> {
    segment: &'s Segment,
    report: SegmentReport,
}

impl Run<'_> {
    fn owns(&self, pts_us: i64) -> bool {
        self.segment.emits_us().contains(&pts_us)
    }
}

impl Decoder {
    /// A decoder for a stream; fails if FFmpeg's decoder doesn't open.
    pub fn new(parameters: &Arc<StreamParameters>, settings: DecodeSettings) -> Result<Self, DecodeError> {
        log::route_to_tracing();
        let spare = Some(open(parameters, settings.loop_filter)?);
        Ok(Self {
            parameters: Arc::clone(parameters),
            settings,
            spare,
            opened: None,
            frame: Frame::empty(),
            layout: None,
            copy: Vec::new(),
            steps_us: Vec::new(),
            state: State::default(),
        })
    }

    /// Decodes a segment and hands each of its whole frames to `visit`, in the order of their times, until it breaks.
    pub fn decode_segment(
        &mut self,
        segment: &Segment,
        mut visit: impl FnMut(Luma<'_>) -> ControlFlow<()>,
    ) -> Result<SegmentReport, DecodeError> {
        let mut opened = self.start(segment)?;
        let report = SegmentReport { index: segment.index, ..SegmentReport::default() };
        let mut run = Run { segment, report };
        let mut flow = ControlFlow::Continue(());
        for packet in &segment.packets {
            self.send(&mut opened, packet, &mut run);
            flow = self.receive(&mut opened, &mut run, &mut visit)?;
            if flow.is_break() {
                break;
            }
        }
        if flow.is_continue() && segment.continues_next {
            self.opened = Some(opened);
        } else if flow.is_continue() && opened.send_eof().is_ok() {
            flow = self.receive(&mut opened, &mut run, &mut visit)?;
            self.spare = Self::reusable(segment, opened);
        } else {
            self.spare = Self::reusable(segment, opened);
        }
        self.close_unseen(&mut run);
        run.report.was_stopped = flow.is_break();
        run.report.frame_duration_us = median(&mut self.steps_us);
        Ok(run.report)
    }

    /// An excerpt's decoder serves the next one: there are many of them, each a second long or less.
    fn reusable(segment: &Segment, mut opened: Opened) -> Option<Opened> {
        segment.is_excerpt.then(|| {
            opened.flush();
            opened
        })
    }

    /// The decoder for a segment: a fresh one, or the predecessor's.
    fn start(&mut self, segment: &Segment) -> Result<Opened, DecodeError> {
        log::take_last_error();
        self.steps_us.clear();
        let chained = self.opened.take();
        if segment.continues_previous {
            return chained.ok_or(DecodeError::MissingPredecessor { index: segment.index });
        }
        self.state = State::default();
        self.spare.take().map_or_else(|| open(&self.parameters, self.settings.loop_filter), Ok)
    }

    fn send(&mut self, opened: &mut Opened, packet: &Packet, run: &mut Run<'_>) {
        let at_us = packet.pts().or(packet.dts()).unwrap_or_default();
        if packet.is_corrupt() {
            self.lose(run, at_us, TroubleKind::CorruptPacket, String::new());
        }
        if let Err(source) = opened.send_packet(packet) {
            let message = log::take_last_error().unwrap_or_else(|| source.to_string());
            self.lose(run, at_us, TroubleKind::Packet, message);
        }
        self.note_missing_reference(run, at_us);
    }

    fn receive(
        &mut self,
        opened: &mut Opened,
        run: &mut Run<'_>,
        visit: &mut impl FnMut(Luma<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, DecodeError> {
        loop {
            match opened.receive_frame(&mut self.frame) {
                Ok(()) => {
                    if self.take_frame(run, visit)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Err(Error::Other { errno: EAGAIN } | Error::Eof) => return Ok(ControlFlow::Continue(())),
                Err(source) => {
                    let at_us = self.next_us();
                    let message = log::take_last_error().unwrap_or_else(|| source.to_string());
                    self.lose(run, at_us, TroubleKind::Packet, message);
                }
            }
        }
    }

    fn take_frame(
        &mut self,
        run: &mut Run<'_>,
        visit: &mut impl FnMut(Luma<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, DecodeError> {
        let pts_us = self.frame_us();
        self.state.decoded += 1;
        if self.frame.is_key() {
            self.state.key_us = Some(pts_us);
        }
        self.note_missing_reference(run, pts_us);
        self.note_damage(run, pts_us);
        let is_lost = self.is_lost(pts_us);
        if !run.owns(pts_us) {
            return Ok(ControlFlow::Continue(()));
        }
        let step_us = self.state.last_us.map(|last_us| pts_us - last_us);
        self.steps_us.extend(step_us);
        self.state.last_us = Some(pts_us);
        if is_lost {
            return Ok(self.withhold(run, pts_us));
        }
        self.choose_layout(pts_us)?;
        let plane = self.layout.as_ref().and_then(|(_, layout)| layout.plane(&self.frame, &mut self.copy));
        let wall = self.settings.recording_start.plus_us(pts_us);
        let since_key_us = self.state.key_us.map(|key_us| pts_us - key_us);
        let luma = plane.map(|plane| Luma::new(Plane { since_key_us, ..plane }, &self.settings.camera, pts_us, wall));
        let message = match luma {
            Some(Ok(luma)) if let Some(refusal) = too_small(luma.width(), luma.height()) => refusal,
            Some(Ok(luma)) => {
                // A frame shown before the error may come after it: then the unseen time is still to come.
                if let Some(from_us) = self.state.unseen_from_us.take_if(|from_us| *from_us < pts_us) {
                    run.report.add_unseen(from_us, pts_us);
                }
                run.report.add_frame(pts_us);
                return Ok(visit(luma));
            }
            Some(Err(error)) => error.to_string(),
            None => "rows lie upside down or memory is missing".to_owned(),
        };
        run.report.add_trouble(DecodeTrouble { pts_us, kind: TroubleKind::Picture, message });
        Ok(self.withhold(run, pts_us))
    }

    fn withhold(&mut self, run: &mut Run<'_>, pts_us: i64) -> ControlFlow<()> {
        run.report.damaged_frames += 1;
        self.unseen_since(pts_us);
        ControlFlow::Continue(())
    }

    fn unseen_since(&mut self, pts_us: i64) {
        let from_us = self.state.unseen_from_us.get_or_insert(pts_us);
        *from_us = pts_us.min(*from_us);
    }

    /// Unseen time at the segment's end lasts until there; in a chain it may go on from there.
    fn close_unseen(&mut self, run: &mut Run<'_>) {
        if let Some(from_us) = self.state.unseen_from_us.take() {
            let end_us = run.segment.end_us.max(from_us);
            run.report.add_unseen(from_us, end_us);
            self.state.unseen_from_us = self.state.lost.map(|_| end_us);
        }
    }

    /// The frame's time: never before or at the last one's.
    fn frame_us(&self) -> i64 {
        let told_us = self.frame.pts().or(self.frame.timestamp()).filter(|_| !self.parameters.counts_frames);
        let pts_us = told_us.unwrap_or_else(|| self.next_us());
        self.state.last_us.map_or(pts_us, |last_us| pts_us.max(last_us + 1))
    }

    /// Where the next frame should be.
    fn next_us(&self) -> i64 {
        if self.parameters.counts_frames {
            return self.state.decoded * self.parameters.frame_us;
        }
        self.state.last_us.map_or(0, |last_us| last_us + self.parameters.frame_us)
    }

    /// Damage that FFmpeg marked on the frame.
    fn note_damage(&mut self, run: &mut Run<'_>, pts_us: i64) {
        if self.frame.is_corrupt() || self.frame.has_decode_errors() {
            self.lose(run, pts_us, TroubleKind::Concealed, log::take_last_error().unwrap_or_default());
        }
    }

    fn note_missing_reference(&mut self, run: &mut Run<'_>, at_us: i64) {
        if let Some(message) = log::take_last_error().filter(|text| text.starts_with(MISSING_REFERENCE_TEXT)) {
            self.lose(run, at_us, TroubleKind::Reference, message);
        }
    }

    /// An error at `pts_us`: frames from there on are not to be trusted. Errors in frames of a neighbour are its own.
    fn lose(&mut self, run: &mut Run<'_>, pts_us: i64, kind: TroubleKind, message: String) {
        if run.owns(pts_us) {
            run.report.add_trouble(DecodeTrouble { pts_us, kind, message });
            let from_us = self.state.lost.map_or(pts_us, |lost| lost.from_us.min(pts_us));
            self.state.lost = Some(Lost { from_us, last_error_us: pts_us });
            self.unseen_since(pts_us);
        }
    }

    /// True if the frame is damaged or may depend on a damaged one.
    fn is_lost(&mut self, pts_us: i64) -> bool {
        let Some(lost) = self.state.lost else { return false };
        let is_after = pts_us > lost.last_error_us;
        let recovers = self.parameters.intra_only || self.frame.is_key() || pts_us - lost.last_error_us > LOST_US_MAX;
        if is_after && recovers {
            self.state.lost = None;
        }
        self.state.lost.is_some() && pts_us >= lost.from_us
    }

    fn choose_layout(&mut self, pts_us: i64) -> Result<(), DecodeError> {
        let number = ffi::format_number(&self.frame);
        if self.layout.as_ref().is_some_and(|(known, _)| *known == number) {
            return Ok(());
        }
        let descriptor = ffi::descriptor(&self.frame).unwrap_or_default();
        match Layout::of(&descriptor) {
            Some(layout) => self.layout = Some((number, layout)),
            None => return Err(DecodeError::PixelFormat { format: descriptor.name, at_s: pts_us as f64 / 1e6 }),
        }
        Ok(())
    }
}

/// Takes the next segment of a shared reader and decodes it, all its pieces if it has some; the reader is locked only
/// while reading, except between pieces. `None` after the last segment. `visit` is told the segment's number.
pub fn decode_next(
    reader: &Mutex<SegmentReader>,
    decoder: &mut Decoder,
    mut visit: impl FnMut(u64, Luma<'_>) -> ControlFlow<()>,
) -> Result<Option<Vec<SegmentReport>>, DecodeError> {
    let mut locked = reader.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(mut segment) = locked.next_segment() else { return Ok(None) };
    let first = segment.index;
    let mut reports = Vec::new();
    while segment.continues_next {
        let report = decoder.decode_segment(&segment, |luma| visit(first, luma))?;
        let was_stopped = report.was_stopped;
        reports.push(report);
        match locked.next_segment().filter(|_| !was_stopped) {
            Some(next) => segment = next,
            None => return Ok(Some(reports)),
        }
    }
    drop(locked);
    reports.push(decoder.decode_segment(&segment, |luma| visit(first, luma))?);
    Ok(Some(reports))
}

fn open(parameters: &StreamParameters, loop_filter: Option<bool>) -> Result<Opened, DecodeError> {
    let failed = |source| DecodeError::Open { codec: parameters.codec_name.clone(), source };
    let mut decoder = Context::from_parameters(parameters.codec.to_owned()).map_err(failed)?.decoder();
    decoder.set_packet_time_base(TIME_BASE);
    decoder.set_threading(threading::Config { count: 1, ..threading::Config::default() });
    if !loop_filter.unwrap_or(parameters.codec_name == UNSTEADY_CODEC) && !parameters.intra_only {
        decoder.skip_loop_filter(Discard::All);
    }
    decoder.video().map_err(failed)
}
