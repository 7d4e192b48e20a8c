//! The certified files of NIST, as they are published.

use diel_core::nonlinear::Model;

use super::dual::Dual;
use super::models;

/// One problem of the Statistical Reference Datasets with its certificate.
pub(super) struct Problem {
    name: &'static str,
    pub(super) starts: [Vec<f64>; 2],
    pub(super) estimates: Vec<f64>,
    pub(super) errors: Vec<f64>,
    pub(super) residual_square: f64,
    pub(super) residual_sd: f64,
    pub(super) response: Vec<f64>,
    predictors: Vec<Vec<f64>>,
}

impl Problem {
    pub(super) fn read(name: &'static str) -> Self {
        let path = format!("{}/../fixtures/nist/{name}.dat", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).expect(&path);
        let numbers = |line: &str| -> Vec<f64> {
            let words = line.split_whitespace();
            words.map(|word| word.parse().expect(word)).collect()
        };
        let labelled = |label: &str| {
            let line = text
                .lines()
                .find_map(|line| line.trim().strip_prefix(label));
            numbers(line.expect(label))[0]
        };
        let rows: Vec<Vec<f64>> = text
            .lines()
            .filter_map(|line| {
                let (label, rest) = line.split_once('=')?;
                let number = label.trim().strip_prefix('b')?;
                number.parse::<u8>().ok()?;
                Some(numbers(rest))
            })
            .collect();
        let column = |at: usize| rows.iter().map(|row| row[at]).collect::<Vec<f64>>();
        let begin = text.rfind("Data:").expect("data");
        let data = text[begin..].lines().skip(1).map(numbers);
        let data: Vec<Vec<f64>> = data.filter(|row| !row.is_empty()).collect();
        let response = data.iter().map(|row| row[0]);
        Self {
            name,
            starts: [column(0), column(1)],
            estimates: column(2),
            errors: column(3),
            residual_square: labelled("Residual Sum of Squares:"),
            residual_sd: labelled("Residual Standard Deviation:"),
            response: if name == "Nelson" {
                response.map(f64::ln).collect()
            } else {
                response.collect()
            },
            predictors: data.iter().map(|row| row[1..].to_vec()).collect(),
        }
    }
}

impl Model for Problem {
    fn parameters(&self) -> usize {
        self.estimates.len()
    }

    fn at(&self, point: usize, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        let b: Vec<Dual> = (0..parameters.len())
            .map(|at| Dual::parameter(parameters, at))
            .collect();
        let value = models::value(self.name, &b, &self.predictors[point]);
        gradient.copy_from_slice(&value.slope[..parameters.len()]);
        value.value
    }
}
