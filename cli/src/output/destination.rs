//! Where a table goes: a file, or `-` for standard output.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context as _;

use super::{Column, Format, RecordWriter};

/// A file to write, or standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// `-`.
    StandardOutput,
    /// A file, replaced if it exists.
    File(PathBuf),
}

impl FromStr for Destination {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "-" {
            Self::StandardOutput
        } else {
            Self::File(PathBuf::from(text))
        })
    }
}

impl Destination {
    /// Whether this is the file at `path`, by whatever name.
    pub(crate) fn is(&self, path: &Path) -> bool {
        let Self::File(file) = self else { return false };
        matches!((file.canonicalize(), path.canonicalize()), (Ok(file), Ok(path)) if file == path)
    }

    /// Writes a header and records as CSV.
    pub(crate) fn write_csv(
        &self,
        columns: &'static [Column],
        records: RecordWriter,
    ) -> anyhow::Result<()> {
        let mut out = self.open()?;
        out.write_all(RecordWriter::header(columns, Format::Csv).as_bytes())?;
        out.write_all(&records.into_bytes())?;
        out.flush()?;
        Ok(())
    }

    /// Opens it for writing.
    pub(crate) fn open(&self) -> anyhow::Result<Box<dyn Write>> {
        Ok(match self {
            Self::StandardOutput => Box::new(io::stdout()),
            Self::File(path) => Box::new(create(path)?),
        })
    }
}

fn create(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}
