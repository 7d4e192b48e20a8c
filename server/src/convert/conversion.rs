//! Conversions between assays, and what results come to by them.

use diel_core::Level;
use diel_core::conversion::{Conversion, ConversionAbsence, ConversionForm};
use diel_proto::v1 as pb;
use diel_store::{NewConversion, StoredConversion, StoredResult};
use pb::conversion::Form;
use pb::converted_concentration::Outcome;

use super::time;
use crate::code::{check_study_id, check_text};
use crate::name;
use crate::violations::Violations;

/// The longest name of an assay, in characters, as in batches.
const ASSAY_CHARACTERS: usize = 200;
/// The longest source, in characters.
const SOURCE_CHARACTERS: usize = 1000;

/// Reads a conversion.
pub(crate) fn from_proto(
    request: &pb::CreateConversionRequest,
    violations: &mut Violations,
) -> Option<NewConversion> {
    violations.take("conversion_id", check_study_id(&request.conversion_id));
    let Some(message) = &request.conversion else {
        violations.add("conversion", "is missing");
        return None;
    };
    violations.within("conversion", |violations| {
        for (field, text, most) in [
            ("from_assay", &message.from_assay, ASSAY_CHARACTERS),
            ("to_assay", &message.to_assay, ASSAY_CHARACTERS),
            ("source", &message.source, SOURCE_CHARACTERS),
        ] {
            violations.take(field, check_text(text, 1, most));
        }
        Some(NewConversion {
            name: request.conversion_id.clone(),
            from_assay: message.from_assay.clone(),
            to_assay: message.to_assay.clone(),
            function: function(message, violations)?,
            source: message.source.clone(),
        })
    })
}

fn function(message: &pb::Conversion, violations: &mut Violations) -> Option<Conversion> {
    let form = match &message.form {
        Some(Form::Linear(line)) => ConversionForm::Linear {
            intercept_nmol_per_l: line.intercept_nmol_per_l,
            slope: line.slope,
        },
        Some(Form::Power(power)) => ConversionForm::Power {
            factor: power.factor,
            exponent: power.exponent,
        },
        Some(Form::Table(table)) => ConversionForm::Table {
            points: table
                .points
                .iter()
                .map(|point| (point.from_nmol_per_l, point.to_nmol_per_l))
                .collect(),
        },
        None => {
            violations.add("form", "is missing; linear, power or table is required");
            return None;
        }
    };
    let (lowest, highest) = (message.lowest_nmol_per_l, message.highest_nmol_per_l);
    match Conversion::new(form, lowest, highest) {
        Ok(function) => Some(function),
        Err(error) => {
            // The text of the error begins with the term.
            let text = error.to_string();
            let (field, rule) = text.split_once(": ").unwrap_or(("form", &text));
            violations.add(field, rule);
            None
        }
    }
}

/// A conversion as a message.
pub(crate) fn to_proto(study: &str, stored: &StoredConversion) -> pb::Conversion {
    let given = &stored.given;
    let form = match given.function.form() {
        ConversionForm::Linear {
            intercept_nmol_per_l,
            slope,
        } => Form::Linear(pb::LinearConversion {
            intercept_nmol_per_l: *intercept_nmol_per_l,
            slope: *slope,
        }),
        ConversionForm::Power { factor, exponent } => Form::Power(pb::PowerConversion {
            factor: *factor,
            exponent: *exponent,
        }),
        ConversionForm::Table { points } => Form::Table(pb::TableConversion {
            points: points
                .iter()
                .map(|(from, to)| pb::ConversionPoint {
                    from_nmol_per_l: *from,
                    to_nmol_per_l: *to,
                })
                .collect(),
        }),
    };
    pb::Conversion {
        name: name_of(study, stored),
        from_assay: given.from_assay.clone(),
        to_assay: given.to_assay.clone(),
        form: Some(form),
        lowest_nmol_per_l: given.function.lowest().get(),
        highest_nmol_per_l: given.function.highest().get(),
        source: given.source.clone(),
        create_time: Some(time::to_proto(stored.created)),
    }
}

fn name_of(study: &str, stored: &StoredConversion) -> String {
    let id = format!("{}@{}", stored.given.name, stored.version);
    name::of_child(study, "conversions", id)
}

/// What a result comes to by a conversion. The limits of its batch are applied first: what lies below the limit of
/// detection comes to below the converted limit.
pub(crate) fn converted(
    study: &str,
    by: &StoredConversion,
    result: &StoredResult,
) -> pb::ConvertedConcentration {
    let level = result.measurement.level(&result.limits);
    let converted = if result.assay == by.given.from_assay {
        by.given.function.convert(level)
    } else {
        Err(ConversionAbsence::OtherAssay)
    };
    let outcome = match converted {
        Ok(Level::Exact(value)) => Outcome::NmolPerL(value.get()),
        Ok(Level::Below(limit)) => Outcome::BelowNmolPerL(limit.get()),
        Ok(Level::Above(limit)) => Outcome::AboveNmolPerL(limit.get()),
        Ok(Level::Missing(_)) => Outcome::Absence(ConversionAbsence::Missing.code().to_owned()),
        Err(absence) => Outcome::Absence(absence.code().to_owned()),
    };
    pb::ConvertedConcentration {
        conversion: name_of(study, by),
        outcome: Some(outcome),
    }
}
