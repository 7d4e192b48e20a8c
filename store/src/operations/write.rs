//! A change as a value: one operation, one transaction.

use sqlx::{Connection as _, Transaction};

use super::{BEGIN, BEGIN_SNAPSHOT, Conn, Db, audit};
use crate::Call;
use crate::fault::Fault;
use crate::trail::Trail;

/// An operation that changes something.
pub(crate) trait Write: Send + Sync + 'static {
    /// What the caller gets.
    type Answer: Send + 'static;

    /// Who asks, when, and whether to keep anything.
    fn call(&self) -> &Call;

    /// Does everything inside a transaction that the caller of this ends, and notes in the trail what it did. `attempt`
    /// counts from 0: after [`Fault::Stale`] the transaction was rolled back and everything starts again.
    fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        attempt: u32,
    ) -> impl Future<Output = Result<Self::Answer, Fault>> + Send;
}

/// Begins a writing transaction.
pub(crate) async fn begin(conn: &mut Conn) -> Result<Transaction<'_, Db>, Fault> {
    Ok(conn.begin_with(BEGIN).await?)
}

/// Commits a writing transaction.
pub(crate) async fn commit(transaction: Transaction<'_, Db>) -> Result<(), Fault> {
    transaction.commit().await.map_err(Fault::of_commit)
}

/// Begins a transaction whose statements all read one state.
pub(crate) async fn begin_snapshot(conn: &mut Conn) -> Result<Transaction<'_, Db>, Fault> {
    Ok(conn.begin_with(BEGIN_SNAPSHOT).await?)
}

/// Runs an operation inside a transaction that is open, and appends what it noted to the trail, last.
pub(crate) async fn perform<W: Write>(
    conn: &mut Conn,
    operation: &W,
    attempt: u32,
) -> Result<W::Answer, Fault> {
    let mut trail = Trail::default();
    let answer = operation.run(conn, &mut trail, attempt).await?;
    if !operation.call().validate_only {
        audit::append(conn, trail).await?;
    }
    Ok(answer)
}

/// Runs an operation in a transaction of its own.
pub(crate) async fn transact<W: Write>(
    conn: &mut Conn,
    operation: &W,
    attempt: u32,
) -> Result<W::Answer, Fault> {
    let mut transaction = begin(conn).await?;
    match perform(&mut transaction, operation, attempt).await {
        Ok(answer) if operation.call().validate_only => {
            transaction.rollback().await?;
            Ok(answer)
        }
        Ok(answer) => {
            commit(transaction).await?;
            Ok(answer)
        }
        Err(fault) => {
            transaction.rollback().await?;
            Err(fault)
        }
    }
}
