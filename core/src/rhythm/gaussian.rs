//! A bivariate normal distribution of (intercept, slope), and what observations of lines add to it.

use crate::Reference;

/// Sums over observations of x = (1, t) with precisions w and deviations r: the matrix of w x x' and the vector
/// of w r x.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Information {
    pub(super) ww: f64,
    pub(super) wt: f64,
    pub(super) wtt: f64,
    pub(super) wr: f64,
    pub(super) wtr: f64,
}

impl Information {
    /// Adds `precision` times x x', and `weighted` (precision times deviation) times x.
    pub(super) fn add(&mut self, hours: f64, precision: f64, weighted: f64) {
        self.ww += precision;
        self.wt += precision * hours;
        self.wtt += precision * hours * hours;
        self.wr += weighted;
        self.wtr += weighted * hours;
    }

    /// The same information many times over.
    pub(super) fn times(self, factor: f64) -> Self {
        let Self {
            ww,
            wt,
            wtt,
            wr,
            wtr,
        } = self;
        Self {
            ww: ww * factor,
            wt: wt * factor,
            wtt: wtt * factor,
            wr: wr * factor,
            wtr: wtr * factor,
        }
    }
}

/// Between persons: mean and covariance of (intercept, slope).
#[derive(Debug, Clone, Copy)]
pub(super) struct Prior {
    pub(super) intercept: f64,
    pub(super) slope: f64,
    intercept_variance: f64,
    covariance: f64,
    slope_variance: f64,
    determinant: f64,
    pub(super) residual_variance: f64,
}

impl Prior {
    pub(super) fn of(reference: &Reference) -> Self {
        let (sd0, sd1, correlation) = (
            reference.intercept_sd(),
            reference.slope_sd(),
            reference.correlation(),
        );
        Self {
            intercept: reference.intercept_ln(),
            slope: reference.slope_ln_per_h(),
            intercept_variance: sd0 * sd0,
            covariance: correlation * sd0 * sd1,
            slope_variance: sd1 * sd1,
            determinant: (sd0 * sd1).powi(2) * (1.0 - correlation) * (1.0 + correlation),
            residual_variance: reference.residual_sd().powi(2),
        }
    }

    /// The mean line at a time.
    pub(super) fn at(&self, hours: f64) -> f64 {
        self.intercept + self.slope * hours
    }

    pub(super) fn slope_variance(&self) -> f64 {
        self.slope_variance
    }

    /// The distribution of the deviation from the mean line after observing.
    ///
    /// With G the prior covariance and A the matrix of the information, (G^-1 + A)^-1 = (G + |G| adj A) / D where
    /// D = 1 + tr(G A) + |G| |A|. Nothing is inverted, and a prior without spread needs no special case.
    pub(super) fn after(&self, seen: &Information) -> Deviation {
        let Self {
            intercept_variance: g00,
            covariance: g01,
            slope_variance: g11,
            determinant,
            ..
        } = *self;
        let Information {
            ww,
            wt,
            wtt,
            wr,
            wtr,
        } = *seen;
        let information_determinant = difference_of_products(ww, wtt, wt, wt).max(0.0);
        let trace = g00 * ww + 2.0 * g01 * wt + g11 * wtt;
        let divisor = 1.0 + trace.max(0.0) + determinant * information_determinant;
        let v00 = (g00 + determinant * wtt) / divisor;
        let v01 = (g01 - determinant * wt) / divisor;
        let v11 = (g11 + determinant * ww) / divisor;
        Deviation {
            m0: v00 * wr + v01 * wtr,
            m1: v01 * wr + v11 * wtr,
            v00,
            v01,
            v11,
        }
    }
}

/// A bivariate normal: means and covariance of a deviation of (intercept, slope).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Deviation {
    pub(super) m0: f64,
    pub(super) m1: f64,
    pub(super) v00: f64,
    pub(super) v01: f64,
    pub(super) v11: f64,
}

impl Deviation {
    /// Mean and variance of the line at a time.
    pub(super) fn at(&self, hours: f64) -> (f64, f64) {
        let variance = self.v00 + 2.0 * hours * self.v01 + hours * hours * self.v11;
        (self.m0 + hours * self.m1, variance.max(0.0))
    }
}

/// a b - c d without cancellation of rounding errors (Kahan).
fn difference_of_products(a: f64, b: f64, c: f64, d: f64) -> f64 {
    let cd = c * d;
    let error = (-c).mul_add(d, cd);
    a.mul_add(b, -cd) + error
}
