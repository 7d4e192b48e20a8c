//! Batches and their rows.

use std::collections::HashMap;

use diel_core::{Limits, Measurement, NmolPerL, Unit};
use diel_proto::v1 as pb;
use diel_store::{Batch, NewBatch, NewResult, SubmissionRow};

use super::code_shape::CodeGuard;
use super::collection;
use super::measurement::{self, unit_from_proto, unit_to_proto};
use super::quality;
use super::time::{self, Zone};
use crate::code::{check_code, check_text};
use crate::etag;
use crate::name;
use crate::violations::Violations;

/// The longest name of a laboratory, assay, kit or plate, in characters.
const NAME_CHARACTERS: usize = 200;
/// The longest name of a well, in characters.
pub(crate) const WELL_CHARACTERS: usize = 16;
/// Most replicates that one concentration is the mean of.
pub(crate) const MOST_REPLICATES: i32 = 1_000;

/// Reads what the rows of a batch have in common.
pub(crate) fn from_proto(
    message: Option<&pb::Batch>,
    guard: &CodeGuard,
    violations: &mut Violations,
) -> Option<NewBatch> {
    let Some(message) = message else {
        violations.add(
            "batch",
            "is missing; the laboratory and the assay are required",
        );
        return None;
    };
    violations.within("batch", |violations| facts(message, guard, violations))
}

/// The same of a batch that is there, below the present path.
pub(crate) fn facts(
    message: &pb::Batch,
    guard: &CodeGuard,
    violations: &mut Violations,
) -> Option<NewBatch> {
    let before = violations.len();
    for (field, text, least) in [
        ("lab", &message.lab, 1),
        ("assay", &message.assay, 1),
        ("kit", &message.kit, 0),
        ("plate", &message.plate, 0),
    ] {
        violations.take(field, check_text(text, least, NAME_CHARACTERS));
        guard.text(field, text, violations);
    }
    let run_date = time::date("run_date", &message.run_date, violations);
    let limit_unit = violations
        .take("limit_unit", unit_from_proto(message.limit_unit))
        .flatten();
    let limits = limits(message, limit_unit, violations);
    if violations.len() > before {
        return None;
    }
    Some(NewBatch {
        lab: message.lab.clone(),
        assay: message.assay.clone(),
        kit: message.kit.clone(),
        plate: message.plate.clone(),
        limit_of_detection: message.limit_of_detection,
        lower_limit_of_quantification: message.lower_limit_of_quantification,
        upper_limit_of_quantification: message.upper_limit_of_quantification,
        limit_unit,
        limits: limits?,
        method: String::new(),
        run_date,
    })
}

fn limits(message: &pb::Batch, unit: Option<Unit>, violations: &mut Violations) -> Option<Limits> {
    let given = [
        ("limit_of_detection", message.limit_of_detection),
        (
            "lower_limit_of_quantification",
            message.lower_limit_of_quantification,
        ),
        (
            "upper_limit_of_quantification",
            message.upper_limit_of_quantification,
        ),
    ];
    if unit.is_none() && given.iter().any(|(_, limit)| limit.is_some()) {
        violations.add(
            "limit_unit",
            "is missing; the unit of the limits is required",
        );
        return None;
    }
    let before = violations.len();
    let [detection, low, high] = given.map(|(field, limit)| {
        let (limit, unit) = (limit?, unit?);
        violations.take(field, NmolPerL::new(unit.nmol_per_l(limit)))
    });
    if violations.len() > before {
        return None;
    }
    violations.take("limit_of_detection", Limits::new(detection, low, high))
}

/// The rows of a request: the good ones, the ones left out, and how many say again what another row said.
pub(crate) struct Rows {
    pub(crate) good: Vec<SubmissionRow>,
    pub(crate) refused: Vec<u32>,
    pub(crate) repeated: i64,
}

/// Reads all rows; what is wrong with any of them is collected.
pub(crate) fn rows_from_proto(
    messages: &[pb::ResultInput],
    zone: &Zone,
    guard: &CodeGuard,
    violations: &mut Violations,
) -> Rows {
    let mut rows = Rows {
        good: Vec::with_capacity(messages.len()),
        refused: Vec::new(),
        repeated: 0,
    };
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        let before = violations.len();
        let row = violations.in_row("results", index, |violations| {
            let earlier = *seen.entry(message.specimen.as_str()).or_insert(index);
            match messages.get(earlier).filter(|_| earlier < index) {
                Some(first) if first == message => return None,
                Some(_) => violations.add(
                    "specimen",
                    format!(
                        "{:?} is already in results[{earlier}] with other content",
                        message.specimen
                    ),
                ),
                None => {}
            }
            row_from_proto(number, message, zone, guard, violations)
        });
        match row {
            _ if violations.len() > before => rows.refused.push(number),
            Some(row) => rows.good.push(row),
            None => rows.repeated += 1,
        }
    }
    rows
}

fn row_from_proto(
    row: u32,
    message: &pb::ResultInput,
    zone: &Zone,
    guard: &CodeGuard,
    violations: &mut Violations,
) -> Option<SubmissionRow> {
    let before = violations.len();
    violations.take("specimen", check_code(&message.specimen));
    guard.specimen("specimen", &message.specimen, violations);
    let result = result_from_proto(
        &message.specimen,
        message.concentration.as_ref(),
        message.replicate_count,
        message.replicate_cv_percent,
        &message.well,
        violations,
    );
    let collection = message.collection.as_ref().map(|facts| {
        violations.within("collection", |violations| {
            collection::from_proto(facts, zone, guard, violations)
        })
    });
    if violations.len() > before {
        return None;
    }
    Some(SubmissionRow {
        row,
        result: result?,
        collection: collection.flatten(),
    })
}

/// Reads one result, new or amended.
pub(crate) fn result_from_proto(
    specimen: &str,
    concentration: Option<&pb::Measurement>,
    replicate_count: Option<i32>,
    replicate_cv_percent: Option<f64>,
    well: &str,
    violations: &mut Violations,
) -> Option<NewResult> {
    let measurement: Option<Measurement> =
        measurement::from_proto("concentration", concentration, violations);
    check_replicates(replicate_count, replicate_cv_percent, violations);
    violations.take("well", check_text(well, 0, WELL_CHARACTERS));
    Some(NewResult {
        specimen: specimen.to_owned(),
        measurement: measurement?,
        replicate_count,
        replicate_cv_percent,
        well: well.to_owned(),
    })
}

/// Checks what is said of replicates.
pub(crate) fn check_replicates(
    replicate_count: Option<i32>,
    replicate_cv_percent: Option<f64>,
    violations: &mut Violations,
) {
    if let Some(count) = replicate_count.filter(|count| !(1..=MOST_REPLICATES).contains(count)) {
        violations.add(
            "replicate_count",
            format!("{count} is not between 1 and {MOST_REPLICATES}"),
        );
    }
    if let Some(cv) = replicate_cv_percent {
        if !cv.is_finite() || cv < 0.0 {
            violations.add(
                "replicate_cv_percent",
                format!("{cv} is not a percentage of 0 or more"),
            );
        } else if replicate_count.is_none_or(|count| count < 2) {
            violations.add(
                "replicate_cv_percent",
                format!(
                    "{cv} % needs a replicate_count of 2 or more: one replicate has no variation"
                ),
            );
        }
    }
}

/// A stored batch as a message.
pub(crate) fn to_proto(study: &str, batch: &Batch) -> pb::Batch {
    let facts = &batch.batch;
    pb::Batch {
        name: name::of_child(study, "batches", &batch.id),
        lab: facts.lab.clone(),
        assay: facts.assay.clone(),
        kit: facts.kit.clone(),
        plate: facts.plate.clone(),
        limit_of_detection: facts.limit_of_detection,
        lower_limit_of_quantification: facts.lower_limit_of_quantification,
        upper_limit_of_quantification: facts.upper_limit_of_quantification,
        limit_unit: unit_to_proto(facts.limit_unit) as i32,
        method: match facts.method.as_str() {
            "" => String::new(),
            method => name::of_child(study, "methods", method),
        },
        run_date: facts
            .run_date
            .map(|date| date.to_string())
            .unwrap_or_default(),
        result_count: batch.result_count,
        create_time: Some(time::to_proto(batch.created)),
        quality: Some(quality::to_proto(study, batch)),
        controls: batch
            .controls
            .iter()
            .map(|control| quality::control_to_proto(study, control))
            .collect(),
        recall: batch.recall.as_ref().map(|recall| pb::BatchRecall {
            recall_time: Some(time::to_proto(recall.at)),
            actor: recall.actor.clone(),
            reason: recall.reason.clone(),
        }),
        etag: etag::write(batch.version),
    }
}
