//! Specimens and results.

use diel_proto::v1 as pb;
use diel_store::{Specimen, StoredResult};

use super::measurement::{self, nmol_per_l};
use super::{collection, revision, time};
use crate::name;

/// A specimen as a message.
pub(crate) fn to_proto(study: &str, specimen: &Specimen) -> pb::Specimen {
    pb::Specimen {
        name: name::of_child(study, "specimens", &specimen.code),
        collection: specimen.collection.as_ref().map(collection::to_proto),
        result: specimen
            .result
            .as_ref()
            .map(|result| result_to_proto(study, result)),
        create_time: Some(time::to_proto(specimen.created)),
        collection_revision: revision_to_proto(specimen.collection_revision),
    }
}

/// A revision as messages count it.
pub(crate) fn revision_to_proto(revision: i64) -> i32 {
    i32::try_from(revision).unwrap_or(i32::MAX)
}

/// A result as a message.
pub(crate) fn result_to_proto(study: &str, result: &StoredResult) -> pb::Result {
    pb::Result {
        name: format!(
            "{}/results/{}",
            name::of_child(study, "specimens", &result.specimen),
            result.revision
        ),
        concentration: Some(measurement::to_proto(&result.measurement)),
        concentration_nmol_per_l: nmol_per_l(&result.measurement),
        replicate_count: result.replicate_count,
        replicate_cv_percent: result.replicate_cv_percent,
        well: result.well.clone(),
        batch: name::of_child(study, "batches", &result.batch),
        revision: result.revision,
        amendment_reason: result.amendment_reason.clone(),
        create_time: Some(time::to_proto(result.created)),
        cause: revision::cause_to_proto(result.cause) as i32,
        // Derived where a list is asked for it.
        converted: None,
    }
}
