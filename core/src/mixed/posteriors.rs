//! Posteriors of trees under a fit that is not normal and exact.

use super::approximate::Likelihood;
use super::model::Model;
use super::sites::Posterior;
use super::units::{Unit, Units};
use super::{Design, FitError, MixedFit};

/// Calls with each tree and the posterior of its whitened effects at the parameters of a fit.
pub(super) fn posteriors(
    design: &Design,
    model: &Model,
    theta: &[f64],
    fit: &MixedFit,
    mut visit: impl FnMut(&Unit, &Posterior),
) -> Result<(), FitError> {
    let units = Units::of(design, &model.layout, &model.fixed, &model.groupings)?;
    let likelihood = Likelihood {
        units: &units,
        design,
        residual: fit.residual,
        p: model.fixed.len(),
    };
    let beta: Vec<f64> = fit.fixed.iter().map(|effect| effect.estimate).collect();
    let absolute = theta.iter().map(|value| value * fit.residual_sd);
    let all: Vec<f64> = model
        .fixed
        .scaled_coefficients(&beta)
        .into_iter()
        .chain(absolute)
        .chain([fit.residual_sd.ln()])
        .collect();
    let parameters = likelihood.parameters(&all);
    let mut posterior = Posterior::default();
    for unit in &units.units {
        likelihood.prepare(unit, &parameters, &mut posterior);
        posterior.settle(fit.residual).ok_or(FitError::NotFinite)?;
        visit(unit, &posterior);
    }
    Ok(())
}
