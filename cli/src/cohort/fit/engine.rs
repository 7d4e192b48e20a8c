//! The fit itself, in one place.

use diel_core::mixed::{self, Design, FitError, FitSettings, MixedFit, Modes, Residual};

/// What the fit cannot do yet. It would go unnoticed: a limit would be taken for a value.
#[derive(Debug, thiserror::Error)]
pub(super) enum EngineError {
    /// A response with limits.
    #[error(
        "{censored} of {rows} responses are known only as beyond a limit, which the fit does not take yet; leave these rows \
         out, or replace the limits in the file and say so where you report the result"
    )]
    Censored {
        /// Responses that are limits.
        censored: usize,
        /// All responses.
        rows: usize,
    },
    /// Heavy tails.
    #[error("a student-t residual is not fitted yet; use --residual normal")]
    StudentT,
    /// The fit refused.
    #[error(transparent)]
    Fit(#[from] FitError),
}

/// Fits a model.
pub(super) fn fit(design: &Design, settings: &FitSettings) -> Result<MixedFit, EngineError> {
    if let Some(observed) = &design.parts().observed {
        let limits = observed.iter();
        let censored = limits
            .filter(|observed| **observed != mixed::Observed::Exactly)
            .count();
        let rows = observed.len();
        return Err(EngineError::Censored { censored, rows });
    }
    if settings.residual != Residual::Normal {
        return Err(EngineError::StudentT);
    }
    Ok(mixed::fit(design, settings)?)
}

/// The conditional modes, one set a random term.
pub(super) fn modes(design: &Design, fit: &MixedFit) -> Result<Vec<Modes>, EngineError> {
    Ok(mixed::conditional_modes(design, fit)?)
}
