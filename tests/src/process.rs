//! The server as a process of its own, so that its memory can be read.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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
        Self::start_with(Command::new(diel()?), database, &[("DIEL_LISTEN", listen)])
    }

    /// Starts the server by another command that becomes it, with settings as variables such as `DIEL_LIMITS_READERS`;
    /// on a free port where none of them is an address.
    ///
    /// # Errors
    /// As [`ServerProcess::start`].
    pub fn start_with(
        mut command: Command,
        database: &str,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let mut child = command
            .args(["serve", "--database", database])
            .env("DIEL_LISTEN", "127.0.0.1:0")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child.stdout.take().context("standard output")?;
        let mut said = BufReader::new(output).lines().map_while(Result::ok);
        let mut next = || {
            let address = said.find_map(|line| Some(line.split_once("://")?.1.to_owned()));
            address.context("the server ended before it said where it listens")
        };
        Ok(Self {
            url: format!("http://{}", next()?),
            console: next()?.parse()?,
            child,
        })
    }

    /// The number of the process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where gRPC is served.
    ///
    /// # Errors
    /// It did not say so in a form that is understood.
    pub fn address(&self) -> Result<SocketAddr> {
        let address = self.url.split_once("://").context("no scheme")?.1;
        Ok(address.parse()?)
    }

    /// Asks the process to stop, as an operator would, and waits until it has. Returns how long it took.
    ///
    /// # Errors
    /// It is still there after `patience`.
    pub async fn stop_within(mut self, patience: Duration) -> Result<Duration> {
        let began = Instant::now();
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()?;
        anyhow::ensure!(asked.success(), "could not send SIGTERM");
        while began.elapsed() < patience {
            if self.child.try_wait()?.is_some() {
                return Ok(began.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("still there {patience:?} after SIGTERM")
    }

    /// Processor time that the process has used.
    ///
    /// # Errors
    /// The process is gone.
    pub fn processor_time(&self) -> Result<Duration> {
        const TICKS_A_SECOND: f64 = 100.0;
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in brackets may hold blanks; user and system time are the 12th and 13th word behind it.
        let behind = stat.rsplit_once(')').context("no name")?.1;
        let ticks: Vec<f64> = behind
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        Ok(Duration::from_secs_f64(
            ticks.iter().sum::<f64>() / TICKS_A_SECOND,
        ))
    }

    /// Memory that the process holds now, in MB.
    ///
    /// # Errors
    /// The process is gone.
    pub fn memory_mb(&self) -> Result<f64> {
        status_mb(self.child.id(), "VmRSS")
    }

    /// Most memory that the process has held, in MB.
    ///
    /// # Errors
    /// The process is gone.
    pub fn peak_memory_mb(&self) -> Result<f64> {
        peak_memory_mb(self.child.id())
    }
}

/// Ends a process as a power cut would: SIGKILL, nothing finished.
///
/// # Errors
/// There is no such process.
pub fn kill(process: u32) -> Result<()> {
    let killed = Command::new("kill")
        .args(["-KILL", &process.to_string()])
        .status()?;
    anyhow::ensure!(killed.success(), "could not kill process {process}");
    Ok(())
}

/// Starts the server on `database` and kills it before or just after it is ready.
///
/// # Errors
/// The binary is missing.
pub async fn start_and_kill(database: &str, after: Duration) -> Result<()> {
    let mut child = Command::new(diel()?)
        .args(["serve", "--database", database])
        .env("DIEL_LISTEN", "127.0.0.1:0")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    tokio::time::sleep(after).await;
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// Most memory that a process has held, in MB.
///
/// # Errors
/// The process is gone.
pub fn peak_memory_mb(process: u32) -> Result<f64> {
    status_mb(process, "VmHWM")
}

fn status_mb(process: u32, name: &'static str) -> Result<f64> {
    let folder = Path::new("/proc").join(process.to_string());
    let status = fs::read_to_string(folder.join("status"))?;
    let line = status
        .lines()
        .find(|line| line.starts_with(name))
        .context(name)?;
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
