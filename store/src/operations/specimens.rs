//! Specimens: one row a tube, whether its result or its collection facts came first.

use std::collections::HashMap;

use diel_core::TimeSource;
use sqlx::QueryBuilder;

use super::bulk::{Insertion, Lookup, Values};
use super::fields::{Fields, found};
use super::ground::{self, study_name};
use super::results::{self, result_columns};
use super::{Conn, Db, Row};
use crate::codes;
use crate::fault::Fault;
use crate::plan::{Known, KnownCollection, SpecimenRow};
use crate::{Collection, Page, PageRequest, Specimen, SpecimenFilter, SpecimenState};

const MANY: &str = concat!(
    "select s.specimen, s.participant, s.collected_us, s.utc_offset_minutes, s.time_source, s.label, s.conditions, \
    s.revision, s.facts_revision, s.created_us, p.sex, p.age_years, p.group_label, a.awakening_us, \
    a.utc_offset_minutes as awakening_offset_minutes, a.time_source as awakening_source, ",
    result_columns!(),
    " from specimens s \
    left join participants p on p.study_no = s.study_no and p.participant = s.participant \
    left join awakenings a on a.study_no = s.study_no and a.participant = s.participant \
    and a.awakening_us = s.awakening_us \
    left join results r on r.study_no = s.study_no and r.specimen = s.specimen and r.revision = s.revision \
    left join batches b on b.study_no = r.study_no and b.batch_no = r.batch_no \
    where s.study_no = "
);

/// Rows are written whole. One that another writer changed meanwhile, or one believed new that is not, stays as it is
/// and shows in the count of rows changed.
pub(super) static WRITE: Insertion = Insertion::new(
    "insert into specimens (study_no, specimen, participant, collected_us, utc_offset_minutes, time_source, label, \
    awakening_us, conditions, revision, created_us, version) values ",
    12,
    " on conflict (study_no, specimen) do update set participant = excluded.participant, \
    collected_us = excluded.collected_us, utc_offset_minutes = excluded.utc_offset_minutes, \
    time_source = excluded.time_source, label = excluded.label, awakening_us = excluded.awakening_us, \
    conditions = excluded.conditions, revision = excluded.revision, version = excluded.version \
    where specimens.version = excluded.version - 1",
);

pub(super) static KNOWN: Lookup = Lookup::new(
    "select s.specimen, s.participant, s.collected_us, s.utc_offset_minutes, s.time_source, s.label, s.awakening_us, \
    s.conditions, s.revision, s.created_us, s.version, r.outcome, r.amount, r.unit, r.missing_reason \
    from specimens s \
    left join results r on r.study_no = s.study_no and r.specimen = s.specimen and r.revision = s.revision \
    where s.study_no = ",
    " and s.specimen in (",
    ")",
);

/// What is stored of these specimens.
pub(super) async fn known(
    conn: &mut Conn,
    no: i64,
    codes: &[&str],
) -> Result<HashMap<String, Known>, Fault> {
    let rows = KNOWN.read(conn, no, codes).await?;
    rows.iter()
        .map(|row| {
            let fields = Fields(row);
            let revision = fields.integer("revision")?;
            let known = Known {
                collection: known_collection(fields)?,
                measurement: if revision == 0 {
                    None
                } else {
                    Some(fields.measurement()?)
                },
                revision,
                created_us: fields.integer("created_us")?,
                version: fields.integer("version")?,
            };
            Ok((fields.owned("specimen")?, known))
        })
        .collect()
}

fn known_collection(fields: Fields<'_>) -> Result<Option<KnownCollection>, Fault> {
    let Some(participant) = fields.maybe_text("participant")? else {
        return Ok(None);
    };
    Ok(Some(KnownCollection {
        participant: participant.to_owned(),
        collected: fields.moment("collected_us", "utc_offset_minutes")?,
        source: codes::read_source(fields.integer("time_source")?)?,
        label: fields.owned("label")?,
        awakening_us: fields.maybe_integer("awakening_us")?,
        conditions: fields.conditions("conditions")?,
    }))
}

/// Writes specimens.
///
/// # Errors
/// [`Fault::Stale`] when another writer came first to one of them.
pub(super) async fn write(
    conn: &mut Conn,
    no: i64,
    specimens: &[SpecimenRow<'_>],
) -> Result<(), Fault> {
    let bind = |values: &mut Values, row: &SpecimenRow<'_>| {
        let facts = row.facts.as_ref();
        values.integer(no);
        values.text(row.code);
        values.text(facts.map(|facts| facts.participant));
        values.integer(facts.map(|facts| facts.collected.microseconds()));
        values.integer(facts.map(|facts| i64::from(facts.collected.utc_offset_minutes())));
        values.integer(facts.map_or(0, |facts| codes::source(facts.source)));
        values.text(facts.map_or("", |facts| facts.label));
        values.integer(facts.and_then(|facts| facts.awakening_us));
        values.integer(facts.map_or(0, |facts| i64::from(facts.conditions.bits())));
        values.integer(row.revision);
        values.integer(row.created_us);
        values.integer(row.version);
    };
    let written = WRITE.write(conn, specimens, bind).await?;
    if usize::try_from(written) == Ok(specimens.len()) {
        Ok(())
    } else {
        Err(Fault::Stale)
    }
}

pub(super) fn specimen_name(study: &str, code: &str) -> String {
    format!("{}/specimens/{code}", study_name(study))
}

/// A specimen.
pub(crate) async fn read(conn: &mut Conn, study: &str, code: &str) -> Result<Specimen, Fault> {
    let no = ground::number(conn, study).await?;
    let row = select_one(no, code).build().fetch_optional(conn).await?;
    specimen(&found(row, || specimen_name(study, code))?)
}

fn select_one(no: i64, code: &str) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select
        .push_bind(no)
        .push(" and s.specimen = ")
        .push_bind(code);
    select
}

/// Specimens by id.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    filter: &SpecimenFilter,
    page: &PageRequest<String>,
) -> Result<Page<Specimen, String>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select(no, filter, page).build().fetch_all(conn).await?;
    let specimens = rows.iter().map(specimen).collect::<Result<_, _>>()?;
    Ok(page.cut(specimens, |specimen| specimen.code.clone()))
}

pub(crate) fn select(
    no: i64,
    filter: &SpecimenFilter,
    page: &PageRequest<String>,
) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select.push_bind(no);
    if let Some(participant) = &filter.participant {
        select.push(" and s.participant = ").push_bind(participant);
    }
    select.push(match filter.state {
        None => "",
        Some(SpecimenState::Complete) => " and s.participant is not null and s.revision > 0",
        Some(SpecimenState::WaitingForCollection) => " and s.participant is null",
        Some(SpecimenState::WaitingForResult) => " and s.revision = 0",
    });
    if let Some(before) = filter.created_before {
        select
            .push(" and s.created_us < ")
            .push_bind(before.as_microsecond());
    }
    if let Some(after) = &page.after {
        select.push(" and s.specimen > ").push_bind(after);
    }
    select
        .push(" order by s.specimen limit ")
        .push_bind(page.probe());
    select
}

fn specimen(row: &Row) -> Result<Specimen, Fault> {
    let fields = Fields(row);
    let revision: i32 = fields.small("revision")?;
    Ok(Specimen {
        code: fields.owned("specimen")?,
        collection_revision: match fields.maybe_text("participant")? {
            Some(_) => fields.integer("facts_revision")?,
            None => 0,
        },
        collection: collection(fields)?,
        result: if revision == 0 {
            None
        } else {
            Some(results::stored(row, revision)?)
        },
        created: fields.instant("created_us")?,
    })
}

fn collection(fields: Fields<'_>) -> Result<Option<Collection>, Fault> {
    let Some(participant) = fields.maybe_text("participant")? else {
        return Ok(None);
    };
    let awakening = fields.maybe_moment("awakening_us", "awakening_offset_minutes")?;
    let source = fields
        .maybe_integer("awakening_source")?
        .map(codes::read_source)
        .transpose()?;
    Ok(Some(Collection {
        participant: participant.to_owned(),
        collected: fields.moment("collected_us", "utc_offset_minutes")?,
        source: codes::read_source(fields.integer("time_source")?)?,
        label: fields.owned("label")?,
        awakening: awakening.map(|at| (at, source.unwrap_or(TimeSource::Unspecified))),
        conditions: fields.conditions("conditions")?,
        age: fields.age()?,
        sex: codes::read_sex(fields.integer("sex")?)?,
        group: fields.owned("group_label")?,
    }))
}
