//! What a synthetic scene is made from. Everything is data (serde), so that a truth file can hold its own recipe.

use serde::{Deserialize, Serialize};

/// Which office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Three desks: spots `desk-a`, `desk-b` (facing the camera), `desk-c` (back to the camera), `shelf`, `window`,
    /// `floor`.
    Office,
    /// A service counter: spots `staff-a`, `staff-b` behind it, `visitor-a`, `visitor-b`, `visitor-c` before it,
    /// `bench-a`, `bench-b` to wait on.
    Counter,
    /// A records room: spots `shelf-a`, `shelf-b`, `table-a`, `table-b`.
    Records,
    /// A public hall seen from high up, 24 m by 30 m: spots `floor-1` to `floor-30` to stand at, `bench-1` to `bench-8`.
    Hall,
}

/// One stop of a visit: at a spot of the room until a time of the scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StopSpec {
    /// Name of the spot; see [`RoomKind`].
    pub spot: String,
    /// When to go on, seconds of the scene.
    pub until_s: f64,
}

/// One visit: in at the door, stop after stop, out at the door.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisitSpec {
    /// When the person starts to walk in the corridor, seconds of the scene; negative to be there from the start.
    pub enter_s: f64,
    /// Where to and for how long.
    pub stops: Vec<StopSpec>,
}

/// How well somebody stands out from the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clothing {
    /// Dark shirt and trousers.
    Dark,
    /// White shirt, dark trousers.
    White,
    /// Khaki, as civil servants wear it.
    Khaki,
    /// Within a few grey levels of the wall: the hard case.
    Wall,
    /// Batik: strong texture.
    Batik,
}

impl Clothing {
    /// All there are, unlike ones after each other.
    pub const ALL: [Self; 5] = [Self::Batik, Self::White, Self::Wall, Self::Dark, Self::Khaki];
}

/// One person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonSpec {
    /// What they wear.
    pub clothing: Clothing,
    /// Body height, metres.
    pub height_m: f32,
    /// Their visits, in order of time.
    pub visits: Vec<VisitSpec>,
}

/// The lamp from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LampSwitch {
    /// When, seconds of the scene.
    pub at_s: f64,
    /// New level: 0 off, 1 on.
    pub level: f32,
}

/// A part of the scene's time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seconds {
    /// First second.
    pub start_s: f64,
    /// First second after it.
    pub end_s: f64,
}

impl Seconds {
    /// A span.
    pub const fn new(start_s: f64, end_s: f64) -> Self {
        Self { start_s, end_s }
    }

    /// True within the span.
    pub fn holds(&self, t_s: f64) -> bool {
        (self.start_s..self.end_s).contains(&t_s)
    }
}

/// Light of the scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LightSpec {
    /// Lamp level before the first switch.
    pub lamp: f32,
    /// Lamp switches, in order of time.
    pub switches: Vec<LampSwitch>,
    /// Daylight at the scene's start.
    pub daylight: f32,
    /// Change of the daylight over an hour (the sun).
    pub daylight_per_h: f32,
    /// Share of the daylight that clouds take at most, 0..1.
    pub cloud_depth: f32,
    /// Seconds between clouds.
    pub cloud_period_s: f64,
    /// Amplitude of the lamps' flicker, share of their light.
    pub flicker: f32,
    /// Share of a brightness change that the camera's exposure takes back within seconds, 0..1.
    pub exposure_share: f32,
    /// Spans in which the camera is switched to infrared: grey, lit from the camera.
    pub infrared: Vec<Seconds>,
    /// Amplitude of rain running down the window, grey levels.
    pub rain: f32,
}

impl Default for LightSpec {
    fn default() -> Self {
        Self {
            lamp: 1.0,
            switches: Vec::new(),
            daylight: 0.6,
            daylight_per_h: 0.0,
            cloud_depth: 0.0,
            cloud_period_s: 180.0,
            flicker: 0.0,
            exposure_share: 0.3,
            infrared: Vec::new(),
            rain: 0.0,
        }
    }
}

/// Sensor noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoiseSpec {
    /// Standard deviation at mid-grey, grey levels; less in the dark, more in the light.
    pub sigma: f32,
    /// Correlation with the previous frame, 0..0.5 (temporal filters of cameras leave some).
    pub correlation: f32,
}

impl Default for NoiseSpec {
    fn default() -> Self {
        Self { sigma: 2.5, correlation: 0.2 }
    }
}

/// From a moment on, the camera looks elsewhere than the room's plan says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ViewChange {
    /// When, seconds of the scene; 0 or less for the whole scene.
    pub at_s: f64,
    /// To the right of the plan's view, degrees.
    pub yaw_deg: f32,
    /// Below the plan's view, degrees.
    pub pitch_deg: f32,
    /// How much longer the lens is: 2 shows half the width of the room.
    pub zoom: f32,
}

/// From a moment on, the camera's gain is another one (a jump of its automatic exposure).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExposureStep {
    /// When, seconds of the scene.
    pub at_s: f64,
    /// Factor on the light.
    pub gain: f32,
    /// Grey levels added after it.
    pub offset: f32,
}

/// What the camera itself does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CameraSpec {
    /// How far the picture shakes to each side, share of its width: 3 pixels of 1920 are 0.0016.
    pub shake: f32,
    /// Turns and zooms, in order of time.
    pub views: Vec<ViewChange>,
    /// Jumps of the exposure, in order of time.
    pub exposure: Vec<ExposureStep>,
}

/// What stands or lies about, beside the room's own furniture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThingKind {
    /// A bag, 0.4 m wide.
    Bag,
    /// A box of cardboard, 0.45 m wide.
    Carton,
    /// An office chair, its back towards +z.
    Chair,
    /// A coat over the back of a chair that stands at the same place.
    Coat,
    /// A screen of cloth that divides a room, 1.2 m wide along x; `up_m` is its top's height.
    Partition,
    /// A computer's monitor, its back towards the front wall; `up_m` is the desk's height.
    Monitor,
}

/// A thing that is there for a part of the scene. It is never a person, and appears and goes at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThingSpec {
    /// What.
    pub kind: ThingKind,
    /// x and z of its middle, metres.
    pub at_m: [f32; 2],
    /// Height of what it stands on, metres.
    pub up_m: f32,
    /// When it is there.
    pub there: Seconds,
}

/// How a fan is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FanKind {
    /// On a stand, with a cage; its head turns from side to side.
    Stand,
    /// Below the ceiling.
    Ceiling,
}

/// Something that moves though nobody moves it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoverSpec {
    /// Curtains at both sides of the window, swaying in the wind.
    Curtain {
        /// When there is wind; they hang still at other times.
        sways: Vec<Seconds>,
        /// Share of the strongest wind, 0..1.
        wind: f32,
    },
    /// A tree behind the window.
    Tree {
        /// When there is wind.
        sways: Vec<Seconds>,
        /// Share of the strongest wind, 0..1.
        wind: f32,
    },
    /// A fan.
    Fan {
        /// How it is fixed.
        kind: FanKind,
        /// The hub, metres: x to the right, y up, z into the room.
        at_m: [f32; 3],
        /// When it is on.
        on: Vec<Seconds>,
    },
}

/// A whole scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SceneSpec {
    /// For people and file names.
    pub name: String,
    /// Width, pixels (even).
    pub width: u32,
    /// Height, pixels (even).
    pub height: u32,
    /// Frames a second.
    pub fps: f64,
    /// Length, seconds.
    pub duration_s: f64,
    /// Seed of everything random: textures, noise, movements.
    pub seed: u64,
    /// Constant rate factor of the encoder: 18 is nearly lossless, 28 a usual camera, 35 a bad one.
    pub crf: u8,
    /// Which office.
    pub room: RoomKind,
    /// Who comes.
    pub people: Vec<PersonSpec>,
    /// Light.
    pub light: LightSpec,
    /// Noise.
    pub noise: NoiseSpec,
    /// If set, a clock is burnt in: the local wall clock at the scene's start, as seconds since 1970-01-01T00:00:00
    /// local time.
    pub clock_start_s: Option<i64>,
    /// What the camera itself does.
    #[serde(default)]
    pub camera: CameraSpec,
    /// Things beside the room's furniture.
    #[serde(default)]
    pub things: Vec<ThingSpec>,
    /// What moves by itself.
    #[serde(default)]
    pub movers: Vec<MoverSpec>,
}

impl SceneSpec {
    /// An empty office with lamps on, 640 x 360 at 5 frames a second, for a minute.
    pub fn empty(name: &str, room: RoomKind) -> Self {
        Self {
            name: name.to_owned(),
            width: 640,
            height: 360,
            fps: 5.0,
            duration_s: 60.0,
            seed: 1,
            crf: 26,
            room,
            people: Vec::new(),
            light: LightSpec::default(),
            noise: NoiseSpec::default(),
            clock_start_s: None,
            camera: CameraSpec::default(),
            things: Vec::new(),
            movers: Vec::new(),
        }
    }

    /// The same scene at another size.
    pub fn sized(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (width, height);
        self
    }

    /// The same scene at another frame rate.
    pub fn at_fps(mut self, fps: f64) -> Self {
        self.fps = fps;
        self
    }

    /// The same scene encoded better or worse.
    pub fn with_crf(mut self, crf: u8) -> Self {
        self.crf = crf;
        self
    }

    /// The same scene with another seed: other textures, noise and movements, the same schedule.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The same scene cut or continued to another length.
    pub fn lasting(mut self, duration_s: f64) -> Self {
        self.duration_s = duration_s;
        self
    }

    /// Frames in the whole scene.
    pub fn frames(&self) -> u64 {
        (self.duration_s * self.fps).round().max(0.0) as u64
    }
}
