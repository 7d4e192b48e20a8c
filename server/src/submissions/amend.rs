//! Amendments: corrected results, one or many, as new revisions.

use diel_proto::v1 as pb;
use diel_store::{Amendment, Amendments, Mode};

use super::{count_of, shown_persons, told};
use crate::access::Caller;
use crate::assays;
use crate::code::check_text;
use crate::convert::{batch, revision, specimen};
use crate::name;
use crate::refusal::{Refusal, add_amendments};
use crate::service::Service;
use crate::violations::Violations;

/// The longest reason of an amendment, in characters.
const REASON_CHARACTERS: usize = 500;

impl Service {
    /// Replaces a result by a new revision.
    pub(super) async fn amend(
        &self,
        caller: &Caller,
        mut request: pb::AmendResultRequest,
    ) -> Result<pb::Result, Refusal> {
        let request_id = std::mem::take(&mut request.request_id);
        let (study, _) = name::child(&request.name, "specimens").map_err(Refusal::name("name"))?;
        caller.in_study(study)?;
        let request = self.codes(study).await?.enter(request.clone());
        let (study, code) =
            name::child(&request.name, "specimens").map_err(Refusal::name("name"))?;
        let call = self.entered_call(caller, &request_id, &request, request.validate_only)?;
        let mut violations = Violations::new();
        violations.take("reason", check_text(&request.reason, 1, REASON_CHARACTERS));
        if request.replaced_revision < 1 {
            violations.add(
                "replaced_revision",
                format!(
                    "{} is not a revision; the first is 1",
                    request.replaced_revision
                ),
            );
        }
        let message = request.result.clone().unwrap_or_default();
        let result = violations.within("result", |violations| {
            batch::result_from_proto(
                code,
                message.concentration.as_ref(),
                message.replicate_count,
                message.replicate_cv_percent,
                &message.well,
                violations,
            )
        });
        violations.into_result()?;
        let result = result.ok_or(Refusal::Defect(
            "a result without violations and without content",
        ))?;
        let amendment = Amendment {
            study: study.to_owned(),
            specimen: code.to_owned(),
            result,
            replaced_revision: request.replaced_revision,
            reason: request.reason.clone(),
            call,
        };
        let stored = self.store.amend(amendment).await?;
        Ok(specimen::result_to_proto(study, &stored))
    }

    /// Replaces many results by new revisions, for one reason.
    pub(super) async fn amend_together(
        &self,
        caller: &Caller,
        mut request: pb::AmendResultsRequest,
    ) -> Result<pb::AmendResultsResponse, Refusal> {
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
        violations.take("reason", check_text(&request.reason, 1, REASON_CHARACTERS));
        if request.results.is_empty() {
            violations.add("results", "is empty; 1 to 5,000 rows are required");
        }
        let rerun = request.rerun.as_ref().and_then(|facts| {
            violations.within("rerun", |violations| {
                batch::facts(facts, &guard, violations)
            })
        });
        if !violations.is_empty() {
            return Err(violations.into());
        }
        let rerun = match rerun {
            Some(facts) => Some(assays::with_limits(self, study, facts).await?),
            None => None,
        };
        let rows = batch::rows_from_proto(&request.results, &zone, &guard, &mut violations);
        let partial = request.allow_partial || request.validate_only;
        if !violations.is_empty() && !partial {
            return Err(violations.into());
        }
        let amendments = Amendments {
            study: study.to_owned(),
            rows: rows.good.into_iter().map(revision::row).collect(),
            rerun,
            reason: request.reason.clone(),
            mode: if partial { Mode::Partial } else { Mode::Atomic },
            call,
        };
        let amended = self.store.amend_together(amendments).await?;
        let mut refused_rows = rows.refused;
        refused_rows.extend(amended.refused.iter().map(|refused| refused.row));
        refused_rows.sort_unstable();
        refused_rows.dedup();
        add_amendments(&amended.refused, &mut violations);
        let revised = &amended.revised;
        Ok(pb::AmendResultsResponse {
            batch: amended
                .batch
                .as_ref()
                .map(|stored| batch::to_proto(study, stored)),
            amended_count: revised.results.into(),
            unchanged_count: i64::from(amended.unchanged) + rows.repeated,
            violations: told("results", violations, &[]),
            refused_rows: refused_rows
                .into_iter()
                .map(|row| i32::try_from(row).unwrap_or(i32::MAX))
                .collect(),
            profile_count: revised.profiles.into(),
            person_count: count_of(&revised.persons),
            persons: shown_persons(caller, study, revised),
        })
    }
}
