//! Answers to requests that carried an id, so that a repetition stores nothing and gets the same answer.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Conn;
use super::fields::Fields;
use crate::answer;
use crate::fault::Fault;
use crate::{Call, StoreError};

pub(super) const STATEMENTS: [&str; 2] = [FIND, KEEP];

const FIND: &str = "select digest, answer from requests where study_no = $1 and request_id = $2";

const KEEP: &str = "insert into requests (study_no, request_id, digest, answer, created_us) \
    values ($1, $2, $3, $4, $5) on conflict (study_no, request_id) do nothing";

/// The answer that the same request got before.
pub(super) async fn find<T: DeserializeOwned>(
    conn: &mut Conn,
    study_no: i64,
    call: &Call,
) -> Result<Option<T>, Fault> {
    let Some(request) = call.request.as_ref().filter(|_| !call.validate_only) else {
        return Ok(None);
    };
    let row = sqlx::query(FIND)
        .bind(study_no)
        .bind(&request.id)
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let fields = Fields(&row);
    if fields.digest("digest")? != request.digest {
        return Err(StoreError::RequestIdReused {
            id: request.id.clone(),
        }
        .into());
    }
    Ok(Some(answer::recall(fields.text("answer")?)?))
}

/// Keeps the answer. When the same request was answered meanwhile, this attempt is stale.
pub(super) async fn keep(
    conn: &mut Conn,
    study_no: i64,
    call: &Call,
    answer: &(impl Serialize + Sync),
) -> Result<(), Fault> {
    let Some(request) = call.request.as_ref().filter(|_| !call.validate_only) else {
        return Ok(());
    };
    let kept = sqlx::query(KEEP)
        .bind(study_no)
        .bind(&request.id)
        .bind(request.digest.as_slice())
        .bind(answer::keep(answer)?)
        .bind(call.now.as_microsecond())
        .execute(conn)
        .await?;
    if kept.rows_affected() == 0 {
        Err(Fault::Stale)
    } else {
        Ok(())
    }
}
