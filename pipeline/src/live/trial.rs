//! Tries cameras for some seconds, as a worker would watch them: what they send, whether it decodes, what that costs here.
//! Nothing is stored.
//!
//! Rates are by the stream's own clock, so that a burst at the connection doesn't count as speed. Cost is the processor
//! time of the thread that decodes and looks, as the kernel counts it: other load does not disturb it much.

use super::camera::WatchedCamera;
use crate::config::{Config, SecretError};
use crate::decode::{DecodeError, DecodeSettings, Decoder};
use crate::diff::{Kernel, KernelLevel, UnknownKernel};
use crate::ingest::{Deadline, LiveError, LivePacket, LiveStream, OpenLive, Segment, StreamInfo};
use crate::scene::Scene;
use pantau_models::ids::Place;
use pantau_models::record::Quality;
use pantau_models::time::{US_PER_S, UtcMicros};
use serde::Serialize;
use std::ops::ControlFlow;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// Cameras tried side by side: more of them disturb each other on a small machine.
const AT_ONCE: usize = 16;
/// To connect and to hear what the stream is; the same as in watching.
const OPEN_WITHIN: Duration = Duration::from_secs(12);
/// From packet to packet; the same as in watching.
const PACKET_WITHIN: Duration = Duration::from_secs(10);
/// A picture that a decoder can start at is waited for so long beyond the trial's time.
const KEY_WITHIN: Duration = Duration::from_secs(20);
/// A thread that is not back so long after its last deadline hangs.
const SPARE: Duration = Duration::from_secs(5);
/// Packets of the first moments come in a burst: they tell nothing about the camera's clock.
const BURST: Duration = Duration::from_secs(2);
/// The camera's clock is compared over at least so long.
const CLOCK: Duration = Duration::from_secs(4);
/// Troubles of the view that seconds are enough to see.
const FLAGS: [Quality; 5] = [Quality::DARK, Quality::GLARE, Quality::COVERED, Quality::FROZEN, Quality::INFRARED];

/// A camera that was tried.
#[derive(Debug)]
pub struct Trial {
    /// The camera.
    pub place: Arc<Place>,
    /// Whether its packets came as datagrams.
    pub is_udp: bool,
    /// What it sent, or why nothing came.
    pub result: Result<Seen, TrialError>,
}

/// What a camera sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Seen {
    /// FFmpeg's name of the codec.
    pub codec: String,
    /// Width of the picture, pixels.
    pub width: u32,
    /// Height of the picture, pixels.
    pub height: u32,
    /// From the first knock until the stream was described, seconds.
    pub connect_s: f64,
    /// Time that its packets cover, by its own clock, seconds.
    pub span_s: f64,
    /// Frames a second that it declares.
    pub declared_fps: Option<f64>,
    /// Frames a second that came.
    pub fps: f64,
    /// Kilobits a second.
    pub kbit_s: f64,
    /// Longest time from one picture that a decoder can start at to the next; `None` if fewer than two came.
    pub key_frame_s: Option<f64>,
    /// Frames decoded.
    pub frames: u64,
    /// Packets and frames that could not be decoded.
    pub errors: u64,
    /// What troubles the view.
    pub flags: Vec<String>,
    /// The camera's time over ours; `None` if the trial was too short.
    pub clock_ratio: Option<f64>,
    /// Share of one processor that decoding and looking take; `None` where the system doesn't count it.
    pub cpu_share: Option<f64>,
    /// Why the stream ended early.
    pub ended: Option<String>,
}

/// Why a camera can't be tried. No text holds its address.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// Its address or password can't be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// It gives no stream.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// Its stream can't be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The environment asks for a kernel that this machine lacks.
    #[error(transparent)]
    Kernel(#[from] UnknownKernel),
    /// The call never came back.
    #[error("the connection hung where nothing can interrupt it: a name server that doesn't answer?")]
    Hung,
}

/// Tries each camera that has an address for about so long; in the configuration's order.
pub fn try_cameras(config: &Config, time: Duration) -> Vec<Trial> {
    let cameras: Vec<_> = config.cameras.iter().filter(|camera| camera.url.is_some()).collect();
    let tried = cameras.chunks(AT_ONCE).flat_map(|some| {
        let started: Vec<_> = some
            .iter()
            .map(|camera| {
                let (tell, told) = channel();
                let watched = WatchedCamera::of(config, camera);
                let deadline = Arc::new(Deadline::default());
                let given = deadline.clone();
                std::thread::spawn(move || {
                    let result = match watched {
                        Ok(Some(watched)) => watch(&watched, time, &given),
                        Ok(None) => Err(LiveError::NoVideoStream.into()),
                        Err(error) => Err(error.into()),
                    };
                    // Nobody listens any more if this took too long.
                    let _ = tell.send(result);
                });
                (deadline, told)
            })
            .collect();
        let until = Instant::now() + OPEN_WITHIN + time + KEY_WITHIN + PACKET_WITHIN + SPARE;
        some.iter()
            .zip(started)
            .map(|(camera, (deadline, told))| {
                let result = match told.recv_timeout(until.saturating_duration_since(Instant::now())) {
                    Ok(result) => result,
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                        deadline.give_up();
                        Err(TrialError::Hung)
                    }
                };
                let is_udp = camera.transport == crate::ingest::Transport::Udp;
                Trial { place: Arc::new(config.place(&camera.id)), is_udp, result }
            })
            .collect::<Vec<_>>()
    });
    tried.collect()
}

fn watch(camera: &WatchedCamera, time: Duration, deadline: &Arc<Deadline>) -> Result<Seen, TrialError> {
    let level = KernelLevel::choose()?;
    deadline.within(OPEN_WITHIN);
    let began = Instant::now();
    let OpenLive { info, parameters, mut stream } =
        LiveStream::open(camera.address.reveal(), camera.transport, deadline)?;
    let connect = began.elapsed();
    let settings = DecodeSettings {
        loop_filter: camera.analysis.loop_filter,
        camera: camera.place.clone(),
        recording_start: UtcMicros(0),
    };
    let mut look = Look {
        decoder: Decoder::new(&parameters, settings)?,
        scene: Scene::new(camera.analysis.clone()),
        kernel: Kernel::new(level),
        slot_us: (US_PER_S as f64 / f64::from(camera.analysis.samples_per_s)).round() as i64,
        last_sample_us: None,
        frames: 0,
        errors: 0,
        flags: Quality::empty(),
    };
    let mut pace = Pace::default();
    let began = Instant::now();
    let busy_s = thread_busy_s();
    let mut index = 0;
    let ended = loop {
        let passed = began.elapsed();
        if passed >= time && (look.frames > 0 || passed >= time + KEY_WITHIN) {
            break None;
        }
        deadline.within(PACKET_WITHIN);
        let packet = match stream.next_packet() {
            Ok(packet) => packet,
            Err(error) if pace.packets == 0 => return Err(error.into()),
            Err(error) => break Some(error.to_string()),
        };
        pace.note(&packet, began.elapsed());
        if index == 0 && !packet.is_start {
            continue;
        }
        look.at(Segment::of_live(index, vec![(packet, 0)], index > 0))?;
        index += 1;
    };
    let busy_s = thread_busy_s().zip(busy_s).map(|(now, before)| now - before);
    Ok(pace.seen(&info, connect, &look, busy_s, ended))
}

/// Decodes and looks, as a worker does.
struct Look {
    decoder: Decoder,
    scene: Scene,
    kernel: Kernel,
    slot_us: i64,
    last_sample_us: Option<i64>,
    frames: u64,
    errors: u64,
    flags: Quality,
}

impl Look {
    fn at(&mut self, segment: Segment) -> Result<(), DecodeError> {
        let Self { decoder, scene, kernel, slot_us, last_sample_us, flags, .. } = self;
        let report = decoder.decode_segment(&segment, |luma| {
            let at = luma.wall();
            if last_sample_us.is_none_or(|last_us| at.0 - last_us >= *slot_us * 9 / 10) {
                *last_sample_us = Some(at.0);
                for evidence in scene.observe_plane(kernel, at, luma.plane()) {
                    *flags = evidence.quality;
                }
            }
            ControlFlow::Continue(())
        })?;
        self.frames += report.frames;
        self.errors += report.error_count;
        Ok(())
    }
}

/// What packets tell before anybody decodes them.
#[derive(Default)]
struct Pace {
    packets: u64,
    bytes: u64,
    first_us: i64,
    last_us: i64,
    last_bytes: u64,
    last_key_us: Option<i64>,
    key_us_max: Option<i64>,
    /// Media and arrival time of the first packet after the burst, and of the last one.
    clock: Option<[(i64, Duration); 2]>,
}

impl Pace {
    fn note(&mut self, packet: &LivePacket, arrived: Duration) {
        self.take(packet.media_us, packet.bytes() as u64, packet.is_start, arrived);
    }

    fn take(&mut self, media_us: i64, bytes: u64, is_start: bool, arrived: Duration) {
        if self.packets == 0 {
            self.first_us = media_us;
        }
        self.packets += 1;
        self.bytes += bytes;
        (self.last_us, self.last_bytes) = (media_us, bytes);
        if is_start {
            let distance_us = self.last_key_us.replace(media_us).map(|last_us| media_us - last_us);
            self.key_us_max = self.key_us_max.max(distance_us);
        }
        if arrived >= BURST {
            let now = (media_us, arrived);
            self.clock = Some([self.clock.map_or(now, |[first, _]| first), now]);
        }
    }

    fn span_s(&self) -> f64 {
        (self.last_us - self.first_us) as f64 / US_PER_S as f64
    }

    fn clock_ratio(&self) -> Option<f64> {
        let [(first_us, first), (last_us, last)] = self.clock?;
        let passed = last - first;
        (passed >= CLOCK).then(|| (last_us - first_us) as f64 / passed.as_micros() as f64)
    }

    fn seen(
        &self,
        info: &StreamInfo,
        connect: Duration,
        look: &Look,
        busy_s: Option<f64>,
        ended: Option<String>,
    ) -> Seen {
        let span_s = self.span_s();
        // The last packet stands for time that is still to come.
        let per_s = |amount: u64| if span_s > 0.0 { amount as f64 / span_s } else { 0.0 };
        let flags = Quality::NAMES.into_iter().filter(|(bit, _)| FLAGS.contains(bit) && look.flags.contains(*bit));
        Seen {
            codec: info.codec.clone(),
            width: info.width,
            height: info.height,
            connect_s: connect.as_secs_f64(),
            span_s,
            declared_fps: info.declared_fps,
            fps: per_s(self.packets.saturating_sub(1)),
            kbit_s: per_s(self.bytes - self.last_bytes) * 8.0 / 1000.0,
            key_frame_s: self.key_us_max.map(|us| us as f64 / US_PER_S as f64),
            frames: look.frames,
            errors: look.errors,
            flags: flags.map(|(_, name)| name.to_owned()).collect(),
            clock_ratio: self.clock_ratio(),
            cpu_share: busy_s.filter(|_| span_s > 0.0 && look.frames > 0).map(|busy_s| busy_s / span_s),
            ended,
        }
    }
}

/// Processor time of this thread so far, seconds; `None` where the kernel doesn't tell it.
fn thread_busy_s() -> Option<f64> {
    static IS_TOLD: LazyLock<bool> = LazyLock::new(|| std::path::Path::new(SCHEDULED).exists());
    IS_TOLD.then_some(())?;
    let text = std::fs::read_to_string(SCHEDULED).ok()?;
    let busy_ns: u64 = text.split_whitespace().next()?.parse().ok()?;
    Some(busy_ns as f64 / 1e9)
}

/// Linux: nanoseconds on a processor, nanoseconds waiting for one, times put on one.
const SCHEDULED: &str = "/proc/thread-self/schedstat";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_by_the_streams_own_clock_and_a_burst_tells_nothing() {
        let mut pace = Pace::default();
        // 5 frames a second of 1000 bytes, a key frame every 2 s; the first 3 s come at once.
        for frame in 0..=60_i64 {
            let media_us = frame * 200_000;
            let arrived = Duration::from_micros((media_us - 3_000_000).max(0) as u64);
            pace.take(media_us, 1000, frame % 10 == 0, arrived);
        }
        let seen_s = pace.span_s();
        assert_eq!((seen_s, pace.packets, pace.key_us_max), (12.0, 61, Some(2_000_000)));
        assert!((pace.clock_ratio().unwrap() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_clock_is_not_judged_from_a_glance() {
        let mut pace = Pace::default();
        pace.take(0, 1, true, Duration::from_secs(2));
        pace.take(3_000_000, 1, false, Duration::from_secs(5));
        assert_eq!(pace.clock_ratio(), None);
    }

    #[test]
    fn a_threads_time_grows_while_it_works() {
        let Some(before_s) = thread_busy_s() else { return };
        let began = Instant::now();
        let mut sum = 0_u64;
        while began.elapsed() < Duration::from_millis(30) {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7));
        }
        assert!(thread_busy_s().unwrap() > before_s);
    }

    #[test]
    fn a_camera_without_its_password_or_without_anybody_there_is_told_and_no_address_with_it() {
        let config = "[[camera]]\nid = \"a\"\nurl = \"rtsp://127.0.0.1:9/topsecret\"\n\
            [[camera]]\nid = \"b\"\nurl = { env = \"PANTAU_NO_SUCH_URL\" }\n[[camera]]\nid = \"c\"\n";
        let config = Config::parse(config, "pantau.toml").unwrap();
        let trials = try_cameras(&config, Duration::from_secs(1));
        let told: Vec<String> = trials.iter().map(|trial| trial.result.as_ref().unwrap_err().to_string()).collect();
        assert_eq!(trials.iter().map(|trial| trial.place.camera.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(told[0].starts_with("no connection") && told[1].contains("PANTAU_NO_SUCH_URL"), "{told:?}");
        assert!(!told[0].contains("topsecret"));
    }
}
