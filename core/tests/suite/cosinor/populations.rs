//! Populations: refusals, a comparison by hand, and the size of each test by simulation.

use diel_core::cosinor::{
    CompareError, Confidence, Individual, NoAcrophase, NoRhythm, PopulationComparison,
    PopulationCosinor, PopulationError, compare_populations,
};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng as _;
use rand_distr::{Distribution as _, StandardNormal};

use crate::assert_near;

const fn individual(mesor: f64, beta: f64, gamma: f64) -> Individual {
    Individual { mesor, beta, gamma }
}

#[test]
fn individuals_that_make_no_population() {
    let one = individual(1.0, 1.0, 0.0);
    assert_eq!(
        PopulationCosinor::of(&[one; 2], 24.0),
        Err(PopulationError::TooFewIndividuals { individuals: 2 })
    );
    assert_eq!(
        PopulationCosinor::of(&[one; 3], 24.0),
        Err(PopulationError::OnALine)
    );
    let line = [one, individual(1.0, 2.0, 1.0), individual(2.0, 3.0, 2.0)];
    assert_eq!(
        PopulationCosinor::of(&line, 24.0),
        Err(PopulationError::OnALine)
    );
    let unknown = [one, one, individual(1.0, f64::NAN, 0.0)];
    assert_eq!(
        PopulationCosinor::of(&unknown, 24.0),
        Err(PopulationError::NotFinite { position: 2 })
    );
    assert_eq!(
        PopulationCosinor::of(&[one; 3], -1.0),
        Err(PopulationError::Period { period_h: -1.0 })
    );
}

/// (beta, gamma) at the corners of a square of side 2 around a centre, twice over: covariance 8/7 I, of the mean I / 7.
fn square(beta: f64, gamma: f64, mesors: [f64; 8]) -> [Individual; 8] {
    let corners = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
    let mut corner = corners.into_iter().cycle();
    mesors.map(|mesor| {
        let (x, y) = corner.next().unwrap();
        individual(mesor, beta + x, gamma + y)
    })
}

const MESORS: [f64; 8] = [1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0];

#[test]
fn two_squares_by_hand() {
    let first = PopulationCosinor::of(&square(6.0, 0.0, MESORS), 24.0).unwrap();
    let second = PopulationCosinor::of(&square(0.0, 8.0, MESORS.map(|m| m + 1.0)), 24.0).unwrap();
    let test = compare_populations(&first, &second).unwrap();
    // Var(M) = 10 / 7, of the mean 10 / 56: t = -1 / sqrt(20 / 56) on 14 degrees of freedom.
    assert_near(test.mesor.t, -(2.8_f64).sqrt(), 1e-12);
    assert_near(test.mesor.df, 14.0, 1e-12);
    // scipy 1.17.1: 2 stats.t.sf(sqrt(2.8), 14).
    assert_near(test.mesor.p, 0.116_451_841_364_196_23, 1e-10);
    let amplitude = test.amplitude.unwrap();
    assert_near(amplitude.difference, -2.0, 1e-12);
    assert_near(amplitude.standard_error, (2.0_f64 / 7.0).sqrt(), 1e-12);
    let interval = amplitude.interval(Confidence::P95);
    assert_near(interval.lower + interval.upper, -4.0, 1e-12);
    // A quarter of a day. For a direction at the angle a from the first the distances are 7 (36 sin^2 a + 64 cos^2 a),
    // least at the second: 252.
    let acrophase = test.acrophase.unwrap();
    assert_near(acrophase.difference_h, -6.0, 1e-12);
    assert_near(acrophase.f, 252.0, 1e-6);
    // T^2 = 100 x 7 / 2; nu = 14 for equal covariances, F = T^2 13 / 28 on 13.
    assert_near(test.rhythm.f, 350.0 * 13.0 / 28.0, 1e-9);
    assert_near(test.rhythm.df, 13.0, 1e-12);
}

#[test]
fn opposite_rhythms_do_not_share_an_acrophase() {
    let first = PopulationCosinor::of(&square(6.0, 0.0, MESORS), 24.0).unwrap();
    let second = PopulationCosinor::of(&square(-6.0, 0.0, MESORS), 24.0).unwrap();
    let test = compare_populations(&first, &second).unwrap();
    let acrophase = test.acrophase.unwrap();
    assert_near(acrophase.difference_h, 12.0, 1e-12);
    assert!(acrophase.p < 1e-6, "{acrophase:?}");
    assert!(test.amplitude.unwrap().p > 0.999);
    assert!(test.rhythm.p < 1e-6);
}

#[test]
fn without_a_rhythm_only_the_vectors_are_compared() {
    let flat = PopulationCosinor::of(&square(0.1, 0.0, MESORS), 24.0).unwrap();
    let rhythmic = PopulationCosinor::of(&square(6.0, 0.0, MESORS), 24.0).unwrap();
    assert_eq!(
        flat.wave.acrophase_interval_rad(Confidence::P95),
        Err(NoAcrophase::RegionCoversZero)
    );
    let test = compare_populations(&rhythmic, &flat).unwrap();
    assert_eq!(test.amplitude, Err(NoRhythm::InSecond));
    assert_eq!(test.acrophase, Err(NoRhythm::InSecond));
    assert!(test.rhythm.p < 1e-6);
    let reversed = compare_populations(&flat, &rhythmic).unwrap();
    assert_eq!(reversed.amplitude, Err(NoRhythm::InFirst));
    let weekly = PopulationCosinor::of(&square(6.0, 0.0, MESORS), 168.0).unwrap();
    assert_eq!(
        compare_populations(&flat, &weekly),
        Err(CompareError::PeriodsDiffer {
            first_h: 24.0,
            second_h: 168.0
        })
    );
}

/// How individuals differ: the lower triangle of a root of their covariance, and the root of the variance of M.
#[derive(Clone, Copy)]
struct Spread {
    mesor: f64,
    root: [f64; 3],
}

/// As widely spread in all directions as half of an amplitude of 0.8.
const ROUND: Spread = Spread {
    mesor: 0.5,
    root: [0.4, 0.0, 0.4],
};
/// Spread in one direction more than in the other.
const OBLONG: Spread = Spread {
    mesor: 0.3,
    root: [0.4, 0.24, 0.15],
};

struct Truth {
    persons: usize,
    mesor: f64,
    amplitude: f64,
    peak_h: f64,
    spread: Spread,
}

impl Truth {
    fn draw(&self, source: &mut ChaCha12Rng) -> PopulationCosinor {
        let angle = std::f64::consts::TAU * self.peak_h / 24.0;
        let individuals: Vec<Individual> = (0..self.persons)
            .map(|_| {
                let mut normal = || -> f64 { StandardNormal.sample(source) };
                let (m, x, y) = (normal(), normal(), normal());
                let [a, b, c] = self.spread.root;
                individual(
                    self.mesor + self.spread.mesor * m,
                    self.amplitude * angle.cos() + a * x,
                    self.amplitude * angle.sin() + b * x + c * y,
                )
            })
            .collect();
        PopulationCosinor::of(&individuals, 24.0).unwrap()
    }
}

const SIMULATIONS: u32 = 4_000;

/// The share of simulated comparisons that a test finds significant at 0.05.
fn rejected(first: &Truth, second: &Truth, seed: u64, p: fn(&PopulationComparison) -> f64) -> f64 {
    let mut source = ChaCha12Rng::seed_from_u64(seed);
    let rejected = (0..SIMULATIONS)
        .filter(|_| {
            let (one, other) = (first.draw(&mut source), second.draw(&mut source));
            p(&compare_populations(&one, &other).unwrap()) < 0.05
        })
        .count();
    rejected as f64 / f64::from(SIMULATIONS)
}

/// Groups and spreads under which each size is simulated.
const DESIGNS: [(usize, usize, Spread, Spread); 5] = [
    (25, 25, ROUND, ROUND),
    (25, 25, OBLONG, OBLONG),
    (15, 40, ROUND, ROUND),
    (15, 40, OBLONG, ROUND),
    (40, 15, OBLONG, ROUND),
];

/// `first` and `second` are (mesor, amplitude, peak) under the hypothesis.
#[track_caller]
fn assert_size(
    test: &str,
    first: (f64, f64, f64),
    second: (f64, f64, f64),
    p: fn(&PopulationComparison) -> f64,
) {
    for (seed, (one, other, spread, other_spread)) in (1..).zip(DESIGNS) {
        let truth = |persons, (mesor, amplitude, peak_h), spread| Truth {
            persons,
            mesor,
            amplitude,
            peak_h,
            spread,
        };
        let share = rejected(
            &truth(one, first, spread),
            &truth(other, second, other_spread),
            seed,
            p,
        );
        assert!(
            (0.04..=0.06).contains(&share),
            "{test}, {one} against {other}, design {seed}: {share}"
        );
    }
}

#[test]
fn the_test_of_mesors_holds_its_size() {
    assert_size("mesor", (1.6, 0.8, 8.0), (1.6, 0.4, 11.0), |test| {
        test.mesor.p
    });
}

/// The acrophases differ, which must not matter.
#[test]
fn the_test_of_amplitudes_holds_its_size() {
    assert_size("amplitude", (1.6, 0.8, 8.0), (1.2, 0.8, 11.0), |test| {
        test.amplitude.map_or(1.0, |test| test.p)
    });
}

/// The amplitudes differ, which must not matter.
#[test]
fn the_test_of_acrophases_holds_its_size() {
    assert_size("acrophase", (1.6, 0.8, 8.0), (1.2, 0.5, 8.0), |test| {
        test.acrophase.map_or(1.0, |test| test.p)
    });
}

#[test]
fn the_joint_test_holds_its_size() {
    assert_size("rhythm", (1.6, 0.8, 8.0), (1.2, 0.8, 8.0), |test| {
        test.rhythm.p
    });
}

#[test]
fn true_differences_are_found() {
    let truth = |amplitude, peak_h| Truth {
        persons: 25,
        mesor: 1.6,
        amplitude,
        peak_h,
        spread: ROUND,
    };
    let amplitude = rejected(&truth(1.2, 8.0), &truth(0.7, 8.0), 1, |test| {
        test.amplitude.map_or(1.0, |test| test.p)
    });
    assert!(amplitude > 0.95, "{amplitude}");
    let acrophase = rejected(&truth(0.8, 8.0), &truth(0.8, 11.0), 2, |test| {
        test.acrophase.map_or(1.0, |test| test.p)
    });
    assert!(acrophase > 0.95, "{acrophase}");
}
