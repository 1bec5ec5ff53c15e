//! A scene: a specification turned into pictures and truth.

use crate::backdrop::{corridor_light, light_at};
use crate::behaviour::{Actor, Pose};
use crate::camera;
use crate::chance::draw;
use crate::figures::{Limb, Looks, limbs};
use crate::geometry::{Projected, lerp, scale, sub};
use crate::light::{Levels, levels};
use crate::noise::{CLEAN_BITS, Noise};
use crate::osd;
use crate::paint::{Canvas, DEPTH_SLACK_M, Shade};
use crate::rooms::Room;
use crate::spec::SceneSpec;
use crate::stage::{Stage, Stages};
use crate::truth::{PersonBox, Stay, Truth};
use crate::yuv::Yuv420;

/// Step of the search for the moments of entering and leaving.
const TRUTH_STEP_S: f64 = 0.1;
/// Share of the limbs that must be seen for a person to be in view.
const SEEN_SHARE_MIN: f32 = 0.25;
/// Largest side of a picture.
const SIDE_MAX_PX: u32 = 4096;
/// White before the noise.
const LUMA_HIGHEST: i32 = 255 << CLEAN_BITS;

/// Why a specification makes no scene.
#[derive(Debug, thiserror::Error)]
pub enum SceneError {
    /// A stop names a spot that the room doesn't have.
    #[error("the room has no spot `{spot}`; it has: {known}")]
    UnknownSpot {
        /// As written.
        spot: String,
        /// Spots of the room.
        known: String,
    },
    /// A visit starts before the previous one of the same person ended.
    #[error("a visit starts at {enter_s} s, while the person's previous one ends at {end_s:.1} s; start it later")]
    VisitsOverlap {
        /// Start of the visit.
        enter_s: f64,
        /// End of the previous one.
        end_s: f64,
    },
    /// The picture's size, rate or length makes no sense.
    #[error(
        "{width} x {height} at {fps} frames a second for {duration_s} s: sides are even and 64 to 4096 pixels, rate and length more than 0"
    )]
    Shape {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Frames a second.
        fps: f64,
        /// Seconds.
        duration_s: f64,
    },
}

/// A scene, ready to be rendered at any time and from any thread.
#[derive(Clone, Debug)]
pub struct Scene {
    spec: SceneSpec,
    room: Room,
    stages: Stages,
    noise: Noise,
    people: Vec<(Actor, Looks)>,
    truth: Truth,
}

/// Renders frames of one scene; keeps the buffers between them, and nothing that changes what is drawn.
#[derive(Clone, Debug)]
pub struct Renderer<'scene> {
    scene: &'scene Scene,
    canvas: Canvas,
}

impl Scene {
    /// Compiles schedules, casts the empty room, draws the noise: about 0.1 s of work at 640 x 360.
    pub fn new(spec: SceneSpec) -> Result<Self, SceneError> {
        check(&spec)?;
        let room = Room::new(spec.room);
        let people = cast(&spec, &room)?;
        let stages = Stages::new(&spec, &room, draw(spec.seed, 11, 0));
        let noise = Noise::new(&spec.noise, draw(spec.seed, 12, 0));
        let mut scene = Self { spec, room, stages, noise, people, truth: Truth::default() };
        scene.truth = scene.find_truth();
        Ok(scene)
    }

    /// Refuses what [`Scene::new`] would, without its work.
    pub fn check(spec: &SceneSpec) -> Result<(), SceneError> {
        check(spec)?;
        cast(spec, &Room::new(spec.room)).map(|_| ())
    }

    /// What it was made from.
    pub fn spec(&self) -> &SceneSpec {
        &self.spec
    }

    /// What is really so.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// For rendering many frames.
    pub fn renderer(&self) -> Renderer<'_> {
        Renderer { scene: self, canvas: Canvas::new(self.spec.width as usize, self.spec.height as usize) }
    }

    /// Renders one frame. The noise is that of the frame `round(t_s x fps)`: times closer than a frame share it.
    pub fn render(&self, t_s: f64, picture: &mut Yuv420) {
        self.renderer().render(t_s, picture);
    }

    /// The people in view at a time, with their boxes.
    pub fn boxes(&self, t_s: f64) -> Vec<PersonBox> {
        let here = self.truth.stays.iter().filter(|stay| (stay.enter_s..stay.leave_s).contains(&t_s));
        here.filter_map(|stay| self.person_box(stay.person, t_s)).collect()
    }

    /// Share of a person's limbs that is in the picture and not behind a wall or furniture; 0 while away.
    pub fn seen_share_of(&self, person: usize, t_s: f64) -> f32 {
        let (actor, looks) = &self.people[person];
        let (_, stage) = self.stages.at(t_s);
        actor.pose(t_s).map_or(0.0, |pose| self.seen_share(stage, &limbs(&pose, looks)))
    }

    /// Pixels `[x0, y0, x1, y1]` that the burnt-in clock may change, if there is one.
    pub fn clock_area(&self) -> Option<[usize; 4]> {
        self.spec.clock_start_s.map(|_| osd::area(self.spec.width as usize, self.spec.height as usize))
    }

    fn person_box(&self, person: usize, t_s: f64) -> Option<PersonBox> {
        let (actor, looks) = &self.people[person];
        let limbs = limbs(&actor.pose(t_s)?, looks);
        let (_, Stage { lens, .. }) = self.stages.at(t_s);
        let shake_px = self.shake_px(t_s);
        let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
        let ends = limbs.iter().flat_map(|limb| [(limb.from, limb.radius_from_m), (limb.to, limb.radius_to_m)]);
        for (point, radius_m) in ends {
            let Some(Projected { x_px, y_px, depth_m }) = lens.project(point) else {
                continue;
            };
            let radius_px = radius_m * lens.px_per_m(depth_m);
            for (axis, middle) in [x_px + shake_px[0], y_px + shake_px[1]].into_iter().enumerate() {
                low[axis] = low[axis].min(middle - radius_px);
                high[axis] = high[axis].max(middle + radius_px);
            }
        }
        let size = [self.spec.width as f32, self.spec.height as f32];
        let [x, y] = [0, 1].map(|axis| low[axis].clamp(0.0, size[axis]));
        let [right, bottom] = [0, 1].map(|axis| high[axis].clamp(0.0, size[axis]));
        (right > x && bottom > y).then_some(PersonBox { person, x, y, width: right - x, height: bottom - y })
    }

    /// Share of a body's limbs that the camera sees, other people aside.
    fn seen_share(&self, stage: &Stage, limbs: &[Limb]) -> f32 {
        let seen = limbs.iter().filter(|limb| {
            stage.lens.project(lerp(limb.from, limb.to, 0.5)).is_some_and(|at| self.is_seen(stage, &at))
        });
        seen.count() as f32 / limbs.len().max(1) as f32
    }

    fn is_seen(&self, stage: &Stage, at: &Projected) -> bool {
        let (width, height) = (self.spec.width as usize, self.spec.height as usize);
        let inside = at.x_px >= 0.0 && at.y_px >= 0.0 && (at.x_px as usize) < width && (at.y_px as usize) < height;
        inside && at.depth_m <= stage.backdrop.depth_m[at.y_px as usize * width + at.x_px as usize] + DEPTH_SLACK_M
    }

    fn shake_px(&self, t_s: f64) -> [f32; 2] {
        camera::shake_px(&self.spec.camera, self.spec.width as usize, self.spec.seed, t_s)
    }

    fn is_in_view(&self, person: usize, t_s: f64) -> bool {
        self.seen_share_of(person, t_s) >= SEEN_SHARE_MIN
    }

    fn find_truth(&self) -> Truth {
        let duration_s = self.spec.duration_s;
        let mut stays = Vec::new();
        for (person, (actor, _)) in self.people.iter().enumerate() {
            for &(start_s, end_s) in &actor.visits {
                let steps = ((end_s - start_s) / TRUTH_STEP_S).ceil() as u64;
                let moment = |step: u64| start_s + step as f64 * TRUTH_STEP_S;
                let first = (0..steps).find(|&step| self.is_in_view(person, moment(step)));
                let last = (0..steps).rev().find(|&step| self.is_in_view(person, moment(step)));
                let (Some(first), Some(last)) = (first, last) else {
                    continue;
                };
                let (enter_s, leave_s) = (moment(first).max(0.0), moment(last + 1).min(duration_s));
                if enter_s < leave_s {
                    stays.push(Stay { person, enter_s, leave_s });
                }
            }
        }
        stays.sort_by(|a, b| a.enter_s.total_cmp(&b.enter_s));
        Truth { duration_s, stays, switches: self.spec.light.switches.clone() }
    }

    /// Light on somebody: half from above, half from where the camera is.
    fn light_on(&self, stage: &Stage, pose: &Pose, levels: &Levels) -> f32 {
        let camera = stage.lens.at();
        let chest = [pose.at[0], 1.1, pose.at[1]];
        let light = if pose.at[1] > self.room.depth_m {
            corridor_light()
        } else {
            let way = sub(camera, chest);
            let to_camera = scale(way, 1.0 / crate::geometry::dot(way, way).sqrt().max(0.01));
            let above = light_at(&self.room, chest, [0.0, 1.0, 0.0], camera);
            let ahead = light_at(&self.room, chest, to_camera, camera);
            std::array::from_fn(|layer| (above[layer] + ahead[layer]) / 2.0)
        };
        light.iter().zip(levels.weights).map(|(light, weight)| light * weight).sum()
    }
}

impl Renderer<'_> {
    /// Renders one frame; see [`Scene::render`].
    ///
    /// # Panics
    /// If the picture has another size than the scene.
    pub fn render(&mut self, t_s: f64, picture: &mut Yuv420) {
        let scene = self.scene;
        let spec = &scene.spec;
        let size = (spec.width as usize, spec.height as usize);
        assert_eq!((picture.width(), picture.height()), size, "the picture has the scene's size");
        let levels = levels(&spec.light, spec.seed, t_s);
        let (index, stage) = scene.stages.at(t_s);
        self.canvas.fill(index, &stage.backdrop, &levels);
        for mover in &stage.movers {
            mover.draw(&mut self.canvas, &stage.backdrop, &stage.lens, &levels, spec.seed, t_s);
        }
        self.canvas.rain(&stage.backdrop, spec.light.rain, spec.seed, t_s);
        self.people(stage, &levels, t_s);
        self.camera(t_s);
        let index = (t_s * spec.fps).round() as i64;
        let rows = self.canvas.luma.chunks_exact(size.0).zip(picture.y.chunks_exact_mut(size.0));
        for (row, (clean, out)) in rows.enumerate() {
            scene.noise.develop_row(clean, index, row, out);
        }
        picture.u.copy_from_slice(&self.canvas.chroma[0]);
        picture.v.copy_from_slice(&self.canvas.chroma[1]);
        if let Some(start_s) = spec.clock_start_s {
            osd::burn(picture, start_s + t_s.floor() as i64);
        }
    }

    /// What the camera does to the finished picture before its sensor adds noise.
    fn camera(&mut self, t_s: f64) {
        let Scene { spec, .. } = self.scene;
        let width = spec.width as usize;
        let by_px = self.scene.shake_px(t_s);
        if by_px != [0.0; 2] {
            self.canvas.draws_on_all();
            camera::shift(&mut self.canvas.luma, width, by_px, LUMA_HIGHEST);
            let half_px = by_px.map(|px| px / 2.0);
            self.canvas.chroma.iter_mut().for_each(|plane| camera::shift(plane, width / 2, half_px, 255));
        }
        if let Some((gain, offset)) = camera::exposure(&spec.camera, t_s) {
            self.canvas.expose(gain, offset);
        }
    }

    fn people(&mut self, stage: &Stage, levels: &Levels, t_s: f64) {
        let scene = self.scene;
        let mut here = (0..)
            .zip(&scene.people)
            .filter_map(|(index, (actor, looks))| Some((index, actor.pose(t_s)?, looks)))
            .collect::<Vec<(i64, Pose, &Looks)>>();
        let depth_m = |pose: &Pose| stage.lens.project([pose.at[0], 0.9, pose.at[1]]).map_or(0.0, |seen| seen.depth_m);
        here.sort_by(|a, b| depth_m(&b.1).total_cmp(&depth_m(&a.1)));
        for (_, pose, _) in &here {
            self.canvas.shadow(&stage.backdrop, &stage.lens, pose.at);
        }
        for (index, pose, looks) in here {
            let shade = Shade {
                light: scene.light_on(stage, &pose, levels),
                infrared: levels.infrared,
                seed: draw(scene.spec.seed, 13, index),
            };
            self.canvas.person(&stage.backdrop, &stage.lens, &mut limbs(&pose, looks), &shade);
        }
    }
}

/// The people with their compiled schedules.
fn cast(spec: &SceneSpec, room: &Room) -> Result<Vec<(Actor, Looks)>, SceneError> {
    (0..)
        .zip(&spec.people)
        .map(|(index, person)| {
            let seed = draw(spec.seed, 10, index);
            Ok((Actor::new(person, room, seed)?, Looks::new(person, seed)))
        })
        .collect()
}

fn check(spec: &SceneSpec) -> Result<(), SceneError> {
    let side = |px: u32| px.is_multiple_of(2) && (64..=SIDE_MAX_PX).contains(&px);
    let positive = |value: f64| value.is_finite() && value > 0.0;
    if side(spec.width) && side(spec.height) && positive(spec.fps) && positive(spec.duration_s) {
        return Ok(());
    }
    Err(SceneError::Shape { width: spec.width, height: spec.height, fps: spec.fps, duration_s: spec.duration_s })
}
