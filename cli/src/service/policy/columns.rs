//! The terms of a policy, in a row or one below the other.

use diel_client::v1;

use crate::output::{Column, Records};
use crate::service::answer::text_or_nothing;
use crate::service::{condition, instant, name};

/// A row a version.
pub(super) const COLUMNS: &[Column] = &[
    Column::new("version"),
    Column::new("reference"),
    Column::headed("threshold_percentile", "threshold\npercentile"),
    Column::headed("threshold_ln_per_h", "threshold\nln/h"),
    Column::new("probability"),
    Column::headed("min_days", "days\nto flag"),
    Column::headed("min_samples", "samples\nto flag"),
    Column::headed("second_review", "second\nreview"),
    Column::headed("created_at", "in force since"),
    Column::unshown("min_days_to_report"),
    Column::unshown("min_reference_persons"),
    Column::unshown("car_window_min"),
    Column::unshown("evening_after_h"),
    Column::unshown("excluding"),
    Column::unshown("min_age_years"),
    Column::unshown("min_age_to_flag_years"),
    Column::unshown("min_age_for_car_years"),
    Column::unshown("evening_limit_nmol_per_l"),
    Column::unshown("evening_limit_share"),
    Column::unshown("reopen_shift_sd"),
];

/// A term, or that it is absent.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    Text(String),
    Number(Option<f64>),
    Count(Option<i64>),
}

impl Term {
    pub(super) fn write(&self, records: &mut dyn Records) {
        match self {
            Self::Text(text) => text_or_nothing(records, text),
            Self::Number(number) => records.maybe(*number),
            Self::Count(Some(count)) => records.integer(*count),
            Self::Count(None) => records.absent(),
        }
    }
}

/// The terms in the order of [`COLUMNS`].
pub(super) fn terms(policy: &v1::Policy) -> [Term; COLUMNS.len()] {
    use v1::policy::Threshold::{ThresholdLnPerH, ThresholdPercentile};

    let count = |count: Option<i32>| Term::Count(count.map(i64::from));
    let (percentile, slope) = match policy.threshold {
        Some(ThresholdPercentile(percentile)) => (Some(percentile), None),
        Some(ThresholdLnPerH(slope)) => (None, Some(slope)),
        None => (None, None),
    };
    let since = policy.create_time.as_ref().and_then(instant::utc_text);
    let excluding = policy.excluding_conditions.as_ref().map(|set| {
        let set = condition::of_messages(&set.conditions);
        if set.is_empty() {
            "none".to_owned()
        } else {
            set.to_string()
        }
    });
    let second = policy.second_review.map(|second| second.to_string());
    [
        Term::Text(name::id(&policy.name).to_owned()),
        Term::Text(policy.reference.clone()),
        Term::Number(percentile),
        Term::Number(slope),
        Term::Number(policy.probability),
        count(policy.min_days),
        count(policy.min_samples),
        Term::Text(second.unwrap_or_default()),
        Term::Text(since.unwrap_or_default()),
        count(policy.min_days_to_report),
        count(policy.min_reference_persons),
        Term::Number(policy.car_window_min),
        Term::Number(policy.evening_after_h),
        Term::Text(excluding.unwrap_or_default()),
        Term::Number(policy.min_age_years),
        Term::Number(policy.min_age_to_flag_years),
        Term::Number(policy.min_age_for_car_years),
        Term::Number(policy.evening_limit_nmol_per_l),
        Term::Number(policy.evening_limit_share),
        Term::Number(policy.reopen_shift_sd),
    ]
}
