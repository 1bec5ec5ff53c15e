//! A picture to draw on: dots, lines, boxes and words, each laid over what is there with an opacity.

use super::font;
use std::io::{self, Write};

/// Red, green, blue.
pub(super) type Colour = [u8; 3];

pub(super) const WHITE: Colour = [240, 240, 240];
pub(super) const BLACK: Colour = [0, 0, 0];

/// Corners `[x0, y0, x1, y1]`, pixels, the last ones not inside.
pub(super) type Area = [i64; 4];

/// A drawn picture: red, green, blue of each pixel, row by row.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<Colour>,
}

impl Picture {
    /// Writes it as a PNG.
    pub(super) fn write_png(&self, out: &mut impl Write) -> io::Result<()> {
        let mut encoder = png::Encoder::new(out, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.pixels.as_flattened())?;
        Ok(writer.finish()?)
    }
}

pub(super) struct Canvas {
    picture: Picture,
    /// Pixels of a dot of a letter, and of a fine line.
    pub(super) dot: usize,
}

impl Canvas {
    /// All of one colour.
    pub(super) fn new(width: usize, height: usize, dot: usize, colour: Colour) -> Self {
        Self { picture: Picture { width, height, pixels: vec![colour; width * height] }, dot }
    }

    pub(super) fn width(&self) -> usize {
        self.picture.width
    }

    pub(super) fn into_picture(self) -> Picture {
        self.picture
    }

    /// Lays a colour over a pixel; beyond the edges nothing happens.
    pub(super) fn blend(&mut self, x: i64, y: i64, colour: Colour, opacity: f32) {
        if x < 0 || y < 0 || x >= self.picture.width as i64 || y >= self.picture.height as i64 {
            return;
        }
        let pixel = &mut self.picture.pixels[y as usize * self.picture.width + x as usize];
        for (below, above) in pixel.iter_mut().zip(colour) {
            *below = (f32::from(*below) * (1.0 - opacity) + f32::from(above) * opacity).round() as u8;
        }
    }

    pub(super) fn fill(&mut self, [x0, y0, x1, y1]: Area, colour: Colour, opacity: f32) {
        for y in y0..y1 {
            for x in x0..x1 {
                self.blend(x, y, colour, opacity);
            }
        }
    }

    /// Diagonal lines over an area: read without colour too.
    pub(super) fn hatch(&mut self, [x0, y0, x1, y1]: Area, colour: Colour, opacity: f32) {
        let (thick, period) = (self.dot as i64, 4 * self.dot as i64);
        for y in y0..y1 {
            for x in (x0..x1).filter(|x| (x + y).rem_euclid(period) < thick) {
                self.blend(x, y, colour, opacity);
            }
        }
    }

    /// A line of `width` pixels; broken into dashes of `dash` pixels if that isn't 0.
    pub(super) fn line(&mut self, from: [f32; 2], to: [f32; 2], width: usize, dash: usize, colour: Colour) {
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let steps = dx.abs().max(dy.abs()).ceil().max(1.0) as usize;
        let half = width as i64 / 2;
        for step in (0..=steps).filter(|step| dash == 0 || (step / dash).is_multiple_of(2)) {
            let along = step as f32 / steps as f32;
            let x = (from[0] + dx * along).round() as i64 - half;
            let y = (from[1] + dy * along).round() as i64 - half;
            self.fill([x, y, x + width as i64, y + width as i64], colour, 1.0);
        }
    }

    /// Words with their upper left corner at `(x, y)`.
    pub(super) fn write(&mut self, x: i64, y: i64, words: &str, colour: Colour) {
        let dot = self.dot as i64;
        for (index, letter) in words.chars().enumerate() {
            let left = x + (index * font::ADVANCE) as i64 * dot;
            for (column, row) in font::dots(letter) {
                let (x, y) = (left + column as i64 * dot, y + row as i64 * dot);
                self.fill([x, y, x + dot, y + dot], colour, 1.0);
            }
        }
    }

    /// Width of words, pixels.
    pub(super) fn width_of(&self, words: &str) -> i64 {
        ((words.chars().count() * font::ADVANCE).saturating_sub(1) * self.dot) as i64
    }

    /// Height of a line of words, pixels.
    pub(super) fn line_height(&self) -> i64 {
        (font::HEIGHT * self.dot) as i64
    }

    /// Words on a plate of their own, moved so that they stay in `within`.
    pub(super) fn label(&mut self, x: i64, y: i64, words: &str, colour: Colour, within: Area) {
        let pad = 2 * self.dot as i64;
        let (width, height) = (self.width_of(words) + 2 * pad, self.line_height() + 2 * pad);
        let x = x.min(within[2] - width).max(within[0]);
        let y = y.min(within[3] - height).max(within[1]);
        self.fill([x, y, x + width, y + height], BLACK, 0.75);
        self.write(x + pad, y + pad, words, colour);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_beyond_the_edge_is_cut() {
        let mut canvas = Canvas::new(20, 10, 1, BLACK);
        canvas.line([-30.0, 5.0], [50.0, 5.0], 3, 0, WHITE);
        canvas.label(500, 500, "x", WHITE, [0, 0, 20, 10]);
        let picture = canvas.into_picture();
        assert_eq!(picture.pixels[5 * 20], WHITE);
        assert_eq!(picture.pixels[0], BLACK);
    }
}
