//! Sets of cells and their connected parts, on the 48 x 27 grid.

use crate::diff::{Geometry, MICRO_CELLS, MICRO_X, MICRO_Y};

/// Numbers of the cells around `cell` (up to eight).
pub(super) fn neighbours(cell: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (cell % MICRO_X, cell / MICRO_X);
    let (x0, x1) = (x.saturating_sub(1), (x + 1).min(MICRO_X - 1));
    let (y0, y1) = (y.saturating_sub(1), (y + 1).min(MICRO_Y - 1));
    (y0..=y1).flat_map(move |ny| (x0..=x1).map(move |nx| ny * MICRO_X + nx)).filter(move |&other| other != cell)
}

/// True for the outermost ring of cells.
pub(super) fn is_rim(cell: usize) -> bool {
    let (x, y) = (cell % MICRO_X, cell / MICRO_X);
    x == 0 || y == 0 || x == MICRO_X - 1 || y == MICRO_Y - 1
}

/// Connected parts (eight neighbours) of the cells that `is_in` takes, each as its cells in scan order of discovery.
pub(super) fn components(is_in: impl Fn(usize) -> bool) -> Vec<Vec<u16>> {
    let mut seen = [false; MICRO_CELLS];
    let mut parts = Vec::new();
    for start in 0..MICRO_CELLS {
        if seen[start] || !is_in(start) {
            continue;
        }
        seen[start] = true;
        let mut part = vec![start as u16];
        let mut next = 0;
        while next < part.len() {
            let cell = usize::from(part[next]);
            next += 1;
            for other in neighbours(cell) {
                if !seen[other] && is_in(other) {
                    seen[other] = true;
                    part.push(other as u16);
                }
            }
        }
        parts.push(part);
    }
    parts
}

/// Visits every grid pixel of the cells.
pub(super) fn for_each_pixel(geometry: &Geometry, cells: &[u16], mut visit: impl FnMut(usize, usize)) {
    for &cell in cells {
        let (x, y) = (usize::from(cell) % MICRO_X, usize::from(cell) / MICRO_X);
        for py in geometry.rows()[y]..geometry.rows()[y + 1] {
            for px in geometry.columns()[x]..geometry.columns()[x + 1] {
                visit(px, py);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagonal_cells_are_one_part_and_the_grid_does_not_wrap() {
        let diagonal = [0, MICRO_X + 1, 2 * MICRO_X + 2];
        assert_eq!(components(|cell| diagonal.contains(&cell)).len(), 1);
        let ends = [MICRO_X - 1, MICRO_X];
        assert_eq!(components(|cell| ends.contains(&cell)).len(), 2);
    }
}
