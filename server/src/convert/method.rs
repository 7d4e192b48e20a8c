//! Methods: what a study knows of its assays.

use diel_core::{Limits, NmolPerL, Unit};
use diel_proto::v1 as pb;
use diel_store::{NewBatch, NewMethod, ReportedBias, StoredMethod};

use super::time;
use crate::code::{check_study_id, check_text};
use crate::name;
use crate::violations::Violations;

/// The longest name of an assay, in characters, as in batches.
const ASSAY_CHARACTERS: usize = 200;
/// The longest description or source, in characters.
const TEXT_CHARACTERS: usize = 1_000;
/// Most biases of one method.
const MOST_BIASES: usize = 20;

/// Reads a method.
pub(crate) fn from_proto(
    request: &pb::CreateMethodRequest,
    violations: &mut Violations,
) -> Option<NewMethod> {
    violations.take("method_id", check_study_id(&request.method_id));
    let Some(message) = &request.method else {
        violations.add("method", "is missing");
        return None;
    };
    violations.within("method", |violations| {
        for (field, text, least, most) in [
            ("assay", &message.assay, 1, ASSAY_CHARACTERS),
            ("description", &message.description, 0, TEXT_CHARACTERS),
            ("source", &message.source, 1, TEXT_CHARACTERS),
        ] {
            violations.take(field, check_text(text, least, most));
        }
        let limits = limits(message, violations);
        if message.biases.len() > MOST_BIASES {
            let count = message.biases.len();
            violations.add("biases", format!("has {count}; at most {MOST_BIASES}"));
            return None;
        }
        let mut biases = Vec::with_capacity(message.biases.len());
        for (index, bias) in message.biases.iter().enumerate() {
            biases.extend(
                violations.in_row("biases", index, |violations| reported(bias, violations)),
            );
        }
        Some(NewMethod {
            name: request.method_id.clone(),
            assay: message.assay.clone(),
            description: message.description.clone(),
            limits: limits?,
            biases,
            source: message.source.clone(),
        })
    })
}

fn limits(message: &pb::Method, violations: &mut Violations) -> Option<Limits> {
    let before = violations.len();
    let [detection, low, high] = [
        (
            "limit_of_detection_nmol_per_l",
            message.limit_of_detection_nmol_per_l,
        ),
        (
            "lower_limit_of_quantification_nmol_per_l",
            message.lower_limit_of_quantification_nmol_per_l,
        ),
        (
            "upper_limit_of_quantification_nmol_per_l",
            message.upper_limit_of_quantification_nmol_per_l,
        ),
    ]
    .map(|(field, limit)| violations.take(field, NmolPerL::new(limit?)));
    if violations.len() > before {
        return None;
    }
    let limits = Limits::new(detection, low, high);
    violations.take("limit_of_detection_nmol_per_l", limits)
}

fn reported(message: &pb::ReportedBias, violations: &mut Violations) -> Option<ReportedBias> {
    let before = violations.len();
    violations.take(
        "compared_with",
        check_text(&message.compared_with, 1, ASSAY_CHARACTERS),
    );
    violations.take("source", check_text(&message.source, 1, TEXT_CHARACTERS));
    if !message.percent.is_finite() || message.percent <= -100.0 {
        violations.add(
            "percent",
            format!("{} is not a finite number over -100", message.percent),
        );
    }
    let [lowest, highest] = [
        ("lowest_nmol_per_l", message.lowest_nmol_per_l),
        ("highest_nmol_per_l", message.highest_nmol_per_l),
    ]
    .map(|(field, end)| violations.take(field, NmolPerL::new(end?)));
    if let (Some(lowest), Some(highest)) = (lowest, highest)
        && lowest.get() > highest.get()
    {
        violations.add(
            "highest_nmol_per_l",
            format!(
                "{} is less than the lowest, {}",
                highest.get(),
                lowest.get()
            ),
        );
    }
    (violations.len() == before).then(|| ReportedBias {
        compared_with: message.compared_with.clone(),
        percent: message.percent,
        lowest,
        highest,
        source: message.source.clone(),
    })
}

/// A method as a message.
pub(crate) fn to_proto(study: &str, stored: &StoredMethod) -> pb::Method {
    let given = &stored.given;
    let limits = &given.limits;
    pb::Method {
        name: name::of_child(study, "methods", stored.id()),
        assay: given.assay.clone(),
        description: given.description.clone(),
        limit_of_detection_nmol_per_l: limits.detection.map(NmolPerL::get),
        lower_limit_of_quantification_nmol_per_l: limits.quantification_low.map(NmolPerL::get),
        upper_limit_of_quantification_nmol_per_l: limits.quantification_high.map(NmolPerL::get),
        biases: given
            .biases
            .iter()
            .map(|bias| pb::ReportedBias {
                compared_with: bias.compared_with.clone(),
                percent: bias.percent,
                lowest_nmol_per_l: bias.lowest.map(NmolPerL::get),
                highest_nmol_per_l: bias.highest.map(NmolPerL::get),
                source: bias.source.clone(),
            })
            .collect(),
        source: given.source.clone(),
        create_time: Some(time::to_proto(stored.created)),
    }
}

/// Gives a batch that states no limit those of its method.
pub(crate) fn lend_limits(method: &StoredMethod, batch: &mut NewBatch) {
    let limits = method.given.limits;
    batch.limit_of_detection = limits.detection.map(NmolPerL::get);
    batch.lower_limit_of_quantification = limits.quantification_low.map(NmolPerL::get);
    batch.upper_limit_of_quantification = limits.quantification_high.map(NmolPerL::get);
    batch.limit_unit = Some(Unit::NmolPerL);
    batch.limits = limits;
    batch.method = method.id();
}
