//! One connection to one camera: a thread that reads packets, and one that decodes them.
//!
//! ```text
//! reader: open -> packets, put into wall time -> queue (bounded) -> decoder: frames -> line (scene, spool, rows)
//! ```
//!
//! Both say when they last made progress. Whoever watches them can end a session at any time; one whose threads hang
//! where nothing can be interrupted is left behind: it holds nothing that its successor needs, and ends when it wakes.

use super::camera::WatchedCamera;
use super::clock::{Anchor, Clock, MediaClock};
use super::line::{Counts, Dark, Line};
use super::queue::{Arrived, Put, Queue, Taken};
use super::status::CameraStatus;
use crate::decode::{DecodeError, DecodeSettings, Decoder, SegmentReport, UnseenSpan};
use crate::ingest::{Deadline, LiveError, LivePacket, LiveStream, OpenLive, Segment};
use pantau_models::record::{GapReason, Quality};
use pantau_models::time::{Span, UtcMicros};
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// To connect and to hear what the stream is.
const OPEN_WITHIN: Duration = Duration::from_secs(12);
/// From packet to packet: cameras that spare bits send at least a picture in some seconds.
const PACKET_WITHIN: Duration = Duration::from_secs(10);
/// A session's first packets are looked at together, for so long or so many of them: servers send what they kept in one
/// burst. Less than half of what the queue holds.
const BURST_US: i64 = 700_000;
const BURST_PACKETS_MAX: usize = 80;
/// Without progress for so long a thread hangs, microseconds: longer than any deadline above.
const HANGS_AFTER_US: i64 = 25_000_000;

/// How a session ended.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub dark: Dark,
    /// A word for counters.
    pub kind: &'static str,
    /// For people.
    pub text: String,
}

/// What a session's threads share with who watches them.
pub(super) struct Session {
    deadline: Arc<Deadline>,
    began_us: i64,
    /// When the last frame was decoded; when it began before the first.
    frame_us: AtomicI64,
    queue: Queue,
    outcome: Mutex<Option<Outcome>>,
    reader_progress_us: AtomicI64,
    decoder_progress_us: AtomicI64,
    /// Both threads are gone.
    reader_done: AtomicBool,
    decoder_done: AtomicBool,
}

/// What a session works with.
#[derive(Clone)]
pub(super) struct Surroundings {
    pub camera: Arc<WatchedCamera>,
    pub line: Arc<Mutex<Line>>,
    pub status: Arc<CameraStatus>,
    pub clock: Arc<dyn Clock>,
    pub anchor: Arc<Mutex<Anchor>>,
}

/// A thread is gone, however it ends.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Surroundings {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn anchor(&self) -> Anchor {
        *self.anchor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// Starts a session's threads.
    pub(super) fn start(around: &Surroundings) -> std::io::Result<Arc<Self>> {
        let now_us = around.clock.monotonic_us();
        let session = Arc::new(Self {
            deadline: Arc::new(Deadline::default()),
            began_us: now_us,
            frame_us: AtomicI64::new(now_us),
            queue: Queue::new(),
            outcome: Mutex::new(None),
            reader_progress_us: AtomicI64::new(now_us),
            decoder_progress_us: AtomicI64::new(now_us),
            reader_done: AtomicBool::new(false),
            decoder_done: AtomicBool::new(true),
        });
        let (reading, around) = (session.clone(), around.clone());
        std::thread::Builder::new().name("pantau-read".to_owned()).spawn(move || {
            let _done = Done(&reading.reader_done);
            let outcome = reading.read(&around);
            reading.queue.close();
            reading.settle(outcome);
        })?;
        Ok(session)
    }

    /// How it ended, once its threads are gone.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.is_gone().then(|| self.lock_outcome().clone().unwrap_or_else(panicked))
    }

    /// Which of the threads hangs, if one does.
    pub(super) fn hangs(&self, now_us: i64) -> Option<&'static str> {
        let hangs = |done: &AtomicBool, progress: &AtomicI64| {
            !done.load(Ordering::Acquire) && now_us - progress.load(Ordering::Relaxed) > HANGS_AFTER_US
        };
        if hangs(&self.reader_done, &self.reader_progress_us) {
            Some("reader")
        } else if hangs(&self.decoder_done, &self.decoder_progress_us) {
            Some("decoder")
        } else {
            None
        }
    }

    /// True if it has given no frame for so long, though it is connected.
    pub(super) fn starves(&self, now_us: i64, after_us: i64) -> bool {
        !self.decoder_done.load(Ordering::Acquire) && now_us - self.frame_us.load(Ordering::Relaxed) > after_us
    }

    /// How long it gave frames.
    pub(super) fn lived_us(&self, now_us: i64) -> i64 {
        let last_us = self.frame_us.load(Ordering::Relaxed);
        if last_us > self.began_us { now_us.min(last_us) - self.began_us } else { 0 }
    }

    /// Ends the session; its threads go as soon as they can.
    pub(super) fn end(&self) {
        self.deadline.give_up();
        self.queue.close();
    }

    /// True once both threads are gone.
    pub(super) fn is_gone(&self) -> bool {
        self.reader_done.load(Ordering::Acquire) && self.decoder_done.load(Ordering::Acquire)
    }

    fn lock_outcome(&self) -> MutexGuard<'_, Option<Outcome>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first reason counts.
    fn settle(&self, outcome: Outcome) {
        self.lock_outcome().get_or_insert(outcome);
    }

    fn read(self: &Arc<Self>, around: &Surroundings) -> Outcome {
        self.deadline.within(OPEN_WITHIN);
        let opened = LiveStream::open(around.camera.address.reveal(), around.camera.transport, &self.deadline);
        let OpenLive { info, parameters, mut stream } = match opened {
            Ok(opened) => opened,
            Err(error) => return refused(&error),
        };
        let counts = Counts {
            sessions: 1,
            codec: info.codec.clone(),
            width: info.width,
            height: info.height,
            ..Counts::default()
        };
        around.line().count(&counts);
        around.status.connected(&info);
        // A time before the first frame, so that frames have times after it.
        let start = around.anchor().at(around.clock.monotonic_us()).plus_us(-60_000_000);
        let settings = DecodeSettings {
            loop_filter: around.camera.analysis.loop_filter,
            camera: around.camera.place.clone(),
            recording_start: start,
        };
        let decoder = match Decoder::new(&parameters, settings) {
            Ok(decoder) => decoder,
            Err(error) => return undecodable(&error),
        };
        if let Err(error) = self.start_decoder(decoder, start, around) {
            let detail = format!("no thread for the decoder: {error}");
            return Outcome {
                dark: Dark { reason: GapReason::Paused, detail: detail.clone() },
                kind: "thread",
                text: detail,
            };
        }
        match self.feed(&mut stream, start, around) {
            Ok(never) => match never {},
            Err(error) => ended(&error),
        }
    }

    /// Puts packets into wall time and into the queue, until the stream ends.
    fn feed(&self, stream: &mut LiveStream, start: UtcMicros, around: &Surroundings) -> Result<Infallible, LiveError> {
        let mut next = || {
            self.deadline.within(PACKET_WITHIN);
            let packet = stream.next_packet()?;
            let now_us = around.clock.monotonic_us();
            self.reader_progress_us.store(now_us, Ordering::Relaxed);
            let arrived = around.anchor().at(now_us);
            around.status.received(packet.bytes() as u64, arrived);
            Ok((packet, arrived))
        };
        let put = |packet: LivePacket, shift_us: i64| {
            if self.queue.put(packet, shift_us - start.0) == Put::Full {
                around.status.dropped(1);
            }
        };
        let mut burst: Vec<(LivePacket, UtcMicros)> = vec![next()?];
        while burst.len() < BURST_PACKETS_MAX && burst[burst.len() - 1].1.0 - burst[0].1.0 < BURST_US {
            burst.push(next()?);
        }
        let mut media = MediaClock::default();
        media.begin(burst.iter().map(|(packet, arrived)| (packet.media_us, *arrived)));
        for (packet, arrived) in burst {
            let shift_us = media.shift_us(packet.media_us, arrived);
            put(packet, shift_us);
        }
        loop {
            let (packet, arrived) = next()?;
            let shift_us = media.shift_us(packet.media_us, arrived);
            put(packet, shift_us);
        }
    }

    fn start_decoder(
        self: &Arc<Self>,
        decoder: Decoder,
        start: UtcMicros,
        around: &Surroundings,
    ) -> std::io::Result<()> {
        let (session, around) = (self.clone(), around.clone());
        self.decoder_progress_us.store(around.clock.monotonic_us(), Ordering::Relaxed);
        self.decoder_done.store(false, Ordering::Release);
        let spawned = std::thread::Builder::new().name("pantau-decode".to_owned()).spawn(move || {
            let _done = Done(&session.decoder_done);
            if let Err(error) = session.decode(decoder, start, &around) {
                session.settle(undecodable(&error));
                session.end();
            }
        });
        spawned.map(drop).inspect_err(|_| self.decoder_done.store(true, Ordering::Release))
    }

    fn decode(&self, mut decoder: Decoder, start: UtcMicros, around: &Surroundings) -> Result<(), DecodeError> {
        let mut index = 0;
        loop {
            self.decoder_progress_us.store(around.clock.monotonic_us(), Ordering::Relaxed);
            let packets = match self.queue.take() {
                Taken::Packets(packets) => packets,
                Taken::Nothing if self.deadline.is_given_up() => return Ok(()),
                Taken::Nothing => continue,
                Taken::Closed => return Ok(()),
            };
            if self.deadline.is_given_up() {
                // Another session may have begun: these frames are not its.
                return Ok(());
            }
            if packets.first().is_some_and(|first| first.after_drop) {
                let detail = "the machine was too slow to decode this time".to_owned();
                around.line().go_dark(Dark { reason: GapReason::Paused, detail });
            }
            let segment = segment(index, packets);
            index += 1;
            let began_us = around.clock.monotonic_us();
            let report = self.decode_one(&mut decoder, &segment, around)?;
            around.status.decoded(&report, around.clock.monotonic_us() - began_us, self.queue.len());
            self.account(&report, start, segment.packets.len(), around);
        }
    }

    fn decode_one(
        &self,
        decoder: &mut Decoder,
        segment: &Segment,
        around: &Surroundings,
    ) -> Result<SegmentReport, DecodeError> {
        decoder.decode_segment(segment, |luma| {
            let now_us = around.clock.monotonic_us();
            self.decoder_progress_us.store(now_us, Ordering::Relaxed);
            self.frame_us.store(now_us, Ordering::Relaxed);
            if self.deadline.is_given_up() {
                return ControlFlow::Break(());
            }
            let suspect = around.anchor().is_suspect(now_us);
            let quality = if suspect { Quality::CLOCK_SUSPECT } else { Quality::empty() };
            let mut line = around.line();
            line.frame(luma.wall(), luma.plane(), quality);
            around.status.seen(&line, luma.wall());
            ControlFlow::Continue(())
        })
    }

    fn account(&self, report: &SegmentReport, start: UtcMicros, packets: usize, around: &Surroundings) {
        if report.unseen.is_empty() && report.error_count == 0 {
            return;
        }
        let mut line = around.line();
        for &UnseenSpan { from_us, until_us } in &report.unseen {
            let span = Span::new(start.plus_us(from_us), start.plus_us(until_us.max(from_us)));
            line.damaged(span, report.unseen_detail(from_us, until_us));
        }
        line.count(&Counts { decode_errors: report.error_count.min(packets as u64), ..Counts::default() });
    }
}

/// A thread that ended without a word.
fn panicked() -> Outcome {
    let text = "an error in the program ended the session; please report what the log says".to_owned();
    Outcome { dark: Dark { reason: GapReason::Decode, detail: text.clone() }, kind: "panic", text }
}

/// The packets for the decoder; times are from the session's start on.
fn segment(index: u64, packets: Vec<Arrived>) -> Segment {
    let continues = index > 0 && packets.first().is_some_and(|first| !first.starts_anew);
    Segment::of_live(index, packets.into_iter().map(|arrived| (arrived.packet, arrived.shift_us)).collect(), continues)
}

fn refused(error: &LiveError) -> Outcome {
    let reason = if error.is_answered() { GapReason::CameraSilent } else { GapReason::NoLink };
    outcome(reason, error)
}

fn ended(error: &LiveError) -> Outcome {
    let reason = if matches!(error, LiveError::Silent) { GapReason::CameraSilent } else { GapReason::NoLink };
    outcome(reason, error)
}

fn outcome(reason: GapReason, error: &LiveError) -> Outcome {
    let text = error.to_string();
    Outcome { dark: Dark { reason, detail: text.clone() }, kind: error.kind(), text }
}

fn undecodable(error: &DecodeError) -> Outcome {
    let text = error.to_string();
    Outcome { dark: Dark { reason: GapReason::Decode, detail: text.clone() }, kind: "decode", text }
}
