//! The store: whole operations on either engine.

use std::sync::Arc;

use crate::engine::{Engine, postgres, sqlite};
use crate::{Meter, OpenOptions, PoolUse, StoreError};

mod access;
mod audit;
mod cohorts;
mod conversions;
mod keeping;
mod methods;
mod overview;
mod people;
mod quality;
mod reviews;
mod samplings;
mod scans;
mod studies;
mod submissions;
mod watch;

/// A database of studies. Clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
}

#[derive(Debug, Clone)]
enum Database {
    Sqlite(Arc<sqlite::Database>),
    Postgres(Arc<postgres::Database>),
}

/// Runs an expression on the engine at hand. The expression is compiled for each, with the names given first standing
/// for its database and its operations.
macro_rules! on_engine {
    ($store:expr, |$database:ident| $body:expr) => {
        match &$store.database {
            $crate::store::Database::Sqlite($database) => $body,
            $crate::store::Database::Postgres($database) => $body,
        }
    };
    ($store:expr, |$database:ident, $operations:ident| $body:expr) => {
        match &$store.database {
            $crate::store::Database::Sqlite($database) => {
                use $crate::engine::sqlite::operations as $operations;
                $body
            }
            $crate::store::Database::Postgres($database) => {
                use $crate::engine::postgres::operations as $operations;
                $body
            }
        }
    };
}

/// Reads with one of the operations, on a connection that only reads.
macro_rules! read {
    ($store:expr, $area:ident :: $read:ident ( $($argument:expr),* )) => {
        $crate::store::on_engine!($store, |database, operations| {
            let _reads = $crate::meter::time(&database.meter.read_seconds);
            let mut conn = database.reader().await?;
            Ok(operations::$area::$read(&mut conn, $($argument),*).await?)
        })
    };
}

/// Makes a change, an operation with its fields, in a transaction.
macro_rules! write {
    ($store:expr, $area:ident :: $operation:ident $fields:tt) => {
        $crate::store::on_engine!($store, |database, operations| {
            database.write(operations::$area::$operation $fields).await
        })
    };
}

use {on_engine, read, write};

impl Store {
    /// Opens `sqlite://PATH` (the file is made when it is missing) or `postgres://...` and brings the schema up to
    /// date.
    ///
    /// # Errors
    /// [`StoreError::Url`], [`StoreError::EngineTooOld`], [`StoreError::Migration`], [`StoreError::Unavailable`].
    pub async fn open(url: &str, options: &OpenOptions) -> Result<Self, StoreError> {
        let database = match Engine::of(url)? {
            Engine::Sqlite => {
                Database::Sqlite(Arc::new(sqlite::Database::open(url, options).await?))
            }
            Engine::Postgres => {
                Database::Postgres(Arc::new(postgres::Database::open(url, options).await?))
            }
        };
        Ok(Self { database })
    }

    /// The engine behind the store.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match &self.database {
            Database::Sqlite(_) => Engine::Sqlite,
            Database::Postgres(_) => Engine::Postgres,
        }
    }

    /// Waits for what is under way and closes all connections.
    pub async fn close(&self) {
        on_engine!(self, |database| database.close().await);
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        on_engine!(self, |database| {
            let mut conn = database.reader().await?;
            Ok(sqlx::Connection::ping(&mut *conn)
                .await
                .map_err(crate::fault::Fault::from)?)
        })
    }

    /// Whether the schema is still the one that this store was written for: another server may have brought the database
    /// further.
    ///
    /// # Errors
    /// [`StoreError::SchemaNewer`] or [`StoreError::SchemaOlder`] when it is not, [`StoreError::Unavailable`].
    pub async fn check_schema(&self) -> Result<(), StoreError> {
        on_engine!(self, |database, operations| {
            let mut conn = database.reader().await?;
            let found = operations::schema::version(&mut conn).await?;
            crate::migration::check(found)
        })
    }

    /// What the store measures of itself.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        on_engine!(self, |database| &database.meter)
    }

    /// How its pools of connections are used now.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolUse> {
        on_engine!(self, |database| database.pools())
    }

    /// Has the engine prepare every statement that the store uses, and returns how many there are: a check that
    /// schema and statements agree.
    ///
    /// # Errors
    /// [`StoreError::Engine`] for the first statement that it refuses.
    pub async fn prepare_all(&self) -> Result<usize, StoreError> {
        on_engine!(self, |database, operations| {
            let mut conn = database.reader().await?;
            Ok(operations::statements::prepare_all(&mut conn).await?)
        })
    }

    /// Has the engine prepare every statement once, those of many rows with the fewest, and returns how many there are.
    ///
    /// # Errors
    /// As [`Store::prepare_all`].
    pub async fn prepare_each(&self) -> Result<usize, StoreError> {
        on_engine!(self, |database, operations| {
            let mut conn = database.reader().await?;
            Ok(operations::statements::prepare_each(&mut conn).await?)
        })
    }
}
