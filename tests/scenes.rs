//! Made rooms with known truth through the whole line: film, decode, scene, estimate, lake. Each test is one of the
//! acceptance cases (AC), or a case that real footage is too short for.

use pantau::archive::{self, Overrides, Request, Tuning, Watcher};
use pantau::config::Config;
use pantau::lake::{Lake, Query};
use pantau_datasets::office::Scene;
use pantau_datasets::scenes;
use pantau_datasets::spec::{Clothing, MoverSpec, RoomKind, SceneSpec, Seconds, ViewChange};
use pantau_datasets::suite::suite;
use pantau_datasets::truth::Truth;
use pantau_models::record::{Event, EventKind, Observation, Quality, RecordingStatus};
use pantau_models::time::{Interval, US_PER_S, UtcMicros};
use std::path::Path;

const START: UtcMicros = UtcMicros(1_790_000_000 * US_PER_S);

struct Silent;

impl Watcher for Silent {
    fn planned(&self, _: u64, _: u64) {}
    fn opened(&self, _: &Path) {}
    fn read(&self, _: u64) {}
    fn analysed(&self, _: f64) {}
    fn finished(&self, _: &Path, _: RecordingStatus, _: &str) {}
    fn say(&self, _: &str) {}
}

struct Seen {
    /// One row a second.
    rows: Vec<Observation>,
    events: Vec<Event>,
    truth: Truth,
}

impl Seen {
    fn of(spec: SceneSpec) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let film = folder.path().join("room.mp4");
        let scene = Scene::new(spec).unwrap();
        scenes::record(&scene, &film, None).unwrap();
        let mut config = Config::parse("", "none").unwrap();
        config.analysis.interval = Interval::from_seconds(1).unwrap();
        let lake = folder.path().join("lake");
        let request = Request {
            inputs: vec![film.display().to_string()],
            lake: lake.clone(),
            config,
            overrides: Overrides { camera: Some("room".into()), start: Some(START), ..Overrides::default() },
            jobs: 2,
            replace: false,
            dry_run: false,
            tuning: Tuning::default(),
        };
        let summary = archive::run(&request, &Silent).unwrap();
        assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
        let lake = Lake::open(&lake).unwrap();
        let rows = lake.observations(&Query::default()).unwrap();
        let events = lake.events(&Query::default()).unwrap();
        Self { rows, events, truth: scene.truth().clone() }
    }

    fn at(&self, second: i64) -> &Observation {
        let start = START.plus_us(second * US_PER_S);
        self.rows.iter().find(|row| row.start == start).unwrap_or_else(|| panic!("no row for second {second}"))
    }

    /// Seconds in `range` that are said present.
    fn present(&self, range: std::ops::Range<i64>) -> usize {
        range.filter(|second| self.at(*second).presence >= 0.5).count()
    }

    fn stays(&self) -> Vec<(i64, i64)> {
        let second = |at: UtcMicros| (at.0 - START.0) / US_PER_S;
        let stays = self.events.iter().filter(|event| event.kind == EventKind::Presence);
        stays.map(|event| (second(event.span.start), second(event.span.end))).collect()
    }

    fn seconds(&self) -> i64 {
        self.truth.duration_s as i64
    }
}

/// AC4: somebody who sits for ten minutes stays present, and leaves when they leave.
#[test]
fn a_seated_person_stays_present() {
    // A white shirt: clothes as grey as the wall behind them are still lost.
    let mut spec = scenes::seated_ten_minutes();
    spec.people[0].clothing = Clothing::White;
    let seen = Seen::of(spec);
    let (enter_s, leave_s) = seen.truth.presence()[0];
    let (enter, leave) = (enter_s.ceil() as i64, leave_s.floor() as i64);
    let present = seen.present(enter..leave);
    assert!(
        present as f64 >= 0.98 * (leave - enter) as f64,
        "{present} of {} s; stays {:?}",
        leave - enter,
        seen.stays()
    );
    assert!(seen.present(0..enter - 2) == 0, "before: {:?}", seen.stays());
    assert!(seen.present(leave + 5..seen.seconds()) == 0, "after: {:?}", seen.stays());
}

/// Somebody who sits there before the recording begins stays present for its first minutes: nothing of the room behind is
/// ever seen.
#[test]
fn somebody_there_from_the_first_picture_stays_present() {
    let mut spec = scenes::seated_ten_minutes();
    spec.people = vec![scenes::person(Clothing::Batik, 1.66, -60.0, &[("desk-b", 5000.0)])];
    spec.duration_s = 700.0;
    let seen = Seen::of(spec);
    let present = seen.present(0..seen.seconds());
    assert!(present as f64 >= 0.99 * seen.seconds() as f64, "{present} s; stays {:?}", seen.stays());
}

/// AC5: an empty room with sensor noise is empty.
#[test]
fn an_empty_room_is_empty() {
    let seen = Seen::of(scenes::empty_noise());
    assert_eq!(seen.present(0..seen.seconds()), 0, "{:?}", seen.stays());
}

/// AC5: rain that runs down the window and tubes that flicker are nobody.
#[test]
fn rain_and_flicker_are_nobody() {
    let seen = Seen::of(scenes::empty_rain_flicker());
    assert!(seen.present(0..seen.seconds()) <= 1, "{:?}", seen.stays());
}

/// AC1: the lamp goes to 75 %, to 125 % and back.
#[test]
fn a_lamp_in_steps_is_nobody() {
    let seen = Seen::of(scenes::lamp_steps());
    assert_eq!(seen.present(0..seen.seconds()), 0, "{:?}", seen.stays());
}

/// A lamp in a dark room goes off and on: nobody came.
#[test]
fn a_lamp_switched_is_nobody() {
    let seen = Seen::of(scenes::lamp_switch());
    assert!(seen.present(0..seen.seconds()) <= 2, "{:?}", seen.stays());
}

/// AC3: clouds that take most of the daylight within minutes are nobody, and nothing moves.
#[test]
fn slow_clouds_are_nobody_and_no_activity() {
    let seen = Seen::of(scenes::slow_clouds().sized(480, 270).at_fps(5.0));
    assert_eq!(seen.present(0..seen.seconds()), 0, "{:?}", seen.stays());
    assert!(seen.rows.iter().all(|row| row.active_s == 0.0));
    let mean = seen.rows.iter().map(|row| row.activity).sum::<f32>() / seen.rows.len() as f32;
    assert!(mean < 0.05, "activity {mean} of 100");
}

/// Who sat down before the camera first looked is part of its background, and gives themselves away all the same.
#[test]
fn who_sits_there_from_the_start_is_seen() {
    let seen = Seen::of(scenes::seated_from_the_start());
    assert_eq!(seen.truth.presence().len(), 1, "all the time");
    assert!(seen.present(0..seen.seconds()) as i64 >= seen.seconds() - 5, "{:?}", seen.stays());
}

/// Exposure that finds no rest is nobody, and hides nobody who comes, sits and leaves meanwhile.
#[test]
fn exposure_that_hunts_is_nobody_and_hides_nobody() {
    let seen = Seen::of(scenes::hunting_exposure().sized(480, 270).at_fps(5.0));
    let (enter_s, leave_s) = seen.truth.presence()[0];
    let (enter, leave) = (enter_s.ceil() as i64, leave_s.floor() as i64);
    assert!(seen.present(enter..leave) as i64 >= leave - enter - 1, "{:?}", seen.stays());
    assert!(seen.present(0..enter - 2) + seen.present(leave + 3..seen.seconds()) <= 1, "{:?}", seen.stays());
    let told = |second| seen.at(second).quality.contains(Quality::LIGHT_CHANGE);
    assert!((45..205).filter(|&second| told(second)).count() > 150 && !(215..seen.seconds()).any(told));
}

/// AC2: a camera goes over to infrared and somebody walks through right after it: seen, and gone when they are gone.
#[test]
fn a_switch_to_infrared_is_nobody_and_hides_nobody() {
    let seen = Seen::of(scenes::infrared_switch());
    let (enter_s, leave_s) = seen.truth.presence()[0];
    let (enter, leave) = (enter_s.ceil() as i64, leave_s.floor() as i64);
    assert_eq!(seen.present(enter..leave) as i64, leave - enter, "{:?}", seen.stays());
    assert!(seen.present(0..enter - 2) <= 1, "before: {:?}", seen.stays());
    assert_eq!(seen.present(leave + 3..seen.seconds()), 0, "after: {:?}", seen.stays());
    let told = |second| seen.at(second).quality.contains(Quality::INFRARED);
    assert!(!(0..60).any(told) && (61..seen.seconds()).all(told), "infrared from the 60th second on");
}

/// AC6: a camera that trembles by three pixels of 640 is nobody once it is known, and its rows say that it trembles.
#[test]
fn a_shaking_camera_is_nobody() {
    let mut spec = scenes::empty_noise();
    spec.camera.shake = 3.0 / 640.0;
    let seen = Seen::of(spec);
    assert_eq!(seen.present(45..seen.seconds()), 0, "{:?}", seen.stays());
    let told = seen.rows.iter().filter(|row| row.quality.contains(Quality::CAMERA_MOVED)).count();
    assert!(told * 10 > seen.rows.len() * 9, "{told} of {} rows", seen.rows.len());
}

/// Somebody seated under a camera that trembles by a pixel of the working grid stays present for most of the time: edges
/// that were moved back differ less than they do.
#[test]
fn somebody_under_a_trembling_camera_stays_present() {
    let spec = suite().into_iter().find(|spec| spec.name == "seated-shaken-khaki-crf30").unwrap();
    let seen = Seen::of(spec);
    let (enter_s, leave_s) = seen.truth.presence()[0];
    let (enter, leave) = (enter_s.ceil() as i64, leave_s.floor() as i64);
    let present = seen.present(enter..leave);
    assert!(present as f64 >= 0.6 * (leave - enter) as f64, "{present} of {} s", leave - enter);
    assert!(seen.present(leave + 5..seen.seconds()) == 0, "after: {:?}", seen.stays());
}

/// A camera that is turned to another view, or knocked and put back, is nobody.
#[test]
fn a_camera_turned_or_knocked_is_nobody() {
    let view = |at_s, yaw_deg, pitch_deg| ViewChange { at_s, yaw_deg, pitch_deg, zoom: 1.0 };
    for views in [vec![view(100.0, 6.0, -2.0)], vec![view(100.0, 0.4, 0.3), view(200.0, 0.0, 0.0)]] {
        let mut spec = SceneSpec::empty("counter", RoomKind::Counter).lasting(300.0);
        spec.camera.views = views;
        let seen = Seen::of(spec);
        assert!(seen.present(0..seen.seconds()) <= 2, "{:?}", seen.stays());
        let moved: Vec<i64> =
            (0..seen.seconds()).filter(|&second| seen.at(second).quality.contains(Quality::CAMERA_MOVED)).collect();
        assert!(moved.iter().any(|second| (100..105).contains(second)), "{moved:?}");
    }
}

/// A tree that sways behind the window is nobody once it is known, and its rows say that it sways.
#[test]
fn a_tree_in_the_wind_is_nobody() {
    let mut spec = scenes::empty_noise().sized(480, 270).at_fps(2.0).lasting(900.0);
    spec.movers = vec![MoverSpec::Tree { sways: vec![Seconds::new(200.0, spec.duration_s)], wind: 1.0 }];
    let seen = Seen::of(spec);
    let learned = 600..seen.seconds();
    assert_eq!(seen.present(learned.clone()), 0, "{:?}", seen.stays());
    assert!(learned.clone().all(|second| seen.at(second).quality.contains(Quality::RESTLESS)));
}

/// A burnt-in clock is nobody.
#[test]
fn a_burnt_in_clock_is_nobody() {
    let seen = Seen::of(scenes::osd_clock());
    let (mut wrong, mut empty) = (0, 0);
    for (second, people) in (0i64..).zip(seen.truth.per_second()).take(seen.rows.len()) {
        if people == 0 {
            empty += 1;
            wrong += usize::from(seen.at(second).presence >= 0.5);
        }
    }
    assert!(empty > 0 && wrong * 50 <= empty, "{wrong} of {empty} empty seconds: {:?}", seen.stays());
}
