//! What the camera, things and moving furniture do to a picture: where they should, and nowhere else; never to the truth.

use pantau_datasets::labels;
use pantau_datasets::office::Scene;
use pantau_datasets::scenes::{self, person};
use pantau_datasets::spec::{
    Clothing, ExposureStep, FanKind, MoverSpec, RoomKind, SceneSpec, Seconds, ThingKind, ThingSpec, ViewChange,
};
use pantau_datasets::suite::{self, ClipTruth, write_clip};
use pantau_datasets::yuv::Yuv420;

const WIDTH: usize = 320;

/// A small, noiseless scene.
fn still(room: RoomKind) -> SceneSpec {
    let mut spec = SceneSpec::empty("still", room).sized(WIDTH as u32, 180).lasting(600.0);
    spec.noise.sigma = 0.0;
    spec
}

fn frame(scene: &Scene, t_s: f64) -> Yuv420 {
    let mut picture = Yuv420::new(scene.spec().width, scene.spec().height);
    scene.render(t_s, &mut picture);
    picture
}

/// Left, top, right and bottom of what differs by more than 2 grey levels, and how many pixels do.
fn change(a: &Yuv420, b: &Yuv420) -> Option<([usize; 4], usize)> {
    let differs = (0..a.y.len()).filter(|&at| a.y[at].abs_diff(b.y[at]) > 2).collect::<Vec<_>>();
    let columns = || differs.iter().map(|at| at % WIDTH);
    let rows = || differs.iter().map(|at| at / WIDTH);
    let edges = [columns().min()?, rows().min()?, columns().max()?, rows().max()?];
    Some((edges, differs.len()))
}

fn within(inner: [usize; 4], outer: [usize; 4]) -> bool {
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

#[test]
fn a_recipe_without_the_new_ingredients_still_reads_and_means_the_same() {
    let spec = still(RoomKind::Office);
    let mut json = serde_json::to_value(&spec).unwrap();
    let fields = json.as_object_mut().unwrap();
    for name in ["camera", "things", "movers"] {
        assert!(fields.remove(name).is_some(), "{name}");
    }
    assert_eq!(serde_json::from_value::<SceneSpec>(json).unwrap(), spec);
}

#[test]
fn a_left_bag_appears_at_its_place_and_is_nobody() {
    let mut spec = still(RoomKind::Office);
    let bag = ThingSpec { kind: ThingKind::Bag, at_m: [2.0, 3.0], up_m: 0.0, there: Seconds::new(100.0, 200.0) };
    spec.things.push(bag);
    let scene = Scene::new(spec).unwrap();
    assert_eq!(frame(&scene, 10.0), frame(&scene, 99.9));
    assert_eq!(frame(&scene, 10.0), frame(&scene, 200.0), "taken away again");
    let (edges, pixels) = change(&frame(&scene, 99.0), &frame(&scene, 101.0)).unwrap();
    // With its shadow it stays in the open floor left of the desks.
    assert!(within(edges, [100, 115, 185, 165]) && pixels > 150, "{edges:?}, {pixels} pixels");
    assert!(scene.truth().stays.is_empty() && scene.boxes(150.0).is_empty());
}

#[test]
fn a_partition_hides_who_sits_behind_it() {
    let seen = |up_m: Option<f32>| {
        let mut spec = still(RoomKind::Office);
        spec.people.push(person(Clothing::Khaki, 1.66, -60.0, &[("desk-b", 900.0)]));
        let there = Seconds::new(-1.0, 1e6);
        spec.things.extend(up_m.map(|up_m| ThingSpec { kind: ThingKind::Partition, at_m: [4.65, 4.38], up_m, there }));
        Scene::new(spec).unwrap().seen_share_of(0, 300.0)
    };
    let (open, low, high) = (seen(None), seen(Some(1.04)), seen(Some(1.9)));
    assert!(open > low && low >= 0.25, "{open} in the open, {low} behind a low partition");
    assert_eq!(high, 0.0);
}

#[test]
fn a_shaking_camera_moves_everything_by_the_amplitude_at_most_and_boxes_with_it() {
    let mut spec = still(RoomKind::Office);
    spec.people.push(person(Clothing::Khaki, 1.66, -60.0, &[("desk-b", 900.0)]));
    let calm = Scene::new(spec.clone()).unwrap();
    spec.camera.shake = 3.0 / WIDTH as f32;
    let shaken = Scene::new(spec).unwrap();
    assert_eq!(calm.truth(), shaken.truth());
    let mut furthest = 0.0_f32;
    for second in 0..60 {
        let (still, moved) = (&calm.boxes(f64::from(second))[0], &shaken.boxes(f64::from(second))[0]);
        let (right, down) = (moved.x - still.x, moved.y - still.y);
        assert!(right.abs() <= 3.0 && down.abs() <= 3.0, "{right}, {down}");
        furthest = furthest.max(right.abs());
    }
    assert!(furthest > 1.5, "only {furthest} pixels");
    // Where the box says the picture went, the calm picture is found again.
    let t_s = 17.0;
    let by = (shaken.boxes(t_s)[0].x - calm.boxes(t_s)[0].x, shaken.boxes(t_s)[0].y - calm.boxes(t_s)[0].y);
    let (plain, moved) = (frame(&calm, t_s), frame(&shaken, t_s));
    let mean = |dx: isize, dy: isize| {
        let inner = (20..160).flat_map(|y: isize| (20..300).map(move |x: isize| (x, y)));
        let apart = inner.map(|(x, y)| {
            let at = |x: isize, y: isize| y as usize * WIDTH + x as usize;
            u64::from(moved.y[at(x, y)].abs_diff(plain.y[at(x - dx, y - dy)]))
        });
        apart.sum::<u64>() as f64 / (140.0 * 280.0)
    };
    let (dx, dy) = (by.0.round() as isize, by.1.round() as isize);
    let best = (-4..=4)
        .flat_map(|dy| (-4..=4).map(move |dx| (dx, dy)))
        .min_by(|a, b| mean(a.0, a.1).total_cmp(&mean(b.0, b.1)));
    assert_eq!(best, Some((dx, dy)), "boxes moved by {by:?}");
}

#[test]
fn a_turned_camera_sees_the_room_move_and_the_same_people() {
    let mut spec = still(RoomKind::Office);
    spec.people.push(person(Clothing::White, 1.7, -60.0, &[("desk-b", 900.0)]));
    spec.camera.views.push(ViewChange { at_s: 300.0, yaw_deg: 5.0, pitch_deg: 0.0, zoom: 1.0 });
    let scene = Scene::new(spec).unwrap();
    let (before, after) = (&scene.boxes(299.9)[0], &scene.boxes(300.0)[0]);
    assert!((12.0..30.0).contains(&(before.x - after.x)), "{before:?} {after:?}");
    assert_eq!(scene.truth().presence(), [(0.0, 600.0)]);
}

#[test]
fn an_exposure_jump_changes_every_lit_pixel_by_its_gain() {
    let mut spec = still(RoomKind::Records);
    spec.camera.exposure.push(ExposureStep { at_s: 100.0, gain: 0.8, offset: 4.0 });
    let scene = Scene::new(spec).unwrap();
    let (before, after) = (frame(&scene, 99.0), frame(&scene, 101.0));
    for (&a, &b) in before.y.iter().zip(&after.y) {
        let expected = 16.0 + (f32::from(a) - 16.0) * 0.8 + 4.0;
        assert!((f32::from(b) - expected).abs() <= 1.5, "{a} became {b}");
    }
}

#[test]
fn wind_moves_the_window_and_nothing_else() {
    let sways = vec![Seconds::new(100.0, 500.0)];
    for (mover, area, pixels_min) in [
        (MoverSpec::Curtain { sways: sways.clone(), wind: 1.0 }, [205, 15, 310, 95], 300),
        (MoverSpec::Tree { sways, wind: 1.0 }, [205, 15, 310, 80], 300),
    ] {
        let mut spec = still(RoomKind::Office);
        spec.movers.push(mover);
        let scene = Scene::new(spec).unwrap();
        let calm = frame(&scene, 10.0);
        assert_eq!(calm, frame(&scene, 90.0), "moves without wind");
        let largest = (0..20).filter_map(|step| change(&calm, &frame(&scene, 200.0 + 1.7 * f64::from(step))));
        let (edges, pixels) = largest.max_by_key(|(_, pixels)| *pixels).unwrap();
        assert!(within(edges, area) && pixels >= pixels_min, "{edges:?}, {pixels} pixels");
    }
}

#[test]
fn a_fan_that_is_on_changes_its_own_disc_and_one_that_is_off_nothing() {
    for (kind, at_m) in [(FanKind::Stand, [1.6, 1.2, 3.0]), (FanKind::Ceiling, [3.0, 2.3, 3.0])] {
        let mut spec = still(RoomKind::Office);
        spec.movers.push(MoverSpec::Fan { kind, at_m, on: vec![Seconds::new(100.0, 500.0)] });
        let scene = Scene::new(spec).unwrap();
        assert_eq!(frame(&scene, 10.0), frame(&scene, 90.0));
        assert_eq!(frame(&scene, 510.0), frame(&scene, 590.0));
        let (edges, pixels) = change(&frame(&scene, 200.0), &frame(&scene, 202.3)).unwrap();
        let (width, height) = (edges[2] - edges[0], edges[3] - edges[1]);
        assert!(pixels > 20 && width < 90 && height < 60, "{kind:?}: {edges:?}, {pixels} pixels");
        assert!(scene.truth().stays.is_empty());
    }
}

#[test]
fn a_clip_of_the_suite_is_read_back_by_the_loader_of_labels() {
    let folder = tempfile::tempdir().unwrap();
    let mut spec = scenes::walk_through().sized(160, 90).at_fps(2.0).lasting(50.0);
    spec.name = "visits-short".into();
    assert!(write_clip(&spec, folder.path()).unwrap());
    assert!(!write_clip(&spec, folder.path()).unwrap(), "a clip that is there is kept");
    let clips = labels::load_all(folder.path()).unwrap();
    let [clip] = clips.as_slice() else { panic!("{clips:?}") };
    assert_eq!((clip.name.as_str(), clip.frames.len()), ("visits-short", 100));
    let json = std::fs::read(folder.path().join("visits-short").join(suite::TRUTH_FILE)).unwrap();
    let written: ClipTruth = serde_json::from_slice(&json).unwrap();
    assert_eq!(written.spec, spec);
    for (index, frame) in clip.frames.iter().enumerate() {
        assert_eq!(frame.count, Some(written.truth.people_in_view(index as f64 / 2.0)));
        assert_eq!(frame.fg_frac, None);
    }
    assert!(clip.frames.iter().any(|frame| frame.count == Some(1)));
}
