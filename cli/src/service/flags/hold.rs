//! Holding a flag, and letting it go.

use clap::Args;
use diel_client::{Timestamp, v1};

use super::ServerOptions;
use super::review::{FlagAndEtag, description};
use crate::service::answer;

#[derive(Debug, Args)]
pub(super) struct ClaimArguments {
    #[command(flatten)]
    flag: FlagAndEtag,

    /// Hold it until this instant, such as 2026-03-01T18:00:00Z; until it is released when not given.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    until: Option<Timestamp>,

    /// Take it over from whoever holds it; the reason says why.
    #[arg(long, requires = "reason")]
    take_over: bool,

    /// Why, for those who read the history: at most 500 characters.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Args)]
pub(super) struct ReleaseArguments {
    #[command(flatten)]
    flag: FlagAndEtag,

    /// Why, for those who read the history: at most 500 characters.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    #[command(flatten)]
    server: ServerOptions,
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let instant: jiff::Timestamp = text
        .parse()
        .map_err(|_| format!("{text:?} is not an instant such as 2026-03-01T18:00:00Z"))?;
    Ok(Timestamp {
        seconds: instant.as_second(),
        nanos: instant.subsec_nanosecond(),
    })
}

pub(super) async fn claim(arguments: &ClaimArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let request = v1::ClaimFlagRequest {
        name: arguments.flag.name.clone(),
        etag: arguments.flag.etag(&client).await?,
        expire_time: arguments.until,
        take_over: arguments.take_over,
        reason: arguments.reason.clone().unwrap_or_default(),
        ..Default::default()
    };
    answer::say(&description(&client.claim_flag(request).await?))
}

pub(super) async fn release(arguments: &ReleaseArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let request = v1::ReleaseFlagRequest {
        name: arguments.flag.name.clone(),
        etag: arguments.flag.etag(&client).await?,
        reason: arguments.reason.clone().unwrap_or_default(),
        ..Default::default()
    };
    answer::say(&description(&client.release_flag(request).await?))
}
