//! The references that there are, a row a stratum.

use clap::Args;
use diel_client::v1;

use super::{ServerOptions, name, only_stratum};
use crate::output::{Column, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};

const COLUMNS: &[Column] = &[
    Column::headed("name", "reference"),
    Column::headed("min_age_years", "from\nyears"),
    Column::headed("max_age_years", "to\nyears"),
    Column::new("sex"),
    Column::headed("intercept_ln", "intercept\nln"),
    Column::headed("slope_ln_per_h", "slope\nln/h"),
    Column::headed("car_ln", "CAR\nln"),
    Column::headed("intercept_sd", "intercept\nSD"),
    Column::headed("slope_sd", "slope\nSD"),
    Column::new("correlation"),
    Column::headed("residual_sd", "residual\nSD"),
    Column::new("provisional"),
    Column::headed("persons", "persons"),
    Column::unshown("samples"),
    Column::unshown("population"),
    Column::unshown("assay"),
    Column::unshown("source"),
    Column::unshown("fit"),
    Column::unshown("formula"),
    Column::unshown("input_blake3"),
    Column::unshown("software"),
];

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// The study; the built-in references when not given.
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The reference: studies/STUDY/references/NAME, with @VERSION or, without, the newest.
    reference: String,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let mut rows = Answer::begin(COLUMNS, arguments.output.format)?;
    let study = arguments.study.as_deref();
    let mut references = client.list(v1::ListReferencesRequest {
        parent: study.map(name::study).unwrap_or_default(),
        ..Default::default()
    });
    while let Some(reference) = references.next().await {
        write(&mut rows, &reference?)?;
    }
    rows.end(None)
}

pub(super) async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let reference = client.get_reference(&arguments.reference).await?;
    let mut rows = Answer::begin(COLUMNS, arguments.output.format)?;
    write(&mut rows, &reference)?;
    let mut notes = vec![reference.population.clone(), reference.source.clone()];
    notes.extend(
        reference
            .gaps
            .iter()
            .map(|gap| format!("Nobody of {gap} is judged: no stratum holds them.")),
    );
    rows.end(notes.into_iter().filter(|note| !note.is_empty()))
}

fn write(rows: &mut Answer, reference: &v1::Reference) -> anyhow::Result<()> {
    if reference.strata.is_empty() {
        return rows.row(|records| row(records, reference, &only_stratum(reference)));
    }
    for stratum in &reference.strata {
        rows.row(|records| row(records, reference, stratum))?;
    }
    Ok(())
}

fn row(records: &mut dyn Records, reference: &v1::Reference, stratum: &v1::ReferenceStratum) {
    records.text(&reference.name);
    records.number(stratum.min_age_years);
    records.maybe(stratum.max_age_years);
    text_or_nothing(
        records,
        match stratum.sex() {
            v1::Sex::Unspecified => "",
            v1::Sex::Female => "female",
            v1::Sex::Male => "male",
            v1::Sex::Other => "other",
        },
    );
    for number in [
        stratum.intercept_ln,
        stratum.slope_ln_per_h,
        stratum.car_ln,
        stratum.intercept_sd,
        stratum.slope_sd,
        stratum.intercept_slope_correlation,
        stratum.residual_sd,
    ] {
        records.number(number);
    }
    records.flag(reference.provisional);
    for count in [reference.person_count, reference.sample_count] {
        if count > 0 {
            records.integer(count.into());
        } else {
            records.absent();
        }
    }
    for text in [
        &reference.population,
        &reference.assay,
        &reference.source,
        &reference.fit,
        &reference.formula,
        &reference.input_digest,
        &reference.software_version,
    ] {
        text_or_nothing(records, text);
    }
    records.end_row();
}
