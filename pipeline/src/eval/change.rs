//! Change detection: the foreground of the working grid against labelled masks.
//!
//! The grid's mask is smoothed by a 9 x 9 majority, as published figures for this data are, scaled up to the labels'
//! size (nearest), and compared pixel by pixel; pixels labelled as outside or unknown are left out.

use pantau_datasets::grey::Grey;
use pantau_datasets::labels::{MASK_MOVING, MASK_OUTSIDE, MASK_UNKNOWN};
use serde::Serialize;

/// Half of the smoothing window's side, less a half.
const RADIUS: usize = 4;

/// How well foreground and masks agree.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ChangeScore {
    /// Frames compared.
    pub frames: u64,
    /// Share of what was said to be foreground that is.
    pub precision: f64,
    /// Share of the foreground that was found.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f: f64,
}

/// Pixels counted so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    frames: u64,
    right: u64,
    wrong: u64,
    missed: u64,
}

impl Tally {
    /// Counts a frame.
    pub(super) fn add(&mut self, mask: &Grey, roi: Option<&Grey>, found: Option<(Vec<u8>, usize)>) {
        let Some((found, width)) = found.filter(|(_, width)| *width > 0) else { return };
        let height = found.len() / width;
        let smooth = majority(&found, width, height);
        self.frames += 1;
        for (pixel, &label) in mask.pixels().iter().enumerate() {
            let (x, y) = (pixel % mask.width(), pixel / mask.width());
            let is_outside = roi.is_some_and(|roi| roi.at(x, y) == Some(0));
            if is_outside || matches!(label, MASK_OUTSIDE | MASK_UNKNOWN) {
                continue;
            }
            let grid_x = (x * width / mask.width()).min(width - 1);
            let grid_y = (y * height / mask.height()).min(height - 1);
            match (smooth[grid_y * width + grid_x], label == MASK_MOVING) {
                (true, true) => self.right += 1,
                (true, false) => self.wrong += 1,
                (false, true) => self.missed += 1,
                (false, false) => {}
            }
        }
    }

    /// `None` if no frame had a mask.
    pub(super) fn score(&self) -> Option<ChangeScore> {
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        (self.frames > 0).then(|| ChangeScore {
            frames: self.frames,
            precision: share(self.right, self.right + self.wrong),
            recall: share(self.right, self.right + self.missed),
            f: share(2 * self.right, 2 * self.right + self.wrong + self.missed),
        })
    }
}

/// True where more than half of the 9 x 9 pixels around are set, by a summed-area table.
fn majority(mask: &[u8], width: usize, height: usize) -> Vec<bool> {
    let stride = width + 1;
    let mut sums = vec![0u32; stride * (height + 1)];
    for y in 0..height {
        let mut row = 0;
        for x in 0..width {
            row += u32::from(mask[y * width + x]);
            sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
        }
    }
    let mut smooth = Vec::with_capacity(width * height);
    for y in 0..height {
        let (top, bottom) = (y.saturating_sub(RADIUS), (y + RADIUS + 1).min(height));
        for x in 0..width {
            let (left, right) = (x.saturating_sub(RADIUS), (x + RADIUS + 1).min(width));
            let at = |y: usize, x: usize| sums[y * stride + x];
            let set = at(bottom, right) + at(top, left) - at(top, right) - at(bottom, left);
            smooth.push(set as usize * 2 > (bottom - top) * (right - left));
        }
    }
    smooth
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_pixels_go_and_blocks_stay() {
        let (width, height) = (40, 30);
        let mut mask = vec![0u8; width * height];
        mask[5 * width + 5] = 1;
        for y in 12..26 {
            mask[y * width + 15..y * width + 30].fill(1);
        }
        let smooth = majority(&mask, width, height);
        assert!(!smooth[5 * width + 5]);
        assert!(smooth[18 * width + 22] && smooth[12 * width + 22] && !smooth[10 * width + 22]);
    }

    #[test]
    fn labels_to_ignore_do_not_count() {
        let mut labels = vec![0; 48 * 27];
        labels[..2].copy_from_slice(&[MASK_OUTSIDE, MASK_MOVING]);
        let mask = Grey::new(48, 27, labels).unwrap();
        let mut tally = Tally::default();
        tally.add(&mask, None, Some((vec![1; 48 * 27], 48)));
        assert_eq!((tally.right, tally.wrong, tally.missed), (1, 48 * 27 - 2, 0));
    }
}
