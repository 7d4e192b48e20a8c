//! Tests of two populations against each other that hold their size.
//!
//! Each rests on how the individuals within each population differ, and lets the populations differ in that too. The
//! suite simulates each test under its hypothesis and finds it wrong in 4 to 6 % of the cases at 0.05.

use std::f64::consts::{PI, TAU};

use thiserror::Error;

use super::population::PopulationCosinor;
use super::wave::{squared_distance, turn};
use super::{Confidence, Interval};
use crate::tails::{f_of_pairs, student_quantile, student_two_sided};

/// Directions looked at between two acrophases, and sections of the interval around the best of them.
const DIRECTIONS: u32 = 64;
const SECTIONS: u32 = 50;

/// The golden section, (sqrt 5 - 1) / 2.
const GOLDEN: f64 = 0.618_033_988_749_894_8;

/// Two populations against each other. No p here is corrected for there being four of them.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PopulationComparison {
    /// First minus second MESOR. Its p: so great a difference when both populations have one mean MESOR.
    pub mesor: ContrastTest,
    /// First minus second amplitude of the population-mean waves, whatever their acrophases. Its p: so great a
    /// difference when both amplitudes are equal.
    pub amplitude: Result<ContrastTest, NoRhythm>,
    /// First minus second acrophase, whatever the amplitudes. Its p: acrophases so far apart when both are equal.
    pub acrophase: Result<AcrophaseTest, NoRhythm>,
    /// (beta, gamma) as a whole. Its p: vectors so far apart when both populations have one mean wave. This is the
    /// test for a population that may have no rhythm.
    pub rhythm: JointTest,
}

/// Welch's test of a difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContrastTest {
    /// First minus second, in the unit of the values.
    pub difference: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Difference over standard error.
    pub t: f64,
    /// Welch's degrees of freedom.
    pub df: f64,
    /// Two-sided probability.
    pub p: f64,
}

/// Whether two waves may share a direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AcrophaseTest {
    /// First minus second, radians, in (-pi, pi].
    pub difference_rad: f64,
    /// The same in hours.
    pub difference_h: f64,
    /// The squared distance of both waves from the nearest two of one acrophase, in standard errors.
    pub f: f64,
    /// The second degrees of freedom, Welch's; the first are 1.
    pub df: f64,
    /// The probability of so great an F.
    pub p: f64,
}

/// Hotelling's test of two vectors with unequal covariances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JointTest {
    /// The F that T^2 is turned into.
    pub f: f64,
    /// The second degrees of freedom; the first are 2.
    pub df: f64,
    /// The probability of so great an F.
    pub p: f64,
}

/// Why amplitudes or acrophases are not compared; the joint test can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoRhythm {
    /// An amplitude near 0 is neither normal nor has it a direction.
    #[error("the 95 % interval of the first population's amplitude covers 0")]
    InFirst,
    /// An amplitude near 0 is neither normal nor has it a direction.
    #[error("the 95 % interval of the second population's amplitude covers 0")]
    InSecond,
}

/// Why two populations cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum CompareError {
    /// Waves of different periods share nothing.
    #[error("the periods are {first_h} h and {second_h} h")]
    PeriodsDiffer {
        /// That of the first, hours.
        first_h: f64,
        /// That of the second, hours.
        second_h: f64,
    },
}

impl ContrastTest {
    /// The difference -+ t SE.
    #[must_use]
    pub fn interval(&self, confidence: Confidence) -> Interval {
        let t = student_quantile(confidence, self.df);
        Interval::around(self.difference, t * self.standard_error)
    }

    /// Estimates with their variances and the degrees of freedom of these.
    fn welch(first: (f64, f64, f64), second: (f64, f64, f64)) -> Self {
        let difference = first.0 - second.0;
        let standard_error = (first.1 + second.1).sqrt();
        let t = if difference == 0.0 {
            0.0
        } else {
            difference / standard_error
        };
        let df = welch_df((first.1, first.2), (second.1, second.2));
        Self {
            difference,
            standard_error,
            t,
            df,
            p: student_two_sided(t, df),
        }
    }
}

/// Welch and Satterthwaite: the degrees of freedom of a sum of variances, each with its own.
fn welch_df(first: (f64, f64), second: (f64, f64)) -> f64 {
    let sum = first.0 + second.0;
    if sum == 0.0 {
        return first.1 + second.1;
    }
    let (a, b) = (first.0 / sum, second.0 / sum);
    1.0 / (a * a / first.1 + b * b / second.1)
}

/// Tests two populations against each other, for example persons with a disease against healthy ones.
///
/// # Errors
/// Populations of different periods.
///
/// # References
/// Welch BL. Biometrika 1947;34:28-35, doi 10.1093/biomet/34.1-2.28. Krishnamoorthy K, Yu J. Stat Probab Lett
/// 2004;66:161-169, doi 10.1016/j.spl.2003.10.012, for unequal covariances.
pub fn compare_populations(
    first: &PopulationCosinor,
    second: &PopulationCosinor,
) -> Result<PopulationComparison, CompareError> {
    let (first_h, second_h) = (first.wave.period_h(), second.wave.period_h());
    if first_h != second_h {
        return Err(CompareError::PeriodsDiffer { first_h, second_h });
    }
    let rhythms = both_have_rhythm(first, second);
    let of_mesor = |population: &PopulationCosinor| {
        (
            population.mesor,
            population.mesor_se.powi(2),
            population.spare_individuals(),
        )
    };
    let of_amplitude = |population: &PopulationCosinor| {
        let along = population.wave.turned().map_or(0.0, |turned| turned.along);
        (
            population.wave.amplitude(),
            along,
            population.spare_individuals(),
        )
    };
    Ok(PopulationComparison {
        mesor: ContrastTest::welch(of_mesor(first), of_mesor(second)),
        amplitude: rhythms.map(|()| ContrastTest::welch(of_amplitude(first), of_amplitude(second))),
        acrophase: rhythms.map(|()| acrophases(first, second)),
        rhythm: joint(first, second),
    })
}

fn both_have_rhythm(first: &PopulationCosinor, second: &PopulationCosinor) -> Result<(), NoRhythm> {
    let has = |population: &PopulationCosinor| {
        let interval = population.wave.amplitude_interval(Confidence::P95);
        interval.is_some_and(|interval| interval.lower > 0.0)
    };
    if !has(first) {
        Err(NoRhythm::InFirst)
    } else if !has(second) {
        Err(NoRhythm::InSecond)
    } else {
        Ok(())
    }
}

/// The least squared distance of the two mean vectors from two of any lengths in one direction. The delta method would
/// divide by the estimated amplitudes, and its size then depends on the shape of the covariances; this does not.
fn acrophases(first: &PopulationCosinor, second: &PopulationCosinor) -> AcrophaseTest {
    let angle = |population: &PopulationCosinor| population.wave.acrophase_rad().unwrap_or(0.0);
    let turned = (angle(first) - angle(second)).rem_euclid(TAU);
    let difference_rad = if turned > PI { turned - TAU } else { turned };
    // The best direction lies on the shorter way from one to the other: outside it both distances grow.
    let from = angle(second);
    let distance = |share: f64| {
        let direction = from + share * difference_rad;
        distance_from_ray(first, direction) + distance_from_ray(second, direction)
    };
    let step = 1.0 / f64::from(DIRECTIONS);
    let best = (0..=DIRECTIONS)
        .map(|number| f64::from(number) * step)
        .min_by(|a, b| distance(*a).total_cmp(&distance(*b)))
        .unwrap_or(0.5);
    let (mut lower, mut upper) = ((best - step).max(0.0), (best + step).min(1.0));
    for _ in 0..SECTIONS {
        let width = GOLDEN * (upper - lower);
        let (left, right) = (upper - width, lower + width);
        if distance(left) < distance(right) {
            upper = right;
        } else {
            lower = left;
        }
    }
    let share = 0.5 * (lower + upper);
    let f = distance(share);
    let (sine, cosine) = (from + share * difference_rad).sin_cos();
    // Of an acrophase in that direction: the variance across it over the squared length along it.
    let variance = |population: &PopulationCosinor| {
        let wave = &population.wave;
        let along = cosine * wave.beta() + sine * wave.gamma();
        let across = turn(wave.covariance(), cosine, sine).across;
        (
            across / (along * along).max(f64::MIN_POSITIVE),
            population.spare_individuals(),
        )
    };
    let df = welch_df(variance(first), variance(second));
    AcrophaseTest {
        difference_rad,
        difference_h: difference_rad / TAU * first.wave.period_h(),
        f,
        df,
        p: student_two_sided(f.sqrt(), df),
    }
}

/// The least squared distance of a population's vector from those of one direction, in its own standard errors.
fn distance_from_ray(population: &PopulationCosinor, direction: f64) -> f64 {
    let wave = &population.wave;
    let (beta, gamma) = (wave.beta(), wave.gamma());
    let [[bb, bg], [_, gg]] = wave.covariance();
    let (sine, cosine) = direction.sin_cos();
    // The sign of d' V^-1 m, up to the determinant: below 0 the nearest point of the ray is its origin.
    let ahead = cosine * (gg * beta - bg * gamma) + sine * (bb * gamma - bg * beta);
    if ahead <= 0.0 {
        return squared_distance([beta, gamma], wave.covariance());
    }
    let across = cosine * gamma - sine * beta;
    across * across
        / turn(wave.covariance(), cosine, sine)
            .across
            .max(f64::MIN_POSITIVE)
}

/// T^2 = d' (V1 + V2)^-1 d for the difference d of the mean vectors, with the degrees of freedom of Krishnamoorthy and
/// Yu 2004: nu = (2 + 4) / sum over populations of (tr(W^2) + tr(W)^2) / (k - 1), W = V (V1 + V2)^-1, and
/// F = T^2 (nu - 1) / (2 nu) on 2 and nu - 1.
fn joint(first: &PopulationCosinor, second: &PopulationCosinor) -> JointTest {
    let [[bb1, bg1], [_, gg1]] = first.wave.covariance();
    let [[bb2, bg2], [_, gg2]] = second.wave.covariance();
    let (bb, bg, gg) = (bb1 + bb2, bg1 + bg2, gg1 + gg2);
    let determinant = bb * gg - bg * bg;
    let share = |(own_bb, own_bg, own_gg): (f64, f64, f64), spare: f64| {
        let trace = (own_bb * gg - 2.0 * own_bg * bg + own_gg * bb) / determinant;
        let own_determinant = (own_bb * own_gg - own_bg * own_bg) / determinant;
        // tr(W^2) = tr(W)^2 - 2 |W| for two rows and columns.
        (2.0 * trace * trace - 2.0 * own_determinant) / spare
    };
    let nu = 6.0
        / (share((bb1, bg1, gg1), first.spare_individuals())
            + share((bb2, bg2, gg2), second.spare_individuals()));
    let vector = [
        first.wave.beta() - second.wave.beta(),
        first.wave.gamma() - second.wave.gamma(),
    ];
    let t_squared = squared_distance(vector, [[bb, bg], [bg, gg]]);
    let df = nu - 1.0;
    let f = t_squared * df / (2.0 * nu);
    JointTest {
        f,
        df,
        p: f_of_pairs(f, 1, df),
    }
}
