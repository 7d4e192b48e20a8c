//! `diel health`: whether a server takes calls, for whoever watches over it.

use std::io::Write as _;

use clap::Args;
use diel_client::RetryPolicy;

use super::connect::ServerOptions;
use crate::service;

const EXAMPLES: &str = "\
Leaves with 0 when the server takes calls, with 1 when it does not or cannot be reached. No token is needed.

Examples:
  diel health
  diel health --server https://diel.example:50151 --ca-file ca.pem";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct HealthArguments {
    #[command(flatten)]
    server: ServerOptions,
}

pub(crate) fn run(arguments: &HealthArguments) -> anyhow::Result<()> {
    service::run_client(health(arguments))
}

async fn health(arguments: &HealthArguments) -> anyhow::Result<()> {
    let once = RetryPolicy::default().max_tries(1);
    let client = arguments.server.connect_with(once).await?;
    anyhow::ensure!(
        client.is_serving().await?,
        "not serving: the server is stopping or its disk has failed; its log says which"
    );
    writeln!(std::io::stdout(), "serving")?;
    Ok(())
}
