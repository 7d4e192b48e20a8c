//! `diel compliance`: planned against actual times.

use clap::Args;
use diel_client::v1;
use diel_server::table::instant::local_text;

use super::answer::{Answer, text_or_nothing};
use super::connect::ServerOptions;
use super::name::StudyOption;
use crate::output::{Column, OutputOptions, Records};
use crate::service;

const EXAMPLES: &str = "\
Each sample of the protocol (`diel protocol`) is within its tolerance, outside, or not known, where nothing says how its
time or the awakening is known; or it was not taken. Slopes do not depend on it: they use the true times.

Examples:
  diel compliance --study pilot
  diel compliance --study pilot --summary --format csv
  diel compliance --study pilot --participant P-017 --protocol-version 1";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ComplianceArguments {
    #[command(flatten)]
    study: StudyOption,

    /// Only this participant.
    #[arg(long, value_name = "CODE")]
    participant: Option<String>,

    /// Hold the tubes against an earlier version of the protocol.
    #[arg(long, value_name = "N")]
    protocol_version: Option<i64>,

    /// A row a person instead of a row a sample.
    #[arg(long)]
    summary: bool,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

const SAMPLES: &[Column] = &[
    Column::new("participant"),
    Column::headed("sampling_date", "date"),
    Column::new("label"),
    Column::new("specimen"),
    Column::new("timing"),
    Column::headed("deviation_minutes", "off by\nmin"),
    Column::headed("due_local_time", "due"),
    Column::headed("collected_at", "collected"),
    Column::headed("source", "known by"),
    Column::unshown("electronic"),
    Column::headed("unknown_reason", "why not known"),
];

const PEOPLE: &[Column] = &[
    Column::new("participant"),
    Column::headed("day_count", "days"),
    Column::headed("missing_day_count", "days\nmissing"),
    Column::headed("planned_count", "planned"),
    Column::headed("taken_count", "taken"),
    Column::headed("within_count", "within"),
    Column::headed("outside_count", "outside"),
    Column::headed("not_known_count", "not\nknown"),
    Column::headed("electronic_count", "electronic"),
    Column::unshown("not_planned_count"),
    Column::headed("share_within", "share\nwithin"),
    Column::headed("share_electronic", "share\nelectronic"),
];

pub(crate) fn run(arguments: &ComplianceArguments) -> anyhow::Result<()> {
    service::run_client(compliance(arguments))
}

async fn compliance(arguments: &ComplianceArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let parent = arguments.study.name();
    let protocol = arguments
        .protocol_version
        .map(|version| format!("{parent}/protocols/{version}"));
    let mut people = client.list(v1::ListComplianceRequest {
        parent,
        participant: arguments.participant.clone().unwrap_or_default(),
        protocol: protocol.unwrap_or_default(),
        ..Default::default()
    });
    let columns = if arguments.summary { PEOPLE } else { SAMPLES };
    let mut answer = Answer::begin(columns, arguments.output.format)?;
    while let Some(person) = people.next().await {
        let person = person?;
        if arguments.summary {
            answer.row(|records| write_person(records, &person))?;
            continue;
        }
        for day in &person.days {
            for sample in &day.samples {
                answer.row(|records| write_sample(records, &person, day, sample))?;
            }
        }
    }
    answer.end(None)
}

fn write_sample(
    records: &mut dyn Records,
    person: &v1::ParticipantCompliance,
    day: &v1::DayCompliance,
    sample: &v1::SampleTiming,
) {
    records.text(&person.participant);
    records.text(&day.sampling_date);
    text_or_nothing(records, &sample.label);
    text_or_nothing(records, &sample.specimen);
    let timing = sample.timing().as_str_name().trim_start_matches("TIMING_");
    records.text(&timing.to_lowercase());
    records.maybe(sample.deviation_minutes);
    text_or_nothing(records, &sample.due_local_time);
    let collected = sample.collection_time.as_ref();
    let collected =
        collected.and_then(|time| local_text(time, sample.collection_utc_offset_minutes));
    text_or_nothing(records, &collected.unwrap_or_default());
    let source = match sample.collection_time_source() {
        v1::TimeSource::Unspecified => String::new(),
        source => source
            .as_str_name()
            .trim_start_matches("TIME_SOURCE_")
            .to_lowercase(),
    };
    text_or_nothing(records, &source);
    records.flag(sample.electronic);
    text_or_nothing(records, &sample.unknown_reason);
    records.end_row();
}

fn write_person(records: &mut dyn Records, person: &v1::ParticipantCompliance) {
    records.text(&person.participant);
    records.integer(i64::try_from(person.days.len()).unwrap_or(i64::MAX));
    match person.missing_day_count {
        Some(days) => records.integer(days.into()),
        None => records.absent(),
    }
    let counts = person.counts.unwrap_or_default();
    for count in [
        counts.planned_count,
        counts.taken_count,
        counts.within_count,
        counts.outside_count,
        counts.not_known_count,
        counts.electronic_count,
        counts.not_planned_count,
    ] {
        records.integer(count.into());
    }
    records.maybe(counts.share_within);
    records.maybe(counts.share_electronic);
    records.end_row();
}
