//! Coverage, bias, weights and false alarms over many simulated plates.

use diel_core::Outcome;
use diel_core::calibration::{CalibrationOptions, Calibrator, Trend, Weighting};

use super::FALLING;
use super::noise::{Noise, Simulator};

const PLATES: u32 = 2000;
/// Concentrations of samples, from near the lowest standard to near the highest.
const SAMPLES: [f64; 9] = [0.45, 0.7, 1.2, 2.5, 5.0, 10.0, 20.0, 40.0, 65.0];
/// Duplicates that tell how the noise grows, as a plate of 40 samples has them.
const FILLING: [f64; 24] = [
    1.5, 2.0, 2.2, 2.8, 3.1, 3.6, 4.0, 4.4, 5.2, 6.0, 6.3, 7.1, 8.0, 8.8, 9.6, 11.0, 12.5, 14.0,
    16.0, 18.0, 22.0, 26.0, 30.0, 1.8,
];

fn noises() -> [Noise; 3] {
    [(0.03, 0.0), (0.03, 0.5), (0.03, 1.0)].map(|(sd, theta)| Noise { sd, theta })
}

/// Of each sample: how often its interval held the truth, how often it had one, the sum of its errors on ln, and of their squares.
fn run(noise: Noise, weighting: Weighting, plates: u32) -> Vec<[f64; 4]> {
    let mut simulator = Simulator::new(20_261_125, noise, FALLING);
    let options = CalibrationOptions {
        weighting,
        ..CalibrationOptions::default()
    };
    let concentrations: Vec<f64> = SAMPLES.into_iter().chain(FILLING).collect();
    let mut calibrator = Calibrator::default();
    let mut sums = vec![[0.0; 4]; SAMPLES.len()];
    for _ in 0..plates {
        let wells = simulator.plate(&concentrations);
        let calibrated = calibrator.calibrate(&wells, &options).unwrap();
        for ((sample, truth), sums) in calibrated.samples.iter().zip(SAMPLES).zip(&mut sums) {
            if let (Outcome::Value(value), Some(interval)) = (sample.outcome, sample.interval) {
                let error = (value / truth).ln();
                sums[0] += f64::from(u8::from((interval.lower..=interval.upper).contains(&truth)));
                sums[1] += 1.0;
                sums[2] += error;
                sums[3] += error * error;
            }
        }
    }
    sums
}

#[test]
fn intervals_cover_the_truth_as_often_as_they_say() {
    let mut report = String::new();
    let mut bad = 0;
    for noise in noises() {
        for (truth, [covered, count, error, _]) in
            SAMPLES.iter().zip(run(noise, Weighting::default(), PLATES))
        {
            let coverage = covered / count;
            let bias = 100.0 * error / count;
            report += &format!(
                "theta {}: {truth} nmol/L: covered {coverage:.3} of {count}, bias {bias:.2} %\n",
                noise.theta
            );
            if (1.2..=20.0).contains(truth) && !(0.935..=0.97).contains(&coverage) {
                bad += 1;
            }
        }
    }
    assert!(bad == 0, "{report}");
}

#[test]
fn weights_from_the_replicates_lose_little_whatever_the_noise() {
    let mut report = String::new();
    let mut worst = 0.0_f64;
    for noise in noises() {
        let mean_square = |weighting| {
            let sums = run(noise, weighting, PLATES / 4);
            sums.iter()
                .map(|[_, count, _, square]| square / count)
                .sum::<f64>()
        };
        let fixed = [
            Weighting::None,
            Weighting::Response,
            Weighting::ResponseSquared,
        ]
        .map(mean_square);
        let estimated = mean_square(Weighting::Estimated);
        let best = fixed.iter().copied().fold(f64::INFINITY, f64::min);
        report += &format!(
            "theta {}: none {:.3}, 1/y {:.3}, 1/y^2 {:.3} times the mean square error of weights from replicates\n",
            noise.theta,
            fixed[0] / estimated,
            fixed[1] / estimated,
            fixed[2] / estimated
        );
        worst = worst.max(estimated / best);
    }
    assert!(worst < 1.1, "{report}");
}

#[test]
fn places_are_remarked_as_often_as_chance_allows() {
    let mut report = String::new();
    let mut bad = 0;
    for noise in noises() {
        let mut simulator = Simulator::new(7, noise, FALLING);
        let mut calibrator = Calibrator::default();
        let mut counts = [[0.0; 2]; 3];
        for _ in 0..PLATES {
            let wells = simulator.plate(&FILLING);
            let calibrated = calibrator
                .calibrate(&wells, &CalibrationOptions::default())
                .unwrap();
            for effect in calibrated.position_effects {
                let trend = Trend::ALL
                    .iter()
                    .position(|trend| *trend == effect.trend)
                    .unwrap();
                counts[trend][0] += 1.0;
                counts[trend][1] += f64::from(u8::from(effect.p < 0.05));
            }
        }
        for (trend, [plates, found]) in Trend::ALL.iter().zip(counts) {
            if plates > 0.0 {
                let size = found / plates;
                report += &format!(
                    "theta {}: {trend:?}: {size:.3} of {plates} at .05\n",
                    noise.theta
                );
                // Four standard errors of .05 over 2,000 plates are .0195.
                bad += u32::from((size - 0.05).abs() > 0.0195);
            }
        }
    }
    assert!(bad == 0 && report.contains("Column"), "{report}");
}
