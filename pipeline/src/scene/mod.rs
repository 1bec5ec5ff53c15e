//! What a view shows, without knowing people: background, noise, light, camera troubles, small movements.
//!
//! A [`Scene`] takes a camera's samples in time order and gives one [`Evidence`] for each, about five seconds later:
//! a sample is compared with both sides of itself. It runs on cells (48 x 27) and touches pixels only in `diff`'s
//! kernel and, rarely, where a ghost is suspected. Its whole state can be stored and taken up again to the bit.
//!
//! It refuses to know rooms, people and intervals: those are the estimators'.

mod attention;
mod blobs;
mod burnt;
mod cells;
mod clutter;
mod crowd;
mod daylight;
mod departure;
mod flight;
mod focus;
mod ghost;
mod health;
mod history;
mod light;
mod lit;
mod motion;
mod noise;
mod observe;
mod relight;
mod remembered;
mod report;
mod restless;
mod screen;
mod shake;
mod show;
mod sitter;
mod steady;
mod sway;
mod swing;
mod zones;

pub use show::{BlobKind, BlobReport, Movement, ViewReport};

use crate::diff::{Blackout, CellSums, Geometry, Grid, MICRO_CELLS, Model};
use attention::Attention;
use blobs::Activity;
use burnt::Burnt;
use clutter::Clutter;
use crowd::CrowdModel;
use departure::Departures;
use flight::Flights;
use history::{History, Past};
use lit::Lit;
use noise::Noise;
use pantau_models::settings::Analysis;
use pantau_models::time::UtcMicros;
use remembered::Remembered;
use serde::{Deserialize, Serialize};
use shake::Shake;
use sitter::Sitters;
use sway::Sway;
use swing::Swing;
use zones::ZoneCells;

/// A pixel that differs from the background by more than this is foreground, grey levels.
pub const FOREGROUND_GREY: u8 = 20;

/// A camera's view and all that was learned of it.
#[derive(Debug)]
pub struct Scene {
    view: Option<View>,
    zones: Vec<ZoneCells>,
    analysis: Analysis,
    working: Working,
}

/// Buffers that hold nothing between two samples.
#[derive(Debug)]
struct Working {
    grid: Grid,
    /// The grid before it was moved back.
    shaken: Grid,
    sums: CellSums,
    /// How much darker the sample became when it was brought back to the background's light, grey levels.
    darkened: f32,
    /// The sample's colour, see [`Grid::colour`].
    colour: Option<u8>,
    /// See [`Grid::since_key_us`].
    since_key_us: Option<i64>,
    distances: Vec<u32>,
    blackout: Blackout,
}

impl Default for Working {
    fn default() -> Self {
        Self {
            grid: Grid::default(),
            shaken: Grid::default(),
            sums: CellSums::default(),
            darkened: 0.0,
            colour: None,
            since_key_us: None,
            distances: vec![0; MICRO_CELLS],
            blackout: Blackout::default(),
        }
    }
}

/// The state of a view: everything that the next sample depends on.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct View {
    geometry: Geometry,
    model: Model,
    history: History,
    past: Past,
    noise: Noise,
    activity: Activity,
    attention: Attention,
    sitters: Sitters,
    lit: Lit,
    /// Cells in which somebody sits who was there from the start; empty if nobody does.
    seats: Vec<bool>,
    clutter: Clutter,
    flights: Flights,
    departures: Departures,
    /// Cells of what whoever left has left of themselves in the background, until the next sample looks.
    left_behind: Vec<u16>,
    /// What the background was before whatever stands there now came: as long as it was quiet.
    remembered: Remembered,
    /// Nothing person-like was in front of the background at the last moment told.
    is_vacant: bool,
    crowd: CrowdModel,
    /// Index in `history` of the next moment that waits for its hits.
    next_hits: usize,
    /// Index in `history` of the next moment that waits for its evidence.
    next_evidence: usize,
    /// Index in `history` of the next moment that noise learns from.
    next_learned: usize,
    epoch: u32,
    /// When the background was taken.
    born: UtcMicros,
    last_at: UtcMicros,
    last_light: Option<UtcMicros>,
    /// Cells that differed from the background just before the light changed.
    before_light: Vec<bool>,
    last_upkeep: UtcMicros,
    shake: Shake,
    swing: Swing,
    sway: Sway,
    burnt: Burnt,
    /// When daylight last drifted in each cell by itself.
    panes: Vec<UtcMicros>,
    upkeeps: usize,
    /// Since when most of the view has differed from the background.
    strange_since: Option<UtcMicros>,
    /// Since when the picture repeats to the bit.
    same_since: Option<UtcMicros>,
    /// Out of focus at the last look.
    is_blurred: bool,
}

/// A scene's state, to be stored between two runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SceneState(Option<View>);

impl Scene {
    /// A scene that has seen nothing.
    pub fn new(analysis: Analysis) -> Self {
        let zones = ZoneCells::all(&analysis);
        Self { view: None, zones, analysis, working: Working::default() }
    }

    /// Cells in which a burnt-in clock counts its seconds, or that are beside them.
    pub fn clock_cells(&self) -> impl Iterator<Item = usize> {
        let burnt = self.view.iter().map(|view| &view.burnt);
        burnt.flat_map(|burnt| (0..MICRO_CELLS).filter(|&cell| burnt.is_clock(cell)))
    }

    /// Cells that move by themselves much more than others of like texture: a fan, a curtain, a tree.
    pub fn restless_cells(&self) -> impl Iterator<Item = usize> {
        let noise = self.view.iter().map(|view| &view.noise);
        noise.flat_map(|noise| (0..MICRO_CELLS).filter(|&cell| noise.is_restless(cell)))
    }

    /// True if the light has swung or the camera has shaken lately: pictures are brought back to what they were, which
    /// takes every sample.
    pub fn is_unsteady(&self, now: UtcMicros) -> bool {
        self.view.as_ref().is_some_and(|view| view.swing.is_wary(now) || view.shake.is_wary(now))
    }

    /// When the view began to be seen as it is: the camera was turned then, or was not looked through for long.
    pub fn began_at(&self) -> Option<UtcMicros> {
        self.view.as_ref().map(|view| view.born)
    }

    /// True in the first minutes of a view, as long as nobody has walked into it: whoever sits there is looked for.
    pub fn seeks_sitters(&self, now: UtcMicros) -> bool {
        self.view.as_ref().is_some_and(|view| view.sitters.is_open(now))
    }

    /// True if somebody may sit in a view that was begun lately: whoever looks on will know.
    pub fn suspects_somebody(&self, now: UtcMicros) -> bool {
        self.view.as_ref().is_some_and(|view| view.sitters.suspects_somebody(now))
    }

    /// Its state, to be taken up by [`Scene::restore`].
    pub fn state(&self) -> SceneState {
        SceneState(self.view.clone())
    }

    /// Takes up a stored state.
    pub fn restore(analysis: Analysis, state: SceneState) -> Self {
        let mut scene = Self::new(analysis);
        if let Some(view) = state.0 {
            scene.working.grid = Grid::new(&view.geometry);
            scene.working.blackout = Blackout::new(&view.geometry, &scene.analysis.masks);
            scene.view = Some(view);
        }
        scene
    }
}
