//! PostgreSQL: a pool, a transaction an operation.

mod hosts;
pub(crate) mod scan;
mod servers;

use std::sync::Arc;

use sqlx::ConnectOptions as _;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::commits::Commits;
use crate::fault::{Fault, interrupted};
use crate::meter::{Meter, PoolUse, time};
use crate::open::OpenOptions;
use crate::{StoreError, migration};

pub(crate) type Db = sqlx::Postgres;
pub(crate) type Conn = sqlx::PgConnection;

/// How a writing transaction begins.
pub(crate) const BEGIN: &str = "begin";
/// How a transaction begins that reads one state with several statements.
pub(crate) const BEGIN_SNAPSHOT: &str = "begin isolation level repeatable read read only";

/// How many tables of the trail there are that are from before it was a chain.
pub(crate) const AUDIT_TABLES: &str =
    "select count(*) from pg_tables where schemaname = current_schema() and tablename = 'audit'";

/// How many tables of migrations there are: none in an empty database.
pub(crate) const MIGRATION_TABLES: &str = "select count(*) from pg_tables where schemaname = current_schema() and \
    tablename = '_sqlx_migrations'";

/// How many tables there are that say which programs serve the schema: none in one of before 15.
pub(crate) const STEP_TABLES: &str = "select count(*) from pg_tables where schemaname = current_schema() and \
    tablename = 'schema_steps'";

/// A select that also keeps the study's row from being changed until the transaction ends.
macro_rules! sharing_the_study {
    ($select:expr) => {
        concat!($select, " for share of s")
    };
}

/// A select that also keeps every other writer of the study, who all share its row, out until the transaction ends.
macro_rules! holding_the_study {
    ($select:expr) => {
        concat!($select, " for no key update of s")
    };
}

#[expect(clippy::duplicate_mod, reason = "compiled once an engine, on purpose")]
#[path = "../operations/operations.rs"]
pub(crate) mod operations;

use operations::write::{Write, transact};
use servers::Servers;

/// A database on a server, or on one of several.
#[derive(Debug)]
pub(crate) struct Database {
    servers: Servers,
    /// How many connections may write. Writers of one study wait for each other with a connection in their hands: without
    /// this they would leave none to readers.
    writing: Semaphore,
    pub(crate) commits: Commits,
    pub(crate) meter: Meter,
}

/// Reads an address: of one server or of several.
pub(crate) fn parse(url: &str) -> Result<Vec<PgConnectOptions>, StoreError> {
    hosts::read(url)
}

impl Database {
    pub(crate) async fn open(url: &str, options: &OpenOptions) -> Result<Self, StoreError> {
        let each = parse(url)?.into_iter().map(|host| {
            host.application_name("diel")
                .statement_cache_capacity(super::STATEMENTS_KEPT)
                .disable_statement_logging()
        });
        let connections = options.readers.max(1) + options.writers.max(1);
        let servers = Servers::connect(each.collect(), connections)
            .await
            .map_err(Fault::from)?;
        let mut conn = servers.acquire().await.map_err(Fault::from)?;
        let found = operations::schema::version(&mut conn).await?;
        if migration::must_run(found, options.as_it_is)? {
            let migrator = migration::migrator("postgres");
            migrator.run(&mut *conn).await.map_err(migration::failed)?;
        }
        if !options.as_it_is {
            operations::audit::adopt(&mut conn).await?;
        }
        drop(conn);
        Ok(Self {
            servers,
            writing: Semaphore::new(options.writers.max(1) as usize),
            commits: Commits::default(),
            meter: Meter::default(),
        })
    }

    pub(crate) async fn reader(&self) -> Result<PoolConnection<Db>, Fault> {
        let _waits = time(&self.meter.read_wait_seconds);
        Ok(self.servers.acquire().await?)
    }

    pub(crate) fn pools(&self) -> Vec<PoolUse> {
        vec![self.servers.in_use()]
    }

    /// A connection, with the place of a writer that it takes.
    async fn writer(&self) -> Result<(SemaphorePermit<'_>, PoolConnection<Db>), Fault> {
        let _waits = time(&self.meter.write_wait_seconds);
        let place = timeout(servers::PATIENCE, self.writing.acquire()).await;
        let place = place.ok().and_then(Result::ok);
        let place = place.ok_or(sqlx::Error::PoolTimedOut)?;
        Ok((place, self.servers.acquire().await?))
    }

    pub(crate) async fn close(&self) {
        self.servers.close().await;
    }

    /// Runs an operation in a transaction. It runs to its end even when the caller no longer waits for it.
    pub(crate) async fn write<W: Write>(
        self: &Arc<Self>,
        operation: W,
    ) -> Result<W::Answer, StoreError> {
        let database = Arc::clone(self);
        let task = tokio::spawn(async move { database.attempt(&operation).await });
        task.await
            .map_err(|_| interrupted())?
            .map_err(StoreError::from)
    }

    async fn attempt<W: Write>(&self, operation: &W) -> Result<W::Answer, Fault> {
        let _writes = time(&self.meter.write_seconds);
        let mut attempt = 0;
        loop {
            let (_place, mut conn) = self.writer().await?;
            match transact(&mut conn, operation, attempt).await {
                Err(fault) if fault.passes() && attempt + 1 < super::ATTEMPTS => attempt += 1,
                done => {
                    if done.is_ok() {
                        self.commits.count();
                    }
                    return done;
                }
            }
        }
    }

    pub(crate) async fn submit(
        self: &Arc<Self>,
        submission: crate::Submission,
    ) -> Result<crate::Submitted, StoreError> {
        self.write(operations::submit::Submit(submission)).await
    }
}

/// Appends the place of a value.
fn push_place(text: &mut String, number: usize) {
    text.push('$');
    text.push_str(&number.to_string());
}
