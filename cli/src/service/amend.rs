//! `diel amend`: a corrected file of results, as new revisions with a reason.

use std::path::PathBuf;

use clap::Args;
use diel_client::v1;
use diel_import::ImportOptions;

use super::connect::ServerOptions;
use super::name::StudyOption;
use super::revised;
use super::submit::{Batcher, Facts, FileBatch, Mode, Submission};
use crate::file_options::FileOptions;
use crate::output::{self, OutputOptions};
use crate::rejects::RejectsOption;
use crate::service;

const EXAMPLES: &str = "\
The file is read as `diel submit` reads it. Rows that say what is in force change nothing, so that the whole corrected file
can be sent, and sent again; rows whose concentration differs become new revisions with the reason; rows without a stored result
are refused. Where and when a sample was taken cannot be amended here: a row that contradicts it is refused.

With --rerun the results come from another run of the assay: they belong to a batch of their own, with the facts given here.
Otherwise each stays in its batch.

Examples:
  diel amend plate-7-corrected.csv --study pilot --reason \"dilution factor corrected\" --dry-run
  diel amend plate-7-corrected.csv --study pilot --reason \"dilution factor corrected\"
  diel amend plate-7-again.csv --study pilot --reason \"plate run again\" --rerun --lab \"Lab 7\" --assay ELISA";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct AmendArguments {
    /// The corrected file; `-` reads standard input.
    file: PathBuf,

    #[command(flatten)]
    study: StudyOption,

    /// Why, up to 500 characters. It is kept with every new revision and in the histories of flags.
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// Say what would follow and change nothing.
    #[arg(long)]
    dry_run: bool,

    /// Store the good rows when others are refused.
    #[arg(long)]
    partial: bool,

    /// The results come from another run of the assay and belong to a batch of their own.
    #[arg(long)]
    rerun: bool,

    #[command(flatten)]
    facts: Facts,

    #[command(flatten)]
    import: FileOptions,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

pub(crate) fn run(arguments: &AmendArguments) -> anyhow::Result<()> {
    service::run_client(amend(arguments))
}

async fn amend(arguments: &AmendArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let parent = arguments.study.name();
    let mapping = arguments.import.mapping()?;
    let facts = arguments.facts.clone().or(mapping.batch);
    let mode = Mode::new(arguments.dry_run, arguments.partial);
    let batcher = Batcher::new(&parent, &facts, mode);
    // A corrected plate names tubes and need not say where they come from.
    let options = ImportOptions {
        may_wait: true,
        ..mapping.options
    };
    let mut file = Submission {
        parent: &parent,
        file: &arguments.file,
        options,
        rejects: &RejectsOption::default(),
    };
    let mut opened = file.open(&client, batcher).await?;
    let report = &mut opened.report;
    let mut told = Told::default();
    while let Some(batch) = opened.batches.recv().await.transpose()? {
        let lines = batch.lines.clone();
        match client.amend_results(request(arguments, batch)).await {
            Err(error) if error.refusal().is_none() => return Err(error.into()),
            Err(error) => report.refuse_all(&error, &lines),
            Ok(answer) => {
                report.refuse(&answer.violations, &lines);
                told.add(answer);
            }
        }
    }
    if report.has_refusals() {
        output::tell(report.refusals().trim_end());
    }
    let counts = told.counts(arguments.dry_run);
    revised::print(&told.persons, counts, arguments.output.format)?;
    anyhow::ensure!(
        !report.has_refusals(),
        "{}: rows were refused; mend them and send the file again",
        arguments.file.display()
    );
    Ok(())
}

/// The rows of a batch as amendments.
fn request(arguments: &AmendArguments, batch: FileBatch) -> v1::AmendResultsRequest {
    let rows = batch.request;
    v1::AmendResultsRequest {
        parent: rows.parent,
        results: rows.results,
        reason: arguments.reason.clone(),
        rerun: rows.batch.filter(|_| arguments.rerun),
        validate_only: rows.validate_only,
        allow_partial: rows.allow_partial,
        ..Default::default()
    }
}

/// What the answers come to.
#[derive(Default)]
struct Told {
    amended: i64,
    unchanged: i64,
    persons_judged: i64,
    persons: Vec<v1::RevisedPerson>,
}

impl Told {
    fn add(&mut self, answer: v1::AmendResultsResponse) {
        self.amended += answer.amended_count;
        self.unchanged += answer.unchanged_count;
        self.persons_judged += answer.person_count;
        self.persons.extend(answer.persons);
    }

    fn counts(&self, is_trial: bool) -> String {
        let amended = if is_trial {
            "would be amended; nothing was changed"
        } else {
            "amended"
        };
        format!(
            "{} results of {} persons {amended}; {} unchanged",
            self.amended, self.persons_judged, self.unchanged
        )
    }
}
