//! What a refusal says of what others did meanwhile: who did what and when, for programs.

use std::collections::HashMap;

use diel_store::{FlagClaim, FlagEvent, ReviewRefusal, StoreError};

use crate::convert::flag::{decision_to_proto, kind_to_proto};
use crate::etag;

/// The metadata of an `ErrorInfo`.
pub(super) type Metadata = HashMap<String, String>;

/// What is known of it; nothing for other refusals.
pub(super) fn metadata(error: &StoreError) -> Metadata {
    match error {
        StoreError::FlagMovedOn { last, .. } => of_step(last),
        StoreError::Review {
            refusal: ReviewRefusal::Claimed(claim),
            ..
        } => of_claim(claim),
        StoreError::StudyDeleted {
            asked, by, is_done, ..
        } => named([
            ("delete_time", asked.to_string()),
            ("actor", by.clone()),
            ("is_done", is_done.to_string()),
        ]),
        StoreError::NameSpent { asked, .. } => named([("delete_time", asked.to_string())]),
        StoreError::HeadMoved { found, .. } => named([("audit_head", found.to_string())]),
        _ => Metadata::new(),
    }
}

fn of_step(last: &FlagEvent) -> Metadata {
    let kind = kind_to_proto(last.kind).as_str_name();
    let mut metadata = named([
        ("etag", etag::write(last.sequence)),
        (
            "kind",
            kind.trim_start_matches("FLAG_EVENT_KIND_").to_owned(),
        ),
        ("actor", last.actor.clone()),
        ("reason", last.reason.clone()),
        ("time", last.at.to_string()),
    ]);
    if last.decision.is_some() {
        let decision = decision_to_proto(last.decision).as_str_name();
        let decision = decision.trim_start_matches("FLAG_DECISION_");
        metadata.insert("decision".to_owned(), decision.to_owned());
    }
    metadata
}

fn of_claim(claim: &FlagClaim) -> Metadata {
    let mut metadata = named([
        ("reviewer", claim.reviewer.clone()),
        ("claim_time", claim.at.to_string()),
    ]);
    if let Some(until) = claim.until {
        metadata.insert("expire_time".to_owned(), until.to_string());
    }
    metadata
}

fn named<const N: usize>(pairs: [(&str, String); N]) -> Metadata {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
