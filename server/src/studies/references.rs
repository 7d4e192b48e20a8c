//! Lists of references: the built-in ones, and those of a study.

use std::sync::Arc;

use diel_core::{Reference, Strata};
use diel_proto::v1 as pb;

use crate::access::Caller;
use crate::convert::reference;
use crate::name;
use crate::page::Binding;
use crate::refusal::Refusal;
use crate::service::Service;

/// A page of the built-in references, by name.
pub(super) fn built_in(
    request: &pb::ListReferencesRequest,
) -> Result<pb::ListReferencesResponse, Refusal> {
    let binding = Binding::plain("ListReferences", "");
    let page = binding.request::<String>(request.page_size, &request.page_token)?;
    let mut references: Vec<&Arc<Reference>> = Reference::builtin().iter().collect();
    references.sort_by_key(|reference| reference.id());
    let mut later = references
        .into_iter()
        .filter(|reference| {
            page.after
                .as_deref()
                .is_none_or(|after| reference.id() > after)
        })
        .peekable();
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let shown: Vec<&Arc<Reference>> = later.by_ref().take(limit).collect();
    let next = later
        .peek()
        .and(shown.last())
        .map(|reference| reference.id().to_owned());
    let message = |reference: &Arc<Reference>| {
        reference::strata_to_proto(&Strata::of(Arc::clone(reference)), None)
    };
    Ok(pb::ListReferencesResponse {
        references: shown.into_iter().map(message).collect(),
        next_page_token: binding.token(next.as_ref()),
    })
}

/// A page of a study's references, by name and version.
pub(super) async fn of_study(
    service: &Service,
    caller: &Caller,
    request: &pb::ListReferencesRequest,
) -> Result<pb::ListReferencesResponse, Refusal> {
    let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
    caller.in_study(id)?;
    let binding = Binding::plain("ListReferences", id);
    let page = binding.request(request.page_size, &request.page_token)?;
    let page = service.store.references(id, &page).await?;
    Ok(pb::ListReferencesResponse {
        references: page.items.iter().map(reference::to_proto).collect(),
        next_page_token: binding.token(page.next.as_ref()),
    })
}
