//! The figures as CSV: UTF-8 with a header, ISO times with their offset, dots in decimals, empty where unknown.

use super::Error;
use super::model::{Detail, Model, RoomReport, Visibility};
use super::save::save;
use crate::lake::durable::create_dir_durably;
use pantau_models::calendar::DayKind;
use pantau_models::kpi::{Day, Kpi, Sums};
use pantau_models::record::GapReason;
use pantau_models::time::UtcMicros;
use std::path::Path;

const ROOM: [&str; 3] = ["district", "agency", "room"];
const ROOMS: [&str; 16] = [
    "cameras",
    "visibility",
    "service_s",
    "observed_s",
    "observed_share",
    "occupied_share",
    "opening_delay_min",
    "never_opened_days",
    "unattended_longest_s",
    "unattended_start",
    "unattended_at_least",
    "people_mean",
    "people_max",
    "activity_mean",
    "presence_episodes",
    "unseen_reason",
];
const DAYS: [&str; 15] = [
    "date",
    "kind",
    "service_s",
    "observed_s",
    "observed_share",
    "occupied_share",
    "first_presence",
    "last_presence",
    "opening_delay_min",
    "unattended_longest_s",
    "people_mean",
    "people_max",
    "activity_mean",
    "rows",
    "unseen_reason",
];
const HOURS: [&str; 9] = [
    "weekday_iso",
    "hour",
    "asked_s",
    "observed_s",
    "observed_share",
    "occupied_share",
    "people_mean",
    "activity_mean",
    "rows",
];

/// Name, columns after the place, rows.
type Table<'a> = (&'static str, &'a [&'a str], Vec<Vec<String>>);

/// Writes `rooms.csv`, `days.csv` and `hours.csv` into the folder `dir`, made if missing. A room whose figures
/// must not be shown has its share seen in `rooms.csv`, and no other row.
pub fn csv(model: &Model, dir: &Path) -> Result<(), Error> {
    create_dir_durably(dir)?;
    let tables: [Table<'_>; 3] = [
        ("rooms.csv", &ROOMS, model.rooms().map(|room| room_cells(room, model)).collect()),
        ("days.csv", &DAYS, shown(model).flat_map(|(room, detail)| days(room, detail, model)).collect()),
        ("hours.csv", &HOURS, shown(model).flat_map(|(room, detail)| hours(room, detail)).collect()),
    ];
    for (table, header, rows) in tables {
        let bytes = bytes(header, &rows).map_err(|source| Error::Csv { table, source })?;
        save(&dir.join(table), &bytes)?;
    }
    Ok(())
}

/// Rooms with figures that may be shown.
pub(super) fn shown(model: &Model) -> impl Iterator<Item = (&RoomReport, &Detail)> {
    model.rooms().filter_map(|room| Some((room, room.detail.as_ref()?)))
}

fn bytes(header: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>, ::csv::Error> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(ROOM.iter().chain(header))?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn place(room: &RoomReport) -> Vec<String> {
    [room.district.as_str(), room.agency.as_str(), room.room.as_str()].map(text).to_vec()
}

/// Spreadsheets run a cell that begins like a formula; an id is never one.
fn text(id: &str) -> String {
    if id.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{id}") } else { id.to_owned() }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{}", (value * 1e4).round() / 1e4 + 0.0))
}

fn kpi(kpi: &Kpi) -> String {
    number(kpi.value)
}

fn reason(reason: Option<GapReason>) -> String {
    reason.map_or_else(String::new, |reason| reason.as_str().to_owned())
}

fn moment(at: Option<UtcMicros>, model: &Model) -> String {
    let Some(at) = at else { return String::new() };
    at.to_timestamp().display_with_offset(model.zone.to_offset(at.to_timestamp())).to_string()
}

fn room_cells(room: &RoomReport, model: &Model) -> Vec<String> {
    let visibility = match room.visibility {
        Visibility::Open => "open",
        Visibility::Allowed(_) => "single_person_allowed",
        Visibility::Hidden(_) => "single_person_hidden",
    };
    let mut row = place(room);
    row.extend([room.cameras.len().to_string(), visibility.to_owned()]);
    let Some(Detail { kpis, episodes, .. }) = &room.detail else {
        row.extend([String::new(), String::new(), kpi(&room.observed)]);
        row.resize(ROOM.len() + ROOMS.len(), String::new());
        return row;
    };
    let spell = kpis.unattended.filter(|_| kpis.unattended_s.value.is_some());
    row.extend([
        number(Some(kpis.sums.asked_s)),
        number(Some(kpis.sums.observed_s)),
        kpi(&kpis.observed),
        kpi(&kpis.occupied),
        kpi(&kpis.opening_delay_min),
        kpis.never_opened_days.to_string(),
        kpi(&kpis.unattended_s),
        moment(spell.map(|spell| spell.span.start), model),
        spell.map_or_else(String::new, |spell| spell.at_least.to_string()),
        kpi(&kpis.people_mean),
        kpi(&kpis.people_max),
        kpi(&kpis.activity_mean),
        episodes.to_string(),
        reason(kpis.observed.reason),
    ]);
    row
}

fn days<'a>(room: &'a RoomReport, detail: &'a Detail, model: &'a Model) -> impl Iterator<Item = Vec<String>> + 'a {
    detail.kpis.days.iter().map(move |day| {
        let mut row = place(room);
        row.extend(day_cells(day, model));
        row
    })
}

fn day_cells(day: &Day, model: &Model) -> Vec<String> {
    let sums = &day.sums;
    let because = day.unseen.dominant();
    let enough = sums.occupied(because).is_enough();
    let spell_s = day.unattended.map_or(0.0, |spell| spell.seen_s);
    vec![
        day.date.to_string(),
        kind(&day.kind).to_owned(),
        number(Some(sums.asked_s)),
        number(Some(sums.observed_s)),
        number(sums.observed_share()),
        kpi(&sums.occupied(because)),
        moment(day.present.map(|span| span.start), model),
        moment(day.present.map(|span| span.end), model),
        number(day.opening_delay_min),
        number(enough.then_some(spell_s)),
        kpi(&sums.people_mean(because)),
        kpi(&sums.people_max(because)),
        kpi(&sums.activity_mean(because)),
        sums.rows.to_string(),
        reason(because),
    ]
}

pub(super) fn kind(kind: &DayKind) -> &'static str {
    match kind {
        DayKind::Service(_) => "service",
        DayKind::Closed => "closed",
        DayKind::Holiday(_) => "holiday",
    }
}

fn hours<'a>(room: &'a RoomReport, detail: &'a Detail) -> impl Iterator<Item = Vec<String>> + 'a {
    let cells = detail.kpis.hours.cells.iter().enumerate();
    let cells =
        cells.flat_map(|(weekday, hours)| hours.iter().enumerate().map(move |(hour, sums)| (weekday, hour, sums)));
    cells.filter(|(_, _, sums)| sums.asked_s > 0.0).map(move |(weekday, hour, sums)| {
        let mut row = place(room);
        row.extend([(weekday + 1).to_string(), hour.to_string()]);
        row.extend(hour_cells(sums));
        row
    })
}

fn hour_cells(sums: &Sums) -> Vec<String> {
    vec![
        number(Some(sums.asked_s)),
        number(Some(sums.observed_s)),
        number(sums.observed_share()),
        kpi(&sums.occupied(None)),
        kpi(&sums.people_mean(None)),
        kpi(&sums.activity_mean(None)),
        sums.rows.to_string(),
    ]
}
