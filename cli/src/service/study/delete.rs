//! The deletion of a study, in two steps.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use diel_client::{Client, v1};

use super::ServerOptions;
use super::export;
use crate::output::{Column, OutputOptions, Progress};
use crate::service::answer::Answer;
use crate::service::name;

const EXAMPLES: &str = "\
Without --confirm nothing is deleted: the counts say what would go. A deletion cannot be taken back, and the name is not given
again. The audit trail stays, emptied of what it said: who did what and when, and that the study was deleted, by whom and why.
`diel audit verify` still passes.

With --export the study is written into a folder first, as `diel study export` does, and is deleted only if nobody has written to it
since. From the moment that the deletion is accepted nothing of the study is read or written; the service takes it away in small
steps, and goes on after a restart. --no-wait does not look on.

Backups that were made before still hold the study; docs/privacy.md says what to do about them.

Examples:
  diel study delete pilot --reason \"the study has ended\"
  diel study delete pilot --reason \"the study has ended\" --export pilot-2026-06 --confirm pilot
  diel study delete trial --reason \"a trial\" --without-export --confirm trial";

const COLUMNS: &[Column] = &[Column::new("what"), Column::new("count")];

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct DeleteArguments {
    /// The study, such as pilot.
    study: String,

    /// Why; it stays in the audit trail and may name nobody.
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// Delete; the study's name once more. Without this it is only counted.
    #[arg(long, value_name = "STUDY")]
    confirm: Option<String>,

    /// The folder to make and write the study into before it is deleted.
    #[arg(long, value_name = "FOLDER", conflicts_with = "without_export")]
    export: Option<PathBuf>,

    /// Delete without an export, with whatever is written meanwhile.
    #[arg(long)]
    without_export: bool,

    /// Return once the deletion has begun, and do not wait for its end.
    #[arg(long)]
    no_wait: bool,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

impl DeleteArguments {
    /// Whether to delete, once it is clear that this study is meant and what becomes of its data.
    fn is_confirmed(&self) -> anyhow::Result<bool> {
        let Some(confirmed) = &self.confirm else {
            return Ok(false);
        };
        anyhow::ensure!(
            *confirmed == self.study,
            "--confirm: {confirmed:?} is not {:?}, the study to delete",
            self.study
        );
        anyhow::ensure!(
            self.export.is_some() || self.without_export,
            "say --export FOLDER, which writes the study first, or --without-export"
        );
        Ok(true)
    }
}

pub(super) async fn delete(arguments: &DeleteArguments) -> anyhow::Result<()> {
    let is_confirmed = arguments.is_confirmed()?;
    let client = arguments.server.connect().await?;
    let study = match client.get_study(name::study(&arguments.study)).await {
        // It is being deleted, and the command is given again to go on with it or to look on.
        Err(error) if is_confirmed && error.is(v1::ErrorReason::StudyDeleted) => v1::Study {
            name: name::study(&arguments.study),
            ..v1::Study::default()
        },
        study => study?,
    };
    let audit_head = match &arguments.export {
        Some(folder) if is_confirmed && !study.etag.is_empty() => {
            export::write(&client, &study, folder)
                .await
                .context("nothing was deleted")?
        }
        _ => String::new(),
    };
    let begun = client
        .delete_study(v1::DeleteStudyRequest {
            name: study.name,
            etag: study.etag,
            reason: arguments.reason.clone(),
            audit_head,
            validate_only: !is_confirmed,
        })
        .await?;
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    for (what, count) in counts(&begun) {
        answer.row(|records| {
            records.text(what);
            records.integer(count);
            records.end_row();
        })?;
    }
    let Some(job) = begun.job else {
        return answer.end(["Nothing is deleted yet; --confirm deletes this.".to_owned()]);
    };
    if arguments.no_wait {
        return answer.end([format!(
            "The deletion has begun, as {}; the service goes on with it.",
            job.name
        )]);
    }
    wait(&client, job).await?;
    answer.end(["Deleted. Backups made before still hold the study.".to_owned()])
}

fn counts(begun: &v1::DeleteStudyResponse) -> [(&'static str, i64); 10] {
    [
        ("participants", begun.participant_count),
        ("specimens", begun.specimen_count),
        ("results", begun.result_count),
        ("profiles", begun.profile_count),
        ("flags", begun.flag_count),
        ("flag_events", begun.flag_event_count),
        ("batches", begun.batch_count),
        ("kept_answers", begun.kept_answer_count),
        ("audit_entries", begun.audit_entry_count),
        ("others", begun.other_count),
    ]
}

/// Waits until nothing is left.
async fn wait(client: &Client, job: v1::Job) -> anyhow::Result<()> {
    let mut progress = Progress::new(u64::try_from(job.total_count).unwrap_or(0), "rows");
    let job = client
        .wait_for_job(&job.name, |job| {
            progress.set(u64::try_from(job.done_count).unwrap_or(0));
        })
        .await?;
    drop(progress);
    anyhow::ensure!(
        job.state() == v1::JobState::Succeeded,
        "the deletion stopped: {}; nothing of the study is read or written, and the same command goes on with it",
        job.error
    );
    Ok(())
}
