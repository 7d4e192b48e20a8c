//! The posterior of a tree's whitened effects when rows are censored or the residual has heavy tails.
//!
//! Each row's likelihood is replaced by a Gaussian site exp(nu eta - tau eta²/2) in eta = z̃ᵀ u: exactly for a normal
//! row, by expectation propagation for a censored one, by the variational weight (df + 1) / (df + E[e²]/sigma²) for a
//! row of Student's t. At convergence the gradient of the approximate log likelihood is that at fixed sites.
//!
//! # References
//! Minka TP 2001. Expectation propagation for approximate Bayesian inference. Proceedings of UAI 17, 362-369.
//! Rasmussen CE, Williams CKI 2006. Gaussian processes for machine learning, chapter 3 (site updates and evidence).
//! Lange KL, Little RJA, Taylor JMG 1989. Robust statistical modeling using the t distribution. Journal of the American
//! Statistical Association 84:881-896. doi:10.1080/01621459.1989.10478852.
#![expect(
    clippy::indexing_slicing,
    reason = "all vectors have the length of the unit's rows or effects"
)]

use libm::lgamma;

use super::dense::Cholesky;
use super::{Observed, Residual};
use crate::normal;

/// Sweeps over the sites of a tree; a handful suffices, heavy tails want more.
const MOST_SWEEPS: usize = 500;

/// Change of a site's mean, in residual standard deviations, below which a tree has converged.
const SETTLED: f64 = 1e-11;

/// A row at the present parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowState {
    /// Response, or limit, less the fixed part.
    pub(super) rest: f64,
    /// Residual standard deviation of the row.
    pub(super) sd: f64,
    pub(super) observed: Observed,
    /// Precision of the site.
    pub(super) tau: f64,
    /// Precision times mean of the site.
    pub(super) nu: f64,
    /// Posterior mean and variance of eta.
    pub(super) mean: f64,
    pub(super) variance: f64,
    /// d log likelihood / d log sigma at fixed sites.
    pub(super) slope_of_log_sd: f64,
}

/// Memory for one tree: z̃ (rows x effects), posterior mean and covariance.
#[derive(Debug, Default)]
pub(super) struct Posterior {
    pub(super) size: usize,
    pub(super) rows: Vec<RowState>,
    pub(super) z: Vec<f64>,
    pub(super) mean: Vec<f64>,
    pub(super) covariance: Vec<f64>,
    along: Vec<f64>,
}

impl Posterior {
    /// Forgets the last tree.
    pub(super) fn begin(&mut self, size: usize) {
        self.size = size;
        self.rows.clear();
        self.z.clear();
    }

    /// Finds the sites and returns the approximate log likelihood; `None` where it is not a number.
    pub(super) fn settle(&mut self, residual: Residual) -> Option<f64> {
        for row in &mut self.rows {
            let exactly = row.observed == Observed::Exactly;
            row.tau = if exactly { row.sd.powi(-2) } else { 0.0 };
            row.nu = row.tau * row.rest;
        }
        let mut log_determinant = self.refresh()?;
        let settled = self
            .rows
            .iter()
            .all(|row| row.observed == Observed::Exactly)
            && residual == Residual::Normal;
        for _ in 0..if settled { 0 } else { MOST_SWEEPS } {
            let moved = match residual {
                Residual::Normal => self.sweep_censored(),
                Residual::StudentT { df } => self.weigh(df),
            };
            log_determinant = self.refresh()?;
            if moved < SETTLED {
                break;
            }
        }
        let value = match residual {
            Residual::Normal => self.evidence(log_determinant),
            Residual::StudentT { df } => self.bound(df, log_determinant),
        };
        value.is_finite().then_some(value)
    }

    /// Posterior mean and covariance from all sites; the log determinant of the precision.
    fn refresh(&mut self) -> Option<f64> {
        let size = self.size;
        let mut precision = vec![0.0; size * size];
        let mut shift = vec![0.0; size];
        for index in 0..size {
            precision[index * size + index] = 1.0;
        }
        for (row, z) in self.rows.iter().zip(self.z.chunks(size.max(1))) {
            for first in 0..size {
                if z[first] == 0.0 {
                    continue;
                }
                shift[first] += row.nu * z[first];
                for second in 0..=first {
                    precision[first * size + second] += row.tau * z[first] * z[second];
                }
            }
        }
        let cholesky = Cholesky::of(&precision, size)?;
        self.covariance = cholesky.inverse();
        cholesky.solve(&mut shift);
        self.mean = shift;
        for (row, z) in self.rows.iter_mut().zip(self.z.chunks(size.max(1))) {
            row.mean = dot(z, &self.mean);
            row.variance = quadratic(z, &self.covariance);
        }
        Some(cholesky.log_determinant())
    }

    /// One sweep of expectation propagation over the censored rows. Returns the largest move of a mean.
    fn sweep_censored(&mut self) -> f64 {
        let size = self.size;
        let mut moved: f64 = 0.0;
        for index in 0..self.rows.len() {
            if self.rows[index].observed == Observed::Exactly {
                continue;
            }
            let z = &self.z[index * size..(index + 1) * size];
            self.along.clear();
            self.along
                .extend(self.covariance.chunks(size.max(1)).map(|line| dot(line, z)));
            let row = &mut self.rows[index];
            (row.mean, row.variance) = (dot(z, &self.mean), dot(z, &self.along));
            if row.variance < 1e-14 * row.sd * row.sd {
                continue;
            }
            let cavity = Cavity::of(row);
            let (tau, nu) = cavity.site(row);
            let (more, shift) = (tau - row.tau, nu - row.nu);
            (row.tau, row.nu) = (tau, nu);
            let scale = 1.0 / (1.0 + more * row.variance);
            let step = (shift - more * row.mean) * scale;
            moved = moved.max((step * row.variance / row.sd).abs());
            for (mean, along) in self.mean.iter_mut().zip(&self.along) {
                *mean += step * along;
            }
            for (line, left) in self.covariance.chunks_mut(size.max(1)).zip(&self.along) {
                for (cell, right) in line.iter_mut().zip(&self.along) {
                    *cell -= more * scale * left * right;
                }
            }
        }
        moved
    }

    /// Weights of Student's t given the present posterior. Returns the largest change of a weight.
    fn weigh(&mut self, df: f64) -> f64 {
        let mut moved: f64 = 0.0;
        for row in &mut self.rows {
            let precision = row.sd.powi(-2);
            let weight = (df + 1.0) / (df + row.expected_square());
            moved = moved.max((weight - row.tau / precision).abs());
            row.tau = weight * precision;
            row.nu = row.tau * row.rest;
        }
        moved
    }

    /// log of the integral of prior and sites, the sites of censored rows scaled to the mass of what they stand for.
    fn evidence(&mut self, log_determinant: f64) -> f64 {
        let mut value = -0.5 * log_determinant + 0.5 * self.shift_along_mean();
        for row in &mut self.rows {
            if row.observed == Observed::Exactly {
                let error = row.rest - row.mean;
                value -= 0.5 * (std::f64::consts::TAU * row.sd * row.sd).ln()
                    + 0.5 * (row.rest / row.sd).powi(2);
                row.slope_of_log_sd = (error * error + row.variance) / (row.sd * row.sd) - 1.0;
                continue;
            }
            let cavity = Cavity::of(row);
            let (z, total) = cavity.standard(row);
            let narrowed = 1.0 + row.tau * cavity.variance;
            let moment = row.nu * row.nu * cavity.variance + 2.0 * row.nu * cavity.mean
                - row.tau * cavity.mean * cavity.mean;
            value += normal::log_cumulative(z) + 0.5 * narrowed.ln() - 0.5 * moment / narrowed;
            row.slope_of_log_sd = -normal::density_over_cumulative(z) * z * row.sd * row.sd / total;
        }
        value
    }

    /// The variational lower bound of the log likelihood under Student's t.
    fn bound(&mut self, df: f64, log_determinant: f64) -> f64 {
        let size = self.size;
        let trace: f64 = (0..size)
            .map(|index| self.covariance[index * size + index])
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "effects of one tree are few")]
        let divergence =
            0.5 * (trace + dot(&self.mean, &self.mean) - size as f64 + log_determinant);
        let constant =
            lgamma(0.5 * (df + 1.0)) - lgamma(0.5 * df) - 0.5 * (df * std::f64::consts::PI).ln();
        let mut value = -divergence;
        for row in &mut self.rows {
            let square = row.expected_square();
            value += constant - row.sd.ln() - 0.5 * (df + 1.0) * (square / df).ln_1p();
            row.slope_of_log_sd = row.weight() * square - 1.0;
        }
        value
    }

    fn shift_along_mean(&self) -> f64 {
        // hᵀ C h = h . mean, with h the sum of nu z.
        self.rows.iter().map(|row| row.nu * row.mean).sum()
    }
}

impl RowState {
    /// E[(rest - eta)²] / sd².
    fn expected_square(&self) -> f64 {
        ((self.rest - self.mean).powi(2) + self.variance) / (self.sd * self.sd)
    }

    /// The site's precision relative to that of a normal row.
    pub(super) fn weight(&self) -> f64 {
        self.tau * self.sd * self.sd
    }
}

/// The posterior of eta without a row's own site.
struct Cavity {
    mean: f64,
    variance: f64,
}

impl Cavity {
    fn of(row: &RowState) -> Self {
        if row.tau == 0.0 && row.nu == 0.0 {
            return Self {
                mean: row.mean,
                variance: row.variance,
            };
        }
        let precision = (1.0 / row.variance - row.tau).max(f64::MIN_POSITIVE);
        let variance = 1.0 / precision;
        Self {
            mean: variance * (row.mean / row.variance - row.nu),
            variance,
        }
    }

    /// The limit in standard deviations of the predicted response, positive where the censoring is likely; their
    /// square.
    fn standard(&self, row: &RowState) -> (f64, f64) {
        let total = row.sd * row.sd + self.variance;
        (
            side(row.observed) * (row.rest - self.mean) / total.sqrt(),
            total,
        )
    }

    /// The site that gives the posterior the moments of the truncated distribution.
    fn site(&self, row: &RowState) -> (f64, f64) {
        let (z, total) = self.standard(row);
        let ratio = normal::density_over_cumulative(z);
        let mean = self.mean - side(row.observed) * self.variance * ratio / total.sqrt();
        let shrink = (self.variance * ratio * (z + ratio) / total).clamp(0.0, 1.0 - 1e-12);
        let variance = self.variance * (1.0 - shrink);
        let tau = (1.0 / variance - 1.0 / self.variance).max(0.0);
        (tau, mean / variance - self.mean / self.variance)
    }
}

const fn side(observed: Observed) -> f64 {
    match observed {
        Observed::Above => -1.0,
        Observed::Below | Observed::Exactly => 1.0,
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| left * right)
        .sum()
}

fn quadratic(z: &[f64], matrix: &[f64]) -> f64 {
    let lines = matrix.chunks(z.len().max(1));
    z.iter()
        .zip(lines)
        .map(|(factor, line)| factor * dot(line, z))
        .sum()
}
