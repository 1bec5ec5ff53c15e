//! One day as a ribbon: presence as a filled area, people as a stepped line in its interval, activity as a bar code,
//! unseen time hatched.
//!
//! The drawing stretches to the width of the page, one unit a bucket; its text is HTML, which does not stretch.
//! **Invariant:** each path spans one run of seen buckets, so that no line crosses unseen time.

use super::drawing::Ribbon;
use super::model::Model;
use super::notation::Notation;
use maud::{Markup, PreEscaped, html};
use pantau_models::calendar::utc_of_minute;
use pantau_models::kpi::{Bucket, Day, Mark, People};
use pantau_models::time::US_PER_S;
use std::fmt::Write;

/// Fill of unseen time, defined once a page by [`definitions`].
pub(super) const UNSEEN_FILL: &str = "url(#unseen)";

/// Bands of the drawing, from top to bottom, in its own units (pixels of height).
const PRESENCE: Band = Band { top: 2, bottom: 38 };
const PEOPLE: Band = Band { top: 44, bottom: 66 };
const ACTIVITY: Band = Band { top: 70, bottom: 79 };
const HEIGHT: i32 = 80;

/// Activity from which on each of the four shades of the bar code begins; below is rest.
const ACTIVITY_SHADES: [f32; 4] = [1.0, 5.0, 15.0, 40.0];
/// Most marks with words under a ribbon; more would be a list.
const MARKS_MAX: usize = 6;
/// Least distance between the numbers of marks, share of the width: two digits on a phone.
const MARK_DISTANCE: f64 = 0.04;

#[derive(Clone, Copy)]
struct Band {
    top: i32,
    bottom: i32,
}

impl Band {
    fn y(self, share: f32) -> i32 {
        self.bottom - (share.clamp(0.0, 1.0) * (self.bottom - self.top) as f32).round() as i32
    }

    fn height(self) -> i32 {
        self.bottom - self.top
    }
}

/// The hatch that every drawing of the page uses.
pub(super) fn definitions() -> Markup {
    html! {
        svg width="0" height="0" style="position:absolute" aria-hidden="true" {
            defs {
                pattern id="unseen" width="2" height="6" patternUnits="userSpaceOnUse" {
                    rect width="2" height="6" fill="#f0f0ee" {}
                    path d="M0 6L2 0" stroke="#8a8a86" stroke-width="1" vector-effect="non-scaling-stroke" {}
                }
            }
        }
    }
}

/// Minutes between the times above a ribbon: the first that gives few enough of them.
const TICKS_MIN: [u16; 6] = [1, 5, 10, 15, 30, 60];
/// Most steps between times if they are less than an hour; with more they touch each other on a desk's screen.
const TICKS_MAX: u16 = 12;

/// The times above a room's ribbons.
pub(super) fn axis(model: &Model, ribbon: &Ribbon, day: &Day, notation: &Notation) -> Markup {
    let (first, last) = model.window_min;
    let step = TICKS_MIN.into_iter().find(|step| (last - first) / step <= TICKS_MAX).unwrap_or(60);
    let minutes = (first.div_ceil(step)..=last / step).map(|tick| tick * step);
    html! {
        div.axis aria-hidden="true" {
            @for (index, minute) in minutes.enumerate() {
                @let left = ribbon.position(utc_of_minute(day.date, minute, &model.zone)) * 100.0;
                @let edge = if minute == first { "first" } else if minute == last { "last" } else { "" };
                @let odd = if index % 2 == 1 { "odd" } else { "" };
                span class={ (edge) " " (odd) } style=(format!("left:{left:.2}%")) {
                    (notation.clock_of_minute(f64::from(minute)))
                }
            }
        }
    }
}

/// The drawing with its marks; `label` is its text for those who can't see it.
pub(super) fn ribbon(
    model: &Model,
    ribbon: &Ribbon,
    day: &Day,
    scale: f32,
    label: &str,
    notation: &Notation,
) -> Markup {
    let width = ribbon.window.seconds() / f64::from(model.bucket_s);
    let numbered = numbered(ribbon, notation);
    html! {
        @if !numbered.is_empty() {
            div.pins aria-hidden="true" {
                @for (index, (at, _)) in pins(&numbered, ribbon).enumerate() {
                    i style=(format!("left:{:.2}%", at * 100.0)) { (index + 1) }
                }
            }
        }
        svg.ribbon viewBox=(format!("0 0 {width:.2} {HEIGHT}")) preserveAspectRatio="none" role="img" aria-label=(label) {
            (PreEscaped(shapes(model, ribbon, day, scale)))
            @for (mark, _) in &numbered {
                @let x = ribbon.position(mark.span.start) * width;
                path.pin d=(format!("M{x:.1} 0V{HEIGHT}")) {}
            }
        }
        @if !numbered.is_empty() {
            p.marks { (marks_text(ribbon, &numbered, notation)) }
        }
    }
}

/// The marks that get a number, with their words.
fn numbered(ribbon: &Ribbon, notation: &Notation) -> Vec<(Mark, &'static str)> {
    let named = ribbon.marks.iter().filter_map(|mark| Some((*mark, notation.trouble(mark.quality)?)));
    named.take(MARKS_MAX).collect()
}

/// Places of the numbers, moved apart where they would cover each other.
fn pins<'a>(numbered: &'a [(Mark, &'static str)], ribbon: &'a Ribbon) -> impl Iterator<Item = (f64, &'a Mark)> {
    let mut least = 0.0;
    numbered.iter().map(move |(mark, _)| {
        let at = ribbon.position(mark.span.start).clamp(least, 1.0_f64.max(least));
        least = at + MARK_DISTANCE;
        (at, mark)
    })
}

fn marks_text(ribbon: &Ribbon, numbered: &[(Mark, &'static str)], notation: &Notation) -> Markup {
    let more = ribbon.marks.len().saturating_sub(numbered.len());
    html! {
        @for (index, (mark, words)) in numbered.iter().enumerate() {
            span {
                b { (index + 1) } " " (notation.clock(mark.span.start))
                @if mark.span.seconds() >= 60.0 { "–" (notation.clock(mark.span.end)) }
                " " (words)
            }
            " "
        }
        @if more > 0 {
            span { (super::words::fill(notation.words.more_marks, &[("count", &more.to_string())])) }
        }
    }
}

fn shapes(model: &Model, ribbon: &Ribbon, day: &Day, scale: f32) -> String {
    let unit_us = f64::from(model.bucket_s) * US_PER_S as f64;
    let x = |us: i64| (us - ribbon.window.start.0) as f64 / unit_us;
    let offset = x(ribbon.drawn.start.0);
    let mut out = String::new();
    for span in day.service.iter().filter_map(|span| span.intersection(&ribbon.window)) {
        let (left, right) = (x(span.start.0), x(span.end.0));
        push(&mut out, format_args!("<path class=\"work\" d=\"M{} 0H{}V{HEIGHT}H{0}z\"/>", short(left), short(right)));
    }
    let left = |index: usize| short(offset + index as f64);
    for (start, end) in unseen_runs(&ribbon.buckets) {
        let width = short((end - start) as f64);
        push(
            &mut out,
            format_args!(
                "<rect class=\"blind\" x=\"{}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"{UNSEEN_FILL}\"/>",
                left(start)
            ),
        );
    }
    let presence = steps(&ribbon.buckets, offset, |bucket| Some(PRESENCE.y(bucket.presence)), Some(PRESENCE.bottom));
    let people = |end: fn(People) -> f32| move |bucket: &Bucket| Some(PEOPLE.y(end(bucket.people?) / scale));
    let between = interval(&ribbon.buckets, offset, people(|people| people.low), people(|people| people.high));
    let line = steps(&ribbon.buckets, offset, people(|people| people.mean), None);
    for (class, path) in [("presence", presence), ("between", between), ("people", line)] {
        if !path.is_empty() {
            push(&mut out, format_args!("<path class=\"{class}\" d=\"{path}\"/>"));
        }
    }
    out.push_str(&bar_code(&ribbon.buckets, offset));
    push(&mut out, format_args!("<path class=\"base\" d=\"M0 {0}H9999M0 {1}H9999\"/>", PRESENCE.bottom, PEOPLE.bottom));
    out
}

/// Writing to a string can't fail.
fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

/// At most one decimal, and none where it is nought: most edges lie on whole units.
fn short(value: f64) -> String {
    let tenths = (value * 10.0).round();
    if tenths % 10.0 == 0.0 { format!("{}", tenths / 10.0) } else { format!("{:.1}", tenths / 10.0) }
}

/// Runs `[start, end)` of buckets that were not seen.
pub(super) fn unseen_runs(buckets: &[Option<Bucket>]) -> Vec<(usize, usize)> {
    let known: Vec<Option<()>> = buckets.iter().map(|bucket| bucket.is_none().then_some(())).collect();
    runs(&known).into_iter().map(|(start, values)| (start, start + values.len())).collect()
}

/// Runs of known values, each with the index of its first.
fn runs<T: Copy>(values: &[Option<T>]) -> Vec<(usize, Vec<T>)> {
    let mut runs: Vec<(usize, Vec<T>)> = Vec::new();
    let mut joins = false;
    for (index, value) in values.iter().enumerate() {
        match (value, runs.last_mut()) {
            (Some(value), Some((_, run))) if joins => run.push(*value),
            (Some(value), _) => runs.push((index, vec![*value])),
            (None, _) => {}
        }
        joins = value.is_some();
    }
    runs
}

/// A stepped path over each run: closed down to `base`, or an open line.
pub(super) fn steps(
    buckets: &[Option<Bucket>],
    offset: f64,
    y: impl Fn(&Bucket) -> Option<i32>,
    base: Option<i32>,
) -> String {
    let values: Vec<Option<i32>> = buckets.iter().map(|bucket| bucket.as_ref().and_then(&y)).collect();
    let mut out = String::new();
    for (start, run) in runs(&values) {
        let left = offset + start as f64;
        push(&mut out, format_args!("M{} {}", short(left), base.unwrap_or(run[0])));
        walk(&mut out, left, &run, base.is_some());
        if let Some(base) = base {
            push(&mut out, format_args!("V{base}z"));
        }
    }
    out
}

/// Steps from left to right, equal neighbours as one.
fn walk(out: &mut String, left: f64, run: &[i32], rise: bool) {
    let mut x = left;
    for (index, same) in run.chunk_by(|a, b| a == b).enumerate() {
        x += same.len() as f64;
        if index > 0 || rise {
            push(out, format_args!("V{}", same[0]));
        }
        push(out, format_args!("H{}", short(x)));
    }
}

/// The area between two stepped lines, over each run in which both are known.
fn interval(
    buckets: &[Option<Bucket>],
    offset: f64,
    low: impl Fn(&Bucket) -> Option<i32>,
    high: impl Fn(&Bucket) -> Option<i32>,
) -> String {
    let both = |bucket: &Bucket| Some((low(bucket)?, high(bucket)?));
    let values: Vec<Option<(i32, i32)>> = buckets.iter().map(|bucket| bucket.as_ref().and_then(both)).collect();
    let mut out = String::new();
    for (start, run) in runs(&values) {
        let left = offset + start as f64;
        push(&mut out, format_args!("M{} {}", short(left), run[0].1));
        walk(&mut out, left, &run.iter().map(|(_, high)| *high).collect::<Vec<_>>(), false);
        let mut x = left + run.len() as f64;
        for same in run.chunk_by(|a, b| a.0 == b.0).rev() {
            x -= same.len() as f64;
            push(&mut out, format_args!("V{}H{}", same[0].0, short(x)));
        }
        out.push('z');
    }
    out
}

/// One path per shade.
fn bar_code(buckets: &[Option<Bucket>], offset: f64) -> String {
    let shade = |bucket: &Bucket| ACTIVITY_SHADES.iter().filter(|from| bucket.activity >= **from).count();
    let shades: Vec<Option<usize>> = buckets.iter().map(|bucket| bucket.as_ref().map(shade)).collect();
    let mut out = String::new();
    for wanted in 1..=ACTIVITY_SHADES.len() {
        let these: Vec<Option<()>> = shades.iter().map(|shade| (*shade == Some(wanted)).then_some(())).collect();
        let mut path = String::new();
        for (start, run) in runs(&these) {
            let (left, height) = (short(offset + start as f64), ACTIVITY.height());
            push(&mut path, format_args!("M{left} {}h{}v{height}H{left}z", ACTIVITY.top, run.len()));
        }
        if !path.is_empty() {
            push(&mut out, format_args!("<path class=\"a{wanted}\" d=\"{path}\"/>"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(presence: f32) -> Option<Bucket> {
        Some(Bucket { presence, people: None, activity: presence * 100.0 })
    }

    #[test]
    fn no_path_crosses_unseen_time() {
        let buckets = [bucket(1.0), bucket(1.0), None, None, bucket(0.5), None];
        let path = steps(&buckets, 10.0, |bucket| Some(PRESENCE.y(bucket.presence)), Some(PRESENCE.bottom));
        assert_eq!(path, "M10 38V2H12V38zM14 38V20H15V38z");
        assert_eq!(unseen_runs(&buckets), [(2, 4), (5, 6)]);
        assert_eq!(bar_code(&buckets, 0.0), "<path class=\"a4\" d=\"M0 70h2v9H0zM4 70h1v9H4z\"/>");
    }

    #[test]
    fn people_that_are_unknown_have_no_line() {
        let people = Some(People { mean: 2.0, low: 1.0, high: 3.0 });
        let known = Some(Bucket { presence: 1.0, people, activity: 0.0 });
        let buckets = [bucket(1.0), known, known, bucket(1.0)];
        let y = |end: fn(People) -> f32| move |bucket: &Bucket| Some(PEOPLE.y(end(bucket.people?) / 4.0));
        assert_eq!(steps(&buckets, 0.0, y(|people| people.mean), None), "M1 55H3");
        let area = interval(&buckets, 0.0, y(|people| people.low), y(|people| people.high));
        assert_eq!(area, "M1 49H3V60H1z");
    }
}
