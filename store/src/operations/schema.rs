//! Which schema a database has.

use super::{Conn, MIGRATION_TABLES};
use crate::fault::Fault;

const VERSION: &str = "select max(version) from _sqlx_migrations where success";

/// The last file of the schema that was run to its end; `None` in an empty database.
pub(crate) async fn version(conn: &mut Conn) -> Result<Option<i64>, Fault> {
    let tables: i64 = sqlx::query_scalar(MIGRATION_TABLES)
        .fetch_one(&mut *conn)
        .await?;
    if tables == 0 {
        return Ok(None);
    }
    Ok(sqlx::query_scalar(VERSION).fetch_one(conn).await?)
}
