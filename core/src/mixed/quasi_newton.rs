//! Descent by quasi-Newton steps: BFGS updates on top of the best metric that the function offers.
#![expect(
    clippy::indexing_slicing,
    reason = "all vectors have the length of the parameters, all matrices its square"
)]

use super::dense::{Cholesky, eigen};

/// Gain that a step must promise, in units of the criterion: at 1e-12 parameters are within a millionth of their
/// standard errors of the minimum, and sums over a million rows still resolve it.
pub(super) const TOLERANCE: f64 = 1e-12;

/// Below this a fit that cannot improve any further has converged as far as rounding lets it.
const ROUNDING: f64 = 1e-6;

/// The criterion is a sum over rows: a difference below this share of it may be rounding, and the gradient decides.
const ROUNDING_OF_SUMS: f64 = 1e-12;

/// Steps in a row that gain no more than rounding, after which there is no further gain.
const IDLE_STEPS: u32 = 4;

/// A step must gain this share of what the slope promises (Armijo).
const SUFFICIENT: f64 = 1e-4;

/// A slope along a step that stays above this share of what it was: the step was too short, and a longer one is tried.
const STEEP: f64 = 0.9;

/// How much longer.
const LONGER: f64 = 4.0;

/// Promised gain below which secant updates are kept from step to step.
const NEAR: f64 = 1.0;

/// The least curvature along a step that is believed, relative to what the metric expects.
const DAMPING: f64 = 0.2;

/// A function at one place.
pub(super) trait Place {
    fn value(&self) -> f64;
    fn gradient(&self) -> &[f64];
    /// An approximate matrix of second derivatives, if the function offers one.
    fn curvature(&self) -> Option<&[f64]>;
}

/// A descent on its way.
pub(super) struct Descent<P> {
    pub(super) parameters: Vec<f64>,
    pub(super) at: P,
    pub(super) metric: Vec<f64>,
    pub(super) evaluations: u32,
    pub(super) iterations: u32,
    pub(super) max_evaluations: u32,
    /// Gain that a further step promises.
    pub(super) decrement: f64,
    pub(super) converged: bool,
    pub(super) message: &'static str,
}

impl<P: Place> Descent<P> {
    pub(super) fn begin(parameters: &[f64], at: P, metric: Vec<f64>, max_evaluations: u32) -> Self {
        Self {
            parameters: parameters.to_vec(),
            at,
            metric,
            evaluations: 1,
            iterations: 0,
            max_evaluations,
            decrement: f64::INFINITY,
            converged: false,
            message: "",
        }
    }

    fn finish(&mut self, converged: bool, message: &'static str) {
        self.converged = converged;
        self.message = message;
    }

    /// Goes down until a step promises less than `tolerance`, or several in a row gain no more than rounding.
    pub(super) fn descend(&mut self, tolerance: f64, evaluate: &impl Fn(&[f64]) -> Option<P>) {
        let mut idle = 0;
        loop {
            let step = downhill(&self.metric, self.at.gradient());
            let slope = dot(&step, self.at.gradient());
            self.decrement = -0.5 * slope;
            if self.decrement <= tolerance {
                return self.finish(
                    true,
                    "the predicted gain of a further step is below the tolerance",
                );
            }
            if self.evaluations >= self.max_evaluations {
                return self.finish(false, "the evaluations allowed are used up");
            }
            let Some((parameters, next)) = self.line_search(&step, slope, evaluate) else {
                let near = self.decrement <= ROUNDING.max(tolerance);
                return self.finish(near, "rounding leaves no further gain");
            };
            self.iterations += 1;
            idle = if self.at.value() - next.value() <= self.rounding() {
                idle + 1
            } else {
                0
            };
            if idle > IDLE_STEPS {
                let near = self.decrement <= ROUNDING.max(tolerance);
                return self.finish(near, "rounding leaves no further gain");
            }
            self.learn(&parameters, &next);
            self.parameters = parameters;
            self.at = next;
        }
    }

    /// What a difference of two values may owe to rounding.
    fn rounding(&self) -> f64 {
        ROUNDING_OF_SUMS * self.at.value().abs()
    }

    /// A point along the step that is lower by enough.
    fn line_search(
        &mut self,
        step: &[f64],
        slope: f64,
        evaluate: &impl Fn(&[f64]) -> Option<P>,
    ) -> Option<(Vec<f64>, P)> {
        let noise = self.rounding();
        let mut length = 1.0;
        for _ in 0..40 {
            let along = self.parameters.iter().zip(step);
            let parameters: Vec<f64> = along.map(|(from, by)| from + length * by).collect();
            let next = evaluate(&parameters);
            self.evaluations += 1;
            let Some(next) = next else {
                length *= 0.1;
                continue;
            };
            let gain = next.value() - self.at.value();
            let flatter = dot(next.gradient(), step).abs() <= STEEP * slope.abs();
            if gain <= SUFFICIENT * length * slope {
                return Some(self.lengthened(step, slope, length, (parameters, next), evaluate));
            }
            if gain <= noise && flatter {
                return Some((parameters, next));
            }
            // The minimum of the parabola through what is known.
            let parabola = -0.5 * slope * length * length / (gain - slope * length);
            length = parabola.clamp(0.1 * length, 0.5 * length);
        }
        None
    }

    /// A point further along the step for as long as the slope hardly lessens: where a criterion falls without end, as that
    /// of a model without remainder, its end is reached in few steps.
    fn lengthened(
        &mut self,
        step: &[f64],
        slope: f64,
        mut length: f64,
        mut reached: (Vec<f64>, P),
        evaluate: &impl Fn(&[f64]) -> Option<P>,
    ) -> (Vec<f64>, P) {
        while dot(reached.1.gradient(), step) < STEEP * slope
            && length >= 1.0
            && self.evaluations < self.max_evaluations
        {
            length *= LONGER;
            let along = self.parameters.iter().zip(step);
            let parameters: Vec<f64> = along.map(|(from, by)| from + length * by).collect();
            self.evaluations += 1;
            let Some(next) = evaluate(&parameters) else {
                break;
            };
            if next.value() - self.at.value() > SUFFICIENT * length * slope
                || next.value() >= reached.1.value()
            {
                break;
            }
            reached = (parameters, next);
        }
        reached
    }

    /// The metric at the next point: what the function offers far away, secants on top of it near the minimum.
    fn learn(&mut self, parameters: &[f64], next: &P) {
        if self.decrement > NEAR
            && let Some(curvature) = next.curvature()
        {
            self.metric = curvature.to_vec();
        }
        let step = difference(parameters, &self.parameters);
        let change = difference(next.gradient(), self.at.gradient());
        let seen = times(&self.metric, &step);
        let expected = dot(&step, &seen);
        if expected <= 0.0 {
            return;
        }
        // Powell's damping keeps the metric positive definite where the function is not convex.
        let along = dot(&step, &change);
        let share = if along < DAMPING * expected {
            (1.0 - DAMPING) * expected / (expected - along)
        } else {
            1.0
        };
        let change: Vec<f64> = change
            .iter()
            .zip(&seen)
            .map(|(change, seen)| share * change + (1.0 - share) * seen)
            .collect();
        let along = dot(&step, &change);
        let k = step.len();
        for row in 0..k {
            for column in 0..k {
                self.metric[row * k + column] +=
                    change[row] * change[column] / along - seen[row] * seen[column] / expected;
            }
        }
    }
}

/// The matrix of second derivatives, by central differences of the gradient; `None` where it is not a number.
pub(super) fn second_derivatives<P: Place>(
    parameters: &[f64],
    step: impl Fn(usize) -> f64,
    evaluate: &impl Fn(&[f64]) -> Option<P>,
) -> Option<Vec<f64>> {
    let k = parameters.len();
    let mut matrix = vec![0.0; k * k];
    for index in 0..k {
        let size = step(index);
        let gradient = |by: f64| {
            let mut moved = parameters.to_vec();
            moved[index] += by;
            evaluate(&moved).map(|at| at.gradient().to_vec())
        };
        let (above, below) = (gradient(size)?, gradient(-size)?);
        for other in 0..k {
            matrix[index * k + other] = (above[other] - below[other]) / (2.0 * size);
        }
    }
    for row in 0..k {
        for column in 0..row {
            let mean = 0.5 * (matrix[row * k + column] + matrix[column * k + row]);
            matrix[row * k + column] = mean;
            matrix[column * k + row] = mean;
        }
    }
    Some(matrix)
}

/// The nearest thing to a symmetric matrix that is positive definite: its eigenvalues without their signs.
pub(super) fn made_definite(matrix: &[f64], size: usize) -> Vec<f64> {
    let (values, vectors) = eigen(matrix, size);
    let largest = values
        .iter()
        .fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
    let mut definite = vec![0.0; size * size];
    for (axis, value) in values.iter().enumerate() {
        let value = value.abs().max(1e-10 * largest);
        for row in 0..size {
            for column in 0..size {
                definite[row * size + column] +=
                    value * vectors[row * size + axis] * vectors[column * size + axis];
            }
        }
    }
    definite
}

/// -B⁻¹ g, with as much added to the diagonal of B as makes it positive definite.
fn downhill(metric: &[f64], gradient: &[f64]) -> Vec<f64> {
    let k = gradient.len();
    let diagonal = (0..k).map(|index| metric[index * k + index].abs());
    let largest = diagonal.fold(f64::MIN_POSITIVE, f64::max);
    let mut ridge = 0.0;
    loop {
        let mut regular = metric.to_vec();
        for index in 0..k {
            regular[index * k + index] += ridge;
        }
        if let Some(cholesky) = Cholesky::of(&regular, k) {
            let mut step: Vec<f64> = gradient.iter().map(|value| -value).collect();
            cholesky.solve(&mut step);
            if step.iter().all(|value| value.is_finite()) && dot(&step, gradient) <= 0.0 {
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

fn difference(left: &[f64], right: &[f64]) -> Vec<f64> {
    left.iter()
        .zip(right)
        .map(|(left, right)| left - right)
        .collect()
}

fn times(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
    matrix
        .chunks(vector.len().max(1))
        .map(|row| dot(row, vector))
        .collect()
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| left * right)
        .sum()
}
