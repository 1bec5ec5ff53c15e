//! The kernels on one 1080p luma plane in cache, at every level of this machine, beside a copy of the plane.

use criterion::{Criterion, criterion_group, criterion_main};
use pantau::decode::Plane;
use pantau::diff::{Blackout, CellSums, Geometry, Grid, Kernel, KernelLevel, Model};
use std::hint::black_box;

const WIDTH: usize = 1920;
const HEIGHT: usize = 1080;

fn picture() -> Vec<u8> {
    let mut state = 7u32;
    (0..WIDTH * HEIGHT)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

fn kernels(criterion: &mut Criterion) {
    let pixels = picture();
    let plane = Plane {
        data: &pixels,
        stride: WIDTH,
        width: WIDTH,
        height: HEIGHT,
        bit_depth: 8,
        low_bits: 0,
        full_range: false,
        colour: None,
        since_key_us: None,
    };
    let geometry = Geometry::of(WIDTH, HEIGHT).expect("1080p has cells");
    let mut group = criterion.benchmark_group("1080p");
    let mut copy = vec![0; pixels.len()];
    group.bench_function("copy", |bencher| bencher.iter(|| copy.copy_from_slice(black_box(&pixels))));
    for level in KernelLevel::available() {
        let mut kernel = Kernel::new(level);
        let (mut grid, mut sums, blackout) = (Grid::new(&geometry), CellSums::default(), Blackout::default());
        let mut model = Model::new(&grid);
        model.step.fill(64);
        group.bench_function(format!("fused/{level}"), |bencher| {
            bencher.iter(|| {
                kernel.fused(&geometry, black_box(&plane), &blackout, 20, &mut grid, &mut model, &mut sums);
            });
        });
        group.bench_function(format!("reduce/{level}"), |bencher| {
            bencher.iter(|| kernel.reduce(&geometry, black_box(&plane), &blackout, &mut grid));
        });
    }
    group.finish();
}

criterion_group!(benches, kernels);
criterion_main!(benches);
