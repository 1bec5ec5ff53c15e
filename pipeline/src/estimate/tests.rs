//! Rows from made-up evidence whose truth is known.

use super::*;
use pantau_models::evidence::{BANDS, Crowd};
use pantau_models::people::Calibration;
use pantau_models::record::{CELLS, EventKind};
use pantau_models::settings::{Polygon, Zone};

const START: i64 = 1_790_000_000 * US_PER_S;

fn sample(at_us: i64, is_moving: bool) -> Evidence {
    let cluster = if is_moving { 8 } else { 0 };
    let moving = if is_moving { 0.1 } else { 0.0 };
    let zone = ZoneEvidence {
        moving,
        intensity: moving,
        cluster,
        supported: is_moving,
        at_border: is_moving,
        live: moving,
        movers: 1.0,
        movers_known: true,
        ..ZoneEvidence::default()
    };
    Evidence {
        at: UtcMicros(START + at_us),
        luma: 100.0,
        quality: Quality::empty(),
        disturbed: false,
        zones: vec![zone],
        cells: [7; CELLS],
    }
}

/// 5 samples a second for `seconds`, somebody moving in `busy`.
fn run(estimator: &mut Estimator, seconds: std::ops::Range<i64>, busy: std::ops::Range<i64>) -> Rows {
    let mut rows = Rows::default();
    for tick in seconds.start * 5..seconds.end * 5 {
        let at_us = tick * US_PER_S / 5;
        let span = Span::new(UtcMicros(START + at_us), UtcMicros(START + at_us + US_PER_S / 5));
        estimator.seen(span, Quality::empty());
        estimator.observe(sample(at_us, busy.contains(&(tick / 5))));
        rows.append(estimator.rows());
    }
    rows
}

fn estimator() -> Estimator {
    Estimator::new(Arc::new(Place { camera: "lobby".into(), ..Place::default() }), &Analysis::default())
}

#[test]
fn a_visit_gives_rows_and_one_episode_of_each_kind() {
    let mut estimator = estimator();
    let mut rows = run(&mut estimator, 3..203, 60..120);
    rows.append(estimator.flush());
    assert_eq!(rows.observations.len(), 21);
    let (first, last) = (&rows.observations[0], &rows.observations[20]);
    assert_eq!((first.observed_s, first.samples, last.observed_s), (7.0, 35, 3.0));
    let seen_s: f32 = rows.observations.iter().map(|row| row.observed_s).sum();
    assert!((seen_s - 200.0).abs() < 1e-3);
    for row in &rows.observations {
        let is_busy = (60..120).contains(&((row.start.0 - START) / US_PER_S));
        assert_eq!(row.presence > 0.5, is_busy, "{row:?}");
        assert_eq!(row.people, Some(if is_busy { 1.0 } else { 0.0 }));
        assert_eq!(row.active_s, if is_busy { 10.0 } else { 0.0 });
        assert_eq!((row.luma, row.cells), (100.0, [7; CELLS]));
    }
    let span = Span::new(UtcMicros(START + 60 * US_PER_S), UtcMicros(START + 120 * US_PER_S));
    let kinds: Vec<_> = rows.events.iter().map(|event| (event.kind, event.span)).collect();
    assert_eq!(kinds, [(EventKind::Motion, span), (EventKind::Presence, span)]);
}

/// Counts one person for each tenth of the first band.
fn tenths() -> Calibration {
    let mut area = [0.0; BANDS];
    area[0] = 10.0;
    let seen = [[0.0, 1.0]; BANDS];
    Calibration {
        labels: 30,
        counts: [0.0, 10.0],
        margin: 1.5,
        area,
        area_seen: seen,
        edge_seen: seen,
        ..Calibration::default()
    }
}

#[test]
fn a_calibrated_view_is_counted_and_its_zones_are_not() {
    let zones = vec![Zone { id: "staff".into(), polygon: Polygon::default() }];
    let analysis = Analysis { people: Some(tenths()), zones, ..Analysis::default() };
    let mut estimator = Estimator::new(Arc::new(Place::default()), &analysis);
    for tick in 0..5 * 60 {
        let at_us = tick * US_PER_S / 5;
        let mut evidence = sample(at_us, true);
        // Looked at every third sample; four people, and eight from the 30th second on.
        let people = if tick < 5 * 30 { 4.0 } else { 8.0 };
        let crowd = Crowd { area: [people / 10.0; BANDS], ..Crowd::default() };
        evidence.zones[0].crowd = (tick % 3 == 0).then_some(crowd);
        evidence.zones[0].movers = 3.0;
        evidence.zones.push(evidence.zones[0]);
        estimator.seen(Span::new(evidence.at, evidence.at.plus_us(US_PER_S / 5)), Quality::empty());
        estimator.observe(evidence);
    }
    let rows = estimator.flush().observations;
    let told = |zone: &str| -> Vec<Option<f32>> {
        rows.iter().filter(|row| row.zone.as_str() == zone).map(|row| row.people).collect()
    };
    let room: Vec<f32> = told("room").into_iter().flatten().collect();
    assert_eq!(room.len(), 6);
    assert!((room[0] - 4.0).abs() < 0.01 && (room[5] - 8.0).abs() < 0.01, "{room:?}");
    assert!((3.9..4.6).contains(&room[2]) && (7.4..8.1).contains(&room[3]), "three seconds of smoothing: {room:?}");
    assert_eq!(told("staff"), [None; 6]);
    let first = &rows[0];
    assert!((first.people_low.unwrap() - 2.5).abs() < 0.01 && (first.people_high.unwrap() - 5.5).abs() < 0.01);
}

#[test]
fn rows_wait_for_the_lag_and_no_longer() {
    let mut estimator = estimator();
    assert!(run(&mut estimator, 0..70, 0..0).observations.is_empty());
    assert_eq!(run(&mut estimator, 70..72, 0..0).observations.len(), 1);
}

#[test]
fn a_stored_state_gives_the_same_rows() {
    let mut whole = estimator();
    let mut expected = run(&mut whole, 0..300, 100..180);
    expected.append(whole.flush());
    let mut first = estimator();
    let mut rows = run(&mut first, 0..137, 100..180);
    let bytes = postcard::to_stdvec(&first).unwrap();
    let mut second: Estimator = postcard::from_bytes(&bytes).unwrap();
    rows.append(run(&mut second, 137..300, 100..180));
    rows.append(second.flush());
    assert_eq!(rows, expected);
}

#[test]
fn each_side_of_a_hole_in_what_is_decoded_speaks_for_half_of_it() {
    let active_s = |effort: Effort, moves: fn(i64) -> bool| {
        let analysis = Analysis { effort, ..Analysis::default() };
        let mut estimator = Estimator::new(Arc::new(Place::default()), &analysis);
        for tick in (0..100).filter(|tick| !(46..50).contains(tick)) {
            let at_us = tick * US_PER_S / 5;
            estimator.seen(Span::new(UtcMicros(START + at_us), UtcMicros(START + at_us + US_PER_S)), Quality::empty());
            estimator.observe(sample(at_us, moves(tick)));
        }
        let rows = estimator.flush().observations;
        let shares = rows.iter().map(|row| (f64::from(row.motion) * 1000.0).round() as i64);
        (rows.iter().map(|row| row.active_s).collect::<Vec<_>>(), shares.collect::<Vec<_>>())
    };
    assert_eq!(active_s(Effort::Adaptive, |tick| tick < 50), (vec![9.5, 0.0], vec![95, 0]));
    assert_eq!(active_s(Effort::Adaptive, |tick| tick >= 50), (vec![0.5, 10.0], vec![5, 100]));
    // A camera that leaves out frames by itself has no such holes.
    assert_eq!(active_s(Effort::Full, |tick| tick < 50), (vec![10.0, 0.0], vec![100, 0]));
}

#[test]
fn what_is_taken_back_was_not_seen() {
    let mut estimator = estimator();
    let mut rows = run(&mut estimator, 0..18, 0..0);
    let lost = |from_s: i64, until_s: i64| {
        Span::new(UtcMicros(START + from_s * US_PER_S), UtcMicros(START + until_s * US_PER_S))
    };
    estimator.seen(lost(18, 24), Quality::empty());
    estimator.unsee(lost(18, 24));
    estimator.unsee(lost(40, 50));
    rows.append(estimator.flush());
    assert_eq!(rows.observations.iter().map(|row| row.observed_s).collect::<Vec<_>>(), [10.0, 8.0]);
}

#[test]
fn unseen_time_is_a_gap_and_never_an_empty_room() {
    let mut estimator = estimator();
    let mut rows = run(&mut estimator, 0..100, 50..100);
    let gap = Span::new(UtcMicros(START + 100 * US_PER_S), UtcMicros(START + 3700 * US_PER_S));
    estimator.unseen(gap, GapReason::NoRecording, "no file");
    rows.append(run(&mut estimator, 3700..3760, 0..0));
    rows.append(estimator.flush());
    assert_eq!(rows.gaps.len(), 1);
    assert!(rows.observations.iter().all(|row| !(gap.start <= row.start && row.start < gap.end)));
    let stays: Vec<_> = rows.events.iter().filter(|event| event.kind == EventKind::Presence).collect();
    assert_eq!((stays.len(), stays[0].span.end), (1, gap.start));
}
