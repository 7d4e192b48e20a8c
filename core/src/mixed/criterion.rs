//! The profiled criterion, its gradient and its expected curvature in theta.
//!
//! With H = I + Z Λ Λᵀ Zᵀ, M = Xᵀ H⁻¹ X and r² the residual sum of squares under H⁻¹, the criterion is
//!
//! ```text
//! ML:    log|H| + n (1 + log(2 pi r²/n))
//! REML:  log|H| + log|M| + (n-p) (1 + log(2 pi r²/(n-p)))
//! ```
//!
//! each less the sum of the logarithms of the prior weights. Its gradient in Ψ = Λ Λᵀ of a level is
//! sum S - sum T M⁻¹ Tᵀ (REML only) - nu/r² sum g gᵀ with T, g = zᵀ H⁻¹ (X, y - X beta); in Λ it is twice that times Λ.
#![expect(
    clippy::indexing_slicing,
    reason = "dimensions are fixed when the panels are made; the loops run below them"
)]

use rayon::prelude::*;

use super::Criterion;
use super::dense::Cholesky;
use super::elimination::{Scales, Scratch, Sums, pairs, sums_over};
use super::panels::{BLOCKS_A_CHUNK, Panels};
use super::parameters::{Factors, Layout};

/// What the criterion is made of.
pub(super) struct Objective<'a> {
    pub(super) panels: &'a Panels,
    pub(super) layout: &'a Layout,
    pub(super) criterion: Criterion,
    /// n.
    pub(super) rows: f64,
    /// Sum of the logarithms of the prior weights.
    pub(super) log_weights: f64,
    /// log|Xᵀ H⁻¹ X| in the design's units minus that in scaled ones.
    pub(super) log_scales: f64,
}

/// The criterion at one theta.
#[derive(Debug, Clone)]
pub(super) struct Evaluation {
    pub(super) value: f64,
    /// In theta.
    pub(super) gradient: Vec<f64>,
    /// Of the logarithms of the determinants alone, and of r² alone.
    pub(super) gradient_of_determinants: Vec<f64>,
    pub(super) gradient_of_residual: Vec<f64>,
    /// Expected curvature in theta, row-major; a metric for steps.
    pub(super) curvature: Vec<f64>,
    /// Scaled coefficients.
    pub(super) beta: Vec<f64>,
    /// M⁻¹, scaled.
    pub(super) covariance: Vec<f64>,
    /// r².
    pub(super) residual_squares: f64,
    /// d M / d theta, one matrix an element.
    pub(super) information_slopes: Vec<Vec<f64>>,
    /// dD/dΨ of each level, square.
    pub(super) psi_gradient: Factors,
}

impl Objective<'_> {
    /// nu: what the residual sum of squares is divided by.
    pub(super) fn degrees(&self) -> f64 {
        match self.criterion {
            Criterion::Reml => self.rows - self.fixed_count(),
            Criterion::Ml => self.rows,
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of columns are exact in a double"
    )]
    fn fixed_count(&self) -> f64 {
        (self.panels.shape.root - 1) as f64
    }

    /// Sums over all groups, chunk by chunk in order.
    fn sums(&self, theta: &[f64]) -> Option<Sums> {
        let scales = Scales::of(self.layout.factors(theta), &self.panels.shape);
        let blocks = self.panels.block_count();
        let chunk = |begin: usize, scratch: &mut Scratch| {
            let end = (begin + BLOCKS_A_CHUNK).min(blocks);
            sums_over(self.panels, begin..end, &scales, scratch)
        };
        let begins: Vec<usize> = (0..blocks).step_by(BLOCKS_A_CHUNK).collect();
        let new = || Scratch::new(&self.panels.shape);
        let parts: Vec<Sums> = if begins.len() < 2 {
            let mut scratch = new();
            begins
                .into_iter()
                .map(|begin| chunk(begin, &mut scratch))
                .collect()
        } else {
            let each = begins.into_par_iter();
            each.map_init(new, |scratch, begin| chunk(begin, scratch))
                .collect()
        };
        parts.into_iter().reduce(|mut all, part| {
            all.add(&part);
            all
        })
    }

    /// Evaluates; `None` where it is not a finite number.
    pub(super) fn evaluate(&self, theta: &[f64]) -> Option<Evaluation> {
        let sums = self.sums(theta)?;
        let m = self.panels.shape.root;
        let p = m - 1;
        let full = square(&self.panels.total, &sums.taken, m);
        let information: Vec<f64> = (0..p)
            .flat_map(|row| full[row * m..row * m + p].to_vec())
            .collect();
        let mut beta: Vec<f64> = (0..p).map(|row| full[row * m + p]).collect();
        let cholesky = Cholesky::of(&information, p)?;
        cholesky.forward(&mut beta);
        let residual_squares =
            full[m * m - 1] - beta.iter().map(|value| value * value).sum::<f64>();
        cholesky.backward(&mut beta);
        if residual_squares.is_nan() || residual_squares <= 0.0 {
            return None;
        }
        let covariance = cholesky.inverse();
        let degrees = self.degrees();
        let of_information = match self.criterion {
            Criterion::Reml => cholesky.log_determinant() + self.log_scales,
            Criterion::Ml => 0.0,
        };
        let scale = std::f64::consts::TAU * residual_squares / degrees;
        let value =
            sums.log_determinant + of_information + degrees * (1.0 + scale.ln()) - self.log_weights;
        if !value.is_finite() {
            return None;
        }
        let mut evaluation = Evaluation {
            value,
            gradient: Vec::new(),
            gradient_of_determinants: Vec::new(),
            gradient_of_residual: Vec::new(),
            curvature: Vec::new(),
            beta,
            covariance,
            residual_squares,
            information_slopes: Vec::new(),
            psi_gradient: Vec::new(),
        };
        self.differentiate(theta, &sums, &mut evaluation);
        Some(evaluation)
    }

    fn differentiate(&self, theta: &[f64], sums: &Sums, at: &mut Evaluation) {
        let p = self.panels.shape.root - 1;
        let mut residual_weights: Vec<f64> = at.beta.iter().map(|value| -value).collect();
        residual_weights.push(1.0);
        let lambda = self.layout.factors(theta);
        let ratio = self.degrees() / at.residual_squares;
        let (mut of_determinants, mut of_residual) = (Factors::new(), Factors::new());
        for (level, &q) in self.panels.shape.sizes.iter().enumerate() {
            let products = Products {
                uu: &sums.uu[level],
                columns: p + 1,
                length: q * (p + 1),
            };
            let mut determinants = sums.s[level].clone();
            let mut residual = vec![0.0; q * q];
            for row in 0..q {
                for column in 0..q {
                    let at_cell = row * q + column;
                    residual[at_cell] = -products.weighted(
                        row,
                        column,
                        |x, y| residual_weights[x] * residual_weights[y],
                        p + 1,
                    );
                    if self.criterion == Criterion::Reml {
                        determinants[at_cell] -=
                            products.weighted(row, column, |x, y| at.covariance[x * p + y], p);
                    }
                }
            }
            at.psi_gradient.push(
                determinants
                    .iter()
                    .zip(&residual)
                    .map(|(left, right)| left + ratio * right)
                    .collect(),
            );
            of_determinants.push(determinants);
            of_residual.push(residual);
        }
        at.gradient_of_determinants = self.in_theta(&of_determinants, &lambda);
        at.gradient_of_residual = self.in_theta(&of_residual, &lambda);
        at.gradient = at
            .gradient_of_determinants
            .iter()
            .zip(&at.gradient_of_residual)
            .map(|(left, right)| left + ratio * right)
            .collect();
        at.information_slopes = self.information_slopes(sums, &lambda);
        at.curvature = self.curvature(sums, &lambda, &at.psi_gradient);
    }

    /// Twice G Λ at the places of theta.
    fn in_theta(&self, psi: &Factors, lambda: &Factors) -> Vec<f64> {
        let each = self.layout.places.iter();
        each.map(|place| {
            let q = self.layout.size(place.level);
            let (psi, lambda) = (&psi[place.level], &lambda[place.level]);
            2.0 * (0..q)
                .map(|inner| psi[place.row * q + inner] * lambda[inner * q + place.column])
                .sum::<f64>()
        })
        .collect()
    }

    /// dM/dtheta = -sum Tᵀ (dΨ) T.
    fn information_slopes(&self, sums: &Sums, lambda: &Factors) -> Vec<Vec<f64>> {
        let p = self.panels.shape.root - 1;
        let each = self.layout.places.iter();
        each.map(|place| {
            let q = self.layout.size(place.level);
            let products = Products {
                uu: &sums.uu[place.level],
                columns: p + 1,
                length: q * (p + 1),
            };
            let mut slope = vec![0.0; p * p];
            for x in 0..p {
                for y in 0..p {
                    let sum: f64 = (0..q)
                        .map(|inner| {
                            let factor = lambda[place.level][inner * q + place.column];
                            factor
                                * (products.at(place.row, x, inner, y)
                                    + products.at(inner, x, place.row, y))
                        })
                        .sum();
                    slope[x * p + y] = -sum;
                }
            }
            slope
        })
        .collect()
    }

    /// The expected information of theta with the residual variance profiled, level by level, and where a factor is
    /// near the boundary the curvature that remains there.
    fn curvature(&self, sums: &Sums, lambda: &Factors, psi_gradient: &Factors) -> Vec<f64> {
        let places = &self.layout.places;
        let k = places.len();
        // Change of each element of Ψ (upper triangle) by each theta, as a direction in the space of S.
        let directions: Vec<Vec<f64>> = places
            .iter()
            .map(|place| {
                let q = self.layout.size(place.level);
                let lambda = &lambda[place.level];
                let mut direction = Vec::with_capacity(pairs(q));
                for row in 0..q {
                    for column in row..q {
                        let left = if row == place.row {
                            lambda[column * q + place.column]
                        } else {
                            0.0
                        };
                        let right = if column == place.row {
                            lambda[row * q + place.column]
                        } else {
                            0.0
                        };
                        // Off the diagonal both halves change alike.
                        direction.push(if row == column {
                            left + right
                        } else {
                            2.0 * (left + right)
                        });
                    }
                }
                direction
            })
            .collect();
        let mut curvature = vec![0.0; k * k];
        let traces: Vec<f64> = places
            .iter()
            .zip(&directions)
            .map(|(place, direction)| {
                let q = self.layout.size(place.level);
                let upper = (0..q).flat_map(|row| (row..q).map(move |column| row * q + column));
                upper
                    .zip(direction)
                    .map(|(cell, part)| sums.s[place.level][cell] * part)
                    .sum()
            })
            .collect();
        for first in 0..k {
            for second in 0..k {
                let (one, other) = (places[first], places[second]);
                let mut sum = -traces[first] * traces[second] / self.degrees();
                if one.level == other.level {
                    let q = self.layout.size(one.level);
                    sum += expected(&sums.ss[one.level], q, &lambda[one.level], one, other);
                    if one.column == other.column {
                        let (diagonal, cell) = (
                            one.row == other.row,
                            psi_gradient[one.level][one.row * q + other.row],
                        );
                        sum += if diagonal { 2.0 * cell.max(0.0) } else { 0.0 };
                    }
                }
                curvature[first * k + second] = sum;
            }
        }
        curvature
    }
}

/// sum over groups of tr(S dΨ_one S dΨ_other).
fn expected(
    ss: &[f64],
    q: usize,
    lambda: &[f64],
    one: super::parameters::Place,
    other: super::parameters::Place,
) -> f64 {
    // dΨ = e lᵀ + l eᵀ with e the unit vector of the row and l the column of Λ:
    // tr(S dΨ S dΨ') = 2 (S[e,e'] l'S l + (S l')[e] (S l)[e']).
    let count = pairs(q);
    let cell = |row: usize, column: usize| {
        let (low, high) = if row <= column {
            (row, column)
        } else {
            (column, row)
        };
        low * q - pairs(low) + low + high - low
    };
    let product = |a: (usize, usize), b: (usize, usize)| {
        let (a, b) = (cell(a.0, a.1), cell(b.0, b.1));
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        ss[low * count - pairs(low) + low + high - low]
    };
    let mut sum = 0.0;
    for inner in 0..q {
        let left = lambda[inner * q + one.column];
        if left == 0.0 {
            continue;
        }
        for outer in 0..q {
            let right = lambda[outer * q + other.column];
            if right != 0.0 {
                sum += left
                    * right
                    * (product((one.row, other.row), (inner, outer))
                        + product((one.row, outer), (inner, other.row)));
            }
        }
    }
    2.0 * sum
}

/// Sums of products of the elements of U.
struct Products<'a> {
    uu: &'a [f64],
    columns: usize,
    length: usize,
}

impl Products<'_> {
    /// sum U[a, x] U[b, y].
    fn at(&self, a: usize, x: usize, b: usize, y: usize) -> f64 {
        let (first, second) = (a * self.columns + x, b * self.columns + y);
        let (low, high) = if first <= second {
            (first, second)
        } else {
            (second, first)
        };
        // Row `low` of an upper triangle begins after the rows before it.
        self.uu[low * self.length - pairs(low) + low + high - low]
    }

    fn weighted(
        &self,
        a: usize,
        b: usize,
        weight: impl Fn(usize, usize) -> f64,
        count: usize,
    ) -> f64 {
        let mut sum = 0.0;
        for x in 0..count {
            for y in 0..count {
                sum += weight(x, y) * self.at(a, x, b, y);
            }
        }
        sum
    }
}

/// total - taken, both upper triangles by rows, as a full square.
fn square(total: &[f64], taken: &[f64], size: usize) -> Vec<f64> {
    let mut full = vec![0.0; size * size];
    let mut cells = total.iter().zip(taken);
    for row in 0..size {
        for column in row..size {
            let value = cells.next().map_or(0.0, |(total, taken)| total - taken);
            full[row * size + column] = value;
            full[column * size + row] = value;
        }
    }
    full
}
