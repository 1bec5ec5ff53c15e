//! Frames `[u32 le length][u32 le crc32c of the payload][payload]`: how append-only files tell whole from torn.
//!
//! A payload has 1 byte to 1 MiB: a length of zero is never valid, so a zeroed tail is not taken for frames.

/// Longest payload, bytes. Bounds what is read for one frame, and lets most wrong lengths show at once.
pub(super) const PAYLOAD_BYTES_MAX: usize = 1 << 20;
/// Length and checksum.
const HEAD_BYTES: usize = 8;

/// Appends a frame. The payload must be 1 to [`PAYLOAD_BYTES_MAX`] bytes long.
pub(super) fn push_frame(out: &mut Vec<u8>, payload: &[u8]) {
    assert!((1..=PAYLOAD_BYTES_MAX).contains(&payload.len()), "invariant: payloads are checked before they are framed");
    out.extend((payload.len() as u32).to_le_bytes());
    out.extend(crc32c::crc32c(payload).to_le_bytes());
    out.extend(payload);
}

/// How a run of frames ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With its last frame.
    Whole,
    /// With something that is no frame, and no frame comes after it: an append that was cut off.
    Torn {
        /// Where the valid frames end.
        at: usize,
    },
    /// Frames come after something that is none: the file was damaged.
    Damaged {
        /// Where the valid frames end.
        at: usize,
    },
}

/// The payloads of the frames from `at` up to the first that is not valid, and what stops them.
pub(super) fn walk(bytes: &[u8], mut at: usize) -> (Vec<&[u8]>, End) {
    let mut payloads = Vec::new();
    while at < bytes.len() {
        let Some(payload) = frame_at(bytes, at) else {
            let more = (at + 1..bytes.len()).any(|later| frame_at(bytes, later).is_some());
            return (payloads, if more { End::Damaged { at } } else { End::Torn { at } });
        };
        payloads.push(payload);
        at += HEAD_BYTES + payload.len();
    }
    (payloads, End::Whole)
}

fn frame_at(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let (length, crc) = (word(at)? as usize, word(at + 4)?);
    if !(1..=PAYLOAD_BYTES_MAX).contains(&length) {
        return None;
    }
    let payload = bytes.get(at + HEAD_BYTES..at + HEAD_BYTES + length)?;
    (crc32c::crc32c(payload) == crc).then_some(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_byte_is_seen_and_what_precedes_it_is_kept() {
        let (first, second) = (b"first entry".as_slice(), b"second".as_slice());
        let mut bytes = Vec::new();
        push_frame(&mut bytes, first);
        let second_at = bytes.len();
        push_frame(&mut bytes, second);
        assert_eq!(walk(&bytes, 0), (vec![first, second], End::Whole));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x41;
            let (payloads, end) = walk(&damaged, 0);
            if at < second_at {
                assert_eq!((payloads.len(), end), (0, End::Damaged { at: 0 }), "byte {at}");
            } else {
                assert_eq!((payloads, end), (vec![first], End::Torn { at: second_at }), "byte {at}");
            }
        }
    }

    #[test]
    fn zeros_are_no_frames() {
        let mut bytes = Vec::new();
        push_frame(&mut bytes, b"entry");
        let at = bytes.len();
        bytes.extend([0; 4096]);
        assert_eq!(walk(&bytes, 0), (vec![b"entry".as_slice()], End::Torn { at }));
    }
}
