//! The figures as a workbook: summary, days, hours, definitions; real dates and numbers, empty where unknown.

use super::csv::shown;
use super::html::basis;
use super::model::{Detail, Model, RoomReport, Visibility};
use super::notation::Notation;
use super::save::save;
use super::{Error, Words};
use jiff::civil::{Date, DateTime};
use pantau_models::calendar::DayKind;
use pantau_models::kpi::{Day, Sums};
use pantau_models::time::UtcMicros;
use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use std::path::Path;

/// A4 in the workbook format's list of papers.
const PAPER_A4: u8 = 9;
/// Columns that say where a room is.
const PLACE_COLUMNS: usize = 3;

/// Writes the workbook to `path`. A room whose figures must not be shown has its share seen, and nothing else.
pub fn xlsx(model: &Model, path: &Path) -> Result<(), Error> {
    let bytes = workbook(model).map_err(|source| Error::Xlsx { path: path.to_owned(), source })?;
    save(path, &bytes)
}

fn workbook(model: &Model) -> Result<Vec<u8>, XlsxError> {
    let notation = Notation::new(model.language, model.zone.clone());
    let words = notation.words;
    let formats = Formats::new();
    let mut book = Workbook::new();
    let rooms = model.rooms().map(|room| summary_row(room, &notation)).collect();
    sheet(book.add_worksheet(), words.sheet_summary, &summary_columns(words), rooms, &formats)?;
    let days = shown(model).flat_map(|(room, detail)| detail.kpis.days.iter().map(move |day| (room, day)));
    let days = days.map(|(room, day)| day_row(room, day, model, &notation)).collect();
    sheet(book.add_worksheet(), words.sheet_days, &day_columns(words), days, &formats)?;
    let hours = shown(model).flat_map(|(room, detail)| hour_rows(room, detail, words)).collect();
    sheet(book.add_worksheet(), words.sheet_hours, &hour_columns(words), hours, &formats)?;
    let definitions = definitions(model, &notation);
    sheet(book.add_worksheet(), words.sheet_definitions, &[(words.note, 34), ("", 110)], definitions, &formats)?;
    book.save_to_buffer()
}

/// A title and a width in characters.
type Column = (&'static str, u8);

enum Cell {
    Text(String),
    Share(Option<f64>),
    Number(Option<f64>),
    Count(u64),
    Date(Date),
    /// Local time: spreadsheets know no zones.
    Time(Option<DateTime>),
}

struct Formats {
    header: Format,
    text: Format,
    share: Format,
    number: Format,
    count: Format,
    date: Format,
    time: Format,
}

impl Formats {
    fn new() -> Self {
        let with = |code: &str| Format::new().set_num_format(code).set_align(FormatAlign::Top);
        Self {
            header: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Top)
                .set_background_color(Color::RGB(0x00F3_F0E8)),
            text: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            share: with("0.0%"),
            number: with("0.0"),
            count: with("#,##0"),
            date: with("yyyy-mm-dd"),
            time: with("yyyy-mm-dd hh:mm"),
        }
    }
}

fn sheet(
    sheet: &mut Worksheet,
    name: &str,
    columns: &[Column],
    rows: Vec<Vec<Cell>>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?.set_freeze_panes(1, 0)?.set_landscape().set_paper_size(PAPER_A4);
    sheet.set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    for (column, (title, width)) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, column, *title, &formats.header)?;
        sheet.set_column_width(column, *width)?;
    }
    let last = rows.len() as u32;
    for (row, cells) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            write(sheet, row, column, cell, formats)?;
        }
    }
    if last > 0 && columns.len() > 2 {
        sheet.autofilter(0, 0, last, columns.len() as u16 - 1)?;
    }
    Ok(())
}

/// An unknown value leaves its cell empty.
fn write(sheet: &mut Worksheet, row: u32, column: u16, cell: Cell, formats: &Formats) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) => sheet.write_string_with_format(row, column, text, &formats.text)?,
        Cell::Share(Some(share)) => sheet.write_number_with_format(row, column, share, &formats.share)?,
        Cell::Number(Some(number)) => sheet.write_number_with_format(row, column, number, &formats.number)?,
        Cell::Count(count) => sheet.write_number_with_format(row, column, count as f64, &formats.count)?,
        Cell::Date(date) => {
            sheet.write_datetime_with_format(row, column, excel(date.at(0, 0, 0, 0))?, &formats.date)?
        }
        Cell::Time(Some(at)) => sheet.write_datetime_with_format(row, column, excel(at)?, &formats.time)?,
        Cell::Share(None) | Cell::Number(None) | Cell::Time(None) => sheet,
    };
    Ok(())
}

fn excel(at: DateTime) -> Result<ExcelDateTime, XlsxError> {
    // Years that spreadsheets don't know (before 1900) are refused there.
    let date = ExcelDateTime::from_ymd(at.year() as u16, at.month() as u8, at.day() as u8)?;
    date.and_hms(at.hour() as u16, at.minute() as u8, f64::from(at.second()))
}

fn place_columns(words: &Words) -> [Column; PLACE_COLUMNS] {
    [(words.district, 18), (words.agency, 22), (words.room, 24)]
}

fn place(room: &RoomReport) -> Vec<Cell> {
    let ids = [room.district.as_str(), room.agency.as_str(), room.room.as_str()];
    ids.map(|id| Cell::Text(id.to_owned())).into()
}

fn summary_columns(words: &Words) -> Vec<Column> {
    let mut columns = place_columns(words).to_vec();
    columns.extend([
        (words.seen, 11),
        (words.occupied, 11),
        (words.opening_delay, 15),
        (words.unattended_minutes, 18),
        (words.people_mean, 12),
        (words.people_max, 12),
        (words.activity, 11),
        (words.service_hours, 13),
        (words.row_count, 12),
        (words.note, 52),
    ]);
    columns
}

fn summary_row(room: &RoomReport, notation: &Notation) -> Vec<Cell> {
    let words = notation.words;
    let mut row = place(room);
    row.push(Cell::Share(room.observed.value));
    let Some(Detail { kpis, .. }) = &room.detail else {
        row.extend((0..8).map(|_| Cell::Number(None)));
        row.push(Cell::Text(words.private_short.to_owned()));
        return row;
    };
    let note = match (&room.visibility, kpis.occupied.is_enough()) {
        (_, false) => format!("{}: {}", words.not_enough, notation.reason(kpis.occupied.reason)),
        (Visibility::Allowed(reason), true) => super::words::fill(words.private_allowed, &[("reason", reason)]),
        (Visibility::Open | Visibility::Hidden(_), true) => String::new(),
    };
    row.extend([
        Cell::Share(kpis.occupied.value),
        Cell::Number(kpis.opening_delay_min.value),
        Cell::Number(kpis.unattended_s.value.map(|seconds| seconds / 60.0)),
        Cell::Number(kpis.people_mean.value),
        Cell::Number(kpis.people_max.value),
        Cell::Number(kpis.activity_mean.value),
        Cell::Number(Some(kpis.sums.asked_s / 3600.0)),
        Cell::Count(kpis.sums.rows),
        Cell::Text(note),
    ]);
    row
}

fn day_columns(words: &Words) -> Vec<Column> {
    let mut columns = place_columns(words).to_vec();
    columns.extend([
        (words.date, 12),
        (words.weekday, 12),
        (words.kind, 14),
        (words.seen, 11),
        (words.occupied, 11),
        (words.first_presence, 17),
        (words.last_presence, 17),
        (words.opening_delay, 15),
        (words.unattended_minutes, 18),
        (words.people_mean, 12),
        (words.people_max, 12),
        (words.activity, 11),
        (words.row_count, 12),
        (words.reason, 30),
    ]);
    columns
}

fn day_row(room: &RoomReport, day: &Day, model: &Model, notation: &Notation) -> Vec<Cell> {
    let words = notation.words;
    let local = |at: Option<UtcMicros>| Cell::Time(at.map(|at| model.zone.to_datetime(at.to_timestamp())));
    let reason = day.unseen.dominant();
    let occupied = day.sums.occupied(reason);
    let spell_min = day.unattended.map_or(0.0, |spell| spell.seen_s / 60.0);
    let kind = match &day.kind {
        DayKind::Service(_) => words.service_day.to_owned(),
        DayKind::Closed => words.closed.to_owned(),
        DayKind::Holiday(name) if name.is_empty() => words.holiday.to_owned(),
        DayKind::Holiday(name) => format!("{}: {name}", words.holiday),
    };
    let unseen = occupied.observed_share < 1.0 && day.sums.asked_s > 0.0;
    let mut row = place(room);
    row.extend([
        Cell::Date(day.date),
        Cell::Text(notation.weekday(day.date).to_owned()),
        Cell::Text(kind),
        Cell::Share(day.sums.observed_share()),
        Cell::Share(occupied.value),
        local(day.present.map(|span| span.start)),
        local(day.present.map(|span| span.end)),
        Cell::Number(day.opening_delay_min),
        Cell::Number(occupied.value.map(|_| spell_min)),
        Cell::Number(day.sums.people_mean(reason).value),
        Cell::Number(day.sums.people_max(reason).value),
        Cell::Number(day.sums.activity_mean(reason).value),
        Cell::Count(day.sums.rows),
        Cell::Text(if unseen { notation.reason(reason).to_owned() } else { String::new() }),
    ]);
    row
}

fn hour_columns(words: &Words) -> Vec<Column> {
    let mut columns = place_columns(words).to_vec();
    columns.extend([
        (words.weekday, 12),
        (words.hour_of_day, 8),
        (words.seen, 11),
        (words.occupied, 11),
        (words.people_mean, 12),
        (words.activity, 11),
        (words.row_count, 12),
    ]);
    columns
}

fn hour_rows(room: &RoomReport, detail: &Detail, words: &Words) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    for (name, hours) in words.weekdays.split(' ').zip(&detail.kpis.hours.cells) {
        for (hour, sums) in hours.iter().enumerate().filter(|(_, sums)| sums.asked_s > 0.0) {
            rows.push(hour_row(room, name, hour, sums));
        }
    }
    rows
}

fn hour_row(room: &RoomReport, weekday: &str, hour: usize, sums: &Sums) -> Vec<Cell> {
    let mut row = place(room);
    row.extend([
        Cell::Text(weekday.to_owned()),
        Cell::Count(hour as u64),
        Cell::Share(sums.observed_share()),
        Cell::Share(sums.occupied(None).value),
        Cell::Number(sums.people_mean(None).value),
        Cell::Number(sums.activity_mean(None).value),
        Cell::Count(sums.rows),
    ]);
    row
}

fn definitions(model: &Model, notation: &Notation) -> Vec<Vec<Cell>> {
    let words = notation.words;
    let meanings = std::iter::once((words.title, words.law)).chain(words.definitions());
    let meanings = meanings.map(|(name, meaning)| (name, meaning.to_owned()));
    let rows = meanings.chain(basis(model, notation));
    rows.map(|(name, value)| vec![Cell::Text(name.to_owned()), Cell::Text(value)]).collect()
}
