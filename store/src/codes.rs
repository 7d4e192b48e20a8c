//! How enumerations are written in columns. These numbers and words are part of the schema and never change.

use diel_core::mixed::Criterion;
use diel_core::quality::{QualityReason, QualityReasons, WestgardRules};
use diel_core::{
    Absence, BatchVerdict, Conditions, Feature, Features, Finding, Findings, MissingReason,
    Outcome, Reason, Reasons, TimeSource, Unit, Verdict,
};

use crate::{
    FlagDecision, FlagEventKind, FlagState, JobKind, JobState, RevisionCause, Role, Sex, StoreError,
};

/// A table of variants and their codes, read in both directions.
macro_rules! column_codes {
    ($write:ident, $read:ident, $name:ty, $code:ty, $given:ty, $what:literal, { $($variant:path = $number:literal),+ $(,)? }) => {
        pub(crate) const fn $write(value: $name) -> $code {
            match value { $($variant => $number),+ }
        }

        pub(crate) fn $read(code: $given) -> Result<$name, StoreError> {
            match code {
                $($number => Ok($variant),)+
                other => Err(damaged($what, &other)),
            }
        }
    };
}

column_codes!(sex, read_sex, Sex, i64, i64, "sex", { Sex::Unspecified = 0, Sex::Female = 1, Sex::Male = 2, Sex::Other = 3 });
column_codes!(unit, read_unit, Unit, i64, i64, "unit", {
    Unit::NmolPerL = 0, Unit::UgPerDl = 1, Unit::NgPerMl = 2, Unit::UgPerL = 3,
});
column_codes!(source, read_source, TimeSource, i64, i64, "time_source", {
    TimeSource::Unspecified = 0, TimeSource::SelfReport = 1, TimeSource::Electronic = 2, TimeSource::Actigraphy = 3,
});
column_codes!(revision_cause, read_revision_cause, RevisionCause, i64, i64, "cause", {
    RevisionCause::Sent = 0, RevisionCause::Recalled = 1, RevisionCause::Restored = 2,
});
column_codes!(flag_state, read_flag_state, FlagState, &'static str, &str, "state", {
    FlagState::Open = "open", FlagState::AwaitingSecond = "awaiting_second", FlagState::Disputed = "disputed",
    FlagState::Resolved = "resolved", FlagState::Withdrawn = "withdrawn",
});
column_codes!(decision, read_decision, FlagDecision, &'static str, &str, "decision", {
    FlagDecision::Confirmed = "confirmed", FlagDecision::Dismissed = "dismissed", FlagDecision::MoreData = "more_data",
});
column_codes!(event_kind, read_event_kind, FlagEventKind, &'static str, &str, "kind", {
    FlagEventKind::Raised = "raised", FlagEventKind::EvidenceChanged = "evidence_changed",
    FlagEventKind::Resolved = "resolved", FlagEventKind::Reopened = "reopened", FlagEventKind::Withdrawn = "withdrawn",
    FlagEventKind::Claimed = "claimed", FlagEventKind::TakenOver = "taken_over", FlagEventKind::Released = "released",
    FlagEventKind::FirstDecision = "first_decision", FlagEventKind::Disagreed = "disagreed",
});
column_codes!(
    job_kind,
    read_job_kind,
    JobKind,
    &'static str,
    &str,
    "kind",
    { JobKind::Rejudge = "rejudge", JobKind::Fit = "fit", JobKind::Reassess = "reassess", JobKind::Delete = "delete" }
);
column_codes!(batch_verdict, read_batch_verdict, BatchVerdict, i64, i64, "verdict", {
    BatchVerdict::NotAssessed = 0, BatchVerdict::Pass = 1, BatchVerdict::Review = 2, BatchVerdict::Fail = 3,
});
column_codes!(job_state, read_job_state, JobState, &'static str, &str, "state", {
    JobState::Queued = "queued", JobState::Running = "running",
    JobState::Succeeded = "succeeded", JobState::Failed = "failed", JobState::Cancelled = "cancelled",
});
column_codes!(role, read_role, Role, &'static str, &str, "role", {
    Role::Submitter = "submitter", Role::Researcher = "researcher",
    Role::Reviewer = "reviewer", Role::Admin = "admin",
});
column_codes!(
    criterion,
    read_criterion,
    Criterion,
    &'static str,
    &str,
    "criterion",
    { Criterion::Reml = "reml", Criterion::Ml = "ml" }
);

/// A row that breaks its own rules.
pub(crate) fn damaged(column: &str, found: &dyn std::fmt::Display) -> StoreError {
    StoreError::Damaged {
        what: format!("{column} holds {found}"),
    }
}

/// The columns `outcome`, `amount`, `unit`, `missing_reason`.
pub(crate) fn outcome(outcome: Outcome) -> (i64, Option<f64>, Option<&'static str>) {
    match outcome {
        Outcome::Value(value) => (0, Some(value), None),
        Outcome::Below(limit) => (1, Some(limit), None),
        Outcome::Above(limit) => (2, Some(limit), None),
        Outcome::Missing(reason) => (3, None, Some(reason.code())),
    }
}

pub(crate) fn read_outcome(
    code: i64,
    amount: Option<f64>,
    reason: Option<&str>,
) -> Result<Outcome, StoreError> {
    match (code, amount, reason) {
        (0, Some(value), None) => Ok(Outcome::Value(value)),
        (1, Some(limit), None) => Ok(Outcome::Below(limit)),
        (2, Some(limit), None) => Ok(Outcome::Above(limit)),
        (3, None, Some(reason)) => MissingReason::from_code(reason)
            .map(Outcome::Missing)
            .ok_or_else(|| damaged("missing_reason", &reason)),
        _ => Err(damaged("outcome", &code)),
    }
}

pub(crate) fn read_conditions(bits: i64) -> Result<Conditions, StoreError> {
    u16::try_from(bits)
        .map(Conditions::from_bits)
        .map_err(|_| damaged("conditions", &bits))
}

pub(crate) fn read_verdict(code: &str) -> Result<Verdict, StoreError> {
    Verdict::from_code(code).ok_or_else(|| damaged("verdict", &code))
}

pub(crate) fn read_findings(codes: &str) -> Result<Findings, StoreError> {
    codes_of(codes)
        .map(|code| Finding::from_code(code).ok_or_else(|| damaged("findings", &code)))
        .collect()
}

pub(crate) fn read_reasons(codes: &str) -> Result<Reasons, StoreError> {
    codes_of(codes)
        .map(|code| Reason::from_code(code).ok_or_else(|| damaged("reasons", &code)))
        .collect()
}

pub(crate) fn read_quality_reasons(codes: &str) -> Result<QualityReasons, StoreError> {
    codes_of(codes)
        .map(|code| QualityReason::from_code(code).ok_or_else(|| damaged("quality_reasons", &code)))
        .collect()
}

pub(crate) fn read_rules(codes: &str) -> Result<WestgardRules, StoreError> {
    WestgardRules::from_codes(codes).map_err(|code| damaged("rules", &code))
}

fn codes_of(joined: &str) -> impl Iterator<Item = &str> {
    joined.split(';').filter(|code| !code.is_empty())
}

/// The column `absent`: which features have no number, and why.
pub(crate) fn absent(features: &Features) -> String {
    let mut text = String::new();
    for (name, feature) in features.iter() {
        if let Err(reason) = feature {
            if !text.is_empty() {
                text.push(';');
            }
            text.push_str(name);
            text.push('=');
            text.push_str(reason.code());
        }
    }
    text
}

/// A feature from its column and the column `absent`.
pub(crate) fn read_feature(
    name: &str,
    number: Option<f64>,
    absent: &str,
) -> Result<Feature, StoreError> {
    if let Some(number) = number {
        return Ok(Ok(number));
    }
    read_reason(name, absent)
        .map(Err)
        .ok_or_else(|| damaged("absent", &format_args!("no reason for {name}")))
}

/// Why a feature has no number, from the column `absent`.
pub(crate) fn read_reason(name: &str, absent: &str) -> Option<Absence> {
    let mut pairs = codes_of(absent).filter_map(|pair| pair.split_once('='));
    let (_, code) = pairs.find(|(feature, _)| *feature == name)?;
    Absence::from_code(code)
}

#[cfg(test)]
mod tests {
    use diel_core::{Condition, MissingReason, Outcome};

    use super::{outcome, read_outcome, read_sex, read_unit, sex, unit};
    use crate::Sex;

    #[test]
    fn condition_bits_are_those_of_the_schema() {
        let bits = [
            (Condition::Corticosteroids, 1),
            (Condition::Pregnancy, 2),
            (Condition::NightShift, 4),
            (Condition::AcuteIllness, 8),
            (Condition::EndocrineDisease, 16),
            (Condition::Travel, 32),
            (Condition::OtherExclusion, 64),
        ];
        for (condition, bit) in bits {
            assert_eq!(diel_core::Conditions::from_iter([condition]).bits(), bit);
        }
    }

    #[test]
    fn codes_read_back() {
        assert_eq!(sex(Sex::Other), 3);
        assert!(read_sex(4).is_err());
        for entry in diel_core::Unit::ALL {
            assert_eq!(read_unit(unit(entry)).ok(), Some(entry));
        }
        let given = Outcome::Missing(MissingReason::InsufficientVolume);
        let (code, amount, reason) = outcome(given);
        assert_eq!(read_outcome(code, amount, reason).ok(), Some(given));
        assert!(read_outcome(0, None, None).is_err());
    }
}
