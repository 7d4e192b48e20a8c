//! A fit becomes a reference, and what is judged against it.

use diel_core::{Freezing, Policy, Reference, ReferenceChoice};
use serde_json::json;

use super::super::fits::{self, fit_name};
use super::super::ground::{self, study_name};
use super::super::write::Write;
use super::super::{Conn, jobs, requests};
use super::create::{insert, next_version};
use super::{read, reference_name, strata};
use crate::answer::KeptReference;
use crate::fault::Fault;
use crate::trail::{Note, Trail};
use crate::{Call, Frozen, Job, JobKind, JobState, NewFrozen, Sex, StoreError, StoredReference};

/// Freezes a fit as a reference, and judges the study against it where its policy says so.
#[derive(Debug)]
pub(crate) struct FreezeFit {
    pub(crate) study: String,
    pub(crate) new: NewFrozen,
    pub(crate) call: Call,
}

impl Write for FreezeFit {
    type Answer = Frozen;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<Frozen, Fault> {
        let no = ground::number(conn, &self.study).await?;
        if let Some(kept) = requests::find::<KeptReference>(conn, no, &self.call).await? {
            return recall(conn, no, &self.study, &kept).await;
        }
        let new = &self.new;
        let version = next_version(conn, no, &new.name, self.call.now).await?;
        let before = ground::read(conn, &self.study).await?;
        let reference = self.freeze(conn, no, version).await?;
        let stored = StoredReference {
            name: new.name.clone(),
            version,
            strata: strata(vec![reference.terms().clone()])?,
            created: self.call.now,
        };
        insert(conn, no, Some(&new.fit), &stored).await?;
        let id = stored.strata.id().to_owned();
        let fit = fit_name(&self.study, &new.fit);
        let note = Note {
            action: "freeze_fit",
            resource: id,
            after: json!({ "fit": fit, "population": new.population }),
            ..Note::default()
        };
        trail.note(no, &self.study, &self.call, note);
        let job = self.put_in_force(conn, trail, no, &before.rule).await?;
        let kept = KeptReference {
            reference: new.name.clone(),
            version,
            job: job.as_ref().map(|job| job.id.clone()),
        };
        requests::keep(conn, no, &self.call, &kept).await?;
        Ok(Frozen {
            reference: stored,
            job,
        })
    }
}

async fn recall(
    conn: &mut Conn,
    no: i64,
    study: &str,
    kept: &KeptReference,
) -> Result<Frozen, Fault> {
    let name = format!("{}@{}", kept.reference, kept.version);
    let job = match &kept.job {
        Some(id) => Some(jobs::find(conn, no, study, id).await?),
        None => None,
    };
    Ok(Frozen {
        reference: read(conn, study, &name).await?,
        job,
    })
}

impl FreezeFit {
    /// The reference that the fit comes to.
    async fn freeze(&self, conn: &mut Conn, no: i64, version: i64) -> Result<Reference, Fault> {
        let new = &self.new;
        let fit = fits::find(conn, no, &self.study, &new.fit).await?;
        let name = fit_name(&self.study, &new.fit);
        let Some(outcome) = fit
            .outcome
            .as_ref()
            .filter(|_| fit.state == JobState::Succeeded)
        else {
            return Err(StoreError::StateForbids {
                resource: name,
                state: fit.state.word(),
                step: "frozen",
            }
            .into());
        };
        let wanted = &fit.specification;
        let freezing = Freezing {
            id: format!("{}@{version}", reference_name(&self.study, &new.name)),
            population: new.population.clone(),
            assay: new.assay.clone(),
            min_age_years: wanted.min_age_years.unwrap_or(0.0),
            max_age_years: wanted.max_age_years,
            sex: (wanted.sex != Sex::Unspecified).then_some(wanted.sex),
            fit: name,
            formula: wanted.formula.clone(),
            persons_with_days: outcome.input.persons_with_days,
            days: outcome.input.days,
            input_digest: outcome.input.digest,
            software: outcome.software.clone(),
        };
        Ok(Reference::from_fit(&outcome.fit, freezing).map_err(StoreError::from)?)
    }

    /// Where the policy in force is by the study's own reference and comes to another one now: a line in the trail, and
    /// the job that judges everybody against it.
    async fn put_in_force(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        no: i64,
        before: &Policy,
    ) -> Result<Option<Job>, Fault> {
        let after = ground::read(conn, &self.study).await?;
        if before.reference() == after.rule.reference() {
            return Ok(None);
        }
        let job = jobs::queue(conn, no, &self.study, JobKind::Rejudge, self.call.now).await?;
        let note = Note {
            action: "own_reference",
            resource: study_name(&self.study),
            before: json!({ "reference": said(before) }),
            after: json!({
                "reference": said(&after.rule),
                "policy": after.policy.version,
                "job": job.id,
            }),
            reason: "the policy is by the study's own reference, and it comes to another one now",
        };
        trail.note(no, &self.study, &self.call, note);
        Ok(Some(job))
    }
}

/// What a policy by the study's own reference judges against.
fn said(policy: &Policy) -> &str {
    match policy.reference() {
        ReferenceChoice::Own(Some(strata)) | ReferenceChoice::Named(strata) => strata.id(),
        ReferenceChoice::Own(None) | ReferenceChoice::ByAge => "the built-in reference of the age",
    }
}
