//! The file as a table of the columns that the formula needs.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use diel_core::formula::Formula;
use diel_core::frame::Frame;
use diel_core::nearest;
use tempfile::NamedTempFile;

use super::{FitArguments, derived};
use diel_import::TextTable;

/// As much of a file as is hashed at once.
const DIGEST_BYTES: usize = 256 * 1024;
/// As many columns as an error lists.
const LISTED: usize = 40;

/// A file, read.
pub(super) struct Input {
    frame: Frame,
    digest: String,
    notes: Vec<String>,
}

impl Input {
    pub(super) fn read(arguments: &FitArguments) -> anyhow::Result<Self> {
        let place = Place::new(&arguments.file)?;
        let formulas = || std::iter::once(&arguments.formula).chain(&arguments.against);
        let mut wanted: BTreeSet<&str> = formulas().flat_map(Formula::columns).collect();
        wanted.extend(arguments.weights.as_deref());
        // A column that tells groups apart in one model and is a number in the other is a number.
        let measured: BTreeSet<&str> = formulas()
            .flat_map(|formula| {
                let codes: BTreeSet<&str> = formula.grouping_columns().collect();
                formula.columns().filter(move |name| !codes.contains(name))
            })
            .collect();
        let codes: BTreeSet<&str> = formulas()
            .flat_map(Formula::grouping_columns)
            .filter(|name| !measured.contains(name))
            .collect();
        let table = TextTable::read(
            place.path(),
            &arguments.import.import()?,
            |header| wanted.contains(header),
            &mut crate::output::file_progress(),
        )
        .with_context(|| place.named("cannot be read"))?;
        let mut frame = Frame::new(table.lines().len());
        for (header, column) in table.columns() {
            let is_code = codes.contains(header) && arguments.weights.as_deref() != Some(header);
            let column = if is_code {
                column.labels()
            } else {
                column.by_content()
            };
            frame.push(header, column)?;
        }
        let missing: Vec<&str> = wanted
            .into_iter()
            .filter(|name| frame.column(name).is_none())
            .collect();
        let mut notes = Vec::new();
        if let Some(unknown) = missing.iter().find(|name| !derived::is_known(name)) {
            return Err(unknown_column(unknown, &table));
        }
        if let Some(first) = missing.first() {
            let derived = derived::columns(place.path(), arguments, &table)
                .map_err(|error| error.context(format!(
                    "the file has no column `{first}`, and it cannot be derived as in `diel analyze`"
                )))?;
            notes.extend(derived.notes);
            if missing.contains(&"cortisol") {
                notes.extend(derived::note_on_cortisol(&derived.frame));
            }
            for name in &missing {
                if let Some(column) = derived.frame.column(name) {
                    frame.push(*name, column.clone())?;
                }
            }
        }
        Ok(Self {
            frame,
            digest: digest(place.path())?,
            notes,
        })
    }

    pub(super) const fn frame(&self) -> &Frame {
        &self.frame
    }

    /// BLAKE3 of the file's bytes, in hexadecimal digits.
    pub(super) fn digest(&self) -> &str {
        &self.digest
    }

    /// What the reader should be told about how the file was understood.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }
}

fn unknown_column(name: &str, table: &TextTable) -> anyhow::Error {
    let headers: Vec<&str> = table.headers().filter(|text| !text.is_empty()).collect();
    let candidates = [headers.as_slice(), derived::KNOWN.as_slice()].concat();
    let likely = nearest(name, candidates).unwrap_or_default();
    let mut listed: Vec<String> = headers
        .iter()
        .take(LISTED)
        .map(|header| format!("`{header}`"))
        .collect();
    if let Some(more) = headers.len().checked_sub(LISTED).filter(|more| *more > 0) {
        listed.push(format!("and {more} more"));
    }
    anyhow::anyhow!(
        "the file has no column `{name}`; did you mean `{likely}`? It has {}",
        listed.join(", ")
    )
}

fn digest(path: &Path) -> anyhow::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut bytes = vec![0; DIGEST_BYTES];
    loop {
        let read = file.read(&mut bytes)?;
        if read == 0 {
            return Ok(hasher.finalize().to_hex().to_string());
        }
        hasher.update(bytes.get(..read).unwrap_or_default());
    }
}

/// Where the bytes are. A file is read more than once, so standard input is kept in a file for the while.
enum Place {
    File(PathBuf),
    Kept(NamedTempFile),
}

impl Place {
    fn new(path: &Path) -> anyhow::Result<Self> {
        if path.as_os_str() != "-" {
            return Ok(Self::File(path.to_owned()));
        }
        let mut kept = NamedTempFile::new().context("cannot keep standard input in a file")?;
        io::copy(&mut io::stdin().lock(), &mut kept).context("cannot read standard input")?;
        Ok(Self::Kept(kept))
    }

    fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Kept(file) => file.path(),
        }
    }

    fn named(&self, what: &str) -> String {
        match self {
            Self::File(path) => format!("{} {what}", path.display()),
            Self::Kept(_) => format!("standard input {what}"),
        }
    }
}
