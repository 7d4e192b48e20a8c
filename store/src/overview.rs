//! A study at a glance: slopes by group, compliance with sampling times, and the quality of plates over time.
//!
//! Gathered slice by slice, so that no statement reads more than a slice; between slices the study may change.

use std::collections::{BTreeMap, VecDeque};

use diel_core::{Finding, Findings, Verdict};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::FlagState;

/// The most groups that are told apart.
const MOST_GROUPS: usize = 40;
/// What stands for all groups beyond those.
const OTHER_GROUPS: &str = "(other groups)";
/// The latest plates that are told one by one.
const MOST_PLATES: usize = 120;

/// A study at a glance.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overview {
    /// By the group's label; empty for participants without one.
    pub groups: BTreeMap<String, GroupOverview>,
    /// The latest plates, oldest first.
    pub plates: VecDeque<Plate>,
    /// All plates of a laboratory together.
    pub labs: BTreeMap<String, Quality>,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupOverview {
    /// Participants.
    pub participants: u64,
    /// Those with each verdict, in the order of [`Verdict::ALL`].
    pub verdicts: [u64; Verdict::ALL.len()],
    /// Those whose flag waits for a reviewer.
    pub waiting_flags: u64,
    /// Posterior slopes.
    pub slopes: SlopeHistogram,
    /// How the sampling went.
    pub compliance: Compliance,
}

/// How many posterior slopes lie where.
#[derive(Debug, Clone, PartialEq)]
pub struct SlopeHistogram {
    counts: [u64; Self::BINS],
    count: u64,
    sum: f64,
}

impl Default for SlopeHistogram {
    fn default() -> Self {
        Self {
            counts: [0; Self::BINS],
            count: 0,
            sum: 0.0,
        }
    }
}

impl SlopeHistogram {
    /// Bins; the first and the last also hold what lies beyond.
    pub const BINS: usize = 50;
    /// Where the first bin begins, ln(nmol/L) per hour.
    pub const FROM_LN_PER_H: f64 = -0.35;
    /// The width of a bin, ln(nmol/L) per hour.
    pub const WIDTH_LN_PER_H: f64 = 0.01;

    /// Counts a slope, ln(nmol/L) per hour.
    pub fn add(&mut self, slope_ln_per_h: f64) {
        if !slope_ln_per_h.is_finite() {
            return;
        }
        let place = ((slope_ln_per_h - Self::FROM_LN_PER_H) / Self::WIDTH_LN_PER_H).floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to the bins that there are"
        )]
        let bin = place.clamp(0.0, (Self::BINS - 1) as f64) as usize;
        if let Some(count) = self.counts.get_mut(bin) {
            *count += 1;
        }
        self.count += 1;
        self.sum += slope_ln_per_h;
    }

    /// The count of each bin.
    #[must_use]
    pub const fn counts(&self) -> &[u64; Self::BINS] {
        &self.counts
    }

    /// Slopes counted.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Their mean, ln(nmol/L) per hour; `None` of none.
    #[must_use]
    pub fn mean_ln_per_h(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    /// The slope, to a bin, that this share of them does not exceed, ln(nmol/L) per hour; `None` of none.
    #[must_use]
    pub fn quantile_ln_per_h(&self, share: f64) -> Option<f64> {
        let wanted = share * self.count as f64;
        let mut below = 0.0;
        for (bin, count) in self.counts.iter().enumerate() {
            let count = *count as f64;
            if count > 0.0 && below + count >= wanted {
                let within = ((wanted - below) / count).clamp(0.0, 1.0);
                return Some(Self::FROM_LN_PER_H + (bin as f64 + within) * Self::WIDTH_LN_PER_H);
            }
            below += count;
        }
        None
    }
}

/// How the sampling of a group went, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compliance {
    /// Sampling days.
    pub days: u64,
    /// Days that count for the rhythm.
    pub valid_days: u64,
    /// Days whose awakening was recorded.
    pub awakening_recorded: u64,
    /// Days whose wake sample came late.
    pub late_wake_sample: u64,
    /// Days without a wake sample.
    pub no_wake_sample: u64,
    /// Days without an evening sample.
    pub no_evening_sample: u64,
}

impl Compliance {
    /// Adds `days` days of one kind.
    pub(crate) fn add(&mut self, days: u64, valid: bool, recorded: bool, findings: Findings) {
        let of = |holds: bool| if holds { days } else { 0 };
        self.days += days;
        self.valid_days += of(valid);
        self.awakening_recorded += of(recorded);
        self.late_wake_sample += of(findings.contains(Finding::LateWakeSample));
        self.no_wake_sample += of(findings.contains(Finding::NoWakeSample));
        self.no_evening_sample += of(findings.contains(Finding::NoEveningSample));
    }
}

/// What the results of a plate, or of several, were like. Amendments count as results.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Quality {
    /// Results.
    pub results: u64,
    /// Those below a limit.
    pub below: u64,
    /// Those above a limit.
    pub above: u64,
    /// Those without a concentration.
    pub missing: u64,
    /// Those with a coefficient of variation of replicates.
    pub replicated: u64,
    /// Sum of those coefficients, percent.
    pub replicate_cv_sum_percent: f64,
    /// Those whose coefficient is too high.
    pub high_cv: u64,
}

impl Quality {
    /// The mean coefficient of variation of replicates, percent; `None` without any.
    #[must_use]
    pub fn mean_cv_percent(&self) -> Option<f64> {
        (self.replicated > 0).then(|| self.replicate_cv_sum_percent / self.replicated as f64)
    }

    /// A count as a share of the results, 0 to 1; `None` without any.
    #[must_use]
    pub fn share(&self, count: u64) -> Option<f64> {
        (self.results > 0).then(|| count as f64 / self.results as f64)
    }

    fn add(&mut self, other: &Self) {
        self.results += other.results;
        self.below += other.below;
        self.above += other.above;
        self.missing += other.missing;
        self.replicated += other.replicated;
        self.replicate_cv_sum_percent += other.replicate_cv_sum_percent;
        self.high_cv += other.high_cv;
    }
}

/// The results of one batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Plate {
    /// The batch's id.
    pub batch: String,
    /// The laboratory.
    pub lab: String,
    /// The plate; empty when not stated.
    pub plate: String,
    /// The day of the assay run, when stated.
    pub run_date: Option<Date>,
    /// When the batch was stored.
    pub created: Timestamp,
    /// What its results were like.
    pub quality: Quality,
}

/// One participant, as a slice reads it.
#[derive(Debug)]
pub(crate) struct ParticipantRow {
    pub(crate) code: String,
    pub(crate) group: String,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) slope_ln_per_h: Option<f64>,
    pub(crate) flag: Option<FlagState>,
}

/// Days of one kind in a slice of participants.
#[derive(Debug)]
pub(crate) struct DaysRow {
    pub(crate) group: String,
    pub(crate) valid: bool,
    pub(crate) awakening_recorded: bool,
    pub(crate) findings: Findings,
    pub(crate) days: u64,
}

impl Overview {
    pub(crate) fn add_participant(&mut self, row: &ParticipantRow) {
        let group = self.group(&row.group);
        group.participants += 1;
        if let Some(verdict) = row.verdict {
            let of_all = Verdict::ALL.iter().zip(&mut group.verdicts);
            for (_, count) in of_all.filter(|(one, _)| **one == verdict) {
                *count += 1;
            }
        }
        if let Some(slope) = row.slope_ln_per_h {
            group.slopes.add(slope);
        }
        if row
            .flag
            .is_some_and(|state| FlagState::WAITING.contains(&state))
        {
            group.waiting_flags += 1;
        }
    }

    pub(crate) fn add_days(&mut self, row: &DaysRow) {
        let group = self.group(&row.group);
        group
            .compliance
            .add(row.days, row.valid, row.awakening_recorded, row.findings);
    }

    pub(crate) fn add_plate(&mut self, plate: Plate) {
        self.labs
            .entry(plate.lab.clone())
            .or_default()
            .add(&plate.quality);
        self.plates.push_back(plate);
        if self.plates.len() > MOST_PLATES {
            self.plates.pop_front();
        }
    }

    /// Labels are whatever a caller wrote: beyond a number of them they share an entry.
    fn group(&mut self, label: &str) -> &mut GroupOverview {
        let label = if self.groups.contains_key(label) || self.groups.len() < MOST_GROUPS {
            label
        } else {
            OTHER_GROUPS
        };
        self.groups.entry(label.to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_counted_where_they_lie_and_beyond_the_ends() {
        let mut slopes = SlopeHistogram::default();
        for slope in [-9.0, -0.105, -0.101, -0.015, 9.0, f64::NAN] {
            slopes.add(slope);
        }
        let places: Vec<_> = slopes
            .counts()
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(bin, count)| (bin, *count))
            .collect();
        assert_eq!(places, [(0, 1), (24, 2), (33, 1), (49, 1)]);
        assert_eq!(slopes.count(), 5);
        // Two and a half of five: three quarters through the two slopes of the bin from -0.11.
        let median = slopes.quantile_ln_per_h(0.5).unwrap_or(f64::NAN);
        assert!((median + 0.1025).abs() < 1e-9, "{median}");
        assert_eq!(SlopeHistogram::default().quantile_ln_per_h(0.5), None);
    }

    #[test]
    fn any_number_of_labels_is_told_in_few() {
        let mut overview = Overview::default();
        for number in 0..1_000 {
            overview.add_participant(&ParticipantRow {
                code: number.to_string(),
                group: format!("group {number}"),
                verdict: Some(Verdict::NotFlat),
                slope_ln_per_h: Some(-0.1),
                flag: None,
            });
        }
        assert_eq!(overview.groups.len(), MOST_GROUPS + 1);
        let participants: u64 = overview
            .groups
            .values()
            .map(|group| group.participants)
            .sum();
        assert_eq!(participants, 1_000);
    }

    #[test]
    fn only_the_latest_plates_are_told_one_by_one() {
        let mut overview = Overview::default();
        for number in 0..200 {
            overview.add_plate(Plate {
                batch: number.to_string(),
                lab: "A".to_owned(),
                plate: String::new(),
                run_date: None,
                created: Timestamp::UNIX_EPOCH,
                quality: Quality {
                    results: 40,
                    below: 4,
                    ..Quality::default()
                },
            });
        }
        assert_eq!(overview.plates.len(), MOST_PLATES);
        assert_eq!(
            overview.plates.front().map(|plate| plate.batch.as_str()),
            Some("80")
        );
        let lab = overview.labs.get("A").copied().unwrap_or_default();
        assert_eq!(lab.results, 8_000);
        assert_eq!(lab.share(lab.below), Some(0.1));
    }
}
