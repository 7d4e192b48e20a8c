//! The service `diel.v1.Controls`.

use diel_proto::v1 as pb;
use tonic::{Request, Response, Status};

use crate::access::Caller;
use crate::code::check_text;
use crate::convert::{batch, control, quality, study};
use crate::etag;
use crate::name;
use crate::page::Binding;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::violations::Violations;

/// The version that stands for the quality policy in force.
const CURRENT: &str = "current";

/// The longest reason of a decision or of a new target, in characters.
const REASON_CHARACTERS: usize = 500;

#[tonic::async_trait]
impl pb::controls_server::Controls for Service {
    async fn create_control(
        &self,
        request: Request<pb::CreateControlRequest>,
    ) -> Result<Response<pb::Control>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let call = self.call(&caller, &request_id, &request, request.validate_only)?;
        let mut violations = Violations::new();
        let new = control::new_from_proto(&request, &mut violations);
        violations.into_result().map_err(Refusal::from)?;
        let new = new.ok_or(Refusal::Defect(
            "a control without violations and without content",
        ))?;
        let made = self
            .store
            .create_control(id, new, &call)
            .await
            .map_err(Refusal::from)?;
        self.reassess_made.notify_one();
        Ok(Response::new(control::to_proto(id, &made)))
    }

    async fn get_control(
        &self,
        request: Request<pb::GetControlRequest>,
    ) -> Result<Response<pb::Control>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (study, id) = name::child(&request.name, "controls").map_err(Refusal::name("name"))?;
        caller.in_study(study)?;
        let found = self.store.control(study, id).await.map_err(Refusal::from)?;
        Ok(Response::new(control::to_proto(study, &found)))
    }

    async fn list_controls(
        &self,
        request: Request<pb::ListControlsRequest>,
    ) -> Result<Response<pb::ListControlsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let binding = Binding::plain("ListControls", study);
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .controls(study, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListControlsResponse {
            controls: page
                .items
                .iter()
                .map(|item| control::to_proto(study, item))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    async fn update_control(
        &self,
        request: Request<pb::UpdateControlRequest>,
    ) -> Result<Response<pb::Control>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(&caller, &request_id, &request, request.validate_only)?;
        let message = request
            .control
            .as_ref()
            .ok_or_else(|| Refusal::field("control", "is missing"))?;
        let (study, id) =
            name::child(&message.name, "controls").map_err(Refusal::name("control.name"))?;
        caller.in_study(study)?;
        let version = etag::read("control.etag", &message.etag)?;
        let mut violations = Violations::new();
        violations.take("reason", check_text(&request.reason, 0, REASON_CHARACTERS));
        let terms = violations.within("control", |violations| {
            control::terms_from_proto(message, violations)
        });
        violations.into_result().map_err(Refusal::from)?;
        let terms = terms.ok_or(Refusal::Defect(
            "a target without violations and without content",
        ))?;
        let changed = self
            .store
            .update_control(study, id, version, terms, &request.reason, &call)
            .await
            .map_err(Refusal::from)?;
        self.reassess_made.notify_one();
        Ok(Response::new(control::to_proto(study, &changed)))
    }

    async fn list_control_runs(
        &self,
        request: Request<pb::ListControlRunsRequest>,
    ) -> Result<Response<pb::ListControlRunsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (study, id) =
            name::child(&request.parent, "controls").map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let binding = Binding::plain("ListControlRuns", &request.parent);
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .control_runs(study, id, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListControlRunsResponse {
            control_runs: page
                .items
                .iter()
                .map(|run| quality::run_to_proto(study, run))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    async fn get_quality_policy(
        &self,
        request: Request<pb::GetQualityPolicyRequest>,
    ) -> Result<Response<pb::QualityPolicy>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (study, version) =
            name::child(&request.name, "qualityPolicies").map_err(Refusal::name("name"))?;
        caller.in_study(study)?;
        let version = if version == CURRENT {
            None
        } else {
            Some(version.parse().map_err(|_| {
                let rule = format!("{version:?} is not a version: a number or {CURRENT:?}");
                Refusal::field("name", rule)
            })?)
        };
        let found = self
            .store
            .quality_policy(study, version)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(control::policy_to_proto(study, &found)))
    }

    async fn update_quality_policy(
        &self,
        request: Request<pb::UpdateQualityPolicyRequest>,
    ) -> Result<Response<pb::UpdateQualityPolicyResponse>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let call = self.call(&caller, &request_id, &request, request.validate_only)?;
        let message = request
            .quality_policy
            .as_ref()
            .ok_or_else(|| Refusal::field("quality_policy", "is missing"))?;
        let version = etag::read("quality_policy.etag", &message.etag)?;
        let mut violations = Violations::new();
        let policy = violations.within("quality_policy", |violations| {
            control::policy_from_proto(message, violations)
        });
        violations.into_result().map_err(Refusal::from)?;
        let (policy, runs) = policy.ok_or(Refusal::Defect(
            "a quality policy without violations and without content",
        ))?;
        let (stored, job) = self
            .store
            .update_quality_policy(id, version, policy, runs, &call)
            .await
            .map_err(Refusal::from)?;
        self.reassess_made.notify_one();
        Ok(Response::new(pb::UpdateQualityPolicyResponse {
            quality_policy: Some(control::policy_to_proto(id, &stored)),
            job: Some(study::job_to_proto(&job)),
        }))
    }

    async fn decide_batch(
        &self,
        request: Request<pb::DecideBatchRequest>,
    ) -> Result<Response<pb::Batch>, Status> {
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(self.decide(&caller, request).await?))
    }
}

impl Service {
    /// Records what a reviewer decides about a batch; pages do it through this too.
    pub(crate) async fn decide(
        &self,
        caller: &Caller,
        mut request: pb::DecideBatchRequest,
    ) -> Result<pb::Batch, Refusal> {
        let request_id = std::mem::take(&mut request.request_id);
        let (study, id) = name::child(&request.name, "batches").map_err(Refusal::name("name"))?;
        caller.in_study(study)?;
        let call = self.call(caller, &request_id, &request, request.validate_only)?;
        let version = etag::read("etag", &request.etag)?;
        let mut violations = Violations::new();
        violations.take("reason", check_text(&request.reason, 1, REASON_CHARACTERS));
        let verdict = violations.take("verdict", quality::decision_from_proto(request.verdict));
        violations.into_result()?;
        let decided = self
            .store
            .decide_batch(
                study,
                id,
                version,
                verdict.flatten(),
                &request.reason,
                &call,
            )
            .await?;
        Ok(batch::to_proto(study, &decided))
    }
}
