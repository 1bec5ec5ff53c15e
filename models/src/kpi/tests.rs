//! Figures on made rows: what is known, what stays unknown, and that no second counts twice.

use super::*;
use crate::ids::{Place, ZoneId};
use crate::record::{CELLS, Observation, Quality};
use jiff::civil::date;
use proptest::prelude::*;
use std::sync::Arc;

fn at(text: &str) -> UtcMicros {
    UtcMicros::from_timestamp(text.parse().unwrap())
}

fn row(start: UtcMicros, duration_s: f32, observed_s: f32, presence: f32) -> Observation {
    Observation {
        start,
        duration_s,
        place: Arc::new(Place::default()),
        zone: ZoneId::room(),
        observed_s,
        samples: 50,
        motion: 0.0,
        motion_peak: 0.0,
        active_s: 0.0,
        activity: presence * 20.0,
        presence,
        people: None,
        people_low: None,
        people_high: None,
        luma: 100.0,
        quality: Quality::empty(),
        cells: [0; CELLS],
    }
}

/// Rows of 10 s, wholly seen, from `from` to `to` on 2026-11-23 in Makassar.
fn rows(from: &str, to: &str, presence: f32) -> Vec<Observation> {
    let at_local = |clock: &str| at(&format!("2026-11-23T{clock}:00+08:00"));
    let (mut start, end) = (at_local(from), at_local(to));
    let mut out = Vec::new();
    while start < end {
        out.push(row(start, 10.0, 10.0, presence));
        start = start.plus_us(10 * US_PER_S);
    }
    out
}

fn seen(rows: &[Observation]) -> Vec<SeenRow> {
    rows.iter().filter_map(SeenRow::new).collect()
}

fn figures(cameras: &[Vec<Observation>], gaps: &[Gap]) -> RoomKpis {
    let timeline = Timeline::new(&cameras.iter().map(|rows| seen(rows)).collect::<Vec<_>>());
    let zone = TimeZone::get("Asia/Makassar").unwrap();
    let period = local_day(date(2026, 11, 23), &zone);
    RoomKpis::new(&timeline, gaps, Question { period, calendar: &Calendar::default(), zone: &zone })
}

fn gap(from: &str, to: &str, reason: GapReason) -> Gap {
    let at_local = |clock: &str| at(&format!("2026-11-23T{clock}:00+08:00"));
    Gap {
        span: Span::new(at_local(from), at_local(to)),
        place: Arc::new(Place::default()),
        reason,
        detail: String::new(),
    }
}

fn concat(parts: &[Vec<Observation>]) -> Vec<Observation> {
    parts.concat()
}

#[test]
fn an_empty_lake_knows_nothing_and_says_no_zero() {
    let room = figures(&[], &[]);
    assert_eq!(room.observed.value, Some(0.0));
    for kpi in [room.occupied, room.unattended_s, room.people_mean, room.people_max, room.activity_mean] {
        assert_eq!((kpi.value, kpi.rows), (None, 0));
    }
    assert_eq!((room.opening_delay_min.value, room.unattended, room.never_opened_days), (None, None, 0));
}

#[test]
fn one_row_is_not_enough() {
    let room = figures(&[rows("09:00", "09:01", 1.0)[..1].to_vec()], &[]);
    assert_eq!((room.sums.observed_s, room.sums.rows), (10.0, 1));
    assert_eq!(room.occupied.value, None);
    assert!(!room.occupied.is_enough());
}

#[test]
fn gaps_alone_give_the_reason() {
    let gaps = [gap("07:00", "10:00", GapReason::NoLink), gap("10:00", "17:00", GapReason::CameraSilent)];
    let room = figures(&[], &gaps);
    assert_eq!(room.occupied.reason, Some(GapReason::CameraSilent));
    assert_eq!(room.occupied.value, None);
}

#[test]
fn a_gap_where_another_camera_saw_gives_no_reason() {
    let room = figures(&[rows("07:00", "17:00", 1.0)], &[gap("08:00", "09:00", GapReason::NoLink)]);
    assert_eq!((room.observed.reason, room.observed.value), (None, Some(1.0)));
}

#[test]
fn people_known_only_while_nobody_is_there_are_unknown() {
    let day = |counted: Option<f32>| {
        let mut rows = concat(&[rows("07:00", "12:00", 0.0), rows("12:00", "17:00", 0.9)]);
        for row in &mut rows {
            row.people = if row.presence < 0.5 { Some(0.0) } else { counted };
        }
        let room = figures(&[rows], &[]);
        (room.people_mean.value, room.people_max.value)
    };
    assert_eq!(day(None), (None, None));
    let unsure = |presence: f32| {
        let mut rows = rows("07:00", "17:00", presence);
        rows.iter_mut().for_each(|row| row.people = Some(0.0));
        let room = figures(&[rows], &[]);
        (room.people_max.value, room.never_opened_days)
    };
    assert_eq!(unsure(0.4), (None, 0), "somebody for 40 % of the time is not nobody at most");
    assert_eq!(unsure(0.002), (Some(0.0), 1));
    let (mean, most) = day(Some(2.0));
    assert!(mean.is_some_and(|mean| mean > 0.5 && mean < 2.0) && most == Some(2.0), "{mean:?} {most:?}");
}

/// The rows' numbers are `f32`.
fn close(value: Option<f64>, expected: f64) {
    assert!((value.unwrap() - expected).abs() < 1e-6, "{value:?}");
}

#[test]
fn an_ordinary_day() {
    let day = concat(&[
        rows("07:00", "07:41", 0.1),
        rows("07:41", "11:20", 0.9),
        rows("11:20", "11:34", 0.2),
        rows("11:34", "12:00", 0.9),
        rows("12:00", "13:00", 0.0),
        rows("13:00", "17:00", 0.9),
    ]);
    let room = figures(&[day], &[]);
    close(room.observed.value, 1.0);
    // Each interval counts with its probability: a share of the minutes, as the lake's own rows add up.
    close(room.occupied.value, (11.0 * 0.1 + 14.0 * 0.2 + 425.0 * 0.9) / 450.0);
    close(room.opening_delay_min.value, 11.0);
    close(room.opening_clock_min.value, 461.0);
    close(room.unattended_s.value, 14.0 * 60.0);
    let spell = room.unattended.unwrap();
    assert_eq!((spell.span.start, spell.at_least), (at("2026-11-23T11:20:00+08:00"), false));
    let present = room.days[0].present.unwrap();
    assert_eq!((present.start, present.end), (at("2026-11-23T07:41:00+08:00"), at("2026-11-23T17:00:00+08:00")));
    assert_eq!((room.people_mean.value, room.people_max.value), (None, None), "people are unknown, not nought");
    assert_eq!(room.hours.cells[0][12].occupied_s, 0.0);
    close(room.hours.cells[0][11].occupied(None).value, (14.0 * 0.2 + 46.0 * 0.9) / 60.0);
    close(room.hours.cells[0][11].observed_share(), 1.0);
    assert_eq!(room.hours.cells[1][11].asked_s, 0.0);
}

#[test]
fn unseen_time_is_no_unattended_time() {
    let day = concat(&[rows("07:30", "09:00", 0.9), rows("09:00", "09:05", 0.0), rows("10:00", "16:00", 0.9)]);
    let spell = figures(&[day], &[]).unattended.unwrap();
    assert_eq!((spell.seen_s, spell.at_least), (300.0, true));
}

#[test]
fn an_opening_that_nobody_saw_is_unknown() {
    let room = figures(&[rows("08:10", "16:00", 0.9)], &[]);
    assert!(room.occupied.value.is_some(), "91 % were seen");
    assert_eq!((room.opening_delay_min.value, room.days[0].opened), (None, None));
}

#[test]
fn a_day_on_which_nobody_came_is_told() {
    let room = figures(&[rows("07:00", "16:10", 0.0)], &[]);
    assert_eq!((room.never_opened_days, room.opening_delay_min.value), (1, None));
    assert_eq!(room.occupied.value, Some(0.0), "seen and empty is a real nought");
}

#[test]
fn a_room_is_present_where_any_camera_says_so() {
    let room = figures(&[rows("07:30", "16:00", 0.1), rows("07:30", "16:00", 0.8)], &[]);
    close(room.occupied.value, 0.8);
    close(room.observed.value, 1.0);
    assert_eq!(room.sums.observed_s, 450.0 * 60.0);
}

#[test]
fn halves_of_an_interval_from_two_recordings_add_up_and_duplicates_do_not() {
    let start = at("2026-11-23T08:00:00+08:00");
    let halves = figures(&[vec![row(start, 10.0, 4.0, 1.0), row(start, 10.0, 4.0, 0.0)]], &[]);
    assert!((halves.sums.observed_s - 8.0).abs() < 1e-6);
    assert!((halves.sums.occupied_s - 4.0).abs() < 1e-6);
    let twice = figures(&[vec![row(start, 10.0, 10.0, 1.0), row(start, 10.0, 10.0, 1.0)]], &[]);
    assert_eq!((twice.sums.observed_s, twice.sums.rows), (10.0, 2));
}

#[test]
fn nonsense_in_rows_is_left_out() {
    let start = at("2026-11-23T08:00:00+08:00");
    let mut bad = vec![row(start, 0.0, 10.0, 1.0), row(start, f32::NAN, 1.0, 1.0), row(start, 10.0, 10.0, f32::NAN)];
    bad.push(row(start, 10.0, 99.0, 7.0));
    let room = figures(&[bad], &[]);
    assert_eq!((room.sums.observed_s, room.sums.occupied_s, room.sums.rows), (10.0, 10.0, 1));
}

#[test]
fn troubles_become_marks_with_their_length() {
    let mut day = rows("08:00", "09:00", 0.5);
    day[6].quality = Quality::LIGHT_CHANGE;
    day[8].quality = Quality::LIGHT_CHANGE;
    day[300].quality = Quality::COVERED;
    let timeline = Timeline::new(&[seen(&day)]);
    let span = Span::new(day[0].start, day[359].start);
    let marks = marks(&timeline, span);
    assert_eq!(marks.len(), 2, "{marks:?}");
    assert_eq!((marks[0].quality, marks[0].span.seconds()), (Quality::LIGHT_CHANGE, 30.0));
    assert_eq!((marks[1].quality, marks[1].span.start), (Quality::COVERED, day[300].start));
}

#[test]
fn a_bucket_without_sight_is_no_bucket_of_nought() {
    let timeline = Timeline::new(&[seen(&concat(&[rows("08:00", "08:02", 0.4), rows("08:05", "08:06", 1.0)]))]);
    let drawn = buckets(&timeline, Span::new(at("2026-11-23T08:00:00+08:00"), at("2026-11-23T08:08:00+08:00")), 120);
    let presence: Vec<_> = drawn.iter().map(|bucket| bucket.map(|bucket| bucket.presence)).collect();
    assert_eq!(presence, [Some(0.4), None, Some(1.0), None]);
}

prop_compose! {
    fn any_row()(tick in 0_i64..400, duration_s in 1_u8..60, share in 0.0_f32..1.2, presence in 0.0_f32..=1.0)
        -> Observation
    {
        let start = at("2026-11-23T07:00:00+08:00").plus_us(tick * 7 * US_PER_S);
        row(start, f32::from(duration_s), f32::from(duration_s) * share, presence)
    }
}

proptest! {
    #[test]
    fn no_second_counts_twice(first in prop::collection::vec(any_row(), 0..80),
                              second in prop::collection::vec(any_row(), 0..80)) {
        let room = figures(&[first.clone(), second.clone()], &[]);
        prop_assert!(room.sums.observed_s <= room.sums.asked_s + 1e-6);
        prop_assert!(room.sums.occupied_s <= room.sums.observed_s + 1e-6);
        prop_assert!(room.sums.present_s <= room.sums.observed_s + 1e-6);
        if let Some(spell) = room.unattended {
            prop_assert!(spell.seen_s <= spell.span.seconds() + 1e-6);
            prop_assert!(spell.seen_s <= room.sums.observed_s - room.sums.present_s + 1e-6);
        }
        let timeline = Timeline::new(&[seen(&first), seen(&second)]);
        for pair in timeline.slots().windows(2) {
            prop_assert!(pair[0].span.end <= pair[1].span.start);
        }
        for slot in timeline.slots() {
            prop_assert!(slot.observed_s <= slot.span.seconds() + 1e-6);
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(mut rows in prop::collection::vec(any_row(), 0..60)) {
        let forward = figures(&[rows.clone()], &[]).sums;
        rows.reverse();
        let backward = figures(&[rows], &[]).sums;
        prop_assert!((forward.observed_s - backward.observed_s).abs() < 1e-6);
        prop_assert!((forward.occupied_s - backward.occupied_s).abs() < 1e-3);
        prop_assert_eq!(forward.rows, backward.rows);
    }

    #[test]
    fn days_and_hours_add_up_to_the_period(rows in prop::collection::vec(any_row(), 0..80)) {
        let timeline = Timeline::new(&[seen(&rows)]);
        let zone = TimeZone::get("Asia/Kathmandu").unwrap();
        let period = Span::new(at("2026-11-22T20:00:00Z"), at("2026-11-23T07:00:00Z"));
        let hours = HourMap::of(&timeline, period, &zone);
        let cells = || hours.cells.iter().flatten();
        let whole = Sums::of(&timeline, &[period]);
        prop_assert!((cells().map(|cell| cell.asked_s).sum::<f64>() - period.seconds()).abs() < 1e-6);
        prop_assert!((cells().map(|cell| cell.observed_s).sum::<f64>() - whole.observed_s).abs() < 1e-6);
        prop_assert_eq!(cells().map(|cell| cell.rows).sum::<u64>(), whole.rows);
    }
}
