//! A scene: a specification turned into pictures and truth.

use crate::backdrop::{Backdrop, corridor_light, light_at};
use crate::behaviour::{Actor, Pose};
use crate::chance::draw;
use crate::figures::{Limb, Looks, limbs};
use crate::geometry::{Lens, Projected, lerp, scale, sub};
use crate::light::{Levels, levels};
use crate::noise::Noise;
use crate::osd;
use crate::paint::{Canvas, DEPTH_SLACK_M, Shade};
use crate::rooms::Room;
use crate::spec::SceneSpec;
use crate::truth::{PersonBox, Stay, Truth};
use crate::yuv::Yuv420;

/// Step of the search for the moments of entering and leaving.
const TRUTH_STEP_S: f64 = 0.1;
/// Share of the limbs that must be seen for a person to be in view.
const SEEN_SHARE_MIN: f32 = 0.25;
/// Largest side of a picture.
const SIDE_MAX_PX: u32 = 4096;

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
    lens: Lens,
    backdrop: Backdrop,
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
        let (width, height) = (spec.width as usize, spec.height as usize);
        let lens = Lens::new(&room.view, width, height);
        let people = (0..)
            .zip(&spec.people)
            .map(|(index, person)| {
                let seed = draw(spec.seed, 10, index);
                Ok((Actor::new(person, &room, seed)?, Looks::new(person, seed)))
            })
            .collect::<Result<Vec<_>, SceneError>>()?;
        let backdrop = Backdrop::new(&room, &lens, width, height, draw(spec.seed, 11, 0));
        let noise = Noise::new(&spec.noise, draw(spec.seed, 12, 0));
        let mut scene = Self { spec, room, lens, backdrop, noise, people, truth: Truth::default() };
        scene.truth = scene.find_truth();
        Ok(scene)
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

    /// Pixels `[x0, y0, x1, y1]` that the burnt-in clock may change, if there is one.
    pub fn clock_area(&self) -> Option<[usize; 4]> {
        self.spec.clock_start_s.map(|_| osd::area(self.spec.width as usize, self.spec.height as usize))
    }

    fn person_box(&self, person: usize, t_s: f64) -> Option<PersonBox> {
        let (actor, looks) = &self.people[person];
        let limbs = limbs(&actor.pose(t_s)?, looks);
        let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
        let ends = limbs.iter().flat_map(|limb| [(limb.from, limb.radius_from_m), (limb.to, limb.radius_to_m)]);
        for (point, radius_m) in ends {
            let Some(Projected { x_px, y_px, depth_m }) = self.lens.project(point) else {
                continue;
            };
            let radius_px = radius_m * self.lens.px_per_m(depth_m);
            for (axis, middle) in [x_px, y_px].into_iter().enumerate() {
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
    fn seen_share(&self, limbs: &[Limb]) -> f32 {
        let seen = limbs
            .iter()
            .filter(|limb| self.lens.project(lerp(limb.from, limb.to, 0.5)).is_some_and(|at| self.is_seen(&at)));
        seen.count() as f32 / limbs.len().max(1) as f32
    }

    fn is_seen(&self, at: &Projected) -> bool {
        let (width, height) = (self.spec.width as usize, self.spec.height as usize);
        let inside = at.x_px >= 0.0 && at.y_px >= 0.0 && (at.x_px as usize) < width && (at.y_px as usize) < height;
        inside && at.depth_m <= self.backdrop.depth_m[at.y_px as usize * width + at.x_px as usize] + DEPTH_SLACK_M
    }

    fn is_in_view(&self, person: usize, t_s: f64) -> bool {
        let (actor, looks) = &self.people[person];
        actor.pose(t_s).is_some_and(|pose| self.seen_share(&limbs(&pose, looks)) >= SEEN_SHARE_MIN)
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
    fn light_on(&self, pose: &Pose, levels: &Levels) -> f32 {
        let chest = [pose.at[0], 1.1, pose.at[1]];
        let light = if pose.at[1] > self.room.depth_m {
            corridor_light()
        } else {
            let way = sub(self.lens.at(), chest);
            let to_camera = scale(way, 1.0 / crate::geometry::dot(way, way).sqrt().max(0.01));
            let above = light_at(&self.room, chest, [0.0, 1.0, 0.0], self.lens.at());
            let ahead = light_at(&self.room, chest, to_camera, self.lens.at());
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
        self.canvas.fill(&scene.backdrop, &levels);
        self.canvas.rain(&scene.backdrop, spec.light.rain, spec.seed, t_s);
        self.people(&levels, t_s);
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

    fn people(&mut self, levels: &Levels, t_s: f64) {
        let scene = self.scene;
        let mut here = (0..)
            .zip(&scene.people)
            .filter_map(|(index, (actor, looks))| Some((index, actor.pose(t_s)?, looks)))
            .collect::<Vec<(i64, Pose, &Looks)>>();
        let depth_m = |pose: &Pose| scene.lens.project([pose.at[0], 0.9, pose.at[1]]).map_or(0.0, |seen| seen.depth_m);
        here.sort_by(|a, b| depth_m(&b.1).total_cmp(&depth_m(&a.1)));
        for (_, pose, _) in &here {
            self.canvas.shadow(&scene.backdrop, &scene.lens, pose.at);
        }
        for (index, pose, looks) in here {
            let shade = Shade {
                light: scene.light_on(&pose, levels),
                infrared: levels.infrared,
                seed: draw(scene.spec.seed, 13, index),
            };
            self.canvas.person(&scene.backdrop, &scene.lens, &mut limbs(&pose, looks), &shade);
        }
    }
}

fn check(spec: &SceneSpec) -> Result<(), SceneError> {
    let side = |px: u32| px.is_multiple_of(2) && (64..=SIDE_MAX_PX).contains(&px);
    let positive = |value: f64| value.is_finite() && value > 0.0;
    if side(spec.width) && side(spec.height) && positive(spec.fps) && positive(spec.duration_s) {
        return Ok(());
    }
    Err(SceneError::Shape { width: spec.width, height: spec.height, fps: spec.fps, duration_s: spec.duration_s })
}
