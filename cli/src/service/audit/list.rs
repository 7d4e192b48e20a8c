//! Entries as a table.

use clap::Args;
use diel_client::v1;
use diel_core::Moment;
use jiff::Timestamp;

use super::{ChainOption, ServerOptions};
use crate::output::{Column, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};
use crate::service::instant;

const COLUMNS: &[Column] = &[
    Column::headed("sequence", "entry"),
    Column::headed("at", "when"),
    Column::headed("actor", "who"),
    Column::headed("action", "what"),
    Column::headed("resource", "to what"),
    Column::headed("before_json", "before"),
    Column::headed("after_json", "after"),
    Column::headed("reason", "why"),
    Column::unshown("previous_hash"),
    Column::unshown("hash"),
];

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    chain: ChainOption,

    /// Only what was done to this resource, such as studies/pilot/flags/ID.
    #[arg(long, value_name = "NAME")]
    resource: Option<String>,

    /// Only what was done by this principal; diel for steps that the data made.
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,

    /// Only this, such as resolve_flag.
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,

    /// Not before this instant, such as 2026-03-01T00:00:00+01:00.
    #[arg(long, value_name = "INSTANT")]
    from: Option<Timestamp>,

    /// Before this instant.
    #[arg(long, value_name = "INSTANT")]
    until: Option<Timestamp>,

    /// Stop after this many entries.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let instant = |at: Option<Timestamp>| -> anyhow::Result<_> {
        let moment = at
            .map(|at| Moment::new(at.as_microsecond(), 0))
            .transpose()?;
        Ok(moment.map(instant::to_message))
    };
    let text = |given: &Option<String>| given.clone().unwrap_or_default();
    let filter = v1::AuditFilter {
        resource: text(&arguments.resource),
        actor: text(&arguments.actor),
        action: text(&arguments.action),
        from_time: instant(arguments.from)?,
        until_time: instant(arguments.until)?,
    };
    let mut entries = client.list(v1::ListAuditEntriesRequest {
        parent: arguments.chain.parent(),
        filter: Some(filter),
        ..Default::default()
    });
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut left = arguments.limit.unwrap_or(usize::MAX);
    while left > 0
        && let Some(entry) = entries.next().await
    {
        let entry = entry?;
        answer.row(|records| write(records, &entry))?;
        left -= 1;
    }
    answer.end(None)
}

fn write(records: &mut dyn Records, entry: &v1::AuditEntry) {
    records.integer(entry.sequence);
    let at = entry.create_time.as_ref().and_then(instant::utc_text);
    text_or_nothing(records, &at.unwrap_or_default());
    for text in [
        &entry.actor,
        &entry.action,
        &entry.resource,
        &entry.before_json,
        &entry.after_json,
        &entry.reason,
        &entry.previous_hash,
        &entry.hash,
    ] {
        text_or_nothing(records, text);
    }
    records.end_row();
}
