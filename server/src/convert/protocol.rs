//! Sampling protocols.

use diel_core::sampling::{Due, PlannedSample, ProtocolError, SamplingProtocol, Tolerance};
use diel_proto::v1 as pb;
use diel_proto::v1::protocol_sample::Due as DueMessage;
use diel_store::StoredProtocol;
use jiff::civil::Time;

use super::time;
use crate::name;
use crate::violations::Violations;

/// Reads a protocol.
pub(crate) fn from_proto(
    message: &pb::Protocol,
    violations: &mut Violations,
) -> Option<SamplingProtocol> {
    let before = violations.len();
    let mut samples = Vec::with_capacity(message.samples.len());
    for (row, sample) in message.samples.iter().enumerate() {
        samples.extend(violations.in_row("samples", row, |violations| {
            sample_from_proto(sample, violations)
        }));
    }
    let days = message.day_count.and_then(|days| {
        let days = u32::try_from(days).map_err(|_| format!("{days} is not a number of days"));
        violations.take("day_count", days)
    });
    if violations.len() > before {
        return None;
    }
    match SamplingProtocol::new(samples, days) {
        Ok(protocol) => Some(protocol),
        Err(errors) => {
            for error in errors {
                let rule = error.to_string();
                match error.sample() {
                    Some(row) => violations.in_row("samples", row, |violations| {
                        violations.add(field_of(&error), rule);
                    }),
                    None => violations.add(field_of(&error), rule),
                }
            }
            None
        }
    }
}

/// The field that a rule is about.
const fn field_of(error: &ProtocolError) -> &'static str {
    match error {
        ProtocolError::SampleCount { .. } => "samples",
        ProtocolError::Days { .. } => "day_count",
        ProtocolError::Label { .. } | ProtocolError::LabelTwice { .. } => "label",
        ProtocolError::DueTime { .. } => "minutes_after_awakening",
        _ => "early_tolerance_minutes",
    }
}

fn sample_from_proto(
    message: &pb::ProtocolSample,
    violations: &mut Violations,
) -> Option<PlannedSample> {
    let due = match &message.due {
        None => {
            violations.add(
                "due",
                "is missing; one of minutes_after_awakening, clock_time and bedtime is required",
            );
            None
        }
        Some(DueMessage::MinutesAfterAwakening(minutes)) => Some(Due::AfterAwakening(*minutes)),
        Some(DueMessage::ClockTime(text)) => violations
            .take("clock_time", clock_time(text))
            .map(Due::ClockTime),
        Some(DueMessage::Bedtime(true)) => Some(Due::Bedtime),
        Some(DueMessage::Bedtime(false)) => {
            violations.add(
                "bedtime",
                "is false; leave it out, or say when the sample is due",
            );
            None
        }
    };
    let tolerance = match (
        message.early_tolerance_minutes,
        message.late_tolerance_minutes,
    ) {
        (None, None) => None,
        (Some(early_min), Some(late_min)) => Some(Tolerance {
            early_min,
            late_min,
        }),
        (Some(_), None) => {
            violations.add("late_tolerance_minutes", BOTH);
            None
        }
        (None, Some(_)) => {
            violations.add("early_tolerance_minutes", BOTH);
            None
        }
    };
    Some(PlannedSample {
        label: message.label.clone(),
        due: due?,
        tolerance,
    })
}

const BOTH: &str = "is missing; a tolerance is given in both directions or in none";

/// Minutes after midnight.
fn clock_time(text: &str) -> Result<f64, String> {
    let refuse = || format!("{text:?} is not a time of the day, such as 22:00");
    let digits = text
        .split_once(':')
        .filter(|(hour, minute)| hour.len() == 2 && minute.len() == 2);
    let (hour, minute) = digits.ok_or_else(refuse)?;
    let (hour, minute): (i8, i8) = (
        hour.parse().map_err(|_| refuse())?,
        minute.parse().map_err(|_| refuse())?,
    );
    let time = Time::new(hour, minute, 0, 0).map_err(|_| refuse())?;
    Ok(f64::from(time.hour()) * 60.0 + f64::from(time.minute()))
}

/// A stored protocol as a message, each tolerance as it holds.
pub(crate) fn to_proto(study: &str, stored: &StoredProtocol) -> pb::Protocol {
    pb::Protocol {
        name: name::of_child(study, "protocols", stored.version),
        version: stored.version,
        samples: stored
            .protocol
            .samples()
            .iter()
            .map(sample_to_proto)
            .collect(),
        day_count: stored
            .protocol
            .days()
            .map(|days| i32::try_from(days).unwrap_or(i32::MAX)),
        create_time: Some(time::to_proto(stored.created)),
    }
}

fn sample_to_proto(sample: &PlannedSample) -> pb::ProtocolSample {
    let tolerance = sample.tolerance_in_force();
    pb::ProtocolSample {
        label: sample.label.clone(),
        due: Some(match sample.due {
            Due::AfterAwakening(minutes) => DueMessage::MinutesAfterAwakening(minutes),
            Due::ClockTime(_) => DueMessage::ClockTime(sample.due.to_string()),
            Due::Bedtime => DueMessage::Bedtime(true),
        }),
        early_tolerance_minutes: tolerance.map(|tolerance| tolerance.early_min),
        late_tolerance_minutes: tolerance.map(|tolerance| tolerance.late_min),
    }
}
