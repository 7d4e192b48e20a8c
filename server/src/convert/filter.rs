//! Filters: typed, and refused when they could select nothing by mistake.

use diel_proto::v1 as pb;
use diel_store::{FlagFilter, ProfileFilter, RhythmFilter, SpecimenFilter, SpecimenState};
use jiff::Timestamp;

use super::flag::state_from_proto;
use super::rhythm::verdict_from_proto;
use super::time;
use crate::code::check_code;
use crate::violations::Violations;

/// Most groups that a filter may name.
const MOST_GROUPS: usize = 20;

/// Reads a filter of profiles.
pub(crate) fn of_profiles(
    message: Option<&pb::ProfileFilter>,
) -> Result<ProfileFilter, Violations> {
    let Some(message) = message else {
        return Ok(ProfileFilter::default());
    };
    checked(|violations| {
        let first_date = time::date("first_date", &message.first_date, violations);
        let last_date = time::date("last_date", &message.last_date, violations);
        if let (Some(first), Some(last)) = (first_date, last_date)
            && first > last
        {
            violations.add("first_date", format!("{first} lies after last_date {last}"));
        }
        range(
            "age_years",
            message.min_age_years,
            message.max_age_years,
            violations,
        );
        range(
            "slope_ln_per_h",
            message.min_slope_ln_per_h,
            message.max_slope_ln_per_h,
            violations,
        );
        ProfileFilter {
            participant: code("participant", &message.participant, violations),
            groups: groups(&message.groups, violations),
            min_age_years: message.min_age_years,
            max_age_years: message.max_age_years,
            first_date,
            last_date,
            min_slope_ln_per_h: message.min_slope_ln_per_h,
            max_slope_ln_per_h: message.max_slope_ln_per_h,
            valid_only: message.valid_only,
            through: None,
        }
    })
}

/// Reads a filter of rhythms.
pub(crate) fn of_rhythms(message: Option<&pb::RhythmFilter>) -> Result<RhythmFilter, Violations> {
    let Some(message) = message else {
        return Ok(RhythmFilter::default());
    };
    checked(|violations| {
        range(
            "age_years",
            message.min_age_years,
            message.max_age_years,
            violations,
        );
        range(
            "slope_ln_per_h",
            message.min_slope_ln_per_h,
            message.max_slope_ln_per_h,
            violations,
        );
        RhythmFilter {
            groups: groups(&message.groups, violations),
            min_age_years: message.min_age_years,
            max_age_years: message.max_age_years,
            verdicts: each(
                "verdicts",
                &message.verdicts,
                verdict_from_proto,
                "Verdict",
                violations,
            ),
            flag_states: each(
                "flag_states",
                &message.flag_states,
                state_from_proto,
                "FlagState",
                violations,
            ),
            min_slope_ln_per_h: message.min_slope_ln_per_h,
            max_slope_ln_per_h: message.max_slope_ln_per_h,
        }
    })
}

/// Reads a filter of flags; claims are looked at as of `now`.
pub(crate) fn of_flags(
    message: Option<&pb::FlagFilter>,
    now: Timestamp,
) -> Result<FlagFilter, Violations> {
    let Some(message) = message else {
        return Ok(FlagFilter::default());
    };
    checked(|violations| {
        if let Some(bad) = message.min_probability.filter(|p| !(0.0..=1.0).contains(p)) {
            violations.add("min_probability", format!("{bad} is not between 0 and 1"));
        }
        FlagFilter {
            states: each(
                "states",
                &message.states,
                state_from_proto,
                "FlagState",
                violations,
            ),
            participant: code("participant", &message.participant, violations),
            groups: groups(&message.groups, violations),
            min_probability: message.min_probability,
            claimed_by: (!message.claimed_by.is_empty()).then(|| message.claimed_by.clone()),
            unclaimed_at: message.unclaimed.then_some(now),
        }
    })
}

/// Reads a filter of steps of flags, which say nothing of claims.
pub(crate) fn of_steps(message: Option<&pb::FlagFilter>) -> Result<FlagFilter, Violations> {
    if let Some(message) = message
        && (!message.claimed_by.is_empty() || message.unclaimed)
    {
        return checked(|violations| {
            violations.add("claimed_by", "a watch cannot be filtered by claims");
            FlagFilter::default()
        });
    }
    of_flags(message, Timestamp::UNIX_EPOCH)
}

/// Reads a filter of specimens.
pub(crate) fn of_specimens(
    message: Option<&pb::SpecimenFilter>,
) -> Result<SpecimenFilter, Violations> {
    let Some(message) = message else {
        return Ok(SpecimenFilter::default());
    };
    checked(|violations| {
        let state = match pb::SpecimenState::try_from(message.state) {
            Ok(pb::SpecimenState::Unspecified) => None,
            Ok(pb::SpecimenState::Complete) => Some(SpecimenState::Complete),
            Ok(pb::SpecimenState::WaitingForCollection) => {
                Some(SpecimenState::WaitingForCollection)
            }
            Ok(pb::SpecimenState::WaitingForResult) => Some(SpecimenState::WaitingForResult),
            Err(_) => {
                violations.add("state", format!("{} is not a SpecimenState", message.state));
                None
            }
        };
        SpecimenFilter {
            participant: code("participant", &message.participant, violations),
            state,
            created_before: message
                .created_before_time
                .as_ref()
                .and_then(|time| time::instant("created_before_time", time, violations)),
        }
    })
}

fn checked<T>(read: impl FnOnce(&mut Violations) -> T) -> Result<T, Violations> {
    let mut violations = Violations::new();
    let filter = violations.within("filter", read);
    violations.into_result().map(|()| filter)
}

fn code(field: &str, text: &str, violations: &mut Violations) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    violations
        .take(field, check_code(text))
        .map(|()| text.to_owned())
}

fn groups(groups: &[String], violations: &mut Violations) -> Vec<String> {
    if groups.len() > MOST_GROUPS {
        violations.add(
            "groups",
            format!("{} groups; at most {MOST_GROUPS} are allowed", groups.len()),
        );
    }
    groups.to_vec()
}

fn range(field: &str, least: Option<f64>, most: Option<f64>, violations: &mut Violations) {
    for (bound, value) in [("min", least), ("max", most)] {
        if let Some(bad) = value.filter(|value| !value.is_finite()) {
            violations.add(
                &format!("{bound}_{field}"),
                format!("{bad} is not a finite number"),
            );
        }
    }
    if let (Some(least), Some(most)) = (least, most)
        && least > most
    {
        violations.add(
            &format!("min_{field}"),
            format!("{least} is greater than max_{field} {most}"),
        );
    }
}

fn each<T>(
    field: &str,
    numbers: &[i32],
    read: impl Fn(i32) -> Option<T>,
    kind: &str,
    violations: &mut Violations,
) -> Vec<T> {
    let mut found = Vec::with_capacity(numbers.len());
    for (index, number) in numbers.iter().enumerate() {
        match read(*number) {
            Some(value) => found.push(value),
            None => violations.add(
                &format!("{field}[{index}]"),
                format!("{number} is not a {kind}"),
            ),
        }
    }
    found
}
