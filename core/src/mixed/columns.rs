//! Fixed-effects columns: which are combinations of others, and how they are centred and scaled.
#![expect(
    clippy::indexing_slicing,
    reason = "indices run over columns and rows whose numbers were checked by the design"
)]

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
    /// Where among the kept the intercept is, whose coefficient takes up the shifts.
    pub(super) intercept: Option<usize>,
    /// What is taken from the response.
    pub(super) response_shift: f64,
}

impl FixedColumns {
    /// Drops each column that is a combination of those before it, and centres the others at their means when there
    /// is an intercept: cross-products of columns far from zero would lose digits.
    pub(super) fn of(design: &Design, response: &[f64]) -> Self {
        let parts = design.parts();
        let intercept = parts
            .fixed
            .iter()
            .position(|column| is_constant(&column.values));
        let (mut shifts, mut scales) = (Vec::new(), Vec::new());
        for (index, column) in parts.fixed.iter().enumerate() {
            let shift = match intercept {
                Some(intercept) if intercept != index => mean(&column.values),
                _ => 0.0,
            };
            shifts.push(shift);
            scales.push(root_mean_square(&column.values, shift));
        }
        let dropped = dependent(&parts.fixed, &shifts, &scales, intercept);
        let kept: Vec<usize> = (0..parts.fixed.len())
            .filter(|index| !dropped.contains(index))
            .collect();
        let intercept = intercept.and_then(|at| kept.iter().position(|&index| index == at));
        Self {
            shifts: kept.iter().map(|&index| shifts[index]).collect(),
            scales: kept.iter().map(|&index| scales[index]).collect(),
            response_shift: intercept.map_or(0.0, |_| mean(response)),
            kept,
            dropped,
            intercept,
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

    /// Row-major T with beta = T beta_scaled (+ the response's shift on the intercept).
    pub(super) fn back_transformation(&self) -> Vec<f64> {
        let p = self.len();
        let mut back = vec![0.0; p * p];
        for column in 0..p {
            back[column * p + column] = 1.0 / self.scales[column];
        }
        if let Some(intercept) = self.intercept {
            // The intercept's own column may be any constant c: c times its coefficient is the level.
            let level = self.scales[intercept];
            for column in (0..p).filter(|&column| column != intercept) {
                back[intercept * p + column] = -self.shifts[column] / self.scales[column] / level;
            }
        }
        back
    }

    /// What the response's shift adds to the intercept's coefficient.
    pub(super) fn intercept_shift(&self) -> f64 {
        self.intercept
            .map_or(0.0, |at| self.response_shift / self.scales[at])
    }
}

fn is_constant(values: &[f64]) -> bool {
    let first = values.first().copied().unwrap_or(0.0);
    first > 0.0 && values.iter().all(|value| *value == first)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of rows are exact in a double"
)]
fn mean(values: &[f64]) -> f64 {
    let rough = values.iter().sum::<f64>() / values.len() as f64;
    // A second pass takes away what rounding left.
    rough + values.iter().map(|value| value - rough).sum::<f64>() / values.len() as f64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of rows are exact in a double"
)]
fn root_mean_square(values: &[f64], shift: f64) -> f64 {
    let squares: f64 = values.iter().map(|value| (value - shift).powi(2)).sum();
    let scale = (squares / values.len() as f64).sqrt();
    if scale.is_normal() { scale } else { 1.0 }
}

/// Columns that are combinations of those before them, in order. The intercept comes first whatever its place: the
/// others are centred.
fn dependent(
    columns: &[Column],
    shifts: &[f64],
    scales: &[f64],
    intercept: Option<usize>,
) -> Vec<usize> {
    let mut dropped = Vec::new();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let order = intercept
        .into_iter()
        .chain((0..columns.len()).filter(|index| Some(*index) != intercept));
    let order: Vec<usize> = order.collect();
    let scaled = |index: usize| {
        let column = &columns[index];
        column
            .values
            .iter()
            .map(move |value| (value - shifts[index]) / scales[index])
    };
    if independent_beyond_doubt(&order, &scaled) {
        return dropped;
    }
    for &index in &order {
        let mut rest: Vec<f64> = scaled(index).collect();
        let own = length(&columns[index].values) / scales[index];
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

/// A Cholesky factorisation of the cross-products, which squares what is small: it proves independence, never the
/// opposite.
fn independent_beyond_doubt<I: Iterator<Item = f64>>(
    order: &[usize],
    scaled: &dyn Fn(usize) -> I,
) -> bool {
    let p = order.len();
    let mut products = vec![0.0; p * p];
    let mut columns: Vec<I> = order.iter().map(|&index| scaled(index)).collect();
    let mut row = vec![0.0; p];
    loop {
        for (cell, column) in row.iter_mut().zip(&mut columns) {
            match column.next() {
                Some(value) => *cell = value,
                None => return pivots_are_large(&mut products, p),
            }
        }
        if p == 0 {
            return true;
        }
        for first in 0..p {
            for second in 0..=first {
                products[first * p + second] += row[first] * row[second];
            }
        }
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
