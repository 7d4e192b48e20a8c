//! Simulated plates under noise of known kind.

use diel_core::calibration::{Curve, PlateWell, Reading};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

use super::{LEVELS, plate, sample, standard};

/// The standard deviation of a well of mean response m is sd * m^theta.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noise {
    pub(super) sd: f64,
    pub(super) theta: f64,
}

pub(super) struct Simulator {
    random: ChaCha8Rng,
    pub(super) noise: Noise,
    pub(super) curve: Curve,
}

impl Simulator {
    pub(super) fn new(seed: u64, noise: Noise, curve: Curve) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            noise,
            curve,
        }
    }

    /// Standards in duplicate, then samples of these concentrations in duplicate.
    pub(super) fn plate(&mut self, concentrations: &[f64]) -> Vec<PlateWell> {
        let standards = LEVELS
            .iter()
            .map(|&x| (standard(x), vec![self.curve.response(x); 2]));
        let samples = concentrations
            .iter()
            .enumerate()
            .map(|(number, &x)| (sample(&number.to_string()), vec![self.curve.response(x); 2]));
        let contents: Vec<_> = standards.chain(samples).collect();
        let mut wells = plate(&contents);
        for well in &mut wells {
            if let Reading::Response(response) = &mut well.reading {
                let z: f64 = StandardNormal.sample(&mut self.random);
                *response += z * self.noise.sd * response.powf(self.noise.theta);
            }
        }
        wells
    }
}
