//! Batches as rows.

use clap::Args;
use diel_client::v1;

use super::ServerOptions;
use crate::output::{Column, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};
use crate::service::instant;
use crate::service::name::{self, StudyOption};
use crate::service::unit;

const COLUMNS: &[Column] = &[
    Column::headed("name", "batch"),
    Column::headed("create_time", "stored"),
    Column::new("lab"),
    Column::new("assay"),
    Column::unshown("kit"),
    Column::new("plate"),
    Column::headed("run_date", "run on"),
    Column::unshown("limit_of_detection"),
    Column::unshown("lower_limit_of_quantification"),
    Column::unshown("upper_limit_of_quantification"),
    Column::unshown("limit_unit"),
    Column::unshown("method"),
    Column::headed("result_count", "results"),
    Column::headed("recall_time", "recalled"),
    Column::headed("recalled_by", "by"),
    Column::headed("recall_reason", "because"),
    Column::unshown("etag"),
];

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    study: StudyOption,

    /// Stop after this many batches.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The batch, as `diel batches list` names it; with --study, its id.
    batch: String,

    /// The study of a batch that is given by its id.
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let mut batches = client.list(v1::ListBatchesRequest {
        parent: arguments.study.name(),
        ..Default::default()
    });
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut left = arguments.limit.unwrap_or(usize::MAX);
    while left > 0
        && let Some(batch) = batches.next().await
    {
        let batch = batch?;
        answer.row(|records| write(records, &batch))?;
        left -= 1;
    }
    answer.end(None)
}

pub(super) async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let batch = name::batch(&arguments.batch, arguments.study.as_deref())?;
    let batch = client.get_batch(batch).await?;
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    answer.row(|records| write(records, &batch))?;
    answer.end(None)
}

fn write(records: &mut dyn Records, batch: &v1::Batch) {
    let time = |time: Option<&diel_client::Timestamp>| time.and_then(instant::utc_text);
    let recall = batch.recall.as_ref();
    records.text(&batch.name);
    text_or_nothing(
        records,
        &time(batch.create_time.as_ref()).unwrap_or_default(),
    );
    for text in [
        &batch.lab,
        &batch.assay,
        &batch.kit,
        &batch.plate,
        &batch.run_date,
    ] {
        text_or_nothing(records, text);
    }
    for limit in [
        batch.limit_of_detection,
        batch.lower_limit_of_quantification,
        batch.upper_limit_of_quantification,
    ] {
        records.maybe(limit);
    }
    text_or_nothing(records, unit::ucum(batch.limit_unit()));
    text_or_nothing(records, &batch.method);
    records.integer(batch.result_count);
    let recalled = recall.and_then(|recall| time(recall.recall_time.as_ref()));
    text_or_nothing(records, &recalled.unwrap_or_default());
    text_or_nothing(records, recall.map_or("", |recall| &recall.actor));
    text_or_nothing(records, recall.map_or("", |recall| &recall.reason));
    records.text(&batch.etag);
    records.end_row();
}
