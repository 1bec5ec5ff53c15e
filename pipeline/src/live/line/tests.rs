//! Lines without cameras: made pictures at made times.

use super::*;
use crate::config::Config;
use crate::lake::Query;
use crate::live::camera::WatchedCamera;
use pantau_models::record::{Gap, Observation, TimeSource};
use std::collections::BTreeSet;
use std::path::Path;

const S: i64 = US_PER_S;
/// 2026-11-23T08:00:30Z: part of an interval.
const START: UtcMicros = UtcMicros(1_795_420_830_000_000);
const PUBLISH_US: i64 = 30 * S;

struct Bench {
    dir: tempfile::TempDir,
    camera: Arc<WatchedCamera>,
}

impl Bench {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), camera: camera("") }
    }

    fn line(&self, second: i64) -> Line {
        let store = Store {
            lake: Lake::open_for_writing(self.dir.path()).unwrap(),
            journal: Arc::new(Mutex::new(Journal::open_live(self.dir.path()).unwrap().0)),
        };
        Line::open(KernelLevel::Scalar, self.camera.clone(), store, at(second)).unwrap()
    }

    fn observations(&self) -> Vec<Observation> {
        Lake::open(self.dir.path()).unwrap().observations(&Query::default()).unwrap()
    }

    fn gaps(&self) -> Vec<Gap> {
        Lake::open(self.dir.path()).unwrap().gaps(&Query::default()).unwrap()
    }

    /// No interval has two rows, no gaps overlap; seconds seen and seconds told as gaps.
    fn account(&self) -> (f64, f64) {
        let rows = self.observations();
        let starts: BTreeSet<UtcMicros> = rows.iter().map(|row| row.start).collect();
        assert_eq!(starts.len(), rows.len(), "an interval has two rows");
        let gaps = self.gaps();
        assert!(gaps.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "{gaps:?}");
        let seen_s: f64 = rows.iter().map(|row| f64::from(row.observed_s)).sum();
        (seen_s, gaps.iter().map(|gap| gap.span.seconds()).sum())
    }
}

fn camera(analysis: &str) -> Arc<WatchedCamera> {
    let text = format!("{analysis}[[camera]]\nid = \"c\"\nurl = \"rtsp://127.0.0.1/c\"\n");
    let config = Config::parse(&text, Path::new("pantau.toml").to_str().unwrap()).unwrap();
    Arc::new(WatchedCamera::of(&config, &config.cameras[0]).unwrap().unwrap())
}

fn at(second: i64) -> UtcMicros {
    START.plus_us(second * S)
}

/// Feeds five frames a second of a grey room with a block that moves, and keeps the line as its worker would.
fn watch(line: &mut Line, seconds: std::ops::Range<i64>) {
    const WIDTH: usize = 160;
    const HEIGHT: usize = 96;
    for second in seconds {
        for frame in 0..5 {
            let mut data = vec![100_u8; WIDTH * HEIGHT];
            let (left, top) = ((second * 7 % 120) as usize, 30 + (frame * 3) as usize);
            for row in top..top + 24 {
                data[row * WIDTH + left..][..16].fill(190);
            }
            let plane = Plane::grey(&data, WIDTH, HEIGHT);
            line.frame(at(second).plus_us(frame * S / 5), &plane, Quality::empty());
        }
        line.keep(second * S, at(second + 1), PUBLISH_US).unwrap();
    }
}

#[test]
fn an_hour_gives_its_rows_in_parts_that_share_none() {
    let bench = Bench::new();
    let mut line = bench.line(0);
    watch(&mut line, 0..3700);
    line.close(at(3700)).unwrap();
    let (seen_s, gap_s) = bench.account();
    assert!((3698.0..=3700.0).contains(&seen_s) && gap_s < 1.0, "{seen_s} {gap_s}");
    let recordings = Lake::open(bench.dir.path()).unwrap().recordings(&Query::default()).unwrap();
    assert_eq!(recordings.len(), 2, "one for each hour of the clock");
    assert!(recordings.iter().all(|recording| recording.time_source == TimeSource::Live));
    let noted = Journal::read_live(bench.dir.path()).unwrap();
    assert_eq!(noted.len(), 2, "each hour is noted at its end, the last one on the stop");
}

#[test]
fn a_killed_worker_loses_seconds_and_goes_on_in_the_same_part() {
    let bench = Bench::new();
    let mut killed_s = 0;
    for round in 0..6 {
        let down_s = if round > 0 { 3 } else { 0 };
        let mut line = bench.line(killed_s + down_s);
        watch(&mut line, killed_s + down_s..killed_s + 47);
        killed_s += 47;
        // Dropped without a word, as kill -9 does; what waits in memory is lost.
    }
    let mut line = bench.line(killed_s + 3);
    watch(&mut line, killed_s + 3..killed_s + 20);
    line.close(at(killed_s + 20)).unwrap();
    let (seen_s, gap_s) = bench.account();
    let all_s = (killed_s + 20) as f64;
    assert!((seen_s + gap_s - all_s).abs() < 2.0, "{seen_s} seen, {gap_s} gaps, of {all_s}");
    // Each kill: 3 s of standing still, 2 s that were not flushed, 5 s that the scene had not judged.
    assert!(gap_s <= 6.0 * (3.0 + 2.0 + 5.0), "{gap_s}");
    assert!(bench.gaps().iter().all(|gap| gap.reason == GapReason::Paused), "{:?}", bench.gaps());
    let present = bench.observations().iter().filter(|row| row.presence > 0.5).count();
    assert!(present >= bench.observations().len() - 2);
}

#[test]
fn rows_after_a_clean_restart_are_those_of_a_run_without() {
    let (whole, cut) = (Bench::new(), Bench::new());
    let mut line = whole.line(0);
    watch(&mut line, 0..300);
    line.close(at(300)).unwrap();
    let mut line = cut.line(0);
    watch(&mut line, 0..125);
    line.close(at(125)).unwrap();
    drop(line);
    let mut line = cut.line(125);
    watch(&mut line, 125..300);
    line.close(at(300)).unwrap();
    let (whole, cut) = (whole.observations(), cut.observations());
    assert_eq!(whole.len(), cut.len());
    for (a, b) in whole.iter().zip(&cut) {
        assert_eq!((a.start, a.presence), (b.start, b.presence));
        // The last samples before the stop were judged without those after it.
        let is_cut = Span::new(a.start, a.start.plus_s(10.0)).intersection(&Span::new(at(119), at(131))).is_some();
        let most = if is_cut { 0.05 * a.activity } else { 0.0 };
        assert!((a.activity - b.activity).abs() <= most, "{} {} {}", a.start, a.activity, b.activity);
        assert!((a.observed_s - b.observed_s).abs() <= 0.21, "the first frame after the start has none before it");
    }
}

#[test]
fn darkness_is_a_gap_with_its_first_reason_and_is_told_before_it_ends() {
    let bench = Bench::new();
    let mut line = bench.line(0);
    watch(&mut line, 0..60);
    line.go_dark(Dark { reason: GapReason::NoLink, detail: "the stream ended".to_owned() });
    line.go_dark(Dark { reason: GapReason::CameraSilent, detail: "comes of it".to_owned() });
    for second in 60..560 {
        line.keep(second * S, at(second), PUBLISH_US).unwrap();
    }
    let told = bench.gaps();
    assert!(!told.is_empty() && told.iter().all(|gap| gap.reason == GapReason::NoLink), "{told:?}");
    assert_eq!(bench.observations().len(), 6, "the rows before it are final");
    watch(&mut line, 600..660);
    line.close(at(660)).unwrap();
    let (seen_s, gap_s) = bench.account();
    assert!((seen_s - 120.0).abs() < 1.0 && (gap_s - 540.0).abs() < 1.0, "{seen_s} {gap_s}");
}

#[test]
fn darkness_within_a_long_interval_gives_it_no_second_row() {
    let mut bench = Bench::new();
    bench.camera = camera("[analysis]\ninterval_s = 900\n");
    let mut line = bench.line(0);
    watch(&mut line, 0..60);
    line.go_dark(Dark { reason: GapReason::NoLink, detail: String::new() });
    for second in 60..400 {
        line.keep(second * S, at(second), PUBLISH_US).unwrap();
    }
    watch(&mut line, 400..500);
    line.close(at(500)).unwrap();
    let (seen_s, gap_s) = bench.account();
    assert_eq!(bench.observations().len(), 1);
    assert!((seen_s - 160.0).abs() < 1.0 && (gap_s - 340.0).abs() < 1.0, "{seen_s} {gap_s}");
}

#[test]
fn other_settings_begin_a_part_of_their_own_and_share_no_interval() {
    let mut bench = Bench::new();
    let mut line = bench.line(0);
    watch(&mut line, 0..63);
    line.close(at(63)).unwrap();
    drop(line);
    bench.camera = camera("[analysis]\ninterval_s = 60\n");
    let mut line = bench.line(64);
    watch(&mut line, 64..240);
    line.close(at(240)).unwrap();
    let rows = bench.observations();
    assert!(rows.iter().any(|row| row.duration_s == 10.0) && rows.iter().any(|row| row.duration_s == 60.0));
    let mut spans: Vec<Span> =
        rows.iter().map(|row| Span::new(row.start, row.start.plus_s(row.duration_s.into()))).collect();
    spans.sort();
    assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start), "{spans:?}");
}

#[test]
fn a_clock_set_forward_is_a_gap() {
    let bench = Bench::new();
    let mut line = bench.line(0);
    watch(&mut line, 0..60);
    line.note_step(Step::Forward(3600 * S));
    watch(&mut line, 3660..3700);
    line.close(at(3700)).unwrap();
    let gaps = bench.gaps();
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].reason, GapReason::Paused);
    assert!(gaps[0].detail.contains("set forward by 3600 s"), "{}", gaps[0].detail);
}
