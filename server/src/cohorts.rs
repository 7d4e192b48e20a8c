//! The service `diel.v1.Cohorts`.

mod compare;
mod design;
pub(crate) mod estimate;
pub(crate) mod gather;
pub(crate) mod work;

use diel_proto::v1 as pb;
use diel_store::NewFrozen;
use tonic::{Request, Response, Status};

use crate::access::Caller;
use crate::convert::{fit, reference, study};
use crate::name;
use crate::page::Binding;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::violations::Violations;

#[tonic::async_trait]
impl pb::cohorts_server::Cohorts for Service {
    async fn start_fit(
        &self,
        request: Request<pb::StartFitRequest>,
    ) -> Result<Response<pb::Fit>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(&caller, &request_id, &request, request.validate_only)?;
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let mut violations = Violations::new();
        let wanted = fit::from_proto(request.fit.as_ref(), &mut violations);
        violations.into_result().map_err(Refusal::from)?;
        let wanted = wanted.ok_or(Refusal::Defect(
            "a fit without violations and without content",
        ))?;
        let started = self
            .store
            .start_fit(id, wanted, &call)
            .await
            .map_err(Refusal::from)?;
        self.fit_made.notify_one();
        Ok(Response::new(fit::to_proto(id, &started)))
    }

    async fn get_fit(
        &self,
        request: Request<pb::GetFitRequest>,
    ) -> Result<Response<pb::Fit>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (id, of) = name::child(&request.name, "fits").map_err(Refusal::name("name"))?;
        caller.in_study(id)?;
        let found = self.store.fit(id, of).await.map_err(Refusal::from)?;
        Ok(Response::new(fit::to_proto(id, &found)))
    }

    async fn list_fits(
        &self,
        request: Request<pb::ListFitsRequest>,
    ) -> Result<Response<pb::ListFitsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let binding = Binding::plain("ListFits", id);
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self.store.fits(id, &page).await.map_err(Refusal::from)?;
        Ok(Response::new(pb::ListFitsResponse {
            fits: page
                .items
                .iter()
                .map(|item| fit::to_proto(id, item))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    async fn cancel_fit(
        &self,
        request: Request<pb::CancelFitRequest>,
    ) -> Result<Response<pb::Fit>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (id, of) = name::child(&request.name, "fits").map_err(Refusal::name("name"))?;
        caller.in_study(id)?;
        let call = self.plain_call(&caller, false);
        let cancelled = self
            .store
            .cancel_fit(id, of, &call)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(fit::to_proto(id, &cancelled)))
    }

    async fn compare_fits(
        &self,
        request: Request<pb::CompareFitsRequest>,
    ) -> Result<Response<pb::CompareFitsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (id, one) = name::child(&request.name, "fits").map_err(Refusal::name("name"))?;
        caller.in_study(id)?;
        let (of_other, other) =
            name::child(&request.other_name, "fits").map_err(Refusal::name("other_name"))?;
        if id != of_other {
            let rule = format!("belongs to another study than {}", request.name);
            return Err(Refusal::field("other_name", rule).into());
        }
        let one = self.store.fit(id, one).await.map_err(Refusal::from)?;
        let other = self.store.fit(id, other).await.map_err(Refusal::from)?;
        Ok(Response::new(compare::compare(id, &one, &other)?))
    }

    async fn freeze_fit(
        &self,
        request: Request<pb::FreezeFitRequest>,
    ) -> Result<Response<pb::FreezeFitResponse>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(&caller, &request_id, &request, request.validate_only)?;
        let (id, of) = name::child(&request.name, "fits").map_err(Refusal::name("name"))?;
        caller.in_study(id)?;
        let mut violations = Violations::new();
        reference::check_id(&request.reference_id, &mut violations);
        reference::check_texts(&request.population, &request.assay, &mut violations);
        violations.into_result().map_err(Refusal::from)?;
        let new = NewFrozen {
            fit: of.to_owned(),
            name: request.reference_id.clone(),
            population: request.population.clone(),
            assay: request.assay.clone(),
        };
        let frozen = self
            .store
            .freeze_fit(id, new, &call)
            .await
            .map_err(Refusal::from)?;
        self.job_made.notify_one();
        Ok(Response::new(pb::FreezeFitResponse {
            reference: Some(reference::to_proto(&frozen.reference)),
            job: frozen.job.as_ref().map(study::job_to_proto),
        }))
    }

    async fn create_reference(
        &self,
        request: Request<pb::CreateReferenceRequest>,
    ) -> Result<Response<pb::Reference>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(&caller, &request_id, &request, request.validate_only)?;
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let mut violations = Violations::new();
        let new = reference::from_proto(&request, &mut violations);
        violations.into_result().map_err(Refusal::from)?;
        let new = new.ok_or(Refusal::Defect(
            "a reference without violations and without content",
        ))?;
        let created = self
            .store
            .create_reference(id, new, &call)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(reference::to_proto(&created)))
    }

    async fn get_reference(
        &self,
        request: Request<pb::GetReferenceRequest>,
    ) -> Result<Response<pb::Reference>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (id, of) = name::child(&request.name, "references").map_err(Refusal::name("name"))?;
        caller.in_study(id)?;
        let found = self.store.reference(id, of).await.map_err(Refusal::from)?;
        Ok(Response::new(reference::to_proto(&found)))
    }

    async fn estimate_reliability(
        &self,
        request: Request<pb::EstimateReliabilityRequest>,
    ) -> Result<Response<pb::EstimateReliabilityResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(self.reliability(&caller, &request).await?))
    }

    async fn estimate_power(
        &self,
        request: Request<pb::EstimatePowerRequest>,
    ) -> Result<Response<pb::EstimatePowerResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(self.power(&caller, &request).await?))
    }
}
