//! A file of resources on its way in.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use diel_interchange::fhir::{self, Refused};

use super::ServerOptions;
use super::sending::{Mode, Sent, send};
use crate::output::{self, FLAG_NOTE};
use crate::service::name::StudyOption;
use crate::service::{answer, whole_file};

/// How many refusals are printed one by one.
const LISTED: usize = 20;

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// A Bundle, or one resource a line; `-` reads standard input.
    file: PathBuf,

    #[command(flatten)]
    study: StudyOption,

    /// The laboratory of results that do not name their performer.
    #[arg(long, value_name = "TEXT", default_value = "not stated")]
    lab: String,

    /// The assay method of results that do not name one.
    #[arg(long, value_name = "TEXT", default_value = "not stated")]
    assay: String,

    /// Check everything and store nothing.
    #[arg(long)]
    validate_only: bool,

    /// Store what is good when something else is refused.
    #[arg(long)]
    partial: bool,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn import(arguments: &ImportArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let file = arguments.file.display();
    let bytes = whole_file::read(&arguments.file)?;
    let mut imported = fhir::read(&bytes).with_context(|| file.to_string())?;
    drop(bytes);
    for sample in &mut imported.samples {
        for (stated, given) in [
            (&mut sample.batch.lab, &arguments.lab),
            (&mut sample.batch.assay, &arguments.assay),
        ] {
            if stated.is_empty() {
                stated.clone_from(given);
            }
        }
    }
    let mode = Mode {
        validate_only: arguments.validate_only,
        partial: arguments.partial,
    };
    let mut refused = std::mem::take(&mut imported.refused);
    let skipped = imported.skipped;
    if !refused.is_empty() && !mode.validate_only && !mode.partial {
        tell_refused(&arguments.file, &refused);
        anyhow::bail!(
            "{file}: nothing was sent; mend these resources, or send the others with --partial"
        );
    }
    let sent = send(
        &client,
        &arguments.study.name(),
        imported,
        mode,
        &mut refused,
    )
    .await?;
    if skipped > 0 {
        output::tell(&format!(
            "note: {skipped} resources that are neither salivary cortisol nor a tube were left aside"
        ));
    }
    tell_refused(&arguments.file, &refused);
    answer::say(&summary(&sent, refused.len(), mode))?;
    anyhow::ensure!(
        refused.is_empty(),
        "{file}: resources were refused; mend them and send the file again"
    );
    Ok(())
}

fn tell_refused(file: &Path, refused: &[Refused]) {
    for one in refused.iter().take(LISTED) {
        output::tell(&format!("{}: {one}", file.display()));
    }
    if refused.len() > LISTED {
        output::tell(&format!("and {} more", refused.len() - LISTED));
    }
}

fn summary(sent: &Sent, refused: usize, mode: Mode) -> String {
    let stored = if mode.validate_only {
        "would be stored"
    } else {
        "stored"
    };
    let mut text = format!(
        "{} results {stored}, {} unchanged, {} waiting for their collection facts; {} specimens {stored}, {} unchanged; {} \
         days {stored}; {refused} refused; {} profiles computed",
        sent.results,
        sent.unchanged,
        sent.waiting,
        sent.specimens,
        sent.unchanged_specimens,
        sent.days,
        sent.profiles,
    );
    if !sent.raised_flags.is_empty() {
        text.push_str(&format!(
            "\nflags raised for review: {}; `diel flags` lists them\n{FLAG_NOTE}",
            sent.raised_flags.len()
        ));
    }
    text
}
