//! Satterthwaite's degrees of freedom of the fixed effects.
//!
//! The variance v of a coefficient depends on the variance parameters (theta, log sigma), which are estimated with the
//! covariance A = 2 (Hessian of the criterion)⁻¹. Then df = 2 v² / (∇vᵀ A ∇v), which is the same for log sigma as for
//! lmerTest's sigma. All is in units of sigma² and of each row of the factors, so that no scale of the response matters.
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

/// One number a coefficient; infinite where the variance is known. `None` where the criterion is no number beside the
/// minimum, because nothing is left of the residual there.
pub(super) fn degrees_of_freedom(
    model: &Model,
    objective: &Objective<'_>,
    minimum: &Minimum,
) -> Option<Vec<f64>> {
    let k = minimum.theta.len();
    let p = model.fixed.len();
    let size = k + 1;
    let mut hessian = hessian(objective, minimum)?;
    let mut slopes = covariance_slopes(minimum, p);
    let units = units(objective, minimum);
    for row in 0..size {
        for column in 0..size {
            hessian[row * size + column] *= units[row] * units[column];
        }
        slopes[row]
            .iter_mut()
            .for_each(|slope| *slope *= units[row]);
    }
    let (values, vectors) = eigen(&hessian, size);
    let back = model.fixed.back_transformation();
    let of_coefficient = (0..p).map(|index| {
        let direction = &back[index * p..(index + 1) * p];
        let of_variance: Vec<f64> = slopes
            .iter()
            .map(|slope| quadratic(slope, direction))
            .collect();
        let variance = quadratic(&minimum.at.covariance, direction);
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
    });
    Some(of_coefficient.collect())
}

/// What a change of each parameter is measured in: the length of its row of a factor where that is more than 1.
fn units(objective: &Objective<'_>, minimum: &Minimum) -> Vec<f64> {
    let (places, theta) = (&objective.layout.places, &minimum.theta);
    let each = places.iter().map(|place| {
        let row = places.iter().zip(theta);
        let row = row.filter(|(other, _)| (other.level, other.row) == (place.level, place.row));
        row.map(|(_, value)| value * value)
            .sum::<f64>()
            .sqrt()
            .max(1.0)
    });
    each.chain([1.0]).collect()
}

/// The second derivatives of the criterion in (theta, log sigma), not profiled over sigma.
fn hessian(objective: &Objective<'_>, minimum: &Minimum) -> Option<Vec<f64>> {
    let k = minimum.theta.len();
    let size = k + 1;
    let degrees = objective.degrees();
    let variance = minimum.at.residual_squares / degrees;
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
        let mixed = -2.0 * minimum.at.gradient_of_residual[index] / variance;
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
    // With s = log sigma: d²/ds² of 2 nu s + r² exp(-2 s) at exp(2 s) = r²/nu.
    hessian[k * size + k] = 4.0 * degrees;
    Some(hessian)
}

/// Derivatives of the scaled covariance sigma² M⁻¹ in (theta, log sigma), over sigma².
fn covariance_slopes(minimum: &Minimum, p: usize) -> Vec<Vec<f64>> {
    let inverse = &minimum.at.covariance;
    let in_theta = minimum.at.information_slopes.iter().map(|slope| {
        let inner = product(&product(inverse, slope, p), inverse, p);
        inner.into_iter().map(|value| -value).collect()
    });
    let in_log_sigma = inverse.iter().map(|value| 2.0 * value).collect();
    in_theta.chain([in_log_sigma]).collect()
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
