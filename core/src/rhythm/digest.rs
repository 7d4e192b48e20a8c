//! The identity of everything that a rhythm rests on.
//!
//! Encoding, all numbers little-endian: a text is its length in bytes (u64) and its bytes in UTF-8; a number is the 8
//! bytes of its IEEE 754 form; an absent number is one byte 0, a present one is one byte 1 and the number.
//!
//! 1. Method, reference id, and the reference's b0, b1, SD of b0, SD of b1, correlation, residual SD.
//! 2. Policy: reference term, kind of threshold (0 slope, 1 percentile) and its number, probability, minimum days (u32),
//!    minimum days to report (u32), awakening response in minutes, evening in hours, then each of the rules of quality.
//!    Where one of the following is not its default: one byte 2, minimum samples (u32), bits of the excluding conditions
//!    (u16), the ages below which nobody is judged, nobody is flagged and no awakening response is computed, and the share
//!    of evenings below a high limit. (3. begins with a byte 0 or 1, so that the two can be told apart.)
//! 3. Person: age or absence, bits of the conditions (u16).
//! 4. Number of days (u64), then the BLAKE3 hash of each day, smallest date first and then by hash.
//!
//! A day is: one byte 0, or one byte 1 and its date as year (i16), month and day (i8 each); awakening recorded (u8), bits of its conditions (u16), valid (u8),
//! number of samples (u64), and of each sample its hours, kind (u8: 0 below, 1 exact, 2 above, 3 missing), value or limit
//! in nmol/L or number of the missing reason, and whether it is used (u8). Where a batch
//! of the day failed its quality control or is to be looked at, then follow one byte 3 and of each sample, in the same
//! order, what its batch came to (u8: 0 nothing to say, 1 for review, 2 failed). A batch that passed changes no number
//! and no reason, so that it is not told from one that was never assessed. Positions and labels are not part of it.

use blake3::Hasher;

use super::RHYTHM_METHOD;
use crate::{BatchVerdict, DaySample, Person, Policy, Profile, Reference, Threshold};

/// Days in an order that does not depend on the input, and the digest over all.
pub(super) struct Canonical<'a> {
    pub(super) days: Vec<&'a Profile>,
    pub(super) digest: [u8; 32],
}

pub(super) fn canonical<'a>(
    person: &Person,
    profiles: &'a [Profile],
    policy: &Policy,
    reference: &Reference,
) -> Canonical<'a> {
    let mut scratch = Bytes::default();
    let mut days: Vec<([u8; 32], &Profile)> = profiles
        .iter()
        .map(|profile| (hash_of_day(profile, &mut scratch), profile))
        .collect();
    days.sort_unstable_by(|(one_hash, one), (other_hash, other)| {
        one.day
            .date
            .cmp(&other.day.date)
            .then_with(|| one_hash.cmp(other_hash))
    });

    scratch.0.clear();
    encode_terms(policy, reference, &mut scratch);
    scratch.optional(person.age.map(crate::AgeYears::get));
    scratch.0.extend(person.conditions.bits().to_le_bytes());
    scratch.count(days.len());
    let mut hasher = Hasher::new();
    hasher.update(&scratch.0);
    for (hash, _) in &days {
        hasher.update(hash);
    }
    Canonical {
        days: days.into_iter().map(|(_, profile)| profile).collect(),
        digest: hasher.finalize().into(),
    }
}

/// Bytes in the encoding above.
#[derive(Debug, Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn count(&mut self, count: usize) {
        self.0.extend((count as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, number: f64) {
        self.0.extend(number.to_bits().to_le_bytes());
    }

    fn optional(&mut self, number: Option<f64>) {
        self.0.push(u8::from(number.is_some()));
        if let Some(number) = number {
            self.number(number);
        }
    }
}

fn encode_terms(policy: &Policy, reference: &Reference, bytes: &mut Bytes) {
    bytes.text(RHYTHM_METHOD);
    bytes.text(reference.id());
    for number in [
        reference.intercept_ln(),
        reference.slope_ln_per_h(),
        reference.intercept_sd(),
        reference.slope_sd(),
        reference.correlation(),
        reference.residual_sd(),
    ] {
        bytes.number(number);
    }
    bytes.text(policy.reference_term());
    let (kind, threshold) = match policy.threshold() {
        Threshold::LnPerHour(slope) => (0, slope),
        Threshold::Percentile(percentile) => (1, percentile),
    };
    bytes.0.push(kind);
    bytes.number(threshold);
    bytes.number(policy.probability());
    bytes.0.extend(policy.min_days().to_le_bytes());
    bytes.0.extend(policy.min_days_to_report().to_le_bytes());
    bytes.number(policy.car_window_min());
    bytes.number(policy.evening_after_h());
    for (_, number, _) in policy.rules().numbered() {
        bytes.number(number);
    }
    if !policy.judges_by_default() {
        bytes.0.push(2);
        bytes.0.extend(policy.min_samples().to_le_bytes());
        bytes.0.extend(policy.excluding().bits().to_le_bytes());
        let ages = policy.ages();
        for number in [
            ages.judged_years,
            ages.flagged_years,
            ages.car_years,
            policy.evening_limit_share(),
        ] {
            bytes.number(number);
        }
    }
}

fn hash_of_day(profile: &Profile, bytes: &mut Bytes) -> [u8; 32] {
    let day = &profile.day;
    bytes.0.clear();
    match day.date {
        Some(date) => {
            bytes.0.push(1);
            bytes.0.extend(date.year().to_le_bytes());
            bytes.0.extend(date.month().to_le_bytes());
            bytes.0.extend(date.day().to_le_bytes());
        }
        None => bytes.0.push(0),
    }
    bytes.0.push(u8::from(day.awakening_recorded));
    bytes.0.extend(day.conditions.bits().to_le_bytes());
    bytes.0.push(u8::from(profile.valid));
    bytes.count(day.samples.len());
    for sample in &day.samples {
        let (kind, number) = sample.level.key();
        bytes.number(sample.hours);
        bytes.0.push(kind);
        bytes.0.extend(number.to_le_bytes());
        bytes.0.push(u8::from(sample.used_in_slope));
    }
    if day.samples.iter().any(|sample| mark(sample) > 0) {
        bytes.0.push(3);
        bytes.0.extend(day.samples.iter().map(mark));
    }
    blake3::hash(&bytes.0).into()
}

/// What the quality control of its batch says of a sample.
const fn mark(sample: &DaySample) -> u8 {
    match sample.batch {
        BatchVerdict::NotAssessed | BatchVerdict::Pass => 0,
        BatchVerdict::Review => 1,
        BatchVerdict::Fail => 2,
    }
}
