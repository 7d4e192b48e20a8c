//! The server as a process of its own, so that its memory can be read.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// `diel serve`, killed when dropped.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    /// Where it listens, `http://ADDRESS`.
    pub url: String,
    /// Where the review console listens.
    pub console: SocketAddr,
}

/// The binary `diel` that was built beside the running test or bench, in the same profile.
///
/// # Errors
/// It is not built: `cargo build -p diel-cli`, with `--release` for a bench.
pub fn diel() -> Result<PathBuf> {
    let running = std::env::current_exe()?;
    let folder = running.ancestors().nth(2).context("target folder")?;
    let binary = folder.join("diel");
    if !binary.exists() {
        bail!(
            "{} is not built: cargo build -p diel-cli (--release for a bench)",
            binary.display()
        );
    }
    Ok(binary)
}

impl ServerProcess {
    /// Starts the server on `database` and waits until it says where it listens.
    ///
    /// # Errors
    /// The binary is missing or did not start.
    pub fn start(database: &str) -> Result<Self> {
        Self::start_at(database, "127.0.0.1:0")
    }

    /// Starts the server on `database` at an address, such as that of one that was killed.
    ///
    /// # Errors
    /// As [`ServerProcess::start`], or the address is taken.
    pub fn start_at(database: &str, listen: &str) -> Result<Self> {
        let mut child = Command::new(diel()?)
            .args(["serve", "--listen", listen, "--database", database])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child.stdout.take().context("standard output")?;
        let mut said = BufReader::new(output).lines().map_while(Result::ok);
        let mut next = || {
            let address = said.find_map(|line| Some(line.split_once("http://")?.1.to_owned()));
            address.context("the server ended before it said where it listens")
        };
        Ok(Self {
            url: format!("http://{}", next()?),
            console: next()?.parse()?,
            child,
        })
    }

    /// Most memory that the process has held, in MB.
    ///
    /// # Errors
    /// The process is gone.
    pub fn peak_memory_mb(&self) -> Result<f64> {
        peak_memory_mb(self.child.id())
    }
}

/// Most memory that a process has held, in MB.
///
/// # Errors
/// The process is gone.
pub fn peak_memory_mb(process: u32) -> Result<f64> {
    let folder = Path::new("/proc").join(process.to_string());
    let status = fs::read_to_string(folder.join("status"))?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .context("VmHWM")?;
    let kilobytes: f64 = line
        .split_whitespace()
        .nth(1)
        .context("a number")?
        .parse()?;
    Ok(kilobytes / 1024.0)
}

impl ServerProcess {
    /// Ends the process as a power cut would: SIGKILL, nothing finished.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
