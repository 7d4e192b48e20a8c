//! A sampling day with its features and remarks.

use crate::features::{
    Roles, Scratch, Use, features, is_in_awakening_response, is_usable_on_ln_scale,
};
use crate::rules::LATE_WAKE_SAMPLE_MIN;
use crate::{Absence, DaySample, Features, Finding, Findings, Level, Person, Policy, SamplingDay};

/// Remarks on a day that come from sorting samples into days.
const OF_AWAKENING: [Finding; 3] = [
    Finding::AwakeningAssumed,
    Finding::AwakeningConflict,
    Finding::SecondAwakening,
];

/// One participant's sampling day: samples in order, features, findings.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The day and its samples.
    pub day: SamplingDay,
    /// Whether the day counts toward the rhythm: at least two samples usable for the slope, one of them in the
    /// evening, a span of 6 h, and no condition on the day that the policy excludes by.
    pub valid: bool,
    /// What the day tells.
    pub features: Features,
    /// Remarks on the day and on its samples together.
    pub findings: Findings,
}

/// Computes a day's features and remarks. A condition of the person does not make a day invalid; it keeps the person
/// from being judged, in [`crate::rhythm()`].
///
/// ```
/// use diel_core::{Level, NmolPerL, Person, Policy, SamplingDay, profile};
/// let samples = [(0.0, 10.0), (0.5, 15.0), (3.0, 7.0), (8.0, 4.0), (16.0, 1.5)];
/// let samples = samples.map(|(hours, nmol)| (hours, NmolPerL::new(nmol).map(Level::Exact).unwrap(), None));
/// let day = profile(SamplingDay::from_hours(None, samples), &Person::default(), &Policy::default());
/// assert!(day.valid);
/// assert!((day.features.slope_wake_bed_ln_per_h.unwrap() + 0.118569999055).abs() < 1e-12);
/// ```
#[must_use]
pub fn profile(day: SamplingDay, person: &Person, policy: &Policy) -> Profile {
    profile_with(day, person, policy, &mut Scratch::default())
}

pub(crate) fn profile_with(
    mut day: SamplingDay,
    person: &Person,
    policy: &Policy,
    scratch: &mut Scratch,
) -> Profile {
    day.order(policy.rules());
    for sample in &mut day.samples {
        sample.findings = sample
            .findings
            .union(findings_of_measurement(sample, policy));
    }
    let roles = Roles::of(&day, policy);
    let mut samples = day.samples.iter_mut();
    if let Ok(wake) = roles.wake
        && wake.hours > LATE_WAKE_SAMPLE_MIN / 60.0
        && let Some(sample) = samples.find(|sample| sample.hours == wake.hours)
    {
        sample.findings.insert(Finding::LateWakeSample);
    }
    let span = findings_of_span(&day, policy);
    let car = findings_of_awakening_response(&day, person, policy);
    let excluding = day.conditions.intersection(policy.excluding());
    let excluded: Findings = excluding.iter().map(Finding::from).collect();
    // A profile may be made again, under another policy: of the day's remarks only those on its awakening stay.
    let of_awakening = day
        .findings
        .iter()
        .filter(|finding| OF_AWAKENING.contains(finding));
    let found = of_awakening
        .collect::<Findings>()
        .union(span)
        .union(car)
        .union(excluded);
    day.findings = found.union(findings_of_roles(&roles));

    let valid = excluded.is_empty()
        && [
            Finding::FewSamples,
            Finding::ShortSpan,
            Finding::NoEveningSample,
        ]
        .into_iter()
        .all(|finding| !span.contains(finding));
    let features = features(&day, &roles, person, policy, scratch);
    let findings = day
        .samples
        .iter()
        .fold(day.findings, |all, sample| all.union(sample.findings));
    Profile {
        day,
        valid,
        features,
        findings,
    }
}

fn findings_of_measurement(sample: &DaySample, policy: &Policy) -> Findings {
    let rules = policy.rules();
    let of_level = match sample.level {
        Level::Exact(value) if value.get() > rules.implausible_above_nmol_per_l => {
            Some(Finding::Implausible)
        }
        Level::Exact(value) if value.get() == 0.0 => Some(Finding::ZeroConcentration),
        Level::Exact(_) => None,
        Level::Below(_) => Some(Finding::BelowLimit),
        Level::Above(_) => Some(Finding::AboveLimit),
        Level::Missing(reason) => Some(reason.into()),
    };
    let cv_is_high = sample
        .replicate_cv_percent
        .is_some_and(|cv| cv > rules.replicate_cv_percent);
    of_level
        .into_iter()
        .chain(cv_is_high.then_some(Finding::HighReplicateCv))
        .chain(sample.batch.finding())
        .collect()
}

/// Whether the slope may rest on a sample of a valid day.
pub(crate) fn is_fit_for_slope(sample: &DaySample, policy: &Policy) -> bool {
    is_usable_on_ln_scale(sample)
        && !sample.findings.contains(Finding::Implausible)
        && !is_in_awakening_response(sample.hours, policy)
}

/// What keeps a day from being valid, apart from conditions.
fn findings_of_span(day: &SamplingDay, policy: &Policy) -> Findings {
    let fit = || {
        day.samples
            .iter()
            .filter(|sample| is_fit_for_slope(sample, policy))
    };
    let first = fit().next().map_or(0.0, |sample| sample.hours);
    let last = fit().next_back().map_or(0.0, |sample| sample.hours);
    let mut findings = Findings::EMPTY;
    if fit().nth(1).is_none() {
        findings.insert(Finding::FewSamples);
    } else if last - first < policy.rules().shortest_span_h {
        findings.insert(Finding::ShortSpan);
    }
    if !fit().any(|sample| sample.hours >= policy.evening_after_h()) {
        findings.insert(Finding::NoEveningSample);
    }
    findings
}

fn findings_of_roles(roles: &Roles) -> Findings {
    let wake = (roles.wake == Err(Absence::NoWakeSample)).then_some(Finding::NoWakeSample);
    let bed = (roles.bed == Err(Absence::NoEveningSample)).then_some(Finding::NoEveningSample);
    wake.into_iter().chain(bed).collect()
}

fn findings_of_awakening_response(day: &SamplingDay, person: &Person, policy: &Policy) -> Findings {
    let mut findings = Findings::EMPTY;
    if person.is_younger_than(policy.ages().car_years) {
        findings.insert(Finding::CarNotEstablished);
    }
    let window = -policy.rules().before_awakening_min / 60.0..=policy.car_window_h();
    let mut in_window = day
        .samples
        .iter()
        .filter(|sample| window.contains(&sample.hours));
    if in_window.any(|sample| Use::of(sample) == Use::None) {
        findings.insert(Finding::CarIncomplete);
    }
    findings
}
