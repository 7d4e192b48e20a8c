//! The log that an earlier process left: it is brought to the disk once more before anything is built on it.
//!
//! After a sync that failed the system may show bytes of the log that the disk never got, and take them for written. SQLite
//! would read them as committed, write behind them, and with the next loss of power everything behind the gap would be gone,
//! or a part of it would be in the database and the rest nowhere. The same bytes, written again to the same places, are new
//! to the system: then the sync says something about them.

mod frames;

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Connection as _};

use super::{BEGIN, BUSY_TIMEOUT, Conn};
use crate::StoreError;
use crate::error::EngineFault;
use crate::fault::Fault;

use frames::End;

/// Bytes that are read and written at a time.
const PIECE: usize = 1 << 20;

/// A log that was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    /// Whether it ends in a change that was written to its end and is not whole.
    pub(super) ends_in_doubt: bool,
}

/// Writes the log of a database again, where there is one, and brings it to the disk. Other writers wait meanwhile.
///
/// # Errors
/// [`StoreError::LogNotKept`], and [`StoreError::LogBroken`] when SQLite would drop changes that were answered as stored.
pub(super) async fn keep(conn: &mut Conn, database: &Path) -> Result<Left, StoreError> {
    let log = beside(database);
    let nothing = Left {
        ends_in_doubt: false,
    };
    if !std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Ok(nothing);
    }
    let others = match conn.begin_with(BEGIN).await {
        // Another process is at work: this log was not left behind.
        Err(error) if is_busy(&error) => return Ok(nothing),
        others => others.map_err(not_kept)?,
    };
    let end = File::open(&log).and_then(|log| frames::end(BufReader::new(log)));
    let end = end.map_err(not_kept)?;
    if let End::Lost { frame } = end {
        return Err(StoreError::LogBroken { frame });
    }
    write_again(&log).map_err(not_kept)?;
    others.rollback().await.map_err(Fault::from)?;
    Ok(Left {
        ends_in_doubt: end == End::InDoubt,
    })
}

fn not_kept(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::LogNotKept(EngineFault::new(error))
}

/// Waits for readers as long as this, in milliseconds: writers wait meanwhile.
const PATIENCE: &str = "pragma busy_timeout = 1000";

/// Empties the log once all of it is in the database; whether it did.
pub(super) async fn clear(conn: &mut Conn) -> Result<bool, Fault> {
    sqlx::query(PATIENCE).execute(&mut *conn).await?;
    let read_from: i64 = sqlx::query_scalar("pragma wal_checkpoint(truncate)")
        .fetch_one(&mut *conn)
        .await?;
    let usual = format!("pragma busy_timeout = {}", BUSY_TIMEOUT.as_millis());
    sqlx::query(AssertSqlSafe(usual)).execute(conn).await?;
    Ok(read_from == 0)
}

/// Beside the file itself, wherever links to it stand.
fn beside(database: &Path) -> PathBuf {
    let file = database.canonicalize();
    let mut name = file
        .unwrap_or_else(|_| database.to_owned())
        .into_os_string();
    name.push("-wal");
    name.into()
}

fn is_busy(error: &sqlx::Error) -> bool {
    const BUSY: &str = "5";
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == BUSY)
}

fn write_again(log: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(log)?;
    let mut piece = Vec::with_capacity(PIECE);
    let mut at = 0;
    loop {
        piece.clear();
        file.seek(SeekFrom::Start(at))?;
        let read = (&mut file).take(PIECE as u64).read_to_end(&mut piece)?;
        if read == 0 {
            return file.sync_all();
        }
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&piece)?;
        at += read as u64;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic fails the test")]

    use super::{PIECE, write_again};

    #[test]
    fn a_log_that_is_written_again_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("diel.db-wal");
        let bytes: Vec<u8> = (0..PIECE + 12_345).map(|at| (at % 251) as u8).collect();
        std::fs::write(&log, &bytes).unwrap();
        write_again(&log).unwrap();
        assert!(std::fs::read(&log).unwrap() == bytes);
    }
}
