//! Whole reports from made rows: what a reader sees, in both languages, and what nobody may see.

use super::*;
use jiff::civil::date;
use jiff::tz::TimeZone;
use pantau_models::calendar::{Calendar, Holiday};
use pantau_models::ids::{Place, ZoneId};
use pantau_models::record::{CELLS, Gap, GapReason, Observation, Quality, Recording, RecordingStatus, TimeSource};
use pantau_models::time::{Span, UtcMicros};
use std::sync::Arc;

fn at(day: i8, clock: &str) -> UtcMicros {
    UtcMicros::from_timestamp(format!("2026-11-{day:02}T{clock}:00+08:00").parse().unwrap())
}

fn place(room: &str) -> Arc<Place> {
    let camera = format!("camera-{room}").as_str().into();
    Arc::new(Place {
        district: "Panakkukang".into(),
        agency: "Disdukcapil".into(),
        room: room.into(),
        camera,
        site: "kantor".into(),
    })
}

/// Rows of a minute, wholly seen.
fn rows(room: &str, day: i8, parts: &[(&str, &str, f32)]) -> Vec<Observation> {
    let place = place(room);
    let mut out = Vec::new();
    for (from, to, presence) in parts {
        let mut start = at(day, from);
        while start < at(day, to) {
            out.push(row(place.clone(), start, *presence));
            start = start.plus_s(60.0);
        }
    }
    out
}

fn row(place: Arc<Place>, start: UtcMicros, presence: f32) -> Observation {
    let people = (presence * 4.0).round();
    Observation {
        start,
        duration_s: 60.0,
        place,
        zone: ZoneId::room(),
        observed_s: 60.0,
        samples: 300,
        motion: 0.0,
        motion_peak: 0.0,
        active_s: 0.0,
        activity: presence * 30.0,
        presence,
        people: Some(people),
        people_low: Some(people),
        people_high: Some(people + 1.0),
        luma: 100.0,
        quality: Quality::empty(),
        cells: [0; CELLS],
    }
}

fn counter() -> Vec<Observation> {
    rows(
        "Loket <1>",
        23,
        &[("07:00", "07:41", 0.0), ("07:41", "11:20", 1.0), ("11:20", "11:34", 0.1), ("11:34", "17:00", 1.0)],
    )
}

fn input(observations: Vec<Observation>) -> Input {
    Input {
        observations: observations.into_iter().collect(),
        gaps: Vec::new(),
        events: Vec::new(),
        recordings: Vec::new(),
        from: at(23, "00:00"),
        to: at(24, "00:00"),
        generated_at: at(30, "08:15"),
        by: GroupBy::Room,
        language: Language::En,
        time_zone: TimeZone::get("Asia/Makassar").unwrap(),
        calendar: Calendar::default(),
        single_person_rooms: Vec::new(),
    }
}

fn page(input: Input) -> String {
    html(&model(input))
}

/// The page as a reader sees it: no tags, one space between words.
fn text(page: &str) -> String {
    let body = page.split_once("<body>").unwrap().1;
    let mut out = String::new();
    for part in body.split('<') {
        out.push(' ');
        out.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    out.replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn assert_says(page: &str, wanted: &[&str]) {
    let text = text(page);
    for wanted in wanted {
        assert!(text.contains(wanted), "no `{wanted}` in: {text}");
    }
}

/// Every tag that opens closes in its order, ids are unique, and nothing is loaded from elsewhere.
fn assert_well_formed(page: &str) {
    const VOID: [&str; 2] = ["meta", "!DOCTYPE"];
    let mut open: Vec<&str> = Vec::new();
    let without_style = page.split_once("<style>").map(|(head, tail)| (head, tail.split_once("</style>").unwrap().1));
    let (head, tail) = without_style.unwrap();
    for part in head.split('<').skip(1).chain(tail.split('<').skip(1)) {
        let (tag, _) = part.split_once('>').unwrap_or_else(|| panic!("unclosed tag: {part}"));
        let name = tag.trim_start_matches('/').split_whitespace().next().unwrap().trim_end_matches('/');
        match (tag.starts_with('/'), tag.ends_with('/') || VOID.contains(&name)) {
            (true, _) => assert_eq!(open.pop(), Some(name), "closing {name}"),
            (false, false) => open.push(name),
            (false, true) => {}
        }
    }
    assert!(open.is_empty(), "still open: {open:?}");
    for outside in ["http:", "https:", "src=", "@import", "<script", "<link"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let ids: Vec<&str> = page.split(" id=\"").skip(1).map(|part| part.split_once('"').unwrap().0).collect();
    let unique: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
}

#[test]
fn a_counter_in_english() {
    let page = page(input(counter()));
    assert_well_formed(&page);
    assert_says(
        &page,
        &[
            "Monday, 23 November 2026",
            "was occupied for 94.8 % of the service hours seen (100 % were seen).",
            "opened at 07:41 on average, 11 minutes late.",
            "The longest unattended spell was 14 minutes in Loket &lt;1&gt;, on Monday, 23 November 2026 at 11:20.",
            "Asia/Makassar (WITA, UTC+08)",
            "Monday 07:30–12:00, 13:00–16:00",
            "Rooms and services are measured, never persons.",
        ],
    );
}

#[test]
fn a_counter_in_indonesian() {
    let page = page(Input { language: Language::Id, ..input(counter()) });
    assert_well_formed(&page);
    assert!(page.contains("<html lang=\"id\">"));
    assert_says(
        &page,
        &[
            "Senin, 23 November 2026",
            "terisi 94,8 % dari jam layanan yang terlihat (100 % terlihat).",
            "rata-rata mulai terisi pukul 07.41, 11 menit setelah jam buka.",
            "14 menit di Loket &lt;1&gt;, pada Senin, 23 November 2026 pukul 11.20.",
            "Yang diukur adalah ruang dan layanan, bukan orang.",
        ],
    );
}

#[test]
fn unseen_time_is_hatched_and_no_presence_is_drawn_over_it() {
    let seen = rows("Loket", 23, &[("07:00", "10:00", 1.0), ("11:00", "17:00", 1.0)]);
    let model = model(input(seen));
    let detail = model.groups[0].rooms[0].detail.as_ref().unwrap();
    let ribbon = &detail.ribbons[0];
    // The window is 06:00 to 17:00 in buckets of two minutes: unseen are 06-07 and 10-11.
    assert_eq!((model.window_min, model.bucket_s, ribbon.buckets.len()), ((360, 1020), 120, 330));
    assert!(ribbon.buckets[..30].iter().chain(&ribbon.buckets[120..150]).all(Option::is_none));
    let page = html(&model);
    let hatch = |x: u32, width: u32| {
        format!("<rect class=\"blind\" x=\"{x}\" width=\"{width}\" height=\"80\" fill=\"url(#unseen)\"/>")
    };
    assert!(page.contains(&hatch(0, 30)) && page.contains(&hatch(120, 30)), "{page}");
    assert!(page.contains("<path class=\"presence\" d=\"M30 38V2H120V38zM150 38V2H330V38z\"/>"));
    assert_says(&page, &["(86 % were seen)"]);
}

#[test]
fn a_room_seen_too_little_is_not_judged_but_told_with_the_reason() {
    let mut input = input(rows("Loket", 23, &[("07:30", "10:00", 1.0)]));
    let span = Span::new(at(23, "10:00"), at(23, "16:00"));
    input.gaps.push(Gap { span, place: place("Loket"), reason: GapReason::NoLink, detail: String::new() });
    let page = page(input);
    assert_well_formed(&page);
    assert_says(
        &page,
        &["Loket was not seen enough to be judged: 33 % of its service hours were seen (link to the camera down)."],
    );
    assert!(!text(&page).contains("was occupied for"));
}

#[test]
fn a_room_with_gaps_alone_and_an_empty_lake_are_answers_too() {
    let nothing = page(input(Vec::new()));
    assert_well_formed(&nothing);
    assert_says(&nothing, &["No room was measured in this period."]);
    let mut dark = input(Vec::new());
    let span = Span::new(at(23, "00:00"), at(24, "00:00"));
    dark.gaps.push(Gap { span, place: place("Loket"), reason: GapReason::CameraSilent, detail: String::new() });
    let dark = page(dark);
    assert_well_formed(&dark);
    assert_says(&dark, &["Loket was not seen enough to be judged: 0 %", "camera sent nothing"]);
    assert_eq!(dark.matches("class=\"presence\"").count(), 1, "the legend's; nothing was seen, nothing is drawn");
}

#[test]
fn a_one_person_room_shows_only_what_was_seen() {
    let mut rows_of_all = counter();
    rows_of_all.extend(rows("Kepala", 23, &[("07:00", "09:13", 1.0), ("09:13", "17:00", 0.0)]));
    let private = |allowed| {
        let reason = "one desk".to_owned();
        let mut input = input(rows_of_all.clone());
        input.by = GroupBy::Agency;
        input.single_person_rooms = vec![SinglePersonRoom { room: "Kepala".into(), allowed, reason }];
        model(input)
    };
    let hidden = private(false);
    let page = html(&hidden);
    assert_well_formed(&page);
    assert_says(&page, &["A room for one person: only the share seen is shown", "Note: one desk"]);
    assert_eq!(page.matches("class=\"ribbon\"").count(), 1, "only the counter is drawn");
    assert!((hidden.groups[0].sums.asked_s - 450.0 * 60.0).abs() < 1e-6, "the group's sums leak nothing");
    let dir = tempfile::tempdir().unwrap();
    csv(&hidden, dir.path()).unwrap();
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
    assert!(!read("days.csv").contains("Kepala") && !read("hours.csv").contains("Kepala"));
    let line = read("rooms.csv").lines().find(|line| line.contains("Kepala")).unwrap().to_owned();
    assert_eq!(line, "Panakkukang,Disdukcapil,Kepala,1,single_person_hidden,,,1,,,,,,,,,,,");
    assert_says(
        &html(&private(true)),
        &["A room for one person, shown by permission: one desk", "Least occupied was Kepala"],
    );
}

#[test]
fn groups_add_seconds_and_not_shares() {
    let mut all = rows("Ramai", 23, &[("07:30", "17:00", 1.0)]);
    all.extend(rows("Sepi", 23, &[("07:30", "15:00", 0.0)]));
    let model = model(Input { by: GroupBy::District, ..input(all) });
    let group = &model.groups[0];
    assert_eq!(group.name.as_deref(), Some("Panakkukang"));
    let rooms: Vec<_> = group.rooms.iter().map(|room| room.room.as_str()).collect();
    assert_eq!(rooms, ["Sepi", "Ramai"], "least occupied first");
    // 450 min occupied of 450 + 390 min seen, where the mean of shares would be 50 %.
    let share = group.sums.occupied(None).value.unwrap();
    assert!((share - 450.0 / 840.0).abs() < 1e-9, "{share}");
    assert_says(&html(&model), &["All rooms of Panakkukang", "On 1 day of service nobody was seen in Sepi."]);
}

#[test]
fn months_keep_two_weeks_of_ribbons_and_say_so() {
    let mut all = Vec::new();
    for day in 1..=28 {
        all.extend(rows("Loket", day, &[("07:00", "17:00", 1.0)]));
    }
    let holiday = Holiday { date: date(2026, 11, 25), name: "Hari Guru".into() };
    let calendar = Calendar { holidays: vec![holiday], ..Calendar::default() };
    let page = page(Input { from: at(1, "00:00"), to: at(29, "00:00"), calendar, ..input(all) });
    assert_well_formed(&page);
    assert_eq!(page.matches("class=\"ribbon\"").count(), 14);
    assert_says(&page, &["The last 14 days with data are shown; 14 days before them", "holiday: Hari Guru"]);
}

#[test]
fn troubles_are_named_beside_the_day() {
    let mut all = counter();
    all[425].quality = Quality::LIGHT_CHANGE;
    let page = page(input(all));
    assert_says(&page, &["1 14:05–14:06 light changed"]);
    assert!(page.contains("class=\"pin\""));
}

#[test]
fn time_after_now_is_not_asked_about() {
    let morning = rows("Loket <1>", 23, &[("07:00", "07:41", 0.0), ("07:41", "12:00", 1.0)]);
    let now = Input { generated_at: at(23, "12:00"), ..input(morning) };
    let model = model(now);
    let detail = model.groups[0].rooms[0].detail.as_ref().unwrap();
    assert_eq!(detail.kpis.sums.asked_s, 270.0 * 60.0);
    assert_eq!(detail.kpis.observed.value, Some(1.0));
    assert_eq!(detail.ribbons[0].buckets.len(), 180, "six hours, nothing drawn and nothing hatched after noon");
}

#[test]
fn a_short_recording_is_drawn_close_up_and_told_although_the_day_cannot_be_judged() {
    let minutes = rows("Loket <1>", 23, &[("08:01", "08:04", 1.0), ("08:04", "08:05", 0.0)]);
    let model = model(input(minutes));
    assert_eq!((model.window_min, model.bucket_s), ((480, 485), 1));
    let ribbon = &model.groups[0].rooms[0].detail.as_ref().unwrap().ribbons[0];
    assert_eq!(ribbon.buckets.iter().filter(|bucket| bucket.is_some()).count(), 240, "four minutes of five");
    let page = html(&model);
    assert_well_formed(&page);
    assert_says(
        &page,
        &[
            "Loket &lt;1&gt; was not seen enough to be judged: &lt; 1 % of its service hours were seen \
             (no recording of the rest).",
            "Of the 4 minutes seen in all, somebody was there for 75.0 %. Most people at once: 4.",
            "08:00 08:01 08:02 08:03 08:04 08:05",
        ],
    );
}

#[test]
fn what_was_seen_on_a_closed_day_is_told() {
    let sunday = rows("Loket <1>", 29, &[("10:00", "10:30", 1.0)]);
    let page = page(Input { from: at(29, "00:00"), to: at(30, "00:00"), ..input(sunday) });
    assert_says(
        &page,
        &["There were no service hours", "Of the 30 minutes seen in all, somebody was there for 100.0 %"],
    );
}

#[test]
fn a_clock_that_lags_behind_the_rows_hides_none_of_them() {
    let lagging = Input { generated_at: at(22, "12:00"), ..input(counter()) };
    let (lagging, right) = (model(lagging), model(input(counter())));
    assert_eq!((lagging.rows, lagging.dates), (right.rows, right.dates));
}

#[test]
fn ten_rooms_for_a_week_stay_below_two_megabytes() {
    let mut all = Vec::new();
    for room in 0..10 {
        for day in 23..30 {
            // The worst case for runs: everything changes every two minutes.
            let mut day_rows = rows(&format!("Ruang {room}"), day, &[("06:00", "18:00", 0.5)]);
            for (index, row) in day_rows.iter_mut().enumerate() {
                row.presence = [0.1, 0.9, 0.4, 0.7][index / 2 % 4];
                row.people = Some([0.0, 3.0, 1.0, 5.0][index / 2 % 4]);
                row.activity = [0.0, 60.0, 5.0, 30.0][index / 2 % 4];
            }
            all.extend(day_rows);
        }
    }
    let page = page(Input { to: at(30, "00:00"), ..input(all) });
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}

#[test]
fn tables_hold_iso_times_and_empty_unknowns() {
    let mut input = input(counter());
    input.observations.extend(rows("Arsip", 23, &[("08:00", "09:00", 1.0)]));
    let dir = tempfile::tempdir().unwrap();
    csv(&model(input), dir.path()).unwrap();
    let days = std::fs::read_to_string(dir.path().join("days.csv")).unwrap();
    let mut lines = days.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let cells = |room: &str| days.lines().find(|line| line.contains(room)).unwrap().split(',').collect::<Vec<_>>();
    let cell =
        |room: &str, name: &str| cells(room)[header.iter().position(|column| *column == name).unwrap()].to_owned();
    assert_eq!(cell("Loket", "first_presence"), "2026-11-23T07:41:00+08:00");
    assert_eq!(cell("Loket", "occupied_share"), "0.9476");
    assert_eq!(cell("Loket", "opening_delay_min"), "11");
    assert_eq!((cell("Arsip", "occupied_share"), cell("Arsip", "observed_s")), (String::new(), "3600".to_owned()));
    assert!(dir.path().join("rooms.csv").exists() && dir.path().join("hours.csv").exists());
}

#[test]
fn a_workbook_is_written_whole_and_a_missing_folder_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.xlsx");
    let model = model(input(counter()));
    xlsx(&model, &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"PK") && bytes.len() > 5_000);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no temp file stays");
    let missing = dir.path().join("none").join("report.xlsx");
    let error = xlsx(&model, &missing).unwrap_err().to_string();
    assert!(error.contains("none") && error.contains("check that the folder exists"), "{error}");
}

#[test]
fn a_calendar_is_configured_in_toml_and_refuses_what_it_does_not_know() {
    let text = r#"
        friday = ["07:30-11:00", "13:30-16:30"]
        saturday = ["08:00-12:00"]
        ramadan = [{ first = "2027-02-08", last = "2027-03-09" }]
        holidays = [{ date = "2026-12-25", name = "Natal" }]
    "#;
    let calendar: Calendar = toml::from_str(text).unwrap();
    assert_eq!(calendar.hours(date(2026, 11, 28)).unwrap().opening_min(), 480);
    assert_eq!(calendar.hours(date(2026, 11, 23)), Calendar::default().hours(date(2026, 11, 23)));
    assert_eq!(calendar.hours(date(2026, 12, 25)), None);
    for (wrong, wanted) in [
        ("fridays = []", "unknown field `fridays`"),
        ("friday = [\"16:00-07:30\"]", "write it as 07:30-12:00"),
        ("holidays = [{ date = \"25 Dec\" }]", "write it as 2026-12-25"),
    ] {
        let error = toml::from_str::<Calendar>(wrong).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_camera_whose_settings_changed_within_the_period_is_named() {
    let recording = |room: &str, hour: u8, settings_id: &str, status: RecordingStatus| Recording {
        place: place(room),
        path: format!("{room}-{hour}.mp4"),
        content_id: format!("{room}-{hour}"),
        span: Span::new(at(23, &format!("{hour:02}:00")), at(23, &format!("{:02}:00", hour + 1))),
        time_source: TimeSource::NvrName,
        codec: "h264".to_owned(),
        width: 640,
        height: 360,
        size_bytes: 1_000_000,
        frames: 18_000,
        decode_errors: 0,
        status,
        message: String::new(),
        settings_id: settings_id.to_owned(),
        spent_s: 10.0,
    };
    let (done, failed) = (RecordingStatus::Done, RecordingStatus::Failed);
    let mut recordings = vec![
        recording("Loket <1>", 8, "aaaa", done),
        recording("Loket <1>", 9, "aaaa", done),
        recording("Loket <1>", 10, "bbbb", failed),
        recording("Arsip", 8, "bbbb", done),
    ];
    let steady = page(Input { recordings: recordings.clone(), ..input(counter()) });
    assert!(
        !text(&steady).contains("Settings changed"),
        "two cameras may differ, and a failed recording has no figures"
    );
    recordings.push(recording("Loket <1>", 11, "bbbb", RecordingStatus::Partial));
    let changed = page(Input { recordings, ..input(counter()) });
    assert_says(&changed, &["changed within this period for camera-Loket &lt;1&gt;: compare", "Settings changed"]);
    assert!(!text(&changed).contains("for camera-Arsip"));
}

#[test]
fn a_day_of_a_clock_change_is_drawn_whole() {
    // New York, 1 November 2026: 25 hours. Service from midnight, so that the repeated hour is in the window.
    let zone = TimeZone::get("America/New_York").unwrap();
    let moment = |text: &str| UtcMicros::from_timestamp(text.parse().unwrap());
    let (from, to) = (moment("2026-11-01T04:00:00Z"), moment("2026-11-02T05:00:00Z"));
    let calendar = Calendar { sunday: vec!["00:00-24:00".parse().unwrap()], ..Calendar::default() };
    let place = place("Loket");
    let all = (0..25 * 60).map(|minute| row(place.clone(), from.plus_s(f64::from(minute) * 60.0), 1.0)).collect();
    let model = model(Input { from, to, time_zone: zone, calendar, ..input(all) });
    let detail = model.groups[0].rooms[0].detail.as_ref().unwrap();
    assert_eq!((detail.kpis.sums.asked_s, detail.kpis.sums.observed_s), (25.0 * 3600.0, 25.0 * 3600.0));
    assert_eq!(detail.kpis.hours.cells[6][1].asked_s, 7200.0, "one o'clock came twice");
    assert!(detail.ribbons[0].buckets.iter().all(Option::is_some));
    assert_well_formed(&html(&model));
}
