//! Writes a sample report from made rows, to look at it: `cargo run --release --example report_sample -- FOLDER`.
//!
//! A week of four rooms in two agencies: a lost hour, a holiday, a room that is seen for 40 % of the time, a lamp.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use pantau::report::{GroupBy, Input, Language, SinglePersonRoom, csv, html_file, model, xlsx};
use pantau_models::calendar::{Calendar, Holiday, local_day, utc_of_minute};
use pantau_models::ids::{Place, ZoneId};
use pantau_models::record::{CELLS, Gap, GapReason, Observation, Quality, Recording, RecordingStatus, TimeSource};
use pantau_models::time::{Span, UtcMicros};
use std::path::PathBuf;
use std::sync::Arc;

/// One room's habits.
struct Habits {
    place: Arc<Place>,
    /// Most people.
    people_max: f32,
    /// Minutes after opening at which the first one comes.
    late_min: u64,
    /// Share of ten-minute blocks in which somebody is there.
    presence: f64,
    /// Share of hours that the camera is seen.
    seen: f64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| ".".into()));
    for (language, by, name) in [
        (Language::Id, GroupBy::Room, "room-id"),
        (Language::En, GroupBy::Room, "room-en"),
        (Language::Id, GroupBy::Agency, "agency-id"),
    ] {
        let model = model(input(language, by));
        let page = folder.join(format!("{name}.html"));
        html_file(&model, &page)?;
        xlsx(&model, &folder.join(format!("{name}.xlsx")))?;
        csv(&model, &folder)?;
        println!("{}", page.display());
    }
    Ok(())
}

fn habits() -> Vec<Habits> {
    let room = |agency: &str, district: &str, room: &str| {
        Arc::new(Place {
            site: "kantor".into(),
            district: district.into(),
            agency: agency.into(),
            room: room.into(),
            camera: format!("{agency}-{room}").as_str().into(),
        })
    };
    let habits = |place, people_max, late_min, presence, seen| Habits { place, people_max, late_min, presence, seen };
    vec![
        habits(room("Disdukcapil", "Panakkukang", "Loket 1"), 6.0, 11, 0.93, 1.0),
        habits(room("Disdukcapil", "Panakkukang", "Loket 2"), 4.0, 0, 0.97, 1.0),
        habits(room("DPMPTSP", "Rappocini", "Ruang tunggu"), 14.0, 4, 0.80, 1.0),
        habits(room("DPMPTSP", "Rappocini", "Ruang arsip"), 2.0, 40, 0.30, 0.4),
        habits(room("DPMPTSP", "Rappocini", "Ruang kepala"), 2.0, 20, 0.60, 1.0),
    ]
}

fn input(language: Language, by: GroupBy) -> Input {
    let zone = TimeZone::get("Asia/Makassar").expect("invariant: the zone is bundled");
    let calendar = Calendar {
        holidays: vec![Holiday { date: date(2026, 11, 25), name: "Hari Guru Nasional".to_owned() }],
        ..Calendar::default()
    };
    let dates: Vec<Date> = (23..30).map(|day| date(2026, 11, day)).collect();
    let mut chance = Chance(7);
    let (mut observations, mut gaps) = (Vec::new(), Vec::new());
    for habits in habits() {
        for date in &dates {
            day(*date, &habits, &calendar, &zone, &mut chance, &mut observations, &mut gaps);
        }
    }
    let recordings = habits().iter().map(|habits| recording(habits, &dates, &zone)).collect();
    Input {
        observations: observations.into_iter().collect(),
        gaps,
        events: Vec::new(),
        recordings,
        from: local_day(dates[0], &zone).start,
        to: local_day(dates[6], &zone).end,
        generated_at: local_day(date(2026, 11, 30), &zone).start.plus_s(8.25 * 3600.0),
        by,
        language,
        time_zone: zone,
        calendar,
        single_person_rooms: vec![SinglePersonRoom {
            room: "Ruang kepala".into(),
            allowed: false,
            reason: "satu meja kerja".to_owned(),
        }],
    }
}

/// Rows of one day, from 06:30 to 17:30; weekends and holidays are recorded in the first room only.
fn day(
    date: Date,
    habits: &Habits,
    calendar: &Calendar,
    zone: &TimeZone,
    chance: &mut Chance,
    observations: &mut Vec<Observation>,
    gaps: &mut Vec<Gap>,
) {
    let hours = calendar.hours(date);
    if hours.is_none() && habits.late_min != 11 {
        return;
    }
    let at = |minute| utc_of_minute(date, minute, zone);
    let opening = hours.as_ref().map_or(450, |hours| hours.opening_min()) + habits.late_min as u16;
    let opening = opening.saturating_add_signed((chance.next() * 8.0) as i16 - 4);
    let (mut blind, mut busy) = (false, true);
    let mut people = 1.0_f32;
    for minute in 390_u16..1050 {
        if minute % 60 == 0 {
            blind = chance.next() >= habits.seen;
        }
        // Thursday: the link is down from ten to eleven.
        let lost = habits.late_min == 11 && date.day() == 26 && (600..660).contains(&minute);
        if lost || blind {
            if minute % 60 == 0 {
                let reason = if lost { GapReason::NoLink } else { GapReason::CameraSilent };
                let place = habits.place.clone();
                gaps.push(Gap { span: Span::new(at(minute), at(minute + 60)), place, reason, detail: String::new() });
            }
            continue;
        }
        if minute % 10 == 0 {
            busy = chance.next() < habits.presence;
            people = (people + (chance.next() as f32 - 0.48) * 2.0).clamp(1.0, habits.people_max);
        }
        let closing = hours.as_ref().map_or(0, |hours| hours.closing_min());
        let resting = hours.as_ref().is_some_and(|hours| {
            hours.breaks().iter().any(|range| (range.start_min() + 8..range.end_min() - 5).contains(&minute))
        });
        let present = busy && minute >= opening && minute < closing + 12 && !resting;
        for tick in 0..6 {
            let start = at(minute).plus_s(f64::from(tick) * 10.0);
            let mut row = row(start, habits, present, people, chance);
            if habits.late_min == 4 && (843..845).contains(&minute) {
                row.quality = Quality::LIGHT_CHANGE;
            }
            if habits.late_min == 0 && date.day() == 24 && (555..570).contains(&minute) {
                row.quality = Quality::CAMERA_MOVED;
            }
            observations.push(row);
        }
    }
}

fn row(start: UtcMicros, habits: &Habits, present: bool, people: f32, chance: &mut Chance) -> Observation {
    let wobble = chance.next() as f32;
    let presence = if present { 0.86 + 0.14 * wobble } else { 0.02 + 0.1 * wobble };
    let people = if present { people } else { 0.0 };
    let activity = if present { 5.0 + people * 5.0 * wobble + 15.0 * wobble } else { 0.6 * wobble };
    Observation {
        start,
        duration_s: 10.0,
        place: habits.place.clone(),
        zone: ZoneId::room(),
        observed_s: 10.0,
        samples: 50,
        motion: activity / 400.0,
        motion_peak: activity / 200.0,
        active_s: if present { 4.0 } else { 0.0 },
        activity,
        presence,
        people: Some(people),
        people_low: Some((people - 0.8).max(0.0)),
        people_high: Some(people + 0.3 + people * 0.25),
        luma: 110.0,
        quality: Quality::empty(),
        cells: [0; CELLS],
    }
}

fn recording(habits: &Habits, dates: &[Date], zone: &TimeZone) -> Recording {
    Recording {
        place: habits.place.clone(),
        path: "sample.mp4".to_owned(),
        content_id: "sample".to_owned(),
        span: Span::new(local_day(dates[0], zone).start, local_day(dates[6], zone).end),
        time_source: TimeSource::NvrName,
        codec: "h264".to_owned(),
        width: 1920,
        height: 1080,
        size_bytes: 0,
        frames: 0,
        decode_errors: 0,
        status: RecordingStatus::Done,
        message: String::new(),
        settings_id: "5f1c9a20".to_owned(),
        spent_s: 0.0,
    }
}

/// A small generator of numbers (xorshift64), so that the sample is the same each time.
struct Chance(u64);

impl Chance {
    /// 0..1.
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
