//! What a fit yields.

use ndarray::Array2;
use thiserror::Error;

/// Which criterion a fit minimises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Criterion {
    /// Minus twice the restricted log likelihood.
    #[default]
    Reml,
    /// Minus twice the log likelihood.
    Ml,
}

/// How the residual is distributed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Residual {
    /// Normal.
    #[default]
    Normal,
    /// Student's t with so many degrees of freedom (more than 2): heavy tails, so that an outlying sample weighs less.
    StudentT {
        /// Degrees of freedom.
        df: f64,
    },
}

/// How to fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitSettings {
    /// The criterion. Censored responses and heavy tails want [`Criterion::Ml`].
    pub criterion: Criterion,
    /// The residual's distribution.
    pub residual: Residual,
    /// Evaluations of the criterion after which the fit gives up.
    pub max_evaluations: u32,
}

impl Default for FitSettings {
    fn default() -> Self {
        Self {
            criterion: Criterion::Reml,
            residual: Residual::Normal,
            max_evaluations: 1000,
        }
    }
}

/// A grouping factor and how many levels it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupCount {
    /// The factor.
    pub name: String,
    /// Its levels.
    pub levels: usize,
}

/// One fixed effect.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedEffect {
    /// The coefficient's name.
    pub name: String,
    /// Its estimate, in units of the response per unit of the column.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// Satterthwaite's degrees of freedom; infinite where the interval is the normal distribution's (censored
    /// responses, heavy tails).
    pub df: f64,
    /// estimate / se.
    pub t: f64,
    /// Two-sided p of t on df.
    pub p: f64,
    /// Lower end of the 95 % Wald-Satterthwaite interval.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// The estimated distribution of one random term.
#[derive(Debug, Clone, PartialEq)]
pub struct RandomEffect {
    /// The grouping factor.
    pub group: String,
    /// The coefficients that vary.
    pub terms: Vec<String>,
    /// Their standard deviations between levels, in the response's units per unit of the column.
    pub sd: Vec<f64>,
    /// Their correlations, terms x terms. 0 beside a standard deviation of 0.
    pub correlation: Array2<f64>,
}

/// How the optimum was found.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerSummary {
    /// Evaluations of criterion and gradient.
    pub evaluations: u32,
    /// Steps taken.
    pub iterations: u32,
    /// Whether the predicted gain of another step is below the tolerance.
    pub converged: bool,
    /// In words.
    pub message: String,
    /// theta at the start: Cholesky factors of the random terms relative to the residual standard deviation, lower
    /// triangles by column.
    pub start: Vec<f64>,
    /// theta at the end.
    pub theta: Vec<f64>,
    /// Largest absolute element of the gradient at the end.
    pub gradient: f64,
    /// Gain that a Newton step still promises at the end, in units of the criterion.
    pub decrement: f64,
    /// The decrement below which a fit has converged.
    pub tolerance: f64,
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct MixedFit {
    /// What was minimised. [`Criterion::Ml`] with censored responses or heavy tails, whatever was asked for.
    pub criterion: Criterion,
    /// How the residual is distributed.
    pub residual: Residual,
    /// Responses known on one side of a limit only.
    pub n_censored: usize,
    /// Its value: minus twice the (restricted) log likelihood, as lme4 prints it.
    pub objective: f64,
    /// Rows.
    pub n_observations: usize,
    /// Grouping factors.
    pub groups: Vec<GroupCount>,
    /// Whether a variance or a combination of effects is estimated as zero (boundary of the parameter space).
    pub singular: bool,
    /// Standard deviation of the residual; with heavy tails the scale of Student's t.
    pub residual_sd: f64,
    /// Fixed effects, without those dropped.
    pub fixed: Vec<FixedEffect>,
    /// Covariance of the fixed effects.
    pub fixed_covariance: Array2<f64>,
    /// Columns dropped because they are combinations of columns before them.
    pub dropped: Vec<String>,
    /// Random terms.
    pub random: Vec<RandomEffect>,
    /// How it was found.
    pub optimizer: OptimizerSummary,
}

impl MixedFit {
    /// The (restricted) log likelihood.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        -0.5 * self.objective
    }
}

/// Conditional modes of one random term, one row a level.
#[derive(Debug, Clone, PartialEq)]
pub struct Modes {
    /// The grouping factor.
    pub group: String,
    /// The levels, in the order of the grouping.
    pub levels: std::sync::Arc<[String]>,
    /// The coefficients.
    pub terms: Vec<String>,
    /// Modes, levels x terms.
    pub mode: Array2<f64>,
    /// Conditional covariances given the parameters, levels x (terms x terms, row by row).
    pub covariance: Array2<f64>,
}

/// Why a checked design cannot be fitted.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FitError {
    /// As many estimable columns as rows, or more.
    #[error("{columns} fixed effects for {rows} rows; there must be more rows than fixed effects")]
    TooFewRows {
        /// Columns that are not combinations of others.
        columns: usize,
        /// Rows.
        rows: usize,
    },
    /// Grouping factors that cross.
    #[error("grouping factors {first} and {second} cross; only nested groups can be fitted")]
    Crossed {
        /// One factor.
        first: String,
        /// The other.
        second: String,
    },
    /// A fit does not belong to the design it was given with.
    #[error("the fit is not one of this design: it has other random terms")]
    OtherDesign,
    /// The model explains the response without remainder.
    #[error("the residual variance is zero: the model explains the response without remainder")]
    NoResidual,
    /// A group of the coarsest factor with too many effects below it for censored responses or heavy tails.
    #[error(
        "{group} has {effects} random effects; with censored responses or heavy tails at most {most} fit"
    )]
    TooManyEffects {
        /// The group.
        group: String,
        /// Its effects.
        effects: usize,
        /// The most that fit.
        most: usize,
    },
    /// A profile of a likelihood that is approximate.
    #[error("profile intervals are for normal residuals without censored responses")]
    NoProfile,
    /// Censored responses and heavy tails together.
    #[error("censored responses and a Student-t residual cannot be fitted together")]
    CensoredHeavyTails,
    /// A setting out of its range.
    #[error("{field}: {value} is not {rule}")]
    Setting {
        /// The setting.
        field: &'static str,
        /// Its value.
        value: f64,
        /// The rule.
        rule: &'static str,
    },
    /// Numbers overflowed on the way.
    #[error(
        "the criterion is not a number at the start: values of the columns are too large or too unlike"
    )]
    NotFinite,
}
