//! The functions that conversions may be.

use super::ConversionError;
use crate::range::CONCENTRATION;

/// The most points of a table.
const MOST_POINTS: usize = 1000;

/// A function of concentrations, in nmol/L on both sides.
#[derive(Debug, Clone, PartialEq)]
pub enum ConversionForm {
    /// intercept + slope x, as Deming and Passing-Bablok regressions give it.
    Linear {
        /// The intercept, nmol/L; may be negative.
        intercept_nmol_per_l: f64,
        /// The slope, more than 0.
        slope: f64,
    },
    /// factor x^exponent: a straight line between logarithms.
    Power {
        /// The factor, more than 0: the concentration at 1 nmol/L.
        factor: f64,
        /// The exponent, more than 0: the slope between logarithms.
        exponent: f64,
    },
    /// Straight lines between points of (from, to), both rising.
    Table {
        /// The points, in nmol/L.
        points: Vec<(f64, f64)>,
    },
}

impl ConversionForm {
    /// The function at a concentration; `None` outside a table.
    pub(super) fn value(&self, x: f64) -> Option<f64> {
        match self {
            Self::Linear {
                intercept_nmol_per_l,
                slope,
            } => Some(intercept_nmol_per_l + slope * x),
            Self::Power { factor, exponent } => Some(factor * x.powf(*exponent)),
            Self::Table { points } => between(points, x),
        }
    }

    /// Whether the function is defined, rises and gives concentrations from one end to the other.
    pub(super) fn check(&self, lowest: f64, highest: f64) -> Result<(), ConversionError> {
        match self {
            Self::Linear {
                intercept_nmol_per_l,
                slope,
            } => {
                finite("linear.intercept_nmol_per_l", *intercept_nmol_per_l)?;
                positive("linear.slope", *slope)?;
            }
            Self::Power { factor, exponent } => {
                positive("power.factor", *factor)?;
                positive("power.exponent", *exponent)?;
            }
            Self::Table { points } => check_points(points, lowest, highest)?,
        }
        // A rising function lies between its ends.
        for x in [lowest, highest] {
            let value = self.value(x).unwrap_or(f64::NAN);
            if CONCENTRATION.check(value).is_err() {
                return Err(ConversionError::NoConcentration { x, value });
            }
        }
        Ok(())
    }
}

fn finite(term: &'static str, value: f64) -> Result<(), ConversionError> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(ConversionError::NotFinite { term, value })
    }
}

fn positive(term: &'static str, value: f64) -> Result<(), ConversionError> {
    finite(term, value)?;
    if value > 0.0 {
        Ok(())
    } else {
        Err(ConversionError::NotRising { term, value })
    }
}

fn check_points(points: &[(f64, f64)], lowest: f64, highest: f64) -> Result<(), ConversionError> {
    let ([(first, _), .., (last, _)], ..=MOST_POINTS) = (points, points.len()) else {
        return Err(ConversionError::Points {
            count: points.len(),
        });
    };
    for (row, point) in points.iter().enumerate() {
        let before = row.checked_sub(1).and_then(|before| points.get(before));
        let rises = before.is_none_or(|before| before.0 < point.0 && before.1 < point.1);
        // NaN is greater than nothing, and an infinity not a concentration.
        if !(rises && point.0.is_finite() && point.1.is_finite()) {
            return Err(ConversionError::PointNotRising { row });
        }
    }
    if *first > lowest || *last < highest {
        return Err(ConversionError::PointsShort {
            first: *first,
            last: *last,
        });
    }
    Ok(())
}

/// The value on the straight line between the points around x.
fn between(points: &[(f64, f64)], x: f64) -> Option<f64> {
    let after = points.partition_point(|point| point.0 < x);
    let &(right, high) = points.get(after)?;
    if right == x {
        return Some(high);
    }
    let &(left, low) = points.get(after.checked_sub(1)?)?;
    Some(low + (high - low) * (x - left) / (right - left))
}
