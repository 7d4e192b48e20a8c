//! One flag: show it, resolve it, open it again.

use clap::{Args, ValueEnum};
use diel_client::{Client, v1};
use diel_server::table::flags::{decision_text, state_text};

use super::{ServerOptions, history, why};
use crate::output::{FLAG_NOTE, OutputOptions};
use crate::service::answer;
use crate::service::instant;

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The flag, studies/{study}/flags/{flag}, as `diel flags --study ...` lists it.
    name: String,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

/// A flag as the reviewer saw it.
#[derive(Debug, Args)]
pub(super) struct FlagAndEtag {
    /// The flag, studies/{study}/flags/{flag}, as `diel flags --study ...` lists it.
    pub(super) name: String,

    /// The flag's etag as you saw it; a flag that changed since is left alone. Read now when not given.
    #[arg(long, value_name = "ETAG")]
    etag: Option<String>,
}

impl FlagAndEtag {
    pub(super) async fn etag(&self, client: &Client) -> anyhow::Result<String> {
        Ok(match &self.etag {
            Some(etag) => etag.clone(),
            None => client.get_flag(&self.name).await?.etag,
        })
    }
}

#[derive(Debug, Args)]
pub(super) struct ResolveArguments {
    #[command(flatten)]
    flag: FlagAndEtag,

    /// What you decided after looking at the data.
    #[arg(long, value_enum, value_name = "DECISION")]
    decision: DecisionChoice,

    #[command(flatten)]
    step: StepOptions,
}

#[derive(Debug, Args)]
pub(super) struct ReopenArguments {
    #[command(flatten)]
    flag: FlagAndEtag,

    #[command(flatten)]
    step: StepOptions,
}

/// What every decision needs.
#[derive(Debug, Args)]
struct StepOptions {
    /// Why, for those who read the history: 1 to 500 characters.
    #[arg(long, value_name = "TEXT")]
    reason: String,

    #[command(flatten)]
    server: ServerOptions,
}

/// A reviewer's decision.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum DecisionChoice {
    /// The flattened slope stands after review of the data.
    Confirmed,
    /// The data explain it otherwise; the reason says how.
    Dismissed,
    /// More days are needed.
    MoreData,
}

impl DecisionChoice {
    const fn message(self) -> v1::FlagDecision {
        match self {
            Self::Confirmed => v1::FlagDecision::Confirmed,
            Self::Dismissed => v1::FlagDecision::Dismissed,
            Self::MoreData => v1::FlagDecision::MoreData,
        }
    }
}

pub(super) async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let flag = client.get_flag(&arguments.name).await?;
    let answer = history::answer(&client, &arguments.name, arguments.output.format).await?;
    answer.end([description(&flag), FLAG_NOTE.to_owned()])
}

pub(super) async fn resolve(arguments: &ResolveArguments) -> anyhow::Result<()> {
    let client = arguments.step.server.connect().await?;
    let request = v1::ResolveFlagRequest {
        name: arguments.flag.name.clone(),
        decision: arguments.decision.message().into(),
        reason: arguments.step.reason.clone(),
        etag: arguments.flag.etag(&client).await?,
        ..Default::default()
    };
    answer::say(&description(&client.resolve_flag(request).await?))
}

pub(super) async fn reopen(arguments: &ReopenArguments) -> anyhow::Result<()> {
    let client = arguments.step.server.connect().await?;
    let request = v1::ReopenFlagRequest {
        name: arguments.flag.name.clone(),
        reason: arguments.step.reason.clone(),
        etag: arguments.flag.etag(&client).await?,
        ..Default::default()
    };
    answer::say(&description(&client.reopen_flag(request).await?))
}

pub(super) fn description(flag: &v1::Flag) -> String {
    let mut text = format!(
        "{} of {}: {}",
        flag.name,
        flag.participant,
        state_text(flag)
    );
    if flag.decision() != v1::FlagDecision::Unspecified {
        text.push_str(&format!(
            ", {} ({})",
            decision_text(flag.decision()),
            flag.decision_reason
        ));
    }
    if let Some(claim) = &flag.claim {
        let until = claim.expire_time.as_ref().and_then(instant::utc_text);
        text.push_str(&format!(", held by {}", claim.reviewer));
        if let Some(until) = until {
            text.push_str(&format!(" until {until}"));
        }
    }
    if flag.decisions.len() > 1 {
        for one in &flag.decisions {
            let decision = decision_text(one.decision());
            text.push_str(&format!("\n{} {decision}: {}", one.reviewer, one.reason));
        }
    }
    if let Some(evidence) = &flag.evidence {
        text.push_str(&format!("\n{}", why(evidence)));
    }
    text
}
