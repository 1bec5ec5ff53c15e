//! Rooms where something else than people moves, and things that come and stay: what must not count as somebody.

use crate::scenes::{person, unsteady as unsteady_exposure, visit};
use crate::spec::{
    CameraSpec, Clothing, ExposureStep, FanKind, MoverSpec, PersonSpec, RoomKind, SceneSpec, Seconds, ThingKind,
    ThingSpec, ViewChange,
};

/// Clips of a disturbance have an hour to learn from and a quarter of one to be judged.
const LEARN_S: f64 = 3600.0;
const LENGTH_S: f64 = 4500.0;
/// Three pixels of a picture of 1920.
const SHAKE: f32 = 3.0 / 1920.0;
/// Three pixels of a picture of 640.
const SHAKE_STRONG: f32 = 3.0 / 640.0;

fn long(name: &str, room: RoomKind, seed: u64) -> SceneSpec {
    SceneSpec {
        seed,
        ..SceneSpec::empty(&format!("disturbed-{name}"), room)
            .lasting(LENGTH_S)
            .sized(480, 270)
            .at_fps(2.0)
            .with_crf(30)
    }
}

fn shaking(spec: SceneSpec, shake: f32) -> SceneSpec {
    SceneSpec { camera: CameraSpec { shake, ..CameraSpec::default() }, ..spec }
}

fn moving(spec: SceneSpec, movers: Vec<MoverSpec>) -> SceneSpec {
    SceneSpec { movers, ..spec }
}

/// Most of the hour, and the whole quarter that is judged.
fn most() -> Vec<Seconds> {
    vec![Seconds::new(200.0, 1300.0), Seconds::new(1500.0, 2600.0), Seconds::new(2900.0, LENGTH_S)]
}

fn curtain() -> MoverSpec {
    MoverSpec::Curtain { sways: most(), wind: 0.9 }
}

fn tree() -> MoverSpec {
    MoverSpec::Tree { sways: most(), wind: 1.0 }
}

fn stand_fan(at_m: [f32; 3]) -> MoverSpec {
    MoverSpec::Fan { kind: FanKind::Stand, at_m, on: most() }
}

fn ceiling_fan(at_m: [f32; 3]) -> MoverSpec {
    MoverSpec::Fan { kind: FanKind::Ceiling, at_m, on: most() }
}

/// After the hour: one who sits for three minutes, one who looks in for seconds.
fn guests(seat: &str, stand: &str, clothing: Clothing) -> Vec<PersonSpec> {
    let visits =
        vec![visit(LEARN_S + 90.0, &[(seat, LEARN_S + 300.0)]), visit(LEARN_S + 520.0, &[(stand, LEARN_S + 540.0)])];
    vec![PersonSpec { clothing, height_m: 1.66, visits }]
}

fn with_guests(mut spec: SceneSpec, people: Vec<PersonSpec>) -> SceneSpec {
    spec.name.push_str("-person");
    SceneSpec { people, ..spec }
}

pub(super) fn disturbed() -> Vec<SceneSpec> {
    use RoomKind::{Counter, Office, Records};
    let shake = shaking(long("shake", Office, 501).sized(640, 360), SHAKE);
    let strong = shaking(long("shake-strong", Records, 502), SHAKE_STRONG);
    let fan = moving(long("fan", Office, 503), vec![stand_fan([5.9, 1.2, 2.1])]);
    let ceiling = moving(long("ceiling-fan", Counter, 504), vec![ceiling_fan([3.4, 2.45, 3.6])]);
    let curtain = moving(long("curtain", Office, 505), vec![curtain()]);
    let tree = moving(long("tree", Counter, 506), vec![tree()]);
    let all = [tree.movers.clone(), curtain.movers.clone(), vec![stand_fan([1.2, 1.15, 3.2])]].concat();
    let windy = moving(long("windy-crf36", Office, 507).with_crf(36), all);
    vec![
        with_guests(shake.clone(), guests("desk-b", "shelf", Clothing::Khaki)),
        with_guests(fan.clone(), guests("desk-a", "window", Clothing::White)),
        with_guests(curtain.clone(), guests("desk-b", "window", Clothing::Wall)),
        with_guests(tree.clone(), guests("bench-a", "visitor-b", Clothing::Dark)),
        with_guests(ceiling.clone(), guests("staff-b", "visitor-a", Clothing::Batik)),
        shake,
        strong,
        fan,
        ceiling,
        curtain,
        tree,
        windy,
    ]
}

/// Exposure that finds no rest from 100 s to 460 s, as of cheap cameras that face a window: with nobody, with somebody who
/// comes, sits and leaves meanwhile, and the same with one that trembles from sample to sample.
pub(super) fn unsteady() -> Vec<SceneSpec> {
    let clip = |name: &str, seed, people: &[PersonSpec], period_s, by| SceneSpec {
        seed,
        people: people.to_vec(),
        camera: CameraSpec {
            exposure: unsteady_exposure(Seconds::new(100.0, 460.0), period_s, by),
            ..CameraSpec::default()
        },
        ..SceneSpec::empty(&format!("unsteady-{name}"), RoomKind::Office).lasting(600.0).with_crf(28)
    };
    let clerk = [person(Clothing::Khaki, 1.66, 180.0, &[("desk-b", 380.0)])];
    vec![
        clip("hunting", 431, &[], 7.85, [0.12, 14.0]),
        clip("hunting-person", 432, &clerk, 7.85, [0.12, 14.0]),
        clip("trembling-person", 433, &clerk, 0.483, [0.0, 8.0]),
    ]
}

/// Nobody: jumps of the exposure, a camera that is turned, one that is knocked and put back.
pub(super) fn camera() -> Vec<SceneSpec> {
    let step = |(at_s, gain, offset)| ExposureStep { at_s, gain, offset };
    let exposure = [(100.0, 1.25, 0.0), (220.0, 1.0, 0.0), (340.0, 0.7, 6.0), (344.0, 1.0, 0.0), (460.0, 1.12, -5.0)];
    let exposure = exposure.map(step).to_vec();
    let view = |at_s, yaw_deg, pitch_deg| ViewChange { at_s, yaw_deg, pitch_deg, zoom: 1.0 };
    let clip = |name: &str, room, seed, camera| SceneSpec {
        seed,
        camera,
        ..SceneSpec::empty(&format!("empty-{name}"), room).lasting(600.0).with_crf(28)
    };
    vec![
        clip("exposure", RoomKind::Office, 421, CameraSpec { exposure, ..CameraSpec::default() }),
        clip(
            "turned",
            RoomKind::Counter,
            422,
            CameraSpec { views: vec![view(240.0, 6.0, -2.0)], ..CameraSpec::default() },
        ),
        clip(
            "knocked",
            RoomKind::Records,
            423,
            CameraSpec { views: vec![view(200.0, 0.4, 0.3), view(380.0, 0.0, 0.0)], ..CameraSpec::default() },
        ),
    ]
}

fn thing(kind: ThingKind, at_m: [f32; 2], up_m: f32, from_s: f64, until_s: f64) -> ThingSpec {
    ThingSpec { kind, at_m, up_m, there: Seconds::new(from_s, until_s) }
}

pub(super) fn objects() -> Vec<SceneSpec> {
    use Clothing::{Batik, Dark, Khaki, Wall, White};
    use RoomKind::{Counter, Office, Records};
    use ThingKind::{Bag, Carton, Chair, Coat};
    const END_S: f64 = 1e6;
    let clip = |name: &str, room, seed, who: PersonSpec, things| SceneSpec {
        seed,
        things,
        people: vec![who],
        ..SceneSpec::empty(&format!("object-{name}"), room).lasting(600.0).with_crf(28)
    };
    let chair = vec![thing(Chair, [2.8, 3.5], 0.0, -1.0, 90.0), thing(Chair, [1.4, 3.2], 0.0, 90.0, END_S)];
    vec![
        clip(
            "bag-floor",
            Office,
            801,
            person(Dark, 1.68, 60.0, &[("window", 110.0)]),
            vec![thing(Bag, [5.5, 2.9], 0.0, 100.0, END_S)],
        ),
        clip(
            "bag-table-crf34",
            Records,
            802,
            person(Khaki, 1.64, 60.0, &[("table-a", 180.0)]),
            vec![thing(Bag, [3.1, 2.55], 0.75, 120.0, END_S)],
        )
        .with_crf(34),
        clip(
            "bag-counter",
            Counter,
            803,
            person(Batik, 1.66, 50.0, &[("visitor-a", 150.0)]),
            vec![thing(Bag, [2.55, 3.58], 0.96, 90.0, END_S)],
        ),
        clip("chair-moved", Office, 804, person(Wall, 1.7, 60.0, &[("floor", 105.0)]), chair),
        clip(
            "coat-back",
            Office,
            805,
            person(White, 1.7, 45.0, &[("desk-c", 240.0)]),
            vec![thing(Coat, [3.9, 1.66], 0.0, 70.0, END_S)],
        ),
        clip(
            "coat-desk-crf34",
            Office,
            806,
            person(Khaki, 1.62, 45.0, &[("desk-b", 300.0)]),
            vec![thing(Coat, [5.0, 5.2], 0.0, 75.0, END_S)],
        )
        .with_crf(34),
        clip(
            "carton-taken",
            Records,
            807,
            person(Dark, 1.72, 120.0, &[("shelf-b", 150.0)]),
            vec![thing(Carton, [1.6, 4.35], 0.0, -1.0, 140.0)],
        ),
    ]
}
