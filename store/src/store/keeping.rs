//! Keeping a database: copies of it, and what is wrong with it.

use std::collections::HashMap;
use std::path::Path;

use super::{Database, Store, read};
use crate::engine::sqlite::copy;
use crate::fault::Fault;
use crate::{CopyError, Flaw, Page, PageRequest, RevisionCheck, StoreError};

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

    /// What the engine finds wrong with its own file, what of the schema is not as this version makes it, and whether the log
    /// that was left ends in doubt. Nothing on PostgreSQL, which checks its pages as it reads them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be read at all.
    pub async fn damages(&self) -> Result<Vec<Flaw>, StoreError> {
        let Database::Sqlite(database) = &self.database else {
            return Ok(Vec::new());
        };
        let said = database.damages().await?;
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

    /// Revisions of a study's results by specimen and number, each held to the digest that was stored with it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study; [`StoreError::Engine`] for a row whose key cannot be read. Whatever else is
    /// wrong with a row stands in its [`RevisionCheck`].
    pub async fn check_revisions(
        &self,
        study: &str,
        page: &PageRequest<(String, i64)>,
    ) -> Result<Page<RevisionCheck, (String, i64)>, StoreError> {
        read!(self, integrity::check_revisions(study, page))
    }

    /// All revisions of some specimens in the words of the audit trail, by specimen and number; without those whose rows
    /// cannot be read.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn said_revisions(
        &self,
        study: &str,
        specimens: &[&str],
    ) -> Result<HashMap<(String, i64), String>, StoreError> {
        read!(self, integrity::said_revisions(study, specimens))
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
