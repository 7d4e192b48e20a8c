//! SQLite: one writer, many readers, submissions that wait together are committed together.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use crate::commits::Commits;
use crate::error::EngineFault;
use crate::fault::{Fault, interrupted};
use crate::meter::{Meter, PoolUse, time};
use crate::open::OpenOptions;
use crate::{CopyError, StoreError, migration};

pub(crate) mod copy;
pub(crate) mod disk;
mod group;
mod log;
#[cfg(test)]
mod query_plans;
pub(crate) mod scan;
mod schema;
mod version;

pub(crate) type Db = sqlx::Sqlite;
pub(crate) type Conn = sqlx::SqliteConnection;

/// How a writing transaction begins. One that reads first and writes later would be refused by a writer in between.
pub(crate) const BEGIN: &str = "begin immediate";
/// How a transaction begins that reads one state with several statements.
pub(crate) const BEGIN_SNAPSHOT: &str = "begin";

/// How many tables of the trail there are that are from before it was a chain.
pub(crate) const AUDIT_TABLES: &str =
    "select count(*) from sqlite_schema where type = 'table' and name = 'audit'";

/// How many tables of migrations there are: none in an empty database.
pub(crate) const MIGRATION_TABLES: &str =
    "select count(*) from sqlite_schema where type = 'table' and name = '_sqlx_migrations'";

/// How many tables there are that say which programs serve the schema: none in one of before 15.
pub(crate) const STEP_TABLES: &str =
    "select count(*) from sqlite_schema where type = 'table' and name = 'schema_steps'";

/// A select that also keeps the study's row from being changed until the transaction ends: here every writer does.
macro_rules! sharing_the_study {
    ($select:expr) => {
        $select
    };
}

/// A select that also keeps every other writer of the study out until the transaction ends: here every writer does.
macro_rules! holding_the_study {
    ($select:expr) => {
        $select
    };
}

#[expect(clippy::duplicate_mod, reason = "compiled once an engine, on purpose")]
#[path = "../operations/operations.rs"]
pub(crate) mod operations;

use operations::write::{Write, transact};

/// Memory for pages of the writer, in KiB (negative by SQLite's convention).
const WRITER_CACHE_KIB: &str = "-65536";
/// Bytes of a page: bulk writes cost fewer calls than with the usual 4096.
const PAGE_BYTES: u32 = 8192;
/// Pages in the log before it is copied into the database: 32 MiB, a few bulk commits.
const CHECKPOINT_PAGES: &str = "4000";
/// How long a writer of another process may hold the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A database file.
#[derive(Debug)]
pub(crate) struct Database {
    writer: SqlitePool,
    readers: SqlitePool,
    scans: scan::Scans,
    waiting: Mutex<VecDeque<group::Waiting>>,
    pub(crate) commits: Commits,
    /// The log that there was at the opening.
    left: log::Left,
    pub(crate) disk: disk::Disk,
    pub(crate) meter: Meter,
}

/// Reads an address; what is in memory alone is none, for nothing in it lasts.
pub(crate) fn parse(url: &str) -> Result<SqliteConnectOptions, StoreError> {
    let rule = "sqlite://PATH";
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(StoreError::Url { rule });
    }
    url.parse().map_err(|_| StoreError::Url { rule })
}

impl Database {
    pub(crate) async fn open(url: &str, options: &OpenOptions) -> Result<Self, StoreError> {
        let connect = parse(url)?
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            // With a log it is as FULL. With the journal that a new file begins with, its removal too is brought to the
            // disk: one that came back with the power would undo all that was written after it.
            .synchronous(SqliteSynchronous::Extra)
            .statement_cache_capacity(super::STATEMENTS_KEPT)
            .disable_statement_logging();
        let write = connect
            .clone()
            .create_if_missing(!options.as_it_is)
            .pragma("cache_size", WRITER_CACHE_KIB)
            .page_size(PAGE_BYTES)
            .pragma("temp_store", "memory")
            // What is deleted is overwritten, where it stood in pages and where pages become free.
            .pragma("secure_delete", "on")
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES);
        let writer = SqlitePoolOptions::new()
            .min_connections(1)
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(60))
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(write)
            .await
            .map_err(Fault::from)?;
        version::check(&writer).await?;
        let mut conn = writer.acquire().await.map_err(Fault::from)?;
        // Among the options it would stand before the syncs that it needs.
        let log = sqlx::query("pragma journal_mode = wal").execute(&mut *conn);
        log.await.map_err(Fault::from)?;
        let left = match log::keep(&mut conn, connect.get_filename()).await {
            Ok(left) => left,
            Err(refusal) => {
                abandon(&writer, conn);
                return Err(refusal);
            }
        };
        if left.ends_in_doubt {
            tracing::warn!(
                "the log that was left ends in a change that is not whole, as a loss of power leaves one that nobody was told of"
            );
        }
        schema::check_text(&mut conn).await?;
        let found = operations::schema::version(&mut conn).await?;
        if migration::must_run(found, options.as_it_is)? {
            if let Some(found) = found {
                let kept = before(&connect, found.version);
                copy::copy(&mut conn, &kept)
                    .await
                    .map_err(|error| match error {
                        CopyError::Store(error) => error,
                        error => StoreError::Migration(EngineFault::new(error)),
                    })?;
                tracing::info!(kept = %kept.display(), "copied the database before its schema is changed");
            }
            let migrator = migration::migrator("sqlite");
            migrator.run(&mut *conn).await.map_err(migration::failed)?;
        }
        if !options.as_it_is {
            operations::audit::adopt(&mut conn).await?;
        }
        drop(conn);
        let scans = scan::Scans::of(&connect);
        let readers = SqlitePoolOptions::new()
            .max_connections(options.readers.max(1))
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(connect.read_only(true))
            .await
            .map_err(Fault::from)?;
        Ok(Self {
            writer,
            readers,
            scans,
            waiting: Mutex::default(),
            commits: Commits::default(),
            left,
            disk: disk::Disk::default(),
            meter: Meter::default(),
        })
    }

    pub(crate) async fn reader(&self) -> Result<PoolConnection<Db>, Fault> {
        let _waits = time(&self.meter.read_wait_seconds);
        Ok(self.readers.acquire().await?)
    }

    pub(crate) fn pools(&self) -> Vec<PoolUse> {
        vec![
            PoolUse::of("read", &self.readers),
            PoolUse::of("write", &self.writer),
        ]
    }

    async fn writer(&self) -> Result<PoolConnection<Db>, Fault> {
        let _waits = time(&self.meter.write_wait_seconds);
        let conn = self.writer.acquire().await;
        // The one before may have found that the disk has failed.
        self.disk.check()?;
        Ok(conn?)
    }

    /// Looks at how a write ended, and with it at what becomes of the connection.
    fn give_back<T>(&self, mut conn: PoolConnection<Db>, done: &Result<T, Fault>) {
        self.disk.learn(done);
        if self.disk.check().is_err() {
            abandon(&self.writer, conn);
        } else if done.as_ref().is_err_and(|fault| fault.engine().is_some()) {
            // After an error of the engine the state of a transaction is its secret: the next writer gets a new one.
            conn.close_on_drop();
        }
    }

    /// What is wrong with the file, its schema, or the log that was left beside it; a sentence each.
    pub(crate) async fn damages(&self) -> Result<Vec<String>, Fault> {
        let mut conn = self.reader().await?;
        let mut said = copy::damages(&mut conn).await?;
        let found = operations::schema::version(&mut conn).await?;
        if migration::is_known(found) {
            said.extend(schema::differences(&mut conn).await?);
        }
        if self.left.ends_in_doubt {
            said.push(
                "its log ends in a change that is not whole: after a loss of power nobody was told of it; at any other time it was stored and is lost"
                    .to_owned(),
            );
        }
        Ok(said)
    }

    pub(crate) async fn close(&self) {
        self.scans.close();
        self.readers.close().await;
        self.writer.close().await;
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
        self.disk.check()?;
        let _writes = time(&self.meter.write_seconds);
        let mut conn = self.writer().await?;
        let done = attempt_on(&mut conn, operation).await;
        self.give_back(conn, &done);
        if done.is_ok() {
            self.commits.count();
        }
        done
    }

    /// Brings the log into the database and empties it, so that nothing is left in it of what was deleted. `false` when
    /// somebody reads from it and does not end soon.
    pub(crate) async fn clear_log(&self) -> Result<bool, Fault> {
        let mut conn = self.writer().await?;
        let cleared = log::clear(&mut conn).await;
        self.give_back(conn, &cleared);
        cleared
    }

    pub(crate) async fn submit(
        self: &Arc<Self>,
        submission: crate::Submission,
    ) -> Result<crate::Submitted, StoreError> {
        group::submit(self, submission).await
    }
}

/// Leaves the writer's connection open for as long as the process lives, and opens no other. Whichever connection is closed
/// last would copy the log into the database; while this one holds the database, none is the last.
fn abandon(writer: &SqlitePool, conn: PoolConnection<Db>) {
    // The pool is closed from here on; nobody needs to wait until it is empty.
    drop(writer.close());
    std::mem::forget(conn.detach());
}

/// Where the copy of a database stands that was made before its schema went on from a version. One that an earlier, broken
/// start left there is of the same schema and stays: the next gets another name.
fn before(connect: &SqliteConnectOptions, version: i64) -> PathBuf {
    let file = connect.get_filename();
    let name = |number: u32| {
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".before-schema-{}", version + 1));
        if number > 0 {
            name.push(format!(".{number}"));
        }
        PathBuf::from(name)
    };
    let mut number = 0;
    while name(number).exists() {
        number += 1;
    }
    name(number)
}

async fn attempt_on<W: Write>(conn: &mut Conn, operation: &W) -> Result<W::Answer, Fault> {
    let mut attempt = 0;
    loop {
        match transact(conn, operation, attempt).await {
            Err(fault) if fault.passes() && attempt + 1 < super::ATTEMPTS => attempt += 1,
            done => return done,
        }
    }
}

/// Appends the place of a value. Places without a number are bound faster.
fn push_place(text: &mut String, _number: usize) {
    text.push('?');
}
