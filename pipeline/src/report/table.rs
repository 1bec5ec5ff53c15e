//! The table of rooms: one row each, least occupied first, with its period in small.

use super::model::{Detail, Group, GroupBy, Model, RoomReport};
use super::notation::Notation;
use super::strip::strip;
use super::words::fill;
use maud::{Markup, html};
use pantau_models::kpi::Kpi;

/// Columns between the strip and the share seen.
const FIGURES: usize = 5;

pub(super) fn table(model: &Model, notation: &Notation) -> Markup {
    let words = notation.words;
    let mut number = 0;
    html! {
        table.rooms {
            thead {
                tr {
                    th scope="col" { (words.room) }
                    th.wide scope="col" { (words.timeline) }
                    @for name in [words.occupied, words.opened, words.unattended, words.people, words.activity, words.seen] {
                        th.figure scope="col" { (name) }
                    }
                }
            }
            @for group in &model.groups {
                tbody {
                    @if let Some(name) = &group.name { (group_row(group, name, notation)) }
                    @for room in &group.rooms {
                        @let index = { number += 1; number };
                        (room_row(model, room, index, notation))
                    }
                }
            }
        }
    }
}

fn group_row(group: &Group, name: &str, notation: &Notation) -> Markup {
    let words = notation.words;
    let reason = group.unseen.dominant();
    let name = if name.is_empty() { words.unnamed } else { name };
    let label = fill(words.together, &[("group", name)]);
    let occupied = group.sums.occupied(reason);
    let (people, activity) = (group.sums.people_mean(reason), group.sums.activity_mean(reason));
    html! {
        tr.group {
            th colspan="2" scope="rowgroup" { (label) }
            @if occupied.is_enough() {
                (figure(words.occupied, &occupied, |v| notation.share(v), words.def_occupied, notation))
                td.figure.blank {}
                td.figure.blank {}
                (figure(words.people, &people, |v| notation.number(v, 1), words.def_people, notation))
                (figure(words.activity, &activity, |v| notation.number(v, 1), words.def_activity, notation))
            } @else {
                td.unknown colspan=(FIGURES) { (words.not_enough) ": " (notation.reason(reason)) }
            }
            td.figure data-label=(words.seen) {
                @match group.sums.observed_share() { Some(share) => (notation.seen(share)), None => "–" }
            }
        }
    }
}

fn room_row(model: &Model, room: &RoomReport, index: usize, notation: &Notation) -> Markup {
    let words = notation.words;
    html! {
        tr {
            th scope="row" {
                a href={ "#room-" (index) } { (room_name(room, notation)) }
                @if model.by != GroupBy::Agency && !room.agency.is_empty() { small { (room.agency) } }
            }
            @match &room.detail {
                Some(detail) => {
                    td.wide { (strip(detail, notation)) }
                    (figures(model, detail, notation))
                }
                None => { td.wide.blank {} td.unknown colspan=(FIGURES) { (words.private_short) } }
            }
            td.figure data-label=(words.seen) title=(notation.basis(&room.observed, words.def_seen)) {
                @match room.observed.value { Some(share) => (notation.seen(share)), None => "–" }
            }
        }
    }
}

pub(super) fn room_name<'a>(room: &'a RoomReport, notation: &Notation) -> &'a str {
    if room.room.is_empty() { notation.words.unnamed } else { room.room.as_str() }
}

fn figures(model: &Model, detail: &Detail, notation: &Notation) -> Markup {
    let (words, kpis) = (notation.words, &detail.kpis);
    if !kpis.occupied.is_enough() {
        let reason = if model.dates.is_empty() || kpis.service_days == 0 {
            words.closed
        } else {
            notation.reason(kpis.occupied.reason)
        };
        return html! { td.unknown colspan=(FIGURES) { (words.not_enough) ": " (reason) } };
    }
    let length = kpis.unattended.map_or_else(|| words.none.to_owned(), |spell| notation.spell(&spell));
    html! {
        (figure(words.occupied, &kpis.occupied, |v| notation.share(v), words.def_occupied, notation))
        (figure(words.opened, &kpis.opening_clock_min, |v| notation.clock_of_minute(v), words.def_opened, notation))
        (figure(words.unattended, &kpis.unattended_s, |_| length.clone(), words.def_unattended, notation))
        (figure(words.people, &kpis.people_mean, |v| notation.number(v, 1), words.def_people, notation))
        (figure(words.activity, &kpis.activity_mean, |v| notation.number(v, 1), words.def_activity, notation))
    }
}

fn figure(label: &str, kpi: &Kpi, write: impl Fn(f64) -> String, definition: &str, notation: &Notation) -> Markup {
    html! {
        td.figure data-label=(label) title=(notation.basis(kpi, definition)) {
            @match kpi.value {
                Some(value) => (write(value)),
                None => span.unknown { (notation.words.unknown) },
            }
        }
    }
}
