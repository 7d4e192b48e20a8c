//! `diel submit`: a file of samples into a study.

mod batches;
mod check;
mod controls;
mod identity;
mod input;
mod json;
mod message;
mod reading;
mod refusals;
mod report;
mod send;
mod unsent;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use diel_client::{Client, RetryPolicy};
use jiff::tz::TimeZone;
use tokio::sync::mpsc::Receiver;

pub(super) use batches::{Batcher, Facts, FileBatch};
use check::Checked;
use input::Input;
use message::Ready;
pub(super) use message::unit_message;
use reading::Read;
pub(super) use report::{Report, row_of};
use unsent::Unsent;
use watch::WatchOptions;

use super::answer;
use super::connect::ServerOptions;
use super::name::StudyOption;
use crate::file_options::FileOptions;
use crate::output;
use crate::rejects::RejectsOption;
use crate::service;
use diel_import::ImportOptions;

const EXAMPLES: &str = "\
The file is read as `diel check` shows, which needs no service and stores nothing. Every sample needs an instant: times without an
offset are read in --time-zone, or else in the study's time zone.

The file is read twice, never held whole: first every row is checked, then the good ones are sent while they are read.
A bad row refuses the whole file before anything is sent, unless --partial; all bad rows are named. Standard input is
kept in a temporary file between the readings.

Rows go in batches of up to 2,000; each batch is stored as a whole or refused as a whole. The request id of a batch is
made from its content: after Ctrl-C, a crash or a lost connection send the file again, and what had arrived is known
again and stored once. A row that names a tube and no time waits until the tube is registered. A row without a
specimen id gets PARTICIPANT.INSTANT, such as P-017.20260301T060500Z.

Examples:
  diel submit samples.csv --study pilot --lab \"Lab 7\" --assay \"ELISA\"
  diel submit samples.csv --study pilot --validate-only
  diel submit plate.xlsx --study pilot --mapping lab7.toml
  diel submit plate12.csv --study pilot --lab \"Lab 7\" --assay \"ELISA\" --plate 12 --controls plate12-controls.csv
  diel submit samples.csv --study pilot --unit ug/dL --limit-of-detection 0.012 --partial
  diel submit gen5.txt --study pilot --samples map.csv --unit nmol/L
  diel submit samples.csv --study pilot --partial --rejects bad.csv    then mend bad.csv and submit it
  diel submit batches.ndjson --study pilot --json
  diel submit --watch /srv/lims --study pilot --mapping lab7.toml
  diel submit --watch /srv/lims --study pilot --mapping lab7.toml --once    from cron

--watch is for systems that can only write files. A file is taken once it has stayed as it is for --settle-seconds; names that begin
with . or ~ or end in .part, .tmp or .filepart are left. It is sent as if it were named here, and moved to DIR/done, or to DIR/refused
when a row of it was refused, with NAME.report.csv beside it: every refused cell with its rule. While the service cannot be
reached files stay and are tried again. Ctrl-C or SIGTERM finishes the file at hand. Killed between sending and moving, the same
file is sent again and known again. See docs/import.md.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SubmitArguments {
    /// A table of samples, text or workbook, one row a sample; `-` reads standard input.
    #[arg(required_unless_present = "watch", conflicts_with = "watch")]
    file: Option<PathBuf>,

    #[command(flatten)]
    study: StudyOption,

    /// The file holds SubmitBatchRequest messages in JSON, one behind another; each answer is printed as a line of JSON.
    #[arg(long, conflicts_with_all = ["lab", "assay", "kit", "plate", "run_date", "limit_of_detection"])]
    #[arg(conflicts_with_all = ["time_zone", "unit", "columns", "controls"])]
    json: bool,

    #[command(flatten)]
    facts: Facts,

    /// The controls of the plate, a CSV with the columns material, level, lot, concentration, unit and well.
    #[arg(long, value_name = "FILE")]
    controls: Option<PathBuf>,

    #[command(flatten)]
    mode: Mode,

    #[command(flatten)]
    watch: WatchOptions,

    #[command(flatten)]
    import: FileOptions,

    #[command(flatten)]
    rejects: RejectsOption,

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

impl Mode {
    /// Whether rows that are refused keep no others back.
    fn takes_the_good(self) -> bool {
        self.partial || self.validate_only
    }

    pub(super) const fn new(validate_only: bool, partial: bool) -> Self {
        Self {
            validate_only,
            partial,
        }
    }
}

impl SubmitArguments {
    /// How a file is to be read, and the batches its rows go in.
    fn plan(&self) -> anyhow::Result<(ImportOptions, Batcher)> {
        let mapping = self.import.mapping()?;
        let facts = self.facts.clone().or(mapping.batch);
        // A row may name a tube and wait for its collection facts.
        let options = ImportOptions {
            may_wait: true,
            ..mapping.options
        };
        Ok((options, Batcher::new(&self.study.name(), &facts, self.mode)))
    }
}

pub(crate) fn run(arguments: &SubmitArguments) -> anyhow::Result<()> {
    service::run_client(submit(arguments))
}

/// A server that is started anew is waited for, about half a minute; then the file has to be sent again.
fn patient() -> RetryPolicy {
    RetryPolicy::default()
        .max_tries(12)
        .first_pause(Duration::from_millis(100))
}

async fn submit(arguments: &SubmitArguments) -> anyhow::Result<()> {
    match (&arguments.file, arguments.watch.folder()) {
        (Some(file), _) => submit_file(arguments, file).await,
        (None, Some(folder)) => watch::watch(arguments, folder).await,
        // The parser asks for one of them.
        (None, None) => Ok(()),
    }
}

async fn submit_file(arguments: &SubmitArguments, file: &Path) -> anyhow::Result<()> {
    arguments.rejects.check(file);
    let client = arguments.server.connect_with(patient()).await?;
    let parent = arguments.study.name();
    if arguments.json {
        return json::submit(&client, &parent, file, arguments.mode).await;
    }
    let (options, batcher) = arguments.plan()?;
    let controls = match &arguments.controls {
        Some(file) => controls::read(file)?,
        None => Vec::new(),
    };
    let batcher = batcher.with_controls(controls);
    let submission = Submission {
        parent: &parent,
        file,
        options,
        rejects: &arguments.rejects,
    };
    let report = submission.run(&client, batcher).await?;
    if report.has_refusals() {
        output::tell(report.refusals().trim_end());
    }
    answer::say(&report.summary(arguments.mode.validate_only))?;
    anyhow::ensure!(
        !report.has_refusals(),
        "{}: rows were refused; mend them and send the file again",
        file.display()
    );
    Ok(())
}

/// A file that was checked, and its good rows in batches as they are read.
pub(super) struct Opened {
    pub(super) batches: Receiver<Read>,
    /// Rows that can be sent.
    accepted: u64,
    /// With the rows that were refused.
    pub(super) report: Report,
    input: Arc<Input>,
}

/// A file, and what is to be done with it.
pub(super) struct Submission<'a> {
    /// The study, `studies/{study}`.
    pub(super) parent: &'a str,
    pub(super) file: &'a Path,
    pub(super) options: ImportOptions,
    pub(super) rejects: &'a RejectsOption,
}

impl Submission<'_> {
    /// Reads the file and sends it. The report says what became of every row.
    pub(super) async fn run(mut self, client: &Client, batcher: Batcher) -> anyhow::Result<Report> {
        let Opened {
            batches,
            accepted,
            report,
            input,
        } = self.open(client, batcher).await?;
        let sending = send::send(client, self.parent, batches, accepted, report);
        let report = Box::pin(sending).await?;
        if report.has_refusals() {
            self.write_rejects(&input, Some(&report))?;
        }
        let sent = report.answered();
        if sent != accepted {
            let file = self.file.to_owned();
            return Err(Unsent::Changed {
                file,
                accepted,
                sent,
            }
            .into());
        }
        Ok(report)
    }

    /// Checks the file and begins to read its rows. One bad row refuses the file, unless the good ones are to be taken.
    pub(super) async fn open(
        &mut self,
        client: &Client,
        batcher: Batcher,
    ) -> anyhow::Result<Opened> {
        let study = client.get_study(self.parent).await?;
        if self.options.time_zone.is_none() {
            self.options.time_zone = Some(TimeZone::get(&study.time_zone).with_context(|| {
                format!(
                    "the study's time zone {} is not known here; give --time-zone",
                    study.time_zone
                )
            })?);
        }
        let input = Arc::new(Input::open(self.file)?);
        let checked = self.check(&input, batcher.mode())?;
        let batches = reading::batches(Arc::clone(&input), self.options.clone(), batcher)?;
        Ok(Opened {
            batches,
            accepted: checked.accepted,
            report: Report::new(self.file, checked.refused, self.rejects.is_wanted()),
            input,
        })
    }

    /// The first reading, which may end it.
    fn check(&self, input: &Input, mode: Mode) -> anyhow::Result<Checked> {
        let checked = check::check(input, &self.options)?;
        output::tell(&checked.reading);
        for note in &checked.notes {
            output::tell(&format!("note: {note}"));
        }
        let file = self.file.to_owned();
        if checked.lacks_instants {
            return Err(Unsent::NoInstants { file }.into());
        }
        if !checked.refused.is_empty() && !mode.takes_the_good() {
            self.write_rejects(input, None)?;
            let refused = checked.refused;
            return Err(Unsent::Rows { file, refused }.into());
        }
        Ok(checked)
    }

    /// Writes what was refused so far, by the reader, for the service and, with a report, by it.
    fn write_rejects(&self, input: &Input, report: Option<&Report>) -> anyhow::Result<()> {
        self.rejects
            .write(input.path(), &self.options, |row| match Ready::of(row) {
                Err(refused) => Some(refused.reason()),
                Ok(ready) => report.and_then(|report| report.rejected(ready.line())),
            })
    }
}
