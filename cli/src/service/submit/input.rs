//! A file that can be read more than once.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use diel_import::ImportError;
use tempfile::NamedTempFile;

/// Where the rows are, and what people call it.
pub(super) struct Input {
    path: PathBuf,
    name: PathBuf,
    /// Standard input, which runs only once, is kept here until it was sent.
    _kept: Option<NamedTempFile>,
}

impl Input {
    /// Opens a file; `-` is standard input.
    ///
    /// # Errors
    /// Standard input cannot be kept.
    pub(super) fn open(name: &Path) -> anyhow::Result<Self> {
        let name = name.to_owned();
        if name.as_os_str() != "-" {
            return Ok(Self {
                path: name.clone(),
                name,
                _kept: None,
            });
        }
        let mut kept =
            NamedTempFile::new().context("standard input cannot be kept in a temporary file")?;
        io::copy(&mut io::stdin().lock(), &mut kept)
            .context("standard input cannot be kept in a temporary file")?;
        Ok(Self {
            path: kept.path().to_owned(),
            name,
            _kept: Some(kept),
        })
    }

    /// What to read.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// An error of reading it, under its name.
    pub(super) fn named(&self, error: ImportError) -> ImportError {
        error.of(&self.name)
    }
}
