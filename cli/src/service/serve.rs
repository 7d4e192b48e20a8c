//! `diel serve`: the service in the foreground.

mod checking;
mod keys;
#[cfg(unix)]
mod notify;
mod origin;
mod problem;
mod settings;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use diel_server::{Settings, SystemClock};

use super::stop::StopSignals;
use crate::service;

const EXAMPLES: &str = "\
Settings come from the file, then from the environment, then from the options; the last word counts.
Every key of the file is also a variable: listen is DIEL_LISTEN, batch_rows in [limits] is DIEL_LIMITS_BATCH_ROWS.

  # diel.toml
  listen = \"127.0.0.1:50151\"
  web = \"127.0.0.1:50152\"          # the review console, or off
  database = \"sqlite://diel.db\"     # or postgres://USER@HOST/DATABASE
  access = \"open\"                   # or tokens
  [limits]
  batch_rows = 5000

With access = \"open\" whoever reaches the service may do everything, so only this machine is served. With
access = \"tokens\" every call carries a token: make the first one with `diel token bootstrap`. With certificate and key
in [tls] too, or behind_tls_proxy = true when a proxy ends TLS, other addresses may be listened on.
Ctrl-C or SIGTERM stops: what was accepted is finished and answered. A second signal ends at once.

Examples:
  diel serve
  diel serve --web off
  diel serve --listen 127.0.0.1:0 --database sqlite:///var/lib/diel/diel.db
  diel serve --access tokens
  diel serve --config diel.toml
  diel serve --config diel.toml --check-config    # before a restart: what would be set, and what is wrong";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ServeArguments {
    /// Read settings from this TOML file.
    #[arg(long, value_name = "FILE", env = "DIEL_CONFIG")]
    config: Option<PathBuf>,

    /// Listen on this loopback address (127.0.0.1:50151); port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,

    /// Serve the review console on this loopback address, or off (the port behind that of --listen).
    #[arg(long, value_name = "ADDRESS")]
    web: Option<String>,

    /// Let in whoever reaches the service (open), or bearers of tokens (tokens).
    #[arg(long, value_name = "MODE")]
    access: Option<String>,

    /// Keep everything here: sqlite://PATH or postgres://... (sqlite://diel.db).
    #[arg(long, value_name = "URL")]
    database: Option<String>,

    /// Print every setting with where it comes from, name all that is wrong, and end; nothing is opened.
    #[arg(long)]
    check_config: bool,
}

pub(crate) fn run(arguments: &ServeArguments) -> anyhow::Result<()> {
    let gathered = gather(arguments);
    if arguments.check_config {
        return checking::check(gathered);
    }
    service::run_server(serve(gathered.usable()?))
}

fn gather(arguments: &ServeArguments) -> settings::Gathered {
    let given = [
        ("listen", arguments.listen.clone()),
        ("web", arguments.web.clone()),
        ("database", arguments.database.clone()),
        ("access", arguments.access.clone()),
    ];
    settings::gather(arguments.config.as_deref(), std::env::vars(), given)
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    let settings_have_tls = settings.tls.is_set();
    // Before anybody can know that it listens, or the first signal would end it in disorder.
    let signals = StopSignals::catch()?;
    let mut running = Box::pin(diel_server::start(settings, Arc::new(SystemClock))).await?;
    let scheme = if settings_have_tls { "https" } else { "http" };
    let address = format!("{scheme}://{}", running.address());
    let mut where_to_look = format!("listening on {address}\n");
    if let Some(console) = running.web_address() {
        where_to_look.push_str(&format!("look here: {scheme}://{console}\n"));
    }
    announce(&where_to_look)?;
    #[cfg(unix)]
    notify::ready(&address);
    tokio::select! {
        () = signals.asked() => {}
        () = running.wait() => anyhow::bail!("the server ended by itself; its log says why"),
    }
    #[cfg(unix)]
    notify::stopping();
    running.stop().await;
    Ok(())
}

/// Lines that a script can wait for, written at once: whoever waits for the first may close the pipe behind it.
fn announce(lines: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(lines.as_bytes())?;
    out.flush()
}
