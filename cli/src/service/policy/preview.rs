//! What another policy would change.

use anyhow::bail;
use clap::Args;
use diel_client::v1;

use super::set::OtherPolicy;
use super::{ServerOptions, StudyOption};
use crate::output::{Column, FLAG_NOTE, OutputOptions, Progress, Records};
use crate::service::answer::{Answer, text_or_nothing};

const CHANGES: &[Column] = &[
    Column::new("participant"),
    Column::unshown("group"),
    Column::headed("effect", "flag\nwould be"),
    Column::headed("verdict_before", "verdict\nnow"),
    Column::headed("verdict_after", "verdict\nthen"),
    Column::headed("probability_before", "P(flat)\nnow"),
    Column::headed("probability_after", "P(flat)\nthen"),
    Column::headed("reasons_after", "reasons then"),
    Column::unshown("flag"),
];

const COUNTS: &[Column] = &[
    Column::new("what"),
    Column::headed("verdict_before", "verdict now"),
    Column::headed("verdict_after", "verdict then"),
    Column::new("count"),
];

#[derive(Debug, Args)]
pub(super) struct PreviewArguments {
    #[command(flatten)]
    study: StudyOption,

    #[command(flatten)]
    policy: OtherPolicy,

    /// Only the counts: flags that would be new, cleared, unchanged, and persons by verdict now and then.
    #[arg(long)]
    counts: bool,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn preview(arguments: &PreviewArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let (policy, study) = arguments.policy.ask(&client, &arguments.study).await?;
    let mut messages = client
        .preview_policy(v1::PreviewPolicyRequest {
            parent: study.name,
            policy: Some(policy),
        })
        .await?;
    let columns = if arguments.counts { COUNTS } else { CHANGES };
    let mut answer = Answer::begin(columns, arguments.output.format)?;
    let mut progress: Option<Progress> = None;
    let mut last = v1::PreviewPolicyResponse::default();
    while let Some(message) = messages.next().await {
        last = message?;
        let total = u64::try_from(last.total_count).unwrap_or(0);
        progress
            .get_or_insert_with(|| Progress::new(total, "participants"))
            .set(u64::try_from(last.done_count).unwrap_or(0));
        if !arguments.counts {
            for change in &last.changes {
                answer.row(|records| write_change(records, change))?;
            }
        }
    }
    drop(progress);
    if !last.is_complete {
        bail!("the preview ended after {} participants", last.done_count);
    }
    if arguments.counts {
        for (what, count) in counts(&last) {
            answer.row(|records| write_count(records, what, ["", ""], count))?;
        }
        for transition in &last.transitions {
            let verdicts = [transition.before.as_str(), transition.after.as_str()];
            let count = transition.person_count;
            answer.row(|records| write_count(records, "persons", verdicts, count))?;
        }
        return answer.end([FLAG_NOTE.to_owned()]);
    }
    answer.end([summary(&last), FLAG_NOTE.to_owned()])
}

const fn counts(last: &v1::PreviewPolicyResponse) -> [(&'static str, i64); 4] {
    [
        ("new flags", last.new_flag_count),
        ("cleared flags", last.cleared_flag_count),
        ("unchanged flags", last.unchanged_flag_count),
        ("decided flags", last.decided_flag_count),
    ]
}

fn summary(last: &v1::PreviewPolicyResponse) -> String {
    let flags: Vec<String> = counts(last)
        .iter()
        .map(|(what, count)| format!("{count} {what}"))
        .collect();
    format!(
        "{} of {} participants: {}. Nothing was stored.",
        last.done_count,
        last.total_count,
        flags.join(", ")
    )
}

fn write_count(records: &mut dyn Records, what: &str, verdicts: [&str; 2], count: i64) {
    records.text(what);
    for verdict in verdicts {
        text_or_nothing(records, verdict);
    }
    records.integer(count);
    records.end_row();
}

fn write_change(records: &mut dyn Records, change: &v1::PreviewedFlag) {
    records.text(&change.participant);
    text_or_nothing(records, &change.group);
    records.text(match change.effect() {
        v1::FlagEffect::New => "new",
        v1::FlagEffect::Cleared => "cleared",
        v1::FlagEffect::Unspecified => "",
    });
    text_or_nothing(records, &change.verdict_before);
    text_or_nothing(records, &change.verdict_after);
    records.maybe(change.probability_before);
    records.maybe(change.probability_after);
    text_or_nothing(records, &change.reasons_after.join(";"));
    text_or_nothing(records, &change.flag);
    records.end_row();
}
