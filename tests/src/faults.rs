//! A server whose calls of the system fail when the test says so, by libfiu (Debian's fiu-utils).

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

use crate::process::diel;

/// Where a process under libfiu is told what fails.
#[derive(Debug)]
pub struct Faults {
    folder: TempDir,
}

impl Faults {
    /// # Errors
    /// fiu-utils is not installed; the message says so.
    pub fn new() -> Result<Self> {
        let found = Command::new("fiu-run")
            .arg("-h")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if found.is_err() {
            bail!("fiu-run is not installed: apt install fiu-utils");
        }
        Ok(Self {
            folder: tempfile::tempdir()?,
        })
    }

    /// A command that becomes `diel` with faults in reach.
    ///
    /// # Errors
    /// `diel` is not built.
    pub fn command(&self) -> Result<Command> {
        let mut command = Command::new("fiu-run");
        command.args(["-x", "-f"]).arg(self.pipe()).arg(diel()?);
        Ok(command)
    }

    /// Makes a call fail from now on, with the number of an error of the system.
    ///
    /// # Errors
    /// No process listens.
    pub fn fail(&self, call: &str, error: u32) -> Result<()> {
        self.tell(&format!("enable name={call},failinfo={error}"))
    }

    /// Makes a call succeed again.
    ///
    /// # Errors
    /// No process listens.
    pub fn mend(&self, call: &str) -> Result<()> {
        self.tell(&format!("disable name={call}"))
    }

    fn pipe(&self) -> PathBuf {
        self.folder.path().join("fiu")
    }

    /// Every process of the run that has opened its pipe is told; `fiu-ctrl` would want its number.
    fn tell(&self, command: &str) -> Result<()> {
        let mut told = 0;
        for entry in std::fs::read_dir(self.folder.path())? {
            let path = entry?.path();
            let name = path.display().to_string();
            if let Some(stem) = name.strip_suffix(".in") {
                let process = stem.rsplit('-').next().unwrap_or_default();
                if !Path::new("/proc").join(process).exists() {
                    continue;
                }
                let mut control: Child = Command::new("fiu-ctrl")
                    .arg("-c")
                    .arg(command)
                    .arg("-f")
                    .arg(self.pipe())
                    .arg(process)
                    .spawn()?;
                anyhow::ensure!(control.wait()?.success(), "fiu-ctrl {command}");
                told += 1;
            }
        }
        anyhow::ensure!(told > 0, "no process listens at {}", self.pipe().display());
        Ok(())
    }
}

/// What a database calls to make sure of the disk.
pub const SYNCS: [&str; 2] = ["posix/io/sync/fsync", "posix/io/sync/fdatasync"];
/// What SQLite calls to write.
pub const WRITES: [&str; 2] = ["posix/io/rw/pwrite", "posix/io/rw/ftruncate"];

/// The error of a device.
pub const EIO: u32 = 5;
/// No room.
pub const ENOSPC: u32 = 28;

impl Faults {
    /// Makes several calls fail.
    ///
    /// # Errors
    /// No process listens.
    pub fn fail_all(&self, calls: &[&str], error: u32) -> Result<()> {
        calls
            .iter()
            .try_for_each(|call| self.fail(call, error).context((*call).to_owned()))
    }

    /// Makes several calls succeed again.
    ///
    /// # Errors
    /// No process listens.
    pub fn mend_all(&self, calls: &[&str]) -> Result<()> {
        calls.iter().try_for_each(|call| self.mend(call))
    }
}
