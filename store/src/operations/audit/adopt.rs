//! Databases from before there was a chain: their rows are brought into it once, in the order in which they were written.

use diel_core::audit::Record;
use serde_json::json;

use super::super::fields::Fields;
use super::super::write::begin;
use super::super::{AUDIT_TABLES, Conn, Row};
use super::append;
use crate::fault::Fault;
use crate::trail::{Trail, text};

/// Nobody can write to the table from here on; whoever waited for it finds it gone.
const TAKE: &str = "alter table audit rename to audit_before_chain";

/// The ids are in the order of time.
const ROWS: &str = "select a.study_no, a.audit_id, a.at_us, a.actor, a.action, a.resource, a.detail, s.study_id \
    from audit_before_chain a left join studies s on s.study_no = a.study_no \
    where (a.study_no, a.audit_id) > ($1, $2) order by a.study_no, a.audit_id limit $3";

const LET_GO: &str = "drop table audit_before_chain";

/// Rows brought over at a time.
const SLICE: i64 = 5_000;

/// Brings the rows of `audit` into the chain and drops it, in one transaction. Does nothing when that was done before.
pub(crate) async fn adopt(conn: &mut Conn) -> Result<(), Fault> {
    if !is_there(conn).await? {
        return Ok(());
    }
    match bring_over(conn).await {
        // Another server was faster.
        Err(_) if !is_there(conn).await? => Ok(()),
        done => done,
    }
}

async fn is_there(conn: &mut Conn) -> Result<bool, Fault> {
    let tables: i64 = sqlx::query_scalar(AUDIT_TABLES).fetch_one(conn).await?;
    Ok(tables > 0)
}

async fn bring_over(conn: &mut Conn) -> Result<(), Fault> {
    let mut transaction = begin(conn).await?;
    sqlx::raw_sql(TAKE).execute(&mut *transaction).await?;
    let mut after = (i64::MIN, String::new());
    loop {
        let rows = sqlx::query(ROWS)
            .bind(after.0)
            .bind(&after.1)
            .bind(SLICE)
            .fetch_all(&mut *transaction)
            .await?;
        let mut trail = Trail::default();
        for row in &rows {
            let fields = Fields(row);
            after = (fields.integer("study_no")?, fields.owned("audit_id")?);
            trail.add(after.0, record(row)?, None);
        }
        if rows.is_empty() {
            break;
        }
        append(&mut transaction, trail).await?;
    }
    sqlx::raw_sql(LET_GO).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// A row as it was; its words are the reason, its id tells that it was brought over.
fn record(row: &Row) -> Result<Record, Fault> {
    let fields = Fields(row);
    Ok(Record {
        study: fields
            .maybe_text("study_id")?
            .unwrap_or_default()
            .to_owned(),
        at_us: fields.integer("at_us")?,
        actor: fields.owned("actor")?,
        action: fields.owned("action")?,
        resource: fields.owned("resource")?,
        before: String::new(),
        after: text(&json!({ "audit_id": fields.text("audit_id")? })),
        reason: fields.owned("detail")?,
    })
}
