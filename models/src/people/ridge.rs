//! Ridge regression by its normal equations: small, exact, the same on every machine.

/// Rows of features and the value of each.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples {
    pub features: Vec<Vec<f64>>,
    pub values: Vec<f64>,
}

/// A fitted plane.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plane {
    pub base: f64,
    pub weights: Vec<f64>,
}

impl Samples {
    /// Those that `is_in` takes.
    pub(super) fn filter(&self, is_in: impl Fn(usize) -> bool) -> Self {
        let own = || (0..self.values.len()).filter(|&index| is_in(index));
        Self {
            features: own().map(|index| self.features[index].clone()).collect(),
            values: own().map(|index| self.values[index]).collect(),
        }
    }

    fn means(&self) -> (Vec<f64>, f64) {
        let count = self.values.len().max(1) as f64;
        let width = self.features.first().map_or(0, Vec::len);
        let mean = |column: usize| self.features.iter().map(|row| row[column]).sum::<f64>() / count;
        ((0..width).map(mean).collect(), self.values.iter().sum::<f64>() / count)
    }

    /// The plane that minimises squared errors plus `penalty` times the squared weights; the base is free. Features
    /// are expected in like units.
    pub(super) fn fit(&self, penalty: f64) -> Plane {
        let (means, mean) = self.means();
        let width = means.len();
        let mut matrix = vec![vec![0.0; width]; width];
        let mut right = vec![0.0; width];
        for (row, value) in self.features.iter().zip(&self.values) {
            for i in 0..width {
                let own = row[i] - means[i];
                right[i] += own * (value - mean);
                for j in 0..=i {
                    matrix[i][j] += own * (row[j] - means[j]);
                }
            }
        }
        for (i, row) in matrix.iter_mut().enumerate() {
            row[i] += penalty;
        }
        let weights = solve(matrix, right);
        let base = mean - weights.iter().zip(&means).map(|(weight, mean)| weight * mean).sum::<f64>();
        Plane { base, weights }
    }
}

impl Plane {
    pub(super) fn at(&self, features: &[f64]) -> f64 {
        self.base + self.weights.iter().zip(features).map(|(weight, feature)| weight * feature).sum::<f64>()
    }
}

/// Solves a positive definite system of which the lower half is given, by Cholesky's decomposition.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let width = right.len();
    for i in 0..width {
        for j in 0..=i {
            let inner: f64 = (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum();
            let rest = matrix[i][j] - inner;
            // A penalty keeps the diagonal above 0; rounding must not take it below.
            matrix[i][j] = if i == j { rest.max(f64::MIN_POSITIVE).sqrt() } else { rest / matrix[j][j] };
        }
    }
    for i in 0..width {
        let inner: f64 = (0..i).map(|k| matrix[i][k] * right[k]).sum();
        right[i] = (right[i] - inner) / matrix[i][i];
    }
    for i in (0..width).rev() {
        let inner: f64 = (i + 1..width).map(|k| matrix[k][i] * right[k]).sum();
        right[i] = (right[i] - inner) / matrix[i][i];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(x: f64, y: f64) -> f64 {
        3.0 + 2.0 * x - 0.5 * y
    }

    #[test]
    fn a_plane_is_found_again_and_a_penalty_flattens_it() {
        let features: Vec<Vec<f64>> = (0..12).map(|i| vec![f64::from(i % 4), f64::from(i * i % 7)]).collect();
        let values = features.iter().map(|row| plane(row[0], row[1])).collect();
        let samples = Samples { features, values };
        let exact = samples.fit(1e-9);
        assert!((exact.at(&[5.0, 5.0]) - plane(5.0, 5.0)).abs() < 1e-6, "{exact:?}");
        let flat = samples.fit(1e9);
        assert!(flat.weights.iter().all(|weight| weight.abs() < 1e-6));
        assert!((flat.base - samples.means().1).abs() < 1e-6);
    }

    #[test]
    fn a_feature_that_never_varies_gets_no_weight() {
        let features = vec![vec![1.0, 0.0], vec![1.0, 1.0], vec![1.0, 2.0]];
        let plane = Samples { features, values: vec![1.0, 2.0, 3.0] }.fit(1e-6);
        assert_eq!(plane.weights[0], 0.0);
        assert!((plane.weights[1] - 1.0).abs() < 1e-5);
    }
}
