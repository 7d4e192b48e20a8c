//! `diel results`: every revision of a specimen's result, or the results of a batch.

use clap::Args;
use diel_client::v1;
use diel_server::table::flags::plain;

use super::answer::{Answer, text_or_nothing};
use super::connect::ServerOptions;
use super::name::{self, StudyOption};
use super::{instant, unit};
use crate::output::{Column, OutputOptions, Records};
use crate::service;

const EXAMPLES: &str = "\
The highest revision of a specimen is the one in force. Earlier ones stay readable, with the reason of what replaced them.

Examples:
  diel results --study pilot --specimen S-17
  diel results --study pilot --batch ID --format csv";

const COLUMNS: &[Column] = &[
    Column::new("specimen"),
    Column::new("revision"),
    Column::headed("outcome", "is"),
    Column::new("amount"),
    Column::new("unit"),
    Column::headed("missing_reason", "missing because"),
    Column::unshown("concentration_nmol_per_l"),
    Column::headed("replicate_count", "replicates"),
    Column::headed("replicate_cv_percent", "CV %"),
    Column::new("well"),
    Column::headed("cause", "came as"),
    Column::headed("amendment_reason", "because"),
    Column::headed("create_time", "stored"),
    Column::unshown("batch"),
];

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ResultsArguments {
    #[command(flatten)]
    study: StudyOption,

    /// All revisions of this specimen's result.
    #[arg(long, value_name = "SPECIMEN")]
    specimen: Option<String>,

    /// Only results that came with this batch.
    #[arg(long, value_name = "BATCH")]
    batch: Option<String>,

    /// Stop after this many rows.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(crate) fn run(arguments: &ResultsArguments) -> anyhow::Result<()> {
    service::run_client(list(arguments))
}

async fn list(arguments: &ResultsArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let study = arguments.study.name();
    let batch = match &arguments.batch {
        Some(batch) => name::batch(batch, Some(&study))?,
        None => String::new(),
    };
    let parent = match &arguments.specimen {
        Some(specimen) => format!("{study}/specimens/{specimen}"),
        None => study,
    };
    let mut results = client.list(v1::ListResultsRequest {
        parent,
        batch,
        ..Default::default()
    });
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut left = arguments.limit.unwrap_or(usize::MAX);
    while left > 0
        && let Some(result) = results.next().await
    {
        let result = result?;
        answer.row(|records| write(records, &result))?;
        left -= 1;
    }
    answer.end(None)
}

fn write(records: &mut dyn Records, result: &v1::Result) {
    use v1::measurement::Outcome;

    let measurement = result.concentration.unwrap_or_default();
    let (outcome, amount) = match measurement.outcome {
        Some(Outcome::Value(value)) => ("value", Some(value)),
        Some(Outcome::Below(limit)) => ("below", Some(limit)),
        Some(Outcome::Above(limit)) => ("above", Some(limit)),
        Some(Outcome::Missing(_)) => ("missing", None),
        None => ("", None),
    };
    let missing = match measurement.outcome {
        Some(Outcome::Missing(number)) => missing_code(number),
        _ => String::new(),
    };
    records.text(result.name.split('/').nth(3).unwrap_or_default());
    records.integer(result.revision.into());
    text_or_nothing(records, outcome);
    records.maybe(amount);
    text_or_nothing(records, unit::ucum(measurement.unit()));
    text_or_nothing(records, &missing);
    records.maybe(result.concentration_nmol_per_l);
    match result.replicate_count {
        Some(count) => records.integer(count.into()),
        None => records.absent(),
    }
    records.maybe(result.replicate_cv_percent);
    text_or_nothing(records, &result.well);
    text_or_nothing(
        records,
        &plain(result.cause().as_str_name(), "REVISION_CAUSE_"),
    );
    text_or_nothing(records, &result.amendment_reason);
    let stored = result.create_time.as_ref().and_then(instant::utc_text);
    text_or_nothing(records, &stored.unwrap_or_default());
    records.text(&result.batch);
    records.end_row();
}

/// The code of a reason, as `diel codes` lists it.
fn missing_code(number: i32) -> String {
    let reason = v1::MissingReason::try_from(number).unwrap_or_default();
    let name = reason.as_str_name();
    name.strip_prefix("MISSING_REASON_")
        .unwrap_or(name)
        .to_lowercase()
}
