//! The erasure of a participant, in two steps.

use clap::Args;
use diel_client::v1;

use super::{ServerOptions, StudyOption};
use crate::output::{Column, OutputOptions};
use crate::service::answer::Answer;

const EXAMPLES: &str = "\
Without --confirm nothing is erased: the counts say what would go. An erasure cannot be taken back. The audit trail keeps that
somebody was erased, when, by whom and why; what it said of the person is emptied, and `diel audit verify` still passes.

Backups that were made before still hold the person; docs/privacy.md says what to do about them.

Examples:
  diel participant erase P-017 --study pilot --reason \"withdrew consent\"
  diel participant erase P-017 --study pilot --reason \"withdrew consent\" --confirm";

const COLUMNS: &[Column] = &[Column::new("what"), Column::new("count")];

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct EraseArguments {
    /// The participant's code.
    participant: String,

    #[command(flatten)]
    study: StudyOption,

    /// Why; it stays in the audit trail and may not hold the code.
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// Erase; without this it is only counted.
    #[arg(long)]
    confirm: bool,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn erase(arguments: &EraseArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let erased = client
        .erase_participant(v1::EraseParticipantRequest {
            name: format!(
                "{}/participants/{}",
                arguments.study.name(),
                arguments.participant
            ),
            reason: arguments.reason.clone(),
            validate_only: !arguments.confirm,
        })
        .await?;
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    for (what, count) in [
        ("specimens", erased.specimen_count),
        ("results", erased.result_count),
        ("earlier_collections", erased.earlier_collection_count),
        ("awakenings", erased.awakening_count),
        ("profiles", erased.profile_count),
        ("flags", erased.flag_count),
        ("flag_events", erased.flag_event_count),
        ("kept_answers", erased.kept_answer_count),
        ("audit_entries", erased.audit_entry_count),
    ] {
        answer.row(|records| {
            records.text(what);
            records.integer(count);
            records.end_row();
        })?;
    }
    let note = if arguments.confirm {
        "Erased. Backups made before still hold the person."
    } else {
        "Nothing is erased yet; --confirm erases this."
    };
    answer.end([note.to_owned()])
}
