//! Numbers, times and codes as pages write them.

use diel_core::quality::QualityReasons;
use diel_core::{BatchVerdict, CodeEntry, Conditions, Findings, Reasons};
use diel_store::{FlagDecision, FlagEventKind, FlagState};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::picture::number;

/// What stands for an absent number.
pub(super) const NONE: &str = "\u{2013}";

/// A slope, ln(nmol/L) per hour, to three decimals.
pub(super) fn slope(value: Option<f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| number::fixed(value, 3))
}

/// A number to so many decimals.
pub(super) fn fixed(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| number::fixed(value, decimals))
}

/// A probability to two decimals, never 0 or 1.
pub(super) fn probability(value: Option<f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), number::probability)
}

/// A count as a share of another: `12 %`.
pub(super) fn percent(count: u64, of: u64) -> String {
    if of == 0 {
        return NONE.to_owned();
    }
    format!("{} %", number::fixed(100.0 * count as f64 / of as f64, 0))
}

/// An instant in a study's zone: `2026-03-02 07:05`, with the offset.
pub(super) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone())
        .strftime("%Y-%m-%d %H:%M %:z")
        .to_string()
}

/// A code with its meaning.
#[derive(Debug, Clone)]
pub(super) struct Meaning {
    /// The stable code.
    pub(super) code: &'static str,
    /// What it says, in one sentence.
    pub(super) says: &'static str,
}

pub(super) fn reasons(reasons: Reasons) -> Vec<Meaning> {
    let of = |reason: diel_core::Reason| Meaning {
        code: reason.code(),
        says: reason.meaning(),
    };
    reasons.iter().map(of).collect()
}

pub(super) fn quality_reasons(reasons: QualityReasons) -> Vec<Meaning> {
    let of = |reason: diel_core::quality::QualityReason| Meaning {
        code: reason.code(),
        says: reason.meaning(),
    };
    reasons.iter().map(of).collect()
}

pub(super) fn findings(findings: Findings) -> Vec<Meaning> {
    let of = |finding: diel_core::Finding| Meaning {
        code: finding.code(),
        says: finding.meaning(),
    };
    findings.iter().map(of).collect()
}

pub(super) fn conditions(conditions: Conditions) -> Vec<Meaning> {
    let of = |condition: diel_core::Condition| Meaning {
        code: condition.code(),
        says: condition.meaning(),
    };
    conditions.iter().map(of).collect()
}

/// A code as words: `late_wake_sample` is "late wake sample".
pub(super) fn words(code: &str) -> String {
    code.replace('_', " ")
}

/// What a verdict says, by its code.
pub(super) fn verdict_says(code: &str) -> &'static str {
    diel_core::codes()
        .find(|entry: &CodeEntry| entry.kind == "verdict" && entry.code == code)
        .map_or("", |entry| entry.meaning)
}

/// What quality control says of a batch, in words.
pub(super) const fn batch_verdict(verdict: BatchVerdict) -> &'static str {
    match verdict {
        BatchVerdict::NotAssessed => "is not assessed",
        BatchVerdict::Pass => "passes its quality control",
        BatchVerdict::Review => "is to be looked at by its quality control",
        BatchVerdict::Fail => "fails its quality control",
    }
}

/// A verdict on a batch in one word.
pub(super) const fn batch_word(verdict: BatchVerdict) -> &'static str {
    match verdict {
        BatchVerdict::NotAssessed => "not assessed",
        BatchVerdict::Pass => "pass",
        BatchVerdict::Review => "review",
        BatchVerdict::Fail => "fail",
    }
}

/// Where a flag stands, in words.
pub(super) const fn state(state: FlagState) -> &'static str {
    match state {
        FlagState::Open => "open",
        FlagState::AwaitingSecond => "awaiting a second decision",
        FlagState::Disputed => "disputed",
        FlagState::Resolved => "resolved",
        FlagState::Withdrawn => "withdrawn",
    }
}

/// What a reviewer decided, in words.
pub(super) const fn decision(decision: FlagDecision) -> &'static str {
    match decision {
        FlagDecision::Confirmed => "confirmed",
        FlagDecision::Dismissed => "dismissed",
        FlagDecision::MoreData => "more data",
    }
}

/// A step in the life of a flag, in words.
pub(super) const fn event(kind: FlagEventKind) -> &'static str {
    match kind {
        FlagEventKind::Raised => "raised",
        FlagEventKind::EvidenceChanged => "evidence changed",
        FlagEventKind::Resolved => "resolved",
        FlagEventKind::Reopened => "reopened",
        FlagEventKind::Withdrawn => "withdrawn",
        FlagEventKind::Claimed => "claimed",
        FlagEventKind::TakenOver => "taken over",
        FlagEventKind::Released => "released",
        FlagEventKind::FirstDecision => "first decision",
        FlagEventKind::Disagreed => "second decision, another",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_shown_where_the_study_is() {
        let at = Timestamp::from_second(1_772_345_100).unwrap_or_default();
        let berlin = TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC);
        assert_eq!(moment(at, &berlin), "2026-03-01 07:05 +01:00");
    }

    #[test]
    fn shares_and_absent_numbers() {
        assert_eq!(percent(2, 3), "67 %");
        assert_eq!(percent(0, 0), NONE);
        assert_eq!(slope(Some(-0.0204)), "\u{2212}0.020");
        assert_eq!(fixed(None, 2), NONE);
    }
}
