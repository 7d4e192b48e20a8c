//! Controls and what they should measure.

use clap::{Args, Subcommand};
use diel_client::v1;
use diel_core::Unit;

use super::{ServerOptions, StudyOption};
use crate::output::{Column, OutputOptions, Records};
use crate::service;
use crate::service::answer::{Answer, say, text_or_nothing};
use crate::service::submit::unit_message;

const COLUMNS: &[Column] = &[
    Column::headed("name", "control"),
    Column::new("lab"),
    Column::new("assay"),
    Column::new("material"),
    Column::new("level"),
    Column::new("lot"),
    Column::new("mean"),
    Column::headed("sd", "SD"),
    Column::new("unit"),
    Column::headed("run_count", "runs"),
    Column::new("version"),
    Column::new("source"),
];

#[derive(Debug, Args)]
pub(super) struct ControlArguments {
    #[command(subcommand)]
    command: ControlCommand,
}

#[derive(Debug, Subcommand)]
enum ControlCommand {
    /// List a study's controls.
    List(ListArguments),
    /// Show a control with its newest target, or with an earlier one.
    Show(ShowArguments),
    /// Create a control with its target; stored batches are assessed again.
    Create(CreateArguments),
    /// Put a new target in force; stored batches are assessed again.
    Update(UpdateArguments),
}

#[derive(Debug, Args)]
struct ListArguments {
    #[command(flatten)]
    study: StudyOption,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Debug, Args)]
struct ShowArguments {
    /// The control: studies/STUDY/controls/NAME, with @VERSION or, without, the newest.
    name: String,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

/// What a control should measure.
#[derive(Debug, Args)]
struct Target {
    /// The mean that is expected.
    #[arg(long, value_name = "X")]
    mean: f64,

    /// The standard deviation between runs that is expected.
    #[arg(long, value_name = "X")]
    sd: f64,

    /// The unit of both: nmol/L, ug/dL, ng/mL or ug/L.
    #[arg(long, value_name = "UNIT", value_parser = diel_import::parse_unit)]
    unit: Unit,

    /// How many runs they were established from.
    #[arg(long, value_name = "N")]
    runs: Option<i32>,

    /// Where they come from, such as the kit's certificate.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    source: String,
}

impl Target {
    fn put_on(&self, control: v1::Control) -> v1::Control {
        v1::Control {
            mean: self.mean,
            sd: self.sd,
            unit: unit_message(self.unit).into(),
            run_count: self.runs,
            source: self.source.clone(),
            ..control
        }
    }
}

#[derive(Debug, Args)]
struct CreateArguments {
    /// What the control is to be called, such as pool-low.
    id: String,

    #[command(flatten)]
    study: StudyOption,

    /// The laboratory, as its batches state it.
    #[arg(long, value_name = "TEXT")]
    lab: String,

    /// The assay, as its batches state it.
    #[arg(long, value_name = "TEXT")]
    assay: String,

    /// The material, as the controls of batches state it.
    #[arg(long, value_name = "TEXT")]
    material: String,

    /// Its level.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    level: String,

    /// Its lot.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    lot: String,

    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Args)]
struct UpdateArguments {
    /// The control: studies/STUDY/controls/NAME.
    name: String,

    #[command(flatten)]
    target: Target,

    /// Why, for those who read the audit trail.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    reason: String,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) fn run(arguments: &ControlArguments) -> anyhow::Result<()> {
    match &arguments.command {
        ControlCommand::List(arguments) => service::run_client(list(arguments)),
        ControlCommand::Show(arguments) => service::run_client(show(arguments)),
        ControlCommand::Create(arguments) => service::run_client(create(arguments)),
        ControlCommand::Update(arguments) => service::run_client(update(arguments)),
    }
}

async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let mut rows = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut controls = client.list(v1::ListControlsRequest {
        parent: arguments.study.name(),
        ..Default::default()
    });
    while let Some(control) = controls.next().await {
        let control = control?;
        rows.row(|records| row(records, &control))?;
    }
    rows.end(None)
}

async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let control = client.get_control(&arguments.name).await?;
    let mut rows = Answer::begin(COLUMNS, arguments.output.format)?;
    rows.row(|records| row(records, &control))?;
    rows.end(None)
}

async fn create(arguments: &CreateArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let control = v1::Control {
        lab: arguments.lab.clone(),
        assay: arguments.assay.clone(),
        material: arguments.material.clone(),
        level: arguments.level.clone(),
        lot: arguments.lot.clone(),
        ..v1::Control::default()
    };
    let request = v1::CreateControlRequest {
        parent: arguments.study.name(),
        control_id: arguments.id.clone(),
        control: Some(arguments.target.put_on(control)),
        ..Default::default()
    };
    let made = client.create_control(request).await?;
    say(&format!(
        "{} is in force; stored batches are assessed again",
        made.name
    ))
}

async fn update(arguments: &UpdateArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let control = client.get_control(&arguments.name).await?;
    let request = v1::UpdateControlRequest {
        control: Some(arguments.target.put_on(control)),
        reason: arguments.reason.clone(),
        ..Default::default()
    };
    let made = client.update_control(request).await?;
    say(&format!(
        "{}@{} is in force; stored batches are assessed again",
        made.name, made.version
    ))
}

fn row(records: &mut dyn Records, control: &v1::Control) {
    records.text(&control.name);
    for text in [
        &control.lab,
        &control.assay,
        &control.material,
        &control.level,
        &control.lot,
    ] {
        text_or_nothing(records, text);
    }
    records.number(control.mean);
    records.number(control.sd);
    text_or_nothing(records, unit_word(control.unit()));
    match control.run_count {
        Some(count) => records.integer(count.into()),
        None => records.absent(),
    }
    records.integer(control.version);
    text_or_nothing(records, &control.source);
    records.end_row();
}

const fn unit_word(unit: v1::ConcentrationUnit) -> &'static str {
    match unit {
        v1::ConcentrationUnit::Unspecified => "",
        v1::ConcentrationUnit::NmolPerL => Unit::NmolPerL.ucum(),
        v1::ConcentrationUnit::UgPerDl => Unit::UgPerDl.ucum(),
        v1::ConcentrationUnit::NgPerMl => Unit::NgPerMl.ucum(),
        v1::ConcentrationUnit::UgPerL => Unit::UgPerL.ucum(),
    }
}
