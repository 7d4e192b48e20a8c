//! Protocols as tables: a row a sample.

use clap::Args;
use diel_client::v1;

use super::sample::due_text;
use super::{ServerOptions, StudyOption};
use crate::output::{Column, Format, OutputOptions};
use crate::service::answer::{Answer, text_or_nothing};
use crate::service::instant::utc_text;

const COLUMNS: &[Column] = &[
    Column::headed("version", "no."),
    Column::new("label"),
    Column::new("due"),
    Column::headed("early_tolerance_minutes", "early\nmin"),
    Column::headed("late_tolerance_minutes", "late\nmin"),
    Column::headed("day_count", "days"),
    Column::headed("created_at", "in force since"),
];

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    #[command(flatten)]
    study: StudyOption,

    /// An earlier version.
    #[arg(long, value_name = "N")]
    version_number: Option<i64>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    study: StudyOption,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let version = match arguments.version_number {
        Some(version) => version.to_string(),
        None => "current".to_owned(),
    };
    let name = format!("{}/protocols/{version}", arguments.study.name());
    let protocol = client.get_protocol(name).await?;
    print(&[protocol], arguments.output.format)
}

pub(super) async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let mut found = client.list(v1::ListProtocolsRequest {
        parent: arguments.study.name(),
        ..Default::default()
    });
    let mut protocols = Vec::new();
    while let Some(protocol) = found.next().await {
        protocols.push(protocol?);
    }
    print(&protocols, arguments.output.format)
}

pub(super) fn print(protocols: &[v1::Protocol], format: Format) -> anyhow::Result<()> {
    let mut answer = Answer::begin(COLUMNS, format)?;
    for protocol in protocols {
        let created = protocol.create_time.as_ref().and_then(utc_text);
        for sample in &protocol.samples {
            answer.row(|records| {
                records.integer(protocol.version);
                records.text(&sample.label);
                text_or_nothing(records, &due_text(sample));
                records.maybe(sample.early_tolerance_minutes);
                records.maybe(sample.late_tolerance_minutes);
                match protocol.day_count {
                    Some(days) => records.integer(days.into()),
                    None => records.absent(),
                }
                text_or_nothing(records, created.as_deref().unwrap_or_default());
                records.end_row();
            })?;
        }
    }
    answer.end(None)
}
