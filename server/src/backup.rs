//! Copies of a database, and their way back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use diel_store::{CopyError, OpenOptions, Store, StoreError};

/// Why a backup was not brought back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// Only SQLite databases are files.
    #[error(
        "the database is not sqlite://PATH; a PostgreSQL database is restored with its own tools"
    )]
    NotSqlite,
    /// There is a database already, or one of its files.
    #[error("{} exists; restore to another path, or move it away first", .0.display())]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("{}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The copy cannot be opened.
    #[error("the backup cannot be opened; nothing was restored")]
    Store(#[from] StoreError),
}

/// Writes a copy of a SQLite database as of this moment to a new file. The database may be served meanwhile.
///
/// # Errors
/// [`CopyError`].
pub async fn back_up(database: &str, to: &Path) -> Result<(), CopyError> {
    let mut options = OpenOptions::default();
    options.as_it_is = true;
    let store = Store::open(database, &options).await?;
    let copied = store.copy(to).await;
    store.close().await;
    copied
}

/// Puts a backup where a SQLite database is to be, once it has been seen to open. Nothing there is overwritten.
///
/// # Errors
/// [`RestoreError`]; nothing stands at the place then.
pub async fn restore(backup: &Path, database: &str) -> Result<PathBuf, RestoreError> {
    let place = database
        .strip_prefix("sqlite://")
        .map(PathBuf::from)
        .ok_or(RestoreError::NotSqlite)?;
    for suffix in ["", "-wal", "-shm"] {
        let mut file = place.clone().into_os_string();
        file.push(suffix);
        let file = PathBuf::from(file);
        if file.exists() {
            return Err(RestoreError::Exists(file));
        }
    }
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| RestoreError::File { path, source }
    };
    let mut unfinished = place.clone().into_os_string();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    fs::copy(backup, &unfinished).map_err(at(backup))?;
    let opened = async {
        let url = format!("sqlite://{}", unfinished.display());
        let mut options = OpenOptions::default();
        options.as_it_is = true;
        let store = Store::open(&url, &options).await?;
        store.close().await;
        Ok::<(), StoreError>(())
    };
    if let Err(error) = opened.await {
        let _ = fs::remove_file(&unfinished);
        return Err(error.into());
    }
    let finish = || {
        fs::File::open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, &place)?;
        let folder = place
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        fs::File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
    };
    finish().map_err(at(&place))?;
    Ok(place)
}
