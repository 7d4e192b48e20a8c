//! Profile-likelihood intervals: where the criterion, minimised over all other parameters, has risen by the chi-squared
//! quantile.
#![expect(
    clippy::indexing_slicing,
    reason = "columns, terms and elements of theta are those that the design was checked to have"
)]

use super::criterion::{Evaluation, Objective};
use super::estimate::{BESIDE_ZERO, profiled};
use super::model::Model;
use super::optimizer::minimise;
use super::quasi_newton::{Descent, Place, TOLERANCE, made_definite, second_derivatives};
use super::{Criterion, Design, FitError, MixedFit, Residual};
use crate::normal::QUANTILE_975;

/// Evaluations of one minimum along a profile.
const MOST_EVALUATIONS: u32 = 200;

/// Minima along one side of a profile.
const MOST_STEPS: usize = 40;

/// How near the root of the rise must come to the normal quantile.
const NEAR: f64 = 1e-7;

/// The interval of one parameter by profile likelihood.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileInterval {
    /// A fixed effect's name, `sd_(Intercept)|subject`, or `sigma`.
    pub parameter: String,
    /// The maximum-likelihood estimate.
    pub estimate: f64,
    /// Lower end of the 95 % interval: 0 for a standard deviation that may be zero; `None` when it was not found.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
}

/// 95 % intervals of the standard deviations, of the residual's, and of the fixed effects, in this order, by maximum
/// likelihood whatever the fit's criterion.
///
/// # Errors
/// [`FitError::NoProfile`] for a fit with censored responses or heavy tails; what a fit may fail with otherwise.
///
/// # References
/// Bates D, Mächler M, Bolker B, Walker S 2015, section 5.1. doi:10.18637/jss.v067.i01.
pub fn profile_intervals(
    design: &Design,
    fit: &MixedFit,
) -> Result<Vec<ProfileInterval>, FitError> {
    if fit.residual != Residual::Normal || fit.n_censored > 0 {
        return Err(FitError::NoProfile);
    }
    let mut intervals = Vec::new();
    for (term, random) in design.parts().random.iter().enumerate() {
        let group = &design.parts().groupings[random.grouping].name;
        for (column, of) in random.columns.iter().enumerate() {
            let parameter = format!("sd_{}|{group}", of.name);
            intervals.push(standard_deviation(design, term, column, parameter)?);
        }
    }
    let model = Model::of(design)?;
    let best = profiled(&model, Criterion::Ml, MOST_EVALUATIONS)?;
    intervals.push(residual(
        &model,
        best.at.residual_squares,
        &best.theta,
        best.at.value,
    ));
    for effect in &fit.fixed {
        intervals.push(fixed_effect(
            design,
            &effect.name,
            &best.theta,
            best.at.value,
        )?);
    }
    Ok(intervals)
}

/// Which standard deviation is held.
#[derive(Clone, Copy)]
enum Held {
    Residual,
    /// The element of theta that, times sigma, is the standard deviation: the first of its term.
    Random(usize),
}

/// The criterion with sigma in it, at one place.
struct Unprofiled {
    value: f64,
    gradient: Vec<f64>,
}

impl Place for Unprofiled {
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

/// Parameters are theta, the held element left out, and log sigma unless it is held.
struct Landscape<'a> {
    objective: &'a Objective<'a>,
    held: Held,
}

impl Landscape<'_> {
    fn evaluate(&self, at: f64, parameters: &[f64]) -> Option<Unprofiled> {
        let (theta, sigma) = match self.held {
            Held::Residual => (parameters.to_vec(), at),
            Held::Random(element) => {
                let (log_sigma, rest) = parameters.split_last()?;
                let mut theta = rest.to_vec();
                theta.insert(element, at / log_sigma.exp());
                (theta, log_sigma.exp())
            }
        };
        let evaluation = self.objective.evaluate(&theta)?;
        let degrees = self.objective.degrees();
        let variance = sigma * sigma;
        let value = unprofiled(&evaluation, degrees, variance);
        let parts = evaluation
            .gradient_of_determinants
            .iter()
            .zip(&evaluation.gradient_of_residual);
        let mut gradient: Vec<f64> = parts.map(|(left, right)| left + right / variance).collect();
        if let Held::Random(element) = self.held {
            let along = gradient.remove(element);
            let of_log_sigma = 2.0 * degrees - 2.0 * evaluation.residual_squares / variance;
            gradient.push(of_log_sigma - theta[element] * along);
        }
        value.is_finite().then_some(Unprofiled { value, gradient })
    }

    /// The least value with the held parameter at a value; the parameters there.
    fn least(&self, at: f64, start: &[f64]) -> Option<(f64, Vec<f64>)> {
        let evaluate = |parameters: &[f64]| self.evaluate(at, parameters);
        if start.is_empty() {
            return evaluate(start).map(|place| (place.value, Vec::new()));
        }
        let start = &self.beside_zero(start);
        let first = evaluate(start)?;
        let metric = second_derivatives(start, |_| 1e-4, &evaluate)?;
        let metric = made_definite(&metric, start.len());
        let mut descent = Descent::begin(start, first, metric, MOST_EVALUATIONS);
        descent.descend(TOLERANCE, &evaluate);
        Some((descent.at.value, descent.parameters))
    }
}

impl Landscape<'_> {
    /// Parameters without diagonal elements of zero, where the gradient is zero too: what is best at one value of the held
    /// parameter may be a ridge at the next.
    fn beside_zero(&self, parameters: &[f64]) -> Vec<f64> {
        let held = match self.held {
            Held::Residual => None,
            Held::Random(element) => Some(element),
        };
        let places = self.objective.layout.places.iter().enumerate();
        let places = places.filter(|(element, _)| Some(*element) != held);
        let is_diagonal = places.map(|(_, place)| place.row == place.column);
        // Log sigma comes last, where it is free.
        let is_diagonal = is_diagonal.chain([false]);
        let each = parameters.iter().zip(is_diagonal);
        each.map(|(value, is_diagonal)| {
            if is_diagonal && value.abs() < BESIDE_ZERO {
                BESIDE_ZERO
            } else {
                *value
            }
        })
        .collect()
    }
}

fn unprofiled(evaluation: &Evaluation, degrees: f64, variance: f64) -> f64 {
    let squares = evaluation.residual_squares;
    evaluation.value - degrees * (1.0 + (squares / degrees).ln())
        + degrees * variance.ln()
        + squares / variance
}

fn standard_deviation(
    design: &Design,
    term: usize,
    column: usize,
    parameter: String,
) -> Result<ProfileInterval, FitError> {
    // In front of its term a column's standard deviation is one element of theta times sigma.
    let design = design.with_column_first(term, column);
    let model = Model::of(&design)?;
    let best = profiled(&model, Criterion::Ml, MOST_EVALUATIONS)?;
    let objective = model.objective(Criterion::Ml);
    let sigma = (best.at.residual_squares / objective.degrees()).sqrt();
    let (element, scale) = model.layout.first_of_term(term);
    let landscape = Landscape {
        objective: &objective,
        held: Held::Random(element),
    };
    let mut start = best.theta.clone();
    let estimate = start.remove(element) * sigma;
    start.push(sigma.ln());
    let side = |direction: f64| {
        let mut parameters = start.clone();
        let first = direction * (0.2 * estimate).max(0.05 * sigma);
        cross(estimate, first, Some(0.0), |at| {
            let (value, settled) = landscape.least(at, &parameters)?;
            parameters = settled;
            Some(value - best.at.value)
        })
    };
    Ok(ProfileInterval {
        parameter,
        estimate: estimate / scale,
        lower: side(-1.0).map(|end| end / scale),
        upper: side(1.0).map(|end| end / scale),
    })
}

fn residual(model: &Model, squares: f64, theta: &[f64], best: f64) -> ProfileInterval {
    let objective = model.objective(Criterion::Ml);
    let estimate = (squares / objective.degrees()).sqrt();
    let landscape = Landscape {
        objective: &objective,
        held: Held::Residual,
    };
    let side = |direction: f64| {
        let mut parameters = theta.to_vec();
        cross(estimate, direction * 0.1 * estimate, None, |at| {
            let (value, settled) = landscape.least(at, &parameters)?;
            parameters = settled;
            Some(value - best)
        })
    };
    ProfileInterval {
        parameter: "sigma".to_owned(),
        estimate,
        lower: side(-1.0),
        upper: side(1.0),
    }
}

fn fixed_effect(
    design: &Design,
    name: &str,
    theta: &[f64],
    best: f64,
) -> Result<ProfileInterval, FitError> {
    let (reduced, values) = design.without_fixed(name).ok_or(FitError::OtherDesign)?;
    let at_maximum = super::fit(
        design,
        &super::FitSettings {
            criterion: Criterion::Ml,
            ..super::FitSettings::default()
        },
    )?;
    let effect = at_maximum
        .fixed
        .iter()
        .find(|effect| effect.name == name)
        .ok_or(FitError::OtherDesign)?;
    let least = |at: f64| {
        let known = reduced.parts().response.iter().zip(values.iter());
        let response: Vec<f64> = known
            .map(|(response, value)| response - at * value)
            .collect();
        let weights = reduced.parts().weights.as_deref();
        let model = Model::weighted(&reduced, weights, &response).ok()?;
        let minimum = minimise(&model.objective(Criterion::Ml), theta, MOST_EVALUATIONS)?;
        Some(minimum.at.value - best)
    };
    Ok(ProfileInterval {
        parameter: name.to_owned(),
        estimate: effect.estimate,
        lower: cross(effect.estimate, -effect.se, None, least),
        upper: cross(effect.estimate, effect.se, None, least),
    })
}

/// Where the root of a rise reaches the normal quantile, by secants: the root is nearly straight. With a floor that is
/// reached before, the floor.
fn cross(
    estimate: f64,
    first: f64,
    floor: Option<f64>,
    mut rise: impl FnMut(f64) -> Option<f64>,
) -> Option<f64> {
    let bounded = |at: f64| floor.map_or(at, |floor| at.max(floor));
    let mut root = |at: f64| rise(at).map(|rise| rise.max(0.0).sqrt());
    let (mut before, mut root_before) = (estimate, 0.0);
    let mut at = bounded(estimate + first);
    for _ in 0..MOST_STEPS {
        let here = root(at)?;
        if (here - QUANTILE_975).abs() < NEAR {
            return Some(at);
        }
        if Some(at) == floor && here < QUANTILE_975 {
            return floor;
        }
        let slope = (here - root_before) / (at - before);
        let mut next = at + (QUANTILE_975 - here) / slope;
        // No further out than four times as far, and never to the other side.
        let furthest = estimate + 4.0 * (at - estimate);
        if !next.is_finite()
            || (next - estimate) * first <= 0.0
            || (next - estimate).abs() > (furthest - estimate).abs()
        {
            next = if here < QUANTILE_975 {
                furthest
            } else {
                0.5 * (at + estimate)
            };
        }
        (before, root_before) = (at, here);
        at = bounded(next);
    }
    None
}
