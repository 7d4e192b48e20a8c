//! Fixed-effects columns: which are combinations of others, and how they are centred and scaled.
#![expect(
    clippy::indexing_slicing,
    reason = "indices run over columns and rows whose numbers were checked by the design"
)]

use super::cross_products::CrossProducts;
use super::lanes::{LANES, Lanes, wide};
use super::panels::Scaled;
use super::{Column, Design};

/// A column whose part outside the span of those before it is shorter than this, relative to its own length, counts as
/// a combination of them. R's lm drops at the same tolerance (qr, tol = 1e-7).
const COLLINEAR: f64 = 1e-7;

/// Below this the squared relative length that cross-products yield is looked at again without squaring.
const DOUBTFUL: f64 = 1e-8;

/// The columns of the fixed effects that are fitted.
#[derive(Debug, Clone)]
pub(super) struct FixedColumns {
    /// Indices among the design's columns.
    pub(super) kept: Vec<usize>,
    /// Indices of those dropped.
    pub(super) dropped: Vec<usize>,
    /// What is taken from a column before it is scaled.
    pub(super) shifts: Vec<f64>,
    /// What a shifted column is divided by.
    pub(super) scales: Vec<f64>,
    /// Which of the kept add up to a constant: the intercept, or the indicators of a factor without one. Their coefficients
    /// take up the shifts.
    constant: Vec<usize>,
    /// What is taken from the response.
    pub(super) response_shift: f64,
}

impl FixedColumns {
    /// All columns, centred at their means when some of them add up to a constant: cross-products of columns far from zero
    /// would lose digits.
    pub(super) fn all(design: &Design, response: &[f64]) -> Self {
        let fixed = &design.parts().fixed;
        let moments: Vec<Moments> = fixed
            .iter()
            .map(|column| Moments::of(&column.values))
            .collect();
        let intercept = moments.iter().position(Moments::is_constant);
        let constant = intercept.map_or_else(|| indicators(fixed), |at| vec![at]);
        Self::shifted(&moments, constant, || Moments::of(response).mean)
    }

    /// The same of columns whose rows were summed up. Without an intercept nothing is centred: what adds up to a constant is seen
    /// row by row only.
    pub(super) fn of_sums(sums: &CrossProducts, fixed: &[usize], response: usize) -> Self {
        let of = |column: usize| Moments::of_sums(sums, column);
        let moments: Vec<Moments> = fixed.iter().map(|column| of(*column)).collect();
        let intercept = moments.iter().position(Moments::is_constant);
        let constant = intercept.into_iter().collect();
        Self::shifted(&moments, constant, || of(response).mean)
    }

    fn shifted(
        moments: &[Moments],
        constant: Vec<usize>,
        mean_response: impl FnOnce() -> f64,
    ) -> Self {
        let shift = |(index, moments): (usize, &Moments)| {
            if constant.is_empty() || constant.contains(&index) {
                0.0
            } else {
                moments.mean
            }
        };
        let shifts: Vec<f64> = moments.iter().enumerate().map(shift).collect();
        let scales = moments
            .iter()
            .zip(&shifts)
            .map(|(moments, shift)| moments.scale_about(*shift));
        Self {
            kept: (0..moments.len()).collect(),
            dropped: Vec::new(),
            scales: scales.collect(),
            shifts,
            response_shift: if constant.is_empty() {
                0.0
            } else {
                mean_response()
            },
            constant,
        }
    }

    /// The same without each column that is a combination of those before it.
    pub(super) fn independent(&self, design: &Design) -> Self {
        let fixed = &design.parts().fixed;
        let dropped = dependent(fixed, self);
        if self.constant.iter().any(|index| dropped.contains(index)) {
            let each = fixed.iter().map(|column| Moments::of(&column.values));
            let uncentred = Self::shifted(&each.collect::<Vec<_>>(), Vec::new(), || 0.0);
            return uncentred.without(dependent(fixed, &uncentred));
        }
        self.without(dropped)
    }

    fn without(&self, dropped: Vec<usize>) -> Self {
        let kept: Vec<usize> = (0..self.kept.len())
            .filter(|index| !dropped.contains(index))
            .collect();
        Self {
            shifts: kept.iter().map(|&index| self.shifts[index]).collect(),
            scales: kept.iter().map(|&index| self.scales[index]).collect(),
            constant: (0..kept.len())
                .filter(|&place| self.constant.contains(&kept[place]))
                .collect(),
            response_shift: self.response_shift,
            kept,
            dropped,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// The columns as they enter the cross-products.
    pub(super) fn scaled<'a>(&self, design: &'a Design) -> Vec<Scaled<'a>> {
        let fixed = &design.parts().fixed;
        let each = self.kept.iter().zip(&self.shifts).zip(&self.scales);
        each.map(|((&index, &shift), &scale)| Scaled {
            values: &fixed[index].values,
            shift,
            factor: 1.0 / scale,
        })
        .collect()
    }

    /// Row-major T with beta = T beta_scaled (+ the response's shift on what adds up to a constant).
    pub(super) fn back_transformation(&self) -> Vec<f64> {
        let p = self.len();
        let mut back = vec![0.0; p * p];
        for column in 0..p {
            back[column * p + column] = 1.0 / self.scales[column];
        }
        for &constant in &self.constant {
            let level = self.level();
            for column in (0..p).filter(|column| !self.constant.contains(column)) {
                back[constant * p + column] = -self.shifts[column] / self.scales[column] / level;
            }
        }
        back
    }

    /// What the columns of the constant add up to: an intercept may be any number, whose product with its coefficient counts.
    fn level(&self) -> f64 {
        match self.constant.as_slice() {
            [intercept] => self.scales[*intercept],
            _ => 1.0,
        }
    }

    /// Coefficients in the design's units of scaled ones.
    pub(super) fn coefficients(&self, scaled: &[f64]) -> Vec<f64> {
        let back = self.back_transformation();
        let rows = back.chunks(self.len().max(1));
        let mut beta: Vec<f64> = rows.map(|row| dot(row, scaled)).collect();
        for &constant in &self.constant {
            beta[constant] += self.response_shift / self.level();
        }
        beta
    }
}

/// Mean, spread and bounds of a column, from one pass. Any shift and scale near them serve as well.
struct Moments {
    mean: f64,
    variance: f64,
    first: f64,
    constant: bool,
}

impl Moments {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of rows are exact in a double"
    )]
    fn of(values: &[f64]) -> Self {
        let first = values.first().copied().unwrap_or(0.0);
        // From the first value, so that a large mean costs no digits.
        let (sum, squares) = wide(
            #[inline(always)]
            || {
                let (mut sums, mut squares) = (Lanes::ZERO, Lanes::ZERO);
                let (eights, rest) = values.as_chunks::<LANES>();
                for eight in eights {
                    let from_first = Lanes(*eight) - Lanes::splat(first);
                    sums += from_first;
                    squares += from_first * from_first;
                }
                let rest = rest.iter().map(|value| value - first);
                rest.fold((sums.sum(), squares.sum()), |(sum, squares), value| {
                    (sum + value, squares + value * value)
                })
            },
        );
        let rows = values.len() as f64;
        let from_first = sum / rows;
        Self {
            mean: first + from_first,
            variance: (squares / rows - from_first * from_first).max(0.0),
            first,
            constant: squares == 0.0,
        }
    }

    /// Of a column of all groups together.
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of rows are exact in a double"
    )]
    fn of_sums(sums: &CrossProducts, column: usize) -> Self {
        let groups = || (0..sums.groups()).map(|group| sums.group(group));
        let first = groups().next().map_or(0.0, |group| group.means[column]);
        let from_first = groups().map(|group| group.count * (group.means[column] - first));
        let from_first = from_first.sum::<f64>() / sums.rows() as f64;
        let squares = groups().map(|group| group.about((column, first), (column, first)));
        let squares: f64 = squares.sum();
        Self {
            mean: first + from_first,
            variance: (squares / sums.rows() as f64 - from_first * from_first).max(0.0),
            first,
            constant: squares == 0.0,
        }
    }

    fn is_constant(&self) -> bool {
        self.constant && self.first > 0.0
    }

    /// Root mean square about a point.
    fn scale_about(&self, shift: f64) -> f64 {
        let scale = (self.variance + (self.mean - shift).powi(2)).sqrt();
        if scale.is_normal() { scale } else { 1.0 }
    }
}

/// Root mean square of a column; 1 for a column of zeros.
pub(super) fn root_mean_square(values: &[f64]) -> f64 {
    Moments::of(values).scale_about(0.0)
}

/// The same of a column whose rows were summed up.
pub(super) fn root_mean_square_of_sums(sums: &CrossProducts, column: usize) -> f64 {
    Moments::of_sums(sums, column).scale_about(0.0)
}

/// Whether all rows have one value in a column.
pub(super) fn constant_in_sums(sums: &CrossProducts, column: usize) -> Option<f64> {
    let moments = Moments::of_sums(sums, column);
    moments.constant.then_some(moments.first)
}

/// The first indicators, one after another, that add up to 1 in every row; nothing when none do.
fn indicators(columns: &[Column]) -> Vec<usize> {
    let is_indicator = |column: &Column| {
        let mut values = column.values.iter();
        values.all(|value| *value == 0.0 || *value == 1.0)
    };
    let rows = columns.first().map_or(0, |column| column.values.len());
    let mut sum = vec![0.0; rows];
    let mut chosen = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        if !is_indicator(column) {
            continue;
        }
        for (sum, value) in sum.iter_mut().zip(column.values.iter()) {
            *sum += value;
        }
        chosen.push(index);
        if sum.iter().any(|sum| *sum > 1.0) {
            sum.copy_from_slice(&column.values);
            chosen = vec![index];
        }
        if sum.iter().all(|sum| *sum == 1.0) {
            return chosen;
        }
    }
    Vec::new()
}

/// Columns that are combinations of those before them, in order. The intercept comes first whatever its place: the
/// others are centred.
fn dependent(columns: &[Column], all: &FixedColumns) -> Vec<usize> {
    let mut dropped = Vec::new();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let intercept = match all.constant.as_slice() {
        [intercept] => Some(*intercept),
        _ => None,
    };
    let others = (0..columns.len()).filter(|index| Some(*index) != intercept);
    for index in intercept.into_iter().chain(others) {
        let (values, scale) = (&columns[index].values, all.scales[index]);
        let mut rest: Vec<f64> = values
            .iter()
            .map(|value| (value - all.shifts[index]) / scale)
            .collect();
        let own = length(values) / scale;
        // Twice is enough: Giraud, Langou, Rozloznik 2005.
        for _ in 0..2 {
            for unit in &basis {
                let along = dot(unit, &rest);
                for (rest, unit) in rest.iter_mut().zip(unit) {
                    *rest -= along * unit;
                }
            }
        }
        let left = length(&rest);
        if left <= COLLINEAR * own || own == 0.0 {
            dropped.push(index);
        } else {
            rest.iter_mut().for_each(|value| *value /= left);
            basis.push(rest);
        }
    }
    dropped.sort_unstable();
    dropped
}

/// Whether a Cholesky factorisation of the cross-products, which squares what is small, proves p columns independent.
/// It never proves the opposite. `total` is the upper triangle, by rows, of p columns and the response.
pub(super) fn independent_beyond_doubt(total: &[f64], p: usize) -> bool {
    let mut products = vec![0.0; p * p];
    let mut begin = 0;
    for row in 0..p {
        for column in row..p {
            products[column * p + row] = total[begin + column - row];
        }
        begin += p + 1 - row;
    }
    pivots_are_large(&mut products, p)
}

impl FixedColumns {
    /// The inverse of [`FixedColumns::back_transformation`]: scaled coefficients of given ones.
    pub(super) fn scaled_coefficients(&self, beta: &[f64]) -> Vec<f64> {
        let each = beta
            .iter()
            .zip(&self.scales)
            .map(|(beta, scale)| beta * scale);
        let mut scaled: Vec<f64> = each.collect();
        let shifted = beta
            .iter()
            .zip(&self.shifts)
            .map(|(beta, shift)| beta * shift);
        let shift = shifted.sum::<f64>() - self.response_shift;
        for &constant in &self.constant {
            scaled[constant] += shift * self.scales[constant] / self.level();
        }
        scaled
    }
}

fn pivots_are_large(products: &mut [f64], p: usize) -> bool {
    for column in 0..p {
        let own = products[column * p + column];
        let pivot = own
            - (0..column)
                .map(|inner| products[column * p + inner].powi(2))
                .sum::<f64>();
        if pivot.is_nan() || pivot <= DOUBTFUL * own || own <= 0.0 {
            return false;
        }
        let root = pivot.sqrt();
        for row in column + 1..p {
            let taken: f64 = (0..column)
                .map(|inner| products[row * p + inner] * products[column * p + inner])
                .sum();
            products[row * p + column] = (products[row * p + column] - taken) / root;
        }
    }
    true
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| left * right)
        .sum()
}

fn length(values: &[f64]) -> f64 {
    dot(values, values).sqrt()
}
