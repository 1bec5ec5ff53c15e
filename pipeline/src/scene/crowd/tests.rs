use super::*;
use crate::diff::KernelLevel;
use pantau_models::settings::Analysis;
use pantau_models::time::US_PER_S;

/// When, how bright, and where people stand.
type Look<'a> = (f64, f32, &'a [(f32, f32)]);

/// A lit wall with people as dark upright boxes; `people` are left edge and foot in shares of width and height.
struct Room {
    width: usize,
    height: usize,
}

impl Room {
    fn grid(&self, gain: f32, people: &[(f32, f32)]) -> (Geometry, Grid, Vec<f32>) {
        let pixel = |x: usize, y: usize| {
            let (fx, fy) = ((x as f32 + 0.5) / self.width as f32, (y as f32 + 0.5) / self.height as f32);
            let is_dark =
                |(left, foot): &(f32, f32)| (*left..left + 0.05).contains(&fx) && (foot - 0.3..*foot).contains(&fy);
            let grey = if people.iter().any(is_dark) { 40.0 } else { 110.0 + 30.0 * fx };
            (grey * gain) as u8
        };
        let (geometry, grid) = Grid::of_grey((self.width, self.height), pixel);
        let mut sums = vec![0.0; MICRO_CELLS];
        for cell_row in 0..MICRO_Y {
            for column in 0..MICRO_X {
                let cell = cell_row * MICRO_X + column;
                for row in geometry.rows()[cell_row]..geometry.rows()[cell_row + 1] {
                    for x in geometry.columns()[column]..geometry.columns()[column + 1] {
                        sums[cell] += f32::from(grid.pixels()[row * geometry.width() + x]);
                    }
                }
                sums[cell] /= geometry.cell_area(cell) as f32;
            }
        }
        (geometry, grid, sums)
    }

    /// What is told of the last of the looks.
    fn last(&self, looks: &[Look<'_>]) -> Crowd {
        let kernel = Kernel::new(KernelLevel::Baseline);
        let mut model = CrowdModel::default();
        let zones = ZoneCells::all(&Analysis::default());
        let mut last = None;
        for (at_s, gain, people) in looks {
            let (geometry, grid, means) = self.grid(*gain, people);
            let at = UtcMicros((at_s * US_PER_S as f64) as i64);
            last = model.look(&kernel, &geometry, &grid, &means, at).map(|cells| cells.of_zone(&zones[0]));
        }
        last.unwrap()
    }
}

fn total(bands: [f32; BANDS]) -> f32 {
    bands.iter().sum::<f32>() / BANDS as f32
}

const SMALL: Room = Room { width: 320, height: 240 };
const TWO: &[(f32, f32)] = &[(0.2, 0.9), (0.6, 0.7)];
const FOUR: &[(f32, f32)] = &[(0.2, 0.9), (0.6, 0.7), (0.4, 0.8), (0.8, 0.8)];

#[test]
fn area_and_edges_grow_with_people_and_lie_in_their_bands() {
    let two = SMALL.last(&[(0.0, 1.0, &[]), (1.0, 1.0, TWO)]);
    let four = SMALL.last(&[(0.0, 1.0, &[]), (1.0, 1.0, FOUR)]);
    let expected = 2.0 * 0.05 * 0.3;
    assert!((total(two.area) / expected - 1.0).abs() < 0.1, "{two:?}");
    for (few, many) in [(two.area, four.area), (two.edge, four.edge)] {
        assert!((total(many) / total(few) - 2.0).abs() < 0.2, "{few:?} {many:?}");
    }
    assert_eq!((two.area[0], two.edge[1]), (0.0, 0.0), "nobody is up there");
}

#[test]
fn the_size_of_the_picture_matters_little() {
    let small = SMALL.last(&[(0.0, 1.0, &[]), (1.0, 1.0, FOUR)]);
    let large = Room { width: 1280, height: 960 }.last(&[(0.0, 1.0, &[]), (1.0, 1.0, FOUR)]);
    for (small, large) in [(small.area, large.area), (small.edge, large.edge)] {
        assert!((total(small) / total(large) - 1.0).abs() < 0.15, "{small:?} {large:?}");
    }
}

#[test]
fn a_lamp_is_no_crowd_and_who_stood_there_at_first_is_forgotten() {
    let lamp = SMALL.last(&[(0.0, 1.0, &[]), (1.0, 1.25, &[])]);
    assert!(total(lamp.area) < 0.005 && total(lamp.edge) < 0.005, "{lamp:?}");
    let looks: Vec<Look<'_>> = (0..40).map(|look| (f64::from(look), 1.0, if look == 0 { TWO } else { &[] })).collect();
    let left = SMALL.last(&looks);
    assert_eq!(total(left.area), 0.0, "{left:?}");
}

#[test]
fn every_level_sees_the_same() {
    let room = Room { width: 1000, height: 750 };
    let seen = KernelLevel::available().into_iter().map(|level| {
        let kernel = Kernel::new(level);
        let mut model = CrowdModel::default();
        let looks = [(0, &[][..]), (1, TWO)].map(|(at_s, people)| {
            let (geometry, grid, means) = room.grid(1.0, people);
            model.look(&kernel, &geometry, &grid, &means, UtcMicros(at_s * US_PER_S))
        });
        (looks, model.background)
    });
    let seen: Vec<_> = seen.collect();
    let [_, Some(people)] = &seen[0].0 else { panic!("two looks") };
    assert!(people.area.iter().any(|area| *area > 0) && people.edge.iter().any(|edge| *edge > 0));
    assert!(seen.iter().all(|other| *other == seen[0]));
}

#[test]
fn looks_are_half_a_second_apart_whatever_the_frame_rate() {
    let kernel = Kernel::new(KernelLevel::Baseline);
    let mut model = CrowdModel::default();
    let (geometry, grid, means) = SMALL.grid(1.0, TWO);
    let mut look = |at_ms: i64| model.look(&kernel, &geometry, &grid, &means, UtcMicros(at_ms * 1000)).is_some();
    let looked: Vec<i64> = (0..25).map(|frame| frame * 40).filter(|&at_ms| look(at_ms)).collect();
    assert_eq!(looked, [0, 480, 960]);
}
