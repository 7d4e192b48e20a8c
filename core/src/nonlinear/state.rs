//! A place on the way down: parameters, weighted residuals, weighted derivatives.

use super::Model;

/// Residuals and derivatives at one set of parameters.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) parameters: Vec<f64>,
    /// Response less model, times the root of the weight.
    pub(super) residuals: Vec<f64>,
    /// Derivatives times the root of the weight, column by column.
    pub(super) jacobian: Vec<f64>,
    /// The sum of the squared residuals.
    pub(super) square: f64,
    gradient: Vec<f64>,
}

impl State {
    /// Evaluates the model; whether everything came out finite.
    pub(super) fn evaluate(
        &mut self,
        model: &impl Model,
        response: &[f64],
        root_weights: &[f64],
    ) -> bool {
        let points = response.len();
        self.gradient.clear();
        self.gradient.resize(self.parameters.len(), 0.0);
        self.residuals.clear();
        self.jacobian.clear();
        self.jacobian.resize(points * self.parameters.len(), 0.0);
        for (point, (response, root)) in response.iter().zip(root_weights).enumerate() {
            let value = model.at(point, &self.parameters, &mut self.gradient);
            self.residuals.push(root * (response - value));
            let row = self.jacobian.iter_mut().skip(point).step_by(points);
            for (entry, derivative) in row.zip(&self.gradient) {
                *entry = root * derivative;
            }
        }
        self.square = self
            .residuals
            .iter()
            .map(|residual| residual * residual)
            .sum();
        self.square.is_finite() && self.jacobian.iter().all(|entry| entry.is_finite())
    }

    /// The columns of derivatives.
    pub(super) fn columns(&self) -> impl Iterator<Item = &[f64]> {
        self.jacobian.chunks_exact(self.residuals.len().max(1))
    }

    /// Makes the parameters those of another place and a step from it.
    pub(super) fn step_from(&mut self, other: &Self, step: &[f64]) {
        self.parameters.clear();
        let sums = other
            .parameters
            .iter()
            .zip(step)
            .map(|(from, by)| from + by);
        self.parameters.extend(sums);
    }
}
