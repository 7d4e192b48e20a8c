//! The Levey-Jennings chart of a control.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use diel_client::v1;
use diel_core::Unit;
use diel_server::picture::{ControlChart, ControlReading, control_chart_svg, png};

use super::ServerOptions;
use crate::output;
use crate::service::instant;

/// The width of a PNG, in pixels.
const WIDTH: u32 = 1840;

#[derive(Debug, Args)]
pub(super) struct ChartArguments {
    /// The control: studies/STUDY/controls/NAME.
    control: String,

    /// Where to draw: FILE.svg or FILE.png.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// How many of the newest measurements to draw.
    #[arg(long, value_name = "N", default_value_t = 60)]
    runs: usize,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn chart(arguments: &ChartArguments) -> anyhow::Result<()> {
    let place = arguments.out.display();
    let ending = arguments.out.extension().and_then(|ending| ending.to_str());
    let is_png = match ending.unwrap_or_default().to_lowercase().as_str() {
        "svg" => false,
        "png" => true,
        _ => anyhow::bail!("{place}: the name must end in .svg or .png"),
    };
    let client = arguments.server.connect().await?;
    let control = client.get_control(&arguments.control).await?;
    let mut runs = client.list(v1::ListControlRunsRequest {
        parent: arguments.control.clone(),
        ..Default::default()
    });
    let mut readings = Vec::new();
    while let Some(run) = runs.next().await {
        if readings.len() == arguments.runs {
            break;
        }
        readings.extend(reading(&run?));
    }
    readings.reverse();
    let drawn = readings.len();
    let svg = control_chart_svg(&chart_of(&control, readings));
    let bytes = if is_png {
        png(&svg, WIDTH)?
    } else {
        svg.into_bytes()
    };
    fs::write(&arguments.out, bytes).with_context(|| format!("cannot write {place}"))?;
    output::tell(&format!("drew {drawn} measurements to {place}"));
    Ok(())
}

fn chart_of(control: &v1::Control, readings: Vec<ControlReading>) -> ControlChart {
    let unit = match control.unit() {
        v1::ConcentrationUnit::Unspecified | v1::ConcentrationUnit::NmolPerL => Unit::NmolPerL,
        v1::ConcentrationUnit::UgPerDl => Unit::UgPerDl,
        v1::ConcentrationUnit::NgPerMl => Unit::NgPerMl,
        v1::ConcentrationUnit::UgPerL => Unit::UgPerL,
    };
    let parts = [&control.material, &control.level, &control.lot];
    let parts: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    ControlChart {
        title: format!("{}, {}", control.lab, control.assay),
        control: parts.join(", "),
        target_nmol_per_l: Some((unit.nmol_per_l(control.mean), unit.nmol_per_l(control.sd))),
        readings,
    }
}

/// A measurement that has a score, as the chart shows it.
fn reading(run: &v1::ControlRun) -> Option<ControlReading> {
    let at = run.run_time.as_ref().and_then(instant::utc_text);
    Some(ControlReading {
        run: at.map_or_else(String::new, |at| at.chars().take(10).collect()),
        z: run.measurement.as_ref()?.z?,
        rules: run.violated_rules.clone(),
        rejected: run.violated_rules.iter().any(|rule| rule != "1_2s")
            && run.verdict() == v1::BatchVerdict::Fail,
    })
}
