//! The models of the certificates, in their symbols.

use std::f64::consts::{PI, TAU};

use super::dual::Dual;

/// Every nonlinear problem that has a certificate.
pub(super) const NAMES: [&str; 27] = [
    "Rat42", "Rat43", "Thurber", "Misra1a", "Misra1b", "Misra1c", "Misra1d", "Chwirut1",
    "Chwirut2", "DanWood", "Lanczos1", "Lanczos2", "Lanczos3", "Gauss1", "Gauss2", "Gauss3",
    "Hahn1", "Kirby2", "Nelson", "MGH09", "MGH10", "MGH17", "Roszman1", "ENSO", "Eckerle4",
    "BoxBOD", "Bennett5",
];

/// The model's value at one point; `v` holds the predictors of the point.
pub(super) fn value(name: &str, b: &[Dual], v: &[f64]) -> Dual {
    let x = v[0];
    let ratio = |top: &[Dual], bottom: &[Dual]| {
        let polynomial = |low: Dual, b: &[Dual]| {
            let powers = b.iter().zip(1..);
            powers.fold(low, |sum, (&b, power)| sum + b * x.powi(power))
        };
        polynomial(top[0], &top[1..]) / polynomial(1.0.into(), bottom)
    };
    let bell = |height: Dual, middle: Dual, width: Dual| {
        height * (-((x - middle) * (x - middle)) / (width * width)).exp()
    };
    let wave = |cosine: Dual, sine: Dual, period: Dual| {
        let angle = TAU * x / period;
        cosine * angle.cos() + sine * angle.sin()
    };
    match name {
        "Rat42" => b[0] / (1.0 + (b[1] - b[2] * x).exp()),
        "Rat43" => b[0] / (1.0 + (b[1] - b[2] * x).exp()).pow(1.0 / b[3]),
        "Thurber" | "Hahn1" => ratio(&b[..4], &b[4..]),
        "Kirby2" => ratio(&b[..3], &b[3..]),
        "Misra1a" | "BoxBOD" => b[0] * (1.0 - (-b[1] * x).exp()),
        "Misra1b" => b[0] * (1.0 - (1.0 + b[1] * x / 2.0).powf(-2.0)),
        "Misra1c" => b[0] * (1.0 - (1.0 + 2.0 * b[1] * x).powf(-0.5)),
        "Misra1d" => b[0] * b[1] * x / (1.0 + b[1] * x),
        "Chwirut1" | "Chwirut2" => (-b[0] * x).exp() / (b[1] + b[2] * x),
        "DanWood" => b[0] * (b[1] * x.ln()).exp(),
        "Lanczos1" | "Lanczos2" | "Lanczos3" => {
            let terms = b.chunks_exact(2).map(|pair| pair[0] * (-pair[1] * x).exp());
            terms.fold(Dual::from(0.0), |sum, term| sum + term)
        }
        "Gauss1" | "Gauss2" | "Gauss3" => {
            b[0] * (-b[1] * x).exp() + bell(b[2], b[3], b[4]) + bell(b[5], b[6], b[7])
        }
        "Nelson" => b[0] - b[1] * x * (-b[2] * v[1]).exp(),
        "MGH09" => b[0] * (x * x + x * b[1]) / (x * x + x * b[2] + b[3]),
        "MGH10" => b[0] * (b[1] / (x + b[2])).exp(),
        "MGH17" => b[0] + b[1] * (-x * b[3]).exp() + b[2] * (-x * b[4]).exp(),
        "Roszman1" => b[0] - b[1] * x - (b[2] / (x - b[3])).atan() / PI,
        "ENSO" => {
            b[0] + wave(b[1], b[2], 12.0.into()) + wave(b[4], b[5], b[3]) + wave(b[7], b[8], b[6])
        }
        "Eckerle4" => {
            let z = (x - b[2]) / b[1];
            b[0] / b[1] * (-0.5 * z * z).exp()
        }
        "Bennett5" => b[0] * (b[1] + x).pow(-1.0 / b[2]),
        other => panic!("no model is written for {other}"),
    }
}
