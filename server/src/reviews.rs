//! The service `diel.v1.Reviews`.

mod watch;

use diel_proto::v1 as pb;
use diel_store::FlagState;
use tonic::{Request, Response, Status};

use crate::access::Caller;
use crate::code::check_text;
use crate::convert::{filter, flag, queue, time};
use crate::etag;
use crate::name;
use crate::page::Binding;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::stream::Answers;
use crate::violations::Violations;
use watch::{Position, Watch};

/// The longest reason, in characters.
const REASON_CHARACTERS: usize = 500;

#[tonic::async_trait]
impl pb::reviews_server::Reviews for Service {
    async fn get_flag(
        &self,
        request: Request<pb::GetFlagRequest>,
    ) -> Result<Response<pb::Flag>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (study, id) = name::child(&request.name, "flags").map_err(Refusal::name("name"))?;
        caller.in_study(study)?;
        let found = self.store.flag(study, id).await.map_err(Refusal::from)?;
        Ok(Response::new(flag::to_proto(study, &found)))
    }

    async fn list_flags(
        &self,
        request: Request<pb::ListFlagsRequest>,
    ) -> Result<Response<pb::ListFlagsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let request = self.codes(study).await?.enter(request.clone());
        let now = self.clock.now();
        let filter = filter::of_flags(request.filter.as_ref(), now).map_err(Refusal::from)?;
        let binding = Binding::new("ListFlags", study, request.filter.as_ref());
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .flags(study, &filter, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListFlagsResponse {
            flags: page
                .items
                .iter()
                .map(|item| flag::to_proto(study, item))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    async fn claim_flag(
        &self,
        request: Request<pb::ClaimFlagRequest>,
    ) -> Result<Response<pb::Flag>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(&caller, &request_id, &request, false)?;
        let (study, id) = name::child(&request.name, "flags").map_err(Refusal::name("name"))?;
        caller.in_study(study)?;
        let mut violations = Violations::new();
        let until = request.expire_time.as_ref().and_then(|time| {
            time::later_than("expire_time", time, self.clock.now(), &mut violations)
        });
        let least = usize::from(request.take_over);
        violations.take(
            "reason",
            check_text(&request.reason, least, REASON_CHARACTERS),
        );
        violations.into_result().map_err(Refusal::from)?;
        let version = etag::read("etag", &request.etag)?;
        let (take_over, reason) = (request.take_over, &request.reason);
        let claimed = self
            .store
            .claim_flag(study, id, version, until, take_over, reason, &call)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(flag::to_proto(study, &claimed)))
    }

    async fn release_flag(
        &self,
        request: Request<pb::ReleaseFlagRequest>,
    ) -> Result<Response<pb::Flag>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(&caller, &request_id, &request, false)?;
        let (study, id) = name::child(&request.name, "flags").map_err(Refusal::name("name"))?;
        caller.in_study(study)?;
        check_text(&request.reason, 0, REASON_CHARACTERS)
            .map_err(|rule| Refusal::field("reason", rule))?;
        let version = etag::read("etag", &request.etag)?;
        let released = self
            .store
            .release_flag(study, id, version, &request.reason, &call)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(flag::to_proto(study, &released)))
    }

    async fn summarize_flags(
        &self,
        request: Request<pb::SummarizeFlagsRequest>,
    ) -> Result<Response<pb::SummarizeFlagsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let request = self.codes(study).await?.enter(request.clone());
        let now = self.clock.now();
        let mut filter = filter::of_flags(request.filter.as_ref(), now).map_err(Refusal::from)?;
        if filter.states.is_empty() {
            filter.states = FlagState::WAITING.to_vec();
        }
        let summary = self
            .store
            .queue_summary(study, &filter)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(queue::to_proto(&summary)))
    }

    async fn resolve_flag(
        &self,
        request: Request<pb::ResolveFlagRequest>,
    ) -> Result<Response<pb::Flag>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(&caller, &request_id, &request, false)?;
        let (study, id) = name::child(&request.name, "flags").map_err(Refusal::name("name"))?;
        caller.in_study(study)?;
        let mut violations = Violations::new();
        let decision = flag::decision_from_proto(request.decision);
        if decision.is_none() {
            violations.add(
                "decision",
                format!(
                    "{} is not a decision: confirmed, dismissed or more data",
                    request.decision
                ),
            );
        }
        violations.take("reason", check_text(&request.reason, 1, REASON_CHARACTERS));
        violations.into_result().map_err(Refusal::from)?;
        let decision = decision.ok_or(Refusal::Defect(
            "a decision without violations and without content",
        ))?;
        let version = etag::read("etag", &request.etag)?;
        let resolved = self
            .store
            .resolve_flag(study, id, version, decision, &request.reason, &call)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(flag::to_proto(study, &resolved)))
    }

    async fn reopen_flag(
        &self,
        request: Request<pb::ReopenFlagRequest>,
    ) -> Result<Response<pb::Flag>, Status> {
        let (caller, mut request) = Caller::take(request)?;
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(&caller, &request_id, &request, false)?;
        let (study, id) = name::child(&request.name, "flags").map_err(Refusal::name("name"))?;
        caller.in_study(study)?;
        check_text(&request.reason, 1, REASON_CHARACTERS)
            .map_err(|rule| Refusal::field("reason", rule))?;
        let version = etag::read("etag", &request.etag)?;
        let reopened = self
            .store
            .reopen_flag(study, id, version, &request.reason, &call)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(flag::to_proto(study, &reopened)))
    }

    async fn list_flag_events(
        &self,
        request: Request<pb::ListFlagEventsRequest>,
    ) -> Result<Response<pb::ListFlagEventsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (study, id) = name::child(&request.parent, "flags").map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let binding = Binding::plain("ListFlagEvents", &request.parent);
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .flag_events(study, id, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListFlagEventsResponse {
            events: page
                .items
                .iter()
                .map(|event| flag::event_to_proto(study, event))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    type WatchFlagsStream = Answers<pb::WatchFlagsResponse>;

    async fn watch_flags(
        &self,
        request: Request<pb::WatchFlagsRequest>,
    ) -> Result<Response<Self::WatchFlagsStream>, Status> {
        let permit = self.admission.stream()?;
        let (caller, request) = Caller::take(request)?;
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let request = self.codes(study).await?.enter(request.clone());
        let filter = filter::of_steps(request.filter.as_ref()).map_err(Refusal::from)?;
        // A place among the steps is one whatever is asked for there: the filter may change.
        let binding = Binding::plain("WatchFlags", study);
        // An unknown study is refused before the stream begins.
        let head = self
            .store
            .audit_head(Some(study))
            .await
            .map_err(Refusal::from)?;
        let position = match binding.read(&request.resume_token)? {
            Some(position) => position,
            None if request.include_present => Position::Present(head.sequence, None),
            None => Position::Behind(head.sequence),
        };
        let watch = Watch {
            stay: caller.staying(Some(study)),
            store: self.store.clone(),
            study: study.to_owned(),
            filter,
            position,
            binding,
            stopping: self.stopping.clone(),
            _permit: permit,
        };
        Ok(Response::new(watch.send()))
    }
}
