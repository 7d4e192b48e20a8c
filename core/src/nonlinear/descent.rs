//! The way down: damped steps until the offset is small, then undamped ones while they make it smaller.

use super::state::State;
use super::{Effort, Ending, Model, NonlinearError, NonlinearFit};
use crate::least_squares::{DependentColumn, LeastSquares};

/// The relative offset at which nothing is left to do: ten digits, where R's `nls` asks for five.
const OFFSET_REACHED: f64 = 1e-10;
/// The relative offset from which undamped steps are trusted: they then change the sum of squares in its twelfth digit,
/// where a comparison of sums begins to be one of their rounding.
const OFFSET_NEAR: f64 = 1e-5;
/// The first damping, relative to the squared length of each column.
const FIRST_DAMPING: f64 = 1e-3;
/// A damping under which a step is no step.
const MOST_DAMPING: f64 = 1e30;
/// The share of the promised decrease that a step must keep.
const LEAST_GAIN: f64 = 1e-4;
/// Roundings of the responses' length that residuals within the columns may amount to.
const ROUNDINGS: f64 = 8.0;

/// Memory of a descent; after a run it stands at the end.
#[derive(Debug, Default)]
pub(super) struct Descent {
    squares: LeastSquares,
    here: State,
    there: State,
    root_weights: Vec<f64>,
    /// The greatest length that each column had on the way, which makes the damping independent of units.
    scales: Vec<f64>,
    /// The length of the weighted response.
    response_length: f64,
    damping: f64,
    growth: f64,
    evaluations: usize,
}

/// What the undamped linear problem says at a place.
#[derive(Debug, Clone, Copy)]
struct Tangent {
    /// The relative offset; infinite where a column depends on others.
    offset: f64,
    /// The length of the residuals within the columns.
    explained: f64,
}

impl Descent {
    pub(super) fn run(
        &mut self,
        model: &impl Model,
        response: &[f64],
        weights: Option<&[f64]>,
        start: &[f64],
        effort: Effort,
    ) -> Result<Ending, NonlinearError> {
        self.begin(response, weights, start);
        if !self.here.evaluate(model, response, &self.root_weights) {
            return Err(NonlinearError::StartNotFinite);
        }
        loop {
            let tangent = self.tangent();
            if self.is_reached(tangent) {
                return self.finish(Self::how(tangent));
            }
            if self.evaluations >= effort.most_evaluations {
                return Err(NonlinearError::EvaluationsSpent {
                    parameters: self.here.parameters.clone(),
                    evaluations: self.evaluations,
                });
            }
            self.evaluations += 1;
            if tangent.offset < OFFSET_NEAR {
                // The undamped solution still stands in `squares`.
                self.there
                    .step_from(&self.here, self.squares.coefficients());
                if !self.there.evaluate(model, response, &self.root_weights) {
                    return self.finish(Ending::Exhausted);
                }
                std::mem::swap(&mut self.here, &mut self.there);
                if self.tangent().offset >= tangent.offset {
                    std::mem::swap(&mut self.here, &mut self.there);
                    return self.finish(Ending::Exhausted);
                }
            } else if !self.step_down(model, response) && self.damping > MOST_DAMPING {
                return self.stalled(tangent);
            }
        }
    }

    fn begin(&mut self, response: &[f64], weights: Option<&[f64]>, start: &[f64]) {
        self.root_weights.clear();
        match weights {
            Some(weights) => self.root_weights.extend(weights.iter().map(|w| w.sqrt())),
            None => self.root_weights.resize(response.len(), 1.0),
        }
        let weighted = response.iter().zip(&self.root_weights).map(|(y, w)| y * w);
        self.response_length = weighted.map(|y| y * y).sum::<f64>().sqrt();
        self.here.parameters.clear();
        self.here.parameters.extend_from_slice(start);
        self.scales.clear();
        self.scales.resize(start.len(), 0.0);
        self.damping = FIRST_DAMPING;
        self.growth = 2.0;
        self.evaluations = 1;
    }

    /// Solves the undamped problem; the step is left in `squares`.
    fn tangent(&mut self) -> Tangent {
        let scales = self.scales.iter_mut();
        for (scale, column) in scales.zip(self.here.columns()) {
            let length = column.iter().map(|entry| entry * entry).sum::<f64>().sqrt();
            *scale = scale.max(length);
        }
        if self.solve(None).is_err() {
            return Tangent {
                offset: f64::INFINITY,
                explained: f64::INFINITY,
            };
        }
        let parameters = self.scales.len() as f64;
        let df = self.here.residuals.len() as f64 - parameters;
        let explained = self.squares.projected_square();
        let left = self.squares.residual_square();
        Tangent {
            offset: ((explained / parameters) / (left / df)).sqrt(),
            explained: explained.sqrt(),
        }
    }

    /// Linear least squares of the residuals on the columns, damped or not.
    fn solve(&mut self, damping: Option<f64>) -> Result<(), DependentColumn> {
        let Self {
            squares,
            here,
            scales,
            ..
        } = self;
        let extra = damping.map_or(0, |_| scales.len());
        let none = std::iter::repeat_n(0.0, extra);
        squares.begin(here.residuals.iter().copied().chain(none));
        let root = damping.unwrap_or_default().sqrt();
        for (at, (column, scale)) in here.columns().zip(scales.iter()).enumerate() {
            // A column that was zero all the way is damped as if it had the length 1.
            let scale = if *scale > 0.0 { *scale } else { 1.0 };
            let ridge = (0..extra).map(|row| if row == at { root * scale } else { 0.0 });
            squares.push_column(column.iter().copied().chain(ridge));
        }
        squares.solve()
    }

    /// One damped step; whether it went down and was taken.
    fn step_down(&mut self, model: &impl Model, response: &[f64]) -> bool {
        let is_solved = self.solve(Some(self.damping)).is_ok();
        self.there
            .step_from(&self.here, self.squares.coefficients());
        let is_evaluated = is_solved && self.there.evaluate(model, response, &self.root_weights);
        let promised = self.squares.projected_square();
        let gain = (self.here.square - self.there.square) / promised;
        if is_evaluated && gain > LEAST_GAIN {
            std::mem::swap(&mut self.here, &mut self.there);
            // Nielsen 1999: smooth between a third for a step that kept its promise and no change for one that kept half.
            let kept = 2.0 * gain - 1.0;
            self.damping *= (1.0 - kept * kept * kept).max(1.0 / 3.0);
            self.growth = 2.0;
            true
        } else {
            self.damping *= self.growth;
            self.growth *= 2.0;
            false
        }
    }

    fn is_reached(&self, tangent: Tangent) -> bool {
        tangent.offset <= OFFSET_REACHED
            || tangent.explained <= ROUNDINGS * f64::EPSILON * self.response_length
    }

    fn how(tangent: Tangent) -> Ending {
        if tangent.offset <= OFFSET_REACHED {
            Ending::Offset
        } else {
            Ending::Rounding
        }
    }

    /// No step leads down: at a place where a parameter means nothing, or for want of digits.
    fn stalled(&mut self, tangent: Tangent) -> Result<Ending, NonlinearError> {
        self.finish(Ending::Exhausted)?;
        Err(NonlinearError::Stalled {
            parameters: self.here.parameters.clone(),
            evaluations: self.evaluations,
            offset: tangent.offset,
        })
    }

    /// Leaves the undamped problem of the last place solved.
    fn finish(&mut self, ending: Ending) -> Result<Ending, NonlinearError> {
        self.solve(None)
            .map_err(|dependent| NonlinearError::Undetermined {
                parameter: dependent.column,
                parameters: self.here.parameters.clone(),
            })?;
        Ok(ending)
    }

    /// The fit at the end of a run.
    pub(super) fn fit(&mut self, ending: Ending) -> NonlinearFit {
        let offset = self.tangent().offset;
        let width = self.here.parameters.len();
        let df = self.here.residuals.len() - width;
        let variance = self.here.square / df as f64;
        let pairs = (0..width).flat_map(|one| (0..width).map(move |other| (one, other)));
        let covariance: Vec<f64> = pairs
            .map(|(one, other)| variance * self.squares.unscaled_covariance(one, other))
            .collect();
        NonlinearFit {
            standard_errors: covariance
                .iter()
                .step_by(width + 1)
                .map(|v| v.sqrt())
                .collect(),
            covariance,
            parameters: self.here.parameters.clone(),
            residual_square: self.here.square,
            df,
            residual_sd: variance.sqrt(),
            evaluations: self.evaluations,
            offset,
            ending,
        }
    }
}
