//! Recalls, and their end.

use clap::Args;
use diel_client::v1;

use super::ServerOptions;
use crate::output::OutputOptions;
use crate::service::{name, revised};

#[derive(Debug, Args)]
pub(super) struct RecallArguments {
    /// The batch, as `diel batches list` names it; with --study, its id.
    batch: String,

    /// The study of a batch that is given by its id.
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,

    /// Why, up to 480 characters. It is kept with every result and in the histories of flags.
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// Say what would follow and change nothing.
    #[arg(long)]
    dry_run: bool,

    /// Go on only if the batch still has this etag, as `diel batches show --format json` tells it.
    #[arg(
        long,
        value_name = "ETAG",
        default_value = "",
        hide_default_value = true
    )]
    etag: String,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

impl RecallArguments {
    fn name(&self) -> anyhow::Result<String> {
        name::batch(&self.batch, self.study.as_deref())
    }

    /// The counts, for people.
    fn counts(&self, done: &str, results: i64, persons: i64, profiles: i64) -> String {
        let done = if self.dry_run {
            format!("would be {done}; nothing was changed")
        } else {
            done.to_owned()
        };
        format!("{results} results of {persons} persons {done} ({profiles} days computed)")
    }
}

pub(super) async fn recall(arguments: &RecallArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let request = v1::RecallBatchRequest {
        name: arguments.name()?,
        reason: arguments.reason.clone(),
        etag: arguments.etag.clone(),
        validate_only: arguments.dry_run,
        ..Default::default()
    };
    let done = client.recall_batch(request).await?;
    let counts = arguments.counts(
        "recalled",
        done.recalled_count,
        done.person_count,
        done.profile_count,
    );
    revised::print(&done.persons, counts, arguments.output.format)
}

pub(super) async fn restore(arguments: &RecallArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let request = v1::RestoreBatchRequest {
        name: arguments.name()?,
        reason: arguments.reason.clone(),
        etag: arguments.etag.clone(),
        validate_only: arguments.dry_run,
        ..Default::default()
    };
    let done = client.restore_batch(request).await?;
    let counts = arguments.counts(
        "restored",
        done.restored_count,
        done.person_count,
        done.profile_count,
    );
    revised::print(&done.persons, counts, arguments.output.format)
}
