//! Satterthwaite's degrees of freedom of the fixed effects.
//!
//! The variance v of a coefficient depends on the variance parameters (theta, sigma), which are estimated with the
//! covariance A = 2 (Hessian of the criterion)⁻¹. Then df = 2 v² / (∇vᵀ A ∇v).
//!
//! # References
//! Kuznetsova A, Brockhoff PB, Christensen RHB 2017. lmerTest package: tests in linear mixed effects models.
//! Journal of Statistical Software 82(13). doi:10.18637/jss.v082.i13.
#![expect(
    clippy::indexing_slicing,
    reason = "matrices have as many rows and columns as parameters or coefficients"
)]

use super::criterion::Objective;
use super::dense::eigen;
use super::model::Model;
use super::optimizer::Minimum;

/// Step of the central differences of the gradient, relative to an element of theta or to 0.1.
const STEP: f64 = 1e-4;

/// Directions of the Hessian with less curvature than this are left out: a variance on its boundary adds no
/// uncertainty. The value is lmerTest's.
pub(super) const FLAT: f64 = 1e-8;

/// One number a coefficient; infinite where the variance is known.
pub(super) fn degrees_of_freedom(
    model: &Model,
    objective: &Objective<'_>,
    minimum: &Minimum,
) -> Vec<f64> {
    let k = minimum.theta.len();
    let p = model.fixed.len();
    let size = k + 1;
    let sigma = (minimum.at.residual_squares / objective.degrees()).sqrt();
    let hessian = hessian(objective, minimum, sigma);
    let Some(hessian) = hessian else {
        return vec![f64::NAN; p];
    };
    let (values, vectors) = eigen(&hessian, size);
    let back = model.fixed.back_transformation();
    let slopes = covariance_slopes(minimum, sigma, p);
    (0..p)
        .map(|index| {
            let direction = &back[index * p..(index + 1) * p];
            let of_variance: Vec<f64> = slopes
                .iter()
                .map(|slope| quadratic(slope, direction))
                .collect();
            let variance = sigma * sigma * quadratic(&minimum.at.covariance, direction);
            let spread: f64 = (0..size)
                .filter(|&axis| values[axis] > FLAT)
                .map(|axis| {
                    let along: f64 = (0..size)
                        .map(|row| vectors[row * size + axis] * of_variance[row])
                        .sum();
                    2.0 * along * along / values[axis]
                })
                .sum();
            2.0 * variance * variance / spread
        })
        .collect()
}

/// The second derivatives of the criterion in (theta, sigma), not profiled over sigma.
fn hessian(objective: &Objective<'_>, minimum: &Minimum, sigma: f64) -> Option<Vec<f64>> {
    let k = minimum.theta.len();
    let size = k + 1;
    let variance = sigma * sigma;
    let mut hessian = vec![0.0; size * size];
    for index in 0..k {
        let step = STEP * minimum.theta[index].abs().max(0.1);
        let gradient = |by: f64| {
            let mut theta = minimum.theta.clone();
            theta[index] += by;
            let at = objective.evaluate(&theta)?;
            let parts = at
                .gradient_of_determinants
                .iter()
                .zip(&at.gradient_of_residual);
            Some(
                parts
                    .map(|(left, right)| left + right / variance)
                    .collect::<Vec<f64>>(),
            )
        };
        let (above, below) = (gradient(step)?, gradient(-step)?);
        for other in 0..k {
            hessian[index * size + other] = (above[other] - below[other]) / (2.0 * step);
        }
        let mixed = -2.0 * minimum.at.gradient_of_residual[index] / (variance * sigma);
        hessian[index * size + k] = mixed;
        hessian[k * size + index] = mixed;
    }
    for row in 0..k {
        for column in 0..row {
            let mean = 0.5 * (hessian[row * size + column] + hessian[column * size + row]);
            hessian[row * size + column] = mean;
            hessian[column * size + row] = mean;
        }
    }
    // d²/dsigma² of 2 nu log(sigma) + r²/sigma² at sigma² = r²/nu.
    hessian[k * size + k] = 4.0 * objective.degrees() / variance;
    Some(hessian)
}

/// Derivatives of the scaled covariance sigma² M⁻¹ in (theta, sigma).
fn covariance_slopes(minimum: &Minimum, sigma: f64, p: usize) -> Vec<Vec<f64>> {
    let inverse = &minimum.at.covariance;
    let in_theta = minimum.at.information_slopes.iter().map(|slope| {
        let inner = product(&product(inverse, slope, p), inverse, p);
        inner
            .into_iter()
            .map(|value| -sigma * sigma * value)
            .collect()
    });
    let in_sigma = inverse.iter().map(|value| 2.0 * sigma * value).collect();
    in_theta.chain([in_sigma]).collect()
}

fn product(left: &[f64], right: &[f64], size: usize) -> Vec<f64> {
    let mut product = vec![0.0; size * size];
    for row in 0..size {
        for column in 0..size {
            product[row * size + column] = (0..size)
                .map(|inner| left[row * size + inner] * right[inner * size + column])
                .sum();
        }
    }
    product
}

fn quadratic(matrix: &[f64], direction: &[f64]) -> f64 {
    let p = direction.len();
    let mut sum = 0.0;
    for row in 0..p {
        for column in 0..p {
            sum += direction[row] * matrix[row * p + column] * direction[column];
        }
    }
    sum
}
