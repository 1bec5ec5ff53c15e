//! What is read is what was written, in every kind that label sets use; what is broken is refused, never a panic.

#![allow(clippy::disallowed_methods, reason = "tests make broken files on purpose")]

use super::*;
use std::path::PathBuf;

/// A BMP: 8 bits with a palette that turns numbers around, or 24 or 32 bits.
fn bmp_of(bits: u16, width: usize, height: i32, grey: &dyn Fn(usize, usize) -> u8) -> Vec<u8> {
    let palette: Vec<u8> =
        if bits == 8 { (0..=255).flat_map(|n: u8| [255 - n, 255 - n, 255 - n, 0]).collect() } else { vec![] };
    let begin = 54 + palette.len() as u32;
    let mut bytes = b"BM".to_vec();
    bytes.extend([0; 8]);
    bytes.extend(begin.to_le_bytes());
    bytes.extend(40_u32.to_le_bytes());
    bytes.extend((width as u32).to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.extend(1_u16.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes.extend([0; 24]);
    bytes.extend(palette);
    let rows = height.unsigned_abs() as usize;
    for stored in 0..rows {
        let y = if height < 0 { stored } else { rows - 1 - stored };
        let from = bytes.len();
        for x in 0..width {
            match bits {
                8 => bytes.push(255 - grey(x, y)),
                24 => bytes.extend([grey(x, y); 3]),
                _ => bytes.extend([grey(x, y), grey(x, y), grey(x, y), 7]),
            }
        }
        bytes.resize(from + (bytes.len() - from).next_multiple_of(4), 0);
    }
    bytes
}

fn saved(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn every_kind_of_bmp_gives_the_same_picture() {
    let dir = tempfile::tempdir().unwrap();
    let grey = |x: usize, y: usize| (40 * y + 3 * x) as u8;
    let expected: Vec<u8> = (0..5).flat_map(|y| (0..7).map(move |x| grey(x, y))).collect();
    for bits in [8, 24, 32] {
        for height in [5, -5] {
            let path = saved(dir.path(), "a.bmp", &bmp_of(bits, 7, height, &grey));
            let read = Grey::read(&path).unwrap();
            assert_eq!((read.width(), read.height(), read.pixels()), (7, 5, expected.as_slice()), "{bits} {height}");
        }
    }
}

#[test]
fn colours_weigh_as_the_eye_does() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rgb.png");
    write_rgb_png(&path, 4, 1, &[255, 0, 0, 0, 255, 0, 0, 0, 255, 170, 170, 170]).unwrap();
    assert_eq!(Grey::read(&path).unwrap().pixels(), [54, 182, 18, 170]);
}

#[test]
fn a_png_comes_back_from_grey_and_from_a_palette() {
    let dir = tempfile::tempdir().unwrap();
    let written = Grey::new(5, 1, vec![0, 50, 85, 170, 255]).unwrap();
    let path = dir.path().join("mask.png");
    written.write_png(&path).unwrap();
    assert_eq!(Grey::read(&path).unwrap(), written);
    let path = dir.path().join("palette.png");
    let mut encoder = png::Encoder::new(std::fs::File::create(&path).unwrap(), 5, 1);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette([255, 255, 255, 170, 170, 170, 0, 0, 0].as_slice());
    encoder.write_header().unwrap().write_image_data(&[2, 1, 0, 1, 2]).unwrap();
    assert_eq!(Grey::read(&path).unwrap().pixels(), [0, 170, 255, 170, 0]);
}

#[test]
fn a_cut_or_strange_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let whole = bmp_of(8, 7, 5, &|x, _| x as u8);
    // The last byte only pads the last row: without it every pixel is there.
    for len in 0..whole.len() - 1 {
        assert!(Grey::read(&saved(dir.path(), "cut.bmp", &whole[..len])).is_err(), "{len} of {} bytes", whole.len());
    }
    let changed = |at: usize, value: u8| {
        let mut bytes = whole.clone();
        bytes[at] = value;
        Grey::read(&saved(dir.path(), "changed.bmp", &bytes))
    };
    // Compression, bits, width 0 (first byte of 7), and a width above all that is sold.
    for (at, value) in [(30, 1), (28, 4), (18, 0), (20, 200)] {
        assert!(matches!(changed(at, value), Err(GreyError::Bmp(_))), "byte {at}");
    }
    assert!(matches!(Grey::read(&saved(dir.path(), "text.png", b"no picture")), Err(GreyError::Png(_))));
    assert!(matches!(Grey::read(&dir.path().join("none")), Err(GreyError::Io(_))));
}

#[test]
fn pixels_outside_are_none() {
    let grey = Grey::new(2, 2, vec![1, 2, 3, 4]).unwrap();
    assert_eq!((grey.at(1, 0), grey.at(0, 1), grey.at(2, 0), grey.at(0, 2)), (Some(2), Some(3), None, None));
    assert!(Grey::new(2, 2, vec![0; 3]).is_none() && Grey::new(0, 0, vec![]).is_none());
}
