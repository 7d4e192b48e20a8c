//! A method, or the next version of one.

use diel_core::NmolPerL;
use serde_json::json;

use super::super::write::Write;
use super::super::{Conn, ground, requests};
use super::{method_name, read};
use crate::answer::KeptMethod;
use crate::fault::Fault;
use crate::trail::{Note, Trail};
use crate::{Call, NewMethod, StoredMethod};

pub(in super::super) const STATEMENTS: [&str; 4] = [HOLD_STUDY, NEXT_VERSION, INSERT, INSERT_BIAS];

/// Two that create a version of one name come one after the other.
const HOLD_STUDY: &str = "update studies set updated_us = updated_us where study_no = $1";

const NEXT_VERSION: &str =
    "select coalesce(max(version), 0) + 1 from methods where study_no = $1 and method = $2";

const INSERT: &str = "insert into methods (study_no, method, version, assay, description, lod_nmol_per_l, \
    lloq_nmol_per_l, uloq_nmol_per_l, source, created_us) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const INSERT_BIAS: &str = "insert into method_biases (study_no, method, version, position, compared_with, percent, \
    lowest_nmol_per_l, highest_nmol_per_l, source) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Creates a method.
#[derive(Debug)]
pub(crate) struct CreateMethod {
    pub(crate) study: String,
    pub(crate) new: NewMethod,
    pub(crate) call: Call,
}

impl Write for CreateMethod {
    type Answer = StoredMethod;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<StoredMethod, Fault> {
        let no = ground::number(conn, &self.study).await?;
        if let Some(kept) = requests::find::<KeptMethod>(conn, no, &self.call).await? {
            let name = format!("{}@{}", kept.method, kept.version);
            return read(conn, &self.study, &name).await;
        }
        let stored = StoredMethod {
            given: self.new.clone(),
            version: next_version(conn, no, &self.new.name).await?,
            created: self.call.now,
        };
        insert(conn, no, &stored).await?;
        let note = Note {
            action: "create_method",
            resource: method_name(&self.study, &stored.id()),
            after: said(&self.new),
            ..Note::default()
        };
        trail.note(no, &self.study, &self.call, note);
        let kept = KeptMethod {
            method: self.new.name.clone(),
            version: stored.version,
        };
        requests::keep(conn, no, &self.call, &kept).await?;
        Ok(stored)
    }
}

/// What the audit trail keeps of it: everything.
fn said(new: &NewMethod) -> serde_json::Value {
    let biases: Vec<_> = new
        .biases
        .iter()
        .map(|bias| {
            json!({
                "compared_with": bias.compared_with,
                "percent": bias.percent,
                "lowest_nmol_per_l": bias.lowest.map(NmolPerL::get),
                "highest_nmol_per_l": bias.highest.map(NmolPerL::get),
                "source": bias.source,
            })
        })
        .collect();
    json!({
        "assay": new.assay,
        "description": new.description,
        "limit_of_detection_nmol_per_l": new.limits.detection.map(NmolPerL::get),
        "lower_limit_of_quantification_nmol_per_l": new.limits.quantification_low.map(NmolPerL::get),
        "upper_limit_of_quantification_nmol_per_l": new.limits.quantification_high.map(NmolPerL::get),
        "biases": biases,
        "source": new.source,
    })
}

async fn next_version(conn: &mut Conn, no: i64, name: &str) -> Result<i64, Fault> {
    sqlx::query(HOLD_STUDY).bind(no).execute(&mut *conn).await?;
    Ok(sqlx::query_scalar(NEXT_VERSION)
        .bind(no)
        .bind(name)
        .fetch_one(conn)
        .await?)
}

async fn insert(conn: &mut Conn, no: i64, stored: &StoredMethod) -> Result<(), Fault> {
    let given = &stored.given;
    sqlx::query(INSERT)
        .bind(no)
        .bind(&given.name)
        .bind(stored.version)
        .bind(&given.assay)
        .bind(&given.description)
        .bind(given.limits.detection.map(NmolPerL::get))
        .bind(given.limits.quantification_low.map(NmolPerL::get))
        .bind(given.limits.quantification_high.map(NmolPerL::get))
        .bind(&given.source)
        .bind(stored.created.as_microsecond())
        .execute(&mut *conn)
        .await?;
    for (position, bias) in (0_i64..).zip(&given.biases) {
        sqlx::query(INSERT_BIAS)
            .bind(no)
            .bind(&given.name)
            .bind(stored.version)
            .bind(position)
            .bind(&bias.compared_with)
            .bind(bias.percent)
            .bind(bias.lowest.map(NmolPerL::get))
            .bind(bias.highest.map(NmolPerL::get))
            .bind(&bias.source)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
