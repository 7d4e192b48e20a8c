//! Tables read from end to end, on connections beside those of sqlx.
//!
//! For each value of a row sqlx takes a copy that SQLite allocates, and sends each row to another thread. For a page of a list
//! that is nothing; of a million rows of thirty columns it is most of the time. Here a row is read where it lies.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Row};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::{BUSY_TIMEOUT, Database};
use crate::error::EngineFault;
use crate::filter::{Statement, Value};
use crate::scan::{Cells, ProfileScan};
use crate::{ProfileRow, StoreError};

/// Connections kept open for the next page.
const KEPT: usize = 4;

/// Opens connections that read a database, and keeps some.
#[derive(Debug)]
pub(crate) struct Scans {
    path: PathBuf,
    /// The name of the file system of SQLite, where it is not the usual one.
    vfs: Option<String>,
    idle: Mutex<Vec<Connection>>,
}

/// A statement and its values.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    text: String,
    values: Vec<Value>,
}

impl Scans {
    pub(crate) fn of(connect: &SqliteConnectOptions) -> Self {
        let address = connect.to_url_lossy();
        let mut settings = address.query_pairs();
        Self {
            path: connect.get_filename().to_owned(),
            vfs: settings.find_map(|(name, value)| (name == "vfs").then(|| value.into_owned())),
            idle: Mutex::default(),
        }
    }

    /// Hands rows over until `take` has enough.
    fn read(
        &self,
        statement: &Prepared,
        mut take: impl FnMut(&Row<'_>) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let kept = self.kept().pop();
        let connection = match kept {
            Some(connection) => connection,
            None => self.open()?,
        };
        let mut prepared = connection.prepare_cached(&statement.text)?;
        let values = rusqlite::params_from_iter(&statement.values);
        let mut rows = prepared.query(values)?;
        while let Some(row) = rows.next()? {
            if !take(row)? {
                break;
            }
        }
        drop(rows);
        drop(prepared);
        let mut kept = self.kept();
        if kept.len() < KEPT {
            kept.push(connection);
        }
        Ok(())
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match &self.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(&self.path, flags, vfs.as_str())?,
            None => Connection::open_with_flags(&self.path, flags)?,
        };
        connection.busy_timeout(BUSY_TIMEOUT)?;
        Ok(connection)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn close(&self) {
        self.kept().clear();
    }
}

impl Database {
    /// Fills something with a page of profiles, on a thread that may wait for the disk.
    pub(crate) async fn scan_profiles<T: Send + 'static>(
        self: &Arc<Self>,
        statement: Prepared,
        mut scan: ProfileScan,
        mut filled: T,
        put: impl Fn(&mut T, &ProfileRow<'_>) + Send + 'static,
    ) -> Result<(T, ProfileScan), StoreError> {
        let database = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || {
            database.scans.read(&statement, |row| {
                scan.take(row, |profile| put(&mut filled, profile))
            })?;
            Ok((filled, scan))
        });
        reading
            .await
            .map_err(|stopped| StoreError::Unavailable(EngineFault::new(stopped)))?
    }
}

impl Statement for Prepared {
    fn words(&mut self, words: &str) -> &mut Self {
        self.text.push_str(words);
        self
    }

    fn value(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        super::push_place(&mut self.text, self.values.len());
        self
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => text.to_sql(),
            Self::Integer(integer) => integer.to_sql(),
            Self::Number(number) => number.to_sql(),
        }
    }
}

impl Cells for Row<'_> {
    fn text(&self, place: usize) -> Result<&str, StoreError> {
        Ok(self
            .get_ref(place)?
            .as_str()
            .map_err(rusqlite::Error::from)?)
    }

    fn truth(&self, place: usize) -> Result<bool, StoreError> {
        Ok(self.get(place)?)
    }

    fn maybe_integer(&self, place: usize) -> Result<Option<i64>, StoreError> {
        let value = self.get_ref(place)?;
        Ok(value.as_i64_or_null().map_err(rusqlite::Error::from)?)
    }

    fn maybe_number(&self, place: usize) -> Result<Option<f64>, StoreError> {
        match self.get_ref(place)? {
            ValueRef::Null => Ok(None),
            value => Ok(Some(value.as_f64().map_err(rusqlite::Error::from)?)),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let is_outage = matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::CannotOpen
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::DiskFull
            )
        );
        if is_outage {
            Self::Unavailable(EngineFault::new(error))
        } else {
            Self::Engine(EngineFault::new(error))
        }
    }
}
