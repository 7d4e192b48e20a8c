//! Why a plate has no standard curve.

use thiserror::Error;

use crate::nonlinear::NonlinearError;

/// Why the standards of a plate carry no curve.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// Fewer levels than parameters, or no well to spare.
    #[error(
        "{levels} concentrations of standards in {wells} wells cannot carry a curve of {parameters} parameters; it takes \
         at least {parameters} concentrations and {} wells", parameters + 1
    )]
    TooFewStandards {
        /// Different concentrations with a response, zero among them.
        levels: usize,
        /// Wells with a response.
        wells: usize,
        /// Parameters of the curve.
        parameters: usize,
    },
    /// A response that is not a finite number.
    #[error("well {well} has a response that is not a finite number")]
    NotFinite {
        /// The well.
        well: crate::plate::Well,
    },
    /// The standards differ no more than their replicates do.
    #[error(
        "the responses of the standards do not follow their concentrations: they differ no more between concentrations than \
         within (p = {p:.2}). Are they all saturated, or is the plate turned?"
    )]
    NoResponse {
        /// Of the comparison between concentrations with that within.
        p: f64,
    },
    /// Neither rising nor falling.
    #[error(
        "the responses of the standards neither rise nor fall with concentration: they turn at {turn}. Are the wells \
         assigned as they were pipetted?"
    )]
    NotMonotone {
        /// The concentration at which the order is broken most.
        turn: f64,
    },
    /// The asymmetry wanders off.
    #[error(
        "the standards do not determine the asymmetry of a curve of five parameters; one of four does without it"
    )]
    AsymmetryUndetermined,
    /// The curve bends nowhere among the standards.
    #[error(
        "the standards do not determine the curve: its middle is estimated at {midpoint:e}, while they reach from {lowest} to \
         {highest}"
    )]
    Undetermined {
        /// Where the middle of the curve would lie.
        midpoint: f64,
        /// The lowest concentration above zero.
        lowest: f64,
        /// The highest.
        highest: f64,
    },
    /// The fit did not end.
    #[error("the curve could not be fitted")]
    NotFitted(#[from] NonlinearError),
    /// No two standards give their own concentration back.
    #[error(
        "only {accepted} of {standards} standards give back their own concentration within the accepted recovery; a curve \
         measures between two at least"
    )]
    NoRange {
        /// Standards whose recovery is accepted.
        accepted: usize,
        /// Standards above zero.
        standards: usize,
    },
}
