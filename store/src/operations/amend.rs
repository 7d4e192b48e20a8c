//! Replaces a result by a further revision.

use diel_core::{Measurement, Outcome, Unit};
use serde_json::{Value, json};

use super::fields::found;
use super::ground;
use super::judge::rejudge;
use super::participants::meet;
use super::results::{self, Appended};
use super::specimens::{self, specimen_name};
use super::write::Write;
use super::{Conn, batches, quality, requests};
use crate::answer::KeptResult;
use crate::fault::Fault;
use crate::plan::Said;
use crate::trail::{Note, Trail};
use crate::{Amendment, Call, StoreError, StoredResult};

pub(super) const STATEMENTS: [&str; 1] = [PUT_IN_FORCE];

const PUT_IN_FORCE: &str = "update specimens set revision = revision + 1, version = version + 1 \
    where study_no = $1 and specimen = $2 and revision = $3";

/// An amendment as a change.
#[derive(Debug)]
pub(crate) struct Amend(pub(crate) Amendment);

impl Write for Amend {
    type Answer = StoredResult;

    fn call(&self) -> &Call {
        &self.0.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<StoredResult, Fault> {
        let Amendment {
            study,
            specimen,
            result,
            replaced_revision,
            reason,
            call,
        } = &self.0;
        let ground = ground::hold(conn, study).await?;
        let resource = specimen_name(study, specimen);
        let missing = || format!("{resource}/results/{replaced_revision}");
        if let Some(kept) = requests::find::<KeptResult>(conn, ground.no, call).await? {
            return found(
                results::find(conn, ground.no, &kept.specimen, kept.revision).await?,
                missing,
            );
        }
        let mut known = specimens::known(conn, ground.no, &[specimen]).await?;
        let known = found(known.remove(specimen), || resource.clone())?;
        if known.revision == 0 {
            return Err(StoreError::NotFound {
                resource: missing(),
            }
            .into());
        }
        let replaced = i64::from(*replaced_revision);
        if known.revision != replaced {
            return Err(StoreError::EtagMismatch { resource }.into());
        }
        let before = found(
            results::find(conn, ground.no, specimen, replaced).await?,
            missing,
        )?;
        // The participant first, as in every other operation, so that two writers never wait for each other.
        let participant = known
            .collection
            .as_ref()
            .map(|facts| (facts.participant.as_str(), Said::default()));
        let mut met = meet(conn, ground.no, call.now.as_microsecond(), participant).await?;
        let put = sqlx::query(PUT_IN_FORCE)
            .bind(ground.no)
            .bind(specimen)
            .bind(replaced)
            .execute(&mut *conn)
            .await?;
        if put.rows_affected() == 0 {
            return Err(Fault::Stale);
        }
        let with = Appended {
            study_no: ground.no,
            batch_no: batches::number_of(&before.batch)?,
            revision: replaced + 1,
            reason,
            now_us: call.now.as_microsecond(),
        };
        results::append(conn, with, &[result]).await?;
        let of_batch = quality::reassess(conn, trail, &ground, with.batch_no, call).await?;
        let mut touched = quality::touched(conn, ground.no, of_batch.as_slice()).await?;
        touched.retain(|code| met.iter().all(|met| met.participant.code != *code));
        let others = touched.iter().map(|code| (code.as_str(), Said::default()));
        met.extend(meet(conn, ground.no, call.now.as_microsecond(), others).await?);
        rejudge(conn, trail, &ground, call.now, ground.by_data(), &met).await?;
        let resource = format!("{resource}/results/{}", replaced + 1);
        let note = Note {
            action: "amend_result",
            resource: resource.clone(),
            before: said(replaced, &before.measurement),
            after: said(replaced + 1, &result.measurement),
            reason,
        };
        trail.note(ground.no, study, call, note);
        let kept = KeptResult {
            specimen: specimen.clone(),
            revision: replaced + 1,
        };
        requests::keep(conn, ground.no, call, &kept).await?;
        found(
            results::find(conn, ground.no, specimen, replaced + 1).await?,
            || resource,
        )
    }
}

/// A revision as the trail says it.
fn said(revision: i64, measurement: &Measurement) -> Value {
    let (kind, amount, missing) = match measurement.outcome() {
        Outcome::Value(value) => ("value", Some(value), None),
        Outcome::Below(limit) => ("below", Some(limit), None),
        Outcome::Above(limit) => ("above", Some(limit), None),
        Outcome::Missing(reason) => ("missing", None, Some(reason.code())),
    };
    json!({
        "revision": revision,
        "outcome": kind,
        "amount": amount,
        "unit": measurement.unit().map(Unit::ucum),
        "missing_reason": missing,
    })
}
