//! The service `diel.v1.Submissions`.

mod amend;
mod recall;
mod stream;

use diel_proto::v1 as pb;
use diel_store::{
    Conflict, Mode, Registered, RegisteredSpecimen, Registration, ResultFilter, Revised,
    RevisedPerson, Role, StoreError, Submission, Submitted,
};
use tonic::{Request, Response, Status, Streaming};

use crate::access::Caller;
use crate::assays;
use crate::code::check_code;
use crate::convert::{batch, collection, conversion, filter, quality, revision, specimen};
use crate::name;
use crate::page::Binding;
use crate::refusal::{Refusal, conflict_violation, field_violation};
use crate::service::Service;
use crate::stream::Answers;
use crate::violations::Violations;

/// A batch that has been read and checked, ready to be stored.
struct Prepared {
    study: String,
    /// Absent when no row is good.
    submission: Option<Submission>,
    violations: Violations,
    refused_rows: Vec<u32>,
    repeated: i64,
}

impl Service {
    /// Checks and stores one batch.
    async fn submit(
        &self,
        caller: &Caller,
        request: pb::SubmitBatchRequest,
    ) -> Result<pb::SubmitBatchResponse, Refusal> {
        let prepared = self.prepare(caller, request).await?;
        self.store_prepared(caller, prepared).await
    }

    /// Reads and checks one batch. Changes nothing.
    async fn prepare(
        &self,
        caller: &Caller,
        mut request: pb::SubmitBatchRequest,
    ) -> Result<Prepared, Refusal> {
        let request_id = std::mem::take(&mut request.request_id);
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        self.check_rows("results", request.results.len())?;
        let found = self.store.study(study).await?;
        let study = found.id.as_str();
        let (zone, guard) = self.reading(&found);
        let request = self.pseudonyms.of(&found)?.enter_rows(request, &guard);
        let call = self.entered_call(caller, &request_id, &request, request.validate_only)?;
        let mut violations = Violations::new();
        let facts = batch::from_proto(request.batch.as_ref(), &guard, &mut violations);
        if request.results.is_empty() {
            violations.add("results", "is empty; 1 to 5,000 rows are required");
        }
        let controls = quality::controls_from_proto(&request.controls, &mut violations);
        // A row of results can be left out; a batch without its facts and a plate whose controls cannot be read are not stored.
        let is_refused = !violations.is_empty();
        let rows = batch::rows_from_proto(&request.results, &zone, &guard, &mut violations);
        if is_refused {
            return Err(violations.into());
        }
        let facts = facts.ok_or(Refusal::Defect(
            "a batch without violations and without content",
        ))?;
        let facts = assays::with_limits(self, study, facts).await?;
        let partial = request.allow_partial || request.validate_only;
        if !violations.is_empty() && (!partial || (rows.good.is_empty() && !request.validate_only))
        {
            return Err(violations.into());
        }
        let mode = if partial { Mode::Partial } else { Mode::Atomic };
        let submission = (!rows.good.is_empty()).then(|| Submission {
            study: study.to_owned(),
            batch: facts,
            rows: rows.good,
            controls,
            mode,
            call,
        });
        Ok(Prepared {
            study: study.to_owned(),
            submission,
            violations,
            refused_rows: rows.refused,
            repeated: rows.repeated,
        })
    }

    /// Stores what was prepared; when this returns it is durable, profiled and judged.
    async fn store_prepared(
        &self,
        caller: &Caller,
        prepared: Prepared,
    ) -> Result<pb::SubmitBatchResponse, Refusal> {
        let submitted = match prepared.submission {
            Some(submission) => self.store.submit(submission).await?,
            None => Submitted::default(),
        };
        let mut refused_rows = prepared.refused_rows;
        refused_rows.extend(submitted.conflicts.iter().map(|conflict| conflict.row));
        refused_rows.sort_unstable();
        let study = prepared.study.as_str();
        Ok(pb::SubmitBatchResponse {
            batch: submitted
                .batch
                .as_ref()
                .map(|stored| batch::to_proto(study, stored)),
            stored_count: submitted.stored.into(),
            unchanged_count: i64::from(submitted.unchanged) + prepared.repeated,
            waiting_count: submitted.waiting.into(),
            violations: told("results", prepared.violations, &submitted.conflicts),
            refused_rows: refused_rows
                .into_iter()
                .map(|row| i32::try_from(row).unwrap_or(i32::MAX))
                .collect(),
            profile_count: submitted.profiles.into(),
            raised_flags: shown_flags(caller, study, &submitted.raised_flags),
            answered_before: submitted.answered_before,
            reassessed_batches: submitted
                .reassessed
                .iter()
                .map(|id| name::of_child(study, "batches", id))
                .collect(),
        })
    }

    /// Checks and stores specimens and days.
    async fn register(
        &self,
        caller: &Caller,
        mut request: pb::RegisterSpecimensRequest,
    ) -> Result<pb::RegisterSpecimensResponse, Refusal> {
        let request_id = std::mem::take(&mut request.request_id);
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        self.check_rows("specimens", request.specimens.len())?;
        self.check_rows("days", request.days.len())?;
        let found = self.store.study(study).await?;
        let study = found.id.as_str();
        let (zone, guard) = self.reading(&found);
        let request = self.pseudonyms.of(&found)?.enter_rows(request, &guard);
        let call = self.entered_call(caller, &request_id, &request, request.validate_only)?;
        let mut violations = Violations::new();
        if request.specimens.is_empty() && request.days.is_empty() {
            violations.add(
                "specimens",
                "is empty, and so is days; one of them needs a row",
            );
        }
        let mut specimens = Vec::with_capacity(request.specimens.len());
        for (row, message) in (0_u32..).zip(&request.specimens) {
            let index = usize::try_from(row).unwrap_or(usize::MAX);
            specimens.extend(violations.in_row("specimens", index, |violations| {
                let before = violations.len();
                let code = violations.take("specimen", check_code(&message.specimen));
                guard.specimen("specimen", &message.specimen, violations);
                let Some(facts) = message.collection.as_ref() else {
                    violations.add(
                        "collection",
                        "is missing; the collection facts are required",
                    );
                    return None;
                };
                let collection = violations.within("collection", |violations| {
                    collection::from_proto(facts, &zone, &guard, violations)
                });
                if violations.len() > before {
                    return None;
                }
                code.and(collection).map(|collection| RegisteredSpecimen {
                    row,
                    specimen: message.specimen.clone(),
                    collection,
                })
            }));
        }
        let mut days = Vec::with_capacity(request.days.len());
        for (row, message) in (0_u32..).zip(&request.days) {
            let index = usize::try_from(row).unwrap_or(usize::MAX);
            days.extend(violations.in_row("days", index, |violations| {
                collection::day_from_proto(row, message, &zone, &guard, violations)
            }));
        }
        let partial = request.allow_partial;
        let nothing_good = specimens.is_empty() && days.is_empty();
        if !violations.is_empty() && (!partial || nothing_good) && !request.validate_only {
            return Err(violations.into());
        }
        let registered = if nothing_good {
            Registered::default()
        } else {
            let mode = if partial || request.validate_only {
                Mode::Partial
            } else {
                Mode::Atomic
            };
            let registration = Registration {
                study: study.to_owned(),
                specimens,
                days,
                mode,
                call,
            };
            self.store
                .register(registration)
                .await
                .map_err(|error| match error {
                    StoreError::Conflicts(conflicts) => Refusal::Conflicts {
                        rows: "specimens",
                        conflicts,
                    },
                    other => other.into(),
                })?
        };
        Ok(pb::RegisterSpecimensResponse {
            stored_count: registered.stored.into(),
            unchanged_count: registered.unchanged.into(),
            day_count: registered.days.into(),
            profile_count: registered.profiles.into(),
            violations: told("specimens", violations, &registered.conflicts),
            raised_flags: shown_flags(caller, study, &registered.raised_flags),
        })
    }
}

fn told(rows: &str, violations: Violations, conflicts: &[Conflict]) -> Vec<pb::FieldViolation> {
    let mut told: Vec<_> = violations
        .iter()
        .map(|violation| field_violation(violation.clone(), pb::ErrorReason::InvalidField))
        .collect();
    told.extend(conflicts.iter().map(|conflict| {
        field_violation(
            conflict_violation(rows, conflict),
            pb::ErrorReason::SpecimenConflict,
        )
    }));
    told
}

/// Whether the caller may be told what follows for persons: a laboratory is not told whom a plate put before a reviewer.
fn may_see_persons(caller: &Caller, study: &str) -> bool {
    let principal = caller.principal();
    principal.may(Role::Researcher, study) || principal.may(Role::Reviewer, study)
}

/// The names of flags, for those who may look at them.
fn shown_flags(caller: &Caller, study: &str, ids: &[String]) -> Vec<String> {
    if !may_see_persons(caller, study) {
        return Vec::new();
    }
    ids.iter()
        .map(|id| name::of_child(study, "flags", id))
        .collect()
}

/// What revisions did to persons, for those who may look at them.
fn shown_persons(caller: &Caller, study: &str, revised: &Revised) -> Vec<pb::RevisedPerson> {
    if !may_see_persons(caller, study) {
        return Vec::new();
    }
    let persons = revised.persons.iter();
    persons
        .map(|person| revision::person_to_proto(study, person))
        .collect()
}

/// A count as messages have it.
fn count_of(persons: &[RevisedPerson]) -> i64 {
    i64::try_from(persons.len()).unwrap_or(i64::MAX)
}

#[tonic::async_trait]
impl pb::submissions_server::Submissions for Service {
    async fn submit_batch(
        &self,
        request: Request<pb::SubmitBatchRequest>,
    ) -> Result<Response<pb::SubmitBatchResponse>, Status> {
        let _permit = self.admission.heavy_call()?;
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(self.submit(&caller, request).await?))
    }

    type SubmitBatchesStream = Answers<pb::SubmitBatchesResponse>;

    async fn submit_batches(
        &self,
        request: Request<Streaming<pb::SubmitBatchesRequest>>,
    ) -> Result<Response<Self::SubmitBatchesStream>, Status> {
        let permit = self.admission.stream()?;
        let (caller, requests) = Caller::take(request)?;
        Ok(Response::new(stream::serve(
            self.clone(),
            caller,
            requests,
            permit,
        )))
    }

    async fn register_specimens(
        &self,
        request: Request<pb::RegisterSpecimensRequest>,
    ) -> Result<Response<pb::RegisterSpecimensResponse>, Status> {
        let _permit = self.admission.heavy_call()?;
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(self.register(&caller, request).await?))
    }

    async fn amend_result(
        &self,
        request: Request<pb::AmendResultRequest>,
    ) -> Result<Response<pb::Result>, Status> {
        let _permit = self.admission.heavy_call()?;
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(self.amend(&caller, request).await?))
    }

    async fn amend_results(
        &self,
        request: Request<pb::AmendResultsRequest>,
    ) -> Result<Response<pb::AmendResultsResponse>, Status> {
        let _permit = self.admission.heavy_call()?;
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(self.amend_together(&caller, request).await?))
    }

    async fn recall_batch(
        &self,
        request: Request<pb::RecallBatchRequest>,
    ) -> Result<Response<pb::RecallBatchResponse>, Status> {
        let _permit = self.admission.heavy_call()?;
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(self.recall(&caller, request).await?))
    }

    async fn restore_batch(
        &self,
        request: Request<pb::RestoreBatchRequest>,
    ) -> Result<Response<pb::RestoreBatchResponse>, Status> {
        let _permit = self.admission.heavy_call()?;
        let (caller, request) = Caller::take(request)?;
        Ok(Response::new(self.restore(&caller, request).await?))
    }

    async fn get_batch(
        &self,
        request: Request<pb::GetBatchRequest>,
    ) -> Result<Response<pb::Batch>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (study, id) = name::child(&request.name, "batches").map_err(Refusal::name("name"))?;
        caller.in_study(study)?;
        let found = self.store.batch(study, id).await.map_err(Refusal::from)?;
        Ok(Response::new(batch::to_proto(study, &found)))
    }

    async fn list_batches(
        &self,
        request: Request<pb::ListBatchesRequest>,
    ) -> Result<Response<pb::ListBatchesResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let binding = Binding::plain("ListBatches", study);
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .batches(study, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListBatchesResponse {
            batches: page
                .items
                .iter()
                .map(|item| batch::to_proto(study, item))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    async fn get_specimen(
        &self,
        request: Request<pb::GetSpecimenRequest>,
    ) -> Result<Response<pb::Specimen>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (study, _) = name::child(&request.name, "specimens").map_err(Refusal::name("name"))?;
        caller.in_study(study)?;
        let request = self.codes(study).await?.enter(request.clone());
        let (study, code) =
            name::child(&request.name, "specimens").map_err(Refusal::name("name"))?;
        let found = self
            .store
            .specimen(study, code)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(specimen::to_proto(study, &found)))
    }

    async fn list_specimens(
        &self,
        request: Request<pb::ListSpecimensRequest>,
    ) -> Result<Response<pb::ListSpecimensResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let study = name::study(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let request = self.codes(study).await?.enter(request.clone());
        let filter = filter::of_specimens(request.filter.as_ref()).map_err(Refusal::from)?;
        let binding = Binding::new("ListSpecimens", study, request.filter.as_ref());
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .specimens(study, &filter, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListSpecimensResponse {
            specimens: page
                .items
                .iter()
                .map(|item| specimen::to_proto(study, item))
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }

    async fn list_results(
        &self,
        request: Request<pb::ListResultsRequest>,
    ) -> Result<Response<pb::ListResultsResponse>, Status> {
        let (caller, request) = Caller::take(request)?;
        let (study, _) =
            name::study_or_specimen(&request.parent).map_err(Refusal::name("parent"))?;
        caller.in_study(study)?;
        let request = self.codes(study).await?.enter(request.clone());
        let (study, code) =
            name::study_or_specimen(&request.parent).map_err(Refusal::name("parent"))?;
        let batch = if request.batch.is_empty() {
            None
        } else {
            let (of, id) =
                name::child(&request.batch, "batches").map_err(Refusal::name("batch"))?;
            if of != study {
                return Err(Refusal::field("batch", "belongs to another study than parent").into());
            }
            Some(id.to_owned())
        };
        let filter = ResultFilter {
            specimen: code.map(str::to_owned),
            batch,
        };
        let by = assays::wanted(self, study, &request.conversion).await?;
        let binding = Binding::plain(
            "ListResults",
            &format!("{}\0{}", request.parent, request.batch),
        );
        let page = binding.request(request.page_size, &request.page_token)?;
        let page = self
            .store
            .results(study, &filter, &page)
            .await
            .map_err(Refusal::from)?;
        Ok(Response::new(pb::ListResultsResponse {
            results: page
                .items
                .iter()
                .map(|item| pb::Result {
                    converted: by.as_ref().map(|by| conversion::converted(study, by, item)),
                    ..specimen::result_to_proto(study, item)
                })
                .collect(),
            next_page_token: binding.token(page.next.as_ref()),
        }))
    }
}
