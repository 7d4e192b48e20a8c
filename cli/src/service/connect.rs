//! Which service to talk to, and as whom.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use diel_client::{Client, ClientOptions, Error, RetryPolicy};

use crate::output;

/// The service that a command talks to.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The service")]
pub(crate) struct ServerOptions {
    /// The address of the service, or those of several servers of one database with commas between.
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

    /// A file with the PEM certificate to show to a service that asks for one.
    #[arg(
        long,
        env = "DIEL_CERTIFICATE_FILE",
        value_name = "FILE",
        requires = "key_file"
    )]
    certificate_file: Option<PathBuf>,

    /// A file with the PEM private key of --certificate-file.
    #[arg(
        long,
        env = "DIEL_KEY_FILE",
        value_name = "FILE",
        requires = "certificate_file"
    )]
    key_file: Option<PathBuf>,
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
    pub(crate) async fn connect(&self) -> anyhow::Result<Client> {
        self.connect_with(RetryPolicy::default()).await
    }

    /// How to connect: reads token and certificates, and warns of what others could see.
    pub(crate) fn client_options(&self, retry: RetryPolicy) -> anyhow::Result<ClientOptions> {
        let mut options = ClientOptions::new(&self.server).retry(retry);
        options.token = self.token()?;
        if options.token.is_some() && self.server.split(',').any(goes_in_the_open) {
            output::tell(&format!(
                "warning: the token goes to {} unencrypted; use https, or a tunnel to this machine",
                self.server
            ));
        }
        options.ca_certificate = self.ca_file.as_deref().map(read).transpose()?;
        if let (Some(certificate), Some(key)) = (&self.certificate_file, &self.key_file) {
            warn_if_others_can_read(key);
            options = options.client_certificate(read(certificate)?, read(key)?);
        }
        Ok(options)
    }

    /// Connects with a patience of one's own.
    pub(crate) async fn connect_with(&self, retry: RetryPolicy) -> anyhow::Result<Client> {
        let options = self.client_options(retry)?;
        Client::with_options(options).await.map_err(|error| match error {
            Error::Connection { .. } => anyhow::anyhow!(
                "{}: {error}\nstart a service with `diel serve` or `diel demo`, or name another with --server",
                self.server
            ),
            error => error.into(),
        })
    }
}

/// Whether what is sent to an address can be read on the way: no TLS, and not to this machine.
fn goes_in_the_open(url: &str) -> bool {
    let Some(rest) = url.trim().strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host != "localhost"
        && !host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
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

#[cfg(test)]
mod tests {
    use super::goes_in_the_open;

    #[test]
    fn a_token_is_safe_under_tls_and_on_this_machine() {
        for safe in [
            "https://diel.example:443",
            "http://127.0.0.1:50151",
            "http://[::1]:50151/",
            "http://localhost",
        ] {
            assert!(!goes_in_the_open(safe), "{safe}");
        }
        for open in [
            "http://diel.example",
            "http://192.0.2.7:50151",
            "http://[2001:db8::1]:50151",
            "http://localhost.example:50151",
        ] {
            assert!(goes_in_the_open(open), "{open}");
        }
    }
}
