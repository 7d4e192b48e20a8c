//! Showing a token the one time that it can be seen.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use crate::output;
use crate::service::answer;

/// Where a new token goes.
#[derive(Debug, Args)]
pub(super) struct SecretOption {
    /// Write the token into this new file, which only its owner can read, instead of to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl SecretOption {
    /// Refuses a file that exists before a token is made for it.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        match &self.out {
            Some(path) if path.exists() => {
                anyhow::bail!("--out {}: exists already; name a new file", path.display())
            }
            _ => Ok(()),
        }
    }

    /// Shows the token, and beside it what it is.
    pub(super) fn show(&self, secret: &str, what: &str) -> anyhow::Result<()> {
        match &self.out {
            Some(path) => {
                let written = write(path, secret).with_context(|| path.display().to_string());
                if written.is_err() {
                    // It was made and cannot be had again: better shown than lost.
                    answer::say(secret)?;
                }
                written?;
                output::tell(&format!("{what}; written to {}", path.display()));
            }
            None => {
                answer::say(secret)?;
                output::tell(&format!("{what}; it cannot be shown again"));
            }
        }
        Ok(())
    }
}

fn write(path: &Path, secret: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(format!("{secret}\n").as_bytes())?;
    file.sync_all()
}
