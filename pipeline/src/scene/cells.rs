//! Sets of cells and their connected parts, on the 48 x 27 grid.

use crate::diff::{Geometry, MICRO_CELLS, MICRO_X, MICRO_Y};

/// Numbers of the cells around `cell` (up to eight).
pub(super) fn neighbours(cell: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (cell % MICRO_X, cell / MICRO_X);
    let (x0, x1) = (x.saturating_sub(1), (x + 1).min(MICRO_X - 1));
    let (y0, y1) = (y.saturating_sub(1), (y + 1).min(MICRO_Y - 1));
    let (mut around, mut count) = ([0; 8], 0);
    for ny in y0..=y1 {
        for other in ny * MICRO_X + x0..=ny * MICRO_X + x1 {
            if other != cell {
                around[count] = other;
                count += 1;
            }
        }
    }
    around.into_iter().take(count)
}

/// `cells` and those beside them, some more than once.
pub(super) fn and_beside(cells: &[u16]) -> impl Iterator<Item = usize> {
    cells.iter().map(|&cell| usize::from(cell)).flat_map(|cell| neighbours(cell).chain([cell]))
}

/// The cells of a set, and those beside them.
pub(super) fn with_neighbours(is_in: &[bool]) -> Vec<bool> {
    joined_around(is_in, |one, other| one | other)
}

/// The cells of a set, and those up to two beside them: as far as somebody leans, or a screen's page smears.
pub(super) fn with_surroundings(is_in: &[bool]) -> Vec<bool> {
    with_neighbours(&with_neighbours(is_in))
}

/// What `join` makes of each cell's value and those beside it, whatever their order and however often it gets them.
pub(super) fn joined_around<T: Copy>(values: &[T], join: impl Fn(T, T) -> T) -> Vec<T> {
    // As far as both reach.
    let take_in =
        |into: &mut [T], from: &[T]| into.iter_mut().zip(from).for_each(|(one, &other)| *one = join(*one, other));
    let mut across = values.to_vec();
    for (joined, row) in across.chunks_exact_mut(MICRO_X).zip(values.chunks_exact(MICRO_X)) {
        take_in(&mut joined[1..], row);
        take_in(joined, &row[1..]);
    }
    let mut joined = across.clone();
    take_in(&mut joined[MICRO_X..], &across);
    take_in(&mut joined, &across[MICRO_X..]);
    joined
}

/// Takes away what the cells in `is_in` show.
pub(super) fn silence(values: &mut [f32], is_in: &[bool]) {
    for (value, _) in values.iter_mut().zip(is_in).filter(|(_, is_in)| **is_in) {
        *value = 0.0;
    }
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

    #[test]
    fn a_set_grows_by_the_neighbours_of_its_cells() {
        for cell in [0, MICRO_X - 1, 5 * MICRO_X + 7, MICRO_CELLS - MICRO_X, MICRO_CELLS - 1] {
            let mut is_in = [false; MICRO_CELLS];
            is_in[cell] = true;
            let grown: Vec<usize> = (0..MICRO_CELLS).filter(|&other| with_neighbours(&is_in)[other]).collect();
            let mut expected: Vec<usize> = neighbours(cell).chain([cell]).collect();
            expected.sort_unstable();
            assert_eq!(grown, expected);
        }
    }
}
