//! A copy of a database at work, as of one moment.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use crate::CopyError;
use crate::fault::Fault;

/// Writes a copy to a file that does not exist yet. It is whole and on the disk, or not there.
pub(crate) async fn copy(conn: &mut SqliteConnection, to: &Path) -> Result<(), CopyError> {
    let place = |source| CopyError::File {
        path: to.to_owned(),
        source,
    };
    if to.try_exists().map_err(place)? {
        return Err(place(io::ErrorKind::AlreadyExists.into()));
    }
    let unfinished = unfinished(to);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(place(error)),
        _ => {}
    }
    let name = unfinished
        .to_str()
        .ok_or_else(|| place(io::Error::other("the path is not UTF-8")))?;
    let written = sqlx::query("vacuum into $1").bind(name).execute(conn).await;
    written.map_err(|error| CopyError::Store(Fault::from(error).into()))?;
    let finish = || {
        File::open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, to)?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
    };
    finish().map_err(place)
}

fn unfinished(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".unfinished");
    name.into()
}

/// What the engine finds wrong with its own file, at most 100 sentences; none when all is well.
pub(crate) async fn damages(conn: &mut SqliteConnection) -> Result<Vec<String>, Fault> {
    let rows = sqlx::query("pragma integrity_check(100)")
        .fetch_all(conn)
        .await?;
    let said: Result<Vec<String>, sqlx::Error> = rows.iter().map(|row| row.try_get(0)).collect();
    let mut said = said?;
    said.retain(|sentence| sentence != "ok");
    Ok(said)
}
