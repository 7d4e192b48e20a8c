//! One specimen: what is known of it and what was before.

use clap::Args;
use diel_client::v1;
use diel_server::table::samples::facts;

use super::{ServerOptions, SpecimenOption};
use crate::output::{Column, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};
use crate::service::instant::utc_text;

const COLUMNS: &[Column] = &[
    Column::headed("what", "what"),
    Column::headed("revision", "no."),
    Column::headed("in_force", "in force"),
    Column::new("participant"),
    Column::headed("collected_at", "collected"),
    Column::headed("source", "known by"),
    Column::new("label"),
    Column::headed("awakening_at", "awakening"),
    Column::unshown("awakening_source"),
    Column::headed("concentration_nmol_per_l", "nmol/L"),
    Column::new("batch"),
    Column::headed("replaced_at", "replaced"),
    Column::headed("replaced_by", "by"),
    Column::headed("reason", "why"),
];

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    #[command(flatten)]
    specimen: SpecimenOption,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let name = arguments.specimen.name();
    let specimen = client.get_specimen(&name).await?;
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut earlier = client.list(v1::ListEarlierCollectionsRequest {
        parent: name.clone(),
        ..Default::default()
    });
    while let Some(replaced) = earlier.next().await {
        let replaced = replaced?;
        answer.row(|records| write_earlier(records, &replaced))?;
    }
    if let Some(collection) = &specimen.collection {
        answer.row(|records| {
            begin(records, "collection", specimen.collection_revision, true);
            facts(records, Some(collection));
            (0..5).for_each(|_| records.absent());
            records.end_row();
        })?;
    }
    let in_force = specimen.result.as_ref().map_or(0, |result| result.revision);
    let mut results = client.list(v1::ListResultsRequest {
        parent: name.clone(),
        ..Default::default()
    });
    let mut revisions = Vec::new();
    while let Some(result) = results.next().await {
        revisions.push(result?);
    }
    for (position, result) in revisions.iter().enumerate() {
        let next = revisions.get(position + 1);
        answer.row(|records| write_result(records, result, next, in_force))?;
    }
    answer.end([waits(&specimen)])
}

fn begin(records: &mut dyn Records, what: &str, revision: i32, is_in_force: bool) {
    records.text(what);
    records.integer(revision.into());
    records.flag(is_in_force);
}

fn write_earlier(records: &mut dyn Records, earlier: &v1::EarlierCollection) {
    begin(records, "collection", earlier.collection_revision, false);
    facts(records, earlier.collection.as_ref());
    (0..2).for_each(|_| records.absent());
    let time = earlier.replace_time.as_ref().and_then(utc_text);
    text_or_nothing(records, &time.unwrap_or_default());
    text_or_nothing(records, &earlier.actor);
    text_or_nothing(records, &earlier.reason);
    records.end_row();
}

/// A revision of a result. Why it was replaced stands with the one that replaced it.
fn write_result(
    records: &mut dyn Records,
    result: &v1::Result,
    next: Option<&v1::Result>,
    in_force: i32,
) {
    begin(
        records,
        "result",
        result.revision,
        result.revision == in_force,
    );
    facts(records, None);
    records.maybe(result.concentration_nmol_per_l);
    text_or_nothing(records, crate::service::name::id(&result.batch));
    let replaced = next
        .and_then(|next| next.create_time.as_ref())
        .and_then(utc_text);
    text_or_nothing(records, &replaced.unwrap_or_default());
    records.absent();
    let reason = next.map_or("", |next| next.amendment_reason.as_str());
    text_or_nothing(records, reason);
    records.end_row();
}

fn waits(specimen: &v1::Specimen) -> String {
    let lacks = match (&specimen.collection, &specimen.result) {
        (Some(_), Some(_)) => "has collection facts and a result",
        (None, Some(_)) => "waits for its collection facts",
        (Some(_), None) => "waits for its result",
        (None, None) => "has neither collection facts nor a result any more",
    };
    format!("{} {lacks}", specimen.name)
}
