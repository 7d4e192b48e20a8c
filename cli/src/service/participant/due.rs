//! Whose last sample lies longer ago than a study may keep it.

use std::collections::BTreeMap;

use anyhow::Context as _;
use clap::Args;
use diel_client::{Client, Timestamp, v1};
use diel_core::{RetentionDays, whole_days};
use diel_server::{Clock as _, SystemClock};

use super::{ServerOptions, StudyOption};
use crate::output::{Column, OutputOptions};
use crate::service::answer::Answer;
use crate::service::study::retention_days;
use crate::service::{instant, name};

const COLUMNS: &[Column] = &[
    Column::new("participant"),
    Column::headed("last_sample_at", "last sample"),
    Column::headed("days_ago", "days\nago"),
];

#[derive(Debug, Args)]
pub(super) struct DueArguments {
    #[command(flatten)]
    study: StudyOption,

    /// Other days than the study states for which it may keep a person's data after their last sample; those of whom there is
    /// none count from when they were first heard of.
    #[arg(long, value_name = "DAYS", value_parser = retention_days)]
    kept_for_days: Option<RetentionDays>,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn due(arguments: &DueArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let retention = match arguments.kept_for_days {
        Some(days) => days,
        None => stated(&client, arguments.study.name()).await?,
    };
    let last = last_samples(&client, &arguments.study.name()).await?;
    let now = SystemClock.now().as_second();
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut count = 0_u64;
    for (participant, at) in &last {
        let (at_us, now_us) = (microseconds(*at), microseconds(now));
        if !retention.is_over(at_us, now_us) {
            continue;
        }
        let days = whole_days(at_us, now_us);
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
        "{count} of {} participants are due, whose last sample lies more than {} days ago; nothing is erased until \
         `diel participant erase CODE --confirm`.",
        last.len(),
        retention.days()
    )])
}

/// How long the study says that it may keep a person's data.
async fn stated(client: &Client, name: String) -> anyhow::Result<RetentionDays> {
    let study = client.get_study(name).await?;
    let days = study.retention_days.with_context(|| {
        format!(
            "{} does not say how long it may keep data: say --kept-for-days, or `diel study update --retention-days` once",
            study.name
        )
    })?;
    Ok(RetentionDays::new(days.into())?)
}

fn microseconds(seconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000)
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
