//! People who come and go: when exactly, how many, and how much they move.

use crate::scenes::{person, visit};
use crate::spec::{Clothing, PersonSpec, RoomKind, SceneSpec, VisitSpec};

fn clip(name: &str, room: RoomKind, seed: u64, people: Vec<PersonSpec>) -> SceneSpec {
    SceneSpec { people, seed, ..SceneSpec::empty(&format!("visits-{name}"), room).lasting(900.0) }
}

fn comer(clothing: Clothing, height_m: f32, visits: Vec<VisitSpec>) -> PersonSpec {
    PersonSpec { clothing, height_m, visits }
}

/// One person who looks in, fetches something, sits for a while: eight presences in a quarter of an hour.
fn errands(clothing: Clothing) -> Vec<PersonSpec> {
    vec![comer(
        clothing,
        1.66,
        vec![
            visit(40.0, &[("shelf", 52.0)]),
            visit(95.0, &[("desk-b", 170.0)]),
            visit(215.0, &[("desk-a", 221.0)]),
            visit(290.0, &[("window", 320.0)]),
            visit(375.0, &[("desk-c", 520.0)]),
            visit(565.0, &[("shelf", 573.0)]),
            visit(640.0, &[("desk-a", 760.0)]),
            visit(805.0, &[("desk-b", 830.0)]),
        ],
    )]
}

/// People fetch files from the shelves by the door, most for less than half a minute.
fn files() -> Vec<PersonSpec> {
    use Clothing::{Dark, Khaki, Wall};
    vec![
        comer(
            Khaki,
            1.62,
            vec![
                visit(30.0, &[("shelf-b", 44.0)]),
                visit(300.0, &[("table-a", 420.0)]),
                visit(700.0, &[("shelf-a", 730.0)]),
            ],
        ),
        comer(Dark, 1.72, vec![visit(110.0, &[("shelf-a", 150.0)]), visit(350.0, &[("shelf-b", 380.0)])]),
        comer(
            Wall,
            1.68,
            vec![
                visit(210.0, &[("shelf-b", 219.0)]),
                visit(520.0, &[("table-b", 600.0)]),
                visit(810.0, &[("shelf-b", 826.0)]),
            ],
        ),
    ]
}

/// Two sit; one leaves, comes back, and in the end the other one is left alone.
fn pair() -> Vec<PersonSpec> {
    vec![
        comer(Clothing::Khaki, 1.62, vec![visit(45.0, &[("desk-b", 800.0)])]),
        comer(
            Clothing::Wall,
            1.7,
            vec![
                visit(70.0, &[("desk-a", 250.0)]),
                visit(330.0, &[("desk-a", 430.0)]),
                visit(600.0, &[("window", 640.0)]),
            ],
        ),
    ]
}

/// A counter that opens: clerks come, visitors one after the other, then a break without anybody.
fn counter_morning() -> Vec<PersonSpec> {
    use Clothing::{Batik, Dark, Khaki, Wall, White};
    vec![
        comer(Khaki, 1.64, vec![visit(50.0, &[("staff-a", 520.0)]), visit(700.0, &[("staff-a", 1200.0)])]),
        comer(Khaki, 1.58, vec![visit(90.0, &[("staff-b", 500.0)])]),
        comer(Batik, 1.7, vec![visit(130.0, &[("visitor-a", 240.0)]), visit(600.0, &[("bench-b", 608.0)])]),
        comer(White, 1.74, vec![visit(180.0, &[("bench-a", 262.0), ("visitor-a", 330.0)])]),
        comer(Dark, 1.6, vec![visit(260.0, &[("visitor-c", 400.0)]), visit(760.0, &[("visitor-b", 840.0)])]),
        comer(Wall, 1.66, vec![visit(350.0, &[("bench-b", 420.0), ("visitor-b", 505.0)])]),
    ]
}

pub(super) fn visits() -> Vec<SceneSpec> {
    use RoomKind::{Counter, Office, Records};
    vec![
        clip("errands-khaki-crf28", Office, 601, errands(Clothing::Khaki)).with_crf(28),
        clip("errands-wall-crf34", Office, 602, errands(Clothing::Wall)).with_crf(34).at_fps(10.0).sized(480, 270),
        clip("files-crf30", Records, 603, files()).with_crf(30),
        clip("pair-crf30", Office, 604, pair()).with_crf(30),
        clip("counter-crf28", Counter, 605, counter_morning()).with_crf(28),
        clip("counter-1fps-crf36", Counter, 606, counter_morning()).with_crf(36).at_fps(1.0),
    ]
}

/// The scene that every variant shows: two at work, one who walks about, one who comes and goes.
fn office() -> SceneSpec {
    use Clothing::{Batik, Dark, Khaki, White};
    let people = vec![
        person(Khaki, 1.64, -100.0, &[("desk-b", 900.0)]),
        person(White, 1.7, -90.0, &[("desk-c", 900.0)]),
        person(Dark, 1.68, -40.0, &[("desk-a", 35.0), ("shelf", 60.0), ("window", 95.0), ("desk-a", 900.0)]),
        person(Batik, 1.6, 70.0, &[("shelf", 100.0)]),
    ];
    scene("office", RoomKind::Office, 701, people)
}

fn scene(name: &str, room: RoomKind, seed: u64, people: Vec<PersonSpec>) -> SceneSpec {
    SceneSpec { people, seed, ..SceneSpec::empty(&format!("activity-{name}"), room).lasting(180.0).with_crf(28) }
}

/// The other busyness: a counter full of people, one reader, one passer-by, nobody.
fn others() -> Vec<SceneSpec> {
    use Clothing::{Batik, Dark, Khaki, Wall, White};
    let counter = vec![
        person(Khaki, 1.64, -100.0, &[("staff-a", 900.0)]),
        person(Khaki, 1.58, -90.0, &[("staff-b", 130.0)]),
        person(Batik, 1.7, -40.0, &[("visitor-a", 40.0), ("bench-a", 70.0), ("visitor-a", 900.0)]),
        person(White, 1.74, 5.0, &[("visitor-b", 60.0)]),
        person(Dark, 1.6, 20.0, &[("bench-b", 66.0), ("visitor-b", 140.0)]),
        person(Wall, 1.66, 50.0, &[("visitor-c", 120.0)]),
        person(Dark, 1.72, 100.0, &[("bench-a", 150.0)]),
    ];
    vec![
        scene("counter", RoomKind::Counter, 702, counter),
        scene("reader", RoomKind::Office, 703, vec![person(Khaki, 1.66, -100.0, &[("desk-b", 900.0)])]),
        scene("passer", RoomKind::Office, 704, vec![person(Dark, 1.7, 60.0, &[("shelf", 75.0)])]),
        scene("clerks", RoomKind::Counter, 705, others_clerks()),
        scene("nobody", RoomKind::Office, 706, Vec::new()),
    ]
}

fn others_clerks() -> Vec<PersonSpec> {
    let clerk = |height_m, spot| person(Clothing::Khaki, height_m, -100.0, &[(spot, 900.0)]);
    vec![clerk(1.64, "staff-a"), clerk(1.6, "staff-b"), clerk(1.7, "bench-a")]
}

fn renamed(mut spec: SceneSpec, variant: &str) -> SceneSpec {
    spec.name = format!("{}-{variant}", spec.name);
    spec
}

pub(super) fn activity() -> Vec<SceneSpec> {
    let mut clips = vec![
        renamed(office(), "base"),
        renamed(office().at_fps(10.0), "10fps"),
        renamed(office().at_fps(25.0), "25fps"),
        renamed(office().sized(1280, 720), "720p"),
        renamed(office().sized(1920, 1080), "1080p"),
        renamed(office().with_crf(20), "crf20"),
        renamed(office().with_crf(35), "crf35"),
        renamed(office().at_fps(25.0).with_crf(35), "25fps-crf35"),
        renamed(office().sized(1920, 1080).with_crf(20), "1080p-crf20"),
    ];
    for spec in others() {
        clips.push(renamed(spec.clone(), "base"));
        if ["activity-counter", "activity-reader"].contains(&spec.name.as_str()) {
            clips.push(renamed(spec.clone().at_fps(15.0), "15fps"));
            clips.push(renamed(spec.clone().sized(1280, 720), "720p"));
            clips.push(renamed(spec.with_crf(35), "crf35"));
        }
    }
    clips
}
