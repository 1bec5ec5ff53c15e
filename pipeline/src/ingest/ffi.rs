//! The few calls to FFmpeg that its safe wrapper lacks. All of ingest's `unsafe` is here.

use super::live::Deadline;
use super::log;
use ffmpeg_next::codec::packet::{Mut, Ref};
use ffmpeg_next::format::context::Input;
use ffmpeg_next::{Dictionary, Error, Packet, Rational, codec, ffi};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::sync::Arc;

/// Longest message of FFmpeg that is kept, bytes.
const LOG_LINE_BYTES: usize = 1024;

/// Sends FFmpeg's messages to [`log::record`]; where the callback's argument list has no stable Rust type, silences
/// them instead.
pub(super) fn install_log_callback() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the callback has the type that FFmpeg declares and lives as long as the process; setting it is atomic.
    unsafe {
        ffi::av_log_set_callback(Some(on_log));
    }
    #[cfg(not(target_arch = "x86_64"))]
    ffmpeg_next::log::set_level(ffmpeg_next::log::Level::Quiet);
}

#[cfg(target_arch = "x86_64")]
unsafe extern "C" fn on_log(context: *mut c_void, level: c_int, format: *const c_char, args: *mut ffi::__va_list_tag) {
    // The upper bits hold a terminal colour.
    let level = level & 0xff;
    if level > ffi::AV_LOG_INFO {
        return;
    }
    let mut line: [c_char; LOG_LINE_BYTES] = [0; LOG_LINE_BYTES];
    let mut prefix: c_int = 1;
    // SAFETY: all pointers come from FFmpeg's call or are locals; the size bounds the write, which ends with a NUL.
    unsafe {
        ffi::av_log_format_line2(context, level, format, args, line.as_mut_ptr(), LOG_LINE_BYTES as c_int, &mut prefix);
    }
    // SAFETY: the array is zeroed and the call above ends its text with a NUL inside it.
    let text = unsafe { CStr::from_ptr(line.as_ptr()) }.to_string_lossy();
    // A panicking subscriber must not unwind into C.
    let _ = std::panic::catch_unwind(|| log::record(level <= ffi::AV_LOG_ERROR, &text));
}

/// Opens a local file, whatever its name looks like, and reads its header; options that nobody took are returned.
pub(super) fn open_input(path: &Path, options: Dictionary<'_>) -> Result<(Input, Vec<String>), Error> {
    // With the scheme, a name such as `rtsp:x.mp4` is still a file; bytes, for names that aren't UTF-8.
    let url = [b"file:", path.as_os_str().as_bytes()].concat();
    let url = CString::new(url).map_err(|_| Error::InvalidData)?;
    // SAFETY: null.
    unsafe { open(ptr::null_mut(), &url, options) }
}

/// Opens an address; options that nobody took are returned.
///
/// # Safety
/// `context` is null (FFmpeg allocates one), or fresh from FFmpeg and known to nobody else.
unsafe fn open(
    mut context: *mut ffi::AVFormatContext,
    url: &CStr,
    options: Dictionary<'_>,
) -> Result<(Input, Vec<String>), Error> {
    // SAFETY: disowning hands the dictionary to this function, which owns it again below.
    let mut taken = unsafe { options.disown() };
    // SAFETY: the caller guarantees the context, the address is a valid C string, the options are ours.
    let code = unsafe { ffi::avformat_open_input(&mut context, url.as_ptr(), ptr::null(), &mut taken) };
    // SAFETY: FFmpeg left the options that it didn't take in a dictionary that is ours to free.
    let left = unsafe { Dictionary::own(taken) };
    if code < 0 {
        // FFmpeg frees the context on failure.
        return Err(Error::from(code));
    }
    // SAFETY: a fresh, successfully opened context that nothing else owns.
    let input = unsafe { Input::wrap(context) };
    Ok((input, left.iter().map(|(key, _)| key.to_owned()).collect()))
}

/// An open stream whose blocking calls ask a deadline whether to go on.
pub(super) struct Watched {
    // Closed before the deadline goes, which closing may ask too.
    input: Input,
    _deadline: Arc<Deadline>,
}

impl Watched {
    pub(super) fn input(&mut self) -> &mut Input {
        &mut self.input
    }
}

/// Connects to an address; every call on it that blocks ends soon after the deadline is over.
pub(super) fn open_stream(
    address: &str,
    options: Dictionary<'_>,
    deadline: &Arc<Deadline>,
) -> Result<(Watched, Vec<String>), Error> {
    let url = CString::new(address).map_err(|_| Error::InvalidData)?;
    // SAFETY: no preconditions; null if memory is short.
    let context = unsafe { ffi::avformat_alloc_context() };
    if context.is_null() {
        return Err(Error::Other { errno: ffmpeg_next::error::ENOMEM });
    }
    let opaque = Arc::as_ptr(deadline).cast_mut().cast::<c_void>();
    // SAFETY: a fresh context that nothing else knows. The deadline outlives it: until it is open by the borrow, and
    // from then on by the clone that is dropped after it.
    unsafe { (*context).interrupt_callback = ffi::AVIOInterruptCB { callback: Some(is_over), opaque } };
    // SAFETY: the context is fresh, and nobody else knows it.
    let (input, left) = unsafe { open(context, &url, options) }?;
    Ok((Watched { input, _deadline: Arc::clone(deadline) }, left))
}

unsafe extern "C" fn is_over(deadline: *mut c_void) -> c_int {
    // SAFETY: `open_stream` put a `Deadline` there that lives as long as the context; all its methods take `&self`.
    let deadline = unsafe { &*deadline.cast::<Deadline>() };
    c_int::from(deadline.is_over())
}

/// Reads some packets to learn what the header doesn't tell.
pub(super) fn find_stream_info(input: &mut Input) -> Result<(), Error> {
    // SAFETY: the context is open; no per-stream options are given.
    match unsafe { ffi::avformat_find_stream_info(input.as_mut_ptr(), ptr::null_mut()) } {
        code if code < 0 => Err(Error::from(code)),
        _ => Ok(()),
    }
}

/// Lets the demuxer skip every stream but one.
pub(super) fn keep_only(input: &mut Input, stream: usize) {
    for index in 0..input.nb_streams() as usize {
        if index != stream {
            // SAFETY: `index` is below the number of streams, all of which exist while the context is open.
            unsafe {
                let stream = *(*input.as_mut_ptr()).streams.add(index);
                (*stream).discard = ffi::AVDiscard::AVDISCARD_ALL;
            }
        }
    }
}

/// A packet as an MP4's sample table tells of it.
pub(super) struct IndexEntry {
    /// Where it begins in the file.
    pub(super) at: u64,
    pub(super) bytes: u32,
    pub(super) is_key: bool,
}

/// All packets of a stream from an MP4's sample table; `None` for other containers, and for fragmented files, whose
/// table grows while they are read.
pub(super) fn index(input: &Input, stream: usize) -> Option<Vec<IndexEntry>> {
    assert!(stream < input.nb_streams() as usize, "invariant: the stream was found in this input");
    if !input.format().name().split(',').any(|name| name == "mp4") {
        return None;
    }
    // SAFETY: the context is open and the index is checked.
    let stream = unsafe { *(*input.as_ptr()).streams.add(stream) };
    // SAFETY: a stream of an open context.
    let (count, frames) = unsafe { (ffi::avformat_index_get_entries_count(stream), (*stream).nb_frames) };
    if count <= 0 || i64::from(count) != frames {
        return None;
    }
    let entries = (0..count).map(|entry| {
        // SAFETY: a valid stream and an entry below the count; null otherwise. The entry lives as long as the stream.
        let entry = unsafe { ffi::avformat_index_get_entry(stream, entry).as_ref() }?;
        let is_key = entry.flags() & ffi::AVINDEX_KEYFRAME as c_int != 0;
        let bytes = u32::try_from(entry.size()).unwrap_or(0);
        Some(IndexEntry { at: u64::try_from(entry.pos).ok()?, bytes, is_key })
    });
    entries.collect()
}

/// Facts of a stream for which the wrapper has no accessor.
#[cfg_attr(test, derive(Default))]
pub(super) struct RawFacts {
    pub(super) codec_name: String,
    /// Four characters of the container, for codecs that FFmpeg doesn't know.
    pub(super) codec_tag: u32,
    pub(super) pixel_format: String,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Frames by which the decoder reorders; 0: decode order is display order.
    pub(super) reorder_frames: u32,
    /// Bits of the container's time stamps, after which they wrap.
    pub(super) wrap_bits: u32,
    /// Every frame stands alone.
    pub(super) intra_only: bool,
    /// The container's time stamps may start anew (MPEG transport and program streams).
    pub(super) may_reset: bool,
    /// The duration stands in the container, rather than being guessed from the bit rate or the last packets.
    pub(super) duration_declared: bool,
    /// Out-of-band parameter sets.
    pub(super) extradata: Vec<u8>,
}

/// Reads [`RawFacts`]; `stream` must exist.
pub(super) fn raw_facts(input: &Input, stream: usize) -> RawFacts {
    assert!(stream < input.nb_streams() as usize, "invariant: the stream was found in this input");
    // SAFETY: the context is open, the index is checked, and stream, parameters and format exist as long as it.
    let (context, stream, format) = unsafe {
        let context = &*input.as_ptr();
        (context, &**context.streams.add(stream), &*context.iformat)
    };
    // SAFETY: every stream of an open context has parameters.
    let parameters = unsafe { &*stream.codecpar };
    let extradata = if parameters.extradata.is_null() || parameters.extradata_size <= 0 {
        Vec::new()
    } else {
        // SAFETY: FFmpeg keeps `extradata_size` readable bytes there, more than none as just checked.
        unsafe { std::slice::from_raw_parts(parameters.extradata, parameters.extradata_size as usize) }.to_vec()
    };
    // SAFETY: null or a static descriptor.
    let descriptor = unsafe { ffi::avcodec_descriptor_get(parameters.codec_id).as_ref() };
    RawFacts {
        // SAFETY: always a static string.
        codec_name: text(unsafe { ffi::avcodec_get_name(parameters.codec_id) }),
        codec_tag: parameters.codec_tag,
        // SAFETY: accepts any number, null if it names no format. The number was written by the same library.
        pixel_format: text(unsafe {
            ffi::av_get_pix_fmt_name(std::mem::transmute::<c_int, ffi::AVPixelFormat>(parameters.format))
        }),
        width: u32::try_from(parameters.width).unwrap_or(0),
        height: u32::try_from(parameters.height).unwrap_or(0),
        reorder_frames: u32::try_from(parameters.video_delay).unwrap_or(0),
        wrap_bits: u32::try_from(stream.pts_wrap_bits).unwrap_or(0),
        intra_only: descriptor.is_some_and(|descriptor| descriptor.props & ffi::AV_CODEC_PROP_INTRA_ONLY != 0),
        may_reset: format.flags & ffi::AVFMT_TS_DISCONT != 0,
        duration_declared: context.duration_estimation_method
            == ffi::AVDurationEstimationMethod::AVFMT_DURATION_FROM_STREAM,
        extradata,
    }
}

/// A C string of FFmpeg, empty for null.
fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: the callers pass static, NUL-terminated strings.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

/// Codec parameters that several threads may open decoders from.
pub(crate) struct SharedParameters(codec::Parameters);

// SAFETY: the parameters are a deep copy without an owner, nothing mutates them after `copy`, and opening a decoder
// from them only reads.
unsafe impl Sync for SharedParameters {}

impl SharedParameters {
    /// Copies a stream's parameters, so that they outlive the demuxer.
    pub(super) fn copy(parameters: &codec::Parameters) -> Self {
        Self(parameters.clone())
    }

    /// A copy for one decoder.
    pub(crate) fn to_owned(&self) -> codec::Parameters {
        self.0.clone()
    }
}

/// New parameter sets that come with a packet, if any.
pub(super) fn new_extradata(packet: &Packet) -> Option<Vec<u8>> {
    use ffmpeg_next::codec::packet::side_data::Type;
    packet.side_data().find(|data| data.kind() == Type::NewExtraData).map(|data| data.data().to_vec())
}

/// Puts parameter sets on a packet; false if memory is short.
pub(super) fn attach_extradata(packet: &mut Packet, extradata: &[u8]) -> bool {
    let kind = ffi::AVPacketSideDataType::AV_PKT_DATA_NEW_EXTRADATA;
    // SAFETY: a valid packet; FFmpeg allocates the side data and frees it with the packet.
    let target = unsafe { ffi::av_packet_new_side_data(packet.as_mut_ptr(), kind, extradata.len()) };
    if target.is_null() {
        return false;
    }
    // SAFETY: FFmpeg just allocated that many bytes there, and they can't overlap with the slice.
    unsafe { ptr::copy_nonoverlapping(extradata.as_ptr(), target, extradata.len()) };
    true
}

/// A second handle on the packet's data, which isn't copied.
pub(super) fn share(packet: &Packet) -> Result<Packet, Error> {
    let mut other = Packet::empty();
    // SAFETY: `other` is blank and `packet` valid; the data is reference-counted and never written to.
    match unsafe { ffi::av_packet_ref(other.as_mut_ptr(), packet.as_ptr()) } {
        code if code < 0 => Err(Error::from(code)),
        _ => Ok(other),
    }
}

/// A time base as numerator and denominator, both positive; microseconds if FFmpeg doesn't know.
pub(super) fn positive(base: Rational) -> (i64, i64) {
    match (base.numerator(), base.denominator()) {
        (numerator, denominator) if numerator > 0 && denominator > 0 => (numerator.into(), denominator.into()),
        _ => (1, 1_000_000),
    }
}
