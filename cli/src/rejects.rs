//! Refused rows in a file of their own, to be mended and read again.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use diel_import::{ImportOptions, Row, write_rejects};

use crate::output::{self, Destination};

/// Where refused rows go.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "How the file is read")]
pub(crate) struct RejectsOption {
    /// Write the refused rows here as they stand in the file, with their reasons in a last column `reason`, which is not
    /// read: mend the rows and read that file. A workbook's rows become a workbook (.xlsx). What other rows of the file
    /// have shown, such as the order of dates, must be told then: `diel check --save-mapping` keeps it.
    #[arg(long, value_name = "OUT")]
    rejects: Option<Destination>,
}

impl RejectsOption {
    pub(crate) const fn is_wanted(&self) -> bool {
        self.rejects.is_some()
    }

    /// Rejects must not overwrite the file that they come from.
    pub(crate) fn check(&self, file: &Path) {
        if self.rejects.as_ref().is_some_and(|out| out.is(file)) {
            clap::Error::raw(
                clap::error::ErrorKind::ArgumentConflict,
                "the rejects would overwrite the samples; give another destination\n",
            )
            .exit();
        }
    }

    /// Writes the rows that the reader refuses, and those of which `judge` says why, where that is wanted. Where no row is
    /// refused no file is made.
    ///
    /// # Errors
    /// The file cannot be read once more, or the rows cannot be written.
    pub(crate) fn write(
        &self,
        file: &Path,
        options: &ImportOptions,
        judge: impl FnMut(&Row<'_>) -> Option<String>,
    ) -> anyhow::Result<()> {
        let Some(destination) = &self.rejects else {
            return Ok(());
        };
        anyhow::ensure!(
            file.as_os_str() != "-",
            "--rejects: standard input cannot be read again for its rows; name a file"
        );
        let mut out = Lazy {
            destination,
            open: None,
        };
        let rows = write_rejects(file, options, &mut out, judge)?;
        if let (Destination::File(path), 1..) = (destination, rows) {
            output::tell(&format!(
                "{rows} refused rows are in {}; mend them there and read that file",
                path.display()
            ));
        }
        Ok(())
    }
}

/// A destination that is opened when something is written.
struct Lazy<'a> {
    destination: &'a Destination,
    open: Option<Box<dyn Write>>,
}

impl Lazy<'_> {
    fn open(&mut self) -> io::Result<&mut dyn Write> {
        let out = match self.open.take() {
            Some(out) => out,
            None => self.destination.open().map_err(io::Error::other)?,
        };
        Ok(self.open.insert(out))
    }
}

impl Write for Lazy<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open.as_mut().map_or(Ok(()), Write::flush)
    }
}
