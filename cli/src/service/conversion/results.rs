//! What was measured, and what it comes to by a conversion.

use clap::Args;
use diel_client::v1;
use diel_client::v1::converted_concentration::Outcome as Converted;
use diel_client::v1::measurement::Outcome;

use super::{ServerOptions, StudyOption, of_study};
use crate::output::{Column, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};

const COLUMNS: &[Column] = &[
    Column::headed("name", "result"),
    Column::headed("batch", "batch"),
    Column::headed("bound", "bound"),
    Column::headed("concentration_nmol_per_l", "measured\nnmol/L"),
    Column::headed("converted_bound", "bound"),
    Column::headed("converted_nmol_per_l", "converted\nnmol/L"),
    Column::headed("converted_absence", "why not"),
    Column::unshown("conversion"),
    Column::unshown("replicate_cv_percent"),
    Column::unshown("well"),
    Column::unshown("amendment_reason"),
];

const EXAMPLES: &str = "\
`bound` is < or > where only a limit is known. All revisions are listed, the highest is in force. What was measured
stays; what is converted is derived.

Examples:
  diel conversion results elisa-to-lcms --study pilot
  diel conversion results elisa-to-lcms@1 --study pilot --format csv";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ResultsArguments {
    /// The conversion: NAME, with @VERSION or, without, the newest.
    conversion: String,

    #[command(flatten)]
    study: StudyOption,

    /// Only results of this batch, studies/STUDY/batches/BATCH.
    #[arg(long, value_name = "BATCH", default_value = "")]
    batch: String,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn results(arguments: &ResultsArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let mut rows = Answer::begin(COLUMNS, arguments.output.format)?;
    let parent = arguments.study.name();
    let mut results = client.list(v1::ListResultsRequest {
        conversion: of_study(&parent, &arguments.conversion),
        batch: arguments.batch.clone(),
        parent,
        ..Default::default()
    });
    while let Some(result) = results.next().await {
        let result = result?;
        rows.row(|records| row(records, &result))?;
    }
    rows.end(None)
}

fn row(records: &mut dyn Records, result: &v1::Result) {
    records.text(&result.name);
    records.text(&result.batch);
    let measured = result
        .concentration
        .as_ref()
        .and_then(|measured| measured.outcome);
    let bound = match measured {
        Some(Outcome::Below(_)) => "<",
        Some(Outcome::Above(_)) => ">",
        _ => "",
    };
    text_or_nothing(records, bound);
    records.maybe(result.concentration_nmol_per_l);
    let converted = result.converted.as_ref();
    let (bound, number, absence) = match converted.and_then(|one| one.outcome.as_ref()) {
        Some(Converted::NmolPerL(number)) => ("", Some(*number), ""),
        Some(Converted::BelowNmolPerL(limit)) => ("<", Some(*limit), ""),
        Some(Converted::AboveNmolPerL(limit)) => (">", Some(*limit), ""),
        Some(Converted::Absence(code)) => ("", None, code.as_str()),
        None => ("", None, ""),
    };
    text_or_nothing(records, bound);
    records.maybe(number);
    text_or_nothing(records, absence);
    text_or_nothing(records, converted.map_or("", |one| &one.conversion));
    records.maybe(result.replicate_cv_percent);
    text_or_nothing(records, &result.well);
    text_or_nothing(records, &result.amendment_reason);
    records.end_row();
}
