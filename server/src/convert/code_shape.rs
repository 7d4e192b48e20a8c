//! Codes that a study refuses because they look like a person.

use diel_core::{CodeShape, CodeShapes};
use diel_proto::v1 as pb;
use diel_store::Study;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::violations::Violations;

/// What a study asks of codes, on a day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodeGuard {
    refused: CodeShapes,
    today: Date,
}

impl CodeGuard {
    /// Refuses nothing: for codes that are not stored.
    pub(crate) const OPEN: Self = Self {
        refused: CodeShapes::EMPTY,
        today: Date::ZERO,
    };

    /// What a study refuses now.
    pub(crate) fn of(study: &Study, now: Timestamp) -> Self {
        Self {
            refused: study.refused_shapes,
            today: TimeZone::UTC.to_datetime(now).date(),
        }
    }

    /// Checks the code of a participant.
    pub(crate) fn participant(&self, field: &str, code: &str, violations: &mut Violations) {
        refuse(
            field,
            self.refused.of_participant(code, self.today),
            violations,
        );
    }

    /// Checks the code of a specimen.
    pub(crate) fn specimen(&self, field: &str, code: &str, violations: &mut Violations) {
        refuse(
            field,
            self.refused.of_specimen(code, self.today),
            violations,
        );
    }

    /// Whether a participant may have this code.
    pub(crate) fn lets_participant(&self, code: &str) -> bool {
        self.refused.of_participant(code, self.today).is_none()
    }

    /// Whether a specimen may have this code.
    pub(crate) fn lets_specimen(&self, code: &str) -> bool {
        self.refused.of_specimen(code, self.today).is_none()
    }

    /// Checks a text beside codes, such as the name of a plate.
    pub(crate) fn text(&self, field: &str, text: &str, violations: &mut Violations) {
        refuse(field, self.refused.of_text(text), violations);
    }
}

/// Names the shape and never the code, which may be somebody's name and would end up in logs and answers.
fn refuse(field: &str, shape: Option<CodeShape>, violations: &mut Violations) {
    if let Some(shape) = shape {
        violations.add(
            field,
            format!(
                "{shape}: {} Give a pseudonym; where the study's codes only look so, an admin of the study takes {shape} \
                 out of its code policy (`diel study update --refuse-codes`)",
                shape.meaning()
            ),
        );
    }
}

/// Reads a code policy; `None` for one that is not stated.
pub(crate) fn policy_from_proto(
    message: Option<&pb::CodePolicy>,
    violations: &mut Violations,
) -> Option<CodeShapes> {
    let message = message?;
    let mut shapes = CodeShapes::EMPTY;
    for (position, number) in message.refused_shapes.iter().enumerate() {
        match pb::CodeShape::try_from(*number).ok().and_then(shape) {
            Some(shape) => shapes.insert(shape),
            None => violations.add(
                &format!("code_policy.refused_shapes[{position}]"),
                format!("{number} is not a CodeShape"),
            ),
        }
    }
    Some(shapes)
}

/// A code policy as a message.
pub(crate) fn policy_to_proto(shapes: CodeShapes) -> pb::CodePolicy {
    let refused = shapes.iter().map(|shape| match shape {
        CodeShape::EmailAddress => pb::CodeShape::EmailAddress,
        CodeShape::PersonName => pb::CodeShape::PersonName,
        CodeShape::Date => pb::CodeShape::Date,
        CodeShape::DigitsDate => pb::CodeShape::DigitsDate,
        CodeShape::PhoneNumber => pb::CodeShape::PhoneNumber,
        CodeShape::NationalNumber => pb::CodeShape::NationalNumber,
    });
    pb::CodePolicy {
        refused_shapes: refused.map(|shape| shape as i32).collect(),
    }
}

fn shape(message: pb::CodeShape) -> Option<CodeShape> {
    match message {
        pb::CodeShape::Unspecified => None,
        pb::CodeShape::EmailAddress => Some(CodeShape::EmailAddress),
        pb::CodeShape::PersonName => Some(CodeShape::PersonName),
        pb::CodeShape::Date => Some(CodeShape::Date),
        pb::CodeShape::DigitsDate => Some(CodeShape::DigitsDate),
        pb::CodeShape::PhoneNumber => Some(CodeShape::PhoneNumber),
        pb::CodeShape::NationalNumber => Some(CodeShape::NationalNumber),
    }
}
