//! `diel register`: a sampling log into a study: whose which tube is, when it was filled, when the person woke.

mod message;
mod report;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use diel_client::v1;
use diel_core::TimeSource;
use diel_import::{LogOptions, parse_zone};
use jiff::tz::TimeZone;

use super::answer;
use super::connect::ServerOptions;
use super::name::StudyOption;
use crate::output;
use crate::service;
use report::Report;

const EXAMPLES: &str = "\
What a log is, is seen from the file:
  a table of tubes     specimen, participant, collected_at (or date and time), and label, awakening_at, source,
                       awakening_source, conditions where there are; a row without specimen and time but with
                       awakening_at states an awakening
  openings of caps     cap, opened_at; --caps MAP.csv says whose they are: cap, specimen, participant, label, date
  the CARWatch app     its log, a zip archive or a folder of logs
  the Study Manager    its export, with sampling_time_D1_..., sample_barcode_D1_..., awakening_time_D1_app

The log may come before or after the results of its tubes. Sent again, it stores nothing twice. What should be looked
at is said: a tube scanned twice, a scan without an awakening, a tube of another day, a phone in another time zone. A
day on which the phone's clock went back is refused, for nobody knows which of its times are right.

Examples:
  diel register diary.csv --study pilot --source self-report --validate-only
  diel register carwatch_pilot_vp01_20260301.zip --study pilot --participant VP01
  diel register openings.csv --study pilot --caps caps.csv";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RegisterArguments {
    /// The log: a file, a zip archive or a folder; `-` reads standard input.
    file: PathBuf,

    #[command(flatten)]
    study: StudyOption,

    /// Check everything and store nothing.
    #[arg(long)]
    validate_only: bool,

    /// Store the good rows when others are refused.
    #[arg(long)]
    partial: bool,

    #[command(flatten)]
    log: LogFileOptions,

    #[command(flatten)]
    server: ServerOptions,
}

/// What the log does not say itself.
#[derive(Debug, Args)]
#[command(next_help_heading = "How the log is read")]
struct LogFileOptions {
    /// The IANA time zone of times without an offset, such as Europe/Berlin; the study's when not given.
    #[arg(long, value_name = "ZONE", value_parser = parse_zone)]
    time_zone: Option<TimeZone>,

    /// Whose log it is, where neither the log nor its name says so, or says it in other letters.
    #[arg(long, value_name = "CODE")]
    participant: Option<String>,

    /// How the times of a table are known, where it has no column source. Caps and apps are electronic.
    #[arg(long, value_enum, value_name = "SOURCE")]
    source: Option<SourceChoice>,

    /// Which cap stands on whose tube.
    #[arg(long, value_name = "MAP.csv")]
    caps: Option<PathBuf>,
}

/// How a time is known.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum SourceChoice {
    /// Written down by the participant or a parent.
    SelfReport,
    /// An electronic cap, a bar code scanned or an app.
    Electronic,
    /// Actigraphy or polysomnography.
    Actigraphy,
}

impl SourceChoice {
    const fn source(self) -> TimeSource {
        match self {
            Self::SelfReport => TimeSource::SelfReport,
            Self::Electronic => TimeSource::Electronic,
            Self::Actigraphy => TimeSource::Actigraphy,
        }
    }
}

pub(crate) fn run(arguments: &RegisterArguments) -> anyhow::Result<()> {
    service::run_client(register(arguments))
}

async fn register(arguments: &RegisterArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let parent = arguments.study.name();
    let options = arguments.log.options(&client.get_study(&parent).await?)?;
    let mut log = diel_import::read_log(&arguments.file, &options)?;
    let mut report = Report::of(&arguments.file, &mut log);
    output::tell(&report.reading());
    anyhow::ensure!(
        report.is_clean() || arguments.partial || arguments.validate_only,
        "{}nothing was sent; mend these rows, or send the others with --partial",
        report.refusals()
    );
    for (request, places) in message::requests(&parent, &log) {
        let request = v1::RegisterSpecimensRequest {
            validate_only: arguments.validate_only,
            allow_partial: arguments.partial,
            ..request
        };
        match client.register_specimens(request).await {
            Err(error) if error.refusal().is_none() => return Err(error.into()),
            outcome => report.add(&places, outcome),
        }
    }
    if !report.is_clean() {
        output::tell(report.refusals().trim_end());
    }
    answer::say(&report.summary(arguments.validate_only))?;
    anyhow::ensure!(
        report.is_clean(),
        "{}: rows were refused; mend them and send the log again, nothing is stored twice",
        arguments.file.display()
    );
    Ok(())
}

impl LogFileOptions {
    fn options(&self, study: &v1::Study) -> anyhow::Result<LogOptions> {
        let time_zone = match &self.time_zone {
            Some(zone) => zone.clone(),
            None => TimeZone::get(&study.time_zone).with_context(|| {
                format!(
                    "the study's time zone {} is not known here; give --time-zone",
                    study.time_zone
                )
            })?,
        };
        Ok(LogOptions {
            time_zone: Some(time_zone),
            participant: self.participant.clone(),
            source: self.source.map(SourceChoice::source),
            caps: self.caps.clone(),
        })
    }
}
