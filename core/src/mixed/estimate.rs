//! From a design to a fitted model.
#![expect(
    clippy::indexing_slicing,
    reason = "all indices run below the number of fixed effects or of random columns"
)]

use ndarray::Array2;

use super::approximate::{self, maximise};
use super::dense::eigen;
use super::model::Model;
use super::optimizer::{Minimum, minimise};
use super::parameters::times_own_transpose;
use super::quasi_newton;
use super::satterthwaite::{FLAT, degrees_of_freedom};
use super::student;
use super::units::Units;
use super::{
    Criterion, Design, FitError, FitSettings, FixedEffect, GroupCount, MixedFit, OptimizerSummary,
    RandomEffect, Residual,
};

/// Where a relative standard deviation of zero begins the search for an approximate maximum.
pub(super) const BESIDE_ZERO: f64 = 0.1;

/// A diagonal element of theta below this makes a fit singular, as lme4's isSingular has it.
const SINGULAR: f64 = 1e-4;

/// Fits a model.
///
/// A normal model of exactly known responses minimises the profiled criterion. Censored responses and heavy tails go by
/// approximate maximum likelihood (see [`MixedFit::criterion`]).
///
/// # Errors
/// [`FitError`] when groups cross, too few rows are left, nothing varies, or a setting is out of its range.
///
/// # References
/// Bates D, Mächler M, Bolker B, Walker S 2015. Fitting linear mixed-effects models using lme4. Journal of Statistical
/// Software 67(1). doi:10.18637/jss.v067.i01.
pub fn fit(design: &Design, settings: &FitSettings) -> Result<MixedFit, FitError> {
    let censored = design.censored_count();
    if let Residual::StudentT { df } = settings.residual {
        if !(df > 2.0 && df.is_finite()) {
            return Err(FitError::Setting {
                field: "df",
                value: df,
                rule: "a finite number of more than 2",
            });
        }
        if censored > 0 {
            return Err(FitError::CensoredHeavyTails);
        }
    }
    let model = Model::of(design)?;
    if censored > 0 || settings.residual != Residual::Normal {
        return fit_approximately(design, &model, settings);
    }
    fit_exactly(design, &model, settings)
}

/// A normal model of exactly known responses. Of the design the names are read, and never a row.
pub(super) fn fit_exactly(
    design: &Design,
    model: &Model,
    settings: &FitSettings,
) -> Result<MixedFit, FitError> {
    let minimum = profiled(model, settings.criterion, settings.max_evaluations)?;
    let objective = model.objective(settings.criterion);
    let variance = minimum.at.residual_squares / objective.degrees();
    let at = &minimum.at;
    let (beta, covariance) =
        fixed_effects(model, &model.with_first(&at.beta), &at.covariance, variance);
    let found = Found {
        criterion: settings.criterion,
        residual: Residual::Normal,
        objective: at.value,
        variance,
        df: degrees_of_freedom(model, &objective, &minimum).ok_or(FitError::NoResidual)?,
        beta,
        covariance,
        theta: minimum.theta,
        optimizer: OptimizerSummary {
            evaluations: minimum.evaluations,
            iterations: minimum.iterations,
            converged: minimum.converged,
            message: minimum.message.to_owned(),
            start: model.layout.unscaled(&model.layout.start()),
            theta: Vec::new(),
            gradient: largest(&at.gradient),
            decrement: minimum.decrement,
            tolerance: quasi_newton::TOLERANCE,
        },
    };
    Ok(found.describe(design, model))
}

/// The minimum of the profiled criterion.
pub(super) fn profiled(
    model: &Model,
    criterion: Criterion,
    max_evaluations: u32,
) -> Result<Minimum, FitError> {
    let objective = model.objective(criterion);
    let start = model.layout.start();
    let nothing = |squares: f64| model.is_rounding(squares);
    let Some(minimum) = minimise(&objective, &start, max_evaluations) else {
        let without_effects = objective.evaluate(&vec![0.0; start.len()]);
        let remainder = without_effects.map_or(0.0, |at| at.residual_squares);
        return Err(if nothing(remainder) {
            FitError::NoResidual
        } else {
            FitError::NotFinite
        });
    };
    if nothing(minimum.at.residual_squares) {
        return Err(FitError::NoResidual);
    }
    Ok(minimum)
}

fn fit_approximately(
    design: &Design,
    model: &Model,
    settings: &FitSettings,
) -> Result<MixedFit, FitError> {
    let first = profiled(model, Criterion::Ml, settings.max_evaluations)?;
    let sd = (first.at.residual_squares / model.objective(Criterion::Ml).degrees()).sqrt();
    // A variance of zero is a place where the gradient is zero too: the search begins beside it.
    let theta = first
        .theta
        .iter()
        .zip(&model.layout.places)
        .map(|(value, place)| {
            let away = if place.row == place.column {
                value.max(BESIDE_ZERO)
            } else {
                *value
            };
            away * sd
        });
    let start: Vec<f64> = model
        .with_first(&first.at.beta)
        .into_iter()
        .chain(theta)
        .chain([sd.ln()])
        .collect();
    let units = Units::of(design, &model.layout, &model.fixed, &model.groupings)?;
    let maximum = maximise(design, model, &units, &start, settings)?;
    let (p, last) = (model.fixed.len(), start.len() - 1);
    let sd = maximum.parameters[last].exp();
    let mut theta: Vec<f64> = maximum.parameters[p..last]
        .iter()
        .map(|value| value / sd)
        .collect();
    model.layout.with_positive_diagonal(&mut theta);
    let covariance = covariance_of_first(&maximum.second_derivatives, start.len(), p);
    let (beta, covariance) = fixed_effects(model, &maximum.parameters[..p], &covariance, 1.0);
    let found = Found {
        criterion: Criterion::Ml,
        residual: settings.residual,
        objective: maximum.objective,
        variance: sd * sd,
        df: vec![f64::INFINITY; p],
        beta,
        covariance,
        theta,
        optimizer: OptimizerSummary {
            evaluations: maximum.evaluations,
            iterations: maximum.iterations,
            converged: maximum.converged,
            message: maximum.message.to_owned(),
            start: model.layout.unscaled(&first.theta),
            theta: Vec::new(),
            gradient: maximum.gradient,
            decrement: maximum.decrement,
            tolerance: approximate::TOLERANCE,
        },
    };
    Ok(found.describe(design, model))
}

/// Twice the inverse of second derivatives, its first rows and columns; flat directions add nothing.
fn covariance_of_first(second_derivatives: &[f64], size: usize, p: usize) -> Vec<f64> {
    let (values, vectors) = eigen(second_derivatives, size);
    let mut covariance = vec![0.0; p * p];
    for (axis, value) in values
        .iter()
        .enumerate()
        .filter(|(_, value)| **value > FLAT)
    {
        for row in 0..p {
            for column in 0..p {
                covariance[row * p + column] +=
                    2.0 * vectors[row * size + axis] * vectors[column * size + axis] / value;
            }
        }
    }
    covariance
}

/// What either way of fitting finds, in the design's units but for theta.
struct Found {
    criterion: Criterion,
    residual: Residual,
    objective: f64,
    variance: f64,
    df: Vec<f64>,
    beta: Vec<f64>,
    covariance: Array2<f64>,
    theta: Vec<f64>,
    optimizer: OptimizerSummary,
}

impl Found {
    fn describe(self, design: &Design, model: &Model) -> MixedFit {
        let name = |index: usize| design.parts().fixed[index].name.clone();
        let fixed = self
            .beta
            .iter()
            .zip(&self.df)
            .enumerate()
            .map(|(index, (&estimate, &df))| {
                let se = self.covariance[(index, index)].max(0.0).sqrt();
                fixed_effect(name(model.fixed.kept[index]), estimate, se, df)
            });
        let groups = model.groupings.iter().map(|&grouping| {
            let grouping = &design.parts().groupings[grouping];
            GroupCount {
                name: grouping.name.clone(),
                levels: grouping.levels.len(),
            }
        });
        MixedFit {
            criterion: self.criterion,
            residual: self.residual,
            n_censored: design.censored_count(),
            objective: self.objective,
            n_observations: model.rows(),
            groups: groups.collect(),
            singular: is_singular(model, &self.theta),
            residual_sd: self.variance.sqrt(),
            fixed: fixed.collect(),
            fixed_covariance: self.covariance,
            dropped: model
                .fixed
                .dropped
                .iter()
                .map(|&index| name(index))
                .collect(),
            random: random_effects(design, model, &self.theta, self.variance),
            optimizer: OptimizerSummary {
                theta: model.layout.unscaled(&self.theta),
                ..self.optimizer
            },
        }
    }
}

fn largest(gradient: &[f64]) -> f64 {
    gradient
        .iter()
        .fold(0.0, |most: f64, value| most.max(value.abs()))
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
    scaled: &[f64],
    scaled_covariance: &[f64],
    variance: f64,
) -> (Vec<f64>, Array2<f64>) {
    let p = model.fixed.len();
    let back = model.fixed.back_transformation();
    let beta = model.fixed.coefficients(scaled);
    let covariance = Array2::from_shape_fn((p, p), |(row, column)| {
        let mut sum = 0.0;
        for left in 0..p {
            for right in 0..p {
                sum += back[row * p + left]
                    * scaled_covariance[left * p + right]
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
