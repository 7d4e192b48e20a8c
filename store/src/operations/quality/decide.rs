//! What a reviewer decides about a batch, against or with the computed verdict.

use diel_core::BatchVerdict;
use serde_json::{Value, json};

use super::super::batches::{self, batch_name};
use super::super::judge::rejudge;
use super::super::participants::meet;
use super::super::write::Write;
use super::super::{Conn, ground, requests};
use super::reassess::{Changed, touched};
use crate::answer::KeptBatch;
use crate::codes;
use crate::fault::Fault;
use crate::plan::Said;
use crate::trail::{Note, Trail};
use crate::{Batch, Call, StoreError};

pub(super) const STATEMENTS: [&str; 1] = [DECIDE];

const DECIDE: &str = "update batches set decided_verdict = $1, decided_reason = $2, decided_by = $3, decided_us = $4, \
    version = version + 1 where study_no = $5 and batch_no = $6 and version = $7";

/// Records a decision, or takes one back, and judges the batch's participants again where its results then carry another
/// remark.
#[derive(Debug)]
pub(crate) struct DecideBatch {
    pub(crate) study: String,
    pub(crate) batch: String,
    /// `None` takes a decision back.
    pub(crate) verdict: Option<BatchVerdict>,
    pub(crate) reason: String,
    pub(crate) version: i64,
    pub(crate) call: Call,
}

impl Write for DecideBatch {
    type Answer = Batch;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, trail: &mut Trail, _attempt: u32) -> Result<Batch, Fault> {
        let ground = ground::hold(conn, &self.study).await?;
        let no = ground.no;
        if let Some(kept) = requests::find::<KeptBatch>(conn, no, &self.call).await? {
            return batches::find(conn, no, &self.study, &kept.batch).await;
        }
        let before = batches::find(conn, no, &self.study, &self.batch).await?;
        let resource = batch_name(&self.study, &self.batch);
        let now = self.call.now;
        let is_taken_back = self.verdict.is_none();
        let decided = sqlx::query(DECIDE)
            .bind(self.verdict.map(codes::batch_verdict))
            .bind(if is_taken_back { "" } else { &self.reason })
            .bind(if is_taken_back { "" } else { &self.call.actor })
            .bind((!is_taken_back).then(|| now.as_microsecond()))
            .bind(no)
            .bind(batches::number_of(&self.batch)?)
            .bind(self.version)
            .execute(&mut *conn)
            .await?;
        if decided.rows_affected() == 0 {
            return Err(StoreError::EtagMismatch { resource }.into());
        }
        let after = batches::find(conn, no, &self.study, &self.batch).await?;
        let changed = Changed {
            batch: self.batch.clone(),
            marks_differently: before.verdict().finding() != after.verdict().finding(),
        };
        let codes = touched(conn, no, &[changed]).await?;
        let said = codes.iter().map(|code| (code.as_str(), Said::default()));
        let met = meet(conn, no, now.as_microsecond(), said).await?;
        rejudge(conn, trail, &ground, now, ground.by_data(), &met).await?;
        let note = Note {
            action: "decide_batch",
            resource,
            before: facts(&before),
            after: facts(&after),
            reason: &self.reason,
        };
        trail.note(no, &self.study, &self.call, note);
        let kept = KeptBatch {
            batch: self.batch.clone(),
        };
        requests::keep(conn, no, &self.call, &kept).await?;
        Ok(after)
    }
}

/// A batch's verdicts as the trail says them.
fn facts(batch: &Batch) -> Value {
    json!({
        "verdict": batch.verdict().code(),
        "decided": batch.decision.as_ref().map(|decision| decision.verdict.code()),
    })
}
