//! The room over time: a stage is a span in which nothing is put or taken away and the camera isn't turned.

use crate::backdrop::Backdrop;
use crate::camera;
use crate::geometry::Lens;
use crate::movers::{self, Mover};
use crate::rooms::Room;
use crate::spec::SceneSpec;
use crate::things;

/// One span of the scene.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    /// Its first second.
    start_s: f64,
    pub(crate) lens: Lens,
    pub(crate) backdrop: Backdrop,
    pub(crate) movers: Vec<Mover>,
}

/// The stages of a scene, in order; the first begins before any time.
#[derive(Clone, Debug)]
pub(crate) struct Stages(Vec<Stage>);

impl Stages {
    pub(crate) fn new(spec: &SceneSpec, room: &Room, seed: u64) -> Self {
        let things = spec.things.iter().flat_map(|thing| [thing.there.start_s, thing.there.end_s]);
        let changes = things.chain(spec.camera.views.iter().map(|view| view.at_s));
        let mut starts_s = changes.filter(|at_s| (0.0..spec.duration_s).contains(at_s)).collect::<Vec<_>>();
        starts_s.push(0.0);
        starts_s.sort_by(f64::total_cmp);
        starts_s.dedup();
        Self(starts_s.into_iter().map(|start_s| Stage::new(spec, room, seed, start_s)).collect())
    }

    /// The stage of a time, and which one it is.
    pub(crate) fn at(&self, t_s: f64) -> (usize, &Stage) {
        let after = self.0.partition_point(|stage| stage.start_s <= t_s);
        let index = after.saturating_sub(1);
        (index, &self.0[index])
    }
}

impl Stage {
    fn new(spec: &SceneSpec, room: &Room, seed: u64, start_s: f64) -> Self {
        let (width, height) = (spec.width as usize, spec.height as usize);
        let mut room = room.clone();
        let there = spec.things.iter().filter(|thing| thing.there.holds(start_s));
        room.blocks.extend(there.flat_map(things::blocks));
        for mover in &spec.movers {
            room.blocks.extend(movers::blocks(mover, room.height_m));
        }
        let lens = Lens::new(&camera::view(&room.view, &spec.camera, start_s), width, height);
        let backdrop = Backdrop::new(&room, &lens, width, height, seed);
        let movers = (0..)
            .zip(&spec.movers)
            .map(|(index, mover)| Mover::new(mover, &room, &lens, &backdrop, width, index))
            .collect();
        Self { start_s, lens, backdrop, movers }
    }
}
