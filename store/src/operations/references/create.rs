//! References from tables, and what every new reference needs.

use std::sync::Arc;

use diel_core::{Basis, ReferenceTerms, Strata};
use jiff::Timestamp;
use serde_json::json;

use super::super::write::Write;
use super::super::{Conn, ground, requests};
use super::{read, reference_name};
use crate::answer::KeptReference;
use crate::codes;
use crate::fault::Fault;
use crate::trail::{Note, Trail};
use crate::{Call, NewReference, NewStratum, StoreError, StoredReference};

pub(in super::super) const STATEMENTS: [&str; 4] =
    [HOLD_STUDY, NEXT_VERSION, INSERT, INSERT_STRATUM];

/// A change of what a study is judged against comes after all rhythms that were judged before it, and its job sees them.
const HOLD_STUDY: &str = "update studies set updated_us = $1 where study_no = $2";

const NEXT_VERSION: &str = "select coalesce(max(version), 0) + 1 from study_references \
    where study_no = $1 and reference = $2";

const INSERT: &str = "insert into study_references (study_no, reference, version, population, assay, source, fit_id, \
    formula, person_count, persons_with_days, days, sample_count, input_digest, software, created_us) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

const INSERT_STRATUM: &str = "insert into reference_strata (study_no, reference, version, position, sex, \
    min_age_years, max_age_years, intercept_ln, slope_ln_per_h, car_ln, intercept_sd, slope_sd, correlation, \
    residual_sd) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

/// Holds the study against writers that judge by its policy, and counts the versions of a name.
pub(super) async fn next_version(
    conn: &mut Conn,
    no: i64,
    name: &str,
    now: Timestamp,
) -> Result<i64, Fault> {
    sqlx::query(HOLD_STUDY)
        .bind(now.as_microsecond())
        .bind(no)
        .execute(&mut *conn)
        .await?;
    Ok(sqlx::query_scalar(NEXT_VERSION)
        .bind(no)
        .bind(name)
        .fetch_one(conn)
        .await?)
}

pub(super) async fn insert(
    conn: &mut Conn,
    no: i64,
    fit: Option<&str>,
    stored: &StoredReference,
) -> Result<(), Fault> {
    let terms = stored.strata.first().terms();
    let basis = terms.basis.as_ref();
    let count = |of: fn(&Basis) -> u32| basis.map_or(0, |basis| i64::from(of(basis)));
    sqlx::query(INSERT)
        .bind(no)
        .bind(&stored.name)
        .bind(stored.version)
        .bind(&terms.population)
        .bind(&terms.assay)
        .bind(&terms.source)
        .bind(fit)
        .bind(basis.map_or("", |basis| basis.formula.as_str()))
        .bind(count(|basis| basis.persons))
        .bind(count(|basis| basis.persons_with_days))
        .bind(count(|basis| basis.days))
        .bind(count(|basis| basis.samples))
        .bind(basis.map(|basis| basis.input_digest.to_vec()))
        .bind(basis.map_or("", |basis| basis.software.as_str()))
        .bind(stored.created.as_microsecond())
        .execute(&mut *conn)
        .await?;
    for (position, reference) in (0_i64..).zip(stored.strata.iter()) {
        let terms = reference.terms();
        let model = &terms.model;
        sqlx::query(INSERT_STRATUM)
            .bind(no)
            .bind(&stored.name)
            .bind(stored.version)
            .bind(position)
            .bind(codes::sex(terms.sex.unwrap_or_default()))
            .bind(terms.min_age_years)
            .bind(terms.max_age_years)
            .bind(model.intercept_ln)
            .bind(model.slope_ln_per_h)
            .bind(model.car_ln)
            .bind(model.intercept_sd)
            .bind(model.slope_sd)
            .bind(model.correlation)
            .bind(model.residual_sd)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Creates a reference from a table.
#[derive(Debug)]
pub(crate) struct CreateReference {
    pub(crate) study: String,
    pub(crate) new: NewReference,
    pub(crate) call: Call,
}

impl Write for CreateReference {
    type Answer = StoredReference;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<StoredReference, Fault> {
        let no = ground::number(conn, &self.study).await?;
        if let Some(kept) = requests::find::<KeptReference>(conn, no, &self.call).await? {
            let name = format!("{}@{}", kept.reference, kept.version);
            return read(conn, &self.study, &name).await;
        }
        let new = &self.new;
        let version = next_version(conn, no, &new.name, self.call.now).await?;
        let id = format!("{}@{version}", reference_name(&self.study, &new.name));
        let terms = new.strata.iter().map(|stratum| given(&id, new, stratum));
        let strata = Strata::new(terms.collect()).map_err(StoreError::from)?;
        let stored = StoredReference {
            name: new.name.clone(),
            version,
            strata: Arc::new(strata),
            created: self.call.now,
        };
        insert(conn, no, None, &stored).await?;
        let gaps: Vec<String> = stored
            .strata
            .gaps()
            .iter()
            .map(ToString::to_string)
            .collect();
        let note = Note {
            action: "create_reference",
            resource: id,
            after: json!({
                "population": new.population,
                "source": new.source,
                "strata": stored.strata.iter().count(),
                "gaps": gaps,
            }),
            ..Note::default()
        };
        trail.note(no, &self.study, &self.call, note);
        let kept = KeptReference {
            reference: new.name.clone(),
            version,
            job: None,
        };
        requests::keep(conn, no, &self.call, &kept).await?;
        Ok(stored)
    }
}

fn given(id: &str, new: &NewReference, stratum: &NewStratum) -> ReferenceTerms {
    ReferenceTerms {
        id: id.to_owned(),
        population: new.population.clone(),
        assay: new.assay.clone(),
        source: new.source.clone(),
        provisional: false,
        min_age_years: stratum.min_age_years,
        max_age_years: stratum.max_age_years,
        sex: stratum.sex,
        model: stratum.model,
        basis: None,
    }
}
