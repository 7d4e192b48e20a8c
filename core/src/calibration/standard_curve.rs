//! The fitted curve of one plate, with what its errors are.

use super::curve::{Curve, CurveModel, MOST_PARAMETERS, gradient, share};
use super::error::CalibrationError;
use super::model::{self, CurveOfStandards};
use super::start::start;
use super::weighting::{Noise, Spread};
use crate::nonlinear::{Effort, NonlinearError, NonlinearFit, NonlinearFitter};
use crate::tails::f_tail;

/// Rounds of fitting and weighting; a curve that fits settles in five to fifteen.
const MOST_ROUNDS: usize = 60;
/// A change of the fitted parameters, C, B and G by their logarithms, below which the weights have settled.
const SETTLED: f64 = 1e-9;
/// A fit of a curve takes 5 to 30 evaluations; one that takes so many leads nowhere.
const EFFORT: Effort = Effort {
    most_evaluations: 300,
};
/// ln G from which the asymmetry is said to wander off: beyond 50 the curve is its own limit.
const MOST_LN_ASYMMETRY: f64 = 3.9;
/// How far beyond the standards the middle of a curve may lie, in ln.
const MOST_LN_BEYOND: f64 = 4.6;
/// Asymmetries that a curve of five parameters begins from.
const ASYMMETRIES: [f64; 3] = [1.0, 0.4, 2.5];

/// A standard curve with its errors.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StandardCurve {
    /// The shape.
    pub model: CurveModel,
    /// The estimates.
    pub curve: Curve,
    /// Their standard errors, in the same places; that of the asymmetry of a curve of four is 0.
    pub standard_errors: Curve,
    /// Half the power of the mean response that the variance of a well is taken to grow with.
    pub theta: f64,
    /// Weighted sum of squared residuals.
    pub residual_square: f64,
    /// Residual degrees of freedom.
    pub df: usize,
    /// Residual standard deviation s; a well of mean response m has the standard deviation s m^theta.
    pub residual_sd: f64,
    /// How often the model was evaluated.
    pub evaluations: usize,
    /// Whether the weights settled.
    pub weights_settled: bool,
    /// The comparison of the curve with the means of replicates, where there are enough of both.
    pub lack_of_fit: Option<LackOfFit>,
    pub(super) noise: Noise,
    /// Of A, D, ln C, ln B, ln G.
    covariance: Vec<f64>,
}

/// Fisher's test of a curve against the means of its replicates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LackOfFit {
    /// F.
    pub f: f64,
    /// Concentrations less parameters.
    pub df: usize,
    /// Replicates less concentrations.
    pub error_df: usize,
    /// The probability of at least this F when the curve has the right shape.
    pub p: f64,
}

/// Memory between fits.
#[derive(Debug)]
pub(super) struct CurveFitter {
    fitter: NonlinearFitter,
    responses: Vec<f64>,
    weights: Vec<f64>,
}

impl Default for CurveFitter {
    fn default() -> Self {
        Self {
            fitter: NonlinearFitter::with_effort(EFFORT),
            responses: Vec::new(),
            weights: Vec::new(),
        }
    }
}

impl CurveFitter {
    /// Fits (concentration, response) of the standards' wells; `spreads` are those of the standards.
    pub(super) fn fit(
        &mut self,
        points: &[(f64, f64)],
        model: CurveModel,
        noise: Noise,
        spreads: &[Spread],
    ) -> Result<StandardCurve, CalibrationError> {
        self.responses.clear();
        self.responses.extend(points.iter().map(|(_, y)| *y));
        self.weights.clear();
        let weights = points.iter().map(|(_, y)| noise.variance(*y).recip());
        self.weights.extend(weights);
        let mut fit = self.first(points, model)?;
        let mut settled = noise.theta == 0.0;
        let mut evaluations = fit.evaluations;
        for _ in 0..MOST_ROUNDS {
            if settled {
                break;
            }
            let curve = model::curve(&fit.parameters);
            for (weight, (x, _)) in self.weights.iter_mut().zip(points) {
                *weight = noise.variance(curve.response(*x)).recip();
            }
            let of_standards = CurveOfStandards { points, model };
            let weights = Some(self.weights.as_slice());
            let next = self
                .fitter
                .fit(&of_standards, &self.responses, weights, &fit.parameters)
                .map_err(|cause| refusal(cause, model, points))?;
            evaluations += next.evaluations;
            let changes = next.parameters.iter().zip(&fit.parameters);
            settled = changes.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) < SETTLED;
            fit = next;
        }
        check(&fit.parameters, model, points)?;
        let mut curve = StandardCurve::of(&fit, model, noise, settled);
        curve.evaluations = evaluations;
        curve.lack_of_fit = curve.lack_of_fit(spreads);
        Ok(curve)
    }

    /// The best fit from the starts that the standards themselves give.
    fn first(
        &mut self,
        points: &[(f64, f64)],
        model: CurveModel,
    ) -> Result<NonlinearFit, CalibrationError> {
        let asymmetries = match model {
            CurveModel::FourParameter => ASYMMETRIES.get(..1),
            CurveModel::FiveParameter => ASYMMETRIES.get(..),
        };
        let mut best: Option<NonlinearFit> = None;
        let mut refused = None;
        for asymmetry in asymmetries.unwrap_or_default() {
            let Some(start) = start(points, &self.weights, asymmetry.ln()) else {
                continue;
            };
            let start = start.get(..model.parameters()).unwrap_or_default();
            let of_standards = CurveOfStandards { points, model };
            let weights = Some(self.weights.as_slice());
            match self
                .fitter
                .fit(&of_standards, &self.responses, weights, start)
            {
                Ok(fit) => {
                    let is_better =
                        |best: &NonlinearFit| fit.residual_square < best.residual_square;
                    if best.as_ref().is_none_or(is_better) {
                        best = Some(fit);
                    }
                }
                Err(cause) => refused = Some(cause),
            }
        }
        best.ok_or_else(|| {
            refusal(
                refused.unwrap_or(NonlinearError::StartNotFinite),
                model,
                points,
            )
        })
    }
}

/// A fit that leads nowhere, in the words of the curve.
fn refusal(cause: NonlinearError, model: CurveModel, points: &[(f64, f64)]) -> CalibrationError {
    let parameters = match &cause {
        NonlinearError::Stalled { parameters, .. }
        | NonlinearError::EvaluationsSpent { parameters, .. }
        | NonlinearError::Undetermined { parameters, .. } => parameters,
        _ => return CalibrationError::NotFitted(cause),
    };
    check(parameters, model, points)
        .err()
        .unwrap_or(CalibrationError::NotFitted(cause))
}

/// Whether a curve lies where the standards can have put it.
fn check(
    parameters: &[f64],
    model: CurveModel,
    points: &[(f64, f64)],
) -> Result<(), CalibrationError> {
    let curve = model::curve(parameters);
    if model == CurveModel::FiveParameter && curve.asymmetry.ln().abs() > MOST_LN_ASYMMETRY {
        return Err(CalibrationError::AsymmetryUndetermined);
    }
    let (lowest, highest) = positive_range(points);
    let ln_c = curve.midpoint.ln();
    if model == CurveModel::FourParameter
        && !(lowest.ln() - MOST_LN_BEYOND..=highest.ln() + MOST_LN_BEYOND).contains(&ln_c)
    {
        return Err(CalibrationError::Undetermined {
            midpoint: curve.midpoint,
            lowest,
            highest,
        });
    }
    Ok(())
}

/// The lowest concentration above zero, and the highest.
pub(super) fn positive_range(points: &[(f64, f64)]) -> (f64, f64) {
    let positive = points.iter().map(|(x, _)| *x).filter(|x| *x > 0.0);
    positive.fold((f64::INFINITY, 0.0), |(low, high), x| {
        (f64::min(low, x), f64::max(high, x))
    })
}

impl StandardCurve {
    fn of(fit: &NonlinearFit, model: CurveModel, noise: Noise, settled: bool) -> Self {
        let curve = model::curve(&fit.parameters);
        let se = |position: usize| fit.standard_errors.get(position).copied().unwrap_or(0.0);
        Self {
            model,
            curve,
            // At the estimates the derivative of C by ln C is C, so these are the errors of a fit in C, B and G itself.
            standard_errors: Curve {
                zero_response: se(0),
                infinite_response: se(1),
                midpoint: curve.midpoint * se(2),
                steepness: curve.steepness * se(3),
                asymmetry: curve.asymmetry * se(4),
            },
            theta: noise.theta,
            residual_square: fit.residual_square,
            df: fit.df,
            residual_sd: fit.residual_sd,
            evaluations: fit.evaluations,
            weights_settled: settled,
            lack_of_fit: None,
            noise,
            covariance: fit.covariance.clone(),
        }
    }

    /// The variance of the curve at a concentration, and its slope there by ln concentration.
    pub(super) fn variance_and_slope(&self, concentration: f64) -> (f64, f64) {
        let fitted: [f64; MOST_PARAMETERS] = self.curve.fitted();
        let share = share(&fitted, concentration);
        let gradient = gradient(&fitted, share);
        let width = self.model.parameters();
        let rows = self.covariance.chunks_exact(width).zip(&gradient);
        let variance = rows.map(|(row, one)| {
            let along: f64 = row
                .iter()
                .zip(&gradient)
                .map(|(entry, other)| entry * other)
                .sum();
            one * along
        });
        let span = self.curve.zero_response - self.curve.infinite_response;
        (variance.sum(), span * share.by_ln_x)
    }

    fn lack_of_fit(&self, spreads: &[Spread]) -> Option<LackOfFit> {
        let parameters = self.model.parameters();
        let (error, error_df) = self.noise.pooled(spreads);
        let df = spreads.len().checked_sub(parameters).filter(|df| *df > 0)?;
        if error_df == 0 || error <= 0.0 {
            return None;
        }
        let lack = (self.residual_square - error).max(0.0);
        let f = (lack / df as f64) / (error / error_df as f64);
        Some(LackOfFit {
            f,
            df,
            error_df,
            p: f_tail(f, df as f64, error_df as f64),
        })
    }
}
