//! A database of one's own on either engine.

use anyhow::Result;
use tempfile::TempDir;

use crate::postgres;

/// A database that nobody else uses.
#[derive(Debug)]
pub struct Database {
    url: String,
    /// Where SQLite keeps it; removed with the database.
    _folder: Option<TempDir>,
}

impl Database {
    /// A file in a new folder.
    ///
    /// # Errors
    /// No folder can be made.
    pub fn sqlite() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite://{}", folder.path().join("diel.db").display());
        Ok(Self {
            url,
            _folder: Some(folder),
        })
    }

    /// A database of this process's own PostgreSQL cluster.
    ///
    /// # Errors
    /// PostgreSQL is not installed or does not start; the message says what to install.
    pub async fn postgres() -> Result<Self> {
        Ok(Self {
            url: postgres::fresh_database().await?,
            _folder: None,
        })
    }

    /// Its address, as the server's settings take it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}
