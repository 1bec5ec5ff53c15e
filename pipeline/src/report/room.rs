//! One room: its figures, its days as ribbons above one another, its hours as a map.

use super::drawing::Ribbon;
use super::heatmap::heatmap;
use super::model::{Detail, Model, RoomReport, Visibility, is_blank};
use super::notation::Notation;
use super::ribbon::{UNSEEN_FILL, axis, ribbon};
use super::sentences::all_seen;
use super::table::room_name;
use super::words::fill;
use maud::{Markup, html};
use pantau_models::calendar::{DayKind, local_date};
use pantau_models::kpi::{Day, ENOUGH_SEEN, Kpi, RoomKpis};

pub(super) fn room(model: &Model, room: &RoomReport, index: usize, notation: &Notation) -> Markup {
    let words = notation.words;
    html! {
        section class=(if room.detail.is_some() { "room" } else { "room brief" }) id={ "room-" (index) } {
            header {
                h2 { (room_name(room, notation)) }
                p.where { (whereabouts(room, notation)) }
                @if let Visibility::Allowed(reason) = &room.visibility {
                    p.private { (fill(words.private_allowed, &[("reason", reason)])) }
                }
            }
            @match &room.detail {
                Some(detail) => {
                    (figures(model, room, detail, notation))
                    (days(model, room, detail, notation))
                    @if detail.kpis.days.iter().any(|day| day.seen_s > 0.0) {
                        div.hours {
                            h3 { (words.hours_title) }
                            p.note { (words.hours_note) }
                            (heatmap(model, &detail.kpis.hours, notation))
                        }
                    }
                }
                None => (hidden(room, notation)),
            }
        }
    }
}

fn whereabouts(room: &RoomReport, notation: &Notation) -> String {
    let count = room.cameras.len();
    let cameras = match count {
        1 => notation.words.camera_one.to_owned(),
        _ => fill(notation.words.cameras, &[("count", &count.to_string())]),
    };
    let parts = [room.agency.as_str(), room.district.as_str(), &cameras];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn hidden(room: &RoomReport, notation: &Notation) -> Markup {
    let words = notation.words;
    let share = room.observed.value.unwrap_or(0.0);
    html! {
        p.private { (words.private_room) }
        @if let Visibility::Hidden(reason) = &room.visibility && !reason.is_empty() {
            p.note { (fill(words.private_note, &[("reason", reason)])) }
        }
        dl.figures {
            div {
                dt { (words.seen) }
                dd { (notation.seen(share)) }
                dd.small { (fill(words.of_service_seen, &[("seen", &notation.seen(share))])) }
            }
        }
    }
}

fn figures(model: &Model, room: &RoomReport, detail: &Detail, notation: &Notation) -> Markup {
    let (words, kpis) = (notation.words, &detail.kpis);
    let tile = |label, kpi: &Kpi, value: Option<String>, small: String, definition| {
        tile(label, kpi, value.as_deref(), &small, definition, notation)
    };
    let one = |kpi: &Kpi, decimals| kpi.value.map(|value| notation.number(value, decimals));
    let most = kpis
        .people_max
        .value
        .map_or_else(String::new, |most| fill(words.most, &[("count", &notation.number(most, 0))]));
    let rows = fill(words.rows, &[("count", &notation.count(kpis.sums.rows))]);
    let seen = tile(words.seen, &room.observed, room.observed.value.map(|v| notation.seen(v)), rows, words.def_seen);
    if !kpis.occupied.is_enough() {
        let reason = notation.reason(kpis.occupied.reason);
        return html! {
            p.private {
                @if kpis.service_days == 0 { (words.say_no_service) } @else { (words.not_enough) ": " (reason) }
            }
            @if let Some(all_seen) = all_seen(detail, notation) { p { (all_seen) } }
            dl.figures { (seen) }
        };
    }
    let length = kpis.unattended_s.value.map(|_| match &kpis.unattended {
        Some(spell) => notation.spell(spell),
        None => words.none.to_owned(),
    });
    let occupied = kpis.occupied.value.map(|share| notation.share(share));
    let opened = kpis.opening_clock_min.value.map(|minute| notation.clock_of_minute(minute));
    let (people, activity) = (one(&kpis.people_mean, 1), one(&kpis.activity_mean, 1));
    html! {
        dl.figures {
            (tile(words.occupied, &kpis.occupied, occupied, words.of_seen_time.into(), words.def_occupied))
            (tile(words.opened, &kpis.opening_clock_min, opened, opening(kpis, notation), words.def_opened))
            (tile(words.unattended, &kpis.unattended_s, length, spell_at(model, kpis, notation), words.def_unattended))
            (tile(words.people_mean, &kpis.people_mean, people, most, words.def_people))
            (tile(words.activity, &kpis.activity_mean, activity, words.of_hundred.into(), words.def_activity))
            (seen)
        }
    }
}

fn tile(label: &str, kpi: &Kpi, value: Option<&str>, small: &str, definition: &str, notation: &Notation) -> Markup {
    html! {
        div title=(notation.basis(kpi, definition)) {
            dt { (label) }
            @match value { Some(value) => dd { (value) }, None => dd.unknown { "–" } }
            dd.small { @if small.is_empty() { (notation.words.unknown) } @else { (small) } }
        }
    }
}

/// `11 minutes late; 5 of 5 days; 1 day with nobody`.
fn opening(kpis: &RoomKpis, notation: &Notation) -> String {
    let words = notation.words;
    let late = match kpis.opening_delay_min.value {
        Some(delay) if delay >= 1.0 => Some(fill(words.late, &[("late", &notation.length(delay.floor() * 60.0))])),
        Some(_) => Some(words.punctual.to_owned()),
        None => None,
    };
    let days = notation.days(kpis.service_days);
    let known = fill(words.opening_days, &[("known", &kpis.opening_days.to_string()), ("days", &days)]);
    let never = fill(words.never_opened, &[("days", &notation.days(kpis.never_opened_days))]);
    let parts = [late, Some(known), (kpis.never_opened_days > 0).then_some(never)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn spell_at(model: &Model, kpis: &RoomKpis, notation: &Notation) -> String {
    let Some(spell) = kpis.unattended else { return String::new() };
    let date = notation.date_short(local_date(spell.span.start, &model.zone));
    fill(notation.words.date_at_clock, &[("date", &date), ("clock", &notation.clock(spell.span.start))])
}

fn days(model: &Model, room: &RoomReport, detail: &Detail, notation: &Notation) -> Markup {
    let words = notation.words;
    let days = &detail.kpis.days;
    let first = detail.ribbons.first();
    html! {
        h3 { (words.days_title) }
        @if detail.ribbons_left_out > 0 {
            @let shown = notation.days(detail.ribbons.len());
            @let left = notation.days(detail.ribbons_left_out);
            p.note { (fill(words.days_left_out, &[("shown", &shown), ("left", &left)])) }
        }
        (legend(detail, notation))
        div.days {
            @if let Some(first) = first {
                div.day.head { div {} (axis(model, first, &days[first.day], notation)) }
                @for (index, day) in days.iter().enumerate().skip(first.day) {
                    @match detail.ribbons.iter().find(|ribbon| ribbon.day == index) {
                        Some(drawn) => (drawn_day(model, room, (detail, drawn), day, notation)),
                        None if is_blank(&day.kind, day.seen_s) => (blank_day(day, notation)),
                        None => {}
                    }
                }
            }
        }
    }
}

fn drawn_day(
    model: &Model,
    room: &RoomReport,
    (detail, drawn): (&Detail, &Ribbon),
    day: &Day,
    notation: &Notation,
) -> Markup {
    let summary = summary(day, notation);
    let date = notation.date(day.date);
    let values = [("room", room_name(room, notation)), ("date", &date), ("summary", &summary.join(", "))];
    let label = fill(notation.words.ribbon_label, &values);
    html! {
        div.day {
            div.what {
                b { (notation.date_short(day.date)) }
                @for part in &summary { span { (part) } }
            }
            div.draw { (ribbon(model, drawn, day, detail.people_scale, &label, notation)) }
        }
    }
}

fn blank_day(day: &Day, notation: &Notation) -> Markup {
    html! {
        div.day.blank {
            div.what { b { (notation.date_short(day.date)) } }
            div.draw { (kind(day, notation)) }
        }
    }
}

fn kind(day: &Day, notation: &Notation) -> String {
    match &day.kind {
        DayKind::Holiday(name) if !name.is_empty() => format!("{}: {name}", notation.words.holiday),
        DayKind::Holiday(_) => notation.words.holiday.to_owned(),
        DayKind::Closed | DayKind::Service(_) => notation.words.closed.to_owned(),
    }
}

/// What is said beside a day's ribbon.
fn summary(day: &Day, notation: &Notation) -> Vec<String> {
    let words = notation.words;
    let Some(share) = day.sums.observed_share() else { return vec![kind(day, notation)] };
    let seen = fill(words.day_seen, &[("seen", &notation.seen(share))]);
    if share < ENOUGH_SEEN {
        let reason = notation.reason(day.unseen.dominant());
        return vec![fill(words.day_not_enough, &[("reason", reason)]), seen];
    }
    if day.is_never_opened() {
        return vec![words.day_never.to_owned(), seen];
    }
    let occupied = day.sums.occupied(None).value.map(|share| notation.share(share));
    let occupied = occupied.map(|share| fill(words.day_occupied, &[("share", &share)]));
    let opened = day.opened.map(|at| fill(words.day_opened, &[("clock", &notation.clock(at))]));
    [occupied, opened, Some(seen)].into_iter().flatten().collect()
}

fn legend(detail: &Detail, notation: &Notation) -> Markup {
    let words = notation.words;
    let scale = notation.number(f64::from(detail.people_scale), 0);
    let swatch = |shape: Markup| {
        html! { svg.key width="22" height="12" viewBox="0 0 22 12" aria-hidden="true" { (shape) } }
    };
    let presence = swatch(html! { path.presence d="M0 12V5H9V1H22V12z" {} });
    let people = swatch(html! { path.between d="M0 2H22V11H0z" {} path.people d="M0 8H10V5H22" {} });
    let shades = ["M0 1H4V11H0z", "M6 1H10V11H6z", "M12 1H16V11H12z", "M18 1H22V11H18z"];
    let activity =
        swatch(html! { @for (index, d) in shades.iter().enumerate() { path class={ "a" (index + 1) } d=(d) {} } });
    let unseen = swatch(html! { rect width="22" height="12" fill=(UNSEEN_FILL) {} });
    let service = swatch(html! { path.work d="M0 0H9V12H0zM13 0H22V12H13z" {} });
    html! {
        ul.legend {
            li { (presence) (words.legend_presence) }
            li { (people) (fill(words.legend_people, &[("scale", &scale)])) }
            li { (activity) (words.legend_activity) }
            li { (unseen) (words.legend_unseen) }
            li { (service) (words.legend_service) }
            li { i.key { "1" } (words.legend_marks) }
        }
    }
}
