//! Linear least squares by modified Gram-Schmidt, which works on the columns themselves and so does not square their
//! condition number. The memory is kept between fits.

/// A column that keeps less than this share of its length beside the columns before it is taken as a combination of
/// them: a hundred times the rounding of a double, so that only what is truly dependent is refused.
const DEPENDENT: f64 = 1e-13;

/// Sweeps after which Jacobi's rotations stop; small matrices settle in four to six.
const MOST_SWEEPS: usize = 30;

/// A design given column by column, and what least squares makes of it.
#[derive(Debug, Default)]
pub(crate) struct LeastSquares {
    rows: usize,
    /// Columns one after the other; after the fit orthonormal.
    columns: Vec<f64>,
    /// The response; after the fit the residuals.
    response: Vec<f64>,
    /// The upper triangle R, row by row, with its zeros.
    triangle: Vec<f64>,
    /// The response's coordinates along the orthonormal columns.
    effects: Vec<f64>,
    coefficients: Vec<f64>,
    /// The columns of the inverse of R.
    inverse: Vec<f64>,
    /// Memory for the singular values of R.
    rotated: Vec<f64>,
}

/// A column is a combination of those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DependentColumn {
    /// Its position, from 0.
    pub(crate) column: usize,
}

impl LeastSquares {
    /// Forgets the last design and takes a new response.
    pub(crate) fn begin(&mut self, response: impl Iterator<Item = f64>) {
        self.columns.clear();
        self.response.clear();
        self.response.extend(response);
        self.rows = self.response.len();
    }

    /// Adds a column with a value a row.
    pub(crate) fn push_column(&mut self, values: impl Iterator<Item = f64>) {
        self.columns.extend(values.take(self.rows));
    }

    /// Solves. The first column should be the constant, so that all later sums are about the mean.
    ///
    /// # Errors
    /// A column that depends on those before it.
    pub(crate) fn solve(&mut self) -> Result<(), DependentColumn> {
        self.triangle.clear();
        self.effects.clear();
        let count = self.column_count();
        let mut rest = self.columns.as_mut_slice();
        let mut position = 0;
        while let Some((column, others)) = rest.split_at_mut_checked(self.rows.max(1)) {
            let whole = self
                .triangle
                .iter()
                .skip(position)
                .step_by(count.max(1))
                .map(|entry| entry * entry)
                .sum::<f64>();
            let square = dot(column, column);
            if square.is_nan() || square <= (square + whole) * DEPENDENT * DEPENDENT {
                return Err(DependentColumn { column: position });
            }
            let length = square.sqrt();
            column.iter_mut().for_each(|value| *value /= length);
            self.triangle.extend(std::iter::repeat_n(0.0, position));
            self.triangle.push(length);
            for other in others.chunks_exact_mut(self.rows) {
                self.triangle.push(take_out(column, other));
            }
            self.effects.push(take_out(column, &mut self.response));
            rest = others;
            position += 1;
        }
        self.invert();
        Ok(())
    }

    fn column_count(&self) -> usize {
        self.columns.len() / self.rows.max(1)
    }

    fn invert(&mut self) {
        let count = self.column_count();
        self.coefficients.clear();
        self.coefficients.extend_from_slice(&self.effects);
        back_substitute(&self.triangle, &mut self.coefficients);
        self.inverse.clear();
        self.inverse.resize(count * count, 0.0);
        for (position, unit) in self.inverse.chunks_exact_mut(count.max(1)).enumerate() {
            if let Some(entry) = unit.get_mut(position) {
                *entry = 1.0;
            }
            back_substitute(&self.triangle, unit);
        }
    }

    /// The coefficients, in the order of the columns.
    pub(crate) fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// Residual sum of squares.
    pub(crate) fn residual_square(&self) -> f64 {
        dot(&self.response, &self.response)
    }

    /// The sum of squares that the columns after the first explain beyond it.
    pub(crate) fn explained_square(&self) -> f64 {
        self.effects
            .iter()
            .skip(1)
            .map(|effect| effect * effect)
            .sum()
    }

    /// The sum of squares that all columns explain.
    pub(crate) fn projected_square(&self) -> f64 {
        dot(&self.effects, &self.effects)
    }

    /// The entry of (X'X)^-1 for two coefficients, by position.
    pub(crate) fn unscaled_covariance(&self, one: usize, other: usize) -> f64 {
        let at = |column: &[f64], position| column.get(position).copied().unwrap_or_default();
        self.inverse
            .chunks_exact(self.column_count().max(1))
            .map(|column| at(column, one) * at(column, other))
            .sum()
    }

    /// The greatest over the least singular value of the design, from R by one-sided Jacobi rotations.
    pub(crate) fn condition(&mut self) -> f64 {
        let count = self.column_count().max(1);
        self.rotated.clear();
        self.rotated.extend_from_slice(&self.triangle);
        for _ in 0..MOST_SWEEPS {
            let mut settled = true;
            let mut rest = self.rotated.as_mut_slice();
            while let Some((row, others)) = rest.split_at_mut_checked(count) {
                for other in others.chunks_exact_mut(count) {
                    settled &= is_orthogonal_after_rotation(row, other);
                }
                rest = others;
            }
            if settled {
                break;
            }
        }
        let (least, greatest) = self
            .rotated
            .chunks_exact(count)
            .map(|row| dot(row, row))
            .fold((f64::INFINITY, 0.0_f64), |(least, greatest), square| {
                (least.min(square), greatest.max(square))
            });
        (greatest / least).sqrt()
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// Takes the part along a unit vector out of another vector and returns its length.
fn take_out(unit: &[f64], from: &mut [f64]) -> f64 {
    let along = dot(unit, from);
    for (value, direction) in from.iter_mut().zip(unit) {
        *value -= along * direction;
    }
    along
}

/// Solves R x = v in place; R stands row by row.
fn back_substitute(triangle: &[f64], vector: &mut [f64]) {
    let count = vector.len().max(1);
    for (position, row) in triangle.chunks_exact(count).enumerate().rev() {
        let after: f64 = row
            .iter()
            .zip(vector.iter())
            .skip(position + 1)
            .map(|(entry, known)| entry * known)
            .sum();
        if let (Some(value), Some(diagonal)) = (vector.get_mut(position), row.get(position)) {
            *value = (*value - after) / diagonal;
        }
    }
}

/// Rotates two rows until they are orthogonal; whether they already were.
fn is_orthogonal_after_rotation(row: &mut [f64], other: &mut [f64]) -> bool {
    let (aa, bb, ab) = (dot(row, row), dot(other, other), dot(row, other));
    if ab.abs() <= f64::EPSILON * (aa * bb).sqrt() {
        return true;
    }
    let zeta = (bb - aa) / (2.0 * ab);
    let tangent = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = cosine * tangent;
    for (a, b) in row.iter_mut().zip(other) {
        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_columns_as_the_normal_equations_by_hand() {
        let mut squares = LeastSquares::default();
        squares.begin([1.0, 3.0, 2.0, 5.0].into_iter());
        squares.push_column([1.0; 4].into_iter());
        squares.push_column([0.0, 1.0, 2.0, 3.0].into_iter());
        squares.solve().unwrap();
        // By hand: mean x 1.5, Sxx 5, Sxy 5.5, so the slope is 1.1, the intercept 2.75 - 1.65, RSS 8.75 - 6.05.
        let [intercept, slope] = squares.coefficients() else {
            panic!("two coefficients")
        };
        assert!((intercept - 1.1).abs() < 1e-14);
        assert!((slope - 1.1).abs() < 1e-14);
        assert!((squares.residual_square() - 2.7).abs() < 1e-14);
        assert!((squares.explained_square() - 6.05).abs() < 1e-14);
        // (X'X)^-1 = [14 -6; -6 4] / 20; the eigenvalues of X'X = [4 6; 6 14] are 9 +- sqrt(61).
        assert!((squares.unscaled_covariance(0, 0) - 0.7).abs() < 1e-14);
        assert!((squares.unscaled_covariance(0, 1) + 0.3).abs() < 1e-14);
        assert!((squares.unscaled_covariance(1, 1) - 0.2).abs() < 1e-14);
        let condition = ((9.0 + 61f64.sqrt()) / (9.0 - 61f64.sqrt())).sqrt();
        assert!((squares.condition() - condition).abs() < 1e-12);
    }

    #[test]
    fn a_dependent_column_is_named() {
        let mut squares = LeastSquares::default();
        squares.begin([1.0, 3.0, 2.0, 5.0].into_iter());
        squares.push_column([1.0; 4].into_iter());
        squares.push_column([0.1, 0.2, 0.3, 0.4].into_iter());
        squares.push_column([1.1, 1.2, 1.3, 1.4].into_iter());
        assert_eq!(squares.solve(), Err(DependentColumn { column: 2 }));
        squares.begin([1.0, 2.0].into_iter());
        squares.push_column([0.0; 2].into_iter());
        assert_eq!(squares.solve(), Err(DependentColumn { column: 0 }));
    }
}
