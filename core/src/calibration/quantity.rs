//! What the curve says of a sample or a control.

use super::reading::{Reading, Replicates};
use super::standard_curve::StandardCurve;
use super::weighting::Spread;
use crate::cosinor::Confidence;
use crate::plate::{Dilution, Well};
use crate::tails::student_quantile;
use crate::{MissingReason, Outcome};

/// A sample or a control, read off the curve.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Quantity {
    /// The id of the sample or the name of the control.
    pub name: String,
    /// By how much it was diluted; the numbers below are those of the tube.
    pub dilution: Dilution,
    /// Its wells.
    pub wells: Vec<Well>,
    /// How many of them have a response; the result is of their mean.
    pub replicates: usize,
    /// The mean response; absent without one.
    pub mean_response: Option<f64>,
    /// Coefficient of variation of the responses, percent; absent for fewer than two.
    pub response_cv_percent: Option<f64>,
    /// Coefficient of variation of the concentrations of single wells, percent; absent where fewer than two lie on the curve.
    pub cv_percent: Option<f64>,
    /// The concentration, or on which side of the curve it lies, in the unit of the standards.
    pub outcome: Outcome,
    /// How well a concentration within the curve is known.
    pub interval: Option<Interval>,
}

impl Quantity {
    /// The standard error over the concentration; infinite without a concentration.
    pub(super) fn relative_error(&self) -> f64 {
        match (self.outcome, self.interval) {
            (Outcome::Value(value), Some(interval)) if value > 0.0 => {
                interval.standard_error / value
            }
            _ => f64::INFINITY,
        }
    }
}

/// How well a concentration is known: from the noise of its wells and the errors of the curve, by the delta method on ln.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Standard error, in the unit of the standards.
    pub standard_error: f64,
    /// Lower end of the confidence interval.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// What a plate's wells are read off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) curve: &'a StandardCurve,
    /// The lowest and the highest accepted standard.
    pub(super) range: (f64, f64),
    /// sigma^2 and its degrees of freedom, of the standards' residuals and all other replicates together.
    pub(super) well_noise: (f64, f64),
    pub(super) confidence: Confidence,
}

impl Reader<'_> {
    pub(super) fn read(&self, group: &Replicates, name: &str, dilution: Dilution) -> Quantity {
        let spread = group.spread();
        let (outcome, interval) = match spread {
            Some(spread) => self.place(spread, dilution.factor()),
            None => (Outcome::Missing(why_missing(group)), None),
        };
        Quantity {
            name: name.to_owned(),
            dilution,
            wells: group.wells.iter().map(|(well, _)| *well).collect(),
            replicates: group.responses().count(),
            mean_response: spread.map(|spread| spread.mean),
            response_cv_percent: spread.and_then(Spread::cv_percent),
            cv_percent: self.cv_percent(group),
            outcome,
            interval,
        }
    }

    fn place(&self, spread: Spread, factor: f64) -> (Outcome, Option<Interval>) {
        let (low, high) = self.range;
        let Some(concentration) = self.curve.curve.concentration(spread.mean) else {
            // Beyond A there is less than nothing, beyond D more than everything.
            let outcome = if self.curve.curve.share_of(spread.mean) < 0.5 {
                Outcome::Above(high * factor)
            } else {
                Outcome::Below(low * factor)
            };
            return (outcome, None);
        };
        if concentration < low {
            (Outcome::Below(low * factor), None)
        } else if concentration > high {
            (Outcome::Above(high * factor), None)
        } else {
            let interval = self.interval(concentration, spread, factor);
            (Outcome::Value(concentration * factor), Some(interval))
        }
    }

    fn interval(&self, concentration: f64, spread: Spread, factor: f64) -> Interval {
        let (of_curve, slope) = self.curve.variance_and_slope(concentration);
        let (sigma_square, well_df) = self.well_noise;
        let replicates = (spread.df + 1) as f64;
        let of_wells = sigma_square * self.curve.noise.variance(spread.mean) / replicates;
        let variance = of_wells + of_curve;
        // Satterthwaite: the degrees of freedom of a sum of two variances.
        let df = variance * variance
            / (of_wells * of_wells / well_df + of_curve * of_curve / self.curve.df as f64);
        let ln_se = variance.sqrt() / slope.abs();
        let reach = if variance > 0.0 {
            student_quantile(self.confidence, df) * ln_se
        } else {
            0.0
        };
        let centre = concentration * factor;
        Interval {
            standard_error: centre * ln_se,
            lower: centre * (-reach).exp(),
            upper: centre * reach.exp(),
        }
    }

    fn cv_percent(&self, group: &Replicates) -> Option<f64> {
        let single = |(_, response)| self.curve.curve.concentration(response);
        let single: Vec<f64> = group.responses().filter_map(single).collect();
        let count = single.len() as f64;
        let mean = single.iter().sum::<f64>() / count;
        let square: f64 = single.iter().map(|x| (x - mean).powi(2)).sum();
        let all_on_the_curve = single.len() == group.responses().count();
        (single.len() > 1 && all_on_the_curve)
            .then(|| 100.0 * (square / (count - 1.0)).sqrt() / mean)
    }
}

/// A masked well was somebody's decision, which counts before what the instrument says of others.
fn why_missing(group: &Replicates) -> MissingReason {
    let mut reasons = group.wells.iter().filter_map(|(_, reading)| match reading {
        Reading::Missing(reason) => Some(*reason),
        Reading::Response(_) => None,
    });
    let first = reasons.next().unwrap_or(MissingReason::NoSample);
    let masked = reasons.find(|reason| *reason == MissingReason::RejectedByLab);
    masked.unwrap_or(first)
}
