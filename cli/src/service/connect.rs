//! Which service to talk to, and as whom.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use diel_client::{Client, ClientOptions, Error};

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

    /// A file that holds the token to send with every call.
    #[arg(long, env = "DIEL_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// A file with the PEM certificate of the authority to trust, for https.
    #[arg(long, env = "DIEL_CA_FILE", value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

impl ServerOptions {
    /// Connects, or says what to do.
    pub(super) async fn connect(&self) -> anyhow::Result<Client> {
        let mut options = ClientOptions::new(&self.server);
        options.token = self.token_file.as_deref().map(read).transpose()?;
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

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
