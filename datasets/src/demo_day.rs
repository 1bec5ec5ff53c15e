//! The demo's morning: who is where, written as clock times so that it can be read against the report.

use crate::scenes::visit;
use crate::spec::{Clothing, LampSwitch, LightSpec, NoiseSpec, PersonSpec, RoomKind, SceneSpec, VisitSpec};

/// One camera of the demo: what it films, and which recordings are missing.
pub(crate) struct Plan {
    pub(crate) camera: &'static str,
    pub(crate) room: &'static str,
    pub(crate) agency: &'static str,
    pub(crate) scene: SceneSpec,
    /// From and to, seconds of the scene: no recording that starts in between exists.
    pub(crate) lost_s: Option<(f64, f64)>,
}

/// Local time of the first recording, hours and minutes.
const FIRST: (u32, u32) = (7, 20);
/// Size of the pictures: a camera's substream.
const SIZE: (u32, u32) = (448, 252);
/// Frames a second of the substream.
const FPS: f64 = 4.0;

/// Seconds of the scene at a local time.
fn at(hour: u32, minute: u32) -> f64 {
    (f64::from(hour) * 60.0 + f64::from(minute) - f64::from(FIRST.0 * 60 + FIRST.1)) * 60.0
}

/// A time long after the demo's end: still there when it ends.
const EVENING: (u32, u32) = (17, 0);

fn staff(clothing: Clothing, height_m: f32, visits: Vec<VisitSpec>) -> PersonSpec {
    PersonSpec { clothing, height_m, visits }
}

/// The cameras over `duration_s`, with the local clock `clock_start_s` burnt into the first.
pub(crate) fn plans(duration_s: f64, clock_start_s: i64) -> Vec<Plan> {
    let base = |name: &str, room: RoomKind, seed: u64| SceneSpec {
        crf: 30,
        noise: NoiseSpec { sigma: 2.0, correlation: 0.3 },
        ..SceneSpec::empty(name, room).sized(SIZE.0, SIZE.1).at_fps(FPS).lasting(duration_s).with_seed(seed)
    };
    let mut counter = base("counter-1", RoomKind::Counter, 101);
    counter.people = counter_people(duration_s);
    counter.light = morning(vec![LampSwitch { at_s: at(7, 41) + 6.0, level: 1.0 }]);
    counter.clock_start_s = Some(clock_start_s);
    let mut clerks = base("clerks-1", RoomKind::Office, 202);
    clerks.people = clerks_people();
    clerks.light = morning(vec![LampSwitch { at_s: at(7, 31) + 7.0, level: 1.0 }]);
    let mut records = base("records-1", RoomKind::Records, 303);
    records.people = records_people();
    records.light = LightSpec { daylight: 0.45, ..morning(records_switches()) };
    vec![
        Plan { camera: "counter-1", room: "service-counter-1", agency: "civil-registry", scene: counter, lost_s: None },
        Plan { camera: "clerks-1", room: "clerks-office", agency: "civil-registry", scene: clerks, lost_s: None },
        Plan {
            camera: "records-1",
            room: "records-room",
            agency: "archives",
            scene: records,
            lost_s: Some((at(8, 35), at(9, 35))),
        },
    ]
}

/// A bright morning with some clouds; lamps off until somebody comes.
fn morning(switches: Vec<LampSwitch>) -> LightSpec {
    LightSpec {
        lamp: 0.0,
        switches,
        daylight: 0.55,
        daylight_per_h: 0.12,
        cloud_depth: 0.15,
        cloud_period_s: 240.0,
        ..LightSpec::default()
    }
}

/// The counter: two clerks, visitors from 07:52, nobody at all from 09:04 to 09:18.
fn counter_people(duration_s: f64) -> Vec<PersonSpec> {
    let mut people = vec![
        staff(
            Clothing::Khaki,
            1.66,
            vec![
                visit(at(7, 41), &[("staff-a", at(9, 4))]),
                visit(at(9, 18), &[("staff-a", at(EVENING.0, EVENING.1))]),
            ],
        ),
        staff(
            Clothing::Khaki,
            1.58,
            vec![
                visit(at(8, 6), &[("staff-b", at(8, 58))]),
                visit(at(9, 26), &[("staff-b", at(EVENING.0, EVENING.1))]),
            ],
        ),
    ];
    people.extend(visitors(duration_s));
    people
}

/// Visitors: minute of coming, minutes at the counter, minutes on the bench before; the rest follows from the index.
const VISITORS: [(u32, u32, u32, u32); 12] = [
    (7, 52, 6, 0),
    (8, 2, 9, 0),
    (8, 9, 4, 3),
    (8, 17, 7, 0),
    (8, 21, 5, 4),
    (8, 33, 3, 0),
    (8, 41, 8, 0),
    (8, 46, 7, 4),
    (9, 21, 6, 0),
    (9, 30, 8, 3),
    (9, 38, 4, 0),
    (9, 52, 9, 0),
];

fn visitors(duration_s: f64) -> impl Iterator<Item = PersonSpec> {
    const SPOTS: [&str; 3] = ["visitor-a", "visitor-c", "visitor-b"];
    let in_time =
        VISITORS.into_iter().enumerate().filter(move |(_, (hour, minute, ..))| at(*hour, *minute) < duration_s);
    in_time.map(|(index, (hour, minute, served_min, waiting_min))| {
        let enter_s = at(hour, minute) + 7.0 * index as f64 % 40.0;
        let waited_s = enter_s + 60.0 * f64::from(waiting_min);
        let served = (SPOTS[index % SPOTS.len()], waited_s + 60.0 * f64::from(served_min));
        let bench = ("bench-a", waited_s);
        let stops = if waiting_min > 0 { vec![bench, served] } else { vec![served] };
        let height_m = 1.52 + 0.05 * (index * 3 % 5) as f32;
        staff(Clothing::ALL[index % Clothing::ALL.len()], height_m, vec![visit(enter_s, &stops)])
    })
}

/// The clerks' room: three desks from 07:31, 07:46 and 08:20; one is away from 09:10 to 09:32.
fn clerks_people() -> Vec<PersonSpec> {
    let evening_s = at(EVENING.0, EVENING.1);
    vec![
        staff(
            Clothing::White,
            1.7,
            vec![visit(
                at(7, 31),
                &[("window", at(7, 32)), ("desk-a", at(8, 52)), ("shelf", at(8, 54)), ("desk-a", evening_s)],
            )],
        ),
        staff(
            Clothing::Batik,
            1.6,
            vec![visit(at(7, 46), &[("desk-b", at(9, 10))]), visit(at(9, 32), &[("desk-b", evening_s)])],
        ),
        staff(
            Clothing::Wall,
            1.64,
            vec![visit(at(8, 20), &[("desk-c", at(8, 40))]), visit(at(8, 45), &[("desk-c", evening_s)])],
        ),
    ]
}

/// The records room: a search at 08:05, a short look at 08:29, a meeting of two at 09:36; dark between.
fn records_people() -> Vec<PersonSpec> {
    vec![
        staff(
            Clothing::Khaki,
            1.66,
            vec![
                visit(at(8, 5), &[("shelf-a", at(8, 9)), ("shelf-b", at(8, 14)), ("table-a", at(8, 21))]),
                visit(at(9, 36), &[("table-a", at(9, 47))]),
            ],
        ),
        staff(
            Clothing::Dark,
            1.72,
            vec![visit(at(8, 29), &[("shelf-b", at(8, 31))]), visit(at(9, 37), &[("table-b", at(9, 47))])],
        ),
    ]
}

fn records_switches() -> Vec<LampSwitch> {
    let on_off = [(at(8, 5), at(8, 21)), (at(8, 29), at(8, 31)), (at(9, 36), at(9, 47))];
    let after_coming_s = 4.0;
    let before_leaving_s = 5.0;
    on_off
        .into_iter()
        .flat_map(|(on_s, off_s)| {
            [
                LampSwitch { at_s: on_s + after_coming_s, level: 1.0 },
                LampSwitch { at_s: off_s + before_leaving_s, level: 0.0 },
            ]
        })
        .collect()
}
