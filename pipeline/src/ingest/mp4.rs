//! Whether an MP4 that FFmpeg refuses was cut off by its recorder: the index (`moov`) is written last.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Top-level boxes looked at; a fragmented MP4 has two a second, and its index stands among the first.
const BOXES_MAX: usize = 1024;
/// Boxes that MP4 and MOV files start with.
const FIRST_BOXES: [&[u8; 4]; 7] = [b"ftyp", b"mdat", b"free", b"skip", b"wide", b"moov", b"pnot"];

/// True if the file is an MP4 or MOV without an index; false for anything else and where it can't be read.
pub(super) fn lacks_index(path: &Path) -> bool {
    File::open(path).and_then(scan).unwrap_or(false)
}

fn scan(mut file: impl Read + Seek) -> io::Result<bool> {
    let size = file.seek(SeekFrom::End(0))?;
    let mut at = 0_u64;
    for number in 0..BOXES_MAX {
        let mut header = [0_u8; 16];
        file.seek(SeekFrom::Start(at))?;
        let read = read_up_to(&mut file, &mut header)?;
        if read < 8 {
            return Ok(number > 0);
        }
        let [s0, s1, s2, s3, k0, k1, k2, k3, wide @ ..] = header;
        let kind = [k0, k1, k2, k3];
        if number == 0 && !FIRST_BOXES.contains(&&kind) {
            return Ok(false);
        }
        if &kind == b"moov" {
            return Ok(false);
        }
        let length = match u32::from_be_bytes([s0, s1, s2, s3]) {
            // To the file's end.
            0 => size - at,
            1 => u64::from_be_bytes(wide),
            length => length.into(),
        };
        at = at.saturating_add(length.max(8));
        if at >= size {
            return Ok(true);
        }
    }
    Ok(false)
}

fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn an_interrupted_recording_has_data_and_no_index() {
        let ftyp = b"\0\0\0\x10ftypisom\0\0\0\0".as_slice();
        let unfinished = [ftyp, b"\0\0\0\0mdat", &[7; 100]].concat();
        let finished = [ftyp, b"\0\0\0\x0cmdat1234", b"\0\0\0\x08moov"].concat();
        let cut_in_data = [ftyp, b"\0\0\xff\xffmdat", &[7; 100]].concat();
        let huge = [ftyp, b"\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff", &[7; 100]].concat();
        for (bytes, expected) in [
            (unfinished, true),
            (finished, false),
            (cut_in_data, true),
            (huge, true),
            (b"just some text in a file".to_vec(), false),
            (Vec::new(), false),
        ] {
            assert_eq!(scan(Cursor::new(&bytes)).unwrap(), expected, "{bytes:?}");
        }
    }
}
