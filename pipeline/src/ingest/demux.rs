//! Opens a recording: what it is, or why it can't be read.

use super::ffi::{self, RawFacts, SharedParameters};
use super::segments::{ReaderParts, SegmentReader};
use super::timeline::{Clock, Timeline};
use super::{IngestError, log, mp4, nal};
use ffmpeg_next::codec;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::format::stream::Disposition;
use ffmpeg_next::{Dictionary, Error, Stream, media};
use pantau_models::time::UtcMicros;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Bytes that FFmpeg may read to learn about the streams: FFmpeg's default, ten key frames of a 4K camera.
const PROBE_BYTES: &str = "5000000";
/// Microseconds of video that it may look at: enough for a key-frame interval of 4 s, half of FFmpeg's usual costs.
const ANALYZE_US: &str = "4000000";
/// FFmpeg's names of raw elementary streams, which have no time stamps of their own.
pub(super) const RAW_FORMATS: &[&str] =
    &["h264", "hevc", "vvc", "m4v", "mpegvideo", "mjpeg", "mjpeg_2000", "h261", "h263", "vc1", "cavsvideo", "obu"];
/// FFmpeg's "no value" for times.
const NO_TIME: i64 = i64::MIN;
/// A container's creation time before this was never set (1904 and 1970 are common zeros): 2000-01-01.
const CREDIBLE_SINCE_US: i64 = 946_684_800 * 1_000_000;

/// A recording on disk. See [`Recording::open`].
#[derive(Debug)]
pub enum Recording {}

/// A recording whose header has been read.
#[derive(Debug)]
pub struct OpenRecording {
    /// What the header tells.
    pub info: StreamInfo,
    /// What a decoder needs; shared by all of them.
    pub parameters: Arc<StreamParameters>,
    /// Its packets.
    pub reader: SegmentReader,
}

/// What a recording's header tells about its video; whatever it declares may be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamInfo {
    /// FFmpeg's name of the container format.
    pub format: String,
    /// FFmpeg's name of the codec.
    pub codec: String,
    /// Width of the first picture, pixels.
    pub width: u32,
    /// Height of the first picture, pixels.
    pub height: u32,
    /// FFmpeg's name of the pixel format; empty if unknown before decoding.
    pub pixel_format: String,
    /// Unit of the container's time stamps: seconds as numerator and denominator.
    pub time_base: (i64, i64),
    /// Mean frame rate that the container declares.
    pub declared_fps: Option<f64>,
    /// First time stamp in the container's own time, microseconds.
    pub start_time_us: Option<i64>,
    /// Duration that the container declares, or that FFmpeg guesses, microseconds.
    pub duration_us: Option<i64>,
    /// When the container says that it was made.
    pub creation_time: Option<UtcMicros>,
}

/// What a decoder needs to know of a stream; can be shared between threads.
pub struct StreamParameters {
    pub(crate) codec: SharedParameters,
    /// FFmpeg's name of the codec.
    pub codec_name: String,
    /// Every frame stands alone: nothing to lose, no loop filter.
    pub intra_only: bool,
    /// Time between frames by the declared rate, microseconds.
    pub frame_us: i64,
    /// The n-th frame is at n times `frame_us`, because neither container nor packets tell the time.
    pub counts_frames: bool,
}

impl StreamParameters {
    /// What a decoder of the stream needs.
    pub(super) fn of(stream: &Stream<'_>, facts: &RawFacts, timeline: &Timeline, counts_frames: bool) -> Self {
        Self {
            codec: SharedParameters::copy(&stream.parameters()),
            codec_name: facts.codec_name.clone(),
            intra_only: facts.intra_only,
            frame_us: timeline.frame_us(),
            counts_frames,
        }
    }
}

/// True if FFmpeg has a decoder for the stream.
pub(super) fn is_decodable(stream: &Stream<'_>) -> bool {
    let id = stream.parameters().id();
    id != codec::Id::None && codec::decoder::find(id).is_some()
}

impl std::fmt::Debug for StreamParameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamParameters").field("codec_name", &self.codec_name).finish_non_exhaustive()
    }
}

impl Recording {
    /// Opens a recording and reads what its header and first packets tell.
    pub fn open(path: &Path) -> Result<OpenRecording, IngestError> {
        log::route_to_tracing();
        check_readable(path)?;
        let mut input = open_input(path)?;
        let stream = best_video(&input).ok_or_else(|| without_video(path, &input))?;
        let index = stream.index();
        let facts = ffi::raw_facts(&input, index);
        if !is_decodable(&stream) {
            return Err(IngestError::UnknownCodec { path: path.to_owned(), codec: codec_label(&facts) });
        }
        let info = stream_info(&input, &stream, &facts);
        let clock = clock(&info, &facts);
        let timeline = Timeline::new(clock);
        let counts_frames = clock.absent && clock.reorder_frames > 0;
        let parameters = Arc::new(StreamParameters::of(&stream, &facts, &timeline, counts_frames));
        ffi::keep_only(&mut input, index);
        let reader = SegmentReader::new(ReaderParts {
            declared_us: info.duration_us.filter(|_| facts.duration_declared),
            framing: nal::Framing::of(&facts.codec_name, &facts.extradata),
            input,
            stream: index,
            timestamps_assumed: clock.absent,
            timeline,
        });
        Ok(OpenRecording { info, parameters, reader })
    }
}

/// The container and its video stream, without a look into the stream where the header tells enough.
pub(super) fn open_bare(path: &Path) -> Result<(Input, usize), IngestError> {
    log::route_to_tracing();
    let mut input = open_input(path)?;
    let index = best_video(&input).ok_or_else(|| without_video(path, &input))?.index();
    ffi::keep_only(&mut input, index);
    Ok((input, index))
}

fn check_readable(path: &Path) -> Result<(), IngestError> {
    let unreadable = |source| IngestError::Unreadable { path: path.to_owned(), source };
    let metadata = File::open(path).and_then(|file| file.metadata()).map_err(unreadable)?;
    match metadata.len() {
        0 if metadata.is_file() => Err(IngestError::Empty { path: path.to_owned() }),
        _ => Ok(()),
    }
}

fn open_input(path: &Path) -> Result<Input, IngestError> {
    let mut options = Dictionary::new();
    options.set("probesize", PROBE_BYTES);
    options.set("analyzeduration", ANALYZE_US);
    // A playlist under a video's name must not reach the network.
    options.set("protocol_whitelist", "file");
    let refuse = |source: Error| match source {
        Error::Other { errno } => {
            IngestError::Unreadable { path: path.to_owned(), source: std::io::Error::from_raw_os_error(errno) }
        }
        _ if mp4::lacks_index(path) => IngestError::NoMoov { path: path.to_owned() },
        source => IngestError::NotVideo { path: path.to_owned(), source },
    };
    let (mut input, left) = ffi::open_input(path, options).map_err(refuse)?;
    if !left.is_empty() {
        tracing::warn!(?left, "FFmpeg took no notice of some options");
    }
    ffi::find_stream_info(&mut input).map_err(refuse)?;
    Ok(input)
}

/// The video stream that FFmpeg prefers (size, bit rate), unless it is a cover picture.
pub(super) fn best_video(input: &Input) -> Option<Stream<'_>> {
    let best = input.streams().best(media::Type::Video)?;
    (!best.disposition().contains(Disposition::ATTACHED_PIC)).then_some(best)
}

fn without_video(path: &Path, input: &Input) -> IngestError {
    let mut kinds: Vec<&str> = input
        .streams()
        .map(|stream| match stream.parameters().medium() {
            media::Type::Audio => "sound",
            media::Type::Video => "a cover picture",
            media::Type::Subtitle => "subtitles",
            _ => "data",
        })
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let streams = if kinds.is_empty() { "an empty container".to_owned() } else { kinds.join(", ") };
    IngestError::NoVideoStream { path: path.to_owned(), streams }
}

/// The codec's name, or its four characters in the file.
fn codec_label(facts: &RawFacts) -> String {
    match facts.codec_tag {
        0 => facts.codec_name.clone(),
        tag => format!("{} (`{}`)", facts.codec_name, tag.to_le_bytes().escape_ascii()),
    }
}

pub(super) fn stream_info(input: &Input, stream: &Stream<'_>, facts: &RawFacts) -> StreamInfo {
    let time_base = ffi::positive(stream.time_base());
    let to_us = |ticks: i64| {
        (ticks != NO_TIME)
            .then(|| (i128::from(ticks) * i128::from(time_base.0) * 1_000_000 / i128::from(time_base.1)) as i64)
    };
    // Matroska declares the duration of the whole; with sound beside the picture that may be the sound's.
    let whole = (input.nb_streams() == 1 && input.duration() > 0).then(|| input.duration());
    StreamInfo {
        format: input.format().name().to_owned(),
        codec: facts.codec_name.clone(),
        width: facts.width,
        height: facts.height,
        pixel_format: facts.pixel_format.clone(),
        time_base,
        declared_fps: declared_fps(stream),
        start_time_us: to_us(stream.start_time()),
        duration_us: to_us(stream.duration()).filter(|us| *us > 0).or(whole),
        creation_time: creation_time(input, stream),
    }
}

fn declared_fps(stream: &Stream<'_>) -> Option<f64> {
    [stream.avg_frame_rate(), stream.rate()].into_iter().find_map(|rate| {
        let fps = f64::from(rate.numerator()) / f64::from(rate.denominator());
        (fps.is_finite() && fps > 0.0).then_some(fps)
    })
}

fn creation_time(input: &Input, stream: &Stream<'_>) -> Option<UtcMicros> {
    let (of_file, of_stream) = (input.metadata(), stream.metadata());
    [&of_file, &of_stream].into_iter().find_map(|metadata| {
        let text = metadata.get("creation_time")?;
        let at = UtcMicros::from_timestamp(text.parse::<jiff::Timestamp>().ok()?);
        (at.0 >= CREDIBLE_SINCE_US).then_some(at)
    })
}

pub(super) fn clock(info: &StreamInfo, facts: &RawFacts) -> Clock {
    Clock {
        time_base: info.time_base,
        wrap_bits: facts.wrap_bits,
        may_reset: facts.may_reset,
        absent: RAW_FORMATS.contains(&info.format.as_str()),
        reorder_frames: facts.reorder_frames,
        frame_us: info.declared_fps.map(|fps| (1e6 / fps).round() as i64),
    }
}
