//! What a fit makes of each row.
#![expect(
    clippy::indexing_slicing,
    reason = "rows, levels and columns are those that the design was checked to have"
)]

use super::model::Model;
use super::posteriors::posteriors;
use super::{Design, FitError, MixedFit, Observed, Residual, conditional_modes};

/// One row under a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowDiagnostics {
    /// x beta + offset: what is expected of the population.
    pub population: f64,
    /// The same plus z b at the conditional modes: what is expected of the row's groups.
    pub fitted: f64,
    /// Response minus fitted; of a censored response, limit minus fitted.
    pub residual: f64,
    /// The residual in residual standard deviations of the row.
    pub standardized: f64,
    /// How much the row counts beside a normal row of the same prior weight: 1, or less for an outlying row under
    /// heavy tails. Of a censored row, the precision that its limit carries.
    pub weight: f64,
}

/// Fitted values, residuals and weights, one a row of the design.
///
/// # Errors
/// [`FitError::OtherDesign`] when the fit is not one of this design.
pub fn diagnostics(design: &Design, fit: &MixedFit) -> Result<Vec<RowDiagnostics>, FitError> {
    let parts = design.parts();
    let kept: Vec<_> = parts
        .fixed
        .iter()
        .filter(|column| !fit.dropped.contains(&column.name))
        .collect();
    if kept.len() != fit.fixed.len() {
        return Err(FitError::OtherDesign);
    }
    let modes = conditional_modes(design, fit)?;
    let weights = weights(design, fit)?;
    let row = |row: usize| {
        let fixed = kept.iter().zip(&fit.fixed);
        let offset = parts.offset.as_ref().map_or(0.0, |offset| offset[row]);
        let population = offset
            + fixed
                .map(|(column, effect)| column.values[row] * effect.estimate)
                .sum::<f64>();
        let random: f64 = parts
            .random
            .iter()
            .zip(&modes)
            .map(|(term, modes)| {
                let level = parts.groupings[term.grouping].codes[row] as usize;
                let columns = term.columns.iter().enumerate();
                columns
                    .map(|(index, column)| column.values[row] * modes.mode[(level, index)])
                    .sum::<f64>()
            })
            .sum();
        let residual = parts.response[row] - population - random;
        let prior = parts.weights.as_ref().map_or(1.0, |weights| weights[row]);
        RowDiagnostics {
            population,
            fitted: population + random,
            residual,
            standardized: residual * prior.sqrt() / fit.residual_sd,
            weight: weights.as_ref().map_or(1.0, |weights| weights[row]),
        }
    };
    Ok((0..design.rows()).map(row).collect())
}

/// Weights of rows that are not all one.
fn weights(design: &Design, fit: &MixedFit) -> Result<Option<Vec<f64>>, FitError> {
    let exact = design
        .parts()
        .observed
        .iter()
        .flatten()
        .all(|one| *one == Observed::Exactly);
    if fit.residual == Residual::Normal && exact {
        return Ok(None);
    }
    let model = Model::of(design)?;
    let theta = model
        .layout
        .scaled(&fit.optimizer.theta)
        .ok_or(FitError::OtherDesign)?;
    let mut weights = vec![1.0; design.rows()];
    posteriors(design, &model, &theta, fit, |unit, posterior| {
        for (&row, state) in unit.rows.iter().zip(&posterior.rows) {
            weights[row as usize] = state.weight();
        }
    })?;
    Ok(Some(weights))
}
