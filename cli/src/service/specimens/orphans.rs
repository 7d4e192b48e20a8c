//! What waits for its other half: results without collection facts, tubes without results.

use clap::Args;
use diel_client::{Timestamp, v1};
use diel_server::table::samples::collected_text;
use diel_server::{Clock as _, SystemClock};

use super::{ServerOptions, StudyOption};
use crate::output::{Column, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};
use crate::service::instant::utc_text;
use crate::service::name;

const SECONDS_A_DAY: i64 = 86_400;

const COLUMNS: &[Column] = &[
    Column::new("specimen"),
    Column::headed("waits_for", "waits for"),
    Column::headed("waiting_days", "days"),
    Column::headed("since", "since"),
    Column::new("participant"),
    Column::headed("collected_at", "collected"),
    Column::new("label"),
    Column::new("batch"),
    Column::new("well"),
];

#[derive(Debug, Args)]
pub(super) struct OrphansArguments {
    #[command(flatten)]
    study: StudyOption,

    /// Only what has waited longer than this.
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    older_than_days: u32,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn orphans(arguments: &OrphansArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let now = SystemClock.now().as_second();
    let before = now - i64::from(arguments.older_than_days) * SECONDS_A_DAY;
    // Without an age everything counts, also what a server stores whose clock is ahead of ours.
    let created_before_time = (arguments.older_than_days > 0).then_some(Timestamp {
        seconds: before,
        nanos: 0,
    });
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut counts = [0_u64; 2];
    let states = [
        v1::SpecimenState::WaitingForCollection,
        v1::SpecimenState::WaitingForResult,
    ];
    for (state, count) in states.into_iter().zip(&mut counts) {
        let mut specimens = client.list(v1::ListSpecimensRequest {
            parent: arguments.study.name(),
            filter: Some(v1::SpecimenFilter {
                state: state.into(),
                created_before_time,
                ..Default::default()
            }),
            ..Default::default()
        });
        while let Some(specimen) = specimens.next().await {
            let specimen = specimen?;
            *count += 1;
            answer.row(|records| write(records, &specimen, state, now))?;
        }
    }
    let [results, tubes] = counts;
    answer.end([format!(
        "{results} results wait for collection facts (`diel register` brings them), {tubes} tubes wait for a result"
    )])
}

fn write(
    records: &mut dyn Records,
    specimen: &v1::Specimen,
    state: v1::SpecimenState,
    now_seconds: i64,
) {
    records.text(name::id(&specimen.name));
    records.text(match state {
        v1::SpecimenState::WaitingForCollection => "collection",
        _ => "result",
    });
    match &specimen.create_time {
        Some(created) => {
            records.integer((now_seconds - created.seconds).max(0) / SECONDS_A_DAY);
            text_or_nothing(records, &utc_text(created).unwrap_or_default());
        }
        None => (0..2).for_each(|_| records.absent()),
    }
    match &specimen.collection {
        Some(facts) => {
            records.text(&facts.participant);
            text_or_nothing(records, &collected_text(facts));
            text_or_nothing(records, &facts.label);
        }
        None => (0..3).for_each(|_| records.absent()),
    }
    match &specimen.result {
        Some(result) => {
            text_or_nothing(records, name::id(&result.batch));
            text_or_nothing(records, &result.well);
        }
        None => (0..2).for_each(|_| records.absent()),
    }
    records.end_row();
}
