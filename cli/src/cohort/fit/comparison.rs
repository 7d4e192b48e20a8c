//! Two models of the same rows: their likelihood-ratio test.

use anyhow::{Context as _, bail};
use diel_core::formula::{Formula, Prepared};
use diel_core::mixed::{self, Criterion, FitSettings, MixedFit, likelihood_ratio};
use serde::Serialize;

use super::FitArguments;
use super::input::Input;

/// The other model, and what tells the two apart. Both are fitted by maximum likelihood for it, as R's `anova` does.
#[derive(Debug, Serialize)]
pub(super) struct ComparisonAnswer {
    /// The other model.
    pub(super) formula: String,
    /// The ML criteria: of the answer's model, and of the other.
    pub(super) objective: f64,
    pub(super) other_objective: f64,
    /// Fixed effects, variances and correlations, and the residual's.
    pub(super) parameters: usize,
    pub(super) other_parameters: usize,
    pub(super) chi_squared: f64,
    pub(super) df: u32,
    pub(super) p: f64,
}

pub(super) fn compare(
    other: &Formula,
    arguments: &FitArguments,
    input: &Input,
    prepared: &Prepared,
) -> anyhow::Result<ComparisonAnswer> {
    let of_other = arguments.design(other, input).context("--against")?;
    if (of_other.rows != prepared.rows)
        || of_other.design.parts().response != prepared.design.parts().response
    {
        bail!(
            "--against: the models rest on other rows or another response ({} and {} rows); a likelihood-ratio test needs the same",
            prepared.design.rows(),
            of_other.design.rows(),
        );
    }
    let settings = FitSettings {
        criterion: Criterion::Ml,
        ..arguments.settings()
    };
    let fitted = |prepared: &Prepared| -> anyhow::Result<MixedFit> {
        let fit = mixed::fit(&prepared.design, &settings)?;
        if !fit.optimizer.converged {
            bail!(
                "--against: a model has not converged by ML ({})",
                fit.optimizer.message
            );
        }
        Ok(fit)
    };
    let (this, other_fit) = (fitted(prepared)?, fitted(&of_other)?);
    let ratio = likelihood_ratio(&this, &other_fit).context("--against")?;
    Ok(ComparisonAnswer {
        formula: other.to_string(),
        objective: this.objective,
        other_objective: other_fit.objective,
        parameters: this.parameter_count(),
        other_parameters: other_fit.parameter_count(),
        chi_squared: ratio.chi_squared,
        df: ratio.df,
        p: ratio.p,
    })
}
