//! Hour x weekday: how much of the time seen was occupied, with the share seen in each cell's corner.

use super::model::Model;
use super::notation::{Notation, whole_percent};
use maud::{Markup, html};
use pantau_models::kpi::{HourMap, Sums};

/// Shades of presence, from nobody to always.
const SHADES: f64 = 6.0;

pub(super) fn heatmap(model: &Model, hours: &HourMap, notation: &Notation) -> Markup {
    let words = notation.words;
    let rows = usize::from(model.window_min.0 / 60)..usize::from(model.window_min.1.div_ceil(60));
    let has_data = |weekday: &usize| rows.clone().any(|hour| hours.cells[*weekday][hour].observed_s > 0.0);
    let weekdays: Vec<usize> = (0..7).filter(|weekday| has_data(weekday) || has_service(model, *weekday)).collect();
    html! {
        table.heat {
            thead {
                tr {
                    td {}
                    @for (index, name) in words.weekdays_short.split(' ').enumerate() {
                        @if weekdays.contains(&index) { th scope="col" { (name) } }
                    }
                }
            }
            tbody {
                @for hour in rows.clone() {
                    tr {
                        th scope="row" { (notation.clock_of_minute((hour * 60) as f64)) }
                        @for weekday in &weekdays { (cell(&hours.cells[*weekday][hour])) }
                    }
                }
            }
        }
    }
}

fn has_service(model: &Model, weekday: usize) -> bool {
    let of_weekday = |date: &&jiff::civil::Date| date.weekday().to_monday_zero_offset() as usize == weekday;
    model.dates.iter().filter(of_weekday).any(|date| model.calendar.hours(*date).is_some())
}

fn cell(sums: &Sums) -> Markup {
    let Some(seen) = sums.observed_share() else { return html! { td.none {} } };
    let seen = whole_percent(seen);
    match sums.occupied(None).value {
        Some(share) => {
            let shade = (share * SHADES).min(SHADES - 1.0) as u32;
            html! { td class={ "s" (shade) } { b { (format!("{:.0}", share * 100.0)) } small { (seen) } } }
        }
        None => html! { td.blind { b { "–" } small { (seen) } } },
    }
}
