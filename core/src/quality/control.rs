//! Control materials and what they are expected to read.

use thiserror::Error;

use super::ScoreAbsence;
use crate::{Level, NmolPerL, RangeError};

/// A control material at one of its levels, of one lot. Another lot is another material: it has other targets, and its
/// series begins anew.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlMaterial {
    /// The material, such as "pool A".
    pub material: String,
    /// Its level, such as "low"; empty where there is one.
    pub level: String,
    /// Its lot; empty where there are none.
    pub lot: String,
}

/// What a control material is expected to read, in nmol/L.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ControlTarget {
    mean: NmolPerL,
    sd: NmolPerL,
}

impl ControlTarget {
    /// A target of this mean and standard deviation, in nmol/L: the laboratory's own from earlier runs, or the
    /// manufacturer's.
    ///
    /// # Errors
    /// Both must be finite, more than 0 and at most 1,000,000 nmol/L.
    ///
    /// ```
    /// use diel_core::{Level, NmolPerL, quality::ControlTarget};
    /// let target = ControlTarget::new(5.0, 0.4)?;
    /// let read = Level::Exact(NmolPerL::new(6.0).unwrap());
    /// assert_eq!(target.z(read), Ok(2.5));
    /// # Ok::<(), diel_core::quality::ControlTargetError>(())
    /// ```
    pub fn new(mean_nmol_per_l: f64, sd_nmol_per_l: f64) -> Result<Self, ControlTargetError> {
        let mean = NmolPerL::new(mean_nmol_per_l).map_err(ControlTargetError::Mean)?;
        let sd = NmolPerL::new(sd_nmol_per_l).map_err(ControlTargetError::Sd)?;
        if mean.get() == 0.0 {
            Err(ControlTargetError::MeanZero)
        } else if sd.get() == 0.0 {
            Err(ControlTargetError::SdZero)
        } else {
            Ok(Self { mean, sd })
        }
    }

    /// The expected concentration.
    #[must_use]
    pub const fn mean(&self) -> NmolPerL {
        self.mean
    }

    /// The standard deviation between runs.
    #[must_use]
    pub const fn sd(&self) -> NmolPerL {
        self.sd
    }

    /// How many standard deviations a reading lies above the mean.
    ///
    /// A censored reading stands at its limit where that understates how far out it is: "below" a limit under the
    /// mean, "above" one over it.
    ///
    /// # Errors
    /// A missing reading has no z, and a censored one that could lie on either side of the mean has none.
    pub fn z(&self, reading: Level) -> Result<f64, ScoreAbsence> {
        let z = |number: NmolPerL| (number.get() - self.mean.get()) / self.sd.get();
        match reading {
            Level::Exact(number) => Ok(z(number)),
            Level::Below(limit) if z(limit) < 0.0 => Ok(z(limit)),
            Level::Above(limit) if z(limit) > 0.0 => Ok(z(limit)),
            Level::Below(_) | Level::Above(_) => Err(ScoreAbsence::CensoredAcrossMean),
            Level::Missing(_) => Err(ScoreAbsence::Missing),
        }
    }
}

/// Why a target is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum ControlTargetError {
    /// The mean is no concentration.
    #[error("mean: {0}")]
    Mean(#[source] RangeError),
    /// The standard deviation is no concentration.
    #[error("sd: {0}")]
    Sd(#[source] RangeError),
    /// A mean of 0.
    #[error("mean: 0 nmol/L is not more than 0")]
    MeanZero,
    /// A standard deviation of 0.
    #[error("sd: 0 nmol/L is not more than 0; every reading would be infinitely far out")]
    SdZero,
}
