//! The curve as a model for the fitter.

use super::curve::{Curve, CurveModel, MOST_PARAMETERS, gradient, share};
use crate::nonlinear::Model;

/// The standards' concentrations under a curve of four or five parameters.
#[derive(Debug)]
pub(super) struct CurveOfStandards<'a> {
    pub(super) points: &'a [(f64, f64)],
    pub(super) model: CurveModel,
}

impl Model for CurveOfStandards<'_> {
    fn parameters(&self) -> usize {
        self.model.parameters()
    }

    fn at(&self, point: usize, parameters: &[f64], into: &mut [f64]) -> f64 {
        let mut fitted = [0.0; MOST_PARAMETERS];
        for (slot, parameter) in fitted.iter_mut().zip(parameters) {
            *slot = *parameter;
        }
        let concentration = self.points.get(point).map_or(0.0, |(x, _)| *x);
        let share = share(&fitted, concentration);
        for (slot, derivative) in into.iter_mut().zip(gradient(&fitted, share)) {
            *slot = derivative;
        }
        let [a, d, ..] = fitted;
        d + (a - d) * share.share
    }
}

/// The curve of parameters as fitted, asymmetry 1 where there are four.
pub(super) fn curve(parameters: &[f64]) -> Curve {
    let mut fitted = [0.0; MOST_PARAMETERS];
    for (slot, parameter) in fitted.iter_mut().zip(parameters) {
        *slot = *parameter;
    }
    Curve::from_fitted(&fitted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_the_limits_of_differences() {
        let points = [0.0, 1e-9, 0.3, 2.0, 50.0, 1e12].map(|x| (x, 0.0));
        let model = CurveOfStandards {
            points: &points,
            model: CurveModel::FiveParameter,
        };
        let at = [2.1, 0.1, 1.2, 0.3, -0.4];
        let mut exact = [0.0; 5];
        let mut unused = [0.0; 5];
        for point in 0..points.len() {
            model.at(point, &at, &mut exact);
            for parameter in 0..5 {
                let h = 1e-6;
                let (mut up, mut down) = (at, at);
                up[parameter] += h;
                down[parameter] -= h;
                let difference = (model.at(point, &up, &mut unused)
                    - model.at(point, &down, &mut unused))
                    / (2.0 * h);
                assert!(
                    (difference - exact[parameter]).abs() < 1e-8,
                    "{point} {parameter}: {difference} {}",
                    exact[parameter]
                );
            }
        }
    }
}
