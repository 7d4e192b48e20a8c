//! Fits of cohorts.

use diel_core::mixed::{Criterion, FixedEffect, MixedFit, OptimizerSummary, RandomEffect};
use diel_core::range::AGE;
use diel_proto::v1 as pb;
use diel_store::{Fit, FitOutcome, FitSpecification, JobState};

use super::participant::{sex_from_proto, sex_to_proto};
use super::reference::digest;
use super::time::to_proto as time_to_proto;
use crate::code::{check_code, check_text};
use crate::cohorts::estimate;
use crate::name;
use crate::violations::Violations;

/// The longest formula, in characters.
const FORMULA_CHARACTERS: usize = 1000;

/// Reads what is to be fitted.
pub(crate) fn from_proto(
    message: Option<&pb::Fit>,
    violations: &mut Violations,
) -> Option<FitSpecification> {
    let Some(message) = message else {
        violations.add("fit", "is missing");
        return None;
    };
    violations.within("fit", |violations| {
        let text = violations.take(
            "formula",
            check_text(&message.formula, 1, FORMULA_CHARACTERS),
        );
        if text.is_some() {
            violations.take("formula", estimate::read(&message.formula));
        }
        if !message.group.is_empty() {
            violations.take("group", check_code(&message.group));
        }
        let criterion = violations.take("criterion", criterion_from_proto(message.criterion));
        let sex = sex_from_proto(message.sex, violations);
        for (field, age) in [
            ("min_age_years", message.min_age_years),
            ("max_age_years", message.max_age_years),
        ] {
            if let Some(age) = age {
                violations.take(field, AGE.check(age));
            }
        }
        if let (Some(least), Some(below)) = (message.min_age_years, message.max_age_years)
            && below <= least
        {
            violations.add(
                "max_age_years",
                format!("{below} is not more than min_age_years, {least}"),
            );
        }
        Some(FitSpecification {
            formula: message.formula.clone(),
            criterion: criterion?,
            group: message.group.clone(),
            sex,
            min_age_years: message.min_age_years,
            max_age_years: message.max_age_years,
            judged_days_only: message.judged_days_only,
        })
    })
}

fn criterion_from_proto(number: i32) -> Result<Criterion, String> {
    match pb::FitCriterion::try_from(number) {
        Ok(pb::FitCriterion::Unspecified | pb::FitCriterion::Reml) => Ok(Criterion::Reml),
        Ok(pb::FitCriterion::Ml) => Ok(Criterion::Ml),
        Err(_) => Err(format!("{number} is not a criterion of this service")),
    }
}

/// A fit as a message.
pub(crate) fn to_proto(study: &str, fit: &Fit) -> pb::Fit {
    let wanted = &fit.specification;
    pb::Fit {
        name: name::of_child(study, "fits", &fit.id),
        formula: wanted.formula.clone(),
        criterion: match fit
            .outcome
            .as_ref()
            .map_or(wanted.criterion, |outcome| outcome.fit.criterion)
        {
            Criterion::Reml => pb::FitCriterion::Reml,
            Criterion::Ml => pb::FitCriterion::Ml,
        } as i32,
        group: wanted.group.clone(),
        sex: sex_to_proto(wanted.sex) as i32,
        min_age_years: wanted.min_age_years,
        max_age_years: wanted.max_age_years,
        judged_days_only: wanted.judged_days_only,
        state: match fit.state {
            JobState::Queued => pb::FitState::Queued,
            JobState::Running => pb::FitState::Running,
            JobState::Succeeded => pb::FitState::Succeeded,
            JobState::Failed => pb::FitState::Failed,
            JobState::Cancelled => pb::FitState::Cancelled,
        } as i32,
        done_count: fit.done,
        total_count: fit.total,
        error: fit.error.clone(),
        error_reason: fit.error_reason.clone(),
        result: fit.outcome.as_ref().map(result),
        create_time: Some(time_to_proto(fit.created)),
        update_time: Some(time_to_proto(fit.updated)),
    }
}

fn result(outcome: &FitOutcome) -> pb::FitResult {
    let FitOutcome {
        fit,
        input,
        software,
    } = outcome;
    pb::FitResult {
        input_digest: digest(input.digest),
        person_count: small(input.persons),
        persons_with_days_count: small(input.persons_with_days),
        counted_days: small(input.days),
        left_out_row_count: small(input.rows_left_out),
        software_version: software.clone(),
        ..estimates(fit)
    }
}

fn estimates(fit: &MixedFit) -> pb::FitResult {
    let shares = fit.intraclass_correlations();
    let share = |name: &str| shares.iter().find(|(group, _)| group == name);
    pb::FitResult {
        aic: fit.aic(),
        bic: fit.bic(),
        fixed_covariances: fit.fixed_covariance.iter().copied().collect(),
        objective: fit.objective,
        log_likelihood: fit.log_likelihood(),
        observation_count: count(fit.n_observations),
        groups: fit
            .groups
            .iter()
            .map(|group| pb::FitGroup {
                group: group.name.clone(),
                level_count: count(group.levels),
                intraclass_correlation: share(&group.name).and_then(|(_, share)| finite(*share)),
            })
            .collect(),
        singular: fit.singular,
        residual_sd: fit.residual_sd,
        censored_count: count(fit.n_censored),
        fixed: fit.fixed.iter().map(fixed).collect(),
        dropped_columns: fit.dropped.clone(),
        random: fit.random.iter().map(random).collect(),
        optimizer: Some(optimizer(&fit.optimizer)),
        ..pb::FitResult::default()
    }
}

fn fixed(effect: &FixedEffect) -> pb::FixedEffect {
    pb::FixedEffect {
        term: effect.name.clone(),
        estimate: effect.estimate,
        se: finite(effect.se),
        df: finite(effect.df),
        t: finite(effect.t),
        p: finite(effect.p),
        lower: finite(effect.lower),
        upper: finite(effect.upper),
    }
}

fn random(term: &RandomEffect) -> pb::RandomEffect {
    pb::RandomEffect {
        group: term.group.clone(),
        terms: term.terms.clone(),
        sds: term.sd.clone(),
        correlations: term.correlation.iter().copied().collect(),
    }
}

fn optimizer(summary: &OptimizerSummary) -> pb::FitOptimizer {
    pb::FitOptimizer {
        evaluation_count: small(summary.evaluations),
        iteration_count: small(summary.iterations),
        converged: summary.converged,
        message: summary.message.clone(),
        start: summary.start.clone(),
        theta: summary.theta.clone(),
        gradient: finite(summary.gradient),
        decrement: finite(summary.decrement),
        tolerance: finite(summary.tolerance),
    }
}

fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
