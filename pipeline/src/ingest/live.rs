//! Streams that never end: network cameras, over RTSP or HTTP.
//!
//! FFmpeg's own time-outs act late or never, so every call that may block is under a [`Deadline`]: FFmpeg asks it every
//! tenth of a second whether to go on. What can't be interrupted (name resolution) is the caller's to abandon.
//!
//! Packets come with *media time*: microseconds since the stream's first packet by the camera's own clock, unwrapped.
//! Where a stream has none (pictures over HTTP), it is the time of arrival.

use super::demux::{RAW_FORMATS, best_video, clock, is_decodable, stream_info};
use super::ffi::{self, Watched};
use super::nal::Framing;
use super::timeline::{Raw, Timeline};
use super::{Segment, StreamInfo, StreamParameters, log};
use ffmpeg_next::{Dictionary, Error, Packet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// Bytes and microseconds that FFmpeg may read to learn what the description of the stream doesn't tell.
const PROBE_BYTES: &str = "1000000";
const ANALYZE_US: &str = "3000000";
/// What a stream's address may lead to; a camera must not send us to local files.
const RTSP_PROTOCOLS: &str = "rtsp,rtsps,rtp,srtp,udp,tcp,tls,http,https";
const HTTP_PROTOCOLS: &str = "http,https,tcp,tls";
/// Datagrams that came out of order are waited for so long, microseconds.
const REORDER_US: &str = "300000";
/// Receive buffer of UDP, bytes: a key frame of a 4K camera comes in one go.
const UDP_BUFFER_BYTES: &str = "2097152";

/// How RTSP brings its packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// In the control connection: nothing is lost, and firewalls let it pass.
    #[default]
    Tcp,
    /// As datagrams: less delay, but losses.
    Udp,
}

impl Transport {
    /// Names in configurations.
    pub const NAMES: &[&str] = &["tcp", "udp"];

    /// From a name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Tcp, Self::Udp].into_iter().find(|transport| transport.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// Until when blocking calls may go on, on the monotonic clock; shared between those who wait and those who watch.
#[derive(Debug, Default)]
pub struct Deadline {
    /// Milliseconds since the process began to count; 0 for none.
    until_ms: AtomicU64,
    given_up: AtomicBool,
}

impl Deadline {
    /// From now on there is so much time.
    pub fn within(&self, time: Duration) {
        let until_ms = now_ms().saturating_add(time.as_millis() as u64).max(1);
        self.until_ms.store(until_ms, Ordering::Relaxed);
    }

    /// Ends all waiting, now and later.
    pub fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    /// True if waiting was ended by [`Self::give_up`].
    pub fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// True if nobody should wait any longer.
    pub fn is_over(&self) -> bool {
        let until_ms = self.until_ms.load(Ordering::Relaxed);
        self.is_given_up() || (until_ms > 0 && now_ms() >= until_ms)
    }
}

fn now_ms() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_millis() as u64
}

/// Why a stream can't be had, or ended. No text here holds the address: it may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The address is of a kind that is not a camera's.
    #[error("the address begins with '{scheme}'; a camera's begins with rtsp://, rtsps://, http:// or https://")]
    Scheme {
        /// What stands before `://`.
        scheme: String,
    },
    /// Nothing answers there.
    #[error("no connection ({source}); check cable, power, address and port")]
    Unreachable {
        /// What FFmpeg says.
        source: Error,
    },
    /// User or password are wrong.
    #[error("the camera refuses user or password")]
    Unauthorized,
    /// The camera has no stream of that name.
    #[error("the camera knows no such stream; check the path of its address")]
    NoSuchStream,
    /// What comes is no video.
    #[error("what comes from there is no video ({source})")]
    NotVideo {
        /// What FFmpeg says.
        source: Error,
    },
    /// There is sound or data only.
    #[error("the stream has no video")]
    NoVideoStream,
    /// FFmpeg can't decode it.
    #[error("no decoder for the video codec {codec}; set the camera to H.264 or H.265")]
    UnknownCodec {
        /// Its name.
        codec: String,
    },
    /// Too long nothing came.
    #[error("nothing came for too long")]
    Silent,
    /// The other side closed.
    #[error("the stream ended")]
    Ended,
    /// Reading failed.
    #[error("reading failed ({source})")]
    Read {
        /// What FFmpeg says.
        source: Error,
    },
}

impl LiveError {
    /// A word for counters.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Scheme { .. } => "address",
            Self::Unreachable { .. } => "unreachable",
            Self::Unauthorized => "unauthorized",
            Self::NoSuchStream => "no_such_stream",
            Self::NotVideo { .. } | Self::NoVideoStream => "no_video",
            Self::UnknownCodec { .. } => "codec",
            Self::Silent => "silent",
            Self::Ended => "ended",
            Self::Read { .. } => "read",
        }
    }

    /// True if somebody answered, but no pictures came.
    pub fn is_answered(&self) -> bool {
        !matches!(self, Self::Scheme { .. } | Self::Unreachable { .. } | Self::Ended | Self::Read { .. })
    }
}

/// An open stream.
pub struct LiveStream {
    source: Watched,
    stream: usize,
    timeline: Timeline,
    framing: Framing,
    /// The stream tells no times.
    by_arrival: bool,
    opened: Instant,
    deadline: Arc<Deadline>,
    /// The deadline passed; what FFmpeg had left of the last packets was given out.
    is_silent: bool,
    /// Parameter sets that came in the middle of the stream.
    extradata: Option<Vec<u8>>,
}

/// A stream whose description has been read.
pub struct OpenLive {
    /// What it tells.
    pub info: StreamInfo,
    /// What a decoder needs.
    pub parameters: Arc<StreamParameters>,
    /// Its packets.
    pub stream: LiveStream,
}

/// A packet as it came.
pub struct LivePacket {
    packet: Packet,
    pts_us: Option<i64>,
    /// When it is decoded, media time.
    pub media_us: i64,
    /// A decoder can start here.
    pub is_start: bool,
}

impl LivePacket {
    /// Its size.
    pub fn bytes(&self) -> usize {
        self.packet.size()
    }
}

impl LiveStream {
    /// Connects and reads what the stream tells of itself. Blocks until then, or until the deadline.
    pub fn open(address: &str, transport: Transport, deadline: &Arc<Deadline>) -> Result<OpenLive, LiveError> {
        log::route_to_tracing();
        let scheme = address.split_once("://").map_or("", |(scheme, _)| scheme).to_ascii_lowercase();
        let options = options(&scheme, transport)?;
        let failed = |source| refusal(source, deadline);
        let (mut source, left) = ffi::open_stream(address, options, deadline).map_err(failed)?;
        if !left.is_empty() {
            tracing::debug!(?left, "FFmpeg took no notice of some options");
        }
        ffi::find_stream_info(source.input()).map_err(failed)?;
        let input = &*source.input();
        let stream = best_video(input).ok_or(LiveError::NoVideoStream)?;
        let index = stream.index();
        let facts = ffi::raw_facts(input, index);
        if !is_decodable(&stream) {
            return Err(LiveError::UnknownCodec { codec: facts.codec_name });
        }
        let info = stream_info(input, &stream, &facts);
        let by_arrival = info.format == "mpjpeg" || RAW_FORMATS.contains(&info.format.as_str());
        let mut clock = clock(&info, &facts);
        // A camera that starts its clock anew is a normal thing.
        clock.may_reset = true;
        if by_arrival {
            (clock.absent, clock.time_base, clock.wrap_bits) = (false, (1, 1_000_000), 0);
        }
        let timeline = Timeline::new(clock);
        let parameters = Arc::new(StreamParameters::of(&stream, &facts, &timeline, false));
        let framing = Framing::of(&facts.codec_name, &facts.extradata);
        ffi::keep_only(source.input(), index);
        let deadline = Arc::clone(deadline);
        let opened = Instant::now();
        let stream = Self {
            source,
            stream: index,
            timeline,
            framing,
            by_arrival,
            opened,
            deadline,
            is_silent: false,
            extradata: None,
        };
        Ok(OpenLive { info, parameters, stream })
    }

    /// The next packet; blocks until one comes or the deadline is over. After an error the stream is of no more use.
    pub fn next_packet(&mut self) -> Result<LivePacket, LiveError> {
        loop {
            if self.is_silent {
                return Err(LiveError::Silent);
            }
            let mut packet = Packet::empty();
            let read = packet.read(self.source.input());
            // FFmpeg gives out what it held back when it is interrupted: no sign of life.
            self.is_silent = self.deadline.is_over();
            match read {
                // An empty packet would tell the decoder that the stream ends.
                Ok(()) if packet.stream() != self.stream || packet.size() == 0 => {}
                Ok(()) => return Ok(self.place(packet)),
                Err(_) if self.deadline.is_over() => return Err(LiveError::Silent),
                Err(Error::Eof) => return Err(LiveError::Ended),
                Err(source) => return Err(LiveError::Read { source }),
            }
        }
    }

    fn place(&mut self, mut packet: Packet) -> LivePacket {
        let raw = if self.by_arrival {
            let arrived = Some(self.opened.elapsed().as_micros() as i64);
            Raw { pts: arrived, dts: arrived, duration: 0 }
        } else {
            Raw { pts: packet.pts(), dts: packet.dts(), duration: packet.duration() }
        };
        let placed = self.timeline.place(raw);
        if let Some(extradata) = ffi::new_extradata(&packet) {
            self.extradata = Some(extradata);
        }
        packet.set_duration(placed.duration_us);
        let is_start = packet.is_key() && self.framing.is_clean_start(packet.data().unwrap_or_default());
        if is_start
            && let Some(extradata) = &self.extradata
            && ffi::new_extradata(&packet).is_none()
        {
            ffi::attach_extradata(&mut packet, extradata);
        }
        LivePacket { packet, pts_us: placed.pts_us, media_us: placed.dts_us, is_start }
    }
}

impl Segment {
    /// Packets of a stream that a decoder takes in one go, as the `index`-th ones; `shift_us` is added to their media
    /// time. They go on where the last ones ended, unless the first of them is told to start anew.
    pub fn of_live(index: u64, packets: Vec<(LivePacket, i64)>, continues_previous: bool) -> Self {
        let start_us = packets.first().map_or(0, |(packet, shift_us)| packet.media_us + shift_us);
        let end_us = packets.last().map_or(start_us, |(packet, shift_us)| packet.media_us + shift_us);
        let packets: Vec<Packet> = packets
            .into_iter()
            .map(|(LivePacket { mut packet, pts_us, media_us, .. }, shift_us)| {
                packet.set_pts(pts_us.map(|us| us + shift_us));
                packet.set_dts(Some(media_us + shift_us));
                packet
            })
            .collect();
        Self {
            index,
            own_packets: packets.len(),
            packets,
            start_us,
            end_us,
            emit_from_us: Some(i64::MIN),
            emit_until_us: None,
            continues_previous,
            continues_next: true,
            is_last: false,
            first_packet: 0,
            starts: Vec::new(),
            next_key: None,
            is_excerpt: false,
        }
    }
}

fn options(scheme: &str, transport: Transport) -> Result<Dictionary<'static>, LiveError> {
    let mut options = Dictionary::new();
    options.set("probesize", PROBE_BYTES);
    options.set("analyzeduration", ANALYZE_US);
    // The rate that the first frames suggest is not needed: times are.
    options.set("fpsprobesize", "0");
    match scheme {
        "rtsp" | "rtsps" => {
            options.set("protocol_whitelist", RTSP_PROTOCOLS);
            options.set("rtsp_transport", transport.name());
            // Sound is nobody's business here; and with a single stream FFmpeg ignores the camera's wall clock.
            options.set("allowed_media_types", "video");
            if transport == Transport::Udp {
                options.set("max_delay", REORDER_US);
                options.set("buffer_size", UDP_BUFFER_BYTES);
            }
        }
        "http" | "https" => options.set("protocol_whitelist", HTTP_PROTOCOLS),
        _ => return Err(LiveError::Scheme { scheme: scheme.chars().take(16).collect() }),
    }
    Ok(options)
}

fn refusal(source: Error, deadline: &Deadline) -> LiveError {
    match source {
        _ if deadline.is_over() => LiveError::Silent,
        Error::HttpUnauthorized | Error::HttpForbidden => LiveError::Unauthorized,
        Error::HttpNotFound | Error::HttpOther4xx | Error::HttpBadRequest => LiveError::NoSuchStream,
        Error::InvalidData | Error::DemuxerNotFound => LiveError::NotVideo { source },
        source => LiveError::Unreachable { source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_ends_when_its_time_is_over_or_when_given_up() {
        let deadline = Deadline::default();
        assert!(!deadline.is_over());
        deadline.within(Duration::from_secs(60));
        assert!(!deadline.is_over());
        deadline.within(Duration::ZERO);
        std::thread::sleep(Duration::from_millis(3));
        assert!(deadline.is_over() && !deadline.is_given_up());
        deadline.within(Duration::from_secs(60));
        deadline.give_up();
        assert!(deadline.is_over());
    }

    #[test]
    fn only_cameras_addresses_are_opened() {
        let deadline = Arc::new(Deadline::default());
        for address in ["/etc/passwd", "file:///etc/passwd", "concat:a|b", "udp://239.0.0.1:1"] {
            let error = LiveStream::open(address, Transport::Tcp, &deadline).err().unwrap();
            assert_eq!(error.kind(), "address", "{address}: {error}");
        }
    }

    #[test]
    fn nobody_listening_is_told_without_the_password() {
        let deadline = Arc::new(Deadline::default());
        deadline.within(Duration::from_secs(10));
        let error = LiveStream::open("rtsp://admin:s3cret@127.0.0.1:9/cam", Transport::Tcp, &deadline).err().unwrap();
        assert_eq!(error.kind(), "unreachable");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }

    #[test]
    fn a_server_that_says_nothing_is_given_up_in_time() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("rtsp://{}/cam", server.local_addr().unwrap());
        let deadline = Arc::new(Deadline::default());
        deadline.within(Duration::from_millis(500));
        let began = Instant::now();
        let error = LiveStream::open(&address, Transport::Tcp, &deadline).err().unwrap();
        assert_eq!(error.kind(), "silent");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}
