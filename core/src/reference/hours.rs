//! Strata from a table of levels by hours since awakening.
//!
//! Many laboratories publish mean and standard deviation of ln(cortisol) at some hours after awakening. Of each stratum,
//! leaving out the awakening response (hours more than 0 and up to 1):
//!
//! - the means give b0 and b1 by unweighted least squares, mean(h) = b0 + b1 h;
//! - the variances give the spread between persons by unweighted least squares,
//!   sd^2(h) - residual^2 = s0^2 + 2 rho s0 s1 h + s1^2 h^2;
//! - the mean of what lies above the line within the awakening response gives its rise.

use thiserror::Error;

use super::PopulationModel;
use crate::person::Sex;
use crate::{CurveError, LeastSquaresLine};

/// Hours up to which a level belongs to the awakening response: the policy's default of 60 minutes.
const AWAKENING_RESPONSE_H: f64 = 1.0;

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelAtHours {
    /// Youngest age of the stratum, in years.
    pub min_age_years: f64,
    /// Age from which the stratum no longer holds, in years.
    pub max_age_years: Option<f64>,
    /// The stratum's sex; `None` for any.
    pub sex: Option<Sex>,
    /// Hours since awakening.
    pub hours: f64,
    /// Mean of ln(nmol/L) there.
    pub mean_ln: f64,
    /// Standard deviation of ln(nmol/L) there, between persons and within them together.
    pub sd_ln: f64,
}

/// Why a table of levels is not a reference.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum HoursTableError {
    /// A number is not finite, or a standard deviation is negative.
    #[error("row {row}: {field}: {value} is not {rule}")]
    Number {
        /// The row, from 1.
        row: usize,
        /// The column.
        field: &'static str,
        /// The number.
        value: f64,
        /// The rule.
        rule: &'static str,
    },
    /// The samples vary less than they are said to do within a person.
    #[error("row {row}: sd_ln: {sd_ln} is less than residual_sd, {residual_sd}")]
    LessThanResidual {
        /// The row, from 1.
        row: usize,
        /// Its standard deviation.
        sd_ln: f64,
        /// That within persons.
        residual_sd: f64,
    },
    /// Three parameters need three times.
    #[error(
        "the stratum of row {row} has levels at {found} times outside the first hour; a line and its \
         spread need at least 3"
    )]
    TooFewTimes {
        /// A row of the stratum, from 1.
        row: usize,
        /// The times.
        found: usize,
    },
    /// No spread of lines has these variances.
    #[error(
        "the stratum of row {row}: its variances give {parameter} = {value}, which is not {rule}; no \
         spread of lines between persons has them"
    )]
    NoSuchSpread {
        /// A row of the stratum, from 1.
        row: usize,
        /// What comes out.
        parameter: &'static str,
        /// Its value.
        value: f64,
        /// The rule it breaks.
        rule: &'static str,
    },
}

/// The stratum of a row: its ages, its sex, and the numbers that its levels come to.
type Stratum = (LevelAtHours, PopulationModel);

/// Turns levels into one model a stratum. The answer has a row of each stratum, in the order of the table, with its
/// model.
///
/// # Errors
/// [`HoursTableError`] names the row.
///
/// ```
/// use diel_core::{LevelAtHours, strata_of_hours};
/// // A line of 2 - 0.1 h; s0 = 0.4, s1 = 0.05, rho = -0.5, residual 0.5.
/// let at = |hours: f64| LevelAtHours {
///     min_age_years: 18.0,
///     max_age_years: None,
///     sex: None,
///     hours,
///     mean_ln: 2.0 - 0.1 * hours,
///     sd_ln: (0.25 + 0.16 - 0.02 * hours + 0.0025 * hours * hours).sqrt(),
/// };
/// let strata = strata_of_hours(&[0.0, 4.0, 9.0, 15.0].map(at), 0.5)?;
/// let model = strata[0].1;
/// assert!((model.slope_sd - 0.05).abs() < 1e-12 && (model.correlation + 0.5).abs() < 1e-12);
/// # Ok::<(), diel_core::HoursTableError>(())
/// ```
pub fn strata_of_hours(
    rows: &[LevelAtHours],
    residual_sd: f64,
) -> Result<Vec<Stratum>, HoursTableError> {
    let mut strata: Vec<(usize, Vec<LevelAtHours>)> = Vec::new();
    for (row, level) in (1..).zip(rows) {
        check(row, level, residual_sd)?;
        let same = |(_, levels): &&mut (usize, Vec<LevelAtHours>)| {
            levels.first().is_some_and(|first| {
                first.min_age_years == level.min_age_years
                    && first.max_age_years == level.max_age_years
                    && first.sex == level.sex
            })
        };
        match strata.iter_mut().find(same) {
            Some((_, levels)) => levels.push(*level),
            None => strata.push((row, vec![*level])),
        }
    }
    strata
        .iter()
        .filter_map(|(row, levels)| {
            let first = *levels.first()?;
            Some(model(*row, levels, residual_sd).map(|model| (first, model)))
        })
        .collect()
}

fn check(row: usize, level: &LevelAtHours, residual_sd: f64) -> Result<(), HoursTableError> {
    let number = |field, value: f64, holds: bool, rule| {
        if holds {
            Ok(())
        } else {
            Err(HoursTableError::Number {
                row,
                field,
                value,
                rule,
            })
        }
    };
    let in_day = (0.0..=48.0).contains(&level.hours);
    number(
        "hours_since_awakening",
        level.hours,
        in_day,
        "between 0 and 48 h",
    )?;
    let mean = level.mean_ln.abs() <= 20.0;
    number("mean_ln", level.mean_ln, mean, "between -20 and 20")?;
    let sd = level.sd_ln > 0.0 && level.sd_ln <= 10.0;
    number("sd_ln", level.sd_ln, sd, "more than 0 and at most 10")?;
    if level.sd_ln < residual_sd {
        return Err(HoursTableError::LessThanResidual {
            row,
            sd_ln: level.sd_ln,
            residual_sd,
        });
    }
    Ok(())
}

fn model(
    row: usize,
    levels: &[LevelAtHours],
    residual_sd: f64,
) -> Result<PopulationModel, HoursTableError> {
    let (response, rest): (Vec<&LevelAtHours>, Vec<&LevelAtHours>) = levels
        .iter()
        .partition(|level| level.hours > 0.0 && level.hours <= AWAKENING_RESPONSE_H);
    let hours: Vec<f64> = rest.iter().map(|level| level.hours).collect();
    let mut times = hours.clone();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let found = times.len();
    let too_few = HoursTableError::TooFewTimes { row, found };
    if found < 3 {
        return Err(too_few);
    }
    let means: Vec<f64> = rest.iter().map(|level| level.mean_ln).collect();
    let line: Result<LeastSquaresLine, CurveError> = LeastSquaresLine::fit(&hours, &means);
    let line = line.map_err(|_| too_few.clone())?;
    let variances = rest
        .iter()
        .map(|level| level.sd_ln.powi(2) - residual_sd.powi(2));
    let [intercept_variance, twice_covariance, slope_variance] =
        parabola(hours.iter().copied().zip(variances)).ok_or(too_few)?;
    let no_spread = |parameter, value, rule| HoursTableError::NoSuchSpread {
        row,
        parameter,
        value,
        rule,
    };
    if intercept_variance < 0.0 {
        return Err(no_spread("s0^2", intercept_variance, "0 or more"));
    }
    if slope_variance <= 0.0 {
        return Err(no_spread("s1^2", slope_variance, "more than 0"));
    }
    let (intercept_sd, slope_sd) = (intercept_variance.sqrt(), slope_variance.sqrt());
    let correlation = if intercept_sd > 0.0 {
        0.5 * twice_covariance / (intercept_sd * slope_sd)
    } else {
        0.0
    };
    if correlation.abs() > 1.0 {
        return Err(no_spread("rho", correlation, "between -1 and 1"));
    }
    let rises: Vec<f64> = response
        .iter()
        .map(|level| level.mean_ln - (line.intercept + line.slope * level.hours))
        .collect();
    let car_ln =
        rises.iter().sum::<f64>() / f64::from(u32::try_from(rises.len().max(1)).unwrap_or(1));
    Ok(PopulationModel {
        intercept_ln: line.intercept,
        slope_ln_per_h: line.slope,
        car_ln,
        intercept_sd,
        slope_sd,
        correlation,
        residual_sd,
    })
}

/// Least squares of a + b t + c t^2; `None` with fewer than three different times. The basis is made orthogonal on the
/// points, so that nothing is solved but three divisions.
fn parabola(points: impl Iterator<Item = (f64, f64)> + Clone) -> Option<[f64; 3]> {
    let sum = |of: &dyn Fn(f64, f64) -> f64| points.clone().map(|(t, y)| of(t, y)).sum::<f64>();
    let n = sum(&|_, _| 1.0);
    let mean = sum(&|t, _| t) / n;
    let squares = sum(&|t, _| (t - mean).powi(2));
    // q(t) = (t - mean)^2 - k (t - mean) - m is orthogonal to 1 and t.
    let k = sum(&|t, _| (t - mean).powi(3)) / squares;
    let m = squares / n;
    let q = |t: f64| (t - mean).powi(2) - k * (t - mean) - m;
    let curvature_squares = sum(&|t, _| q(t).powi(2));
    if !(squares > 0.0 && curvature_squares > 0.0) {
        return None;
    }
    let level = sum(&|_, y| y) / n;
    let rise = sum(&|t, y| (t - mean) * y) / squares;
    let c = sum(&|t, y| q(t) * y) / curvature_squares;
    let b = rise - 2.0 * c * mean - c * k;
    let a = level - rise * mean + c * (mean * mean + k * mean - m);
    Some([a, b, c])
}
