//! `pantau look`: a picture for whoever sets up zones and masks. The clip's frame at one moment, with what the scene
//! makes of it drawn over.
//!
//! **Invariant:** the only place of the program that writes a picture of a room, and what a mask touches is black in it:
//! masked pixels are blackened before anything is drawn. The evidence is of that very moment: the scene sees up to a
//! minute before it, and a few seconds after it, since it compares with both sides.

mod canvas;
mod drawing;
mod font;
mod footage;
mod panel;

use crate::decode::DecodeError;
use crate::diff::UnknownKernel;
use crate::ingest::IngestError;
use crate::lake::{LakeError, write_durably};
use pantau_models::ids::CameraId;
use pantau_models::record::Quality;
use pantau_models::settings::Analysis;
use std::path::{Path, PathBuf};

/// What is to be drawn.
#[derive(Clone, Debug)]
pub struct Request {
    /// The recording.
    pub clip: PathBuf,
    /// Whose zones and masks these are.
    pub camera: CameraId,
    /// Its zones, masks and sampling.
    pub analysis: Analysis,
    /// Seconds since the recording's start; a minute after it, or its end if that comes first, if not given.
    pub at_s: Option<f64>,
}

/// What was drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// Seconds since the recording's start.
    pub at_s: f64,
    /// Cells that move as somebody would.
    pub moving_cells: usize,
    /// Things and people in front of the background.
    pub blobs: usize,
    /// What troubles the view.
    pub quality: Quality,
}

/// Why nothing can be drawn.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The recording can't be opened.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// It can't be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The environment asks for a kernel that this machine lacks.
    #[error(transparent)]
    Kernel(#[from] UnknownKernel),
    /// The moment lies beyond the recording.
    #[error("{}: ends at {end_s:.1} s, before --at {at_s}; choose a moment before its end", clip.display())]
    Beyond {
        /// The recording.
        clip: PathBuf,
        /// As asked.
        at_s: f64,
        /// Its last frame.
        end_s: f64,
    },
    /// No frame, or pictures too small.
    #[error("{}: no picture of at least 48 x 27 pixels could be decoded", clip.display())]
    NoPicture {
        /// The recording.
        clip: PathBuf,
    },
    /// The picture can't be written.
    #[error(transparent)]
    Write(#[from] LakeError),
}

/// Draws the picture and writes it durably, as PNG.
pub fn run(request: &Request, out: &Path) -> Result<Looked, LookError> {
    let moment = footage::watch(request)?;
    let picture = drawing::draw(request, &moment);
    write_durably(out, |file| picture.write_png(file))?;
    let view = &moment.view;
    Ok(Looked {
        at_s: moment.at_s,
        moving_cells: view.movement.iter().filter(|movement| **movement == crate::scene::Movement::Strong).count(),
        blobs: view.blobs.len(),
        quality: view.quality,
    })
}

#[cfg(test)]
mod tests;
