//! The service `diel.v1.Specimens`.

mod sampling;

use diel_proto::v1 as pb;
use diel_store::Corrections;
use tonic::{Request, Response, Status};

use crate::access::Caller;
use crate::code::check_text;
use crate::convert::{correction, protocol};
use crate::name;
use crate::page::Binding;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::violations::Violations;

/// The longest reason of a correction, in characters.
const REASON_CHARACTERS: usize = 500;

/// Most corrections in one call: they are made one after the other, in one transaction.
const MOST_CORRECTIONS: usize = 100;

impl Service {
    /// Gives specimens other collection facts.
    async fn correct(
        &self,
        caller: &Caller,
        mut request: pb::CorrectSpecimensRequest,
    ) -> Result<pb::CorrectSpecimensResponse, Refusal> {
        let request_id = std::mem::take(&mut request.request_id);
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        if request.corrections.len() > MOST_CORRECTIONS {
            return Err(Refusal::TooLarge {
                field: "corrections",
                rows: request.corrections.len(),
                most: MOST_CORRECTIONS,
            });
        }
        let found = self.store.study(study).await?;
        let study = found.id.as_str();
        let (zone, guard) = self.reading(&found);
        let request = self.pseudonyms.of(&found)?.enter_rows(request, &guard);
        let call = self.entered_call(caller, &request_id, &request, request.validate_only)?;
        let mut violations = Violations::new();
        violations.take("reason", check_text(&request.reason, 1, REASON_CHARACTERS));
        let corrections =
            correction::from_proto(&request.corrections, &zone, &guard, &mut violations);
        violations.into_result()?;
        let corrected = self
            .store
            .correct(Corrections {
                study: study.to_owned(),
                corrections,
                reason: request.reason.clone(),
                call,
            })
            .await?;
        Ok(correction::to_proto(study, &corrected))
    }
}

#[tonic::async_trait]
impl pb::specimens_server::Specimens for Service {
    async fn correct_specimens(
        &self,
        request: Request<pb::CorrectSpecimensRequest>,
    ) -> Result<Response<pb::CorrectSpecimensResponse>, Status> {
        let _permit = self.admission.heavy_call()?;
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(self.correct(&caller, request).await?))
    }

    async fn list_earlier_collections(
        &self,
        request: Request<pb::ListEarlierCollectionsRequest>,
    ) -> Result<Response<pb::ListEarlierCollectionsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (study, _) =
            name::child(&request.parent, "specimens").map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let request = self.codes(study).await?.enter(request.clone());
        let (study, code) =
            name::child(&request.parent, "specimens").map_err(Refusal::name("parent"))?;
        let binding = Binding::plain("ListEarlierCollections", &request.parent);
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .earlier_facts(study, code, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListEarlierCollectionsResponse {
            collections: page
                .items
                .iter()
                .map(correction::earlier_to_proto)
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    async fn list_duplicates(
        &self,
        request: Request<pb::ListDuplicatesRequest>,
    ) -> Result<Response<pb::ListDuplicatesResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(self.duplicates(&caller, request).await?))
    }

    async fn get_protocol(
        &self,
        request: Request<pb::GetProtocolRequest>,
    ) -> Result<Response<pb::Protocol>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (study, stored) = self.protocol_named(&caller, "name", &request.name).await?;
        Ok(Response::new(protocol::to_proto(&study, &stored)))
    }

    async fn list_protocols(
        &self,
        request: Request<pb::ListProtocolsRequest>,
    ) -> Result<Response<pb::ListProtocolsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let binding = Binding::plain("ListProtocols", study);
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .protocols(study, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListProtocolsResponse {
            protocols: page
                .items
                .iter()
                .map(|item| protocol::to_proto(study, item))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    async fn update_protocol(
        &self,
        request: Request<pb::UpdateProtocolRequest>,
    ) -> Result<Response<pb::Protocol>, Status> {
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(self.put_protocol(&caller, request).await?))
    }

    async fn list_compliance(
        &self,
        request: Request<pb::ListComplianceRequest>,
    ) -> Result<Response<pb::ListComplianceResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(self.compliance(&caller, request).await?))
    }
}
