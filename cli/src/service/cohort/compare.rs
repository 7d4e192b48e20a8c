//! Two fits side by side.

use clap::Args;

use super::{ServerOptions, fit_name};
use crate::output::{Column, OutputOptions};
use crate::service::answer::Answer;

const COLUMNS: &[Column] = &[
    Column::headed("fit", "fit"),
    Column::headed("parameters", "parameters"),
    Column::headed("objective", "-2 log\nlikelihood"),
    Column::headed("chi_squared", "chi-squared"),
    Column::new("df"),
    Column::new("p"),
];

#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// One fit: its whole name, studies/STUDY/fits/FIT, or its id beside --study.
    one: String,

    /// Another fit of the same study.
    other: String,

    /// The study, when only ids are given.
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn compare(arguments: &CompareArguments) -> anyhow::Result<()> {
    let study = arguments.study.as_deref();
    let one = fit_name(&arguments.one, study)?;
    let other = fit_name(&arguments.other, study)?;
    let client = arguments.server.connect().await?;
    let compared = client.compare_fits(one, other).await?;
    let mut rows = Answer::begin(COLUMNS, arguments.output.format)?;
    rows.row(|records| {
        records.text(&compared.smaller);
        records.integer(compared.smaller_parameter_count.into());
        records.number(compared.smaller_objective);
        for _ in 0..3 {
            records.absent();
        }
        records.end_row();
    })?;
    rows.row(|records| {
        records.text(&compared.larger);
        records.integer(compared.larger_parameter_count.into());
        records.number(compared.larger_objective);
        records.number(compared.chi_squared);
        records.integer(compared.df.into());
        records.number(compared.p);
        records.end_row();
    })?;
    rows.end(None)
}
