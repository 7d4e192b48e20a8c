//! Controls that come after the results of their plate: with rows that are all stored before.

use super::super::batches::{self, batch_name};
use super::super::ground::Ground;
use super::super::judge::{Judgement, rejudge};
use super::super::participants::meet;
use super::super::quality::measured::{self, Place};
use super::super::{Conn, quality};
use crate::fault::Fault;
use crate::plan::Said;
use crate::trail::Trail;
use crate::{Batch, BatchControl, NewBatchControl, StoreError, Submission};

/// The batch that the controls were added to, the other batches that this changed, and what the judgement did.
type Added = (Batch, Vec<String>, Judgement);

/// Adds the controls to the batch of the first row, once. The same controls again change nothing; others are refused.
pub(super) async fn add(
    conn: &mut Conn,
    trail: &mut Trail,
    ground: &Ground,
    submission: &Submission,
) -> Result<Option<Added>, Fault> {
    let (study, call) = (submission.study.as_str(), &submission.call);
    let Some(first) = submission.rows.first() else {
        return Ok(None);
    };
    let Some(id) = batches::of_specimen(conn, ground.no, &first.result.specimen).await? else {
        return Ok(None);
    };
    let batch = batches::find(conn, ground.no, study, &id).await?;
    let is_same = {
        let stored = batch.controls.iter().map(|control| &control.control);
        stored.eq(&submission.controls)
    };
    if is_same {
        return Ok(None);
    }
    let is_of_them =
        (&batch.batch.lab, &batch.batch.assay) == (&submission.batch.lab, &submission.batch.assay);
    if !batch.controls.is_empty() || !is_of_them {
        let resource = format!("{}/controls", batch_name(study, &id));
        return Err(StoreError::AlreadyExists { resource }.into());
    }
    let place = Place::of(&batch)?;
    let unscored: Vec<BatchControl> = submission.controls.iter().map(unscored).collect();
    measured::write(conn, ground.no, &place, &unscored).await?;
    let own = quality::reassess(conn, trail, ground, place.batch_no, call).await?;
    let later = quality::later_than(conn, trail, ground, &place, call).await?;
    let reassessed = later.iter().map(|changed| changed.batch.clone()).collect();
    let changed: Vec<quality::Changed> = own.into_iter().chain(later).collect();
    let touched = quality::touched(conn, ground.no, &changed).await?;
    let said = touched.iter().map(|code| (code.as_str(), Said::default()));
    let met = meet(conn, ground.no, call.now.as_microsecond(), said).await?;
    let judgement = rejudge(conn, trail, ground, call.now, ground.by_data(), &met).await?;
    let batch = batches::find(conn, ground.no, study, &id).await?;
    Ok(Some((batch, reassessed, judgement)))
}

fn unscored(control: &NewBatchControl) -> BatchControl {
    BatchControl {
        control: control.clone(),
        score: None,
        rules: diel_core::quality::WestgardRules::EMPTY,
    }
}
