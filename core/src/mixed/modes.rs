//! Conditional modes of the random effects, and their covariances given the parameters.
#![expect(
    clippy::indexing_slicing,
    reason = "indices run over levels, terms and groups that the design was checked to have"
)]

use ndarray::Array2;

use super::elimination::{Scales, Scratch, visit_block};
use super::hierarchy::EMPTY;
use super::model::Model;
use super::parameters::times_own_transpose;
use super::posteriors::posteriors;
use super::{Design, FitError, MixedFit, Modes, Residual};

/// Conditional modes of the random effects given a fit's parameters, with their covariances; one [`Modes`] a random
/// term, in the order of the design. A level without rows has mode 0 and the covariance between levels.
///
/// # Errors
/// [`FitError::OtherDesign`] when the fit is not one of this design.
///
/// # References
/// Bates D, Mächler M, Bolker B, Walker S 2015. Fitting linear mixed-effects models using lme4. Journal of Statistical
/// Software 67(1). doi:10.18637/jss.v067.i01.
pub fn conditional_modes(design: &Design, fit: &MixedFit) -> Result<Vec<Modes>, FitError> {
    let model = Model::of(design)?;
    let theta = model
        .layout
        .scaled(&fit.optimizer.theta)
        .ok_or(FitError::OtherDesign)?;
    if fit.fixed.len() != model.fixed.len() {
        return Err(FitError::OtherDesign);
    }
    if fit.residual != Residual::Normal || fit.n_censored > 0 {
        return approximate_modes(design, &model, &theta, fit);
    }
    let objective = model.objective(fit.criterion);
    let at = objective.evaluate(&theta).ok_or(FitError::NotFinite)?;
    Ok(modes(
        design,
        &model,
        &theta,
        &at.beta,
        fit.residual_sd * fit.residual_sd,
    ))
}

/// From the posterior of each tree's whitened effects: b = Λ u.
fn approximate_modes(
    design: &Design,
    model: &Model,
    theta: &[f64],
    fit: &MixedFit,
) -> Result<Vec<Modes>, FitError> {
    let mut all = before_data(design, model, theta, fit.residual_sd * fit.residual_sd);
    let factors = model.layout.factors(theta);
    posteriors(design, model, theta, fit, |unit, posterior| {
        for &(level, group, begin) in &unit.groups {
            let q = model.layout.size(level);
            let sd = fit.residual_sd;
            let (modes, covariances) = &mut all[level];
            let group = group as usize;
            for row in 0..q {
                let line = &factors[level][row * q..(row + 1) * q];
                let effects = &posterior.mean[begin..begin + q];
                let mode: f64 = line
                    .iter()
                    .zip(effects)
                    .map(|(factor, effect)| factor * effect)
                    .sum();
                modes[group * q + row] = sd * mode;
                for column in 0..q {
                    let other = &factors[level][column * q..(column + 1) * q];
                    let mut sum = 0.0;
                    for (left, factor) in line.iter().enumerate() {
                        for (right, other) in other.iter().enumerate() {
                            let cell = (begin + left) * posterior.size + begin + right;
                            sum += factor * other * posterior.covariance[cell];
                        }
                    }
                    covariances[(group * q + row) * q + column] = sd * sd * sum;
                }
            }
        }
    })?;
    Ok(by_term(design, model, &all))
}

/// Modes and covariances of levels that nothing is known of: zero, and the covariance between levels.
fn before_data(
    design: &Design,
    model: &Model,
    theta: &[f64],
    variance: f64,
) -> Vec<(Vec<f64>, Vec<f64>)> {
    let factors = model.layout.factors(theta);
    let each = model.groupings.iter().zip(&factors).enumerate();
    each.map(|(level, (&grouping, factor))| {
        let (q, levels) = (
            model.layout.size(level),
            design.parts().groupings[grouping].levels.len(),
        );
        let prior: Vec<f64> = times_own_transpose(factor, q)
            .iter()
            .map(|value| variance * value)
            .collect();
        (
            vec![0.0; levels * q],
            std::iter::repeat_n(prior, levels).flatten().collect(),
        )
    })
    .collect()
}

fn modes(design: &Design, model: &Model, theta: &[f64], beta: &[f64], variance: f64) -> Vec<Modes> {
    let layout = &model.layout;
    let factors = layout.factors(theta);
    let psi: Vec<Vec<f64>> = factors
        .iter()
        .enumerate()
        .map(|(level, factor)| times_own_transpose(factor, layout.size(level)))
        .collect();
    let mut weights: Vec<f64> = beta.iter().map(|value| -value).collect();
    weights.push(1.0);

    // All terms of a level together first: levels x q, and levels x q q.
    let mut all = before_data(design, model, theta, variance);
    let scales = Scales::of(factors, &model.panels.shape);
    let mut scratch = Scratch::new(&model.panels.shape);
    for block in 0..model.panels.block_count() {
        visit_block(
            &model.panels,
            block,
            &scales,
            &mut scratch,
            |slot, scratch| {
                let level = slot.level;
                let place = Place {
                    psi: &psi[level],
                    q: layout.size(level),
                    weights: &weights,
                    variance,
                };
                let (modes, covariances) = &mut all[level];
                for (lane, &group) in slot.groups.iter().enumerate() {
                    if group != EMPTY {
                        place.write(scratch, lane, group as usize, modes, covariances);
                    }
                }
            },
        );
    }
    by_term(design, model, &all)
}

struct Place<'a> {
    psi: &'a [f64],
    q: usize,
    weights: &'a [f64],
    variance: f64,
}

impl Place<'_> {
    /// b = Ψ U (-beta, 1); Cov(b) = sigma² (Ψ - Ψ S Ψ).
    fn write(
        &self,
        scratch: &Scratch,
        lane: usize,
        group: usize,
        modes: &mut [f64],
        covariances: &mut [f64],
    ) {
        let (q, m) = (self.q, self.weights.len());
        for row in 0..q {
            let mut mode = 0.0;
            for inner in 0..q {
                let u = &scratch.ut[inner * m..(inner + 1) * m];
                let g: f64 = u
                    .iter()
                    .zip(self.weights)
                    .map(|(u, weight)| u.0[lane] * weight)
                    .sum();
                mode += self.psi[row * q + inner] * g;
            }
            modes[group * q + row] = mode;
            for column in 0..q {
                let mut taken = 0.0;
                for left in 0..q {
                    for right in 0..q {
                        taken += self.psi[row * q + left]
                            * scratch.s[left * q + right].0[lane]
                            * self.psi[right * q + column];
                    }
                }
                covariances[(group * q + row) * q + column] =
                    self.variance * (self.psi[row * q + column] - taken);
            }
        }
    }
}

/// Takes the terms of a level apart, in the design's units and order.
fn by_term(design: &Design, model: &Model, all: &[(Vec<f64>, Vec<f64>)]) -> Vec<Modes> {
    let mut terms: Vec<(usize, Modes)> = Vec::new();
    for (level, &grouping) in model.groupings.iter().enumerate() {
        let columns = &model.layout.levels[level];
        let q = columns.columns.len();
        let grouping = &design.parts().groupings[grouping];
        let mut indices: Vec<usize> = columns.columns.iter().map(|(term, _)| *term).collect();
        indices.dedup();
        for term in indices {
            let own: Vec<usize> = (0..q)
                .filter(|&index| columns.columns[index].0 == term)
                .collect();
            let (size, levels) = (own.len(), grouping.levels.len());
            let (modes, covariances) = &all[level];
            let mode = Array2::from_shape_fn((levels, size), |(group, index)| {
                modes[group * q + own[index]] / columns.scales[own[index]]
            });
            let covariance = Array2::from_shape_fn((levels, size * size), |(group, cell)| {
                let (row, column) = (own[cell / size], own[cell % size]);
                covariances[(group * q + row) * q + column]
                    / columns.scales[row]
                    / columns.scales[column]
            });
            let modes = Modes {
                group: grouping.name.clone(),
                levels: grouping.levels.clone(),
                terms: own
                    .iter()
                    .map(|&index| columns.columns[index].1.name.clone())
                    .collect(),
                mode,
                covariance,
            };
            terms.push((term, modes));
        }
    }
    terms.sort_by_key(|(term, _)| *term);
    terms.into_iter().map(|(_, modes)| modes).collect()
}
