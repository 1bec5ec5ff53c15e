//! The panel below the picture: what, when, and what the marks mean.

use super::Request;
use super::canvas::{Area, Canvas, Colour, WHITE};
use super::drawing::{LIVE, MASK, MOVING, NOISE, NOISE_FULL_GREY, SILENT, THING, zone_colour};
use super::font;
use super::footage::Moment;
use crate::diff::MICRO_CELLS;

/// The panel's ground.
pub(super) const GROUND: Colour = [28, 28, 32];
const FAINT: Colour = [170, 170, 175];
/// Columns of the list of marks.
const COLUMNS: usize = 2;
/// Dots from one line to the next, and around everything.
const LINE_DOTS: usize = font::HEIGHT + 5;
const PAD_DOTS: usize = 6;

/// How a mark looks.
enum Mark {
    Filled(Colour),
    Hatched(Colour),
    Framed(Colour),
    Squares(Colour),
    Corner(Colour),
    Dashed(Colour),
    Outline(Colour),
}

/// Height of the panel, pixels.
pub(super) fn height(dot: usize, request: &Request, moment: &Moment) -> usize {
    let lines = facts(request, moment).len() + marks(request, moment).len().div_ceil(COLUMNS);
    dot * (2 * PAD_DOTS + lines * LINE_DOTS + LINE_DOTS / 2)
}

/// Draws the panel from `top` down.
pub(super) fn draw(canvas: &mut Canvas, top: i64, request: &Request, moment: &Moment) {
    let dot = canvas.dot as i64;
    let (pad, step) = (PAD_DOTS as i64 * dot, LINE_DOTS as i64 * dot);
    let mut y = top + pad;
    for (index, line) in facts(request, moment).iter().enumerate() {
        canvas.write(pad, y, line, if index == 0 { WHITE } else { FAINT });
        y += step;
    }
    y += step / 2;
    let marks = marks(request, moment);
    let rows = marks.len().div_ceil(COLUMNS);
    let column_width = (canvas.width() / COLUMNS) as i64;
    for (index, (mark, words)) in marks.iter().enumerate() {
        let (x, y) = (pad + (index / rows) as i64 * column_width, y + (index % rows) as i64 * step);
        swatch(canvas, [x, y - dot, x + 14 * dot, y + 8 * dot], mark);
        canvas.write(x + 18 * dot, y, words, WHITE);
    }
}

fn facts(request: &Request, moment: &Moment) -> Vec<String> {
    let view = &moment.view;
    let height = moment.picture.len() / moment.width;
    let flags: Vec<&str> = view.quality.names().collect();
    let flags = if flags.is_empty() { "none".to_owned() } else { flags.join(", ") };
    let disturbed = if view.disturbed { ", disturbed: says nothing about people" } else { "" };
    let mut floors = view.thresholds_grey.clone();
    floors.sort_by(f32::total_cmp);
    vec![
        format!(
            "camera {}, {:.1} s, {} x {height}, watched for {:.0} s before",
            request.camera, moment.at_s, moment.width, moment.learned_s
        ),
        format!("brightness {:.0} of 255, marks of quality: {flags}{disturbed}", view.luma),
        format!(
            "noise floor, grey levels: least {:.1}, middle {:.1}, most {:.1}",
            floors[0],
            floors[MICRO_CELLS / 2],
            floors[MICRO_CELLS - 1]
        ),
    ]
}

fn marks(request: &Request, moment: &Moment) -> Vec<(Mark, String)> {
    let mut marks = vec![
        (Mark::Filled(MOVING), "moves as somebody does".to_owned()),
        (Mark::Corner(MOVING), "moves a little: no evidence".to_owned()),
        (Mark::Framed(LIVE), "live: moved in the last minute".to_owned()),
        (Mark::Hatched(SILENT), "silent: still for longer".to_owned()),
        (Mark::Hatched(THING), "thing: small and still".to_owned()),
        (Mark::Squares(NOISE), format!("noise floor (full at {NOISE_FULL_GREY:.0} grey levels)")),
    ];
    let cells = |index: usize| moment.view.zone_cells.get(index).copied().unwrap_or(0);
    if !request.analysis.masks.is_empty() {
        let masked = MICRO_CELLS - cells(0);
        marks.push((Mark::Dashed(MASK), format!("mask: black, not looked at ({})", share(masked))));
    }
    for (index, zone) in request.analysis.zones.iter().enumerate() {
        marks.push((Mark::Outline(zone_colour(index)), format!("zone {} ({})", zone.id, share(cells(index + 1)))));
    }
    marks
}

/// A number of cells as a share of the view, so that a zone too small to judge is seen at once.
fn share(cells: usize) -> String {
    format!("{cells} cells, {:.1}%", 100.0 * cells as f32 / MICRO_CELLS as f32)
}

fn swatch(canvas: &mut Canvas, area: Area, mark: &Mark) {
    let dot = canvas.dot as i64;
    let [x0, y0, x1, y1] = area;
    let middle = (y0 + y1) as f32 / 2.0;
    match mark {
        Mark::Filled(colour) => canvas.fill(area, *colour, 0.7),
        Mark::Hatched(colour) => {
            canvas.hatch(area, *colour, 0.8);
            frame(canvas, area, *colour);
        }
        Mark::Framed(colour) => {
            canvas.fill(area, *colour, 0.15);
            frame(canvas, area, *colour);
        }
        Mark::Squares(colour) => {
            canvas.fill([x0, y0 + 3 * dot, x0 + 3 * dot, y0 + 6 * dot], *colour, 0.6);
            canvas.fill([x0 + 6 * dot, y0 + dot, x0 + 13 * dot, y0 + 8 * dot], *colour, 0.6);
        }
        Mark::Corner(colour) => canvas.fill([x0 + 5 * dot, y0 + 3 * dot, x0 + 8 * dot, y0 + 6 * dot], *colour, 1.0),
        Mark::Dashed(colour) => {
            canvas.line([x0 as f32, middle], [x1 as f32, middle], 3 * canvas.dot / 2, 3 * canvas.dot, *colour);
        }
        Mark::Outline(colour) => canvas.line([x0 as f32, middle], [x1 as f32, middle], 3 * canvas.dot / 2, 0, *colour),
    }
}

fn frame(canvas: &mut Canvas, [x0, y0, x1, y1]: Area, colour: Colour) {
    let dot = canvas.dot as i64;
    for side in [[x0, y0, x1, y0 + dot], [x0, y1 - dot, x1, y1], [x0, y0, x0 + dot, y1], [x1 - dot, y0, x1, y1]] {
        canvas.fill(side, colour, 1.0);
    }
}
