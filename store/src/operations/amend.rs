//! Replaces a result by a further revision.

use super::fields::found;
use super::ground;
use super::revise::{Revision, Why, revise};
use super::specimens::{self, specimen_name};
use super::write::Write;
use super::{Conn, batches, requests, results};
use crate::answer::KeptResult;
use crate::fault::Fault;
use crate::result::said;
use crate::trail::{Note, Trail};
use crate::{Amendment, Call, RevisionCause, StoreError, StoredResult};

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
        let batch_no = batches::number_of(&before.batch)?;
        let revision = Revision {
            known: &known,
            result,
            replaced_batch_no: batch_no,
            batch_no,
        };
        let why = Why {
            cause: RevisionCause::Sent,
            reason,
            told: &format!("result of {specimen} amended: {reason}"),
        };
        revise(conn, trail, &ground, call, why, &[revision]).await?;
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
