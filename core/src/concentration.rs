//! Concentrations of cortisol and the units that laboratories report them in.

use crate::range::{CONCENTRATION, RangeError};

/// Molar mass of cortisol, C21H30O5, in g/mol.
pub const MOLAR_MASS_G_PER_MOL: f64 = 362.46;

/// 1 ug/L = 1000 ng/L / 362.46 g/mol = 2.7589 nmol/L.
pub(crate) const NMOL_PER_L_IN_UG_PER_L: f64 = 1000.0 / MOLAR_MASS_G_PER_MOL;

/// 1 ug/dL = 10 ug/L / 362.46 g/mol = 27.589 nmol/L.
pub(crate) const NMOL_PER_L_IN_UG_PER_DL: f64 = 10.0 * NMOL_PER_L_IN_UG_PER_L;

/// A concentration in nmol/L: finite, from 0 to 1,000,000.
///
/// ```
/// let wake = diel_core::NmolPerL::new(10.0)?;
/// assert_eq!(wake.ln(), Some(10f64.ln()));
/// # Ok::<(), diel_core::RangeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct NmolPerL(f64);

impl NmolPerL {
    /// Accepts a number of nmol/L.
    ///
    /// # Errors
    /// NaN, infinities, negative numbers and numbers above 1,000,000 are refused.
    pub fn new(value: f64) -> Result<Self, RangeError> {
        CONCENTRATION.check(value).map(Self)
    }

    /// For a number that a checked constructor has already accepted.
    pub(crate) const fn accepted(value: f64) -> Self {
        Self(value)
    }

    /// The number, in nmol/L.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The natural logarithm of the number of nmol/L; `None` at 0.
    #[must_use]
    pub fn ln(self) -> Option<f64> {
        (self.0 > 0.0).then(|| self.0.ln())
    }
}

/// The unit of a reported concentration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// nmol/L, the unit of every derived number.
    NmolPerL,
    /// ug/dL.
    UgPerDl,
    /// ng/mL.
    NgPerMl,
    /// ug/L.
    UgPerL,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 4] = [Self::NmolPerL, Self::UgPerDl, Self::NgPerMl, Self::UgPerL];

    /// The unit of a UCUM code. Also understood: the micro sign for `u`, and other case, as in `nmol/l` and `µg/dL`.
    #[must_use]
    pub fn from_ucum(code: &str) -> Option<Self> {
        let code = code.trim().replace(['\u{b5}', '\u{3bc}'], "u");
        Self::ALL
            .into_iter()
            .find(|unit| unit.ucum().eq_ignore_ascii_case(&code))
    }

    /// The UCUM code.
    #[must_use]
    pub const fn ucum(self) -> &'static str {
        match self {
            Self::NmolPerL => "nmol/L",
            Self::UgPerDl => "ug/dL",
            Self::NgPerMl => "ng/mL",
            Self::UgPerL => "ug/L",
        }
    }

    /// How many nmol/L one of this unit is.
    #[must_use]
    pub const fn in_nmol_per_l(self) -> f64 {
        match self {
            Self::NmolPerL => 1.0,
            Self::UgPerDl => NMOL_PER_L_IN_UG_PER_DL,
            Self::NgPerMl | Self::UgPerL => NMOL_PER_L_IN_UG_PER_L,
        }
    }

    /// A number of this unit in nmol/L. nmol/L comes back bit for bit.
    ///
    /// ```
    /// use diel_core::Unit;
    /// assert!((Unit::UgPerDl.nmol_per_l(0.5) - 13.7946).abs() < 1e-4);
    /// ```
    #[must_use]
    pub const fn nmol_per_l(self, value: f64) -> f64 {
        match self {
            Self::NmolPerL => value,
            other => value * other.in_nmol_per_l(),
        }
    }

    /// A number of nmol/L in this unit.
    #[must_use]
    pub const fn from_nmol_per_l(self, nmol_per_l: f64) -> f64 {
        match self {
            Self::NmolPerL => nmol_per_l,
            other => nmol_per_l / other.in_nmol_per_l(),
        }
    }
}

impl core::fmt::Display for Unit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.ucum())
    }
}
