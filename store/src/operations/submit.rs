//! Stores a batch of results, with all that follows from it.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::ground::{self, Ground, study_name};
use super::judge::{Analysing, Judgement, keep_first, rejudge};
use super::participants::{Met, meet};
use super::results::{self, Appended};
use super::write::Write;
use super::{Conn, awakenings, batches, requests, specimens};
use crate::answer::KeptSubmission;
use crate::fault::Fault;
use crate::ids;
use crate::plan::{Given, Known, Plan};
use crate::trail::{Note, Trail};
use crate::{Batch, Call, Mode, StoreError, Submission, Submitted};

/// A submission as a change.
#[derive(Debug)]
pub(crate) struct Submit(pub(crate) Submission);

impl Write for Submit {
    type Answer = Submitted;

    fn call(&self) -> &Call {
        &self.0.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        attempt: u32,
    ) -> Result<Submitted, Fault> {
        let submission = &self.0;
        let ground = ground::share(conn, &submission.study).await?;
        if let Some(kept) =
            requests::find::<KeptSubmission>(conn, ground.no, &submission.call).await?
        {
            return recall(conn, &ground, &submission.study, kept).await;
        }
        let known = self.known(conn, &ground, attempt).await?;
        let plan = Plan::new(self.given(), &known, submission.call.now.as_microsecond());
        if submission.mode == Mode::Atomic && !plan.conflicts.is_empty() {
            return Err(StoreError::Conflicts(plan.conflicts).into());
        }
        let batch = self.batch(&plan);
        let judgement = self
            .store(
                conn,
                trail,
                &ground,
                &plan,
                batch.as_ref(),
                known.is_empty(),
            )
            .await?;
        let answer = Submitted {
            batch,
            stored: plan.stored,
            unchanged: plan.unchanged,
            waiting: plan.waiting,
            conflicts: plan.conflicts,
            profiles: judgement.profiles,
            raised_flags: judgement.raised_flags,
            answered_before: false,
        };
        self.note(trail, &ground, &answer);
        requests::keep(
            conn,
            ground.no,
            &submission.call,
            &KeptSubmission::of(&answer),
        )
        .await?;
        Ok(answer)
    }
}

async fn recall(
    conn: &mut Conn,
    ground: &Ground,
    study: &str,
    kept: KeptSubmission,
) -> Result<Submitted, Fault> {
    let batch = match &kept.batch {
        Some(id) => Some(batches::find(conn, ground.no, study, id).await?),
        None => None,
    };
    Ok(kept.answer(batch))
}

impl Submit {
    /// What is stored of the specimens. A laboratory that sends the collection facts with its results sends new
    /// specimens: the first attempt believes so without asking, and is stale when it is wrong.
    async fn known(
        &self,
        conn: &mut Conn,
        ground: &Ground,
        attempt: u32,
    ) -> Result<HashMap<String, Known>, Fault> {
        let rows = &self.0.rows;
        if attempt == 0 && rows.iter().all(|row| row.collection.is_some()) {
            return Ok(HashMap::new());
        }
        let codes: Vec<&str> = rows
            .iter()
            .map(|row| row.result.specimen.as_str())
            .collect();
        specimens::known(conn, ground.no, &codes).await
    }

    fn given(&self) -> Vec<Given<'_>> {
        self.0
            .rows
            .iter()
            .map(|row| Given {
                row: row.row,
                specimen: &row.result.specimen,
                collection: row.collection.as_ref(),
                result: Some(&row.result),
            })
            .collect()
    }

    fn batch(&self, plan: &Plan<'_>) -> Option<Batch> {
        let count = plan
            .specimens
            .iter()
            .filter(|specimen| specimen.result.is_some())
            .count();
        let now = self.0.call.now;
        (count > 0).then(|| Batch {
            id: ids::batch_id(ids::new_batch_no(now)),
            batch: self.0.batch.clone(),
            result_count: i64::try_from(count).unwrap_or(i64::MAX),
            created: now,
        })
    }

    async fn store(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        ground: &Ground,
        plan: &Plan<'_>,
        batch: Option<&Batch>,
        all_new: bool,
    ) -> Result<Judgement, Fault> {
        let now = self.0.call.now;
        let said = plan.participants.iter().map(|(code, said)| (*code, *said));
        let met = meet(conn, ground.no, now.as_microsecond(), said).await?;
        let (new, old): (Vec<Met>, Vec<Met>) =
            met.into_iter().partition(|met| met.is_new && all_new);
        let analysing = analyse_from_memory(plan, &self.0, &new, ground);
        specimens::write(conn, ground.no, &plan.specimens).await?;
        if let Some(batch) = batch {
            batches::insert(conn, ground.no, batch).await?;
            let with = Appended {
                study_no: ground.no,
                batch_no: batches::number_of(&batch.id)?,
                revision: 1,
                reason: "",
                now_us: now.as_microsecond(),
            };
            results::append(conn, with, &plan.results()).await?;
        }
        awakenings::report(conn, ground.no, &plan.awakenings, false).await?;
        let of_old = rejudge(conn, trail, ground, now, ground.by_data(), &old).await?;
        let of_new = keep_first(conn, trail, ground, now, &analysing.finish().await?).await?;
        Ok(of_old.and(of_new))
    }

    fn note(&self, trail: &mut Trail, ground: &Ground, answer: &Submitted) {
        let study = study_name(&self.0.study);
        let resource = answer.batch.as_ref().map_or(study.clone(), |batch| {
            format!("{study}/batches/{}", batch.id)
        });
        let note = Note {
            action: "submit",
            resource,
            after: json!({
                "stored": answer.stored,
                "unchanged": answer.unchanged,
                "waiting": answer.waiting,
                "refused": answer.conflicts.len(),
            }),
            ..Note::default()
        };
        trail.note(ground.no, &self.0.study, &self.0.call, note);
    }
}

/// Participants of whom nothing was stored before are judged on what was sent, while it is being written.
fn analyse_from_memory(
    plan: &Plan<'_>,
    submission: &Submission,
    new: &[Met],
    ground: &Ground,
) -> Analysing {
    let persons: HashMap<&str, _> = new
        .iter()
        .map(|met| (met.participant.code.as_str(), met.person()))
        .collect();
    let mut evidence = plan.evidence(&submission.batch.limits, |code| persons.contains_key(code));
    let evidence: BTreeMap<String, _> = persons
        .iter()
        .map(|(code, person)| {
            let mut evidence = evidence.remove(code).unwrap_or_default();
            evidence.person = *person;
            ((*code).to_owned(), evidence)
        })
        .collect();
    Analysing::start(evidence, &ground.rule)
}
