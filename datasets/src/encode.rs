//! Encodes pictures into MP4 as an IP camera does: H.264, no B-frames, regular key frames, the wall clock of the start
//! in the container.

use crate::durable;
use crate::yuv::Yuv420;
use ffmpeg::codec::encoder;
use ffmpeg::format::context::Output;
use ffmpeg::{Dictionary, Packet, Rational, format, frame};
use ffmpeg_next as ffmpeg;
use std::path::{Path, PathBuf};

/// Ticks a second of time stamps: 90,000, as RTP counts.
pub const TICKS_PER_S: i32 = 90_000;
/// H.264 encoders that need no hardware first, then MPEG-4 part 2, which every FFmpeg has.
const ENCODERS: [&str; 5] = ["libx264", "libopenh264", "h264_v4l2m2m", "h264_nvenc", "mpeg4"];

/// Why a file was not encoded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// FFmpeg takes UTF-8 names only.
    #[error("{}: the name is not UTF-8; use another one", .0.display())]
    Name(PathBuf),
    /// No encoder could be opened.
    #[error("{}: none of the encoders {tried} opens at {width} x {height}; install FFmpeg with libx264 or libopenh264", path.display())]
    NoEncoder {
        /// The file.
        path: PathBuf,
        /// What was tried.
        tried: String,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// A picture or its time doesn't fit.
    #[error("{}: frame {frame} at {pts_us} us: time must grow by at least a tick and the size be {width} x {height}", path.display())]
    Frame {
        /// The file.
        path: PathBuf,
        /// Frame, from 0.
        frame: u64,
        /// Its time.
        pts_us: i64,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// FFmpeg refused.
    #[error("{}: {doing} at frame {frame}: {source}", path.display())]
    Ffmpeg {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// Frame, from 0.
        frame: u64,
        /// FFmpeg's error.
        source: ffmpeg::Error,
    },
    /// The finished file could not be put in its place.
    #[error("{}: cannot finish the file: {source}; check space and permissions", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
}

/// How to encode.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodeSpec {
    /// Width, pixels (even).
    pub width: u32,
    /// Height, pixels (even).
    pub height: u32,
    /// Nominal frames a second: the length of the last frame, and the distance of key frames.
    pub fps: f64,
    /// Seconds between key frames.
    pub gop_s: f64,
    /// Constant rate factor (libx264); others get a comparable constant quantiser or bit rate.
    pub crf: u8,
    /// Effort of libx264: `ultrafast` to `placebo`.
    pub preset: &'static str,
    /// Only this encoder, by FFmpeg's name; the best one found by default.
    pub encoder: Option<&'static str>,
    /// Wall clock of the first frame, written as the container's creation time.
    pub start: Option<jiff::Timestamp>,
}

impl EncodeSpec {
    /// As an IP camera: a key frame every 2 s, quality 26.
    pub fn new(width: u32, height: u32, fps: f64) -> Self {
        Self { width, height, fps, gop_s: 2.0, crf: 26, preset: "veryfast", encoder: None, start: None }
    }
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// FFmpeg's name of the encoder that was used.
    pub encoder: String,
    /// Frames written.
    pub frames: u64,
    /// Size of the file.
    pub bytes: u64,
}

/// Writes one file, frame by frame. Dropped before [`Recorder::finish`], it leaves nothing behind.
pub struct Recorder {
    path: PathBuf,
    temporary: PathBuf,
    spec: EncodeSpec,
    output: Option<Output>,
    encoder: encoder::video::Encoder,
    encoder_name: &'static str,
    encoder_ticks_per_s: i32,
    stream_base: Rational,
    frames: u64,
    last_ticks: Option<i64>,
}

impl Recorder {
    /// Opens encoder and file.
    pub fn create(path: &Path, spec: EncodeSpec) -> Result<Self, EncodeError> {
        let temporary = durable::temporary(path);
        let url = temporary.to_str().ok_or_else(|| EncodeError::Name(path.to_owned()))?;
        let failed = |doing| move |source| EncodeError::Ffmpeg { path: path.to_owned(), doing, frame: 0, source };
        ffmpeg::init().map_err(failed("starting FFmpeg"))?;
        quieten();
        let (encoder, encoder_name) = open_encoder(path, &spec)?;
        // `file:` keeps a colon in a name from being read as a protocol.
        let mut output = format::output_as(&format!("file:{url}"), "mp4").map_err(failed("creating the file"))?;
        {
            let mut stream = output.add_stream(encoder.id()).map_err(failed("adding the stream"))?;
            stream.set_parameters(&encoder);
            stream.set_time_base(Rational(1, TICKS_PER_S));
        }
        if let Some(start) = spec.start {
            let text = start.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
            output.set_metadata([("creation_time", text.as_str())].into_iter().collect());
        }
        let mut options = Dictionary::new();
        options.set("video_track_timescale", &TICKS_PER_S.to_string());
        output.write_header_with(options).map_err(failed("writing the header"))?;
        let stream_base = output.stream(0).map_or(Rational(1, TICKS_PER_S), |stream| stream.time_base());
        Ok(Self {
            path: path.to_owned(),
            temporary,
            spec,
            output: Some(output),
            encoder,
            encoder_name,
            encoder_ticks_per_s: ticks_per_s(encoder_name),
            stream_base,
            frames: 0,
            last_ticks: None,
        })
    }

    /// Adds a picture at a time since the start, kept to the nearest 1/90,000 s.
    pub fn push(&mut self, pts_us: i64, picture: &Yuv420) -> Result<(), EncodeError> {
        let ticks = (i128::from(pts_us) * i128::from(TICKS_PER_S) + 500_000).div_euclid(1_000_000) as i64;
        let (width, height) = (self.spec.width, self.spec.height);
        let fits = (picture.width(), picture.height()) == (width as usize, height as usize);
        if !fits || ticks < 0 || self.last_ticks.is_some_and(|last| ticks <= last) {
            return Err(EncodeError::Frame { path: self.path.clone(), frame: self.frames, pts_us, width, height });
        }
        // A fresh buffer each time: encoders other than libx264 may keep a reference to the last one.
        let mut frame = frame::Video::new(format::Pixel::YUV420P, width, height);
        for (plane, source) in [&picture.y, &picture.u, &picture.v].into_iter().enumerate() {
            let (stride, row) = (frame.stride(plane), width as usize >> usize::from(plane > 0));
            for (to, from) in frame.data_mut(plane).chunks_mut(stride).zip(source.chunks_exact(row)) {
                to[..row].copy_from_slice(from);
            }
        }
        frame.set_pts(Some(ticks * i64::from(self.encoder_ticks_per_s) / i64::from(TICKS_PER_S)));
        self.encoder.send_frame(&frame).map_err(|source| self.failed("encoding", source))?;
        self.last_ticks = Some(ticks);
        self.frames += 1;
        self.drain()
    }

    /// Flushes the encoder and makes the file appear under its name, synced.
    pub fn finish(mut self) -> Result<Encoded, EncodeError> {
        self.encoder.send_eof().map_err(|source| self.failed("finishing", source))?;
        self.drain()?;
        if let Some(mut output) = self.output.take() {
            output.write_trailer().map_err(|source| self.failed("writing the index", source))?;
        }
        let io = |source| EncodeError::Io { path: self.path.clone(), source };
        let bytes = std::fs::metadata(&self.temporary).map_err(io)?.len();
        durable::publish(&self.temporary, &self.path).map_err(io)?;
        Ok(Encoded { encoder: self.encoder_name.to_owned(), frames: self.frames, bytes })
    }

    fn drain(&mut self) -> Result<(), EncodeError> {
        let mut packet = Packet::empty();
        while self.encoder.receive_packet(&mut packet).is_ok() {
            packet.set_stream(0);
            packet.set_duration((f64::from(self.encoder_ticks_per_s) / self.spec.fps).round() as i64);
            packet.rescale_ts(Rational(1, self.encoder_ticks_per_s), self.stream_base);
            if let Some(output) = &mut self.output {
                packet.write_interleaved(output).map_err(|source| EncodeError::Ffmpeg {
                    path: self.path.clone(),
                    doing: "writing",
                    frame: self.frames,
                    source,
                })?;
            }
        }
        Ok(())
    }

    fn failed(&self, doing: &'static str, source: ffmpeg::Error) -> EncodeError {
        EncodeError::Ffmpeg { path: self.path.clone(), doing, frame: self.frames, source }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.output = None;
        // Gone already after `finish`; a leftover after a failure is of no use to anybody.
        let _ = std::fs::remove_file(&self.temporary);
    }
}

/// Encodes the frames at `times_us` (microseconds since the start, growing); `draw` paints each.
pub fn encode(
    path: &Path,
    spec: EncodeSpec,
    times_us: impl IntoIterator<Item = i64>,
    mut draw: impl FnMut(i64, &mut Yuv420),
) -> Result<Encoded, EncodeError> {
    let mut picture = Yuv420::new(spec.width, spec.height);
    let mut recorder = Recorder::create(path, spec)?;
    for pts_us in times_us {
        draw(pts_us, &mut picture);
        recorder.push(pts_us, &picture)?;
    }
    recorder.finish()
}

/// Times of frames at a constant rate, microseconds: frame `n` is at `n / fps`.
pub fn constant_rate(fps: f64, frames: u64) -> impl Iterator<Item = i64> {
    (0..frames).map(move |frame| (frame as f64 * 1e6 / fps).round() as i64)
}

/// Encoders describe themselves at FFmpeg's default level, a line a file; a level that somebody chose is kept.
fn quieten() {
    if ffmpeg::log::get_level() == Ok(ffmpeg::log::Level::Info) {
        ffmpeg::log::set_level(ffmpeg::log::Level::Warning);
    }
}

fn open_encoder(path: &Path, spec: &EncodeSpec) -> Result<(encoder::video::Encoder, &'static str), EncodeError> {
    let wanted = spec.encoder.as_slice();
    let names = if wanted.is_empty() { &ENCODERS[..] } else { wanted };
    names.iter().find_map(|&name| Some((try_encoder(name, spec)?, name))).ok_or_else(|| EncodeError::NoEncoder {
        path: path.to_owned(),
        tried: names.join(", "),
        width: spec.width,
        height: spec.height,
    })
}

fn try_encoder(name: &'static str, spec: &EncodeSpec) -> Option<encoder::video::Encoder> {
    let codec = encoder::find_by_name(name)?;
    let context = ffmpeg::codec::context::Context::new_with_codec(codec);
    let mut video = context.encoder().video().ok()?;
    video.set_width(spec.width);
    video.set_height(spec.height);
    video.set_format(format::Pixel::YUV420P);
    video.set_frame_rate(Some(Rational::from(spec.fps)));
    video.set_gop((spec.gop_s * spec.fps).round().max(1.0) as u32);
    video.set_max_b_frames(0);
    video.set_flags(ffmpeg::codec::Flags::GLOBAL_HEADER);
    video.set_time_base(Rational(1, ticks_per_s(name)));
    let mut options = Dictionary::new();
    match name {
        "libx264" => {
            options.set("preset", spec.preset);
            options.set("tune", "zerolatency");
            options.set("crf", &spec.crf.to_string());
            // Cameras put key frames at fixed distances; one thread, since recordings are made in parallel.
            options.set("x264-params", "scenecut=0:threads=1:sliced-threads=0:log=0");
        }
        _ => video.set_bit_rate(bit_rate(spec)),
    }
    video.open_with(options).ok()
}

/// MPEG-4 part 2 stores its time base in 16 bits; the others count as the container does.
fn ticks_per_s(encoder_name: &str) -> i32 {
    if encoder_name == "mpeg4" { TICKS_PER_S / 3 } else { TICKS_PER_S }
}

/// Bits a second of an encoder without constant quality, for roughly the quality of `crf`.
fn bit_rate(spec: &EncodeSpec) -> usize {
    const BITS_PER_PIXEL_AT_26: f64 = 0.12;
    let pixels_per_s = f64::from(spec.width) * f64::from(spec.height) * spec.fps;
    let quality = 2.0_f64.powf((26.0 - f64::from(spec.crf)) / 6.0);
    (pixels_per_s * BITS_PER_PIXEL_AT_26 * quality).clamp(100_000.0, 50_000_000.0) as usize
}
