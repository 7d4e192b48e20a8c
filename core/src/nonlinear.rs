//! Nonlinear least squares: the parameters of a model that bring it nearest to a response, with their standard errors.
//!
//! [`NonlinearFitter`] is the method of Levenberg and Marquardt on orthogonalised columns, scaled as by Moré, and ends in
//! undamped steps, so that the last digits are those of the minimum and not of the way to it. How a fit ended is part of the
//! answer; a fit that did not end well is an error.
//!
//! # References
//! Marquardt 1963, <https://doi.org/10.1137/0111030>; Moré 1978, <https://doi.org/10.1007/BFb0067700>; the relative
//! offset as the measure of the end: Bates and Watts 1981, <https://doi.org/10.1080/00401706.1981.10486253>.

mod descent;
mod fit;
mod state;

use thiserror::Error;

use descent::Descent;
pub use fit::{Ending, NonlinearFit};

/// A model of some points, with its derivatives.
pub trait Model {
    /// How many parameters there are.
    fn parameters(&self) -> usize;

    /// The value at a point, numbered from 0, and into `gradient` its derivative with respect to each parameter.
    fn at(&self, point: usize, parameters: &[f64], gradient: &mut [f64]) -> f64;
}

/// When to stop trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Evaluations of the model at all points, after which a fit is given up.
    pub most_evaluations: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            most_evaluations: 1000,
        }
    }
}

/// Fits models, and keeps its memory from one to the next.
#[derive(Debug, Default)]
pub struct NonlinearFitter {
    effort: Effort,
    descent: Descent,
}

/// Why there is no fit.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum NonlinearError {
    /// A weight for each response, and a start for each parameter.
    #[error("there are {found} {what}, and {needed} are needed")]
    LengthsDiffer {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        needed: usize,
    },
    /// No degrees of freedom would be left.
    #[error("{points} points cannot determine {parameters} parameters and their errors")]
    TooFewPoints {
        /// How many points.
        points: usize,
        /// How many parameters.
        parameters: usize,
    },
    /// NaN, an infinity, or a weight that is not above 0.
    #[error(
        "a response, a weight or a start is not a finite number, or a weight is not more than 0"
    )]
    NotFinite,
    /// The model has no finite value at the start.
    #[error("the model is not finite at the start")]
    StartNotFinite,
    /// No way down was found although the end is not reached.
    #[error("the fit stalled after {evaluations} evaluations, at a relative offset of {offset:e}")]
    Stalled {
        /// Where it stands.
        parameters: Vec<f64>,
        /// How often the model was evaluated.
        evaluations: usize,
        /// The relative offset there.
        offset: f64,
    },
    /// More evaluations than granted.
    #[error("the fit did not end within {evaluations} evaluations")]
    EvaluationsSpent {
        /// Where it stands.
        parameters: Vec<f64>,
        /// How often the model was evaluated.
        evaluations: usize,
    },
    /// At the end, the points say nothing of a parameter that others do not already say.
    #[error("the points do not determine parameter {parameter} (from 0) beside those before it")]
    Undetermined {
        /// The parameter, from 0.
        parameter: usize,
        /// Where the fit stands.
        parameters: Vec<f64>,
    },
}

impl NonlinearFitter {
    /// A fitter with other patience than the default.
    #[must_use]
    pub fn with_effort(effort: Effort) -> Self {
        Self {
            effort,
            ..Self::default()
        }
    }

    /// Finds the parameters with the least weighted sum of squared residuals near a start. Without weights each is 1.
    ///
    /// # Errors
    /// See [`NonlinearError`]: numbers that are not finite, fewer points than parameters and one more, and every way in
    /// which a fit does not end at a minimum that determines all parameters.
    ///
    /// ```
    /// use diel_core::nonlinear::{Model, NonlinearFitter};
    /// struct Decay([f64; 4]);
    /// impl Model for Decay {
    ///     fn parameters(&self) -> usize {
    ///         2
    ///     }
    ///     fn at(&self, point: usize, parameters: &[f64], gradient: &mut [f64]) -> f64 {
    ///         let share = (-parameters[1] * self.0[point]).exp();
    ///         gradient.copy_from_slice(&[share, -parameters[0] * self.0[point] * share]);
    ///         parameters[0] * share
    ///     }
    /// }
    /// let decay = Decay([0.0, 1.0, 2.0, 3.0]);
    /// let fit = NonlinearFitter::default().fit(&decay, &[8.1, 3.9, 2.1, 0.9], None, &[5.0, 1.0])?;
    /// // By R: the root of the gradient over the rate, with the scale solved for.
    /// assert!((fit.parameters[0] - 8.083_271_324).abs() < 1e-8);
    /// assert!((fit.parameters[1] - 0.707_404_176).abs() < 1e-8);
    /// assert_eq!(fit.df, 2);
    /// # Ok::<(), diel_core::nonlinear::NonlinearError>(())
    /// ```
    pub fn fit(
        &mut self,
        model: &impl Model,
        response: &[f64],
        weights: Option<&[f64]>,
        start: &[f64],
    ) -> Result<NonlinearFit, NonlinearError> {
        check(model.parameters(), response, weights, start)?;
        let ending = self
            .descent
            .run(model, response, weights, start, self.effort)?;
        Ok(self.descent.fit(ending))
    }
}

fn check(
    parameters: usize,
    response: &[f64],
    weights: Option<&[f64]>,
    start: &[f64],
) -> Result<(), NonlinearError> {
    let same_length = |what, found, needed| {
        (found == needed)
            .then_some(())
            .ok_or(NonlinearError::LengthsDiffer {
                what,
                found,
                needed,
            })
    };
    same_length("starts", start.len(), parameters)?;
    if let Some(weights) = weights {
        same_length("weights", weights.len(), response.len())?;
        if !weights
            .iter()
            .all(|weight| weight.is_finite() && *weight > 0.0)
        {
            return Err(NonlinearError::NotFinite);
        }
    }
    if !response
        .iter()
        .chain(start)
        .all(|number| number.is_finite())
    {
        return Err(NonlinearError::NotFinite);
    }
    if response.len() <= parameters {
        return Err(NonlinearError::TooFewPoints {
            points: response.len(),
            parameters,
        });
    }
    Ok(())
}
