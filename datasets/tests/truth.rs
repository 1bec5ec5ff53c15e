//! What the synthetic office promises: frames that depend on the specification and the time alone, and truth that
//! agrees with the pixels.

use pantau_datasets::office::{Scene, SceneError};
use pantau_datasets::scenes;
use pantau_datasets::spec::{SceneSpec, StopSpec, VisitSpec};
use pantau_datasets::truth::PersonBox;
use pantau_datasets::yuv::Yuv420;

fn frame(scene: &Scene, t_s: f64) -> Yuv420 {
    let mut picture = Yuv420::new(scene.spec().width, scene.spec().height);
    scene.render(t_s, &mut picture);
    picture
}

fn small(spec: SceneSpec) -> SceneSpec {
    spec.sized(320, 180)
}

/// The scene with its people and without, both without noise, so that only people and shadows differ.
fn with_and_without_people(mut spec: SceneSpec) -> (Scene, Scene) {
    spec.noise.sigma = 0.0;
    let mut empty = spec.clone();
    empty.people.clear();
    (Scene::new(spec).unwrap(), Scene::new(empty).unwrap())
}

fn holds(person: &PersonBox, x: f32, y: f32, margin_px: f32) -> bool {
    (person.x - margin_px..person.x + person.width + margin_px).contains(&x)
        && (person.y - margin_px..person.y + person.height + margin_px).contains(&y)
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_any_order() {
    let scene = Scene::new(small(scenes::busy_counter())).unwrap();
    let again = Scene::new(small(scenes::busy_counter())).unwrap();
    let times_s = [80.0, 80.2, 12.4, 199.8, 80.0];
    let forward = times_s.map(|t_s| frame(&scene, t_s));
    let mut renderer = again.renderer();
    for (index, &t_s) in times_s.iter().enumerate().rev() {
        let mut picture = Yuv420::new(320, 180);
        renderer.render(t_s, &mut picture);
        assert!(picture == forward[index], "frame at {t_s} s depends on what was rendered before");
    }
    let other = Scene::new(small(scenes::busy_counter()).with_seed(2)).unwrap();
    assert!(frame(&other, 80.0) != forward[0]);
}

#[test]
fn people_change_pixels_inside_their_boxes_and_only_shadows_outside() {
    for (spec, times_s) in [
        (scenes::two_people_one_leaves(), vec![5.0, 60.0, 148.0, 200.0]),
        (scenes::busy_counter(), vec![20.0, 80.0, 150.0]),
        (scenes::walk_through(), vec![24.0, 28.0]),
    ] {
        let (people, empty) = with_and_without_people(small(spec));
        for t_s in times_s {
            let (seen, bare, boxes) = (frame(&people, t_s), frame(&empty, t_s), people.boxes(t_s));
            assert_eq!(boxes.len() as u32, people.truth().people_in_view(t_s));
            let mut changed = vec![0; boxes.len()];
            for (at, (&a, &b)) in seen.y.iter().zip(&bare.y).enumerate() {
                let (x, y) = ((at % 320) as f32 + 0.5, (at / 320) as f32 + 0.5);
                let inside = boxes.iter().enumerate().filter(|(_, person)| holds(person, x, y, 1.5));
                let mut hit = false;
                for (index, _) in inside {
                    changed[index] += usize::from(a.abs_diff(b) > 2);
                    hit = true;
                }
                let beside = || boxes.iter().any(|person| holds(person, x, y, 40.0));
                assert!(hit || a <= b && (a == b || beside()), "{t_s} s: {b} became {a} at {x}, {y}, far from anybody");
            }
            for (person, changed) in boxes.iter().zip(changed) {
                let share = changed as f32 / (person.width * person.height);
                assert!(share > 0.1, "{t_s} s: only {share} of {person:?} differs from the empty room");
            }
        }
    }
}

#[test]
fn nobody_is_drawn_while_nobody_is_in_view() {
    let (people, empty) = with_and_without_people(small(scenes::seated_ten_minutes()));
    let truth = people.truth();
    let [stay] = truth.stays[..] else { panic!("one stay, not {:?}", truth.stays) };
    assert!((30.0..33.0).contains(&stay.enter_s) && (640.0..655.0).contains(&stay.leave_s), "{stay:?}");
    assert_eq!(truth.people_in_view(stay.enter_s - 0.1), 0);
    // A few limbs may show before a quarter of them does; a second earlier nothing may.
    for t_s in [0.0, stay.enter_s - 1.5, stay.leave_s + 1.5, 700.0] {
        assert!(frame(&people, t_s) == frame(&empty, t_s), "somebody is seen at {t_s} s");
    }
    assert_eq!(truth.presence(), [(stay.enter_s, stay.leave_s)]);
}

#[test]
fn seated_people_move_a_little_nearly_all_the_time() {
    let (scene, _) = with_and_without_people(small(scenes::seated_ten_minutes()));
    let frames = (100..400).map(|step| frame(&scene, f64::from(step))).collect::<Vec<_>>();
    let moved = frames
        .windows(2)
        .map(|pair| pair[0].y.iter().zip(&pair[1].y).filter(|(a, b)| a.abs_diff(**b) > 3).count())
        .collect::<Vec<_>>();
    let quiet = moved.iter().filter(|&&pixels| pixels < 5).count();
    let longest = moved.split(|&pixels| pixels >= 5).map(<[usize]>::len).max().unwrap_or(0);
    assert!((20..240).contains(&quiet), "{quiet} of 299 seconds without movement");
    assert!((8..60).contains(&longest), "longest stillness {longest} s");
}

#[test]
fn nobody_jumps_from_place_to_place() {
    for (name, make) in scenes::ALL {
        let scene = Scene::new(make().sized(320, 180)).unwrap();
        for stay in &scene.truth().stays {
            let middle = |t_s: f64| {
                let person = scene.boxes(t_s).into_iter().find(|person| person.person == stay.person)?;
                Some(person.x + person.width / 2.0)
            };
            let mut t_s = stay.enter_s;
            while t_s + 0.2 < stay.leave_s.min(stay.enter_s + 60.0) {
                if let (Some(before), Some(after)) = (middle(t_s), middle(t_s + 0.2)) {
                    assert!((after - before).abs() < 30.0, "{name}: person {} jumps at {t_s} s", stay.person);
                }
                t_s += 0.2;
            }
        }
    }
}

#[test]
fn only_the_clock_changes_where_a_clock_is_burnt_in() {
    let mut spec = small(scenes::osd_clock());
    spec.noise.sigma = 0.0;
    let scene = Scene::new(spec).unwrap();
    let area = scene.clock_area().unwrap();
    let (first, second) = (frame(&scene, 10.0), frame(&scene, 11.0));
    let changed = (0..first.y.len()).filter(|&at| first.y[at] != second.y[at]).collect::<Vec<_>>();
    assert!(!changed.is_empty());
    for at in changed {
        let (x, y) = (at % 320, at / 320);
        assert!((area[0]..area[2]).contains(&x) && (area[1]..area[3]).contains(&y), "pixel {x}, {y}");
    }
}

#[test]
fn wrong_specifications_are_refused_with_a_next_step() {
    let mut spec = scenes::walk_through();
    spec.people[0].visits[0].stops = vec![StopSpec { spot: "roof".into(), until_s: 30.0 }];
    let error = Scene::new(spec).unwrap_err();
    assert!(matches!(error, SceneError::UnknownSpot { .. }) && error.to_string().contains("desk-a"), "{error}");
    let mut spec = scenes::walk_through();
    spec.people[0].visits.push(VisitSpec { enter_s: 21.0, stops: Vec::new() });
    assert!(matches!(Scene::new(spec).unwrap_err(), SceneError::VisitsOverlap { .. }));
    assert!(matches!(Scene::new(scenes::walk_through().sized(321, 180)).unwrap_err(), SceneError::Shape { .. }));
}
