//! Small symmetric matrices, row-major.
#![expect(
    clippy::indexing_slicing,
    reason = "sizes are given with the matrices; loops run below them"
)]

/// A lower Cholesky factor, row-major.
#[derive(Debug, Clone)]
pub(super) struct Cholesky {
    factor: Vec<f64>,
    size: usize,
}

impl Cholesky {
    /// Of a symmetric matrix, of which the lower triangle is read; `None` when it is not positive definite.
    pub(super) fn of(matrix: &[f64], size: usize) -> Option<Self> {
        let mut factor = matrix.to_vec();
        for column in 0..size {
            for row in column..size {
                let taken: f64 = (0..column)
                    .map(|inner| factor[row * size + inner] * factor[column * size + inner])
                    .sum();
                let rest = factor[row * size + column] - taken;
                factor[row * size + column] = if row > column {
                    rest / factor[column * size + column]
                } else if rest > 0.0 && rest.is_finite() {
                    rest.sqrt()
                } else {
                    return None;
                };
            }
        }
        Some(Self { factor, size })
    }

    pub(super) fn log_determinant(&self) -> f64 {
        let diagonal = (0..self.size).map(|index| self.factor[index * self.size + index]);
        2.0 * diagonal.map(f64::ln).sum::<f64>()
    }

    /// L⁻¹ v in place.
    pub(super) fn forward(&self, vector: &mut [f64]) {
        for row in 0..self.size {
            let taken: f64 = (0..row)
                .map(|inner| self.factor[row * self.size + inner] * vector[inner])
                .sum();
            vector[row] = (vector[row] - taken) / self.factor[row * self.size + row];
        }
    }

    /// L⁻ᵀ v in place.
    pub(super) fn backward(&self, vector: &mut [f64]) {
        for row in (0..self.size).rev() {
            let taken: f64 = (row + 1..self.size)
                .map(|inner| self.factor[inner * self.size + row] * vector[inner])
                .sum();
            vector[row] = (vector[row] - taken) / self.factor[row * self.size + row];
        }
    }

    pub(super) fn solve(&self, vector: &mut [f64]) {
        self.forward(vector);
        self.backward(vector);
    }

    pub(super) fn inverse(&self) -> Vec<f64> {
        let size = self.size;
        let mut inverse = vec![0.0; size * size];
        let mut unit = vec![0.0; size];
        for column in 0..size {
            unit.fill(0.0);
            unit[column] = 1.0;
            self.solve(&mut unit);
            for row in 0..size {
                inverse[row * size + column] = unit[row];
            }
        }
        inverse
    }
}

/// Eigenvalues and eigenvectors (columns of a row-major matrix) of a symmetric matrix, by Jacobi's rotations.
pub(super) fn eigen(matrix: &[f64], size: usize) -> (Vec<f64>, Vec<f64>) {
    let mut a = matrix.to_vec();
    let mut vectors = vec![0.0; size * size];
    for index in 0..size {
        vectors[index * size + index] = 1.0;
    }
    // Convergence is quadratic; matrices here have a dozen rows.
    for _ in 0..60 {
        let off: f64 = off_diagonal(&a, size);
        let all: f64 = a.iter().map(|value| value * value).sum();
        if off <= 1e-32 * all || !off.is_finite() {
            break;
        }
        for first in 0..size {
            for second in first + 1..size {
                rotate(&mut a, &mut vectors, size, first, second);
            }
        }
    }
    (
        (0..size).map(|index| a[index * size + index]).collect(),
        vectors,
    )
}

fn off_diagonal(a: &[f64], size: usize) -> f64 {
    (0..size)
        .flat_map(|row| {
            (0..size)
                .filter(move |column| *column != row)
                .map(move |column| (row, column))
        })
        .map(|(row, column)| a[row * size + column].powi(2))
        .sum()
}

fn rotate(a: &mut [f64], vectors: &mut [f64], size: usize, first: usize, second: usize) {
    let between = a[first * size + second];
    if between == 0.0 {
        return;
    }
    let theta = (a[second * size + second] - a[first * size + first]) / (2.0 * between);
    let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let tangent = if theta == 0.0 { 1.0 } else { tangent };
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    for index in 0..size {
        let (left, right) = (a[index * size + first], a[index * size + second]);
        a[index * size + first] = cosine * left - sine * right;
        a[index * size + second] = sine * left + cosine * right;
    }
    for index in 0..size {
        let (left, right) = (a[first * size + index], a[second * size + index]);
        a[first * size + index] = cosine * left - sine * right;
        a[second * size + index] = sine * left + cosine * right;
        let (left, right) = (
            vectors[index * size + first],
            vectors[index * size + second],
        );
        vectors[index * size + first] = cosine * left - sine * right;
        vectors[index * size + second] = sine * left + cosine * right;
    }
}
