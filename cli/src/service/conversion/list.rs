//! The conversions that there are, a row a point.

use clap::Args;
use diel_client::v1;
use diel_client::v1::conversion::Form;

use super::{ServerOptions, StudyOption};
use crate::output::{Column, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};

const COLUMNS: &[Column] = &[
    Column::headed("name", "conversion"),
    Column::headed("from_assay", "from"),
    Column::headed("to_assay", "to"),
    Column::new("form"),
    Column::headed("first_term", "intercept, factor\nor from nmol/L"),
    Column::headed("second_term", "slope, exponent\nor to nmol/L"),
    Column::headed("lowest_nmol_per_l", "lowest\nnmol/L"),
    Column::headed("highest_nmol_per_l", "highest\nnmol/L"),
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
    /// The conversion: studies/STUDY/conversions/NAME, with @VERSION or, without, the newest.
    conversion: String,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let mut rows = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut conversions = client.list(v1::ListConversionsRequest {
        parent: arguments.study.name(),
        ..Default::default()
    });
    while let Some(conversion) = conversions.next().await {
        write(&mut rows, &conversion?)?;
    }
    rows.end(None)
}

pub(super) async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let conversion = client.get_conversion(&arguments.conversion).await?;
    let mut rows = Answer::begin(COLUMNS, arguments.output.format)?;
    write(&mut rows, &conversion)?;
    rows.end([conversion.source])
}

fn write(rows: &mut Answer, conversion: &v1::Conversion) -> anyhow::Result<()> {
    let (form, terms) = match &conversion.form {
        Some(Form::Linear(line)) => ("linear", vec![(line.intercept_nmol_per_l, line.slope)]),
        Some(Form::Power(power)) => ("power", vec![(power.factor, power.exponent)]),
        Some(Form::Table(table)) => {
            let points = table.points.iter();
            let points = points.map(|point| (point.from_nmol_per_l, point.to_nmol_per_l));
            ("table", points.collect())
        }
        None => ("", Vec::new()),
    };
    for (first, second) in terms {
        rows.row(|records| row(records, conversion, form, first, second))?;
    }
    Ok(())
}

fn row(
    records: &mut dyn Records,
    conversion: &v1::Conversion,
    form: &str,
    first: f64,
    second: f64,
) {
    records.text(&conversion.name);
    records.text(&conversion.from_assay);
    records.text(&conversion.to_assay);
    records.text(form);
    for number in [
        first,
        second,
        conversion.lowest_nmol_per_l,
        conversion.highest_nmol_per_l,
    ] {
        records.number(number);
    }
    text_or_nothing(records, &conversion.source);
    records.end_row();
}
