//! Whether a batch as a whole reads higher or lower than the study's other batches.

use std::collections::BTreeMap;

use crate::coded::coded;
use crate::tails::student_two_sided;
use crate::{Level, normal};

/// Samples are compared within bands of so many hours.
const BAND_H: f64 = 1.0;

/// A band counts where the other batches have so many samples in it. Judgement.
const LEAST_IN_BAND: usize = 10;

/// Persons needed on either side: of five, three are left after trimming.
const LEAST_PERSONS: usize = 5;

/// Share of the persons trimmed at either end, the usual one for Yuen's test.
const TRIM: f64 = 0.2;

coded! {
    /// Why a batch's effect could not be computed.
    PlateEffectAbsence, "plate_effect_absence" {
        FewPersons = "few_persons": "Fewer than five persons of the batch have samples at times of day that the other batches cover.",
        FewOtherPersons = "few_other_persons": "The study's other batches hold fewer than five persons at comparable times of day.",
        NoSpread = "no_spread": "The persons compared do not differ, so that there is nothing to measure an effect by.",
    }
}

/// A sample, as the comparison of batches sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlateSample {
    /// The caller's number of the person.
    pub person: usize,
    /// Hours since awakening, or the local hour of the day; the same for all samples compared.
    pub hour: f64,
    /// What was found.
    pub level: Level,
}

/// How a batch reads against the study's other batches of the same assay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlateEffect {
    /// How much higher, in ln(nmol/L).
    pub effect_ln: f64,
    /// Its standard error, ln(nmol/L).
    pub se_ln: f64,
    /// The effect in standard errors, as a standard normal of the same two-sided probability.
    pub z: f64,
    /// Persons of the batch that it rests on.
    pub persons: usize,
    /// Persons of the other batches.
    pub other_persons: usize,
}

impl PlateEffect {
    /// The effect as a factor's distance from 1, in percent: 0.223 is 25 %, and so is -0.223.
    #[must_use]
    pub fn size_percent(&self) -> f64 {
        100.0 * self.effect_ln.abs().exp_m1()
    }
}

/// Compares a batch with the study's other batches of the same assay.
///
/// Each sample's distance from the median of the other batches in its hour, on the ln scale; of each person the median
/// distance, since a person's samples go together and usually lie on one plate; of the persons the means trimmed by a
/// fifth, compared by Yuen's test. A censored sample stands at its limit, which a median does not mind while less than
/// half are; zeros and missing ones are left out.
///
/// # Errors
/// Too few persons on either side, or no spread between them.
///
/// # References
/// Yuen KK 1974 (Biometrika 61:165-170).
pub fn plate_effect(
    batch: &[PlateSample],
    others: &[PlateSample],
) -> Result<PlateEffect, PlateEffectAbsence> {
    let centres = centres(others);
    let own = TrimmedMean::of(distances(batch, &centres)).ok_or(PlateEffectAbsence::FewPersons)?;
    let other = TrimmedMean::of(distances(others, &centres));
    let other = other.ok_or(PlateEffectAbsence::FewOtherPersons)?;
    let variance = own.variance + other.variance;
    if variance <= 0.0 {
        return Err(PlateEffectAbsence::NoSpread);
    }
    let effect_ln = own.mean - other.mean;
    let se_ln = variance.sqrt();
    let df = variance * variance
        / (own.variance * own.variance / own.df + other.variance * other.variance / other.df);
    let p = student_two_sided(effect_ln / se_ln, df).max(f64::MIN_POSITIVE);
    Ok(PlateEffect {
        effect_ln,
        se_ln,
        z: normal::quantile(0.5 * p).abs().copysign(effect_ln),
        persons: own.count,
        other_persons: other.count,
    })
}

/// The median of ln(nmol/L) by band, of bands with enough samples.
fn centres(samples: &[PlateSample]) -> BTreeMap<i64, f64> {
    let mut bands: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (sample, ln) in samples.iter().filter_map(with_ln) {
        bands.entry(band(sample.hour)).or_default().push(ln);
    }
    bands
        .into_iter()
        .filter(|(_, values)| values.len() >= LEAST_IN_BAND)
        .filter_map(|(band, values)| Some((band, median(values)?)))
        .collect()
}

/// The median distance of each person from the centres.
fn distances(samples: &[PlateSample], centres: &BTreeMap<i64, f64>) -> Vec<f64> {
    let mut persons: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (sample, ln) in samples.iter().filter_map(with_ln) {
        if let Some(centre) = centres.get(&band(sample.hour)) {
            persons.entry(sample.person).or_default().push(ln - centre);
        }
    }
    persons.into_values().filter_map(median).collect()
}

fn with_ln(sample: &PlateSample) -> Option<(&PlateSample, f64)> {
    let ln = sample.level.nmol_per_l()?.ln()?;
    sample.hour.is_finite().then_some((sample, ln))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float beyond the range becomes its nearest end"
)]
fn band(hour: f64) -> i64 {
    (hour / BAND_H).floor() as i64
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let upper = values.len() / 2;
    let lower = values.len().checked_sub(1)? / 2;
    Some(0.5 * (values.get(lower)? + values.get(upper)?))
}

/// A mean without the lowest and highest fifth, and the variance of that mean.
#[derive(Debug, Clone, Copy)]
struct TrimmedMean {
    count: usize,
    mean: f64,
    /// Squared standard error, from the winsorised variance.
    variance: f64,
    df: f64,
}

impl TrimmedMean {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        let count = values.len();
        if count < LEAST_PERSONS {
            return None;
        }
        values.sort_unstable_by(f64::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a fifth of a count, rounded down"
        )]
        let cut = (TRIM * count as f64).floor() as usize;
        let kept = values.get(cut..count - cut)?;
        let (lowest, highest) = (*kept.first()?, *kept.last()?);
        let left = kept.len() as f64;
        let mean = kept.iter().sum::<f64>() / left;
        let winsorised = || values.iter().map(|value| value.clamp(lowest, highest));
        let centre = winsorised().sum::<f64>() / count as f64;
        let squares: f64 = winsorised().map(|value| (value - centre).powi(2)).sum();
        Some(Self {
            count,
            mean,
            variance: squares / (left * (left - 1.0)),
            df: left - 1.0,
        })
    }
}
