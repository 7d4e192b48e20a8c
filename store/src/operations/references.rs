//! References of studies: versions that are never changed, and what a policy's terms come to.

use std::sync::Arc;

use diel_core::{
    Basis, Freezing, Policy, PolicyTerms, PopulationModel, REFERENCE_OWN, Reference,
    ReferenceChoice, ReferenceTerms, References, Strata,
};
use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::fields::Fields;
use super::fits::{self, fit_name};
use super::ground::{self, study_name};
use super::write::Write;
use super::{Conn, Db, Row, audit, jobs, requests};
use crate::answer::KeptReference;
use crate::codes::{self, damaged};
use crate::fault::Fault;
use crate::{
    Call, Frozen, Job, JobKind, JobState, NewFrozen, NewReference, NewStratum, Page, PageRequest,
    Sex, StoreError, StoredReference,
};

pub(super) const STATEMENTS: [&str; 7] = [
    ONE,
    NEWEST,
    OWN,
    HOLD_STUDY,
    NEXT_VERSION,
    INSERT,
    INSERT_STRATUM,
];

macro_rules! columns {
    () => {
        "select s.study_id, r.reference, r.version, r.population, r.assay, r.source, r.fit_id, r.formula, \
        r.person_count, r.persons_with_days, r.days, r.sample_count, r.input_digest, r.software, r.created_us, \
        t.position, t.sex, t.min_age_years, t.max_age_years, t.intercept_ln, t.slope_ln_per_h, t.car_ln, \
        t.intercept_sd, t.slope_sd, t.correlation, t.residual_sd "
    };
}

macro_rules! with_strata {
    () => {
        "join studies s on s.study_no = r.study_no \
        join reference_strata t on t.study_no = r.study_no and t.reference = r.reference and t.version = r.version "
    };
}

const ONE: &str = concat!(
    columns!(),
    "from study_references r ",
    with_strata!(),
    "where s.study_id = $1 and r.reference = $2 and r.version = $3 order by t.position"
);

const NEWEST: &str = "select r.version from study_references r join studies s on s.study_no = r.study_no \
    where s.study_id = $1 and r.reference = $2 order by r.version desc limit 1";

/// The newest that rests on enough persons: a smaller one that is frozen later does not take its place.
const OWN: &str = "select reference, version from study_references where study_no = $1 and fit_id is not null \
    and persons_with_days >= $2 order by created_us desc, reference desc, version desc limit 1";

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

/// The policy of terms that were accepted before, with the reference that they come to now.
pub(super) async fn rule(conn: &mut Conn, no: i64, terms: &PolicyTerms) -> Result<Policy, Fault> {
    let references = named(conn, no, terms).await?;
    Policy::with_references(terms, &references).map_err(|error| damaged("a policy", &error).into())
}

/// Terms with everything filled in and a reference that exists, with its version.
pub(super) async fn check(
    conn: &mut Conn,
    no: i64,
    terms: &PolicyTerms,
) -> Result<PolicyTerms, Fault> {
    let references = named(conn, no, terms).await?;
    let policy = Policy::with_references(terms, &references).map_err(StoreError::from)?;
    Ok(policy.terms())
}

/// The references that terms name beside the built-in ones. Most name none, and nothing is read.
async fn named(conn: &mut Conn, no: i64, terms: &PolicyTerms) -> Result<References, Fault> {
    let Some(name) = terms.reference.as_deref() else {
        return Ok(References::default());
    };
    if name == REFERENCE_OWN {
        let persons = terms
            .min_reference_persons
            .unwrap_or(Policy::default().min_reference_persons());
        return Ok(own(conn, no, persons)
            .await?
            .map_or_else(References::default, |strata| {
                References::default().with_own(strata)
            }));
    }
    let Some((study, reference)) = name
        .strip_prefix("studies/")
        .and_then(|rest| rest.split_once("/references/"))
    else {
        return Ok(References::default());
    };
    let found = find(conn, study, reference).await?;
    Ok(found.map_or_else(References::default, |stored| {
        References::default()
            .with_name(name, Arc::clone(&stored.strata))
            .with(stored.strata)
    }))
}

async fn own(conn: &mut Conn, no: i64, persons: u32) -> Result<Option<Arc<Strata>>, Fault> {
    let row = sqlx::query(OWN)
        .bind(no)
        .bind(i64::from(persons))
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let fields = Fields(&row);
    let (name, version) = (fields.owned("reference")?, fields.integer("version")?);
    let study = ground::id(conn, no).await?;
    let stored = version_of(conn, &study, &name, version).await?;
    Ok(stored.map(|stored| stored.strata))
}

/// `{name}@{version}`, or `{name}` for its newest version.
async fn find(
    conn: &mut Conn,
    study: &str,
    reference: &str,
) -> Result<Option<StoredReference>, Fault> {
    let (name, version) = match reference.split_once('@') {
        Some((name, version)) => (name, version.parse().ok()),
        None => {
            let newest = sqlx::query_scalar(NEWEST)
                .bind(study)
                .bind(reference)
                .fetch_optional(&mut *conn)
                .await?;
            (reference, newest)
        }
    };
    match version {
        Some(version) => version_of(conn, study, name, version).await,
        None => Ok(None),
    }
}

async fn version_of(
    conn: &mut Conn,
    study: &str,
    name: &str,
    version: i64,
) -> Result<Option<StoredReference>, Fault> {
    let rows = sqlx::query(ONE)
        .bind(study)
        .bind(name)
        .bind(version)
        .fetch_all(conn)
        .await?;
    Ok(references(&rows)?.pop())
}

/// A reference of a study by name and version, or its newest version by name.
pub(crate) async fn read(
    conn: &mut Conn,
    study: &str,
    reference: &str,
) -> Result<StoredReference, Fault> {
    let found = find(conn, study, reference).await?;
    super::fields::found(found, || reference_name(study, reference))
}

/// References of a study by name and version.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    page: &PageRequest<(String, i64)>,
) -> Result<Page<StoredReference, (String, i64)>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select(no, page).build().fetch_all(conn).await?;
    let references = references(&rows)?;
    Ok(page.cut(references, |reference| {
        (reference.name.clone(), reference.version)
    }))
}

pub(crate) fn select(no: i64, page: &PageRequest<(String, i64)>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(concat!(
        columns!(),
        "from (select * from study_references where study_no = "
    ));
    select.push_bind(no);
    if let Some((name, version)) = &page.after {
        select
            .push(" and (reference, version) > (")
            .push_bind(name)
            .push(", ")
            .push_bind(version)
            .push(")");
    }
    select
        .push(" order by reference, version limit ")
        .push_bind(page.probe())
        .push(concat!(
            ") r ",
            with_strata!(),
            "order by r.reference, r.version, t.position"
        ));
    select
}

fn reference_name(study: &str, reference: &str) -> String {
    format!("{}/references/{reference}", study_name(study))
}

/// References from the rows of their strata.
fn references(rows: &[Row]) -> Result<Vec<StoredReference>, Fault> {
    let mut references: Vec<StoredReference> = Vec::new();
    let mut terms = Vec::new();
    for (row, next) in rows.iter().zip(rows.iter().skip(1).map(Some).chain([None])) {
        terms.push(stratum(row)?);
        let is_last = match next {
            Some(next) => Fields(next).integer("position")? == 0,
            None => true,
        };
        if is_last {
            let fields = Fields(row);
            references.push(StoredReference {
                name: fields.owned("reference")?,
                version: fields.integer("version")?,
                strata: strata(std::mem::take(&mut terms))?,
                created: fields.instant("created_us")?,
            });
        }
    }
    Ok(references)
}

/// A fit of persons of any sex judges everybody; strata judge those in them.
fn strata(mut terms: Vec<ReferenceTerms>) -> Result<Arc<Strata>, Fault> {
    let is_for_everybody = matches!(
        terms.as_slice(),
        [only] if only.basis.is_some() && only.sex.is_none()
    );
    let strata = match terms.pop() {
        Some(only) if is_for_everybody => {
            let reference = Reference::new(only).map_err(|error| damaged("a reference", &error))?;
            Strata::of(Arc::new(reference))
        }
        last => {
            terms.extend(last);
            Strata::new(terms).map_err(|error| damaged("a reference", &error))?
        }
    };
    Ok(Arc::new(strata))
}

fn stratum(row: &Row) -> Result<ReferenceTerms, Fault> {
    let fields = Fields(row);
    let (study, name) = (fields.text("study_id")?, fields.text("reference")?);
    let sex = codes::read_sex(fields.integer("sex")?)?;
    let basis = match (
        fields.maybe_text("fit_id")?,
        fields.maybe_digest("input_digest")?,
    ) {
        (Some(fit), Some(input_digest)) => Some(Basis {
            persons: fields.small("person_count")?,
            persons_with_days: fields.small("persons_with_days")?,
            days: fields.small("days")?,
            samples: fields.small("sample_count")?,
            fit: fit_name(study, fit),
            formula: fields.owned("formula")?,
            input_digest,
            software: fields.owned("software")?,
        }),
        _ => None,
    };
    Ok(ReferenceTerms {
        id: format!(
            "{}@{}",
            reference_name(study, name),
            fields.integer("version")?
        ),
        population: fields.owned("population")?,
        assay: fields.owned("assay")?,
        source: fields.owned("source")?,
        provisional: false,
        min_age_years: fields.number("min_age_years")?,
        max_age_years: fields.maybe_number("max_age_years")?,
        sex: (sex != Sex::Unspecified).then_some(sex),
        model: PopulationModel {
            intercept_ln: fields.number("intercept_ln")?,
            slope_ln_per_h: fields.number("slope_ln_per_h")?,
            car_ln: fields.number("car_ln")?,
            intercept_sd: fields.number("intercept_sd")?,
            slope_sd: fields.number("slope_sd")?,
            correlation: fields.number("correlation")?,
            residual_sd: fields.number("residual_sd")?,
        },
        basis,
    })
}

/// Holds the study against writers that judge by its policy, and counts the versions of a name.
async fn next_version(conn: &mut Conn, no: i64, name: &str, now: Timestamp) -> Result<i64, Fault> {
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

async fn insert(
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

    async fn run(&self, conn: &mut Conn, _attempt: u32) -> Result<StoredReference, Fault> {
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
        let detail = format!(
            "{} strata; gaps: {}",
            stored.strata.iter().count(),
            gaps.join(", ")
        );
        audit::note(conn, no, &self.call, "create_reference", &id, &detail).await?;
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

    async fn run(&self, conn: &mut Conn, _attempt: u32) -> Result<Frozen, Fault> {
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
        audit::note(conn, no, &self.call, "freeze_fit", &id, &fit).await?;
        let job = self.put_in_force(conn, no, &before.rule).await?;
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
        no: i64,
        before: &Policy,
    ) -> Result<Option<Job>, Fault> {
        let after = ground::read(conn, &self.study).await?;
        if before.reference() == after.rule.reference() {
            return Ok(None);
        }
        let job = jobs::queue(conn, no, &self.study, JobKind::Rejudge, self.call.now).await?;
        let detail = format!(
            "by policy {} judged against {}, before against {}; job {}",
            after.policy.version,
            said(&after.rule),
            said(before),
            job.id
        );
        let resource = study_name(&self.study);
        audit::note(conn, no, &self.call, "own_reference", &resource, &detail).await?;
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
