//! Putting a protocol in force.

use clap::Args;
use diel_client::{Client, v1};

use super::sample::SampleText;
use super::show::print;
use super::{ServerOptions, StudyOption};
use crate::output::OutputOptions;

#[derive(Debug, Args)]
pub(super) struct SetArguments {
    #[command(flatten)]
    study: StudyOption,

    /// A sample of the day. Repeat it for each.
    #[arg(
        long = "sample",
        value_name = "LABEL=DUE[,EARLY,LATE]",
        required = true
    )]
    samples: Vec<SampleText>,

    /// How many days everybody is to be sampled.
    #[arg(long, value_name = "N")]
    days: Option<i32>,

    /// Check everything and store nothing.
    #[arg(long)]
    validate_only: bool,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn set(arguments: &SetArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let parent = arguments.study.name();
    let request = v1::UpdateProtocolRequest {
        replaced_version: present_version(&client, &parent).await?,
        parent,
        protocol: Some(v1::Protocol {
            samples: arguments
                .samples
                .iter()
                .map(|SampleText(sample)| sample.clone())
                .collect(),
            day_count: arguments.days,
            ..Default::default()
        }),
        validate_only: arguments.validate_only,
        ..Default::default()
    };
    let protocol = client.update_protocol(request).await?;
    print(&[protocol], arguments.output.format)
}

/// The version in force, 0 where there is none.
async fn present_version(client: &Client, parent: &str) -> anyhow::Result<i64> {
    match client
        .get_protocol(format!("{parent}/protocols/current"))
        .await
    {
        Ok(protocol) => Ok(protocol.version),
        Err(error) if error.is(v1::ErrorReason::ResourceNotFound) => Ok(0),
        Err(error) => Err(error.into()),
    }
}
