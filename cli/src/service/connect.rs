//! Which service to talk to, and as whom.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use diel_client::{Client, ClientOptions, Error};

use crate::output;

/// The service that a command talks to.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The service")]
pub(crate) struct ServerOptions {
    /// The address of the service.
    #[arg(
        long,
        env = "DIEL_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:50151"
    )]
    server: String,

    /// A file that holds the token to send with every call; without one, the token in DIEL_TOKEN is sent.
    #[arg(long, env = "DIEL_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// A file with the PEM certificate of the authority to trust, for https.
    #[arg(long, env = "DIEL_CA_FILE", value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

/// The variable that holds a token itself. There is no option for it: whoever lists processes would see it.
const TOKEN_VARIABLE: &str = "DIEL_TOKEN";

impl ServerOptions {
    fn token(&self) -> anyhow::Result<Option<String>> {
        let Some(path) = &self.token_file else {
            return Ok(std::env::var(TOKEN_VARIABLE).ok());
        };
        warn_if_others_can_read(path);
        read(path).map(Some)
    }

    /// Connects, or says what to do.
    pub(super) async fn connect(&self) -> anyhow::Result<Client> {
        let mut options = ClientOptions::new(&self.server);
        options.token = self.token()?;
        options.ca_certificate = self.ca_file.as_deref().map(read).transpose()?;
        Client::with_options(options).await.map_err(|error| match error {
            Error::Connection { .. } => anyhow::anyhow!(
                "{}: {error}\nstart a service with `diel serve` or `diel demo`, or name another with --server",
                self.server
            ),
            error => error.into(),
        })
    }
}

/// A token that others can read is theirs too.
#[cfg(unix)]
fn warn_if_others_can_read(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;

    const OF_OTHERS: u32 = 0o077;
    let mode = fs::metadata(path).map_or(0, |file| file.permissions().mode());
    if mode & OF_OTHERS != 0 {
        let (file, mode) = (path.display(), mode & 0o777);
        output::tell(&format!(
            "warning: {file} can be used by others than its owner (mode {mode:o}): chmod 600 {file}"
        ));
    }
}

#[cfg(not(unix))]
fn warn_if_others_can_read(_path: &Path) {}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
