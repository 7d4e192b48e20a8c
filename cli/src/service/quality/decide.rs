//! What a reviewer decides about a batch.

use clap::Args;
use diel_client::v1;

use super::ServerOptions;
use super::show::description;
use crate::service::answer::say;

#[derive(Debug, Args)]
pub(super) struct DecideArguments {
    /// The batch, studies/{study}/batches/{batch}, as `diel quality list` lists it.
    name: String,

    /// Why, for those who read the audit trail: 1 to 500 characters.
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// The batch's etag as you saw it; a batch that changed since is left alone. Read now when not given.
    #[arg(long, value_name = "ETAG")]
    etag: Option<String>,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn decide(
    arguments: &DecideArguments,
    verdict: v1::BatchVerdict,
) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let etag = match &arguments.etag {
        Some(etag) => etag.clone(),
        None => client.get_batch(&arguments.name).await?.etag,
    };
    let request = v1::DecideBatchRequest {
        name: arguments.name.clone(),
        verdict: verdict.into(),
        reason: arguments.reason.clone(),
        etag,
        ..Default::default()
    };
    say(&description(&client.decide_batch(request).await?))
}
