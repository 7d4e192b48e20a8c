//! Fits of a study's cohort: what is asked for, how far it is, what came out.

use diel_core::mixed::{
    Criterion, FixedEffect, GroupCount, MixedFit, OptimizerSummary, RandomEffect, Residual,
};
use diel_core::{Analysis, Policy, Sex};
use jiff::Timestamp;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::{JobState, Participant, StoreError, codes};

/// What is to be fitted, and to whom.
#[derive(Debug, Clone, PartialEq)]
pub struct FitSpecification {
    /// The model in lme4's notation.
    pub formula: String,
    /// What is minimised.
    pub criterion: Criterion,
    /// Only persons of this group; empty: of any.
    pub group: String,
    /// Only persons of this sex; [`Sex::Unspecified`]: of any.
    pub sex: Sex,
    /// Only persons of at least this age, years.
    pub min_age_years: Option<f64>,
    /// Only persons below this age, years.
    pub max_age_years: Option<f64>,
    /// Only valid days of persons without conditions, which are what rhythms are judged on.
    pub judged_days_only: bool,
}

/// A fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Its id, and that of its job.
    pub id: String,
    /// What is fitted.
    pub specification: FitSpecification,
    /// Where it stands.
    pub state: JobState,
    /// Persons gathered so far.
    pub done: i64,
    /// Participants of the study when it was asked for.
    pub total: i64,
    /// The machine-readable cause of a failure; else empty.
    pub error_reason: String,
    /// Why it failed; else empty.
    pub error: String,
    /// What came out; `None` unless it succeeded.
    pub outcome: Option<FitOutcome>,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it last moved on.
    pub updated: Timestamp,
}

/// What came out of a fit.
#[derive(Debug, Clone, PartialEq)]
pub struct FitOutcome {
    /// The estimates.
    pub fit: MixedFit,
    /// What was fitted.
    pub input: FitInput,
    /// What fitted it, such as `diel 0.1.0`.
    pub software: String,
}

/// What a fit rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FitInput {
    /// BLAKE3 of the rows.
    pub digest: [u8; 32],
    /// Persons gathered.
    pub persons: u32,
    /// Those of them with at least `days` valid days.
    pub persons_with_days: u32,
    /// Valid days that the policy needed to flag.
    pub days: u32,
    /// Samples that lacked what the model needs.
    pub rows_left_out: u32,
}

/// A person of a cohort.
#[derive(Debug, Clone, PartialEq)]
pub struct CohortPerson {
    /// What is known of the person.
    pub participant: Participant,
    /// The person's days and rhythm, as they are judged now.
    pub analysis: Analysis,
}

/// The next persons of a cohort.
#[derive(Debug, Clone, PartialEq)]
pub struct CohortSlice {
    /// Those that the specification asks for.
    pub persons: Vec<CohortPerson>,
    /// Participants looked at, whether they are asked for or not.
    pub looked_at: u32,
    /// The code to go on from; `None` when nobody is left.
    pub next: Option<String>,
    /// The policy that they were analysed under.
    pub rule: Policy,
}

/// A fit as it is kept. A number that is not finite is kept as absent and comes back as not a number.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptFit {
    criterion: String,
    /// Degrees of freedom of Student's t; absent with a normal residual.
    residual_df: Option<f64>,
    n_censored: usize,
    objective: f64,
    n_observations: usize,
    groups: Vec<(String, usize)>,
    singular: bool,
    residual_sd: f64,
    fixed: Vec<KeptEffect>,
    fixed_covariance: Vec<Option<f64>>,
    dropped: Vec<String>,
    random: Vec<KeptRandom>,
    optimizer: KeptOptimizer,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptEffect {
    name: String,
    /// Estimate, standard error, degrees of freedom, t, p, lower and upper end.
    numbers: [Option<f64>; 7],
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptRandom {
    group: String,
    terms: Vec<String>,
    sd: Vec<f64>,
    correlation: Vec<Option<f64>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptOptimizer {
    evaluations: u32,
    iterations: u32,
    converged: bool,
    message: String,
    start: Vec<f64>,
    theta: Vec<f64>,
    gradient: Option<f64>,
    decrement: Option<f64>,
    tolerance: Option<f64>,
}

fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

fn number(kept: Option<f64>) -> f64 {
    kept.unwrap_or(f64::NAN)
}

fn flat(matrix: &Array2<f64>) -> Vec<Option<f64>> {
    matrix.iter().map(|number| finite(*number)).collect()
}

/// A square matrix from its rows; empty when they are not square.
fn square(kept: &[Option<f64>]) -> Array2<f64> {
    let side = kept.len().isqrt();
    Array2::from_shape_vec(
        (side, side),
        kept.iter().map(|kept| number(*kept)).collect(),
    )
    .unwrap_or_default()
}

impl KeptFit {
    pub(crate) fn of(fit: &MixedFit) -> Self {
        let optimizer = &fit.optimizer;
        Self {
            criterion: codes::criterion(fit.criterion).to_owned(),
            residual_df: match fit.residual {
                Residual::Normal => None,
                Residual::StudentT { df } => Some(df),
            },
            n_censored: fit.n_censored,
            objective: fit.objective,
            n_observations: fit.n_observations,
            groups: fit
                .groups
                .iter()
                .map(|group| (group.name.clone(), group.levels))
                .collect(),
            singular: fit.singular,
            residual_sd: fit.residual_sd,
            fixed: fit
                .fixed
                .iter()
                .map(|effect| KeptEffect {
                    name: effect.name.clone(),
                    numbers: [
                        effect.estimate,
                        effect.se,
                        effect.df,
                        effect.t,
                        effect.p,
                        effect.lower,
                        effect.upper,
                    ]
                    .map(finite),
                })
                .collect(),
            fixed_covariance: flat(&fit.fixed_covariance),
            dropped: fit.dropped.clone(),
            random: fit
                .random
                .iter()
                .map(|term| KeptRandom {
                    group: term.group.clone(),
                    terms: term.terms.clone(),
                    sd: term.sd.clone(),
                    correlation: flat(&term.correlation),
                })
                .collect(),
            optimizer: KeptOptimizer {
                evaluations: optimizer.evaluations,
                iterations: optimizer.iterations,
                converged: optimizer.converged,
                message: optimizer.message.clone(),
                start: optimizer.start.clone(),
                theta: optimizer.theta.clone(),
                gradient: finite(optimizer.gradient),
                decrement: finite(optimizer.decrement),
                tolerance: finite(optimizer.tolerance),
            },
        }
    }

    pub(crate) fn fit(self) -> Result<MixedFit, StoreError> {
        let effect = |kept: KeptEffect| {
            let [estimate, se, df, t, p, lower, upper] = kept.numbers.map(number);
            FixedEffect {
                name: kept.name,
                estimate,
                se,
                df,
                t,
                p,
                lower,
                upper,
            }
        };
        let random = |kept: KeptRandom| RandomEffect {
            correlation: square(&kept.correlation),
            group: kept.group,
            terms: kept.terms,
            sd: kept.sd,
        };
        let optimizer = self.optimizer;
        Ok(MixedFit {
            criterion: codes::read_criterion(&self.criterion)?,
            residual: self
                .residual_df
                .map_or(Residual::Normal, |df| Residual::StudentT { df }),
            n_censored: self.n_censored,
            objective: self.objective,
            n_observations: self.n_observations,
            groups: self
                .groups
                .into_iter()
                .map(|(name, levels)| GroupCount { name, levels })
                .collect(),
            singular: self.singular,
            residual_sd: self.residual_sd,
            fixed: self.fixed.into_iter().map(effect).collect(),
            fixed_covariance: square(&self.fixed_covariance),
            dropped: self.dropped,
            random: self.random.into_iter().map(random).collect(),
            optimizer: OptimizerSummary {
                evaluations: optimizer.evaluations,
                iterations: optimizer.iterations,
                converged: optimizer.converged,
                message: optimizer.message,
                start: optimizer.start,
                theta: optimizer.theta,
                gradient: number(optimizer.gradient),
                decrement: number(optimizer.decrement),
                tolerance: number(optimizer.tolerance),
            },
        })
    }
}
