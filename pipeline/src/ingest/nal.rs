//! Whether a decoder that knows nothing can start at a packet. FFmpeg marks H.264 packets as key frames that only begin
//! a gradual refresh; after a start there, the picture is whole only seconds later.

/// How a stream's H.264 is laid out in packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Not H.264: key packets are taken at their word.
    Trusted,
    /// Start codes (transport streams, raw files).
    StartCodes,
    /// Each NAL unit after its length in so many bytes (MP4, Matroska).
    Lengths(usize),
}

/// Parameter sets are no longer than this.
const PARAMETERS_BYTES_MAX: usize = 1024;

const NAL_IDR: u8 = 5;
const NAL_SEI: u8 = 6;
const SEI_RECOVERY_POINT: u8 = 6;

impl Framing {
    /// From the codec's name and its out-of-band data (`avcC` starts with version 1).
    pub(super) fn of(codec_name: &str, extradata: &[u8]) -> Self {
        match (codec_name, extradata) {
            ("h264", [1, _, _, _, sizes, ..]) => Self::Lengths(usize::from(sizes & 3) + 1),
            ("h264", _) => Self::StartCodes,
            _ => Self::Trusted,
        }
    }

    /// The NAL units of a packet's first bytes, of which the last one may be cut off.
    pub(super) fn units(self, data: &[u8]) -> Box<dyn Iterator<Item = &[u8]> + '_> {
        match self {
            Self::Trusted => Box::new(std::iter::empty()),
            Self::StartCodes => Box::new(split_at_start_codes(data).map(until_start_code)),
            Self::Lengths(bytes) => Box::new(split_by_lengths(data, bytes)),
        }
    }

    /// True if decoding can start at this key packet and give whole pictures at once.
    pub(super) fn is_clean_start(self, data: &[u8]) -> bool {
        is_clean(self.units(data))
    }
}

/// An IDR picture, or a recovery point with zero frames until recovery. A key packet with neither (a container's mark
/// on a plain I picture) is taken at its word.
fn is_clean<'d>(nals: impl Iterator<Item = &'d [u8]>) -> bool {
    for nal in nals {
        match nal.first().map(|header| header & 0x1f) {
            Some(NAL_IDR) => return true,
            Some(NAL_SEI) => {
                if let Some(clean) = recovers_at_once(&nal[1..]) {
                    return clean;
                }
            }
            _ => {}
        }
    }
    true
}

/// What a recovery point message in an SEI unit says: its first number, Exp-Golomb coded, is zero exactly if its
/// first bit is set. `None` without such a message.
fn recovers_at_once(mut sei: &[u8]) -> Option<bool> {
    while sei.len() > 2 {
        let kind = take_number(&mut sei)?;
        let length = take_number(&mut sei)?;
        let payload = sei.get(..length)?;
        if kind == usize::from(SEI_RECOVERY_POINT) {
            return payload.first().map(|byte| byte & 0x80 != 0);
        }
        sei = &sei[length..];
    }
    None
}

/// SEI types and sizes: as many 255s as needed, then the rest.
fn take_number(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number += usize::from(byte);
        if byte != 255 {
            return Some(number);
        }
    }
}

fn split_by_lengths(mut data: &[u8], bytes: usize) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let length = data.get(..bytes)?.iter().fold(0_usize, |length, &byte| length << 8 | usize::from(byte));
        let rest = &data[bytes..];
        let (nal, rest) = rest.split_at(length.min(rest.len()));
        data = rest;
        (!nal.is_empty()).then_some(nal)
    })
}

/// Each unit runs on to the data's end: the first picture ends the search.
fn split_at_start_codes(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let starts = data.windows(3).enumerate().filter(|(_, window)| *window == [0, 0, 1]);
    starts.map(|(at, _)| &data[at + 3..])
}

/// A unit up to the next one, if that is near: pictures, which are long, are not searched to their end.
fn until_start_code(unit: &[u8]) -> &[u8] {
    let near = &unit[..unit.len().min(PARAMETERS_BYTES_MAX)];
    near.windows(3).position(|window| *window == [0, 0, 1]).map_or(unit, |end| &unit[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idr_and_immediate_recovery_are_clean_and_gradual_refresh_is_not() {
        let idr: &[u8] = &[0, 0, 0, 1, 0x67, 0x42, 0, 0, 1, 0x65, 0x88];
        let at_once: &[u8] = &[0, 0, 1, 0x06, 5, 1, 9, 6, 1, 0x84, 0x80, 0, 0, 1, 0x61, 0x9a];
        let gradual: &[u8] = &[0, 0, 1, 0x06, 6, 1, 0x44, 0x80, 0, 0, 1, 0x61, 0x9a];
        let plain: &[u8] = &[0, 0, 1, 0x61, 0x9a];
        let framing = Framing::of("h264", &[0, 0, 0, 1, 0x67]);
        assert_eq!([idr, at_once, gradual, plain].map(|data| framing.is_clean_start(data)), [true, true, false, true]);
    }

    #[test]
    fn length_prefixed_units_are_read_and_torn_ones_do_no_harm() {
        let framing = Framing::of("h264", &[1, 0x64, 0, 0x1f, 0xff, 0xe1]);
        assert_eq!(framing, Framing::Lengths(4));
        assert!(!framing.is_clean_start(&[0, 0, 0, 5, 0x06, 6, 1, 0x44, 0x80, 0, 0, 0, 2, 0x61, 0x9a]));
        assert!(framing.is_clean_start(&[0, 0, 0, 2, 0x65, 0x88]));
        assert!(framing.is_clean_start(&[0, 0, 1]));
        assert!(framing.is_clean_start(&[255, 255, 255, 255, 0x06, 6]));
        assert!(Framing::of("hevc", &[1, 2, 3]).is_clean_start(&[]));
    }
}
