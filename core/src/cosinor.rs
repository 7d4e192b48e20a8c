//! Cosinor: a curve of cosines of known period, fitted by least squares.
//!
//! Y = M + sum over j of beta_j cos(j w t) + gamma_j sin(j w t) + e, with w = 2 pi / period and j = 1 to the number of
//! harmonics. beta cos(wt) + gamma sin(wt) = A cos(wt - phi) with the amplitude A = sqrt(beta^2 + gamma^2) and the
//! acrophase phi = atan2(gamma, beta), here in [0, 2 pi). **Sign:** the wave is highest at t = phi / (j w). Halberg,
//! Cornelissen and the R package cosinor2 write cos(wt + phi), so that their acrophase is the negative of this one.
//!
//! [`CosinorFitter`] fits one series after the other, [`PopulationCosinor`] averages the fits of individuals, and
//! [`compare_populations`] tests two populations against each other. A series that does not determine a cosine is
//! refused with the reason, [`CosinorError`].
//!
//! # References
//! Cornelissen G. Cosinor-based rhythmometry. Theor Biol Med Model 2014;11:16, doi 10.1186/1742-4682-11-16.
//! Bingham C, Arbogast B, Cornelissen Guillaume G, Lee JK, Halberg F. Inferential statistical methods for estimating
//! and comparing cosinor parameters. Chronobiologia 1982;9:397-439.

mod compare;
mod error;
mod extreme;
mod fit;
mod population;
mod rules;
mod wave;

pub use compare::{
    AcrophaseTest, CompareError, ContrastTest, JointTest, NoRhythm, PopulationComparison,
    compare_populations,
};
pub use error::CosinorError;
pub use extreme::Extreme;
pub use fit::{Cosinor, CosinorFitter};
pub use population::{Individual, PopulationCosinor, PopulationError};
pub use rules::{CosinorRules, CosinorRulesError};
pub use wave::{NoAcrophase, Wave};

pub use crate::tails::{Confidence, ConfidenceError};

/// The two ends of a confidence interval, in the unit of what it is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

impl Interval {
    fn around(centre: f64, half_width: f64) -> Self {
        Self {
            lower: centre - half_width,
            upper: centre + half_width,
        }
    }
}
