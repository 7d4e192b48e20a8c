//! The minimum of the profiled criterion, on the boundary where it lies there.
//!
//! The first metric is the expected information, close to the curvature for large cohorts and cheap beside an
//! evaluation. theta needs no bounds: the criterion is even in every column of a factor, so that a path through zero
//! comes out as its own mirror image. A minimum on the boundary (a variance of zero) is an ordinary minimum there; a
//! saddle is left along the direction in which the gradient in Ψ is negative.
#![expect(
    clippy::indexing_slicing,
    reason = "all vectors have the length of theta, all matrices its square"
)]

use super::criterion::{Evaluation, Objective};
use super::dense::eigen;
use super::parameters::{Factors, Layout, times_own_transpose};
use super::quasi_newton::{Descent, Place, TOLERANCE};

/// Elements of a factor smaller than this, in scaled columns, are tried at zero.
const SMALL: f64 = 1e-4;

/// A gradient in Ψ below this, in scaled columns, is a way down from the boundary.
const WAY_DOWN: f64 = -1e-5;

/// A factor whose diagonal stays above this, in scaled columns, is not at the boundary.
const INTERIOR: f64 = 1e-2;

/// A minimum and how it was found.
pub(super) struct Minimum {
    pub(super) theta: Vec<f64>,
    pub(super) at: Evaluation,
    pub(super) evaluations: u32,
    pub(super) iterations: u32,
    pub(super) decrement: f64,
    pub(super) converged: bool,
    pub(super) message: &'static str,
}

impl Place for Evaluation {
    fn value(&self) -> f64 {
        self.value
    }

    fn gradient(&self) -> &[f64] {
        &self.gradient
    }

    fn curvature(&self) -> Option<&[f64]> {
        Some(&self.curvature)
    }
}

/// Minimises from a start; `None` when the criterion is not a number there.
pub(super) fn minimise(
    objective: &Objective<'_>,
    start: &[f64],
    max_evaluations: u32,
) -> Option<Minimum> {
    let at = objective.evaluate(start)?;
    let metric = at.curvature.clone();
    let mut search = Search {
        objective,
        descent: Descent::begin(start, at, metric, max_evaluations),
    };
    // A saddle is left once for each column at most.
    for _ in 0..=start.len() {
        search
            .descent
            .descend(TOLERANCE, &|theta| objective.evaluate(theta));
        search.settle_on_boundary();
        if !search.leave_saddle() {
            break;
        }
    }
    Some(search.end())
}

struct Search<'a> {
    objective: &'a Objective<'a>,
    descent: Descent<Evaluation>,
}

impl Search<'_> {
    fn end(self) -> Minimum {
        let descent = self.descent;
        let mut theta = descent.parameters.clone();
        self.objective.layout.with_positive_diagonal(&mut theta);
        // The value is the same on the other side of zero, its derivatives are not.
        let turned = theta != descent.parameters;
        let again = turned.then(|| self.objective.evaluate(&theta)).flatten();
        Minimum {
            theta,
            at: again.unwrap_or(descent.at),
            evaluations: descent.evaluations + u32::from(turned),
            iterations: descent.iterations,
            decrement: descent.decrement,
            converged: descent.converged,
            message: descent.message,
        }
    }

    /// Sets elements that are all but zero to zero where that costs nothing.
    fn settle_on_boundary(&mut self) {
        let snapped: Vec<f64> = self
            .descent
            .parameters
            .iter()
            .map(|value| if value.abs() < SMALL { 0.0 } else { *value })
            .collect();
        if snapped == self.descent.parameters {
            return;
        }
        self.descent.evaluations += 1;
        if let Some(at) = self.objective.evaluate(&snapped)
            && at.value <= self.descent.at.value + 1e-9
        {
            self.descent.parameters = snapped;
            self.descent.at = at;
        }
    }

    /// Whether a direction out of the boundary leads down; if so, a step along it is taken.
    fn leave_saddle(&mut self) -> bool {
        let layout = self.objective.layout;
        let factors = layout.factors(&self.descent.parameters);
        let Some((level, term, direction, slope)) =
            steepest_way_out(layout, &factors, &self.descent.at.psi_gradient)
        else {
            return false;
        };
        if slope > WAY_DOWN || self.descent.evaluations >= self.descent.max_evaluations {
            return false;
        }
        for size in [1e-1, 1e-2, 1e-3, 1e-4] {
            let theta = widened(layout, &factors, level, term, &direction, size);
            self.descent.evaluations += 1;
            if let Some(at) = self.objective.evaluate(&theta)
                && at.value < self.descent.at.value - 1e-9
            {
                self.descent.metric.clone_from(&at.curvature);
                self.descent.parameters = theta;
                self.descent.at = at;
                return true;
            }
        }
        false
    }
}

/// The eigenvector of the smallest eigenvalue of dD/dΨ within a term, over the terms near the boundary. Elsewhere the
/// gradient is zero at a minimum.
fn steepest_way_out(
    layout: &Layout,
    factors: &Factors,
    psi_gradient: &Factors,
) -> Option<(usize, usize, Vec<f64>, f64)> {
    let mut best: Option<(usize, usize, Vec<f64>, f64)> = None;
    for (level, columns) in layout.levels.iter().enumerate() {
        let q = columns.columns.len();
        let mut terms: Vec<usize> = columns.columns.iter().map(|(term, _)| *term).collect();
        terms.dedup();
        for term in terms {
            let own: Vec<usize> = (0..q)
                .filter(|&index| columns.columns[index].0 == term)
                .collect();
            let diagonal = |&index: &usize| factors[level][index * q + index].abs();
            if own.iter().all(|index| diagonal(index) > INTERIOR) {
                continue;
            }
            let size = own.len();
            let block: Vec<f64> = own
                .iter()
                .flat_map(|&row| own.iter().map(move |&column| row * q + column))
                .map(|cell| psi_gradient[level][cell])
                .collect();
            let (values, vectors) = eigen(&block, size);
            for (index, &value) in values.iter().enumerate() {
                if best.as_ref().is_none_or(|best| value < best.3) {
                    let mut direction = vec![0.0; q];
                    for (row, &place) in own.iter().enumerate() {
                        direction[place] = vectors[row * size + index];
                    }
                    best = Some((level, term, direction, value));
                }
            }
        }
    }
    best
}

/// theta with size x direction directionᵀ added to Ψ of a level.
fn widened(
    layout: &Layout,
    factors: &Factors,
    level: usize,
    term: usize,
    direction: &[f64],
    size: f64,
) -> Vec<f64> {
    let q = layout.size(level);
    let mut psi = times_own_transpose(&factors[level], q);
    for row in 0..q {
        for column in 0..q {
            psi[row * q + column] += size * direction[row] * direction[column];
        }
    }
    let factor = semidefinite_factor(&psi, q);
    let columns = &layout.levels[level].columns;
    let places = layout.places.iter().map(|place| {
        let source = if place.level == level && columns[place.column].0 == term {
            &factor
        } else {
            &factors[place.level]
        };
        source[place.row * layout.size(place.level) + place.column]
    });
    places.collect()
}

/// A lower factor of a positive semidefinite matrix.
fn semidefinite_factor(matrix: &[f64], size: usize) -> Vec<f64> {
    let mut factor = vec![0.0; size * size];
    for column in 0..size {
        for row in column..size {
            let taken: f64 = (0..column)
                .map(|inner| factor[row * size + inner] * factor[column * size + inner])
                .sum();
            let rest = matrix[row * size + column] - taken;
            let diagonal = factor[column * size + column];
            factor[row * size + column] = if row == column {
                let floor = 1e-14 * matrix[row * size + row];
                if rest > floor { rest.sqrt() } else { 0.0 }
            } else if diagonal > 0.0 {
                rest / diagonal
            } else {
                0.0
            };
        }
    }
    factor
}
