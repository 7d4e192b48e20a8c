//! The fits of a study.

use clap::Args;
use diel_client::v1;

use super::{ServerOptions, StudyOption, answer};
use crate::output::{Column, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};
use crate::service::instant;

const COLUMNS: &[Column] = &[
    Column::headed("name", "fit"),
    Column::new("state"),
    Column::new("formula"),
    Column::new("criterion"),
    Column::new("group"),
    Column::headed("done", "participants\ngathered"),
    Column::headed("total", "of"),
    Column::headed("objective", "-2 log\nlikelihood"),
    Column::headed("persons", "persons"),
    Column::new("error"),
    Column::unshown("error_reason"),
    Column::unshown("created_at"),
];

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    study: StudyOption,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let mut rows = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut fits = client.list(v1::ListFitsRequest {
        parent: arguments.study.name(),
        ..Default::default()
    });
    let mut is_empty = true;
    while let Some(fit) = fits.next().await {
        let fit = fit?;
        is_empty = false;
        rows.row(|records| write(records, &fit))?;
    }
    let note =
        is_empty.then(|| "There is no fit yet; ask for one with `diel cohort start`.".to_owned());
    rows.end(note)
}

fn write(records: &mut dyn Records, fit: &v1::Fit) {
    let result = fit.result.as_ref();
    records.text(&fit.name);
    records.text(answer::state(fit));
    records.text(&fit.formula);
    records.text(answer::criterion(fit));
    text_or_nothing(records, &fit.group);
    records.integer(fit.done_count);
    records.integer(fit.total_count);
    records.maybe(result.map(|result| result.objective));
    match result {
        Some(result) => records.integer(result.person_count.into()),
        None => records.absent(),
    }
    text_or_nothing(records, &fit.error);
    text_or_nothing(records, &fit.error_reason);
    let created = fit.create_time.as_ref().and_then(instant::utc_text);
    records.text(&created.unwrap_or_default());
    records.end_row();
}
