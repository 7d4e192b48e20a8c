//! Thresholds of the rules about samples, days and persons. Those that are judgement and not a published figure are
//! parameters with a default; see `docs/methods.md` for where each comes from.

use crate::range::Range;

/// Smyth et al. 2013 (Psychoneuroendocrinology 38:1476-1483): cortisol does not rise in the first ten minutes or so
/// after awakening, so samples up to here are not part of the awakening response. In minutes.
pub const LATENT_PERIOD_MIN: f64 = 10.0;

/// Smyth et al. 2013: a first sample later than this distorts the awakening response. In minutes.
pub const LATE_WAKE_SAMPLE_MIN: f64 = 5.0;

/// Below this age no rhythm is judged unless the policy says otherwise: two months, in years. Judgement, after the ages at which studies find a rhythm.
pub const MIN_JUDGED_AGE_YEARS: f64 = 2.0 / 12.0;

/// Below this age a flat slope reads "rhythm not established" unless the policy says otherwise: twelve months, in years.
/// Judgement.
pub const RHYTHM_ESTABLISHED_AGE_YEARS: f64 = 1.0;

/// Below this age no awakening response is computed unless the policy says otherwise, in years. Judgement.
pub const CAR_ESTABLISHED_AGE_YEARS: f64 = 4.0;

/// The hour of the local day at which a day without a recorded awakening begins. Judgement.
pub const DAY_BEGINS_AT_HOUR: i64 = 4;

/// The reliability that [`crate::Posterior::days_to_reliable`] asks for.
pub const RELIABLE: f64 = 0.8;

/// Days beyond which [`crate::Posterior::days_to_reliable`] stops counting: a year.
pub const MAX_DAYS_TO_RELIABLE: u32 = 366;

/// Limits above which a censored evening may count as unknown.
pub(crate) const EVENING_LIMIT: Range = Range {
    what: "a limit of evening samples",
    minimum: 0.0,
    maximum: 1.0e6,
    unit: "nmol/L",
};

/// Thresholds that are judgement and may be ruled otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Concentrations above are implausible: 60 nmol/L (50 is also in use).
    pub implausible_above_nmol_per_l: f64,
    /// Replicates with a greater coefficient of variation are remarked on: 15 %.
    pub replicate_cv_percent: f64,
    /// Samples up to so many minutes before the noted awakening belong to its day: 15 min.
    pub before_awakening_min: f64,
    /// The wake sample lies at most so many minutes after awakening: 15 min.
    pub wake_window_min: f64,
    /// A sample belongs to an awakening at most so many hours before it: 20 h.
    pub longest_day_h: f64,
    /// Two awakenings of one local date within so many hours are two reports of one: 3 h.
    pub same_awakening_h: f64,
    /// Reports of one awakening that differ by more minutes are in conflict: 5 min.
    pub awakening_conflict_min: f64,
    /// The samples of a valid day span at least so many hours: 6 h.
    pub shortest_span_h: f64,
    /// Evening samples censored at a limit above this do not carry a flag: 1 nmol/L. Also a term of policies.
    pub evening_limit_nmol_per_l: f64,
}

impl Rules {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        implausible_above_nmol_per_l: 60.0,
        replicate_cv_percent: 15.0,
        before_awakening_min: 15.0,
        wake_window_min: 15.0,
        longest_day_h: 20.0,
        same_awakening_h: 3.0,
        awakening_conflict_min: 5.0,
        shortest_span_h: 6.0,
        evening_limit_nmol_per_l: 1.0,
    };

    /// Name, number and range of each, in the order of declaration.
    pub(crate) const fn numbered(&self) -> [(&'static str, f64, Range); 9] {
        const fn range(maximum: f64, unit: &'static str) -> Range {
            Range {
                what: "this rule",
                minimum: 0.0,
                maximum,
                unit,
            }
        }
        [
            (
                "implausible_above_nmol_per_l",
                self.implausible_above_nmol_per_l,
                range(1.0e6, "nmol/L"),
            ),
            (
                "replicate_cv_percent",
                self.replicate_cv_percent,
                range(1.0e3, "%"),
            ),
            (
                "before_awakening_min",
                self.before_awakening_min,
                range(180.0, "min"),
            ),
            ("wake_window_min", self.wake_window_min, range(180.0, "min")),
            ("longest_day_h", self.longest_day_h, range(48.0, "h")),
            ("same_awakening_h", self.same_awakening_h, range(24.0, "h")),
            (
                "awakening_conflict_min",
                self.awakening_conflict_min,
                range(1440.0, "min"),
            ),
            ("shortest_span_h", self.shortest_span_h, range(24.0, "h")),
            (
                "evening_limit_nmol_per_l",
                self.evening_limit_nmol_per_l,
                EVENING_LIMIT,
            ),
        ]
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::DEFAULT
    }
}
