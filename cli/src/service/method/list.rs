//! The methods that there are, a row a reported bias; one without a bias is a row too.

use clap::Args;
use diel_client::v1;

use super::{ServerOptions, StudyOption};
use crate::output::{Column, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};

const COLUMNS: &[Column] = &[
    Column::headed("name", "method"),
    Column::new("assay"),
    Column::headed("limit_of_detection_nmol_per_l", "LOD\nnmol/L"),
    Column::headed("lower_limit_of_quantification_nmol_per_l", "LLOQ\nnmol/L"),
    Column::headed("upper_limit_of_quantification_nmol_per_l", "ULOQ\nnmol/L"),
    Column::headed("compared_with", "beside"),
    Column::headed("bias_percent", "reads more\n%"),
    Column::unshown("bias_lowest_nmol_per_l"),
    Column::unshown("bias_highest_nmol_per_l"),
    Column::unshown("bias_source"),
    Column::unshown("description"),
    Column::unshown("source"),
];

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    study: StudyOption,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The method: studies/STUDY/methods/NAME, with @VERSION or, without, the newest.
    method: String,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let mut rows = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut methods = client.list(v1::ListMethodsRequest {
        parent: arguments.study.name(),
        ..Default::default()
    });
    while let Some(method) = methods.next().await {
        write(&mut rows, &method?)?;
    }
    rows.end(None)
}

pub(super) async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let method = client.get_method(&arguments.method).await?;
    let mut rows = Answer::begin(COLUMNS, arguments.output.format)?;
    write(&mut rows, &method)?;
    rows.end([method.source])
}

fn write(rows: &mut Answer, method: &v1::Method) -> anyhow::Result<()> {
    if method.biases.is_empty() {
        return rows.row(|records| row(records, method, None));
    }
    for bias in &method.biases {
        rows.row(|records| row(records, method, Some(bias)))?;
    }
    Ok(())
}

fn row(records: &mut dyn Records, method: &v1::Method, bias: Option<&v1::ReportedBias>) {
    records.text(&method.name);
    records.text(&method.assay);
    for limit in [
        method.limit_of_detection_nmol_per_l,
        method.lower_limit_of_quantification_nmol_per_l,
        method.upper_limit_of_quantification_nmol_per_l,
    ] {
        records.maybe(limit);
    }
    text_or_nothing(records, bias.map_or("", |bias| &bias.compared_with));
    records.maybe(bias.map(|bias| bias.percent));
    records.maybe(bias.and_then(|bias| bias.lowest_nmol_per_l));
    records.maybe(bias.and_then(|bias| bias.highest_nmol_per_l));
    text_or_nothing(records, bias.map_or("", |bias| &bias.source));
    text_or_nothing(records, &method.description);
    text_or_nothing(records, &method.source);
    records.end_row();
}
