//! From a design to a fitted model.
#![expect(
    clippy::indexing_slicing,
    reason = "all indices run below the number of fixed effects or of random columns"
)]

use ndarray::Array2;

use super::criterion::Evaluation;
use super::model::Model;
use super::optimizer::{Minimum, TOLERANCE, minimise};
use super::parameters::times_own_transpose;
use super::satterthwaite::degrees_of_freedom;
use super::student;
use super::{
    Criterion, Design, FitError, FitSettings, FixedEffect, GroupCount, MixedFit, OptimizerSummary,
    RandomEffect,
};

/// A diagonal element of theta below this makes a fit singular, as lme4's isSingular has it.
const SINGULAR: f64 = 1e-4;

/// The share of a response's sum of squares below which a residual counts as none.
const NO_RESIDUAL: f64 = 1e-20;

/// Fits a model.
///
/// # Errors
/// [`FitError`] when groups cross, too few rows are left, or nothing varies.
pub fn fit(design: &Design, settings: &FitSettings) -> Result<MixedFit, FitError> {
    let model = Model::of(design)?;
    let objective = model.objective(settings.criterion);
    let start = model.layout.start();
    let total = model.panels.total.last().copied().unwrap_or(0.0);
    let minimum =
        minimise(&objective, &start, settings.max_evaluations).ok_or(FitError::NotFinite)?;
    if minimum.at.residual_squares <= NO_RESIDUAL * total {
        return Err(FitError::NoResidual);
    }
    Ok(describe(
        design,
        &model,
        &minimum,
        settings.criterion,
        &start,
    ))
}

fn describe(
    design: &Design,
    model: &Model,
    minimum: &Minimum,
    criterion: Criterion,
    start: &[f64],
) -> MixedFit {
    let objective = model.objective(criterion);
    let at = &minimum.at;
    let variance = at.residual_squares / objective.degrees();
    let (beta, covariance) = fixed_effects(model, at, variance);
    let df = degrees_of_freedom(model, &objective, minimum);
    let name = |index: usize| design.parts().fixed[index].name.clone();
    let fixed = (0..beta.len())
        .map(|index| {
            let se = covariance[(index, index)].max(0.0).sqrt();
            fixed_effect(name(model.fixed.kept[index]), beta[index], se, df[index])
        })
        .collect();
    let random = random_effects(design, model, &minimum.theta, variance);
    let singular = is_singular(model, &minimum.theta);
    let groups = model.groupings.iter().map(|&grouping| {
        let grouping = &design.parts().groupings[grouping];
        GroupCount {
            name: grouping.name.clone(),
            levels: grouping.levels.len(),
        }
    });
    let largest = at
        .gradient
        .iter()
        .fold(0.0, |most: f64, value| most.max(value.abs()));
    MixedFit {
        criterion,
        objective: at.value,
        n_observations: design.rows(),
        groups: groups.collect(),
        singular,
        residual_sd: variance.sqrt(),
        fixed,
        fixed_covariance: covariance,
        dropped: model
            .fixed
            .dropped
            .iter()
            .map(|&index| name(index))
            .collect(),
        random,
        optimizer: OptimizerSummary {
            evaluations: minimum.evaluations,
            iterations: minimum.iterations,
            converged: minimum.converged,
            message: minimum.message.to_owned(),
            start: model.layout.unscaled(start),
            theta: model.layout.unscaled(&minimum.theta),
            gradient: largest,
            decrement: minimum.decrement,
            tolerance: TOLERANCE,
        },
    }
}

/// One line of the table of fixed effects.
pub(super) fn fixed_effect(name: String, estimate: f64, se: f64, df: f64) -> FixedEffect {
    let t = estimate / se;
    let half = student::quantile(0.975, df) * se;
    FixedEffect {
        name,
        estimate,
        se,
        df,
        t,
        p: student::two_sided(t, df),
        lower: estimate - half,
        upper: estimate + half,
    }
}

/// Coefficients and their covariance in the design's units.
pub(super) fn fixed_effects(
    model: &Model,
    at: &Evaluation,
    variance: f64,
) -> (Vec<f64>, Array2<f64>) {
    let p = model.fixed.len();
    let back = model.fixed.back_transformation();
    let mut beta: Vec<f64> = back
        .chunks(p.max(1))
        .map(|row| {
            row.iter()
                .zip(&at.beta)
                .map(|(factor, value)| factor * value)
                .sum()
        })
        .collect();
    if let Some(intercept) = model.fixed.intercept {
        beta[intercept] += model.fixed.intercept_shift();
    }
    let covariance = Array2::from_shape_fn((p, p), |(row, column)| {
        let mut sum = 0.0;
        for left in 0..p {
            for right in 0..p {
                sum += back[row * p + left]
                    * at.covariance[left * p + right]
                    * back[column * p + right];
            }
        }
        variance * sum
    });
    (beta, covariance)
}

fn random_effects(
    design: &Design,
    model: &Model,
    theta: &[f64],
    variance: f64,
) -> Vec<RandomEffect> {
    let factors = model.layout.factors(theta);
    let mut random: Vec<(usize, RandomEffect)> = Vec::new();
    for (level, columns) in model.layout.levels.iter().enumerate() {
        let q = columns.columns.len();
        let psi = times_own_transpose(&factors[level], q);
        let mut terms: Vec<usize> = columns.columns.iter().map(|(term, _)| *term).collect();
        terms.dedup();
        for term in terms {
            let own: Vec<usize> = (0..q)
                .filter(|&index| columns.columns[index].0 == term)
                .collect();
            let sd = own
                .iter()
                .map(|&index| (variance * psi[index * q + index]).sqrt() / columns.scales[index]);
            let correlation = Array2::from_shape_fn((own.len(), own.len()), |(row, column)| {
                let (row, column) = (own[row], own[column]);
                let product = psi[row * q + row] * psi[column * q + column];
                if row == column {
                    1.0
                } else if product > 0.0 {
                    (psi[row * q + column] / product.sqrt()).clamp(-1.0, 1.0)
                } else {
                    0.0
                }
            });
            let effect = RandomEffect {
                group: design.parts().groupings[model.groupings[level]]
                    .name
                    .clone(),
                terms: own
                    .iter()
                    .map(|&index| columns.columns[index].1.name.clone())
                    .collect(),
                sd: sd.collect(),
                correlation,
            };
            random.push((term, effect));
        }
    }
    random.sort_by_key(|(term, _)| *term);
    random.into_iter().map(|(_, effect)| effect).collect()
}

fn is_singular(model: &Model, theta: &[f64]) -> bool {
    let unscaled = model.layout.unscaled(theta);
    let places = model.layout.places.iter().zip(theta).zip(&unscaled);
    places
        .filter(|((place, _), _)| place.row == place.column)
        .any(|((_, scaled), unscaled)| {
            scaled.abs().min(unscaled.abs()) < SINGULAR && scaled.abs() < SINGULAR
        })
}
