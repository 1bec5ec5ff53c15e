//! What is drawn over the picture, from the back to the front: cells and their noise, what differs from the background,
//! what moves, masks, zones and their names.

use super::Request;
use super::canvas::{Area, Canvas, Colour, Picture, WHITE};
use super::footage::Moment;
use super::panel;
use crate::diff::{MICRO_CELLS, MICRO_X, MICRO_Y};
use crate::scene::{BlobKind, BlobReport, Movement};
use pantau_models::settings::Polygon;

/// Small pictures are enlarged to at least this, so that words can be read.
const WIDTH_MIN: usize = 1280;
/// A dot of a letter and a fine line grow with the picture: two pixels at 1280.
const WIDTH_PER_DOT: usize = 640;
/// A noise floor of so many grey levels fills its cell.
pub(super) const NOISE_FULL_GREY: f32 = 16.0;
const GRID_OPACITY: f32 = 0.10;

pub(super) const LIVE: Colour = [90, 220, 120];
pub(super) const SILENT: Colour = [255, 170, 60];
pub(super) const THING: Colour = [200, 140, 255];
pub(super) const MOVING: Colour = [255, 60, 60];
pub(super) const NOISE: Colour = [90, 190, 255];
pub(super) const MASK: Colour = [170, 170, 170];
/// Zones, one after the other.
pub(super) const ZONES: [Colour; 4] = [[255, 235, 80], [80, 235, 255], [255, 130, 200], [180, 255, 120]];

/// The picture with everything on it, and the panel below.
pub(super) fn draw(request: &Request, moment: &Moment) -> Picture {
    let drawing = Drawing::new(moment);
    let mut canvas = Canvas::new(
        drawing.area[2] as usize,
        drawing.area[3] as usize + panel::height(drawing.dot, request, moment),
        drawing.dot,
        panel::GROUND,
    );
    drawing.picture(&mut canvas);
    drawing.noise(&mut canvas);
    drawing.grid(&mut canvas);
    drawing.blobs(&mut canvas);
    drawing.movement(&mut canvas);
    drawing.masks(&mut canvas, &request.analysis.masks);
    for (index, zone) in request.analysis.zones.iter().enumerate() {
        drawing.outline_of(&mut canvas, &zone.polygon, 0, zone_colour(index));
    }
    drawing.names(&mut canvas, request);
    panel::draw(&mut canvas, drawing.area[3], request, moment);
    canvas.into_picture()
}

pub(super) fn zone_colour(index: usize) -> Colour {
    ZONES[index % ZONES.len()]
}

/// The picture's place on the canvas.
struct Drawing<'a> {
    moment: &'a Moment,
    /// Canvas pixels of a picture pixel.
    scale: usize,
    dot: usize,
    area: Area,
}

impl<'a> Drawing<'a> {
    fn new(moment: &'a Moment) -> Self {
        let scale = WIDTH_MIN.div_ceil(moment.width).max(1);
        let (width, height) = (moment.width * scale, moment.picture.len() / moment.width * scale);
        Self { moment, scale, dot: (width / WIDTH_PER_DOT).max(1), area: [0, 0, width as i64, height as i64] }
    }

    fn picture(&self, canvas: &mut Canvas) {
        let scale = self.scale as i64;
        for (index, &grey) in self.moment.picture.iter().enumerate() {
            let (x, y) = ((index % self.moment.width) as i64 * scale, (index / self.moment.width) as i64 * scale);
            canvas.fill([x, y, x + scale, y + scale], [grey; 3], 1.0);
        }
    }

    /// Where a cell lies on the canvas.
    fn cell(&self, cell: usize) -> Area {
        let geometry = &self.moment.view.geometry;
        let to_canvas = (geometry.factor() * self.scale) as i64;
        let (x, y) = (cell % MICRO_X, cell / MICRO_X);
        let (columns, rows) = (geometry.columns(), geometry.rows());
        [columns[x], rows[y], columns[x + 1], rows[y + 1]].map(|bound| bound as i64 * to_canvas)
    }

    /// A square in the middle of each cell, the larger the more the cell trembles by itself; none at the least floor.
    fn noise(&self, canvas: &mut Canvas) {
        let thresholds = &self.moment.view.thresholds_grey;
        let least = thresholds.iter().copied().fold(f32::MAX, f32::min);
        for cell in (0..MICRO_CELLS).filter(|&cell| thresholds[cell] > least + 0.05) {
            let [x0, y0, x1, y1] = self.cell(cell);
            let share = ((thresholds[cell] / NOISE_FULL_GREY).min(1.0)).sqrt();
            let side = ((x1 - x0).min(y1 - y0) as f32 * share) as i64;
            let (x, y) = ((x0 + x1 - side) / 2, (y0 + y1 - side) / 2);
            canvas.fill([x, y, x + side, y + side], NOISE, 0.25);
        }
    }

    fn grid(&self, canvas: &mut Canvas) {
        for column in 0..MICRO_X {
            let x = self.cell(column)[0];
            canvas.fill([x, 0, x + 1, self.area[3]], WHITE, GRID_OPACITY);
        }
        for row in 0..MICRO_Y {
            let y = self.cell(row * MICRO_X)[1];
            canvas.fill([0, y, self.area[2], y + 1], WHITE, GRID_OPACITY);
        }
    }

    /// The outline of what differs from the background, cell by cell; hatched where it is still.
    fn blobs(&self, canvas: &mut Canvas) {
        let labels = &self.moment.view.labels;
        for cell in (0..MICRO_CELLS).filter(|&cell| labels[cell] > 0) {
            let Some(blob) = self.moment.view.blobs.get(usize::from(labels[cell]) - 1) else { continue };
            let (area, colour) = (self.cell(cell), blob_colour(blob));
            match blob.kind {
                BlobKind::Live => canvas.fill(area, colour, 0.12),
                BlobKind::Silent | BlobKind::Thing => canvas.hatch(area, colour, 0.5),
            }
            for edge in self.outline(cell, |other| labels[other] == labels[cell]) {
                canvas.fill(edge, colour, 1.0);
            }
        }
    }

    /// The sides of a cell that face another set.
    fn outline(&self, cell: usize, is_same: impl Fn(usize) -> bool) -> Vec<Area> {
        let [x0, y0, x1, y1] = self.cell(cell);
        let (x, y, thick) = (cell % MICRO_X, cell / MICRO_X, self.dot as i64);
        let sides = [
            (x > 0 && is_same(cell - 1), [x0, y0, x0 + thick, y1]),
            (x + 1 < MICRO_X && is_same(cell + 1), [x1 - thick, y0, x1, y1]),
            (y > 0 && is_same(cell.wrapping_sub(MICRO_X)), [x0, y0, x1, y0 + thick]),
            (y + 1 < MICRO_Y && is_same(cell + MICRO_X), [x0, y1 - thick, x1, y1]),
        ];
        sides.into_iter().filter(|(is_inside, _)| !is_inside).map(|(_, side)| side).collect()
    }

    fn movement(&self, canvas: &mut Canvas) {
        for (cell, movement) in self.moment.view.movement.iter().enumerate() {
            let [x0, y0, x1, y1] = self.cell(cell);
            let thick = self.dot as i64;
            match movement {
                Movement::None => {}
                Movement::Weak => canvas.fill([x0 + thick, y0 + thick, x0 + 3 * thick, y0 + 3 * thick], MOVING, 1.0),
                Movement::Strong => canvas.fill([x0 + thick, y0 + thick, x1 - thick, y1 - thick], MOVING, 0.45),
            }
        }
    }

    fn masks(&self, canvas: &mut Canvas, masks: &[Polygon]) {
        for (index, mask) in masks.iter().enumerate() {
            self.outline_of(canvas, mask, 3 * self.dot, MASK);
            let [x, y] = self.middle(mask);
            canvas.label(x, y, &format!("mask {}", index + 1), MASK, self.area);
        }
    }

    /// Names last, so that nothing lies over them.
    fn names(&self, canvas: &mut Canvas, request: &Request) {
        for (index, zone) in request.analysis.zones.iter().enumerate() {
            let corners = zone.polygon.corners.iter().map(|corner| self.point(*corner));
            let top = corners.min_by(|a, b| (a[0] + a[1]).total_cmp(&(b[0] + b[1]))).unwrap_or_default();
            let (x, y) = (top[0] as i64 + 2 * self.dot as i64, top[1] as i64 + 2 * self.dot as i64);
            canvas.label(x, y, zone.id.as_str(), zone_colour(index), self.area);
        }
        for (index, blob) in self.moment.view.blobs.iter().enumerate() {
            let own = |cell: &usize| usize::from(self.moment.view.labels[*cell]) == index + 1;
            let cells: Vec<usize> = (0..MICRO_CELLS).filter(own).collect();
            if let Some(&top) = cells.first().filter(|_| cells.len() > 2) {
                let [x, y, ..] = self.cell(top);
                let words = format!("{} {:.0} s", blob_word(blob), blob.still_s);
                canvas.label(x, y - canvas.line_height() - 4 * self.dot as i64, &words, blob_colour(blob), self.area);
            }
        }
    }

    fn outline_of(&self, canvas: &mut Canvas, polygon: &Polygon, dash: usize, colour: Colour) {
        let next = polygon.corners.iter().cycle().skip(1);
        for (from, to) in polygon.corners.iter().zip(next) {
            canvas.line(self.point(*from), self.point(*to), 3 * self.dot / 2, dash, colour);
        }
    }

    /// A corner on the canvas.
    fn point(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [x * self.area[2] as f32, y * self.area[3] as f32]
    }

    fn middle(&self, polygon: &Polygon) -> [i64; 2] {
        let count = polygon.corners.len().max(1) as f32;
        let sum = polygon.corners.iter().fold([0.0, 0.0], |sum, corner| [sum[0] + corner[0], sum[1] + corner[1]]);
        let [x, y] = self.point([sum[0] / count, sum[1] / count]);
        [x as i64 - 18 * self.dot as i64, y as i64 - 6 * self.dot as i64]
    }
}

pub(super) fn blob_colour(blob: &BlobReport) -> Colour {
    match blob.kind {
        BlobKind::Live => LIVE,
        BlobKind::Silent => SILENT,
        BlobKind::Thing => THING,
    }
}

fn blob_word(blob: &BlobReport) -> &'static str {
    match blob.kind {
        BlobKind::Live => "live",
        BlobKind::Silent => "silent",
        BlobKind::Thing => "thing",
    }
}
