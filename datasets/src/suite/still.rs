//! People who stay for long and move little: the seconds between their movements are the question.

use crate::scenes::person;
use crate::spec::{
    CameraSpec, Clothing, LampSwitch, PersonSpec, RoomKind, SceneSpec, Seconds, ThingKind, ThingSpec, ViewChange,
};

/// A clip of twelve minutes with half a minute before and a minute and more after a stay of ten.
fn clip(name: &str, room: RoomKind, seed: u64, people: Vec<PersonSpec>) -> SceneSpec {
    SceneSpec { people, seed, ..SceneSpec::empty(&format!("seated-{name}"), room).lasting(760.0) }
}

/// Comes after half a minute, leaves after ten more.
fn stays(clothing: Clothing, height_m: f32, spot: &str) -> Vec<PersonSpec> {
    vec![person(clothing, height_m, 35.0, &[(spot, 660.0)])]
}

/// Is there from the first frame.
fn was_there(clothing: Clothing, height_m: f32, spot: &str) -> Vec<PersonSpec> {
    vec![person(clothing, height_m, -120.0, &[(spot, 660.0)])]
}

/// The same clip seen through another lens.
fn seen(spec: SceneSpec, yaw_deg: f32, pitch_deg: f32, zoom: f32) -> SceneSpec {
    let views = vec![ViewChange { at_s: 0.0, yaw_deg, pitch_deg, zoom }];
    SceneSpec { camera: CameraSpec { views, ..CameraSpec::default() }, ..spec }
}

/// The same clip with something in the way from the first frame.
fn behind(spec: SceneSpec, kind: ThingKind, at_m: [f32; 2], up_m: f32) -> SceneSpec {
    let things = vec![ThingSpec { kind, at_m, up_m, there: Seconds::new(-1.0, 1e6) }];
    SceneSpec { things, ..spec }
}

/// Head and shoulders: the rest is behind a partition, or below the picture's edge.
fn heads() -> Vec<SceneSpec> {
    use Clothing::{Batik, Dark, Khaki, Wall, White};
    use RoomKind::{Counter, Office, Records};
    use ThingKind::Partition;
    let (desk, table) = ([4.65, 4.38], [2.5, 2.8]);
    vec![
        behind(clip("head-khaki-crf28", Office, 321, stays(Khaki, 1.66, "desk-b")).with_crf(28), Partition, desk, 1.04),
        behind(clip("head-wall-crf34", Office, 322, stays(Wall, 1.7, "desk-b")).with_crf(34), Partition, desk, 1.04),
        behind(
            clip("head-dark-crf38", Records, 323, was_there(Dark, 1.64, "table-a")).with_crf(38),
            Partition,
            table,
            1.03,
        ),
        seen(clip("close-batik-crf28", Office, 324, stays(Batik, 1.66, "desk-b")).with_crf(28), 9.0, -14.0, 3.0),
        seen(clip("close-wall-crf34", Counter, 325, was_there(Wall, 1.66, "bench-a")).with_crf(34), -30.0, -13.2, 2.6),
        seen(clip("close-white-crf20", Office, 326, stays(White, 1.7, "desk-c")).at_fps(2.0), 26.0, -12.0, 1.7)
            .with_crf(20),
    ]
}

/// Half hidden: a monitor before the chest, the edge of a partition before one side.
fn halves() -> Vec<SceneSpec> {
    use Clothing::{Dark, Khaki, Wall, White};
    use RoomKind::{Counter, Office, Records};
    use ThingKind::{Monitor, Partition};
    vec![
        behind(
            clip("half-khaki-crf28", Office, 331, stays(Khaki, 1.64, "desk-b")).with_crf(28),
            Monitor,
            [4.9, 4.35],
            0.75,
        ),
        behind(
            clip("half-wall-crf34", Office, 332, stays(Wall, 1.68, "desk-b")).with_crf(34),
            Monitor,
            [4.9, 4.35],
            0.75,
        ),
        behind(
            clip("half-dark-crf38", Counter, 333, was_there(Dark, 1.6, "staff-b")).with_crf(38),
            Monitor,
            [4.12, 4.1],
            0.75,
        ),
        behind(
            clip("half-white-crf28", Records, 334, stays(White, 1.7, "shelf-b")).with_crf(28),
            Partition,
            [1.55, 3.6],
            1.2,
        ),
    ]
}

/// Who is there while the camera or the room is restless.
fn restless() -> Vec<SceneSpec> {
    let mut shaken =
        clip("shaken-khaki-crf30", RoomKind::Office, 341, stays(Clothing::Khaki, 1.66, "desk-b")).with_crf(30);
    shaken.camera.shake = 3.0 / 1920.0;
    let mut turned =
        clip("turned-white-crf30", RoomKind::Office, 342, stays(Clothing::White, 1.7, "desk-b")).with_crf(30);
    turned.camera.views = vec![ViewChange { at_s: 300.0, yaw_deg: 5.0, pitch_deg: -1.0, zoom: 1.0 }];
    let mut lamp = clip("lamp-batik-crf30", RoomKind::Office, 343, stays(Clothing::Batik, 1.64, "desk-a")).with_crf(30);
    lamp.light.switches = vec![LampSwitch { at_s: 250.0, level: 0.2 }, LampSwitch { at_s: 420.0, level: 1.0 }];
    vec![shaken, turned, lamp]
}

pub(super) fn seated() -> Vec<SceneSpec> {
    [plain(), heads(), halves(), restless()].concat()
}

fn plain() -> Vec<SceneSpec> {
    use Clothing::{Batik, Dark, Khaki, Wall, White};
    use RoomKind::{Counter, Office, Records};
    vec![
        clip("desk-khaki-crf28", Office, 301, stays(Khaki, 1.64, "desk-b")).with_crf(28),
        clip("desk-white-crf20", Office, 302, stays(White, 1.7, "desk-b")).with_crf(20).at_fps(10.0).sized(480, 270),
        clip("desk-wall-crf34", Office, 303, stays(Wall, 1.66, "desk-b")).with_crf(34),
        clip("desk-dark-crf38", Office, 304, stays(Dark, 1.6, "desk-b")).with_crf(38),
        clip("back-batik-crf28", Office, 305, stays(Batik, 1.68, "desk-c")).with_crf(28).at_fps(1.0),
        clip("back-wall-crf38", Office, 306, was_there(Wall, 1.72, "desk-c")).with_crf(38).at_fps(5.0),
        clip("screen-khaki-crf28", Office, 307, stays(Khaki, 1.62, "desk-a")).with_crf(28),
        clip("screen-dark-crf34", Office, 308, was_there(Dark, 1.66, "desk-a"))
            .with_crf(34)
            .at_fps(15.0)
            .sized(320, 180),
        clip("counter-khaki-crf28", Counter, 309, stays(Khaki, 1.6, "staff-b")).with_crf(28),
        clip("counter-wall-crf34", Counter, 310, stays(Wall, 1.66, "staff-a"))
            .with_crf(34)
            .at_fps(2.0)
            .sized(1280, 720),
        clip("bench-wall-crf28", Counter, 311, stays(Wall, 1.7, "bench-a")).with_crf(28).at_fps(2.0),
        clip("table-khaki-crf34", Records, 312, stays(Khaki, 1.66, "table-a")).with_crf(34),
        clip("stands-white-crf28", Office, 313, stays(White, 1.74, "window")).with_crf(28),
        clip("stands-wall-crf34", Counter, 314, stays(Wall, 1.68, "visitor-b")).with_crf(34),
        clip("stands-shelf-crf20", Records, 315, was_there(Batik, 1.64, "shelf-b")).with_crf(20),
        clip("stands-dark-1080p", Records, 316, stays(Dark, 1.66, "shelf-a"))
            .with_crf(30)
            .at_fps(1.0)
            .sized(1920, 1080),
        SceneSpec {
            people: vec![person(Khaki, 1.66, 60.0, &[("desk-b", 2760.0)])],
            ..clip("desk-45min", Office, 317, Vec::new()).lasting(2880.0).at_fps(3.0).with_crf(30)
        },
    ]
}
