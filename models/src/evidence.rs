//! What one sample says about a view, after pixels and before rooms: small, serialisable, the only thing that the
//! estimators see.

use crate::record::{CELLS, Quality};
use crate::time::UtcMicros;
use serde::{Deserialize, Serialize};

/// Bands of rows, from the top of the view, in which a crowd is summed: how large people are depends on the row.
pub const BANDS: usize = 9;

/// What a zone holds that the long-term background lacks, band by band, as shares of the whole view's band: what two
/// zones hold adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Crowd {
    /// Area that differs, 0..1.
    pub area: [f32; BANDS],
    /// Edges, as the area of one-pixel lines in a picture 480 pixels wide, 0..1.
    pub edge: [f32; BANDS],
}

/// What one sample says about one zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ZoneEvidence {
    /// Of the light in which people were seen, the share that there is where they sit; 0 if it was not looked at.
    pub light: f32,
    /// Share of the zone's area that moves, 0..1.
    pub moving: f32,
    /// Share of the zone's area that moves, each part weighted by its amplitude over the least that is told of (1 at
    /// twice that, at most 4), 0..4.
    pub intensity: f32,
    /// Cells of the largest cluster of movement that noise does not explain; 0 for none.
    pub cluster: u16,
    /// Cells of the largest cluster of movement that might be noise; 0 for none.
    pub faint: u16,
    /// Whether some cluster, strong or faint, is where something moved before, within a minute or so, and paused.
    pub recurs: bool,
    /// Whether the cluster that is no noise is part of something that differs from the background.
    pub supported: bool,
    /// Since when that cluster has walked to where it is, from farther off than it is long; `None` if it has not.
    pub walks_since: Option<UtcMicros>,
    /// Whether such a cluster touches the border of the view, with nobody else staying inside.
    pub at_border: bool,
    /// Whether what moved by and by gives somebody away who was there before the view was first seen.
    pub sits: bool,
    /// Share of the zone's area that differs from the background and moved within the last minute, 0..1.
    pub live: f32,
    /// Seconds since anything in `live` moved.
    pub still_s: f32,
    /// Share of the zone's area that differs from the background and has been still for longer, 0..1.
    pub silent: f32,
    /// Blobs in `live`, each as many as the usual blob at its height goes into its area.
    pub movers: f32,
    /// Whether the size of a usual blob is known.
    pub movers_known: bool,
    /// Somebody who had been in it from the start, or had become the background, walked out of the view then.
    pub left_at: Option<UtcMicros>,
    /// Somebody who walked in it was not seen after that, and nothing stands where they were seen last.
    pub gone_at: Option<UtcMicros>,
    /// All that moved in it since then turned out to be a screen, a lamp that blinks, a fan or a ghost: it says nothing.
    pub mistaken_since: Option<UtcMicros>,
    /// How crowded it is; looked at about twice a second, `None` in between and where light makes it say nothing.
    pub crowd: Option<Crowd>,
}

/// What one sample says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// When it was taken.
    pub at: UtcMicros,
    /// Mean brightness of the view, 0..255.
    pub luma: f32,
    /// What troubles it.
    pub quality: Quality,
    /// True where light, shake or a new background make it say nothing about people.
    pub disturbed: bool,
    /// One for each zone, in the order of the settings, after the whole view.
    pub zones: Vec<ZoneEvidence>,
    /// Movement per cell of the 16 x 9 grid, 0..255.
    #[serde(with = "crate::record::cells_as_bytes")]
    pub cells: [u8; CELLS],
}
