//! The answer as programs get it.

use std::collections::BTreeMap;

use diel_core::formula::Prepared;
use diel_core::mixed::{Criterion, MixedFit, ProfileInterval, Residual};
use serde::Serialize;

use super::FitArguments;
use super::comparison::ComparisonAnswer;
use super::input::Input;

/// A fitted model and how it came about. Fields are added, never renamed.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) formula: String,
    pub(super) criterion: &'static str,
    pub(super) objective: f64,
    pub(super) log_likelihood: f64,
    pub(super) aic: f64,
    pub(super) bic: f64,
    pub(super) n_observations: usize,
    /// Responses known as beyond a limit only.
    pub(super) n_censored: usize,
    pub(super) rows_left_out: usize,
    /// Missing values by column.
    pub(super) missing: BTreeMap<String, usize>,
    pub(super) groups: BTreeMap<String, usize>,
    pub(super) singular: bool,
    pub(super) residual: ResidualAnswer,
    pub(super) residual_sd: f64,
    pub(super) fixed: Vec<FixedAnswer>,
    /// Columns left out because they are combinations of others.
    pub(super) dropped: Vec<String>,
    pub(super) random: Vec<RandomAnswer>,
    /// Share of each group's intercepts in the variance where all random columns but the intercept are zero.
    pub(super) intraclass_correlations: BTreeMap<String, f64>,
    /// 95 % intervals by profile likelihood, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) profile: Option<Vec<ProfileAnswer>>,
    /// The likelihood-ratio test against another model, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) against: Option<ComparisonAnswer>,
    pub(super) weights: Option<String>,
    pub(super) optimizer: OptimizerAnswer,
    /// Of the fit alone, without reading the file.
    pub(super) seconds: f64,
    pub(super) software: String,
    pub(super) input_blake3: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ResidualAnswer {
    pub(super) distribution: &'static str,
    pub(super) df: Option<f64>,
}

#[derive(Debug, Serialize)]
pub(super) struct FixedAnswer {
    pub(super) name: String,
    pub(super) estimate: f64,
    pub(super) se: f64,
    pub(super) df: f64,
    pub(super) t: f64,
    pub(super) p: f64,
    pub(super) lower: f64,
    pub(super) upper: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct RandomAnswer {
    pub(super) group: String,
    pub(super) terms: Vec<String>,
    pub(super) sd: Vec<f64>,
    pub(super) correlation: Vec<Vec<f64>>,
}

#[derive(Debug, Serialize)]
pub(super) struct ProfileAnswer {
    pub(super) parameter: String,
    /// By maximum likelihood.
    pub(super) estimate: f64,
    pub(super) lower: Option<f64>,
    pub(super) upper: Option<f64>,
}

pub(super) fn profile(intervals: Vec<ProfileInterval>) -> Vec<ProfileAnswer> {
    let each = intervals.into_iter();
    each.map(|interval| ProfileAnswer {
        parameter: interval.parameter,
        estimate: interval.estimate,
        lower: interval.lower,
        upper: interval.upper,
    })
    .collect()
}

#[derive(Debug, Serialize)]
pub(super) struct OptimizerAnswer {
    pub(super) evaluations: u32,
    pub(super) iterations: u32,
    pub(super) converged: bool,
    pub(super) message: String,
    pub(super) theta: Vec<f64>,
    pub(super) gradient: f64,
    pub(super) decrement: f64,
    pub(super) tolerance: f64,
}

impl Answer {
    pub(super) fn new(
        arguments: &FitArguments,
        input: &Input,
        prepared: &Prepared,
        fit: &MixedFit,
        seconds: f64,
    ) -> Self {
        let missing = prepared.missing.iter();
        let groups = fit.groups.iter();
        let optimizer = &fit.optimizer;
        Self {
            formula: arguments.formula.to_string(),
            criterion: match fit.criterion {
                Criterion::Reml => "REML",
                Criterion::Ml => "ML",
            },
            objective: fit.objective,
            log_likelihood: fit.log_likelihood(),
            aic: fit.aic(),
            bic: fit.bic(),
            n_observations: fit.n_observations,
            n_censored: fit.n_censored,
            rows_left_out: prepared.rows_left_out,
            missing: missing
                .map(|missing| (missing.column.clone(), missing.rows))
                .collect(),
            groups: groups
                .map(|group| (group.name.clone(), group.levels))
                .collect(),
            singular: fit.singular,
            residual: ResidualAnswer::new(fit.residual),
            residual_sd: fit.residual_sd,
            fixed: fixed(fit),
            dropped: fit.dropped.clone(),
            random: random(fit),
            intraclass_correlations: fit.intraclass_correlations().into_iter().collect(),
            profile: None,
            against: None,
            weights: arguments.weights.clone(),
            optimizer: OptimizerAnswer {
                evaluations: optimizer.evaluations,
                iterations: optimizer.iterations,
                converged: optimizer.converged,
                message: optimizer.message.clone(),
                theta: optimizer.theta.clone(),
                gradient: optimizer.gradient,
                decrement: optimizer.decrement,
                tolerance: optimizer.tolerance,
            },
            seconds,
            software: format!("diel {}", env!("CARGO_PKG_VERSION")),
            input_blake3: input.digest().to_owned(),
        }
    }
}

impl ResidualAnswer {
    const fn new(residual: Residual) -> Self {
        match residual {
            Residual::Normal => Self {
                distribution: "normal",
                df: None,
            },
            Residual::StudentT { df } => Self {
                distribution: "student-t",
                df: Some(df),
            },
        }
    }
}

fn fixed(fit: &MixedFit) -> Vec<FixedAnswer> {
    let effects = fit.fixed.iter();
    effects
        .map(|effect| FixedAnswer {
            name: effect.name.clone(),
            estimate: effect.estimate,
            se: effect.se,
            df: effect.df,
            t: effect.t,
            p: effect.p,
            lower: effect.lower,
            upper: effect.upper,
        })
        .collect()
}

fn random(fit: &MixedFit) -> Vec<RandomAnswer> {
    let effects = fit.random.iter();
    effects
        .map(|effect| RandomAnswer {
            group: effect.group.clone(),
            terms: effect.terms.clone(),
            sd: effect.sd.clone(),
            correlation: effect
                .correlation
                .rows()
                .into_iter()
                .map(|row| row.to_vec())
                .collect(),
        })
        .collect()
}
