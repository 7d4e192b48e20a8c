//! Tubes that may be one.

use clap::Args;
use diel_client::v1;
use diel_server::table::instant::local_text;

use super::{ServerOptions, StudyOption};
use crate::output::{Column, OutputOptions};
use crate::service::answer::{Answer, text_or_nothing};
use crate::service::name;

const COLUMNS: &[Column] = &[
    Column::new("participant"),
    Column::headed("kind", "why"),
    Column::headed("group", "no."),
    Column::new("specimen"),
    Column::headed("collected_at", "collected"),
    Column::new("label"),
];

#[derive(Debug, Args)]
pub(super) struct DuplicatesArguments {
    #[command(flatten)]
    study: StudyOption,

    /// Only this participant's.
    #[arg(long, value_name = "CODE")]
    participant: Option<String>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn duplicates(arguments: &DuplicatesArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let mut found = client.list(v1::ListDuplicatesRequest {
        parent: arguments.study.name(),
        participant: arguments.participant.clone().unwrap_or_default(),
        ..Default::default()
    });
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut group = 0;
    while let Some(duplicate) = found.next().await {
        let duplicate = duplicate?;
        group += 1;
        let kind = duplicate.kind().as_str_name();
        let kind = kind.trim_start_matches("DUPLICATE_KIND_").to_lowercase();
        for tube in &duplicate.tubes {
            answer.row(|records| {
                records.text(&duplicate.participant);
                records.text(&kind);
                records.integer(group);
                records.text(name::id(&tube.specimen));
                let time = tube.collection_time.as_ref();
                let time =
                    time.and_then(|time| local_text(time, tube.collection_utc_offset_minutes));
                text_or_nothing(records, &time.unwrap_or_default());
                text_or_nothing(records, &tube.label);
                records.end_row();
            })?;
        }
    }
    answer.end([format!(
        "{group} groups of tubes that may be one; `diel specimens show` says what is known of each"
    )])
}
