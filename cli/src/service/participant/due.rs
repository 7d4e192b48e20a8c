//! Whose last sample lies longer ago than a study may keep it.

use std::collections::BTreeMap;

use clap::Args;
use diel_client::{Client, Timestamp, v1};
use diel_server::{Clock as _, SystemClock};

use super::{ServerOptions, StudyOption};
use crate::output::{Column, OutputOptions};
use crate::service::answer::Answer;
use crate::service::{instant, name};

const SECONDS_A_DAY: i64 = 86_400;

const COLUMNS: &[Column] = &[
    Column::new("participant"),
    Column::headed("last_sample_at", "last sample"),
    Column::headed("days_ago", "days\nago"),
];

#[derive(Debug, Args)]
pub(super) struct DueArguments {
    #[command(flatten)]
    study: StudyOption,

    /// Days that the study may keep a person's data after their last sample; those of whom there is none count from when
    /// they were first heard of.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    kept_for_days: u32,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn due(arguments: &DueArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let last = last_samples(&client, &arguments.study.name()).await?;
    let now = SystemClock.now().as_second();
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut count = 0_u64;
    for (participant, at) in &last {
        let days = (now - at).div_euclid(SECONDS_A_DAY);
        if days <= i64::from(arguments.kept_for_days) {
            continue;
        }
        count += 1;
        let at = Timestamp {
            seconds: *at,
            nanos: 0,
        };
        answer.row(|records| {
            records.text(participant);
            records.text(&instant::utc_text(&at).unwrap_or_default());
            records.integer(days);
            records.end_row();
        })?;
    }
    answer.end([format!(
        "{count} of {} participants are due; nothing is erased until `diel participant erase CODE --confirm`.",
        last.len()
    )])
}

/// When each participant's last sample was collected, seconds since 1970, by code.
async fn last_samples(client: &Client, parent: &str) -> anyhow::Result<BTreeMap<String, i64>> {
    let mut last = BTreeMap::new();
    let mut participants = client.list(v1::ListParticipantsRequest {
        parent: parent.to_owned(),
        ..Default::default()
    });
    let mut heard = BTreeMap::new();
    while let Some(participant) = participants.next().await {
        let participant = participant?;
        let created = participant.create_time.unwrap_or_default().seconds;
        heard.insert(name::id(&participant.name).to_owned(), created);
    }
    let mut specimens = client.list(v1::ListSpecimensRequest {
        parent: parent.to_owned(),
        ..Default::default()
    });
    while let Some(specimen) = specimens.next().await {
        let Some(facts) = specimen?.collection else {
            continue;
        };
        let at = facts.collection_time.unwrap_or_default().seconds;
        let latest = last.entry(facts.participant).or_insert(at);
        *latest = at.max(*latest);
    }
    for (participant, created) in heard {
        last.entry(participant).or_insert(created);
    }
    Ok(last)
}
