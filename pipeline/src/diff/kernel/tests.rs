//! Every level against the judge, on random sizes, strides, depths, masks and models.

use super::*;
use crate::diff::{MICRO_CELLS, Model};
use proptest::prelude::*;

/// A cheap deterministic source of pixels.
fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect()
}

struct Case {
    geometry: Geometry,
    bytes: Vec<u8>,
    wide: Vec<u8>,
    stride: usize,
    size: (usize, usize),
    model: Model,
    threshold: u8,
}

impl Case {
    fn new(seed: u64, width: usize, height: usize, padding: usize, threshold: u8) -> Self {
        let geometry = Geometry::of(width, height).expect("sizes are at least 48 x 27");
        let stride = width + padding;
        let bytes = noise(seed, stride * height);
        let deep = bytes.iter().zip(noise(seed ^ 77, stride * height)).map(|(&a, b)| u16::from_le_bytes([b, a]) >> 6);
        let wide = deep.flat_map(u16::to_le_bytes).collect();
        let area = geometry.area();
        let background = noise(seed ^ 1, area * 2).as_chunks::<2>().0.iter().map(|&b| u16::from_le_bytes(b)).collect();
        let step = noise(seed ^ 3, MICRO_CELLS * 2).as_chunks::<2>().0.iter().map(|&b| u16::from_le_bytes(b)).collect();
        let model = Model { background, previous: noise(seed ^ 2, area), step };
        Self { geometry, bytes, wide, stride, size: (width, height), model, threshold }
    }

    fn plane(&self, is_wide: bool) -> Plane<'_> {
        let (data, bit_depth) = if is_wide { (&self.wide, 10) } else { (&self.bytes, 8) };
        let stride = self.stride * if is_wide { 2 } else { 1 };
        Plane {
            data,
            stride,
            width: self.size.0,
            height: self.size.1,
            bit_depth,
            low_bits: 0,
            full_range: false,
            colour: None,
            since_key_us: None,
        }
    }

    fn run(&self, level: KernelLevel, is_wide: bool, is_fused: bool, blackout: &Blackout) -> (Grid, Model, CellSums) {
        let mut kernel = Kernel::new(level);
        let (mut grid, mut model, mut sums) = (Grid::new(&self.geometry), self.model.clone(), CellSums::default());
        let plane = self.plane(is_wide);
        if is_fused {
            kernel.fused(&self.geometry, &plane, blackout, self.threshold, &mut grid, &mut model, &mut sums);
        } else {
            kernel.reduce(&self.geometry, &plane, blackout, &mut grid);
            kernel.compare(&self.geometry, &grid, self.threshold, &mut model, &mut sums);
        }
        (grid, model, sums)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_level_measures_the_judge_s_distance(
        seed: u64, width in 48usize..1100, height in 27usize..300, brighter in -255i16..=255,
    ) {
        let geometry = Geometry::of(width, height).expect("sizes are at least 48 x 27");
        let (a, b) = (noise(seed, geometry.area()), noise(seed ^ 5, geometry.area()));
        let run = |level| {
            let mut sums = vec![7; MICRO_CELLS];
            Kernel::new(level).distance(&geometry, &a, &b, brighter, &mut sums);
            sums
        };
        let judged = run(KernelLevel::Scalar);
        for level in KernelLevel::available() {
            prop_assert!(run(level) == judged, "{level}");
        }
    }

    #[test]
    fn every_level_gives_what_the_judge_gives(
        seed: u64, width in 48usize..1100, height in 27usize..300, padding in 0usize..70,
        threshold: u8, is_wide: bool, corner in 0.0f32..1.0,
    ) {
        let case = Case::new(seed, width, height, padding, threshold);
        let mask = pantau_models::settings::Polygon { corners: vec![[0.0, 0.0], [corner, 0.0], [0.0, corner]] };
        let blackout = Blackout::new(&case.geometry, &[mask]);
        let judged = case.run(KernelLevel::Scalar, is_wide, false, &blackout);
        for level in KernelLevel::available() {
            for is_fused in [false, true] {
                prop_assert!(case.run(level, is_wide, is_fused, &blackout) == judged, "{level} fused={is_fused}");
            }
        }
    }
}

#[test]
fn big_and_tall_pictures_are_judged_too() {
    for (width, height) in [(1920, 1080), (3840, 2160), (1919, 1079), (7680, 300), (48, 6000), (64, 16_000)] {
        let case = Case::new(9, width, height, 3, 20);
        let judged = case.run(KernelLevel::Scalar, false, false, &Blackout::default());
        for level in KernelLevel::available() {
            assert!(case.run(level, false, true, &Blackout::default()) == judged, "{level} {width}x{height}");
        }
    }
}

#[test]
fn a_white_picture_overflows_nothing() {
    let mut case = Case::new(5, 48, 9000, 0, 20);
    case.bytes.fill(255);
    case.model.previous.fill(0);
    case.model.background.fill(0);
    let (_, _, sums) = case.run(KernelLevel::available()[1], false, true, &Blackout::default());
    let area = case.geometry.cell_area(0) as u32;
    assert_eq!((sums.luma[0], sums.step[0], sums.foreground[0]), (255 * area, 255 * area, area));
}

#[test]
#[should_panic(expected = "shorter than its size says")]
fn a_short_plane_is_refused() {
    let mut case = Case::new(5, 640, 360, 0, 20);
    case.bytes.pop();
    case.run(KernelLevel::available()[1], false, true, &Blackout::default());
}

#[test]
fn masked_pixels_are_black_before_anything_is_compared() {
    let mut case = Case::new(11, 640, 360, 0, 20);
    case.bytes.fill(200);
    case.model.previous.fill(0);
    case.model.background.fill(0);
    let left = pantau_models::settings::Polygon { corners: vec![[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]] };
    let blackout = Blackout::new(&case.geometry, &[left]);
    let (grid, _, sums) = case.run(KernelLevel::available()[1], false, true, &blackout);
    assert_eq!((grid.pixels[0], grid.pixels[319]), (0, 200));
    assert_eq!((sums.foreground[0], sums.step[0], sums.luma[0]), (0, 0, 0));
    assert!(sums.foreground[MICRO_CELLS - 1] > 0);
}
