//! One wave A cos(j w t - phi) as estimated: its vector (beta, gamma), amplitude, acrophase, and how sure they are.

use std::f64::consts::TAU;

use thiserror::Error;

use super::Interval;
use crate::tails::{Confidence, student_quantile};

/// An acrophase this close below a full turn is one of 0 that was rounded: in radians, 14 nanoseconds of a day.
const TURN_TOLERANCE: f64 = 1e-12;

/// One wave A cos(j w t - phi) = beta cos(j w t) + gamma sin(j w t) as estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wave {
    vector: [f64; 2],
    covariance: [[f64; 2]; 2],
    period_h: f64,
    df: f64,
    /// The probability of so great a vector where there is no wave, if acrophases are to depend on it.
    zero_p: Option<f64>,
}

/// Why an acrophase has no interval.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum NoAcrophase {
    /// The wave is flat.
    #[error("the amplitude is 0, which is highest nowhere")]
    NoAmplitude,
    /// Any acrophase is compatible with the data.
    #[error("the confidence region of the amplitude covers 0, so that any acrophase is possible")]
    RegionCoversZero,
}

impl Wave {
    pub(super) fn new(
        vector: [f64; 2],
        covariance: [[f64; 2]; 2],
        period_h: f64,
        df: f64,
        zero_p: Option<f64>,
    ) -> Self {
        Self {
            vector,
            covariance,
            period_h,
            df,
            zero_p,
        }
    }

    /// The coefficient of cos(j w t), in the unit of the values.
    #[must_use]
    pub fn beta(&self) -> f64 {
        let [beta, _] = self.vector;
        beta
    }

    /// The coefficient of sin(j w t), in the unit of the values.
    #[must_use]
    pub fn gamma(&self) -> f64 {
        let [_, gamma] = self.vector;
        gamma
    }

    /// The covariance of (beta, gamma), in the unit of the values squared.
    #[must_use]
    pub fn covariance(&self) -> [[f64; 2]; 2] {
        self.covariance
    }

    /// The period of this wave, hours: that of the rhythm over the number of the harmonic.
    #[must_use]
    pub fn period_h(&self) -> f64 {
        self.period_h
    }

    /// A = sqrt(beta^2 + gamma^2), half the distance from trough to peak, in the unit of the values.
    #[must_use]
    pub fn amplitude(&self) -> f64 {
        self.beta().hypot(self.gamma())
    }

    /// phi = atan2(gamma, beta) in [0, 2 pi): the wave is highest at t = phi / (j w). `None` when the amplitude is 0.
    #[must_use]
    pub fn acrophase_rad(&self) -> Option<f64> {
        (self.amplitude() > 0.0).then(|| {
            let angle = self.gamma().atan2(self.beta());
            let turned = if angle < 0.0 { angle + TAU } else { angle };
            if turned >= TAU - TURN_TOLERANCE {
                0.0
            } else {
                turned
            }
        })
    }

    /// The time at which the wave is highest, hours after time 0, in [0, period).
    #[must_use]
    pub fn peak_h(&self) -> Option<f64> {
        self.acrophase_rad()
            .map(|phi| phi / TAU * self.period_h)
            .map(|hours| if hours < self.period_h { hours } else { 0.0 })
    }

    /// Standard error of the amplitude by the delta method, with the covariance of beta and gamma:
    /// Var A = (beta^2 Vbb + 2 beta gamma Vbg + gamma^2 Vgg) / A^2.
    #[must_use]
    pub fn amplitude_se(&self) -> Option<f64> {
        Some(self.turned()?.along.sqrt())
    }

    /// Standard error of the acrophase by the delta method, radians:
    /// Var phi = (gamma^2 Vbb - 2 beta gamma Vbg + beta^2 Vgg) / A^4.
    #[must_use]
    pub fn acrophase_se_rad(&self) -> Option<f64> {
        Some(self.turned()?.across.sqrt() / self.amplitude())
    }

    /// A -+ t SE(A). The lower end may be negative: then the interval covers 0. `None` when the amplitude is 0.
    #[must_use]
    pub fn amplitude_interval(&self, confidence: Confidence) -> Option<Interval> {
        let half_width = student_quantile(confidence, self.df) * self.amplitude_se()?;
        Some(Interval::around(self.amplitude(), half_width))
    }

    /// The acrophases that the data do not rule out, radians, after Fieller's theorem as in Bingham 1982: those phi at
    /// which the component of (beta, gamma) across the direction phi lies within t standard errors of 0. The interval
    /// is not symmetric. Its ends lie within a quarter of a turn of the estimate, so the lower one may be negative and
    /// the upper one above 2 pi.
    ///
    /// # Errors
    /// No acrophase is stated where the amplitude is 0 or its region covers 0: for one series the joint region of
    /// beta and gamma, which is the zero-amplitude test, and for a population the interval of the amplitude.
    pub fn acrophase_interval_rad(&self, confidence: Confidence) -> Result<Interval, NoAcrophase> {
        let (Some(phi), Some(turned)) = (self.acrophase_rad(), self.turned()) else {
            return Err(NoAcrophase::NoAmplitude);
        };
        let t = student_quantile(confidence, self.df);
        let square = t * t;
        // With T = tan(phi' - phi) the condition reads (A^2 - t^2 along) T^2 + 2 t^2 cross T - t^2 across <= 0.
        let leading = self.amplitude().powi(2) - square * turned.along;
        let is_there = self.zero_p.is_none_or(|p| p <= confidence.miss());
        if leading <= 0.0 || !is_there {
            return Err(NoAcrophase::RegionCoversZero);
        }
        let root = t * (square * turned.cross.powi(2) + leading * turned.across).sqrt();
        let middle = square * turned.cross;
        Ok(Interval {
            lower: phi + ((-middle - root) / leading).atan(),
            upper: phi + ((root - middle) / leading).atan(),
        })
    }

    /// The same in hours.
    ///
    /// # Errors
    /// As [`Wave::acrophase_interval_rad`].
    pub fn peak_interval_h(&self, confidence: Confidence) -> Result<Interval, NoAcrophase> {
        let hours = |angle: f64| angle / TAU * self.period_h;
        self.acrophase_interval_rad(confidence)
            .map(|interval| Interval {
                lower: hours(interval.lower),
                upper: hours(interval.upper),
            })
    }

    /// The covariance in the directions along and across the vector.
    pub(super) fn turned(&self) -> Option<TurnedCovariance> {
        let amplitude = self.amplitude();
        (amplitude > 0.0).then(|| {
            turn(
                self.covariance,
                self.beta() / amplitude,
                self.gamma() / amplitude,
            )
        })
    }
}

/// Variances along and across a direction, and the covariance of the two.
#[derive(Debug, Clone, Copy)]
pub(super) struct TurnedCovariance {
    pub(super) along: f64,
    pub(super) across: f64,
    pub(super) cross: f64,
}

/// Turns a covariance into the direction (cosine, sine). Rounding leaves no variance below 0.
pub(super) fn turn(covariance: [[f64; 2]; 2], cosine: f64, sine: f64) -> TurnedCovariance {
    let [[bb, bg], [_, gg]] = covariance;
    let (cc, cs, ss) = (cosine * cosine, cosine * sine, sine * sine);
    TurnedCovariance {
        along: (cc * bb + 2.0 * cs * bg + ss * gg).max(0.0),
        across: (ss * bb - 2.0 * cs * bg + cc * gg).max(0.0),
        cross: cs * (gg - bb) + (cc - ss) * bg,
    }
}

/// v' C^-1 v. Infinite where the covariance is singular and the vector is not 0.
pub(super) fn squared_distance(vector: [f64; 2], covariance: [[f64; 2]; 2]) -> f64 {
    let [v, w] = vector;
    let [[bb, bg], [_, gg]] = covariance;
    if v == 0.0 && w == 0.0 {
        return 0.0;
    }
    let determinant = bb * gg - bg * bg;
    if determinant > 0.0 {
        (v * v * gg - 2.0 * v * w * bg + w * w * bb) / determinant
    } else {
        f64::INFINITY
    }
}
