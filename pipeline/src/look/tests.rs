//! What is masked is neither drawn nor looked at.

use super::footage::blacken;
use super::{LookError, Request, run};
use crate::decode::Plane;
use crate::diff::{Geometry, Kernel, KernelLevel};
use crate::ingest::fixtures::Footage;
use crate::scene::Scene;
use pantau_models::evidence::Evidence;
use pantau_models::settings::{Analysis, Polygon, Zone};
use pantau_models::time::UtcMicros;
use proptest::prelude::*;
use std::{fs, io};

const WIDTH: usize = 193;
const HEIGHT: usize = 110;

fn rectangle(x0: f32, y0: f32, x1: f32, y1: f32) -> Polygon {
    Polygon { corners: vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]] }
}

/// A textured wall; `inside` paints the pixels whose middle lies in the mask, the rest moves by itself.
fn frame(mask: &Polygon, number: usize, inside: impl Fn(usize, usize) -> u8) -> Vec<u8> {
    let mut picture = Vec::with_capacity(WIDTH * HEIGHT);
    for index in 0..WIDTH * HEIGHT {
        let (x, y) = (index % WIDTH, index / WIDTH);
        let walker = (40 + 2 * number..60 + 2 * number).contains(&x) && (30..100).contains(&y);
        let is_inside = mask.contains((x as f32 + 0.5) / WIDTH as f32, (y as f32 + 0.5) / HEIGHT as f32);
        picture.push(match (is_inside, walker) {
            (true, _) => inside(x, y),
            (false, true) => 200,
            (false, false) => 80 + (x * 7 + y * 13) as u8 % 24,
        });
    }
    picture
}

fn evidence(mask: &Polygon, inside: impl Fn(usize, usize, usize) -> u8) -> Vec<Evidence> {
    let mut scene = Scene::new(Analysis { masks: vec![mask.clone()], ..Analysis::default() });
    let mut kernel = Kernel::new(KernelLevel::choose().unwrap());
    let mut told = Vec::new();
    for number in 0..30 {
        let data = frame(mask, number, |x, y| inside(number, x, y));
        let plane = Plane::grey(&data, WIDTH, HEIGHT);
        told.extend(scene.observe_plane(&mut kernel, UtcMicros(number as i64 * 200_000), &plane));
    }
    told.extend(scene.flush());
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_happens_behind_a_mask_changes_no_evidence(
        corners in proptest::collection::vec([0.0f32..1.0, 0.0f32..1.0], 3..6),
        seed in 0usize..1000,
    ) {
        let mask = Polygon { corners };
        let empty = evidence(&mask, |_, _, _| 0);
        let busy = evidence(&mask, |number, x, y| (number * 89 + x * 31 + y * 57 + seed) as u8);
        prop_assert_eq!(empty.len(), 30);
        prop_assert_eq!(empty, busy);
    }
}

#[test]
fn the_drawn_picture_is_black_behind_masks_to_its_last_row_and_column() {
    let geometry = Geometry::of(963, 543).unwrap();
    let masks = [rectangle(0.9, 0.9, 1.0, 1.0), rectangle(0.1, 0.1, 0.2, 0.3)];
    let mut picture = vec![77; 963 * 543];
    blacken(&mut picture, &geometry, 963, 543, &masks);
    for (index, &grey) in picture.iter().enumerate() {
        let (x, y) = ((index % 963) as f32 + 0.5, (index / 963) as f32 + 0.5);
        let is_inside = masks.iter().any(|mask| mask.contains(x / 963.0, y / 543.0));
        assert!(grey == 0 || !is_inside, "{x} {y}");
    }
    assert!(picture.iter().filter(|grey| **grey == 77).count() > picture.len() * 9 / 10);
}

#[test]
fn a_picture_with_zones_and_masks_is_written_and_masked_parts_stay_black() {
    let footage = Footage::new();
    let clip = footage.encode("clip.mp4", 3, "-c:v libx264 -pix_fmt yuv420p");
    let analysis = Analysis {
        zones: vec![Zone { id: "desk".into(), polygon: rectangle(0.1, 0.1, 0.4, 0.9) }],
        masks: vec![rectangle(0.5, 0.0, 1.0, 0.5)],
        ..Analysis::default()
    };
    let request = Request { clip, camera: "c1".into(), analysis, at_s: Some(1.5) };
    let out = footage.path("look.png");
    let looked = run(&request, &out).unwrap();
    assert!((looked.at_s - 1.6).abs() < 0.11, "{looked:?}");
    let mut reader = png::Decoder::new(io::BufReader::new(fs::File::open(&out).unwrap())).read_info().unwrap();
    let mut samples = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut samples).unwrap();
    assert_eq!(reader.info().width, 1280);
    let green = |x: usize, y: usize| samples[3 * (y * 1280 + x) + 1];
    // Well inside the mask, away from its outline and its name: nothing but the faint grid on black.
    let brightest = (980..1260).flat_map(|x| (20..200).map(move |y| (x, y))).map(|(x, y)| green(x, y));
    assert!(brightest.max().unwrap() < 50);
    let left = (200..400).flat_map(|x| (700..900).map(move |y| (x, y))).map(|(x, y)| green(x, y));
    assert!(left.max().unwrap() > 100);
}

#[test]
fn a_moment_after_the_end_is_refused_with_the_end() {
    let footage = Footage::new();
    let clip = footage.encode("clip.mp4", 2, "-c:v libx264 -pix_fmt yuv420p");
    let request = Request { clip, camera: "c1".into(), analysis: Analysis::default(), at_s: Some(9.0) };
    let error = run(&request, &footage.path("look.png")).unwrap_err();
    assert!(matches!(error, LookError::Beyond { .. }) && error.to_string().contains("ends at 2.0 s"), "{error}");
    assert!(!footage.path("look.png").exists());
}
