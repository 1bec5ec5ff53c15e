//! Grey label pictures: read from PNG and from uncompressed BMP (the two that label sets come in), written as PNG.
//!
//! Colours of a palette or of RGB become their luma. Nothing else of the formats is understood: what is not known is
//! refused by name, never guessed.

use crate::durable;
use std::io;
use std::path::Path;

/// Largest side that is read.
const SIDE_MAX_PX: usize = 16_384;

/// Why a picture could not be read.
#[derive(Debug, thiserror::Error)]
pub enum GreyError {
    /// The file can't be read.
    #[error("cannot read: {0}")]
    Io(#[from] io::Error),
    /// Not a PNG that can be decoded.
    #[error("no readable PNG: {0}")]
    Png(#[from] png::DecodingError),
    /// Not a BMP of the known kinds.
    #[error("no readable BMP: {0}; save it as an uncompressed BMP of 8, 24 or 32 bits, or as PNG")]
    Bmp(&'static str),
}

/// One byte a pixel, row by row from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grey {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Grey {
    /// `None` unless there are `width x height` pixels, at least one.
    pub fn new(width: usize, height: usize, pixels: Vec<u8>) -> Option<Self> {
        let fits = width > 0 && width.checked_mul(height) == Some(pixels.len()) && !pixels.is_empty();
        fits.then_some(Self { width, height, pixels })
    }

    /// Reads a PNG or BMP, by what the file begins with.
    pub fn read(path: &Path) -> Result<Self, GreyError> {
        let bytes = std::fs::read(path)?;
        if bytes.starts_with(b"BM") { bmp(&bytes) } else { png(&bytes) }
    }

    /// Writes a grey PNG.
    pub fn write_png(&self, path: &Path) -> io::Result<()> {
        write_png(path, self.width, self.height, png::ColorType::Grayscale, &self.pixels)
    }

    /// Pixels across.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels down.
    pub fn height(&self) -> usize {
        self.height
    }

    /// All pixels, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// One pixel; `None` outside.
    pub fn at(&self, x: usize, y: usize) -> Option<u8> {
        (x < self.width && y < self.height).then(|| self.pixels[y * self.width + x])
    }
}

/// Writes interleaved 8-bit RGB as a PNG.
pub fn write_rgb_png(path: &Path, width: usize, height: usize, rgb: &[u8]) -> io::Result<()> {
    write_png(path, width, height, png::ColorType::Rgb, rgb)
}

fn write_png(path: &Path, width: usize, height: usize, color: png::ColorType, samples: &[u8]) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(samples)?;
    writer.finish()?;
    durable::write(path, &bytes)
}

fn png(bytes: &[u8]) -> Result<Grey, GreyError> {
    let mut decoder = png::Decoder::new(io::Cursor::new(bytes));
    // Palettes, bit depths below 8 and above: all as 8-bit channels.
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let size = reader.output_buffer_size().ok_or_else(|| io::Error::other("the picture is too large"))?;
    let mut samples = vec![0; size];
    let info = reader.next_frame(&mut samples)?;
    samples.truncate(info.buffer_size());
    let pixels = match info.color_type {
        png::ColorType::Grayscale | png::ColorType::Indexed => samples,
        png::ColorType::GrayscaleAlpha => samples.chunks_exact(2).map(|pixel| pixel[0]).collect(),
        png::ColorType::Rgb => samples.chunks_exact(3).map(luma).collect(),
        png::ColorType::Rgba => samples.chunks_exact(4).map(luma).collect(),
    };
    let whole = Grey::new(info.width as usize, info.height as usize, pixels);
    Ok(whole.ok_or_else(|| io::Error::other("the picture has no pixels"))?)
}

/// BT.709 weights, which leave greys as they are.
fn luma(rgb: &[u8]) -> u8 {
    let [red, green, blue] = [0, 1, 2].map(|channel| u32::from(rgb[channel]));
    ((2126 * red + 7152 * green + 722 * blue) / 10_000) as u8
}

/// An uncompressed BMP: a header that tells where the pixels begin, rows padded to 4 bytes, from the bottom up unless
/// the height is negative, blue first.
fn bmp(bytes: &[u8]) -> Result<Grey, GreyError> {
    const HEADER: usize = 14;
    let word = |at: usize| {
        let four = bytes.get(at..at + 4).ok_or(GreyError::Bmp("the header is cut off"))?;
        Ok::<_, GreyError>(i32::from_le_bytes([four[0], four[1], four[2], four[3]]))
    };
    let begin = word(10)? as usize;
    let (width, tall) = (word(HEADER + 4)?, word(HEADER + 8)?);
    let (bits, compression) = (word(HEADER + 14)? & 0xffff, word(HEADER + 16)?);
    if word(HEADER)? < 40 {
        return Err(GreyError::Bmp("its header is of a kind before Windows 3"));
    }
    if compression != 0 || ![8, 24, 32].contains(&bits) {
        return Err(GreyError::Bmp("it is compressed or has an unusual number of bits"));
    }
    let (width, height) = (width.max(0) as usize, tall.unsigned_abs() as usize);
    if width == 0 || height == 0 || width > SIDE_MAX_PX || height > SIDE_MAX_PX {
        return Err(GreyError::Bmp("its size makes no sense"));
    }
    let bytes_each = bits as usize / 8;
    let stride = (width * bytes_each).next_multiple_of(4);
    let palette = &bytes[(HEADER + word(HEADER)? as usize).min(bytes.len())..begin.min(bytes.len())];
    let from_blue = |blue_first: &[u8]| luma(&[blue_first[2], blue_first[1], blue_first[0]]);
    let grey = |pixel: &[u8]| match bytes_each {
        // A number without a colour is black.
        1 => palette.chunks_exact(4).nth(usize::from(pixel[0])).map_or(0, from_blue),
        _ => from_blue(pixel),
    };
    let mut pixels = Vec::with_capacity(width * height);
    for row in 0..height {
        let stored = if tall < 0 { row } else { height - 1 - row };
        let start = begin.saturating_add(stored * stride);
        let row = bytes.get(start..start.saturating_add(width * bytes_each));
        pixels.extend(row.ok_or(GreyError::Bmp("it is cut off"))?.chunks_exact(bytes_each).map(grey));
    }
    Grey::new(width, height, pixels).ok_or(GreyError::Bmp("it has no pixels"))
}

#[cfg(test)]
mod tests;
