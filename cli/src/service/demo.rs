//! `diel demo`: the whole way in one command, on simulated data.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use diel_client::{Client, v1};
use diel_server::{Running, Settings, SystemClock};

use super::stop::StopSignals;
use super::submit::{Batcher, Facts, Mode, Submission};
use super::{flags, name, rhythms};
use crate::output::{self, FLAG_NOTE, Format, Frame};
use crate::rejects::RejectsOption;
use crate::service;
use diel_import::ImportOptions;

/// Simulated persons, three days each, with known slopes.
const FIXTURE: &str = include_str!("../../../fixtures/study.csv");

/// The name of the demonstration study.
const STUDY: &str = "studies/demo";

const EXAMPLES: &str = "\
Everything lives in a temporary folder that is removed at the end.

Examples:
  diel demo           stays up until Ctrl-C, so that you can look around from another terminal
  diel demo --exit    shows the tables and stops";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DemoArguments {
    /// Stop once everything is shown.
    #[arg(long)]
    exit: bool,
}

pub(crate) fn run(arguments: &DemoArguments) -> anyhow::Result<()> {
    service::run_server(demo(arguments.exit))
}

async fn demo(exit: bool) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let signals = StopSignals::catch()?;
    let running = start(folder.path()).await?;
    let url = format!("http://{}", running.address());
    let shown = show(&url, folder.path()).await;
    if shown.is_ok() && !exit {
        output::tell(&where_to_look(&url, running.web_address()));
        signals.asked().await;
    }
    running.stop().await;
    shown
}

async fn start(folder: &Path) -> anyhow::Result<Running> {
    let settings = Settings {
        listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
        database: format!("sqlite://{}", folder.join("diel.db").display()),
        ..Settings::default()
    };
    Ok(Box::pin(diel_server::start(settings, Arc::new(SystemClock))).await?)
}

async fn show(url: &str, folder: &Path) -> anyhow::Result<()> {
    output::tell(&format!(
        "diel serves {url} with an empty database in a temporary folder.\nThe samples are simulated: no person gave them.\n"
    ));
    let client = Client::connect(url).await?;
    let study = v1::Study {
        display_name: "Demonstration (simulated data)".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        ..v1::Study::default()
    };
    let request = v1::CreateStudyRequest {
        study_id: name::id(STUDY).to_owned(),
        study: Some(study),
        ..Default::default()
    };
    client.create_study(request).await?;

    let file = folder.join("study.csv");
    fs::write(&file, FIXTURE)?;
    let submission = Submission {
        parent: STUDY,
        file: &file,
        options: ImportOptions::default(),
        rejects: &RejectsOption::default(),
    };
    let batcher = Batcher::new(STUDY, &facts(), Mode::default());
    let report = submission.run(&client, batcher).await?;
    output::tell(&format!("submitted study.csv: {}\n", report.counts(false)));
    anyhow::ensure!(!report.has_refusals(), "{}", report.refusals());

    show_rhythms(&client).await?;
    show_flags(&client).await
}

fn facts() -> Facts {
    let text = str::to_owned;
    Facts {
        lab: text("simulation"),
        assay: text("simulation"),
        kit: String::new(),
        plate: String::new(),
        run_date: String::new(),
        limit_of_detection: None,
    }
}

async fn show_rhythms(client: &Client) -> anyhow::Result<()> {
    let mut frame = Frame::new(rhythms::COLUMNS);
    let mut found = client.stream(v1::StreamRhythmsRequest {
        parent: STUDY.to_owned(),
        ..Default::default()
    });
    while let Some(rhythm) = found.next().await {
        rhythms::write(&mut frame, &rhythm?);
    }
    frame.note("Rhythms: one line a participant. Slopes are ln(nmol/L) per hour; P(flat) is the probability that");
    frame.note("the true slope is flatter than the threshold. What the reasons mean: diel codes");
    frame.note("");
    frame.print(Format::Table)
}

async fn show_flags(client: &Client) -> anyhow::Result<()> {
    let request = v1::ListFlagsRequest {
        parent: STUDY.to_owned(),
        ..Default::default()
    };
    let found = client.list(request).collect(usize::MAX).await?;
    let mut frame = Frame::new(flags::COLUMNS);
    for flag in &found {
        flags::write(&mut frame, flag);
    }
    frame.note(format!(
        "Flags: {} participants are put before a reviewer. Why:",
        found.len()
    ));
    for flag in &found {
        let why = flag.evidence.as_ref().map(flags::why).unwrap_or_default();
        let indented = why.replace('\n', "\n      ");
        frame.note(format!("  {}: {indented}", flag.participant));
    }
    frame.note(FLAG_NOTE);
    frame.print(Format::Table)
}

fn where_to_look(url: &str, console: Option<SocketAddr>) -> String {
    let in_the_browser = console.map_or_else(String::new, |address| {
        format!("\nLook here, in a browser: http://{address}/{STUDY}\n")
    });
    format!(
        "{in_the_browser}\nOr from another terminal:\n  \
         export DIEL_SERVER={url}\n  \
         diel rhythms --study demo --verdict FLAT_FOR_REVIEW\n  \
         diel profiles --study demo --limit 6\n  \
         diel flags --study demo\n  \
         diel flags resolve FLAG --decision more-data --reason \"two more days\"\n  \
         diel plot PARTICIPANT --study demo --out picture.svg\n\n\
         Ctrl-C stops the service and removes everything."
    )
}
