//! `diel submit`: a file of samples into a study.

mod batches;
mod message;
mod report;
mod send;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use diel_client::Client;
use jiff::tz::TimeZone;

pub(super) use batches::Facts;
pub(super) use report::Report;

use super::answer;
use super::connect::ServerOptions;
use super::name::StudyOption;
use crate::file_options::FileOptions;
use crate::output;
use crate::service;
use diel_import::{ImportOptions, ImportedRow, RefusedRow};

const EXAMPLES: &str = "\
The file has a header and one row a sample, as for `diel analyze`. Every sample needs an instant: times without an
offset are read in --time-zone, or else in the study's time zone.

A row without a specimen id gets PARTICIPANT.INSTANT, such as P-017.20260301T060500Z, so that sending the same file
again stores nothing twice. Rows go in batches of up to 2,000; each batch is stored as a whole or refused as a whole,
and what was stored is reported as unchanged when it is sent again.

Examples:
  diel submit samples.csv --study pilot --lab \"Lab 7\" --assay \"ELISA\"
  diel submit samples.csv --study pilot --validate-only
  diel submit samples.csv --study pilot --unit ug/dL --limit-of-detection 0.012 --partial";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SubmitArguments {
    /// Long CSV, one row a sample; `-` reads standard input.
    file: PathBuf,

    #[command(flatten)]
    study: StudyOption,

    #[command(flatten)]
    facts: Facts,

    #[command(flatten)]
    mode: Mode,

    #[command(flatten)]
    import: FileOptions,

    #[command(flatten)]
    server: ServerOptions,
}

/// How strictly to proceed.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct Mode {
    /// Check everything and store nothing.
    #[arg(long)]
    validate_only: bool,

    /// Store the good rows when others are refused.
    #[arg(long)]
    partial: bool,
}

pub(crate) fn run(arguments: &SubmitArguments) -> anyhow::Result<()> {
    service::run_client(submit(arguments))
}

async fn submit(arguments: &SubmitArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let parent = arguments.study.name();
    let report = submit_file(
        &client,
        &parent,
        &arguments.file,
        arguments.import.import(),
        &arguments.facts,
        arguments.mode,
    )
    .await?;
    if report.has_refusals() {
        output::tell(report.refusals().trim_end());
    }
    answer::say(&report.summary(arguments.mode.validate_only))?;
    anyhow::ensure!(
        !report.has_refusals(),
        "{}: rows were refused; mend them and send the file again",
        arguments.file.display()
    );
    Ok(())
}

/// Reads a file and sends it. The report says what became of every row.
pub(super) async fn submit_file(
    client: &Client,
    parent: &str,
    file: &Path,
    mut options: ImportOptions,
    facts: &Facts,
    mode: Mode,
) -> anyhow::Result<Report> {
    let study = client.get_study(parent).await?;
    if options.time_zone.is_none() {
        options.time_zone = Some(TimeZone::get(&study.time_zone).with_context(|| {
            format!(
                "the study's time zone {} is not known here; give --time-zone",
                study.time_zone
            )
        })?);
    }
    let imported = diel_import::read(file, &options, &mut output::file_progress())?;
    for note in &imported.notes {
        output::tell(&format!("note: {note}"));
    }
    let is_placeable = |row: &ImportedRow| row.collected.is_some() || row.awakening.is_some();
    if !imported.has_instants && !imported.rows.iter().any(is_placeable) {
        anyhow::bail!(
            "{}: no row says at which instant a sample was taken or the person woke, only how long after; the service \
             needs collected_at, or date and time, or awakening_at besides the minutes. `diel analyze` does without",
            file.display()
        );
    }
    let mut refused = imported.refused;
    let rows = message::rows(imported.rows, &mut refused);
    if !refused.is_empty() && !mode.partial && !mode.validate_only {
        anyhow::bail!(
            "{}nothing was sent; mend these rows, or send the others with --partial",
            report::refused_rows(file, &refused)
        );
    }
    let batches = batches::batches(rows, facts);
    send::send(client, parent, batches, mode, Report::new(file, refused)).await
}
