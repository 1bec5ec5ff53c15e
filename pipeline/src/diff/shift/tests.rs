use super::super::KernelLevel;
use super::*;

fn kernel() -> Kernel {
    Kernel::new(KernelLevel::available().pop().unwrap())
}

/// A smooth picture with texture both ways, seen with its content moved by (dx, dy).
fn scene(geometry: &Geometry, dx: f32, dy: f32) -> Grid {
    let mut grid = Grid::new(geometry);
    for y in 0..geometry.height() {
        for x in 0..geometry.width() {
            let (u, v) = (x as f32 - dx, y as f32 - dy);
            let grey = 120.0 + 40.0 * (u / 9.0).sin() + 30.0 * (v / 7.0).cos() + 25.0 * ((u + v) / 23.0).sin();
            grid.pixels[y * geometry.width() + x] = grey.round() as u8;
        }
    }
    grid
}

fn background(grid: &Grid) -> Vec<u16> {
    grid.pixels.iter().map(|pixel| u16::from(*pixel) << 8).collect()
}

#[test]
fn shifts_are_found_to_a_tenth_of_a_pixel() {
    let geometry = Geometry::of(1920, 1080).unwrap();
    let still = background(&scene(&geometry, 0.0, 0.0));
    for (dx, dy) in [(0.4, -0.3), (-0.75, 0.75), (1.6, 0.2), (5.3, -7.7), (-11.0, 3.0)] {
        let found = find_shift(&kernel(), &geometry, &scene(&geometry, dx, dy), &still, &[], true).unwrap();
        assert!((found.dx - dx).abs() < 0.1 && (found.dy - dy).abs() < 0.1, "{found:?} instead of {dx}, {dy}");
    }
}

#[test]
fn every_level_finds_the_same_shift() {
    let geometry = Geometry::of(1000, 750).unwrap();
    let still = background(&scene(&geometry, 0.0, 0.0));
    let moved = scene(&geometry, 2.3, -1.6);
    let found = KernelLevel::available().into_iter().map(|level| {
        let shift = find_shift(&Kernel::new(level), &geometry, &moved, &still, &[], true);
        shift.map(|Shift { dx, dy }| (dx.to_bits(), dy.to_bits()))
    });
    let found: Vec<_> = found.collect();
    assert!(found[0].is_some() && found.iter().all(|shift| *shift == found[0]), "{found:?}");
}

#[test]
fn somebody_large_does_not_pull_the_shift() {
    let geometry = Geometry::of(640, 360).unwrap();
    let still = background(&scene(&geometry, 0.0, 0.0));
    let mut grid = scene(&geometry, 0.8, 0.5);
    for y in 40..160 {
        grid.pixels[y * geometry.width() + 100..][..70].fill(15);
    }
    let found = find_shift(&kernel(), &geometry, &grid, &still, &[], false).unwrap();
    assert!((found.dx - 0.8).abs() < 0.15 && (found.dy - 0.5).abs() < 0.15, "{found:?}");
}

#[test]
fn a_still_view_and_a_plain_one_have_no_shift() {
    let geometry = Geometry::of(640, 360).unwrap();
    let grid = scene(&geometry, 0.0, 0.0);
    assert_eq!(find_shift(&kernel(), &geometry, &grid, &background(&grid), &[], true), None);
    let plain = Grid { pixels: vec![90; geometry.area()], ..grid.clone() };
    assert_eq!(find_shift(&kernel(), &geometry, &plain, &background(&plain), &[], true), None);
}

#[test]
fn a_picture_moved_back_shows_what_it_showed() {
    let geometry = Geometry::of(640, 360).unwrap();
    let mut moved = Grid::default();
    let shift = Shift { dx: -3.25, dy: 2.5 };
    let never_seen = vec![7 << 8; geometry.area()];
    move_back(&geometry, &scene(&geometry, shift.dx, shift.dy), shift, &never_seen, &mut moved);
    let still = scene(&geometry, 0.0, 0.0);
    for y in 5..geometry.height() - 5 {
        for x in 5..geometry.width() - 5 {
            let index = y * geometry.width() + x;
            assert!(moved.pixels[index].abs_diff(still.pixels[index]) <= 2, "at {x}, {y}");
        }
    }
    // Three columns at the left and two rows below come from outside, and one of each beside them in part.
    let (width, height) = (geometry.width(), geometry.height());
    assert!(moved.pixels[width * 100..][..4].iter().all(|pixel| *pixel == 7));
    assert!(moved.pixels[width * (height - 3)..].iter().all(|pixel| *pixel == 7));
    assert!(moved.pixels[..width * (height - 5)].chunks_exact(width).all(|row| row[6] != 7));
}

/// A hash without a pattern over neighbouring places (MurmurHash3's finaliser).
fn mixed(place: u32) -> u32 {
    let mixed = (place ^ place >> 16).wrapping_mul(0x85eb_ca6b);
    let mixed = (mixed ^ mixed >> 13).wrapping_mul(0xc2b2_ae35);
    mixed ^ mixed >> 16
}

/// A plain hall: a door's two upright edges, a skirting board, the noise of a sensor, and somebody in a striped shirt.
fn hall(geometry: &Geometry, dx: f32, dy: f32, seed: u32) -> Grid {
    let mut grid = Grid::new(geometry);
    let ramp = |from: f32, at: f32| ((at - from) / 2.0).clamp(0.0, 1.0);
    for y in 0..geometry.height() {
        for x in 0..geometry.width() {
            let (u, v) = (x as f32 - dx, y as f32 - dy);
            let door = ramp(90.0, u) - ramp(170.0, u);
            let board = ramp(220.0, v) - ramp(226.0, v);
            let noise = mixed(((seed << 10 | y as u32) << 10) | x as u32) % 5;
            grid.pixels[y * geometry.width() + x] = (130.0 - 60.0 * door - 40.0 * board) as u8 + noise as u8;
        }
    }
    grid
}

#[test]
fn few_edges_mostly_upright_tell_a_shift_of_some_pixels_with_somebody_there() {
    let geometry = Geometry::of(640, 480).unwrap();
    let still = background(&hall(&geometry, 0.0, 0.0, 0));
    for (dx, dy) in [(0.3, 0.2), (-2.0, 1.5), (3.5, -2.5), (-4.0, -4.0), (0.0, 3.0)] {
        let mut grid = hall(&geometry, dx, dy, 3);
        for y in 60..geometry.height() {
            let stripe = if y / 6 % 2 == 0 { 40 } else { 200 };
            grid.pixels[y * geometry.width() + 230..][..70].fill(stripe);
        }
        let found = find_shift(&kernel(), &geometry, &grid, &still, &[], false).unwrap();
        assert!((found.dx - dx).abs() < 0.15 && (found.dy - dy).abs() < 0.15, "{found:?} instead of {dx}, {dy}");
    }
}

#[test]
fn faint_walls_that_fit_best_do_not_hide_a_shift() {
    let geometry = Geometry::of(640, 360).unwrap();
    let width = geometry.width();
    let faint = |mut grid: Grid| {
        let right = grid.pixels.chunks_exact_mut(width).flat_map(|row| &mut row[width / 4..]);
        right.for_each(|pixel| *pixel = 90 + *pixel / 2);
        grid
    };
    let still = background(&faint(scene(&geometry, 0.0, 0.0)));
    let found = find_shift(&kernel(), &geometry, &faint(scene(&geometry, -11.0, 3.0)), &still, &[], true).unwrap();
    assert!((found.dx + 11.0).abs() < 0.2 && (found.dy - 3.0).abs() < 0.2, "{found:?}");
}

#[test]
fn text_that_becomes_wider_is_no_shift_and_hides_none() {
    let geometry = Geometry::of(640, 480).unwrap();
    let (width, line) = (geometry.width(), geometry.rows()[1]..geometry.rows()[3]);
    let with_text = |mut grid: Grid, dx: usize| {
        for y in line.clone() {
            for x in 20 + dx..300 {
                grid.pixels[y * width + x] = if ((x - dx) / 3).is_multiple_of(2) { 250 } else { 10 };
            }
        }
        grid
    };
    let still = background(&with_text(hall(&geometry, 0.0, 0.0, 0), 0));
    let written: Vec<bool> = (0..MICRO_Y).map(|row| row < 4).collect();
    let find = |dx, dy, text_dx| {
        let grid = with_text(hall(&geometry, dx, dy, 3), text_dx);
        find_shift(&kernel(), &geometry, &grid, &still, &written, false)
    };
    assert!(find(0.0, 0.0, 2).is_none_or(|shift| shift.length() < 0.1));
    let found = find(1.5, -1.0, 0).unwrap();
    assert!((found.dx - 1.5).abs() < 0.15 && (found.dy + 1.0).abs() < 0.15, "{found:?}");
}
