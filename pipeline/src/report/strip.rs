//! A room's period in small: a few steps of presence a day, unseen time hatched, days side by side.

use super::drawing::Ribbon;
use super::model::{Detail, is_blank};
use super::notation::Notation;
use super::ribbon::{UNSEEN_FILL, steps, unseen_runs};
use maud::{Markup, PreEscaped, html};

/// Height of the drawing.
const HEIGHT: i32 = 22;
/// Between days, share of a day's width.
const GAP_SHARE: f64 = 0.12;

pub(super) fn strip(detail: &Detail, notation: &Notation) -> Markup {
    let widths: Vec<f64> = detail.strip.iter().map(units).collect();
    let gap = widths.iter().copied().fold(0.0, f64::max) * GAP_SHARE;
    let mut left = 0.0;
    let mut out = String::new();
    for (ribbon, width) in detail.strip.iter().zip(&widths) {
        day(&mut out, ribbon, detail, left, *width);
        left += width + gap;
    }
    let width = (left - gap).max(1.0);
    html! {
        svg.strip viewBox=(format!("0 0 {width:.2} {HEIGHT}")) preserveAspectRatio="none" role="img"
            aria-label=(notation.words.timeline) { (PreEscaped(out)) }
    }
}

/// Buckets from the window's left to right edge; a period may begin or end inside the window.
fn units(ribbon: &Ribbon) -> f64 {
    let bucket_s = ribbon.drawn.seconds() / ribbon.buckets.len().max(1) as f64;
    ribbon.window.seconds() / bucket_s.max(1.0)
}

fn day(out: &mut String, ribbon: &Ribbon, detail: &Detail, left: f64, width: f64) {
    let day = &detail.kpis.days[ribbon.day];
    let right = left + width;
    if is_blank(&day.kind, day.seen_s) {
        out.push_str(&format!("<path class=\"base\" d=\"M{left:.1} {0}H{right:.1}\"/>", HEIGHT - 1));
        return;
    }
    for span in &day.service {
        let (from, to) = (ribbon.position(span.start) * width + left, ribbon.position(span.end) * width + left);
        out.push_str(&format!("<path class=\"work\" d=\"M{from:.1} 0H{to:.1}V{HEIGHT}H{from:.1}z\"/>"));
    }
    let offset = left + ribbon.position(ribbon.drawn.start) * width;
    for (start, end) in unseen_runs(&ribbon.buckets) {
        let (x, width) = (offset + start as f64, end - start);
        out.push_str(&format!(
            "<rect class=\"blind\" x=\"{x:.1}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"{UNSEEN_FILL}\"/>"
        ));
    }
    let y = |presence: f32| HEIGHT - 1 - (presence * (HEIGHT - 3) as f32).round() as i32;
    let path = steps(&ribbon.buckets, offset, |bucket| Some(y(bucket.presence)), Some(HEIGHT - 1));
    if !path.is_empty() {
        out.push_str(&format!("<path class=\"presence\" d=\"{path}\"/>"));
    }
    out.push_str(&format!("<path class=\"base\" d=\"M{left:.1} {0}H{right:.1}\"/>", HEIGHT - 1));
}
