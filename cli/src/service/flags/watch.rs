//! Flags as they come.

use std::io::Write as _;

use clap::{Args, ValueEnum};
use diel_client::v1;
use diel_server::table::flags::{decision_text, plain};

use super::{ServerOptions, StateChoice};
use crate::output::{Column, Format, RecordWriter, Records, tell};
use crate::service::answer::text_or_nothing;
use crate::service::stop::StopSignals;
use crate::service::{instant, name};

const EXAMPLES: &str = "\
A broken connection is opened again where it broke, and a service that restarts is waited for: each step is printed once,
in the order in which the steps were committed. Every row of csv and jsonl has the token behind it, for --since.

Examples:
  diel flags watch --study pilot
  diel flags watch --study pilot --present --state open
  diel flags watch --study pilot --format jsonl --since TOKEN | ./notify";

const COLUMNS: &[Column] = &[
    Column::new("at"),
    Column::new("kind"),
    Column::new("participant"),
    Column::new("group"),
    Column::new("state"),
    Column::new("present"),
    Column::new("actor"),
    Column::new("decision"),
    Column::new("reason"),
    Column::new("probability_flat"),
    Column::new("posterior_slope_ln_per_h"),
    Column::new("threshold_ln_per_h"),
    Column::new("valid_day_count"),
    Column::new("flag"),
    Column::new("event"),
    Column::new("resume_token"),
];

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct WatchArguments {
    /// The study, such as pilot.
    #[arg(long, value_name = "STUDY")]
    study: String,

    /// Go on behind the row that had this token.
    #[arg(long, value_name = "TOKEN", conflicts_with = "present")]
    since: Option<String>,

    /// Begin with the flags as they stand.
    #[arg(long)]
    present: bool,

    /// Only steps that leave the flag in this state. May be repeated: any of them.
    #[arg(long = "state", value_enum, value_name = "STATE")]
    states: Vec<StateChoice>,

    /// Only this participant's.
    #[arg(long, value_name = "CODE")]
    participant: Option<String>,

    /// Only participants of this group. May be repeated: any of them.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,

    /// Only steps on evidence of at least this probability.
    #[arg(long, value_name = "P")]
    min_probability: Option<f64>,

    /// Stop after this many changes.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// How to print the changes.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: WatchFormat,

    #[command(flatten)]
    server: ServerOptions,
}

/// How changes are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum WatchFormat {
    /// A line for people.
    #[default]
    Text,
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl WatchFormat {
    /// The format of rows; `None` for people.
    const fn of_rows(self) -> Option<Format> {
        match self {
            Self::Text => None,
            Self::Csv => Some(Format::Csv),
            Self::Jsonl => Some(Format::Jsonl),
        }
    }
}

pub(super) async fn watch(arguments: &WatchArguments) -> anyhow::Result<()> {
    let signals = StopSignals::catch()?;
    let client = arguments.server.connect().await?;
    let mut flags = client.watch_flags(v1::WatchFlagsRequest {
        parent: name::study(&arguments.study),
        filter: Some(v1::FlagFilter {
            states: arguments
                .states
                .iter()
                .map(|state| state.message().into())
                .collect(),
            participant: arguments.participant.clone().unwrap_or_default(),
            groups: arguments.groups.clone(),
            min_probability: arguments.min_probability,
            ..Default::default()
        }),
        resume_token: arguments.since.clone().unwrap_or_default(),
        include_present: arguments.present,
    });
    if let Some(format) = arguments.format.of_rows() {
        print(RecordWriter::header(COLUMNS, format).as_bytes())?;
    }
    let mut left = arguments.limit.unwrap_or(usize::MAX);
    let stopped = signals.asked();
    tokio::pin!(stopped);
    while left > 0 {
        let change = tokio::select! {
            () = &mut stopped => break,
            change = flags.next() => change?,
        };
        print(&row(arguments.format, &change))?;
        left -= 1;
    }
    if !flags.resume_token().is_empty() {
        tell(&format!("go on with --since {}", flags.resume_token()));
    }
    Ok(())
}

fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(())
}

fn row(format: WatchFormat, change: &v1::FlagChange) -> Vec<u8> {
    let event = change.event.clone().unwrap_or_default();
    match format.of_rows() {
        None => line(change, &event).into_bytes(),
        Some(format) => {
            let mut records = RecordWriter::continuing(COLUMNS, format);
            write(&mut records, change, &event);
            records.into_bytes()
        }
    }
}

fn when(event: &v1::FlagEvent) -> String {
    let at = event.create_time.as_ref().and_then(instant::utc_text);
    at.unwrap_or_default()
}

fn kind(event: &v1::FlagEvent) -> String {
    plain(event.kind().as_str_name(), "FLAG_EVENT_KIND_")
}

fn state(change: &v1::FlagChange) -> String {
    plain(change.state().as_str_name(), "FLAG_STATE_")
}

/// A line for people.
fn line(change: &v1::FlagChange, event: &v1::FlagEvent) -> String {
    let probability = event
        .evidence
        .as_ref()
        .map_or(0.0, |evidence| evidence.probability_flat);
    let decision = decision_text(event.decision());
    let decided = if decision.is_empty() {
        String::new()
    } else {
        format!(" as {decision}")
    };
    let word = if change.present { "stands, " } else { "" };
    let text = format!(
        "{}  {}  {word}{}{decided} by {}, now {}: P(flat) {probability:.3}, {}  {}",
        when(event),
        change.participant,
        kind(event),
        event.actor,
        state(change),
        event.reason,
        change.flag
    );
    // Text from a service must not steer the terminal.
    let printable = text.replace(|character: char| character.is_control(), "\u{fffd}");
    printable + "\n"
}

fn write(records: &mut dyn Records, change: &v1::FlagChange, event: &v1::FlagEvent) {
    records.text(&when(event));
    records.text(&kind(event));
    records.text(&change.participant);
    text_or_nothing(records, &change.group);
    records.text(&state(change));
    records.flag(change.present);
    records.text(&event.actor);
    text_or_nothing(records, &decision_text(event.decision()));
    text_or_nothing(records, &event.reason);
    match &event.evidence {
        Some(evidence) => {
            records.number(evidence.probability_flat);
            records.number(evidence.posterior_slope_ln_per_h);
            records.number(evidence.threshold_ln_per_h);
            records.integer(evidence.valid_day_count.into());
        }
        None => (0..4).for_each(|_| records.absent()),
    }
    records.text(&change.flag);
    records.integer(event.sequence);
    records.text(&change.resume_token);
    records.end_row();
}
