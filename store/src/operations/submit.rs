//! Stores a batch of results, with all that follows from it.

mod late_controls;

use std::collections::{BTreeMap, HashMap};

use diel_core::BatchVerdict;
use diel_core::quality::BatchResult;
use serde_json::json;

use super::ground::{self, Ground, study_name};
use super::judge::{Analysing, Judgement, keep_first, rejudge};
use super::participants::{Met, meet};
use super::quality::assess;
use super::quality::measured::Place;
use super::results::{self, Appended};
use super::write::Write;
use super::{Conn, awakenings, batches, quality, requests, specimens};
use crate::answer::KeptSubmission;
use crate::fault::Fault;
use crate::ids;
use crate::plan::{Given, Known, Plan, Said};
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
        // Controls can change the verdict on batches that are stored.
        let ground = if submission.controls.is_empty() {
            ground::share(conn, &submission.study).await?
        } else {
            ground::hold(conn, &submission.study).await?
        };
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
        let mut batch = self.batch(conn, &ground, &plan).await?;
        let is_first = known.is_empty();
        let mut stored = self
            .store(conn, trail, &ground, &plan, batch.as_ref(), is_first)
            .await?;
        if batch.is_none() && plan.unchanged > 0 && !submission.controls.is_empty() {
            let added = late_controls::add(conn, trail, &ground, submission).await?;
            if let Some((to, reassessed, judgement)) = added {
                batch = Some(to);
                stored.reassessed = reassessed;
                stored.judgement = stored.judgement.and(judgement);
            }
        }
        let answer = Submitted {
            batch,
            stored: plan.stored,
            unchanged: plan.unchanged,
            waiting: plan.waiting,
            conflicts: plan.conflicts,
            profiles: stored.judgement.profiles,
            raised_flags: stored.judgement.raised_flags(),
            reassessed: stored.reassessed,
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

/// What storing a submission did beside its rows.
#[derive(Debug, Default)]
struct Stored {
    judgement: Judgement,
    /// Ids of batches whose computed verdict changed.
    reassessed: Vec<String>,
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

    /// The batch of the results that are new, assessed.
    async fn batch(
        &self,
        conn: &mut Conn,
        ground: &Ground,
        plan: &Plan<'_>,
    ) -> Result<Option<Batch>, Fault> {
        let results = plan.results();
        if results.is_empty() {
            return Ok(None);
        }
        let now = self.0.call.now;
        let mut batch = Batch {
            id: ids::batch_id(ids::new_batch_no(now)),
            batch: self.0.batch.clone(),
            result_count: i64::try_from(results.len()).unwrap_or(i64::MAX),
            created: now,
            assessment: None,
            decision: None,
            controls: Vec::new(),
            recall: None,
            version: 1,
        };
        let assessed: Vec<BatchResult> = results
            .iter()
            .map(|result| BatchResult {
                level: result.measurement.level(&self.0.batch.limits),
                replicate_cv_percent: result.replicate_cv_percent,
            })
            .collect();
        let place = Place::of(&batch)?;
        let controls = self.0.controls.clone();
        let found = assess::verdict(conn, ground, &place, &assessed, controls, now).await?;
        batch.assessment = Some(found.assessment);
        batch.controls = found.controls;
        Ok(Some(batch))
    }

    async fn store(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        ground: &Ground,
        plan: &Plan<'_>,
        batch: Option<&Batch>,
        all_new: bool,
    ) -> Result<Stored, Fault> {
        let now = self.0.call.now;
        let said = plan.participants.iter().map(|(code, said)| (*code, *said));
        let met = meet(conn, ground.no, now.as_microsecond(), said).await?;
        let (new, mut old): (Vec<Met>, Vec<Met>) =
            met.into_iter().partition(|met| met.is_new && all_new);
        let verdict = batch.map_or(BatchVerdict::NotAssessed, Batch::verdict);
        let analysing = analyse_from_memory(plan, &self.0, verdict, &new, ground);
        specimens::write(conn, ground.no, &plan.specimens).await?;
        let mut reassessed = Vec::new();
        if let Some(batch) = batch {
            batches::insert(conn, ground.no, batch).await?;
            let with = Appended {
                study_no: ground.no,
                batch_no: batches::number_of(&batch.id)?,
                now_us: now.as_microsecond(),
            };
            results::append(conn, with, &plan.results()).await?;
            if !batch.controls.is_empty() {
                let place = Place::of(batch)?;
                reassessed = quality::later_than(conn, trail, ground, &place, &self.0.call).await?;
            }
        }
        awakenings::report(conn, ground.no, &plan.awakenings, false).await?;
        let mut touched = quality::touched(conn, ground.no, &reassessed).await?;
        touched.retain(|code| !plan.participants.contains_key(code.as_str()));
        let said = touched.iter().map(|code| (code.as_str(), Said::default()));
        old.extend(meet(conn, ground.no, now.as_microsecond(), said).await?);
        let of_old = rejudge(conn, trail, ground, now, ground.by_data(), &old).await?;
        let of_new = keep_first(conn, trail, ground, now, &analysing.finish().await?).await?;
        Ok(Stored {
            judgement: of_old.and(of_new),
            reassessed: reassessed
                .into_iter()
                .map(|changed| changed.batch)
                .collect(),
        })
    }

    fn note(&self, trail: &mut Trail, ground: &Ground, answer: &Submitted) {
        let study = study_name(&self.0.study);
        let resource = answer.batch.as_ref().map_or(study.clone(), |batch| {
            format!("{study}/batches/{}", batch.id)
        });
        let mut after = json!({
            "stored": answer.stored,
            "unchanged": answer.unchanged,
            "waiting": answer.waiting,
            "refused": answer.conflicts.len(),
        });
        let verdict = answer
            .batch
            .as_ref()
            .map_or(BatchVerdict::NotAssessed, Batch::verdict);
        if let (true, Some(after)) = (verdict != BatchVerdict::NotAssessed, after.as_object_mut()) {
            after.insert("verdict".to_owned(), json!(verdict.code()));
        }
        let note = Note {
            action: "submit",
            resource,
            after,
            ..Note::default()
        };
        trail.note(ground.no, &self.0.study, &self.0.call, note);
    }
}

/// Participants of whom nothing was stored before are judged on what was sent, while it is being written.
fn analyse_from_memory(
    plan: &Plan<'_>,
    submission: &Submission,
    verdict: BatchVerdict,
    new: &[Met],
    ground: &Ground,
) -> Analysing {
    let persons: HashMap<&str, _> = new
        .iter()
        .map(|met| (met.participant.code.as_str(), met.person()))
        .collect();
    let limits = &submission.batch.limits;
    let mut evidence = plan.evidence(limits, verdict, |code| persons.contains_key(code));
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
