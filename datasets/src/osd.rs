//! The burnt-in clock: `2026-07-13 07:20:00` in a 5 x 7 font of its own, white on a black outline, after the noise as
//! in a camera.

use crate::yuv::{CHROMA_GREY, Yuv420};
use jiff::Timestamp;

/// Rows of each glyph, five bits each, the highest bit to the left.
const GLYPHS: [(char, [u8; 7]); 13] = [
    ('0', [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e]),
    ('1', [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e]),
    ('2', [0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f]),
    ('3', [0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e]),
    ('4', [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02]),
    ('5', [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e]),
    ('6', [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e]),
    ('7', [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08]),
    ('8', [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e]),
    ('9', [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c]),
    (':', [0x00, 0x0c, 0x0c, 0x00, 0x0c, 0x0c, 0x00]),
    ('-', [0x00, 0x00, 0x00, 0x1f, 0x00, 0x00, 0x00]),
    (' ', [0x00; 7]),
];
/// Width of a character with its gap, font pixels.
const ADVANCE: usize = 6;
/// Height of a glyph, font pixels.
const GLYPH_HEIGHT: usize = 7;
/// Picture height at which the font is drawn at its own size; twice that doubles it.
const HEIGHT_PER_SCALE_PX: usize = 240;
const WHITE: u8 = 230;
const OUTLINE: u8 = 20;

/// The part of a picture, in pixels `[x0, y0, x1, y1]`, that a clock may change.
pub(crate) fn area(width: usize, height: usize) -> [usize; 4] {
    let scale = (height / HEIGHT_PER_SCALE_PX).max(1);
    let x1 = scale * (3 + 19 * ADVANCE);
    [scale, scale, x1.min(width), (scale * (GLYPH_HEIGHT + 4)).min(height)]
}

/// Burns the local wall clock (`local_s`: seconds since 1970-01-01T00:00:00 local time) into the top left corner.
pub(crate) fn burn(picture: &mut Yuv420, local_s: i64) {
    let Ok(moment) = Timestamp::from_second(local_s) else {
        return;
    };
    let text = moment.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let scale = (picture.height() / HEIGHT_PER_SCALE_PX).max(1);
    // The outline first, then the strokes, so that strokes stay whole.
    for (reach, luma) in [(1, OUTLINE), (0, WHITE)] {
        for (index, character) in text.chars().enumerate() {
            glyph(picture, character, 3 + index * ADVANCE, scale, reach, luma);
        }
    }
}

fn glyph(picture: &mut Yuv420, character: char, left: usize, scale: usize, reach: usize, luma: u8) {
    let Some((_, rows)) = GLYPHS.iter().find(|(known, _)| *known == character) else {
        return;
    };
    for (row, bits) in rows.iter().enumerate() {
        for column in (0..5).filter(|column| bits >> (4 - column) & 1 == 1) {
            let (x, y) = (left + column, 3 + row);
            fill(
                picture,
                [(x - reach) * scale, (y - reach) * scale],
                [(x + reach + 1) * scale, (y + reach + 1) * scale],
                luma,
            );
        }
    }
}

fn fill(picture: &mut Yuv420, from: [usize; 2], to: [usize; 2], luma: u8) {
    let (width, height) = (picture.width(), picture.height());
    for y in from[1]..to[1].min(height) {
        for x in from[0]..to[0].min(width) {
            picture.y[y * width + x] = luma;
            let chroma = (y / 2) * (width / 2) + x / 2;
            picture.u[chroma] = CHROMA_GREY;
            picture.v[chroma] = CHROMA_GREY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_seconds_change_within_a_minute() {
        let mut pictures = [Yuv420::new(320, 240), Yuv420::new(320, 240)];
        burn(&mut pictures[0], 1_783_927_200);
        burn(&mut pictures[1], 1_783_927_201);
        let changed = (0..320 * 240).filter(|&at| pictures[0].y[at] != pictures[1].y[at]).collect::<Vec<_>>();
        let last_digit_x = 3 + 18 * ADVANCE;
        assert!(!changed.is_empty());
        assert!(changed.iter().all(|at| at % 320 >= last_digit_x - 1 && at % 320 < last_digit_x + ADVANCE));
    }
}
