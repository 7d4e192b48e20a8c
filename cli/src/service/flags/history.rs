//! What happened to a flag.

use clap::Args;
use diel_client::{Client, v1};
use diel_server::table::flags::{decision_text, plain};

use super::ServerOptions;
use crate::output::{Column, Format, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};
use crate::service::instant;

const COLUMNS: &[Column] = &[
    Column::headed("sequence", "step"),
    Column::headed("at", "when"),
    Column::headed("kind", "what"),
    Column::headed("actor", "who"),
    Column::new("decision"),
    Column::headed("reason", "why"),
    Column::headed("probability_flat", "P(flat)"),
    Column::headed("valid_day_count", "days"),
];

#[derive(Debug, Args)]
pub(super) struct HistoryArguments {
    /// The flag, studies/{study}/flags/{flag}, as `diel flags --study ...` lists it.
    name: String,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn history(arguments: &HistoryArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let answer = answer(&client, &arguments.name, arguments.output.format).await?;
    answer.end(None)
}

/// The steps of a flag, oldest first.
pub(super) async fn answer(client: &Client, flag: &str, format: Format) -> anyhow::Result<Answer> {
    let mut events = client.list(v1::ListFlagEventsRequest {
        parent: flag.to_owned(),
        ..Default::default()
    });
    let mut answer = Answer::begin(COLUMNS, format)?;
    while let Some(event) = events.next().await {
        let event = event?;
        answer.row(|records| write(records, &event))?;
    }
    Ok(answer)
}

fn write(records: &mut dyn Records, event: &v1::FlagEvent) {
    records.integer(event.sequence);
    let time = event
        .create_time
        .as_ref()
        .and_then(instant::utc_text)
        .unwrap_or_default();
    text_or_nothing(records, &time);
    records.text(&plain(event.kind().as_str_name(), "FLAG_EVENT_KIND_"));
    records.text(&event.actor);
    text_or_nothing(records, &decision_text(event.decision()));
    text_or_nothing(records, &event.reason);
    match &event.evidence {
        Some(evidence) => {
            records.number(evidence.probability_flat);
            records.integer(evidence.valid_day_count.into());
        }
        None => (0..2).for_each(|_| records.absent()),
    }
    records.end_row();
}
