//! How many flags of a queue are expected to be false.

use clap::Args;
use diel_client::v1;

use super::ServerOptions;
use super::list::FilterOptions;
use crate::output::{Column, FLAG_NOTE, OutputOptions, Records};
use crate::service::answer::{Answer, text_or_nothing};

const COLUMNS: &[Column] = &[
    Column::new("of"),
    Column::new("group"),
    Column::headed("flag_count", "flags"),
    Column::headed("least_probability", "P(flat)\ndown to"),
    Column::headed("expected_false_share", "share not\nflatter"),
    Column::headed("expected_false_count", "count not\nflatter"),
    Column::headed("expected_false_sd", "+-"),
];

const NOTE: &str = "\
The expected share and count of flags whose true slope is not flatter than the threshold, from the posteriors: the mean
and the sum of 1 - P. Right as far as the reference describes the people.";

#[derive(Debug, Args)]
pub(super) struct SummaryArguments {
    /// The study, such as pilot.
    #[arg(long, value_name = "STUDY")]
    study: String,

    #[command(flatten)]
    filter: FilterOptions,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn summary(arguments: &SummaryArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let request = v1::SummarizeFlagsRequest {
        parent: crate::service::name::study(&arguments.study),
        filter: Some(arguments.filter.message()),
    };
    let summary = client.summarize_flags(request).await?;
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    let least = summary.steps.last().map(|step| step.probability_flat);
    answer.row(|records| write(records, "all", "", least, summary.flags.as_ref()))?;
    for group in &summary.groups {
        answer.row(|records| write(records, "group", &group.group, None, group.flags.as_ref()))?;
    }
    for step in &summary.steps {
        let probability = Some(step.probability_flat);
        answer.row(|records| write(records, "first", "", probability, step.flags.as_ref()))?;
    }
    answer.end([NOTE.to_owned(), FLAG_NOTE.to_owned()])
}

fn write(
    records: &mut dyn Records,
    of: &str,
    group: &str,
    least_probability: Option<f64>,
    flags: Option<&v1::FalseDiscovery>,
) {
    let flags = flags.copied().unwrap_or_default();
    records.text(of);
    text_or_nothing(records, group);
    records.integer(flags.flag_count);
    records.maybe(least_probability);
    records.maybe(flags.expected_false_share);
    records.number(flags.expected_false_count);
    records.number(flags.expected_false_sd);
    records.end_row();
}
