//! The identity of a recording's bytes: the same recording under another name or in another folder has the same id.

use super::IngestError;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;

/// Bytes hashed at the start, in the middle and at the end: enough to hold an MP4's index or header and compressed
/// pictures, which never repeat, and cheap on a network share.
const PART_BYTES: u64 = 64 * 1024;

/// Hash (XXH3, 128 bits, hexadecimal) of the file's size and its first, middle and last 64 KiB.
pub fn content_id(path: &Path) -> Result<String, IngestError> {
    hash_parts(path).map_err(|source| IngestError::Unreadable { path: path.to_owned(), source })
}

fn hash_parts(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut hash = Xxh3::new();
    hash.update(&size.to_le_bytes());
    let mut part = Vec::with_capacity(PART_BYTES as usize);
    for start in part_starts(size) {
        file.seek(SeekFrom::Start(start))?;
        part.clear();
        file.by_ref().take(PART_BYTES).read_to_end(&mut part)?;
        hash.update(&part);
    }
    Ok(format!("{:032x}", hash.digest128()))
}

/// Where the hashed parts begin. Small files are hashed whole, in up to three parts that may overlap.
fn part_starts(size: u64) -> [u64; 3] {
    let last = size.saturating_sub(PART_BYTES);
    [0, last / 2, last]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn id_of(bytes: &[u8]) -> String {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        content_id(file.path()).unwrap()
    }

    #[test]
    fn every_hashed_part_and_the_size_change_the_id() {
        let bytes = vec![7_u8; 1 << 20];
        let id = id_of(&bytes);
        assert_eq!(id.len(), 32);
        assert_eq!(id, id_of(&bytes));
        for position in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut other = bytes.clone();
            other[position] = 8;
            assert_ne!(id, id_of(&other), "byte {position}");
        }
        assert_ne!(id, id_of(&bytes[1..]), "one byte shorter");
        assert_eq!(id_of(b"").len(), 32);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = content_id(Path::new("/nowhere/lobby.mp4")).unwrap_err();
        assert!(error.to_string().starts_with("/nowhere/lobby.mp4: can't be read"), "{error}");
    }
}
