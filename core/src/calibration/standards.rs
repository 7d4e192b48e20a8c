//! The standards: whether they carry a curve, and whether they give back their own concentration.

use super::error::CalibrationError;
use super::reading::{Content, Replicates};
use super::standard_curve::StandardCurve;
use super::weighting::{Noise, Spread};
use super::{Acceptance, PlateRemark};
use crate::plate::{Nominal, Well};
use crate::tails::f_tail;

/// The probability that standards which do not differ at all are taken to differ.
const RESPONDING_AT: f64 = 0.01;
/// The share of the standards' differences that a monotone order may leave unexplained: noise upon an asymptote leaves a
/// hundredth, a curve that turns back more than a tenth.
const MOST_BROKEN_ORDER: f64 = 0.1;
/// The share of the standards above zero that should be accepted.
const LEAST_ACCEPTED: f64 = 0.75;

/// The wells of one standard.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StandardLevel {
    /// What it was made with, in the unit of the standards.
    pub nominal: Nominal,
    /// Its wells.
    pub wells: Vec<Well>,
    /// How many of them have a response.
    pub replicates: usize,
    /// Their mean response; absent without one.
    pub mean_response: Option<f64>,
    /// Coefficient of variation of their responses, percent; absent for fewer than two.
    pub response_cv_percent: Option<f64>,
    /// The concentration that the curve gives the mean response; absent beyond the asymptotes.
    pub concentration: Option<f64>,
    /// That in percent of the nominal concentration; absent at zero.
    pub recovery_percent: Option<f64>,
    /// Whether the recovery is accepted. A zero standard has none.
    pub accepted: bool,
}

/// A level that can be fitted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    pub(super) nominal: f64,
    pub(super) spread: Spread,
}

/// The levels with a response, the lowest first.
pub(super) fn levels(groups: &[Replicates]) -> Vec<Level> {
    let mut levels: Vec<Level> = groups
        .iter()
        .filter_map(|group| match &group.content {
            Content::Standard(nominal) => Some(Level {
                nominal: nominal.get(),
                spread: group.spread()?,
            }),
            _ => None,
        })
        .collect();
    levels.sort_by(|one, other| one.nominal.total_cmp(&other.nominal));
    levels
}

/// Whether the levels can carry a curve of so many parameters at all.
pub(super) fn check(
    levels: &[Level],
    parameters: usize,
    noise: Noise,
) -> Result<(), CalibrationError> {
    let wells = levels.iter().map(|level| level.spread.df + 1).sum();
    if levels.len() < parameters || wells <= parameters {
        return Err(CalibrationError::TooFewStandards {
            levels: levels.len(),
            wells,
            parameters,
        });
    }
    responds(levels, noise)?;
    is_monotone(levels)
}

/// One-way analysis of variance between the levels, weighted by the noise.
fn responds(levels: &[Level], noise: Noise) -> Result<(), CalibrationError> {
    let spreads: Vec<Spread> = levels.iter().map(|level| level.spread).collect();
    let (within, within_df) = noise.pooled(&spreads);
    let weighted = |spread: &Spread| (spread.df + 1) as f64 / noise.variance(spread.mean);
    let sum: f64 = spreads.iter().map(weighted).sum();
    let mean = spreads.iter().map(|s| weighted(s) * s.mean).sum::<f64>() / sum;
    let between = spreads
        .iter()
        .map(|s| weighted(s) * (s.mean - mean).powi(2))
        .sum::<f64>();
    let df = (levels.len() - 1) as f64;
    let p = if between <= 0.0 {
        1.0
    } else if within_df == 0 || within <= 0.0 {
        0.0
    } else {
        f_tail(
            between / df / (within / within_df as f64),
            df,
            within_df as f64,
        )
    };
    if p > RESPONDING_AT {
        Err(CalibrationError::NoResponse { p })
    } else {
        Ok(())
    }
}

fn is_monotone(levels: &[Level]) -> Result<(), CalibrationError> {
    let count = |level: &Level| (level.spread.df + 1) as f64;
    let total: f64 = levels.iter().map(count).sum();
    let mean = levels.iter().map(|l| count(l) * l.spread.mean).sum::<f64>() / total;
    let whole: f64 = levels
        .iter()
        .map(|l| count(l) * (l.spread.mean - mean).powi(2))
        .sum();
    let falling = broken_order(levels, -1.0);
    let rising = broken_order(levels, 1.0);
    let (square, turn) = if falling.0 < rising.0 {
        falling
    } else {
        rising
    };
    if square > MOST_BROKEN_ORDER * whole {
        Err(CalibrationError::NotMonotone { turn })
    } else {
        Ok(())
    }
}

/// The sum of squares about the nearest rising sequence of the means times `sign` (pooling adjacent violators), and the level
/// that lies farthest below one before it.
fn broken_order(levels: &[Level], sign: f64) -> (f64, f64) {
    // Of each block: wells, sum of means, sum of their squares.
    let mut blocks: Vec<[f64; 3]> = Vec::new();
    let (mut highest, mut deepest, mut turn) = (f64::NEG_INFINITY, 0.0, 0.0);
    for level in levels {
        let (count, mean) = ((level.spread.df + 1) as f64, sign * level.spread.mean);
        if highest - mean > deepest {
            (deepest, turn) = (highest - mean, level.nominal);
        }
        highest = f64::max(highest, mean);
        let mut block = [count, count * mean, count * mean * mean];
        while let Some(before) = blocks.last()
            && mean_of(before) > mean_of(&block)
        {
            block = std::array::from_fn(|at| {
                before.get(at).copied().unwrap_or(0.0) + block.get(at).copied().unwrap_or(0.0)
            });
            blocks.pop();
        }
        blocks.push(block);
    }
    let within = blocks
        .iter()
        .map(|[count, sum, square]| square - sum * sum / count);
    (within.sum(), turn)
}

fn mean_of([count, sum, _]: &[f64; 3]) -> f64 {
    sum / count
}

/// What the curve makes of its own standards, the lowest first.
pub(super) fn recoveries(
    groups: &[Replicates],
    curve: &StandardCurve,
    acceptance: &Acceptance,
) -> Vec<StandardLevel> {
    let mut standards: Vec<StandardLevel> = groups
        .iter()
        .filter_map(|group| match &group.content {
            Content::Standard(nominal) => Some(recovery(group, *nominal, curve)),
            _ => None,
        })
        .collect();
    standards.sort_by(|one, other| one.nominal.get().total_cmp(&other.nominal.get()));
    let mut is_lowest = true;
    for standard in standards
        .iter_mut()
        .filter(|standard| standard.nominal.get() > 0.0)
    {
        let accepts = |recovery| acceptance.accepts(recovery, is_lowest);
        standard.accepted = standard.recovery_percent.is_some_and(accepts);
        is_lowest = false;
    }
    standards
}

fn recovery(group: &Replicates, nominal: Nominal, curve: &StandardCurve) -> StandardLevel {
    let spread = group.spread();
    let concentration = spread.and_then(|spread| curve.curve.concentration(spread.mean));
    let is_positive = nominal.get() > 0.0;
    StandardLevel {
        nominal,
        wells: group.wells.iter().map(|(well, _)| *well).collect(),
        replicates: group.responses().count(),
        mean_response: spread.map(|spread| spread.mean),
        response_cv_percent: spread.and_then(Spread::cv_percent),
        concentration,
        recovery_percent: concentration
            .filter(|_| is_positive)
            .map(|concentration| 100.0 * concentration / nominal.get()),
        accepted: false,
    }
}

/// The lowest and the highest accepted standard, between which the curve measures.
pub(super) fn range(standards: &[StandardLevel]) -> Result<(f64, f64), CalibrationError> {
    let positive = || {
        standards
            .iter()
            .filter(|standard| standard.nominal.get() > 0.0)
    };
    let accepted = || {
        positive()
            .filter(|standard| standard.accepted)
            .map(|s| s.nominal.get())
    };
    match (accepted().next(), accepted().next_back()) {
        (Some(low), Some(high)) if low < high => Ok((low, high)),
        _ => Err(CalibrationError::NoRange {
            accepted: accepted().count(),
            standards: positive().count(),
        }),
    }
}

pub(super) fn remarks(standards: &[StandardLevel]) -> impl Iterator<Item = PlateRemark> {
    let positive = standards
        .iter()
        .filter(|standard| standard.nominal.get() > 0.0);
    let (count, accepted) = positive.fold((0.0, 0.0), |(count, accepted), standard| {
        (
            count + 1.0,
            accepted + f64::from(u8::from(standard.accepted)),
        )
    });
    let rejected = (accepted < count).then_some(PlateRemark::StandardRejected);
    let few = (accepted < LEAST_ACCEPTED * count).then_some(PlateRemark::FewStandardsAccepted);
    rejected.into_iter().chain(few)
}
