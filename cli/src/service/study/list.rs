//! The studies that there are.

use clap::Args;
use diel_client::v1;

use super::ServerOptions;
use super::update::refused_codes;
use crate::output::{Column, OutputOptions, Records};
use crate::service::answer::Answer;
use crate::service::{instant, name};

const COLUMNS: &[Column] = &[
    Column::new("study"),
    Column::headed("display_name", "name"),
    Column::headed("time_zone", "time zone"),
    Column::new("reference"),
    Column::headed("threshold_percentile", "threshold\npercentile"),
    Column::headed("threshold_ln_per_h", "threshold\nln/h"),
    Column::new("probability"),
    Column::headed("min_days", "days\nto flag"),
    Column::headed("min_days_to_report", "days\nto report"),
    Column::headed("car_window_min", "CAR\nmin"),
    Column::headed("evening_after_h", "evening\nafter h"),
    Column::headed("code_storage", "codes"),
    Column::headed("retention_days", "kept\ndays"),
    Column::unshown("policy"),
    Column::unshown("refused_codes"),
    Column::unshown("created_at"),
];

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The study, such as pilot.
    study: String,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut studies = client.list(v1::ListStudiesRequest::default());
    let mut is_empty = true;
    while let Some(study) = studies.next().await {
        let study = study?;
        is_empty = false;
        answer.row(|records| write(records, &study))?;
    }
    let note =
        is_empty.then(|| "There is no study yet; make one with `diel study create`.".to_owned());
    answer.end(note)
}

pub(super) async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let study = client.get_study(name::study(&arguments.study)).await?;
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    answer.row(|records| write(records, &study))?;
    answer.end(None)
}

fn write(records: &mut dyn Records, study: &v1::Study) {
    use v1::policy::Threshold::{ThresholdLnPerH, ThresholdPercentile};

    let policy = study.policy.clone().unwrap_or_default();
    let percentile = policy.threshold.and_then(|threshold| match threshold {
        ThresholdPercentile(percentile) => Some(percentile),
        ThresholdLnPerH(_) => None,
    });
    let slope = policy.threshold.and_then(|threshold| match threshold {
        ThresholdLnPerH(slope) => Some(slope),
        ThresholdPercentile(_) => None,
    });
    records.text(name::id(&study.name));
    records.text(&study.display_name);
    records.text(&study.time_zone);
    records.text(if policy.reference.is_empty() {
        "by age"
    } else {
        &policy.reference
    });
    records.maybe(percentile);
    records.maybe(slope);
    records.maybe(policy.probability);
    for days in [policy.min_days, policy.min_days_to_report] {
        match days {
            Some(days) => records.integer(days.into()),
            None => records.absent(),
        }
    }
    records.maybe(policy.car_window_min);
    records.maybe(policy.evening_after_h);
    records.text(match study.code_storage() {
        v1::CodeStorage::Keyed => "keyed",
        v1::CodeStorage::AsSent | v1::CodeStorage::Unspecified => "as_sent",
    });
    match study.retention_days {
        Some(days) => records.integer(days.into()),
        None => records.absent(),
    }
    records.text(&policy.name);
    records.text(&refused_codes(study));
    records.text(
        &study
            .create_time
            .as_ref()
            .and_then(instant::utc_text)
            .unwrap_or_default(),
    );
    records.end_row();
}
