//! The service `diel.v1.Audits`.

use diel_proto::v1 as pb;
use diel_store::{AuditFilter, StoreError};
use tonic::{Request, Response, Status};

use crate::access::Caller;
use crate::convert::audit;
use crate::name;
use crate::page::Binding;
use crate::pseudonym::Codes;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::stream::{self, Answers};

/// The study whose chain is meant, once it is clear that the caller may read it; `None` for the chain outside any study,
/// which is for those who may read all.
fn chain<'a>(caller: &Caller, parent: &'a str) -> Result<Option<&'a str>, Refusal> {
    if parent.is_empty() {
        caller.in_all_studies()?;
        return Ok(None);
    }
    let study = name::study(parent).map_err(Refusal::name("parent"))?;
    caller.in_study(study)?;
    Ok(Some(study))
}

#[tonic::async_trait]
impl pb::audits_server::Audits for Service {
    async fn list_audit_entries(
        &self,
        request: Request<pb::ListAuditEntriesRequest>,
    ) -> Result<Response<pb::ListAuditEntriesResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let codes = match chain(&caller, &request.parent)? {
            Some(study) => match self.codes(study).await {
                // Its trail is kept, and names nobody any more.
                Err(Refusal::Store(StoreError::StudyDeleted { .. })) => Codes::AsSent,
                codes => codes?,
            },
            None => Codes::AsSent,
        };
        let request = codes.enter(request);
        let study = chain(&caller, &request.parent)?;
        let filter = audit::filter(request.filter.as_ref()).map_err(Refusal::from)?;
        let binding = Binding::new("ListAuditEntries", &request.parent, request.filter.as_ref());
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .audit_entries(study, &filter, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListAuditEntriesResponse {
            entries: page.items.iter().map(audit::to_proto).collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    type StreamAuditEntriesStream = Answers<pb::StreamAuditEntriesResponse>;

    async fn stream_audit_entries(
        &self,
        request: Request<pb::StreamAuditEntriesRequest>,
    ) -> Result<Response<Self::StreamAuditEntriesStream>, Status> {
        let permit = self.admission.stream()?;
        let (caller, request) = Caller::take(request)?;
        let study = chain(&caller, &request.parent)?.map(str::to_owned);
        let binding = Binding::plain("StreamAuditEntries", &request.parent);
        let after = binding.read(&request.resume_token)?;
        // An unknown study is refused before the stream begins.
        self.store
            .audit_head(study.as_deref())
            .await
            .map_err(Refusal::from)?;
        let store = self.store.clone();
        let pages = stream::Pages {
            stay: caller.staying(study.as_deref()),
            stopping: self.stopping.clone(),
            permit,
            after,
        };
        Ok(Response::new(pages.send(move |page| {
            let (store, study, token) = (store.clone(), study.clone(), binding.clone());
            async move {
                let page = store
                    .audit_entries(study.as_deref(), &AuditFilter::default(), &page)
                    .await?;
                let message = pb::StreamAuditEntriesResponse {
                    entries: page.items.iter().map(audit::to_proto).collect(),
                    resume_token: token.token(page.next.as_ref()),
                };
                Ok((message, page.next))
            }
        })))
    }

    async fn get_audit_head(
        &self,
        request: Request<pb::GetAuditHeadRequest>,
    ) -> Result<Response<pb::AuditHead>, Status> {
        let (caller, request) = Caller::take(request)?;
        let study = chain(&caller, &request.parent)?;
        let head = self.store.audit_head(study).await.map_err(Refusal::from)?;
        Ok(Response::new(audit::head_to_proto(head)))
    }
}
