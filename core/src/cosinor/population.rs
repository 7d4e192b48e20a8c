//! The population-mean cosinor: the mean of individuals' coefficients, and how sure it is from how they differ.

use thiserror::Error;

use super::wave::{Wave, squared_distance};
use super::{Cosinor, Interval};
use crate::tails::{Confidence, f_of_pairs, student_quantile};

/// What a population needs of each individual: M, beta and gamma of one harmonic, in the unit of the values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Individual {
    /// M.
    pub mesor: f64,
    /// The coefficient of cos(wt).
    pub beta: f64,
    /// The coefficient of sin(wt).
    pub gamma: f64,
}

impl Individual {
    /// The individual's rhythm of the longest period that was fitted.
    #[must_use]
    pub fn of(cosinor: &Cosinor) -> Self {
        let wave = cosinor.waves.first();
        Self {
            mesor: cosinor.mesor,
            beta: wave.map_or(0.0, Wave::beta),
            gamma: wave.map_or(0.0, Wave::gamma),
        }
    }
}

/// The population-mean cosinor (Bingham 1982). Each individual counts once, however many values were fitted, so that
/// all it says is about the population that the individuals were drawn from.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PopulationCosinor {
    /// How many individuals, k.
    pub individuals: u32,
    /// The mean of the individuals' M.
    pub mesor: f64,
    /// Its standard error, SD / sqrt(k).
    pub mesor_se: f64,
    /// The wave of the mean (beta, gamma). Its amplitude is not the mean of the amplitudes: individuals whose peaks
    /// differ in time cancel. Its intervals are on k - 1 degrees of freedom.
    pub wave: Wave,
    /// Hotelling's test that the mean (beta, gamma) is 0: T^2 (k - 2) / (2 (k - 1)), on 2 and k - 2 degrees of freedom.
    pub zero_amplitude_f: f64,
    /// The probability of so great an F or a greater one when the population has no common rhythm.
    pub zero_amplitude_p: f64,
}

/// Why individuals do not make a population.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum PopulationError {
    /// Three at least: two vectors always lie on a line.
    #[error("there are {individuals} individuals; at least 3 are needed")]
    TooFewIndividuals {
        /// How many.
        individuals: usize,
    },
    /// NaN or an infinity among the coefficients.
    #[error("a coefficient of the individual at position {position} is not a finite number")]
    NotFinite {
        /// Where, from 0.
        position: usize,
    },
    /// A period is a finite time above 0.
    #[error("a period of {period_h} h is not above 0")]
    Period {
        /// The period.
        period_h: f64,
    },
    /// The vectors lie on a line, so that nothing is known about the direction across it.
    #[error("the individuals' (beta, gamma) lie on a line or in a point")]
    OnALine,
}

impl PopulationCosinor {
    /// Averages individuals whose cosinors have the same period, hours.
    ///
    /// # Errors
    /// See [`PopulationError`].
    ///
    /// ```
    /// use diel_core::cosinor::{Individual, PopulationCosinor};
    /// let person = |beta, gamma| Individual { mesor: 2.0, beta, gamma };
    /// let persons = [person(1.0, 0.0), person(2.0, 1.0), person(3.0, -1.0)];
    /// let population = PopulationCosinor::of(&persons, 24.0)?;
    /// assert_eq!((population.wave.amplitude(), population.wave.peak_h()), (2.0, Some(0.0)));
    /// // S = [1 -0.5; -0.5 1], T^2 = 3 x 4 / 0.75 = 16, F = 16 x 1 / 4.
    /// assert!((population.zero_amplitude_f - 4.0).abs() < 1e-12);
    /// # Ok::<(), diel_core::cosinor::PopulationError>(())
    /// ```
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of persons are exact in a double"
    )]
    pub fn of(individuals: &[Individual], period_h: f64) -> Result<Self, PopulationError> {
        if !(period_h.is_finite() && period_h > 0.0) {
            return Err(PopulationError::Period { period_h });
        }
        if individuals.len() < 3 {
            return Err(PopulationError::TooFewIndividuals {
                individuals: individuals.len(),
            });
        }
        let is_unknown = |one: &Individual| !(one.mesor + one.beta + one.gamma).is_finite();
        if let Some(position) = individuals.iter().position(is_unknown) {
            return Err(PopulationError::NotFinite { position });
        }
        let k = individuals.len() as f64;
        let mean = |of: fn(&Individual) -> f64| individuals.iter().map(of).sum::<f64>() / k;
        let (mesor, beta, gamma) = (mean(|i| i.mesor), mean(|i| i.beta), mean(|i| i.gamma));
        let (mut mm, mut bb, mut bg, mut gg) = (0.0, 0.0, 0.0, 0.0);
        for one in individuals {
            let (m, b, g) = (one.mesor - mesor, one.beta - beta, one.gamma - gamma);
            mm += m * m;
            bb += b * b;
            bg += b * g;
            gg += g * g;
        }
        // Of the means: the sample covariance over k.
        let of_mean = |square: f64| square / (k - 1.0) / k;
        let covariance = [[of_mean(bb), of_mean(bg)], [of_mean(bg), of_mean(gg)]];
        if bb * gg - bg * bg <= bb * gg * f64::EPSILON {
            return Err(PopulationError::OnALine);
        }
        let t_squared = squared_distance([beta, gamma], covariance);
        let zero_amplitude_f = t_squared * (k - 2.0) / (2.0 * (k - 1.0));
        Ok(Self {
            individuals: u32::try_from(individuals.len()).unwrap_or(u32::MAX),
            mesor,
            mesor_se: of_mean(mm).sqrt(),
            wave: Wave::new([beta, gamma], covariance, period_h, k - 1.0, None),
            zero_amplitude_f,
            zero_amplitude_p: f_of_pairs(zero_amplitude_f, 1, k - 2.0),
        })
    }

    /// M -+ t SE(M) on k - 1 degrees of freedom.
    #[must_use]
    pub fn mesor_interval(&self, confidence: Confidence) -> Interval {
        let t = student_quantile(confidence, self.spare_individuals());
        Interval::around(self.mesor, t * self.mesor_se)
    }

    /// k - 1.
    pub(super) fn spare_individuals(&self) -> f64 {
        f64::from(self.individuals) - 1.0
    }
}
