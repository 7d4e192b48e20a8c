//! Nested models compared, and what a fit says about the population.
#![expect(
    clippy::indexing_slicing,
    reason = "terms and fixed effects are those of the fit itself"
)]

use statrs::distribution::{ChiSquared, ContinuousCDF};
use thiserror::Error;

use super::{Criterion, MixedFit};
use crate::normal::QUANTILE_975;

/// A likelihood-ratio test of a model within a larger one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LikelihoodRatio {
    /// How much lower the larger model's criterion is.
    pub chi_squared: f64,
    /// How many parameters more it has.
    pub df: u32,
    /// P of a chi-squared as large under the smaller model. Where the models differ by variances alone this is too
    /// large, because a variance cannot be negative: about twice too large for one variance.
    pub p: f64,
}

/// Why two fits cannot be compared.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ComparisonError {
    /// They rest on different rows.
    #[error("the fits rest on {first} and {second} rows; they must rest on the same")]
    OtherRows {
        /// Rows of one.
        first: usize,
        /// Rows of the other.
        second: usize,
    },
    /// One is REML and the other ML.
    #[error("one fit is by REML and the other by ML")]
    OtherCriterion,
    /// They differ in how the residual is distributed.
    #[error("the fits differ in the distribution of the residual")]
    OtherResidual,
    /// REML with different fixed effects.
    #[error("REML fits with different fixed effects cannot be compared; fit both by ML")]
    RestrictedLikelihoods,
    /// As many parameters.
    #[error(
        "both fits have {0} parameters; a likelihood-ratio test needs one model within the other"
    )]
    NotNested(usize),
}

impl MixedFit {
    /// Fixed effects, elements of theta, and the residual's standard deviation.
    #[must_use]
    pub const fn parameter_count(&self) -> usize {
        self.fixed.len() + self.optimizer.theta.len() + 1
    }

    /// Akaike's information criterion: the objective plus twice the number of parameters, as lme4 has it.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "parameters are few")]
    pub fn aic(&self) -> f64 {
        self.objective + 2.0 * self.parameter_count() as f64
    }

    /// Schwarz's information criterion: the objective plus the number of parameters times log n.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of rows are exact in a double"
    )]
    pub fn bic(&self) -> f64 {
        self.objective + self.parameter_count() as f64 * (self.n_observations as f64).ln()
    }

    /// The share of each grouping factor in the variance of a response where the random columns but the intercept are
    /// zero (at awakening, when time is in hours since awakening): the intraclass correlation of rows that share the
    /// factor's level alone.
    #[must_use]
    pub fn intraclass_correlations(&self) -> Vec<(String, f64)> {
        let mut variances: Vec<(String, f64)> = Vec::new();
        for effect in &self.random {
            let Some(at) = effect.terms.iter().position(|term| term == "(Intercept)") else {
                continue;
            };
            variances.push((effect.group.clone(), effect.sd[at].powi(2)));
        }
        let total: f64 =
            self.residual_sd.powi(2) + variances.iter().map(|(_, variance)| variance).sum::<f64>();
        for (_, variance) in &mut variances {
            *variance /= total;
        }
        variances
    }

    /// The population's mean where the fixed columns, by name, have these values; columns not named are zero.
    #[must_use]
    pub fn predict(&self, values: &[(&str, f64)]) -> Prediction {
        let of = |name: &str| {
            let found = values.iter().find(|(known, _)| *known == name);
            found.map_or(f64::from(u8::from(name == "(Intercept)")), |(_, value)| {
                *value
            })
        };
        let x: Vec<f64> = self.fixed.iter().map(|effect| of(&effect.name)).collect();
        let mean: f64 = self
            .fixed
            .iter()
            .zip(&x)
            .map(|(effect, x)| effect.estimate * x)
            .sum();
        let mut variance = 0.0;
        for (row, left) in x.iter().enumerate() {
            for (column, right) in x.iter().enumerate() {
                variance += left * right * self.fixed_covariance[(row, column)];
            }
        }
        let mut between = 0.0;
        for effect in &self.random {
            let z: Vec<f64> = effect.terms.iter().map(|term| of(term)).collect();
            for row in 0..z.len() {
                for column in 0..z.len() {
                    between += z[row]
                        * z[column]
                        * effect.sd[row]
                        * effect.sd[column]
                        * effect.correlation[(row, column)];
                }
            }
        }
        let (se, between) = (variance.max(0.0).sqrt(), between.max(0.0));
        let spread = (variance.max(0.0) + between).sqrt();
        Prediction {
            mean,
            se,
            lower: mean - QUANTILE_975 * se,
            upper: mean + QUANTILE_975 * se,
            between_sd: between.sqrt(),
            group_lower: mean - QUANTILE_975 * spread,
            group_upper: mean + QUANTILE_975 * spread,
        }
    }
}

/// The population at one point of its curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// x beta.
    pub mean: f64,
    /// Its standard error.
    pub se: f64,
    /// Lower end of the 95 % band of the mean (normal quantile).
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// Standard deviation of the groups' own curves around the mean here.
    pub between_sd: f64,
    /// Lower end of the band that holds 95 % of the groups' own curves here.
    pub group_lower: f64,
    /// Upper end.
    pub group_upper: f64,
}

impl Prediction {
    /// The same with a known part added to the mean.
    #[must_use]
    pub fn shifted(self, by: f64) -> Self {
        Self {
            mean: self.mean + by,
            lower: self.lower + by,
            upper: self.upper + by,
            group_lower: self.group_lower + by,
            group_upper: self.group_upper + by,
            ..self
        }
    }
}

/// Compares two fits of the same rows, the smaller within the larger, in either order.
///
/// # Errors
/// [`ComparisonError`] when their likelihoods cannot be compared.
pub fn likelihood_ratio(
    first: &MixedFit,
    second: &MixedFit,
) -> Result<LikelihoodRatio, ComparisonError> {
    if first.n_observations != second.n_observations {
        return Err(ComparisonError::OtherRows {
            first: first.n_observations,
            second: second.n_observations,
        });
    }
    if first.criterion != second.criterion {
        return Err(ComparisonError::OtherCriterion);
    }
    if first.residual != second.residual {
        return Err(ComparisonError::OtherResidual);
    }
    let names = |fit: &MixedFit| {
        fit.fixed
            .iter()
            .map(|effect| effect.name.clone())
            .collect::<Vec<_>>()
    };
    if first.criterion == Criterion::Reml && names(first) != names(second) {
        return Err(ComparisonError::RestrictedLikelihoods);
    }
    let (small, large) = if first.parameter_count() <= second.parameter_count() {
        (first, second)
    } else {
        (second, first)
    };
    let more = large.parameter_count() - small.parameter_count();
    let df = u32::try_from(more).unwrap_or(u32::MAX);
    let chi_squared = (small.objective - large.objective).max(0.0);
    let distribution = ChiSquared::new(f64::from(df))
        .map_err(|_| ComparisonError::NotNested(large.parameter_count()))?;
    Ok(LikelihoodRatio {
        chi_squared,
        df,
        p: distribution.sf(chi_squared),
    })
}
