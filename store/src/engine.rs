//! The two engines. Each module names its connection and its few words that differ, and compiles the operations for
//! them: one text of operations and SQL, two concrete types, no generics over databases.

use crate::StoreError;

pub(crate) mod postgres;
pub(crate) mod sqlite;

/// The engine behind a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, in this process.
    Sqlite,
    /// PostgreSQL, or what speaks its protocol.
    Postgres,
}

impl Engine {
    /// The engine that an address names. Nothing is opened.
    ///
    /// # Errors
    /// [`StoreError::Url`] says what an address looks like.
    pub fn of(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            sqlite::parse(url).map(|_| Self::Sqlite)
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            postgres::parse(url).map(|_| Self::Postgres)
        } else {
            Err(StoreError::Url {
                rule: "sqlite://PATH or postgres://USER@HOST/DATABASE",
            })
        }
    }
}

/// How often an operation starts again when another writer came between.
pub(crate) const ATTEMPTS: u32 = 6;

/// Prepared statements kept for each connection: all that there are.
pub(crate) const STATEMENTS_KEPT: usize = 512;
