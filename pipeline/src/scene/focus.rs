//! Whether the lens is in focus: how much of a contrast lies between two pixels beside each other.
//!
//! Pictures in focus, made and labelled ones at CRF 20 to 38, have 0.5 to 0.9 of it there; the same blurred by a
//! hundredth of their width (Gaussian, standard deviation) 0.2 to 0.3. A picture too blurred for any contrast is not told
//! from a plain wall.

use crate::diff::{Geometry, Grid, MICRO_CELLS, Ranked};

/// A blurred edge is wider than one pixel and about so wide, pixels of the grid.
const EDGE_PX: usize = 8;
/// Cells with less contrast than this say nothing, grey levels.
const CONTRAST_GREY: u8 = 24;
/// With fewer cells of contrast nothing is said: burnt-in text is sharp on any picture.
const CELLS_MIN: usize = 20;
/// This share of the cells of contrast is softer than the one that decides: shadows are soft in focus, too.
const SOFTER_SHARE: f32 = 0.75;
/// An edge is blurred if less than this share of its contrast lies between two pixels.
const SHARP_SHARE: f32 = 0.3;

/// True if the picture's edges are spread over many pixels.
pub(super) fn is_blurred(geometry: &Geometry, grid: &Grid) -> bool {
    let mut shares = largest_step_shares(geometry, grid);
    if shares.len() < CELLS_MIN {
        return false;
    }
    let decides = (shares.len() as f32 * SOFTER_SHARE) as usize;
    shares.at(decides) < SHARP_SHARE
}

/// Which share of a cell's contrast the largest step between two pixels makes; nothing of cells without contrast.
fn largest_step_shares(geometry: &Geometry, grid: &Grid) -> Ranked {
    let width = geometry.width();
    // The last columns have no pixel at the distance of an edge.
    let reach = width - EDGE_PX;
    let (mut steps, mut contrasts) = (vec![0u8; width], vec![0u8; width]);
    let mut shares = Ranked::with_capacity(MICRO_CELLS);
    for rows in geometry.rows().windows(2) {
        steps.fill(0);
        contrasts.fill(0);
        for row in grid.pixels()[rows[0] * width..rows[1] * width].chunks_exact(width) {
            keep_largest(&mut steps[..reach], row, &row[1..]);
            keep_largest(&mut contrasts[..reach], row, &row[EDGE_PX..]);
        }
        for columns in geometry.columns().windows(2) {
            let largest = |values: &[u8]| values[columns[0]..columns[1]].iter().copied().max().unwrap_or_default();
            let (step, contrast) = (largest(&steps), largest(&contrasts));
            if contrast >= CONTRAST_GREY {
                shares.push(f32::from(step) / f32::from(contrast));
            }
        }
    }
    shares
}

fn keep_largest(largest: &mut [u8], from: &[u8], to: &[u8]) {
    for ((largest, &from), &to) in largest.iter_mut().zip(from).zip(to) {
        *largest = (*largest).max(from.abs_diff(to));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks at boards whose edges are `edge_px` wide.
    fn is_blurred_at(edge_px: f32) -> bool {
        let grey = |x: usize| {
            let over_edge_px = (x % 48).abs_diff(24) as f32 - 12.0;
            (80.0 + 90.0 * (over_edge_px / edge_px + 0.5).clamp(0.0, 1.0)) as u8
        };
        let (geometry, grid) = Grid::of_grey((480, 270), |x, _| grey(x));
        is_blurred(&geometry, &grid)
    }

    #[test]
    fn edges_over_many_pixels_are_blurred_and_sharp_ones_and_plain_walls_are_not() {
        assert!(!is_blurred_at(1.0));
        assert!(is_blurred_at(6.0));
        assert!(!is_blurred_at(1e6), "a plain wall says nothing");
    }
}
