//! The service `diel.v1.Studies`.

mod delete;
mod erase;
mod preview;
mod references;
mod stored_code;

use diel_core::PolicyTerms;
use diel_proto::v1 as pb;
use tonic::{Request, Response, Status};

use crate::access::{Caller, Studies};
use crate::convert::{participant, policy, study};
use crate::etag;
use crate::name;
use crate::page::Binding;
use crate::pseudonym::Entered;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::stream::Answers;
use crate::violations::Violations;

/// The policy version that stands for the one in force.
const CURRENT: &str = "current";

/// The terms of a policy that a request must have.
fn terms(message: Option<&pb::Policy>) -> Result<PolicyTerms, Refusal> {
    let mut violations = Violations::new();
    if message.is_none() {
        violations.add("policy", "is missing");
    }
    let checked = violations.within("policy", |violations| {
        policy::from_proto(message, violations)
    });
    violations.into_result()?;
    checked.ok_or(Refusal::Defect(
        "a policy without violations and without content",
    ))
}

impl Service {
    /// Lets a change of a participant in, once it is clear that the caller may make it.
    async fn enter_change(
        &self,
        caller: &Caller,
        request: pb::UpdateParticipantRequest,
    ) -> Result<Entered<pb::UpdateParticipantRequest>, Refusal> {
        let message = request
            .participant
            .as_ref()
            .ok_or_else(|| Refusal::field("participant", "is missing"))?;
        let (id, _) = name::child(&message.name, "participants")
            .map_err(Refusal::name("participant.name"))?;
        caller.in_study(id)?;
        Ok(self.codes(id).await?.enter(request.clone()))
    }
}

#[tonic::async_trait]
impl pb::studies_server::Studies for Service {
    async fn create_study(
        &self,
        request: Request<pb::CreateStudyRequest>,
    ) -> Result<Response<pb::Study>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(&caller, &request_id, &request, request.validate_only)?;
        let mut violations = Violations::new();
        let key = self.pseudonyms.fingerprint();
        let new = study::from_proto(&request, key, &mut violations);
        violations.into_result().map_err(Refusal::from)?;
        let new = new.ok_or(Refusal::Defect(
            "a study without violations and without content",
        ))?;
        let made = self
            .store
            .create_study(new, &call)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(study::to_proto(&made)))
    }

    async fn get_study(
        &self,
        request: Request<pb::GetStudyRequest>,
    ) -> Result<Response<pb::Study>, Status> {
        let (caller, request) = Caller::take(request)?;
        let id = name::study(&request.name).map_err(Refusal::name("name"))?;
        caller.in_study(id)?;
        let found = self.store.study(id).await.map_err(Refusal::from)?;
        Ok(Response::new(study::to_proto(&found)))
    }

    async fn list_studies(
        &self,
        request: Request<pb::ListStudiesRequest>,
    ) -> Result<Response<pb::ListStudiesResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let binding = Binding::plain("ListStudies", "");
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = match caller.principal().studies() {
            Studies::All => self.store.studies(&page).await,
            Studies::Only(ids) => self.store.studies_among(&ids, &page).await,
        };
        let page = page.map_err(Refusal::from)?;
        Ok(Response::new(pb::ListStudiesResponse {
            studies: page.items.iter().map(study::to_proto).collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    async fn update_study(
        &self,
        request: Request<pb::UpdateStudyRequest>,
    ) -> Result<Response<pb::Study>, Status> {
        let (caller, request) = Caller::take(request)?;
        let message = request
            .study
            .as_ref()
            .ok_or_else(|| Refusal::field("study", "is missing"))?;
        let id = name::study(&message.name).map_err(Refusal::name("study.name"))?;
        caller.in_study(id)?;
        let version = etag::read("study.etag", &message.etag)?;
        let mut violations = Violations::new();
        let change =
            study::change_from_proto(message, request.update_mask.as_ref(), &mut violations);
        violations.into_result().map_err(Refusal::from)?;
        let call = self.plain_call(&caller, request.validate_only);
        let changed = self
            .store
            .update_study(id, version, change, &call)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(study::to_proto(&changed)))
    }

    async fn delete_study(
        &self,
        request: Request<pb::DeleteStudyRequest>,
    ) -> Result<Response<pb::DeleteStudyResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        caller.in_study(name::study(&request.name).map_err(Refusal::name("name"))?)?;
        let begun = delete::serve(self, &caller, &request).await?;
        Ok(Response::new(begun))
    }

    async fn get_policy(
        &self,
        request: Request<pb::GetPolicyRequest>,
    ) -> Result<Response<pb::Policy>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (id, version) =
            name::child(&request.name, "policies").map_err(Refusal::name("name"))?;
        caller.in_study(id)?;
        let version = if version == CURRENT {
            None
        } else {
            Some(version.parse().map_err(|_| {
                Refusal::field(
                    "name",
                    format!("{version:?} is not a version: a number or {CURRENT:?}"),
                )
            })?)
        };
        let found = self
            .store
            .policy(id, version)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(policy::to_proto(id, &found)))
    }

    async fn update_policy(
        &self,
        request: Request<pb::UpdatePolicyRequest>,
    ) -> Result<Response<pb::UpdatePolicyResponse>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(&caller, &request_id, &request, request.validate_only)?;
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let version = etag::read("etag", &request.etag)?;
        let terms = terms(request.policy.as_ref())?;
        let (stored, job) = self
            .store
            .update_policy(id, version, terms, &call)
            .await
            .map_err(Refusal::from)?;
        self.job_made.notify_one();
        Ok(Response::new(pb::UpdatePolicyResponse {
            policy: Some(policy::to_proto(id, &stored)),
            job: Some(study::job_to_proto(&job)),
        }))
    }

    async fn list_policies(
        &self,
        request: Request<pb::ListPoliciesRequest>,
    ) -> Result<Response<pb::ListPoliciesResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let binding = Binding::plain("ListPolicies", id);
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .policies(id, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListPoliciesResponse {
            policies: page
                .items
                .iter()
                .map(|item| policy::to_proto(id, item))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    type PreviewPolicyStream = Answers<pb::PreviewPolicyResponse>;

    async fn preview_policy(
        &self,
        request: Request<pb::PreviewPolicyRequest>,
    ) -> Result<Response<Self::PreviewPolicyStream>, Status> {
        let permit = self.admission.stream()?;
        let (caller, request) = Caller::take(request)?;
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let terms = terms(request.policy.as_ref())?;
        let changes = preview::serve(self, id, &terms, caller.staying(Some(id)), permit).await?;
        Ok(Response::new(changes))
    }

    async fn get_job(
        &self,
        request: Request<pb::GetJobRequest>,
    ) -> Result<Response<pb::Job>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (id, job) = name::child(&request.name, "jobs").map_err(Refusal::name("name"))?;
        caller.in_study(id)?;
        let found = self.store.job(id, job).await.map_err(Refusal::from)?;
        Ok(Response::new(study::job_to_proto(&found)))
    }

    async fn get_stored_code(
        &self,
        request: Request<pb::GetStoredCodeRequest>,
    ) -> Result<Response<pb::GetStoredCodeResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let codes = stored_code::serve(self, id, &request).await?;
        Ok(Response::new(codes))
    }

    async fn get_participant(
        &self,
        request: Request<pb::GetParticipantRequest>,
    ) -> Result<Response<pb::Participant>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (id, _) = name::child(&request.name, "participants").map_err(Refusal::name("name"))?;
        caller.in_study(id)?;
        let request = self.codes(id).await?.enter(request.clone());
        let (id, code) =
            name::child(&request.name, "participants").map_err(Refusal::name("name"))?;
        let found = self
            .store
            .participant(id, code)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(participant::to_proto(id, &found)))
    }

    async fn list_participants(
        &self,
        request: Request<pb::ListParticipantsRequest>,
    ) -> Result<Response<pb::ListParticipantsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let id = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(id)?;
        let binding = Binding::plain("ListParticipants", id);
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .participants(id, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListParticipantsResponse {
            participants: page
                .items
                .iter()
                .map(|item| participant::to_proto(id, item))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    async fn update_participant(
        &self,
        request: Request<pb::UpdateParticipantRequest>,
    ) -> Result<Response<pb::Participant>, Status> {
        let (caller, request) = Caller::take(request)?;
        let sent = request.participant.clone().unwrap_or_default().name;
        let request = self.enter_change(&caller, request).await?;
        let message = request
            .participant
            .as_ref()
            .ok_or_else(|| Refusal::field("participant", "is missing"))?;
        let (id, code) = name::child(&message.name, "participants")
            .map_err(Refusal::name("participant.name"))?;
        let version = if message.etag.is_empty() && request.allow_missing {
            None
        } else {
            Some(etag::read("participant.etag", &message.etag)?)
        };
        let mut violations = Violations::new();
        let change =
            participant::change_from_proto(message, request.update_mask.as_ref(), &mut violations);
        if request.allow_missing {
            let (_, guard) = self.reading(&self.store.study(id).await.map_err(Refusal::from)?);
            let sent = name::child(&sent, "participants").map_or(code, |(_, sent)| sent);
            guard.participant("participant.name", sent, &mut violations);
        }
        violations.into_result().map_err(Refusal::from)?;
        let call = self.plain_call(&caller, request.validate_only);
        let changed = self
            .store
            .update_participant(id, code, version, change, request.allow_missing, &call)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(participant::to_proto(id, &changed)))
    }

    async fn erase_participant(
        &self,
        request: Request<pb::EraseParticipantRequest>,
    ) -> Result<Response<pb::EraseParticipantResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (id, code) =
            name::child(&request.name, "participants").map_err(Refusal::name("name"))?;
        caller.in_study(id)?;
        let stored = self.codes(id).await?.enter(request.clone());
        let erased = erase::serve(self, &caller, code, &stored).await?;
        Ok(Response::new(erased))
    }

    async fn list_references(
        &self,
        request: Request<pb::ListReferencesRequest>,
    ) -> Result<Response<pb::ListReferencesResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let answer = if request.parent.is_empty() {
            caller.in_any_study()?;
            references::built_in(&request)?
        } else {
            references::of_study(self, &caller, &request).await?
        };
        Ok(Response::new(answer))
    }
}
