//! The cosinor of one series.

use std::f64::consts::TAU;

use super::rules::{CosinorRules, CosinorRulesError};
use super::wave::{Wave, squared_distance};
use super::{CosinorError, Interval};
use crate::least_squares::LeastSquares;
use crate::tails::{Confidence, f_of_pairs, student_quantile};

/// The cosinor of one series.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Cosinor {
    /// M, the midline estimating statistic of rhythm: the mean of the fitted curve, in the unit of the values.
    pub mesor: f64,
    /// Its standard error.
    pub mesor_se: f64,
    /// The waves, by harmonic.
    pub waves: Vec<Wave>,
    /// How many values were fitted.
    pub values: usize,
    /// Residual degrees of freedom, n - 2 harmonics - 1.
    pub residual_df: usize,
    /// Residual sum of squares.
    pub residual_square: f64,
    /// Standard deviation of the residuals, on the residual degrees of freedom.
    pub residual_sd: f64,
    /// The share of the variance that the curve explains, 0 to 1; the field's percent rhythm over 100.
    pub explained_share: f64,
    /// The zero-amplitude F, ((SS_tot - SS_res) / (2 harmonics)) / (SS_res / residual df). Infinite for a perfect
    /// curve, 0 for constant values.
    pub zero_amplitude_f: f64,
    /// The probability of so great an F or a greater one when no wave of these periods is there.
    pub zero_amplitude_p: f64,
    /// The condition number of the design.
    pub condition: f64,
}

/// Fits one series after the other under the same rules, in the same memory.
#[derive(Debug)]
pub struct CosinorFitter {
    rules: CosinorRules,
    squares: LeastSquares,
    distinct: Vec<f64>,
    angles: Vec<(f64, f64)>,
}

impl Cosinor {
    /// Fits one series; [`CosinorFitter`] is for many.
    ///
    /// # Errors
    /// See [`CosinorError`].
    ///
    /// ```
    /// use diel_core::cosinor::Cosinor;
    /// // 3 + 2 cos(2 pi t / 24), which is 3 + sqrt 2 at 03:00.
    /// let cosinor = Cosinor::fit(&[0.0, 6.0, 12.0, 18.0, 3.0], &[5.0, 3.0, 1.0, 3.0, 3.0 + 2f64.sqrt()])?;
    /// assert!((cosinor.mesor - 3.0).abs() < 1e-12);
    /// let wave = &cosinor.waves[0];
    /// assert!((wave.amplitude() - 2.0).abs() < 1e-12);
    /// assert!(wave.peak_h().unwrap() < 1e-9);
    /// # Ok::<(), diel_core::cosinor::CosinorError>(())
    /// ```
    pub fn fit(hours: &[f64], values: &[f64]) -> Result<Self, CosinorError> {
        CosinorFitter::default().fit(hours, values)
    }

    /// M -+ t SE(M).
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of values are exact in a double"
    )]
    pub fn mesor_interval(&self, confidence: Confidence) -> Interval {
        let t = student_quantile(confidence, self.residual_df as f64);
        Interval::around(self.mesor, t * self.mesor_se)
    }

    /// The fitted curve at a time, hours.
    #[must_use]
    pub fn value_at(&self, hours: f64) -> f64 {
        self.waves.iter().fold(self.mesor, |sum, wave| {
            let (sine, cosine) = (TAU * hours / wave.period_h()).sin_cos();
            sum + wave.beta() * cosine + wave.gamma() * sine
        })
    }
}

impl Default for CosinorFitter {
    fn default() -> Self {
        Self::of(CosinorRules::default())
    }
}

impl CosinorFitter {
    /// A fitter under rules.
    ///
    /// # Errors
    /// Rules that make no sense.
    pub fn new(rules: CosinorRules) -> Result<Self, CosinorRulesError> {
        rules.check().map(Self::of)
    }

    fn of(rules: CosinorRules) -> Self {
        Self {
            rules,
            squares: LeastSquares::default(),
            distinct: Vec::new(),
            angles: Vec::new(),
        }
    }

    /// Fits values in any unit at times in hours, in any order. Constant values are a stated answer: amplitude 0, F 0, p
    /// 1, no acrophase.
    ///
    /// # Errors
    /// A series that does not determine the curve under the rules; see [`CosinorError`]. What costs least to find is
    /// found first.
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of values are exact in a double"
    )]
    pub fn fit(&mut self, hours: &[f64], values: &[f64]) -> Result<Cosinor, CosinorError> {
        self.check(hours, values)?;
        let condition = self.solve(hours, values)?;
        let (n, coefficients) = (values.len(), self.rules.coefficients());
        let residual_df = n - coefficients;
        let residual_square = self.squares.residual_square();
        let explained_square = self.squares.explained_square();
        let variance = residual_square / residual_df as f64;
        let zero_amplitude_f = if explained_square > 0.0 {
            explained_square / (coefficients - 1) as f64 / variance
        } else {
            0.0
        };
        let zero_amplitude_p =
            f_of_pairs(zero_amplitude_f, self.rules.harmonics, residual_df as f64);
        let intercept = self.squares.coefficients().first().copied();
        let cosinor = Cosinor {
            mesor: base(values) + intercept.unwrap_or_default(),
            mesor_se: (variance * self.squares.unscaled_covariance(0, 0)).sqrt(),
            waves: self.waves(variance, residual_df as f64),
            values: n,
            residual_df,
            residual_square,
            residual_sd: variance.sqrt(),
            explained_share: if explained_square > 0.0 {
                explained_square / (explained_square + residual_square)
            } else {
                0.0
            },
            zero_amplitude_f,
            zero_amplitude_p,
            condition,
        };
        if (residual_square + explained_square).is_finite() && cosinor.mesor.is_finite() {
            Ok(cosinor)
        } else {
            Err(CosinorError::TooLarge)
        }
    }

    /// Refuses what needs no algebra to be refused.
    fn check(&mut self, hours: &[f64], values: &[f64]) -> Result<(), CosinorError> {
        if hours.len() != values.len() {
            return Err(CosinorError::LengthsDiffer {
                times: hours.len(),
                values: values.len(),
            });
        }
        let mut points = hours.iter().zip(values);
        if let Some(position) =
            points.position(|(hour, value)| !(hour.is_finite() && value.is_finite()))
        {
            return Err(CosinorError::NotFinite { position });
        }
        let coefficients = self.rules.coefficients();
        let needed = coefficients.saturating_add(self.rules.spare_times);
        self.distinct.clear();
        for &hour in hours {
            if self.distinct.len() == needed {
                break;
            }
            if !self.distinct.contains(&hour) {
                self.distinct.push(hour);
            }
        }
        let distinct = self.distinct.len();
        if distinct < needed {
            return Err(CosinorError::TooFewTimes { distinct, needed });
        }
        if values.len() <= coefficients {
            return Err(CosinorError::Saturated {
                values: values.len(),
                coefficients,
            });
        }
        let (first, last) = hours.iter().fold(
            (f64::INFINITY, f64::NEG_INFINITY),
            |(first, last), &hour| (first.min(hour), last.max(hour)),
        );
        let (span_h, needed_h) = (last - first, self.rules.span_share * self.rules.period_h);
        if span_h < needed_h {
            return Err(CosinorError::ShortSpan { span_h, needed_h });
        }
        Ok(())
    }

    /// Solves for the coefficients and returns the condition number.
    fn solve(&mut self, hours: &[f64], values: &[f64]) -> Result<f64, CosinorError> {
        let CosinorRules {
            period_h,
            harmonics,
            condition_limit: limit,
            ..
        } = self.rules;
        self.squares
            .begin(values.iter().map(|value| value - base(values)));
        self.squares.push_column(std::iter::repeat(1.0));
        for number in 1..=harmonics {
            let turns = f64::from(number) / period_h;
            self.angles.clear();
            // Whole turns are taken off before they are multiplied by 2 pi, which is not exact.
            self.angles.extend(hours.iter().map(|hour| {
                let turned = hour * turns;
                (TAU * (turned - turned.floor())).sin_cos()
            }));
            let angles = self.angles.iter();
            self.squares
                .push_column(angles.clone().map(|(_, cosine)| *cosine));
            self.squares.push_column(angles.map(|(sine, _)| *sine));
        }
        let ill = |condition| CosinorError::IllConditioned { condition, limit };
        self.squares.solve().map_err(|_| ill(f64::INFINITY))?;
        let condition = self.squares.condition();
        if condition < limit {
            Ok(condition)
        } else {
            Err(ill(condition))
        }
    }

    fn waves(&self, variance: f64, residual_df: f64) -> Vec<Wave> {
        let at = |position| self.squares.coefficients().get(position).copied();
        (1..=self.rules.harmonics)
            .zip((1..).step_by(2))
            .map(|(number, cosine)| {
                let sine = cosine + 1;
                let covariance =
                    |one, other| variance * self.squares.unscaled_covariance(one, other);
                let vector = [cosine, sine].map(|position| at(position).unwrap_or_default());
                let matrix = [
                    [covariance(cosine, cosine), covariance(cosine, sine)],
                    [covariance(sine, cosine), covariance(sine, sine)],
                ];
                let f = 0.5 * squared_distance(vector, matrix);
                Wave::new(
                    vector,
                    matrix,
                    self.rules.period_h / f64::from(number),
                    residual_df,
                    Some(f_of_pairs(f, 1, residual_df)),
                )
            })
            .collect()
    }
}

/// Values are taken relative to the first, so that equal ones are exactly 0 and no wave is fitted to roundings.
fn base(values: &[f64]) -> f64 {
    values.first().copied().unwrap_or_default()
}
