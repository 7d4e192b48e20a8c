//! Numbers of which some are limits.

use std::sync::Arc;

use super::scatter;
use crate::mixed::Observed;

/// A column of measured amounts, of which some are known to lie below or above a limit only.
#[derive(Debug, Clone, PartialEq)]
pub struct Concentrations {
    values: Arc<[f64]>,
    observed: Arc<[Observed]>,
}

impl Concentrations {
    /// The value, or the limit, of each row, NaN where it is missing.
    #[must_use]
    pub const fn values(&self) -> &Arc<[f64]> {
        &self.values
    }

    /// How far each is known.
    #[must_use]
    pub const fn observed(&self) -> &Arc<[Observed]> {
        &self.observed
    }

    pub(super) fn scattered(&self, rows: usize, positions: &[usize]) -> Self {
        Self {
            values: scatter(&self.values, f64::NAN, rows, positions),
            observed: scatter(&self.observed, Observed::Exactly, rows, positions),
        }
    }
}

/// Collects a value, or a limit, and how far it is known, a row.
///
/// ```
/// use diel_core::frame::Concentrations;
/// use diel_core::mixed::Observed;
/// let column: Concentrations = [(4.2, Observed::Exactly), (0.33, Observed::Below)].into_iter().collect();
/// assert_eq!(column.values()[1], 0.33);
/// ```
impl FromIterator<(f64, Observed)> for Concentrations {
    fn from_iter<T: IntoIterator<Item = (f64, Observed)>>(rows: T) -> Self {
        let (values, observed): (Vec<f64>, Vec<Observed>) = rows.into_iter().unzip();
        Self {
            values: values.into(),
            observed: observed.into(),
        }
    }
}
