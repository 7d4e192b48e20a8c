//! The folder of an export: files of one JSON object a line, and the manifest of their digests.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use diel_client::Rows;
use diel_interchange::json::{self, JsonMessage};
use serde_json::{Value, json};

/// A folder that is being filled.
pub(super) struct Folder {
    path: PathBuf,
    files: Vec<Value>,
    rows: u64,
}

/// A file that is being written, and the digest of what was written.
pub(super) struct Lines {
    name: &'static str,
    out: BufWriter<File>,
    digest: blake3::Hasher,
    rows: u64,
}

impl Folder {
    /// Makes the folder, for its owner alone.
    ///
    /// # Errors
    /// It exists, or cannot be made.
    pub(super) fn make(path: &Path) -> anyhow::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(path)
            .with_context(|| format!("cannot make the folder {}", path.display()))?;
        Ok(Self {
            path: path.to_owned(),
            files: Vec::new(),
            rows: 0,
        })
    }

    /// Records written so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Begins a file.
    pub(super) fn begin(&self, name: &'static str) -> anyhow::Result<Lines> {
        let path = self.path.join(name);
        let file =
            File::create_new(&path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Lines {
            name,
            out: BufWriter::new(file),
            digest: blake3::Hasher::new(),
            rows: 0,
        })
    }

    /// Ends a file: it is on the disk, and in the manifest.
    pub(super) fn end(&mut self, mut lines: Lines) -> anyhow::Result<()> {
        lines.flush()?;
        lines.out.get_ref().sync_all()?;
        self.rows += lines.rows;
        self.files.push(json!({
            "file": lines.name,
            "rows": lines.rows,
            "blake3": lines.digest.finalize().to_hex().as_str(),
        }));
        Ok(())
    }

    /// A file of one record.
    pub(super) fn one(
        &mut self,
        name: &'static str,
        message: &impl JsonMessage,
    ) -> anyhow::Result<()> {
        let mut lines = self.begin(name)?;
        lines.row(message)?;
        self.end(lines)
    }

    /// A file of a list, and what `keep` takes from its records.
    pub(super) async fn list<M: JsonMessage + Send + 'static>(
        &mut self,
        name: &'static str,
        mut list: Rows<M>,
        keep: impl Fn(&M) -> Option<String>,
    ) -> anyhow::Result<Vec<String>> {
        let mut lines = self.begin(name)?;
        let mut kept = Vec::new();
        while let Some(message) = list.next().await {
            let message = message?;
            lines.row(&message)?;
            kept.extend(keep(&message));
        }
        self.end(lines)?;
        Ok(kept)
    }

    /// Writes the manifest, last: a folder without one is not whole.
    pub(super) fn manifest(&self, mut about: Value) -> anyhow::Result<()> {
        if let Some(about) = about.as_object_mut() {
            about.insert("files".to_owned(), Value::Array(self.files.clone()));
        }
        let mut file = File::create_new(self.path.join("manifest.json"))?;
        serde_json::to_writer_pretty(&mut file, &about)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        Ok(())
    }
}

impl Lines {
    /// Writes the records of a list.
    pub(super) async fn rows<M: JsonMessage + Send + 'static>(
        &mut self,
        mut list: Rows<M>,
    ) -> anyhow::Result<()> {
        while let Some(message) = list.next().await {
            self.row(&message?)?;
        }
        Ok(())
    }

    fn row(&mut self, message: &impl JsonMessage) -> anyhow::Result<()> {
        writeln!(self, "{}", json::write(message)?)?;
        Ok(())
    }
}

/// Counts lines and digests them on their way.
impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        let taken = bytes.get(..written).unwrap_or_default();
        self.digest.update(taken);
        self.rows += taken.iter().filter(|byte| **byte == b'\n').count() as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
