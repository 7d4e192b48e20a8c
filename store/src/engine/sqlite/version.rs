//! The least version of SQLite that keeps what was committed.

use sqlx::sqlite::SqlitePool;

use crate::StoreError;
use crate::fault::Fault;

/// Before this a checkpoint that races a write can lose committed transactions.
const LEAST: (u32, u32, u32) = (3, 51, 3);

/// Refuses an older library.
pub(super) async fn check(pool: &SqlitePool) -> Result<(), StoreError> {
    let found: String = sqlx::query_scalar("select sqlite_version()")
        .fetch_one(pool)
        .await
        .map_err(Fault::from)?;
    if parse(&found) < Some(LEAST) {
        return Err(StoreError::EngineTooOld {
            found,
            needed: "3.51.3",
        });
    }
    Ok(())
}

fn parse(version: &str) -> Option<(u32, u32, u32)> {
    let mut numbers = version.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::{LEAST, parse};

    #[test]
    fn versions_compare_by_number() {
        assert!(parse("3.51.3") == Some(LEAST));
        assert!(parse("3.6.23") < Some(LEAST));
        assert!(parse("3.100.0") > Some(LEAST));
        assert!(parse("nonsense") < Some(LEAST));
    }
}
