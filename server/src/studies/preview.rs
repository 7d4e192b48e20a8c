//! A dry run of a change of policy, as a stream.

use std::sync::{Arc, Mutex, PoisonError};

use diel_core::PolicyTerms;
use diel_proto::v1 as pb;
use diel_store::StoredPolicy;

use crate::access::Stay;
use crate::admission::Permit;
use crate::convert::{policy, preview};
use crate::refusal::Refusal;
use crate::service::Service;
use crate::stream::{Answers, Pages};

/// Judges everybody of a study by other terms, as fast as the reader takes the answers. One slice is in memory at a time.
///
/// # Errors
/// The study does not exist, or the terms name a reference that does not.
pub(super) async fn serve(
    service: &Service,
    study: &str,
    terms: &PolicyTerms,
    stay: Stay,
    permit: Permit,
) -> Result<Answers<pb::PreviewPolicyResponse>, Refusal> {
    let (terms, in_force) = service.store.check_policy(study, terms).await?;
    let total = service.store.participant_count(study).await?;
    let message = policy::to_proto(
        study,
        &StoredPolicy {
            terms: terms.clone(),
            ..in_force
        },
    );
    let pages = Pages {
        stay,
        stopping: service.stopping.clone(),
        permit,
        after: None,
    };
    let (store, study) = (service.store.clone(), study.to_owned());
    let totals = Arc::new(Mutex::new(preview::Totals::default()));
    Ok(pages.send(move |page| {
        let (store, study, terms) = (store.clone(), study.clone(), terms.clone());
        let (totals, policy) = (Arc::clone(&totals), message.clone());
        async move {
            let slice = store.preview_policy(&study, &terms, &page).await?;
            let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
            totals.add(&slice);
            let message = totals.to_proto(&study, total, &slice, &policy);
            Ok((message, slice.next))
        }
    }))
}
