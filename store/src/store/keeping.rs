//! Keeping a database: copies of it, and what is wrong with it.

use std::path::Path;

use super::{Database, Store, read};
use crate::engine::sqlite::copy;
use crate::fault::Fault;
use crate::{CopyError, Flaw, StoreError};

impl Store {
    /// Writes a copy of the database as of this moment, while it is at work. Only SQLite.
    ///
    /// # Errors
    /// [`CopyError`]; `to` then does not exist, unless it did before.
    pub async fn copy(&self, to: &Path) -> Result<(), CopyError> {
        let Database::Sqlite(database) = &self.database else {
            return Err(CopyError::NotSqlite);
        };
        let mut conn = database.reader().await.map_err(StoreError::from)?;
        copy::copy(&mut conn, to).await
    }

    /// What the engine finds wrong with its own file; nothing on PostgreSQL, which checks its pages as it reads them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be read at all.
    pub async fn damages(&self) -> Result<Vec<Flaw>, StoreError> {
        let Database::Sqlite(database) = &self.database else {
            return Ok(Vec::new());
        };
        let mut conn = database.reader().await?;
        let said = copy::damages(&mut conn).await?;
        let flaw = |what| Flaw {
            resource: "database".to_owned(),
            what,
        };
        Ok(said.into_iter().map(flaw).collect())
    }

    /// Empties the log beside SQLite's file, once what it holds is in the file: what was deleted is then in neither. `false` when
    /// somebody read from it for too long, and it is emptied later. Nothing on PostgreSQL, whose log is its server's.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::DiskFailed`].
    pub async fn clear_log(&self) -> Result<bool, StoreError> {
        match &self.database {
            Database::Sqlite(database) => Ok(database.clear_log().await?),
            Database::Postgres(_) => Ok(true),
        }
    }

    /// What of a study lacks what it belongs to; of each kind the first hundred.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn orphans(&self, study: &str) -> Result<Vec<Flaw>, StoreError> {
        read!(self, integrity::orphans(study))
    }

    /// Waits until the disk under the database has failed, after which nothing more is written. Never on PostgreSQL, whose
    /// server sees to that.
    pub async fn disk_failed(&self) {
        match &self.database {
            Database::Sqlite(database) => database.disk.failed().await,
            Database::Postgres(_) => std::future::pending().await,
        }
    }

    /// Whether the database can be written to: its disk has not failed.
    ///
    /// # Errors
    /// [`StoreError::DiskFailed`].
    pub fn check_disk(&self) -> Result<(), StoreError> {
        match &self.database {
            Database::Sqlite(database) => database.disk.check().map_err(Fault::into),
            Database::Postgres(_) => Ok(()),
        }
    }
}
