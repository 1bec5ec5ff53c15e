//! The page: one file that needs nothing else, on a desk, a phone, or paper.

use super::model::Model;
use super::notation::Notation;
use super::save::save;
use super::words::{Words, fill};
use super::{Error, ribbon, room, sentences, table};
use jiff::civil::Date;
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use pantau_models::calendar::{Calendar, ClockRange, local_date};
use pantau_models::ids::CameraId;
use std::path::Path;

const STYLE: &str = include_str!("style.css");

/// The report as one self-contained page.
pub fn html(model: &Model) -> String {
    let notation = Notation::new(model.language, model.zone.clone());
    let words = notation.words;
    let period = period(model, &notation);
    let page = markup! {
        (DOCTYPE)
        html lang=(words.html_lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (words.title) ", " (period) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (ribbon::definitions())
                main {
                    (opening(model, &period, &notation))
                    @if model.rooms().next().is_some() {
                        h2.overview { (words.rooms_title) }
                        p.note { (words.rooms_note) }
                        @if let Some(changed) = changed(model, words) { p.note { (changed) } }
                        (table::table(model, &notation))
                        @for (index, report) in model.rooms().enumerate() {
                            (room::room(model, report, index + 1, &notation))
                        }
                    }
                    (notes(model, &notation))
                }
            }
        }
    };
    page.into_string()
}

/// Writes the page to `path`.
pub fn html_file(model: &Model, path: &Path) -> Result<(), Error> {
    save(path, html(model).as_bytes())
}

fn opening(model: &Model, period: &str, notation: &Notation) -> Markup {
    markup! {
        header.page {
            h1 { (notation.words.title) }
            p.period { (period) }
            div.lead { @for sentence in sentences::sentences(model, notation) { p { (sentence) } } }
        }
    }
}

fn period(model: &Model, notation: &Notation) -> String {
    match (model.dates.first(), model.dates.last()) {
        (Some(first), Some(last)) if first != last => format!("{} – {}", notation.date(*first), notation.date(*last)),
        (Some(only), _) => notation.date(*only),
        (None, _) => notation.date(local_date(model.period.start, &model.zone)),
    }
}

fn notes(model: &Model, notation: &Notation) -> Markup {
    let words = notation.words;
    markup! {
        footer {
            h2 { (words.notes_title) }
            p.law { (words.law) }
            dl.notes {
                @for (name, meaning) in words.definitions() { dt { (name) } dd { (meaning) } }
                @if model.groups.iter().any(|group| group.name.is_some()) {
                    dt { (group_word(model, notation)) } dd { (words.def_group) }
                }
            }
            dl.notes.basis {
                @for (name, value) in basis(model, notation) { dt { (name) } dd { (value) } }
            }
            p.made { (fill(words.made_by, &[("version", env!("CARGO_PKG_VERSION"))])) }
        }
    }
}

fn group_word(model: &Model, notation: &Notation) -> &'static str {
    match model.by {
        super::GroupBy::District => notation.words.district,
        super::GroupBy::Room | super::GroupBy::Agency => notation.words.agency,
    }
}

/// What all figures rest on.
pub(super) fn basis(model: &Model, notation: &Notation) -> Vec<(&'static str, String)> {
    let words = notation.words;
    let counts = model.recordings.map(|count| notation.count(count as u64));
    let keys = ["done", "partial", "failed", "skipped"];
    let counts: Vec<(&str, &str)> = keys.into_iter().zip(counts.iter().map(String::as_str)).collect();
    let settings = if model.settings_ids.is_empty() { "–".to_owned() } else { model.settings_ids.join(", ") };
    let generated = local_date(model.generated_at, &model.zone);
    let at = [("date", notation.date(generated)), ("clock", notation.clock(model.generated_at))];
    let at = at.each_ref().map(|(key, value)| (*key, value.as_str()));
    let mut basis = vec![
        (words.basis_calendar, service_hours(model, notation)),
        (words.basis_zone, zone_name(model)),
        (words.basis_rows, notation.count(model.rows)),
        (words.basis_recordings, fill(words.recordings_counts, &counts)),
        (words.basis_settings, settings),
        (words.basis_generated, fill(words.date_at_clock, &at)),
    ];
    basis.extend(changed(model, words).map(|changed| (words.basis_changed, changed)));
    basis
}

/// Which cameras were not analysed in one way throughout.
fn changed(model: &Model, words: &Words) -> Option<String> {
    let cameras: Vec<&str> = model.changed_cameras.iter().map(CameraId::as_str).collect();
    (!cameras.is_empty()).then(|| fill(words.changed_note, &[("cameras", &cameras.join(", "))]))
}

/// `Asia/Makassar (WITA, UTC+08)`.
fn zone_name(model: &Model) -> String {
    let info = model.zone.to_offset_info(model.period.start.to_timestamp());
    let name = model.zone.iana_name().unwrap_or("UTC");
    let abbreviation = info.abbreviation();
    // Zones without letters of their own repeat the offset.
    let letters = abbreviation.starts_with(|first: char| first.is_ascii_alphabetic()) && abbreviation != name;
    let letters = if letters { format!("{abbreviation}, ") } else { String::new() };
    format!("{name} ({letters}UTC{})", info.offset())
}

/// The hours of each kind of day that the period has: `Senin 07.30–12.00, 13.00–16.00`.
fn service_hours(model: &Model, notation: &Notation) -> String {
    let mut kinds: Vec<(Vec<ClockRange>, Vec<Date>)> = Vec::new();
    for date in &model.dates {
        let Some(hours) = Calendar::hours(&model.calendar, *date) else { continue };
        match kinds.iter_mut().find(|(service, _)| *service == hours.service) {
            Some((_, dates)) => dates.push(*date),
            None => kinds.push((hours.service, vec![*date])),
        }
    }
    let kinds =
        kinds.iter().map(|(service, dates)| format!("{} {}", weekdays(dates, notation), ranges(service, notation)));
    let text = kinds.collect::<Vec<_>>().join("; ");
    if text.is_empty() { notation.words.closed.to_owned() } else { text }
}

fn weekdays(dates: &[Date], notation: &Notation) -> String {
    let mut days: Vec<Date> = Vec::new();
    for date in dates {
        if !days.iter().any(|day| day.weekday() == date.weekday()) {
            days.push(*date);
        }
    }
    days.sort_by_key(|day| day.weekday().to_monday_zero_offset());
    days.iter().map(|day| notation.weekday(*day)).collect::<Vec<_>>().join(", ")
}

fn ranges(service: &[ClockRange], notation: &Notation) -> String {
    let clock = |minute: u16| notation.clock_of_minute(f64::from(minute));
    let parts = service.iter().map(|range| format!("{}–{}", clock(range.start_min()), clock(range.end_min())));
    parts.collect::<Vec<_>>().join(", ")
}
