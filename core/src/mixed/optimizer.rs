//! A quasi-Newton minimiser whose first metric is the expected information.
//!
//! The expected information is close to the curvature for large cohorts and cheap beside an evaluation; secant updates
//! (BFGS) supply what it leaves out near the minimum. theta needs no bounds: the criterion is even in every column of
//! a factor, so that a path through zero comes out as its own mirror image. A minimum on the boundary (a variance of
//! zero) is an ordinary minimum there; a saddle is left along the direction in which the gradient in Ψ is negative.
#![expect(
    clippy::indexing_slicing,
    reason = "all vectors have the length of theta, all matrices its square"
)]

use super::criterion::{Evaluation, Objective};
use super::dense::{Cholesky, eigen};
use super::parameters::{Factors, Layout, times_own_transpose};

/// Gain that a step must promise, in units of the criterion: at 1e-12 parameters are within a millionth of their
/// standard errors of the minimum, and sums over a million rows still resolve it.
pub(super) const TOLERANCE: f64 = 1e-12;

/// Below this a fit that cannot improve any further has converged as far as rounding lets it.
const ROUNDING: f64 = 1e-7;

/// The criterion is a sum over rows: a difference below this share of it may be rounding, and the gradient decides.
const ROUNDING_OF_SUMS: f64 = 1e-12;

/// A step must gain this share of what the slope promises (Armijo).
const SUFFICIENT: f64 = 1e-4;

/// Promised gain below which secant updates are kept from step to step.
const NEAR: f64 = 1.0;

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

/// Minimises from a start; `None` when the criterion is not a number there.
pub(super) fn minimise(
    objective: &Objective<'_>,
    start: &[f64],
    max_evaluations: u32,
) -> Option<Minimum> {
    let mut search = Search::begin(objective, start, max_evaluations)?;
    // A saddle is left once for each column at most.
    for _ in 0..=start.len() {
        search.descend();
        search.settle_on_boundary();
        if !search.leave_saddle() {
            break;
        }
    }
    Some(search.end())
}

struct Search<'a> {
    objective: &'a Objective<'a>,
    theta: Vec<f64>,
    at: Evaluation,
    metric: Vec<f64>,
    evaluations: u32,
    iterations: u32,
    max_evaluations: u32,
    decrement: f64,
    message: &'static str,
    converged: bool,
}

impl<'a> Search<'a> {
    fn begin(objective: &'a Objective<'a>, start: &[f64], max_evaluations: u32) -> Option<Self> {
        let at = objective.evaluate(start)?;
        Some(Self {
            objective,
            theta: start.to_vec(),
            metric: at.curvature.clone(),
            at,
            evaluations: 1,
            iterations: 0,
            max_evaluations,
            decrement: f64::INFINITY,
            message: "",
            converged: false,
        })
    }

    fn end(mut self) -> Minimum {
        self.objective
            .layout
            .with_positive_diagonal(&mut self.theta);
        Minimum {
            theta: self.theta,
            at: self.at,
            evaluations: self.evaluations,
            iterations: self.iterations,
            decrement: self.decrement,
            converged: self.converged,
            message: self.message,
        }
    }

    fn finish(&mut self, converged: bool, message: &'static str) {
        self.converged = converged;
        self.message = message;
    }

    fn descend(&mut self) {
        loop {
            let step = downhill(&self.metric, &self.at.gradient);
            let slope = dot(&step, &self.at.gradient);
            self.decrement = -0.5 * slope;
            if self.decrement <= TOLERANCE {
                return self.finish(
                    true,
                    "the predicted gain of a further step is below the tolerance",
                );
            }
            if self.evaluations >= self.max_evaluations {
                return self.finish(false, "the evaluations allowed are used up");
            }
            let Some((theta, next)) = self.line_search(&step, slope) else {
                let near = self.decrement <= ROUNDING;
                return self.finish(near, "rounding leaves no further gain");
            };
            self.iterations += 1;
            self.learn(&theta, &next);
            self.theta = theta;
            self.at = next;
        }
    }

    /// A point along the step that is lower by enough.
    fn line_search(&mut self, step: &[f64], slope: f64) -> Option<(Vec<f64>, Evaluation)> {
        let noise = ROUNDING_OF_SUMS * self.at.value.abs();
        let mut length = 1.0;
        for _ in 0..40 {
            let theta: Vec<f64> = self
                .theta
                .iter()
                .zip(step)
                .map(|(from, by)| from + length * by)
                .collect();
            let next = self.objective.evaluate(&theta);
            self.evaluations += 1;
            let Some(next) = next else {
                length *= 0.1;
                continue;
            };
            let gain = next.value - self.at.value;
            let at_rounding = gain <= noise && dot(&next.gradient, step).abs() <= 0.9 * slope.abs();
            if gain <= SUFFICIENT * length * slope || at_rounding {
                return Some((theta, next));
            }
            // The minimum of the parabola through what is known.
            let parabola = -0.5 * slope * length * length / (gain - slope * length);
            length = parabola.clamp(0.1 * length, 0.5 * length);
        }
        None
    }

    /// The metric at the next point: expected information far away, secants on top of it near the minimum.
    fn learn(&mut self, theta: &[f64], next: &Evaluation) {
        if self.decrement > NEAR {
            self.metric.clone_from(&next.curvature);
        }
        let step: Vec<f64> = theta
            .iter()
            .zip(&self.theta)
            .map(|(to, from)| to - from)
            .collect();
        let change: Vec<f64> = next
            .gradient
            .iter()
            .zip(&self.at.gradient)
            .map(|(to, from)| to - from)
            .collect();
        let along = dot(&step, &change);
        let seen = times(&self.metric, &step);
        let expected = dot(&step, &seen);
        if along <= 1e-3 * expected.abs() || expected <= 0.0 {
            self.metric.clone_from(&next.curvature);
            return;
        }
        let k = step.len();
        for row in 0..k {
            for column in 0..k {
                self.metric[row * k + column] +=
                    change[row] * change[column] / along - seen[row] * seen[column] / expected;
            }
        }
    }

    /// Sets elements that are all but zero to zero where that costs nothing.
    fn settle_on_boundary(&mut self) {
        let snapped: Vec<f64> = self
            .theta
            .iter()
            .map(|value| if value.abs() < SMALL { 0.0 } else { *value })
            .collect();
        if snapped == self.theta {
            return;
        }
        self.evaluations += 1;
        if let Some(at) = self.objective.evaluate(&snapped)
            && at.value <= self.at.value + 1e-9
        {
            self.theta = snapped;
            self.at = at;
        }
    }

    /// Whether a direction out of the boundary leads down; if so, a step along it is taken.
    fn leave_saddle(&mut self) -> bool {
        let layout = self.objective.layout;
        let factors = layout.factors(&self.theta);
        let Some((level, term, direction, slope)) =
            steepest_way_out(layout, &factors, &self.at.psi_gradient)
        else {
            return false;
        };
        if slope > WAY_DOWN || self.evaluations >= self.max_evaluations {
            return false;
        }
        for size in [1e-1, 1e-2, 1e-3, 1e-4] {
            let theta = widened(layout, &factors, level, term, &direction, size);
            self.evaluations += 1;
            if let Some(at) = self.objective.evaluate(&theta)
                && at.value < self.at.value - 1e-9
            {
                self.metric.clone_from(&at.curvature);
                self.theta = theta;
                self.at = at;
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

/// -B⁻¹ g, with as much added to the diagonal of B as makes it positive definite.
fn downhill(metric: &[f64], gradient: &[f64]) -> Vec<f64> {
    let k = gradient.len();
    let largest = (0..k)
        .map(|index| metric[index * k + index].abs())
        .fold(f64::MIN_POSITIVE, f64::max);
    let mut ridge = 0.0;
    loop {
        let mut regular = metric.to_vec();
        for index in 0..k {
            regular[index * k + index] += ridge;
        }
        if let Some(cholesky) = Cholesky::of(&regular, k) {
            let mut step: Vec<f64> = gradient.iter().map(|value| -value).collect();
            cholesky.solve(&mut step);
            let slope = dot(&step, gradient);
            if step.iter().all(|value| value.is_finite()) && slope <= 0.0 {
                return step;
            }
        }
        if ridge > 1e6 * largest {
            return gradient.iter().map(|value| -value / largest).collect();
        }
        ridge = if ridge == 0.0 {
            1e-10 * largest
        } else {
            10.0 * ridge
        };
    }
}

fn times(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
    matrix
        .chunks(vector.len())
        .map(|row| dot(row, vector))
        .collect()
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| left * right)
        .sum()
}
