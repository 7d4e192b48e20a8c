//! Creates controls and puts new versions of their targets in force.

use diel_core::NmolPerL;
use serde_json::{Value, json};

use super::super::write::Write;
use super::super::{Conn, ground, jobs, requests};
use super::{control_name, find, of_key, read};
use crate::answer::KeptControl;
use crate::codes;
use crate::fault::Fault;
use crate::trail::{Note, Trail};
use crate::{Call, Control, JobKind, NewControl, StoreError, TargetTerms};

pub(super) const STATEMENTS: [&str; 3] = [INSERT, INSERT_TARGET, PUT_IN_FORCE];

const INSERT: &str = "insert into controls (study_no, control_id, lab, assay, material, level, lot, version, \
    created_us) values ($1, $2, $3, $4, $5, $6, $7, 1, $8) on conflict do nothing";

const INSERT_TARGET: &str = "insert into control_targets (study_no, control_id, version, mean, sd, unit, \
    mean_nmol_per_l, sd_nmol_per_l, run_count, source, created_us) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

const PUT_IN_FORCE: &str = "update controls set version = version + 1 \
    where study_no = $1 and control_id = $2 and version = $3";

/// Creates a control, and queues the job that assesses the study's batches again.
#[derive(Debug)]
pub(crate) struct CreateControl {
    pub(crate) study: String,
    pub(crate) new: NewControl,
    pub(crate) call: Call,
}

impl Write for CreateControl {
    type Answer = Control;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<Control, Fault> {
        let NewControl { id, key, terms } = &self.new;
        let no = ground::hold(conn, &self.study).await?.no;
        if let Some(kept) = requests::find::<KeptControl>(conn, no, &self.call).await? {
            return read(conn, &self.study, &kept.name()).await;
        }
        if let Some(other) = of_key(conn, no, key).await? {
            let resource = control_name(&self.study, &other.id);
            return Err(StoreError::AlreadyExists { resource }.into());
        }
        let resource = control_name(&self.study, id);
        let inserted = sqlx::query(INSERT)
            .bind(no)
            .bind(id)
            .bind(&key.lab)
            .bind(&key.assay)
            .bind(&key.material.material)
            .bind(&key.material.level)
            .bind(&key.material.lot)
            .bind(self.call.now.as_microsecond())
            .execute(&mut *conn)
            .await?;
        if inserted.rows_affected() == 0 {
            return Err(StoreError::AlreadyExists { resource }.into());
        }
        insert_target(conn, no, id, 1, terms, &self.call).await?;
        jobs::queue(conn, no, &self.study, JobKind::Reassess, self.call.now).await?;
        let note = Note {
            action: "create_control",
            resource,
            after: json!({
                "lab": key.lab,
                "assay": key.assay,
                "material": key.material.material,
                "level": key.material.level,
                "lot": key.material.lot,
                "target": said(terms),
            }),
            ..Note::default()
        };
        trail.note(no, &self.study, &self.call, note);
        requests::keep(conn, no, &self.call, &KeptControl::of(id, 1)).await?;
        find(conn, no, &self.study, id).await
    }
}

/// Puts a further version of a control's target in force, and queues the job that assesses the study's batches again.
#[derive(Debug)]
pub(crate) struct UpdateControl {
    pub(crate) study: String,
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) terms: TargetTerms,
    pub(crate) reason: String,
    pub(crate) call: Call,
}

impl Write for UpdateControl {
    type Answer = Control;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<Control, Fault> {
        let no = ground::hold(conn, &self.study).await?.no;
        if let Some(kept) = requests::find::<KeptControl>(conn, no, &self.call).await? {
            return read(conn, &self.study, &kept.name()).await;
        }
        let before = find(conn, no, &self.study, &self.id).await?;
        let resource = control_name(&self.study, &self.id);
        let put = sqlx::query(PUT_IN_FORCE)
            .bind(no)
            .bind(&self.id)
            .bind(self.version)
            .execute(&mut *conn)
            .await?;
        if put.rows_affected() == 0 {
            return Err(StoreError::EtagMismatch { resource }.into());
        }
        let version = self.version + 1;
        insert_target(conn, no, &self.id, version, &self.terms, &self.call).await?;
        jobs::queue(conn, no, &self.study, JobKind::Reassess, self.call.now).await?;
        let note = Note {
            action: "update_control",
            resource: format!("{resource}@{version}"),
            before: said(&before.terms),
            after: said(&self.terms),
            reason: &self.reason,
        };
        trail.note(no, &self.study, &self.call, note.of_differences());
        requests::keep(conn, no, &self.call, &KeptControl::of(&self.id, version)).await?;
        find(conn, no, &self.study, &self.id).await
    }
}

async fn insert_target(
    conn: &mut Conn,
    no: i64,
    id: &str,
    version: i64,
    terms: &TargetTerms,
    call: &Call,
) -> Result<(), Fault> {
    sqlx::query(INSERT_TARGET)
        .bind(no)
        .bind(id)
        .bind(version)
        .bind(terms.mean)
        .bind(terms.sd)
        .bind(codes::unit(terms.unit))
        .bind(NmolPerL::get(terms.target.mean()))
        .bind(NmolPerL::get(terms.target.sd()))
        .bind(terms.run_count.map(i64::from))
        .bind(&terms.source)
        .bind(call.now.as_microsecond())
        .execute(conn)
        .await?;
    Ok(())
}

/// A target as the trail says it.
fn said(terms: &TargetTerms) -> Value {
    json!({
        "mean": terms.mean,
        "sd": terms.sd,
        "unit": terms.unit.ucum(),
        "run_count": terms.run_count,
        "source": terms.source,
    })
}
