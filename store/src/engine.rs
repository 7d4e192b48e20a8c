//! The two engines. Each module names its connection and its few words that differ, and compiles the operations for
//! them: one text of operations and SQL, two concrete types, no generics over databases.

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

/// How often an operation starts again when another writer came between.
pub(crate) const ATTEMPTS: u32 = 6;

/// Prepared statements kept for each connection: all that there are.
pub(crate) const STATEMENTS_KEPT: usize = 512;
