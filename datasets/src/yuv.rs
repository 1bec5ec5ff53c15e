//! A picture as cameras encode it: luma, and chroma at half the size, without padding.

/// Luma of black in limited-range video.
pub const LUMA_BLACK: u8 = 16;
/// Chroma of grey.
pub const CHROMA_GREY: u8 = 128;

/// One YUV 4:2:0 picture. Width and height are even.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Yuv420 {
    width: usize,
    height: usize,
    /// Luma, `width x height` bytes.
    pub y: Vec<u8>,
    /// Blue difference, `width / 2 x height / 2` bytes.
    pub u: Vec<u8>,
    /// Red difference, `width / 2 x height / 2` bytes.
    pub v: Vec<u8>,
}

impl Yuv420 {
    /// A black picture; odd sizes are rounded up to even ones.
    pub fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width.next_multiple_of(2) as usize, height.next_multiple_of(2) as usize);
        let chroma = width * height / 4;
        Self {
            width,
            height,
            y: vec![LUMA_BLACK; width * height],
            u: vec![CHROMA_GREY; chroma],
            v: vec![CHROMA_GREY; chroma],
        }
    }

    /// Width of the luma plane, pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height of the luma plane, pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The picture as interleaved 8-bit RGB (BT.601, limited range), for looking at.
    pub fn to_rgb(&self) -> Vec<u8> {
        let mut rgb = Vec::with_capacity(self.y.len() * 3);
        for (index, &luma) in self.y.iter().enumerate() {
            let (x, y) = (index % self.width, index / self.width);
            let chroma = (y / 2) * (self.width / 2) + x / 2;
            let grey = 1.164 * (f32::from(luma) - f32::from(LUMA_BLACK));
            let blue = f32::from(self.u[chroma]) - f32::from(CHROMA_GREY);
            let red = f32::from(self.v[chroma]) - f32::from(CHROMA_GREY);
            let pixel = [grey + 1.596 * red, grey - 0.392 * blue - 0.813 * red, grey + 2.017 * blue];
            rgb.extend(pixel.iter().map(|value| value.round().clamp(0.0, 255.0) as u8));
        }
        rgb
    }
}
