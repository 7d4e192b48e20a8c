//! What a fit says: estimates with their errors, and how they were obtained.

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NonlinearFit {
    /// The estimates.
    pub parameters: Vec<f64>,
    /// Their standard errors: the roots of the diagonal of the covariance.
    pub standard_errors: Vec<f64>,
    /// (J'WJ)^-1 s^2, row by row, J being the derivatives at the estimates.
    pub covariance: Vec<f64>,
    /// Weighted sum of squared residuals.
    pub residual_square: f64,
    /// Residual degrees of freedom: points less parameters.
    pub df: usize,
    /// Residual standard deviation s: of a response of weight 1.
    pub residual_sd: f64,
    /// How often the model was evaluated at all points.
    pub evaluations: usize,
    /// The relative offset at the end: the part of the residuals that the parameters could still explain, over the part that
    /// they cannot, each per degree of freedom. R's `nls` stops at 1e-5.
    pub offset: f64,
    /// How it ended.
    pub ending: Ending,
}

/// How a fit came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// The relative offset fell below 1e-10.
    Offset,
    /// What the parameters could still explain is the rounding of the responses.
    Rounding,
    /// No step makes a small offset smaller still: the arithmetic ends before the tolerance.
    Exhausted,
}
