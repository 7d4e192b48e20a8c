//! Which schema a database has.

use super::{Conn, MIGRATION_TABLES, STEP_TABLES};
use crate::fault::Fault;
use crate::migration::Found;

const VERSION: &str = "select max(version) from _sqlx_migrations where success";
const SERVES_FROM: &str = "select serves_from from schema_steps where version = $1";

/// The last file of the schema that was run to its end, and what it says of earlier programs; `None` in an empty database.
pub(crate) async fn version(conn: &mut Conn) -> Result<Option<Found>, Fault> {
    let tables: i64 = sqlx::query_scalar(MIGRATION_TABLES)
        .fetch_one(&mut *conn)
        .await?;
    if tables == 0 {
        return Ok(None);
    }
    let version: Option<i64> = sqlx::query_scalar(VERSION).fetch_one(&mut *conn).await?;
    let Some(version) = version else {
        return Ok(None);
    };
    let steps: i64 = sqlx::query_scalar(STEP_TABLES)
        .fetch_one(&mut *conn)
        .await?;
    let serves_from = if steps == 0 {
        None
    } else {
        sqlx::query_scalar(SERVES_FROM)
            .bind(version)
            .fetch_optional(conn)
            .await?
    };
    Ok(Some(Found {
        version,
        serves_from,
    }))
}
