//! One-way random effects: y of a person's day = mean + person + day.

use std::sync::Arc;

use super::observed::Shortage;
use crate::mixed::{Column, Design, DesignParts, FitSettings, Grouping, RandomTerm, fit};
use crate::tails::f_tail;

/// Halvings of the interval in which an end of a confidence interval lies.
const HALVINGS: u32 = 60;

/// A share of all squares that rounding leaves where there is no variation.
const NOTHING: f64 = 1e-28;

/// The analysis of variance of values by person.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OneWay {
    /// Of each person the number of values and their mean.
    persons: Vec<(f64, f64)>,
    values: f64,
    within_squares: f64,
}

impl OneWay {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of days are exact in a double"
    )]
    pub(super) fn of<V: AsRef<[f64]>>(persons: &[V]) -> Self {
        let mut all = Self {
            persons: Vec::with_capacity(persons.len()),
            values: 0.0,
            within_squares: 0.0,
        };
        for values in persons
            .iter()
            .map(AsRef::as_ref)
            .filter(|values| !values.is_empty())
        {
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            all.within_squares += values
                .iter()
                .map(|value| (value - mean).powi(2))
                .sum::<f64>();
            all.persons.push((n, mean));
            all.values += n;
        }
        all
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of persons are exact in a double"
    )]
    fn count(&self) -> f64 {
        self.persons.len() as f64
    }

    /// Degrees of freedom between persons and within them.
    fn degrees(&self) -> (f64, f64) {
        (self.count() - 1.0, self.values - self.count())
    }

    /// Mean square between persons with the weights n / (1 + n ratio), which are n at a ratio of 0.
    fn between(&self, ratio: f64) -> f64 {
        let weigh = |n: f64| n / (1.0 + n * ratio);
        let (weights, weighted) = self
            .persons
            .iter()
            .fold((0.0, 0.0), |(sum, weighted), &(n, mean)| {
                (sum + weigh(n), weighted + weigh(n) * mean)
            });
        let centre = weighted / weights;
        let squares: f64 = self
            .persons
            .iter()
            .map(|&(n, mean)| weigh(n) * (mean - centre).powi(2))
            .sum();
        squares / self.degrees().0
    }

    /// Why persons cannot be told from their days, if they cannot.
    pub(super) fn shortage(&self) -> Option<Shortage> {
        let squares: f64 = self.persons.iter().map(|(n, mean)| n * mean * mean).sum();
        let is_none = |variation: f64| variation <= NOTHING * (squares + self.within_squares);
        let (between_df, within_df) = self.degrees();
        if self.persons.is_empty() {
            Some(Shortage::NoDays)
        } else if between_df < 1.0 {
            Some(Shortage::OnePerson)
        } else if within_df < 1.0 {
            Some(Shortage::NoRepeatedDays)
        } else if !is_none(self.within_squares) {
            None
        } else if is_none(self.between(0.0)) {
            Some(Shortage::NoVariance)
        } else {
            Some(Shortage::NoVarianceWithin)
        }
    }

    fn within(&self) -> f64 {
        self.within_squares / self.degrees().1
    }

    /// The intraclass correlation by mean squares, (B - W) / (B + (m - 1) W), m the days of a person on average as far as they
    /// count; `None` without two persons, without repeated days or without variance.
    pub(super) fn intraclass(&self) -> Option<f64> {
        let (between_df, within_df) = self.degrees();
        if between_df < 1.0 || within_df < 1.0 {
            return None;
        }
        let squared: f64 = self.persons.iter().map(|(n, _)| n * n).sum();
        let m = (self.values - squared / self.values) / between_df;
        let (between, within) = (self.between(0.0), self.within());
        let total = between + (m - 1.0) * within;
        (total > 0.0).then(|| (between - within) / total)
    }

    /// An interval of the intraclass correlation that holds exactly so often where persons and days are normal, however
    /// unequal the numbers of days; cut at 0. `miss` is the share of samples that it may miss.
    ///
    /// The ratio of mean squares at the true ratio of variances has an F distribution and falls with that ratio.
    ///
    /// # References
    /// Wald A 1940. A note on the analysis of variance with unequal class frequencies. Annals of Mathematical Statistics
    /// 11:96-100.
    pub(super) fn interval(&self, miss: f64) -> (f64, f64) {
        let (between_df, within_df) = self.degrees();
        let within = self.within();
        let tail = |intraclass: f64| {
            let ratio = intraclass / (1.0 - intraclass);
            f_tail(self.between(ratio) / within, between_df, within_df)
        };
        // The tail beyond F rises with the correlation.
        let reaching = |share: f64| {
            let (mut below, mut above) = (0.0, 1.0);
            if tail(below) >= share {
                return 0.0;
            }
            for _ in 0..HALVINGS {
                let middle = 0.5 * (below + above);
                if middle < 1.0 && tail(middle) < share {
                    below = middle;
                } else {
                    above = middle;
                }
            }
            0.5 * (below + above)
        };
        (reaching(0.5 * miss), reaching(1.0 - 0.5 * miss))
    }
}

/// Mean and standard deviations between persons and within them, by restricted maximum likelihood.
pub(super) struct Components {
    pub(super) mean: f64,
    pub(super) between_sd: f64,
    pub(super) within_sd: f64,
}

/// Fits the components with [`crate::mixed`]. Persons with one day say how persons differ, and nothing of their days.
pub(super) fn components<V: AsRef<[f64]>>(persons: &[V]) -> Result<Components, Shortage> {
    let mut response = Vec::new();
    let mut codes = Vec::new();
    for (code, values) in (0_u32..).zip(persons) {
        response.extend_from_slice(values.as_ref());
        codes.resize(response.len(), code);
    }
    let intercept = Column {
        name: "(Intercept)".to_owned(),
        values: vec![1.0; response.len()].into(),
    };
    let levels: Arc<[String]> = (0..persons.len()).map(|code| code.to_string()).collect();
    let parts = DesignParts {
        response_name: "metric".to_owned(),
        response,
        fixed: vec![intercept.clone()],
        groupings: vec![Grouping {
            name: "participant".to_owned(),
            codes: codes.into(),
            levels,
        }],
        random: vec![RandomTerm {
            grouping: 0,
            columns: vec![intercept],
        }],
        ..DesignParts::default()
    };
    let fitted = Design::new(parts)
        .ok()
        .and_then(|design| fit(&design, &FitSettings::default()).ok());
    let fit = fitted.ok_or(Shortage::NotFitted)?;
    let of_term = fit.random.first().and_then(|term| term.sd.first());
    match (fit.fixed.first(), of_term) {
        (Some(mean), Some(&between_sd)) if fit.optimizer.converged => Ok(Components {
            mean: mean.estimate,
            between_sd,
            within_sd: fit.residual_sd,
        }),
        _ => Err(Shortage::NotFitted),
    }
}
