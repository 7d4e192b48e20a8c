//! The trail: one row a change, in the change's own transaction.

use super::Conn;
use crate::Call;
use crate::fault::Fault;
use crate::ids::new_id;

pub(super) const STATEMENTS: [&str; 1] = [NOTE];

const NOTE: &str = "insert into audit (study_no, audit_id, at_us, actor, action, resource, detail) \
    values ($1, $2, $3, $4, $5, $6, $7)";

/// Notes what was done to which resource.
pub(super) async fn note(
    conn: &mut Conn,
    study_no: i64,
    call: &Call,
    action: &str,
    resource: &str,
    detail: &str,
) -> Result<(), Fault> {
    sqlx::query(NOTE)
        .bind(study_no)
        .bind(new_id(call.now))
        .bind(call.now.as_microsecond())
        .bind(&call.actor)
        .bind(action)
        .bind(resource)
        .bind(detail)
        .execute(conn)
        .await?;
    Ok(())
}
