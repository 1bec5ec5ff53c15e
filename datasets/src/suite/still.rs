//! People who stay for long and move little: the seconds between their movements are the question.

use crate::scenes::person;
use crate::spec::{Clothing, PersonSpec, RoomKind, SceneSpec};

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

pub(super) fn seated() -> Vec<SceneSpec> {
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
