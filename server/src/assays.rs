//! The service `diel.v1.Assays`.

use diel_core::Limits;
use diel_proto::v1 as pb;
use diel_store::{NewBatch, StoredConversion};
use tonic::{Request, Response, Status};

use crate::access::Caller;
use crate::convert::{conversion, method};
use crate::name;
use crate::page::Binding;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::violations::Violations;

#[tonic::async_trait]
impl pb::assays_server::Assays for Service {
    async fn create_method(
        &self,
        request: Request<pb::CreateMethodRequest>,
    ) -> Result<Response<pb::Method>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(&caller, &request_id, &request, request.validate_only)?;
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let mut violations = Violations::new();
        let new = method::from_proto(&request, &mut violations);
        violations.into_result().map_err(Refusal::from)?;
        let new = new.ok_or(Refusal::Defect(
            "a method without violations and without content",
        ))?;
        let created = self
            .store
            .create_method(id, new, &call)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(method::to_proto(id, &created)))
    }

    async fn get_method(
        &self,
        request: Request<pb::GetMethodRequest>,
    ) -> Result<Response<pb::Method>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (id, of) = name::child(&request.name, "methods").map_err(Refusal::name("name"))?;
        caller.in_study(id)?;
        let found = self.store.method(id, of).await.map_err(Refusal::from)?;
        Ok(Response::new(method::to_proto(id, &found)))
    }

    async fn list_methods(
        &self,
        request: Request<pb::ListMethodsRequest>,
    ) -> Result<Response<pb::ListMethodsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let binding = Binding::plain("ListMethods", id);
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self.store.methods(id, &page).await.map_err(Refusal::from)?;
        Ok(Response::new(pb::ListMethodsResponse {
            methods: page
                .items
                .iter()
                .map(|item| method::to_proto(id, item))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    async fn create_conversion(
        &self,
        request: Request<pb::CreateConversionRequest>,
    ) -> Result<Response<pb::Conversion>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(&caller, &request_id, &request, request.validate_only)?;
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let mut violations = Violations::new();
        let new = conversion::from_proto(&request, &mut violations);
        violations.into_result().map_err(Refusal::from)?;
        let new = new.ok_or(Refusal::Defect(
            "a conversion without violations and without content",
        ))?;
        let created = self
            .store
            .create_conversion(id, new, &call)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(conversion::to_proto(id, &created)))
    }

    async fn get_conversion(
        &self,
        request: Request<pb::GetConversionRequest>,
    ) -> Result<Response<pb::Conversion>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (id, of) = name::child(&request.name, "conversions").map_err(Refusal::name("name"))?;
        caller.in_study(id)?;
        let found = self.store.conversion(id, of).await.map_err(Refusal::from)?;
        Ok(Response::new(conversion::to_proto(id, &found)))
    }

    async fn list_conversions(
        &self,
        request: Request<pb::ListConversionsRequest>,
    ) -> Result<Response<pb::ListConversionsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let binding = Binding::plain("ListConversions", id);
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .conversions(id, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListConversionsResponse {
            conversions: page
                .items
                .iter()
                .map(|item| conversion::to_proto(id, item))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }
}

/// A batch with the limits that hold for it: its own or, when it states none, those of the method that was last created
/// for its assay.
pub(crate) async fn with_limits(
    service: &Service,
    study: &str,
    mut batch: NewBatch,
) -> Result<NewBatch, Refusal> {
    let none = Limits::default();
    if batch.limits == none
        && let Some(method) = service.store.method_of_assay(study, &batch.assay).await?
        && method.given.limits != none
    {
        method::lend_limits(&method, &mut batch);
    }
    Ok(batch)
}

/// The conversion that a list of a study's results is asked for by; `None` when it is asked for none.
pub(crate) async fn wanted(
    service: &Service,
    study: &str,
    conversion: &str,
) -> Result<Option<StoredConversion>, Refusal> {
    if conversion.is_empty() {
        return Ok(None);
    }
    let (of, id) = name::child(conversion, "conversions").map_err(Refusal::name("conversion"))?;
    if of != study {
        return Err(Refusal::field(
            "conversion",
            "belongs to another study than parent",
        ));
    }
    Ok(Some(service.store.conversion(study, id).await?))
}
