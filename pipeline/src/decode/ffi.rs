//! Fields of FFmpeg's frames that its safe wrapper lacks. All of decode's `unsafe` is here.

use ffmpeg_next::ffi;
use ffmpeg_next::frame::Video;
use std::ffi::{CStr, c_int};

/// Components of a pixel: red, green and blue, or brightness first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) plane: usize,
    /// Bytes from one pixel to the next.
    pub(super) step: usize,
    /// Bytes before the first one.
    pub(super) offset: usize,
    /// Unused low bits.
    pub(super) shift: u8,
    pub(super) depth: u8,
}

/// How a pixel format lies in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Descriptor {
    pub(super) name: String,
    pub(super) components: Vec<Component>,
    /// How often width and height of the colour planes are halved.
    pub(super) chroma_halved: (u32, u32),
    pub(super) is_rgb: bool,
    pub(super) is_palette: bool,
    pub(super) is_big_endian: bool,
    /// Bit-packed, in a graphics card, or otherwise not plain samples in memory.
    pub(super) is_exotic: bool,
}

/// The number of a frame's pixel format.
pub(super) fn format_number(frame: &Video) -> c_int {
    // SAFETY: the frame is allocated as long as it is borrowed.
    unsafe { (*frame.as_ptr()).format }
}

/// The descriptor of a frame's pixel format; `None` if it has none.
pub(super) fn descriptor(frame: &Video) -> Option<Descriptor> {
    let number = format_number(frame);
    if number < 0 {
        return None;
    }
    // SAFETY: the number was written by the library whose headers the enum was generated from.
    let format = unsafe { std::mem::transmute::<c_int, ffi::AVPixelFormat>(number) };
    // SAFETY: null or a static descriptor.
    let raw = unsafe { ffi::av_pix_fmt_desc_get(format).as_ref() }?;
    // SAFETY: descriptors have static, NUL-terminated names.
    let name = unsafe { CStr::from_ptr(raw.name) }.to_string_lossy().into_owned();
    let has = |flag: c_int| raw.flags & flag as u64 != 0;
    let components = raw.comp.iter().take(usize::from(raw.nb_components)).map(|component| Component {
        plane: component.plane as usize,
        step: component.step as usize,
        offset: component.offset as usize,
        shift: component.shift as u8,
        depth: component.depth as u8,
    });
    Some(Descriptor {
        name,
        components: components.collect(),
        chroma_halved: (raw.log2_chroma_w.into(), raw.log2_chroma_h.into()),
        is_rgb: has(ffi::AV_PIX_FMT_FLAG_RGB),
        is_palette: has(ffi::AV_PIX_FMT_FLAG_PAL),
        is_big_endian: has(ffi::AV_PIX_FMT_FLAG_BE),
        is_exotic: has(ffi::AV_PIX_FMT_FLAG_BITSTREAM)
            || has(ffi::AV_PIX_FMT_FLAG_HWACCEL)
            || has(ffi::AV_PIX_FMT_FLAG_BAYER)
            || has(ffi::AV_PIX_FMT_FLAG_FLOAT),
    })
}

/// The colours of a palette: they have no line size of their own.
pub(super) fn palette(frame: &Video, bytes: usize) -> Option<&[u8]> {
    slice(frame, 1, bytes)
}

/// `rows` rows of `row_bytes` bytes of a plane, with their stride; `None` if the plane isn't there, lies upside down
/// (negative line size), or its buffer is shorter than the frame claims.
pub(super) fn plane(frame: &Video, index: usize, row_bytes: usize, rows: usize) -> Option<(&[u8], usize)> {
    // SAFETY: the frame is allocated as long as it is borrowed.
    let raw = unsafe { &*frame.as_ptr() };
    let stride = usize::try_from(*raw.linesize.get(index)?).ok().filter(|stride| *stride >= row_bytes)?;
    let length = stride.checked_mul(rows.checked_sub(1)?)?.checked_add(row_bytes)?;
    Some((slice(frame, index, length)?, stride))
}

/// The first `length` bytes of a plane, if its buffer has as many.
fn slice(frame: &Video, index: usize, length: usize) -> Option<&[u8]> {
    // SAFETY: the frame is allocated as long as it is borrowed.
    let raw = unsafe { &*frame.as_ptr() };
    let data = *raw.data.get(index)?;
    // SAFETY: a valid frame; the result is null or one of its buffers. The call only reads.
    let buffer = unsafe { ffi::av_frame_get_plane_buffer(frame.as_ptr().cast_mut(), index as c_int).as_ref() }?;
    let (start, buffer_start) = (data as usize, buffer.data as usize);
    let room = start.checked_sub(buffer_start).and_then(|skipped| buffer.size.checked_sub(skipped))?;
    if data.is_null() || length > room {
        return None;
    }
    // SAFETY: `length` bytes from `data` lie within the plane's reference-counted buffer, as just checked; the frame
    // holds that buffer, and nothing writes to it, as long as the frame is borrowed.
    Some(unsafe { std::slice::from_raw_parts(data, length) })
}

/// What some decoders do to pictures stored from the bottom up.
#[cfg(test)]
pub(super) fn turn_upside_down(frame: &mut Video) {
    // SAFETY: the frame is borrowed exclusively; the pointer moves to its own last row.
    unsafe {
        let raw = &mut *frame.as_mut_ptr();
        raw.data[0] = raw.data[0].offset(raw.linesize[0] as isize * (raw.height as isize - 1));
        raw.linesize[0] = -raw.linesize[0];
    }
}
