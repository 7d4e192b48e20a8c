//! The audit trail: a chain for each study, appended to last in each transaction.

mod adopt;

use diel_core::audit::{Digest, Entry, Head, Record};
use sqlx::QueryBuilder;

use super::bulk::{Insertion, Values};
use super::fields::Fields;
use super::ground;
use super::{Conn, Db, Row};
use crate::codes;
use crate::fault::Fault;
use crate::filter::push_bound;
use crate::trail::{FlagStep, Noted, OUTSIDE, Place, Trail};
use crate::{AuditFilter, Page, PageRequest};

pub(crate) use adopt::adopt;

/// Statements of the whole folder.
pub(super) fn statements() -> impl Iterator<Item = &'static str> {
    [HEAD, HOLD, CLOSE, MOVE].into_iter()
}

const HEAD: &str = "select sequence, hash from audit_heads where study_no = $1";

/// Holds the end of a chain until the commit and moves its number on; the hash is still that of the entry before. Of a study
/// whose deletion has begun there is nothing to hold, but for the deletion.
const HOLD: &str = "insert into audit_heads (study_no, sequence, hash) values ($1, $2, $3) \
    on conflict (study_no) do update set sequence = audit_heads.sequence + excluded.sequence \
    where not audit_heads.closed or $4 returning sequence, hash";

/// Whoever began to write before the deletion, and has not appended yet, is refused from here on.
const CLOSE: &str = "update audit_heads set closed = true where study_no = $1";

const MOVE: &str = "update audit_heads set hash = $1 where study_no = $2";

pub(super) static APPEND: Insertion = Insertion::new(
    "insert into audit_entries (study_no, sequence, at_us, actor, action, resource, before_json, after_json, reason, \
    previous_hash, hash) values ",
    11,
    "",
);

pub(super) static NOTE_STEPS: Insertion = Insertion::new(
    "insert into flag_steps (study_no, sequence, flag_id, event, state) values ",
    5,
    "",
);

const MANY: &str = "select sequence, at_us, actor, action, resource, before_json, after_json, reason, previous_hash, \
    hash, erased_by from audit_entries where study_no = ";

/// Appends what a transaction noted. Nothing else may be written behind this: other writers of the study wait from here on.
pub(super) async fn append(conn: &mut Conn, trail: Trail) -> Result<(), Fault> {
    let place = trail.place();
    for (no, noted) in trail.into_chains() {
        append_to(conn, no, noted, place).await?;
    }
    Ok(())
}

async fn append_to(conn: &mut Conn, no: i64, noted: Vec<Noted>, place: Place) -> Result<(), Fault> {
    let mut head = hold(conn, no, noted.len(), place).await?;
    let mut entries = Vec::with_capacity(noted.len());
    let mut steps: Vec<(i64, FlagStep)> = Vec::new();
    for Noted { record, step } in noted {
        let entry = head.seal(record);
        head = entry.head();
        steps.extend(step.map(|step| (entry.sequence, step)));
        entries.push(entry);
    }
    APPEND
        .write(conn, &entries, |values, entry| bind(values, no, entry))
        .await?;
    NOTE_STEPS
        .write(conn, &steps, |values, (sequence, step)| {
            values.integer(no);
            values.integer(*sequence);
            values.text(step.flag.as_str());
            values.integer(step.event);
            values.text(codes::flag_state(step.state));
        })
        .await?;
    sqlx::query(MOVE)
        .bind(head.hash.bytes().as_slice())
        .bind(no)
        .execute(conn)
        .await?;
    Ok(())
}

/// The end of a chain as it was before the entries that are to come; held until the commit.
pub(super) async fn hold(
    conn: &mut Conn,
    no: i64,
    entries: usize,
    place: Place,
) -> Result<Head, Fault> {
    let entries = i64::try_from(entries).unwrap_or(i64::MAX);
    let row = sqlx::query(HOLD)
        .bind(no)
        .bind(entries)
        .bind(Digest::NONE.bytes().as_slice())
        .bind(place == Place::BehindTheClosing)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else {
        return Err(ground::deleted(conn, no).await?.into());
    };
    let after = head_of(&row)?;
    Ok(Head {
        sequence: after.sequence - entries,
        ..after
    })
}

/// Closes a chain to all but the deletion of its study.
pub(super) async fn close(conn: &mut Conn, no: i64) -> Result<(), Fault> {
    sqlx::query(CLOSE).bind(no).execute(conn).await?;
    Ok(())
}

fn head_of(row: &Row) -> Result<Head, Fault> {
    let fields = Fields(row);
    Ok(Head {
        sequence: fields.integer("sequence")?,
        hash: Digest::new(fields.digest("hash")?),
    })
}

fn bind(values: &mut Values, no: i64, entry: &Entry) {
    let record = &entry.record;
    values.integer(no);
    values.integer(entry.sequence);
    values.integer(record.at_us);
    values.text(record.actor.as_str());
    values.text(record.action.as_str());
    values.text(record.resource.as_str());
    values.text(record.before.as_str());
    values.text(record.after.as_str());
    values.text(record.reason.as_str());
    values.bytes(entry.previous.bytes());
    values.bytes(entry.hash.bytes());
}

/// The number of a study's chain, also of one that was deleted; of the one outside any study for no study.
async fn chain(conn: &mut Conn, study: Option<&str>) -> Result<i64, Fault> {
    match study {
        Some(study) => ground::number_of_any(conn, study).await,
        None => Ok(OUTSIDE),
    }
}

/// Where a chain ends.
pub(crate) async fn head(conn: &mut Conn, study: Option<&str>) -> Result<Head, Fault> {
    let no = chain(conn, study).await?;
    let row = sqlx::query(HEAD).bind(no).fetch_optional(conn).await?;
    row.as_ref().map_or(Ok(Head::EMPTY), head_of)
}

/// Entries in their order.
pub(crate) async fn list(
    conn: &mut Conn,
    study: Option<&str>,
    filter: &AuditFilter,
    page: &PageRequest<i64>,
) -> Result<Page<Entry, i64>, Fault> {
    let no = chain(conn, study).await?;
    let rows = select(no, filter, page).build().fetch_all(conn).await?;
    let entries = rows
        .iter()
        .map(|row| entry(row, study.unwrap_or_default()))
        .collect::<Result<_, _>>()?;
    Ok(page.cut(entries, |entry| entry.sequence))
}

pub(crate) fn select(no: i64, filter: &AuditFilter, page: &PageRequest<i64>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select.push_bind(no);
    push_bound(&mut select, " and sequence > ", page.after);
    push_bound(&mut select, " and resource = ", filter.resource.as_deref());
    push_bound(&mut select, " and actor = ", filter.actor.as_deref());
    push_bound(&mut select, " and action = ", filter.action.as_deref());
    push_bound(
        &mut select,
        " and at_us >= ",
        filter.from.map(|from| from.as_microsecond()),
    );
    push_bound(
        &mut select,
        " and at_us < ",
        filter.until.map(|until| until.as_microsecond()),
    );
    select
        .push(" order by sequence limit ")
        .push_bind(page.probe());
    select
}

fn entry(row: &Row, study: &str) -> Result<Entry, Fault> {
    let fields = Fields(row);
    Ok(Entry {
        sequence: fields.integer("sequence")?,
        previous: Digest::new(fields.digest("previous_hash")?),
        record: Record {
            study: study.to_owned(),
            at_us: fields.integer("at_us")?,
            actor: fields.owned("actor")?,
            action: fields.owned("action")?,
            resource: fields.owned("resource")?,
            before: fields.owned("before_json")?,
            after: fields.owned("after_json")?,
            reason: fields.owned("reason")?,
        },
        hash: Digest::new(fields.digest("hash")?),
        erased_by: fields.maybe_integer("erased_by")?,
    })
}
