//! Checkpoints: what the archive needs to go on with a camera's next recording, as opaque bytes.
//!
//! **Format** of `_state/<camera>@<settings>.state`: 8 bytes `PANTAUS1`, u32 le crc32c of the rest, zstd frame. Written
//! durably: the former checkpoint or the new one. A checkpoint is an aid: a missing or damaged one only costs what is
//! learned again, so damage is a warning and reads as "none".

use super::Result;
use super::durable::{create_dir_durably, entries, remove_durably, write_durably};
use super::error::LakeError;
use super::writer::Lake;
use pantau_models::ids::CameraId;
use std::fs;
use std::io::{self, Write};

/// How a checkpoint begins; its last digit is the version.
const MAGIC: &[u8; 8] = b"PANTAUS1";
/// Magic and checksum.
const HEADER_BYTES: usize = 12;
/// Largest checkpoint, bytes: a hundred times a background model of 480 x 270 in 32 bits.
const STATE_BYTES_MAX: usize = 64 << 20;
/// Checkpoints are written often and read once.
const ZSTD_LEVEL: i32 = 1;

impl Lake {
    /// Keeps the camera's checkpoint for these settings, in place of the former one.
    pub fn save_state(&self, camera: &CameraId, settings_id: &str, state: &[u8]) -> Result<()> {
        let path = self.paths().state(camera, settings_id);
        if state.len() > STATE_BYTES_MAX {
            let source = io::Error::from(io::ErrorKind::FileTooLarge);
            return Err(LakeError::io(&path, "keep a checkpoint above 64 MiB", source));
        }
        let packed = zstd::bulk::compress(state, ZSTD_LEVEL);
        let packed = packed.map_err(|source| LakeError::io(&path, "compress the checkpoint", source))?;
        create_dir_durably(&self.paths().state_dir())?;
        write_durably(&path, |file| {
            file.write_all(MAGIC)?;
            file.write_all(&crc32c::crc32c(&packed).to_le_bytes())?;
            file.write_all(&packed)
        })
    }

    /// The camera's checkpoint for these settings, if there is a sound one.
    pub fn load_state(&self, camera: &CameraId, settings_id: &str) -> Result<Option<Vec<u8>>> {
        let path = self.paths().state(camera, settings_id);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(LakeError::io(&path, "read", error)),
            Ok(bytes) => bytes,
        };
        let state = unpack(&bytes);
        if state.is_none() {
            tracing::warn!(path = %path.display(), "damaged checkpoint is not used: the scene is learned anew");
        }
        Ok(state)
    }

    /// Removes the camera's checkpoints for other settings: their rows are being replaced, nothing may go on from them.
    pub fn remove_other_states(&self, camera: &CameraId, settings_id: &str) -> Result<()> {
        let kept = self.paths().state(camera, settings_id);
        let name = kept.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(prefix) = name.find('@').map(|at| &name[..=at]) else { return Ok(()) };
        for path in entries(&self.paths().state_dir())? {
            let is_ours = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(prefix));
            if is_ours && path != kept {
                remove_durably(&path)?;
            }
        }
        Ok(())
    }
}

fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let (header, packed) = bytes.split_first_chunk::<HEADER_BYTES>()?;
    let crc = u32::from_le_bytes([header[8], header[9], header[10], header[11]]);
    if !header.starts_with(MAGIC) || crc32c::crc32c(packed) != crc {
        return None;
    }
    zstd::bulk::decompress(packed, STATE_BYTES_MAX).ok()
}
