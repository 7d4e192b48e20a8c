//! Maximum likelihood with censored responses or heavy tails.
//!
//! The parameters are the scaled fixed effects, theta and log sigma. Each tree contributes an approximate log
//! likelihood and its gradient ([`super::sites`]); there is no profiling, because sigma enters a censored row's
//! likelihood by itself.
#![expect(
    clippy::indexing_slicing,
    reason = "all vectors have the length of the parameters or of a unit's effects"
)]

use rayon::prelude::*;

use super::model::Model;
use super::parameters::Factors;
use super::quasi_newton::{Descent, Place, made_definite, second_derivatives};
use super::sites::{Posterior, RowState};
use super::units::{Unit, Units};
use super::{Design, FitError, FitSettings, Observed, Residual};

/// Trees summed by one thread at a time. Fixed, so that sums do not depend on the number of threads.
const UNITS_A_CHUNK: usize = 128;

/// Gain that a step must promise: the sites settle to about this.
pub(super) const TOLERANCE: f64 = 1e-9;

/// Step of the differences of the gradient, in parameters of scaled columns.
const STEP: f64 = 1e-4;

/// An approximate likelihood as a function of its parameters.
pub(super) struct Likelihood<'a> {
    pub(super) units: &'a Units<'a>,
    pub(super) design: &'a Design,
    pub(super) residual: Residual,
    /// Fixed effects.
    pub(super) p: usize,
}

/// Minus twice the log likelihood, and its gradient.
pub(super) struct Value {
    value: f64,
    gradient: Vec<f64>,
}

impl Place for Value {
    fn value(&self) -> f64 {
        self.value
    }

    fn gradient(&self) -> &[f64] {
        &self.gradient
    }

    fn curvature(&self) -> Option<&[f64]> {
        None
    }
}

/// Parameters taken apart.
pub(super) struct Parameters<'p> {
    pub(super) beta: &'p [f64],
    pub(super) factors: Factors,
    pub(super) sd: f64,
}

/// The maximum and the second derivatives there.
pub(super) struct Maximum {
    pub(super) parameters: Vec<f64>,
    pub(super) objective: f64,
    pub(super) gradient: f64,
    /// Of minus twice the log likelihood in all parameters.
    pub(super) second_derivatives: Vec<f64>,
    pub(super) evaluations: u32,
    pub(super) iterations: u32,
    pub(super) decrement: f64,
    pub(super) converged: bool,
    pub(super) message: &'static str,
}

/// Maximises from the fit that takes limits for values and tails for normal.
pub(super) fn maximise(
    design: &Design,
    model: &Model,
    units: &Units<'_>,
    start: &[f64],
    settings: &FitSettings,
) -> Result<Maximum, FitError> {
    let likelihood = Likelihood {
        units,
        design,
        residual: settings.residual,
        p: model.fixed.len(),
    };
    let evaluate = |parameters: &[f64]| likelihood.evaluate(parameters);
    let at = evaluate(start).ok_or(FitError::NotFinite)?;
    let metric = second_derivatives(start, |_| STEP, &evaluate).ok_or(FitError::NotFinite)?;
    let metric = made_definite(&metric, start.len());
    let mut descent = Descent::begin(start, at, metric, settings.max_evaluations);
    descent.descend(TOLERANCE, &evaluate);
    let curvature =
        second_derivatives(&descent.parameters, |_| STEP, &evaluate).ok_or(FitError::NotFinite)?;
    let differences = 4 * u32::try_from(start.len()).unwrap_or(u32::MAX);
    Ok(Maximum {
        objective: descent.at.value,
        gradient: descent
            .at
            .gradient
            .iter()
            .fold(0.0, |most: f64, value| most.max(value.abs())),
        second_derivatives: curvature,
        evaluations: descent.evaluations.saturating_add(differences),
        iterations: descent.iterations,
        decrement: descent.decrement,
        converged: descent.converged,
        message: descent.message,
        parameters: descent.parameters,
    })
}

impl Likelihood<'_> {
    pub(super) fn parameters<'p>(&self, all: &'p [f64]) -> Parameters<'p> {
        let (beta, rest) = all.split_at(self.p);
        let (theta, log_sd) = rest.split_at(rest.len() - 1);
        Parameters {
            beta,
            factors: self.units.layout.factors(theta),
            sd: log_sd[0].exp(),
        }
    }

    fn evaluate(&self, all: &[f64]) -> Option<Value> {
        let parameters = self.parameters(all);
        if !parameters.sd.is_normal() {
            return None;
        }
        let chunk = |units: &[Unit]| -> Option<Value> {
            let mut posterior = Posterior::default();
            let mut sum = Value {
                value: 0.0,
                gradient: vec![0.0; all.len()],
            };
            for unit in units {
                self.prepare(unit, &parameters, &mut posterior);
                sum.value += posterior.settle(self.residual)?;
                self.differentiate(unit, &parameters, &posterior, &mut sum.gradient);
            }
            Some(sum)
        };
        let parts: Option<Vec<Value>> = self
            .units
            .units
            .par_chunks(UNITS_A_CHUNK)
            .map(chunk)
            .collect();
        let mut total = Value {
            value: 0.0,
            gradient: vec![0.0; all.len()],
        };
        for part in parts? {
            total.value -= 2.0 * part.value;
            for (sum, part) in total.gradient.iter_mut().zip(&part.gradient) {
                *sum -= 2.0 * part;
            }
        }
        total.value.is_finite().then_some(total)
    }

    /// Puts a unit's rows at the parameters.
    pub(super) fn prepare(&self, unit: &Unit, at: &Parameters<'_>, posterior: &mut Posterior) {
        posterior.begin(unit.size);
        let levels = at.factors.len();
        let mut x = vec![0.0; self.p];
        let mut z = vec![0.0; self.random_columns()];
        let mut whitened = vec![0.0; unit.size];
        for (index, &row) in unit.rows.iter().enumerate() {
            let row = row as usize;
            self.units.fixed_row(row, &mut x);
            self.units.random_row(row, &mut z);
            let offsets = &unit.offsets[index * levels..(index + 1) * levels];
            self.units.whitened(offsets, &z, &at.factors, &mut whitened);
            posterior.z.extend_from_slice(&whitened);
            let fixed: f64 = x.iter().zip(at.beta).map(|(x, beta)| x * beta).sum();
            posterior.rows.push(RowState {
                rest: self.units.response(row) - fixed,
                sd: at.sd / self.units.weight(row).sqrt(),
                observed: self
                    .design
                    .parts()
                    .observed
                    .as_ref()
                    .map_or(Observed::Exactly, |all| all[row]),
                tau: 0.0,
                nu: 0.0,
                mean: 0.0,
                variance: 0.0,
                slope_of_log_sd: 0.0,
            });
        }
    }

    fn random_columns(&self) -> usize {
        self.units
            .layout
            .levels
            .iter()
            .map(|level| level.columns.len())
            .sum()
    }

    /// Adds a unit's gradient of the log likelihood at fixed sites.
    fn differentiate(
        &self,
        unit: &Unit,
        at: &Parameters<'_>,
        posterior: &Posterior,
        gradient: &mut [f64],
    ) {
        let levels = at.factors.len();
        let layout = self.units.layout;
        let mut x = vec![0.0; self.p];
        let mut z = vec![0.0; self.random_columns()];
        let firsts = layout.levels.iter().scan(0, |next, level| {
            let first = *next;
            *next += level.columns.len();
            Some(first)
        });
        let firsts: Vec<usize> = firsts.collect();
        let size = unit.size;
        let last = gradient.len() - 1;
        for (index, (&row, state)) in unit.rows.iter().zip(&posterior.rows).enumerate() {
            let row = row as usize;
            self.units.fixed_row(row, &mut x);
            self.units.random_row(row, &mut z);
            let pull = state.nu - state.tau * state.mean;
            for (sum, x) in gradient.iter_mut().zip(&x) {
                *sum += pull * x;
            }
            let whitened = &posterior.z[index * size..(index + 1) * size];
            for (place, sum) in layout.places.iter().zip(&mut gradient[self.p..last]) {
                let effect = unit.offsets[index * levels + place.level] as usize + place.column;
                let line = &posterior.covariance[effect * size..(effect + 1) * size];
                let along: f64 = line.iter().zip(whitened).map(|(line, z)| line * z).sum();
                let moment = pull * posterior.mean[effect] - state.tau * along;
                *sum += z[firsts[place.level] + place.row] * moment;
            }
            gradient[last] += state.slope_of_log_sd;
        }
    }
}
