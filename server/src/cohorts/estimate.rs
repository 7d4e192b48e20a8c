//! From gathered persons to a fitted model: the one place where the service meets the numbers of a fit.

use diel_core::formula::{Formula, FormulaError, PrepareError};
use diel_core::frame::Frame;
use diel_core::mixed::{self, Criterion, FitError, FitSettings, MixedFit};

/// What a fit comes to.
#[derive(Debug)]
pub(crate) struct Estimate {
    pub(crate) fit: MixedFit,
    /// Rows that miss the value of a variable.
    pub(crate) rows_left_out: usize,
}

/// Why there is no fit.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EstimateError {
    /// The formula cannot be read.
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// The table does not have what the formula asks for.
    #[error(transparent)]
    Design(#[from] PrepareError),
    /// The model cannot be fitted.
    #[error(transparent)]
    Fit(#[from] FitError),
}

impl EstimateError {
    /// The cause for programs.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Formula(_) => "formula",
            Self::Design(_) => "design",
            Self::Fit(_) => "fit",
        }
    }
}

/// Reads a formula.
///
/// # Errors
/// What is wrong with it and where.
pub(crate) fn read(formula: &str) -> Result<Formula, FormulaError> {
    Formula::parse(formula)
}

/// Fits a model to a table. Takes as long as the numbers take: not for a thread that serves calls.
pub(crate) fn estimate(
    frame: &Frame,
    formula: &str,
    criterion: Criterion,
) -> Result<Estimate, EstimateError> {
    let prepared = read(formula)?.design(frame)?;
    let settings = FitSettings {
        criterion,
        ..FitSettings::default()
    };
    Ok(Estimate {
        fit: mixed::fit(&prepared.design, &settings)?,
        rows_left_out: prepared.rows_left_out,
    })
}
