//! Tables read from end to end. A row of PostgreSQL is read where it lies in the answer.

use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::{QueryBuilder, Row as _};

use super::{Database, Db};
use crate::fault::Fault;
use crate::scan::{Cells, ProfileScan};
use crate::{ProfileRow, StoreError};

/// A statement and its values.
pub(crate) type Prepared = QueryBuilder<Db>;

impl Database {
    /// Fills something with a page of profiles.
    pub(crate) async fn scan_profiles<T>(
        self: &Arc<Self>,
        mut statement: Prepared,
        mut scan: ProfileScan,
        mut filled: T,
        put: impl Fn(&mut T, &ProfileRow<'_>),
    ) -> Result<(T, ProfileScan), StoreError> {
        let mut conn = self.reader().await?;
        let rows = statement.build().fetch_all(&mut *conn).await;
        drop(conn);
        for row in rows.map_err(Fault::from)? {
            if !scan.take(&row, |profile| put(&mut filled, profile))? {
                break;
            }
        }
        Ok((filled, scan))
    }
}

impl Cells for PgRow {
    fn text(&self, place: usize) -> Result<&str, StoreError> {
        Ok(self.try_get(place).map_err(Fault::from)?)
    }

    fn truth(&self, place: usize) -> Result<bool, StoreError> {
        Ok(self.try_get(place).map_err(Fault::from)?)
    }

    fn maybe_integer(&self, place: usize) -> Result<Option<i64>, StoreError> {
        Ok(self.try_get(place).map_err(Fault::from)?)
    }

    fn maybe_number(&self, place: usize) -> Result<Option<f64>, StoreError> {
        Ok(self.try_get(place).map_err(Fault::from)?)
    }
}
