//! `diel plot`: the picture of one participant.

mod day;
mod judging;
mod picture;

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::connect::ServerOptions;
use super::name::StudyOption;
use crate::output;
use crate::service;

const EXAMPLES: &str = "\
The picture shows every sample, the person's curve with its 95 % band, the reference's 10th, 50th and 90th percentile,
and the posterior of the slope beside the threshold it is judged against.

Examples:
  diel plot P-017 --study pilot --out P-017.svg
  diel plot P-017 --study pilot --out P-017.png --width 1840";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PlotArguments {
    /// The participant's code.
    participant: String,

    #[command(flatten)]
    study: StudyOption,

    /// Where to draw: FILE.svg or FILE.png.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// The width of a PNG in pixels.
    #[arg(long, value_name = "PX", default_value_t = 1840)]
    width: u32,

    #[command(flatten)]
    server: ServerOptions,
}

pub(crate) fn run(arguments: &PlotArguments) -> anyhow::Result<()> {
    service::run_client(plot(arguments))
}

async fn plot(arguments: &PlotArguments) -> anyhow::Result<()> {
    let place = arguments.out.display();
    let ending = arguments
        .out
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    let is_png = match ending.to_lowercase().as_str() {
        "svg" => false,
        "png" => true,
        _ => anyhow::bail!("{place}: the name must end in .svg or .png"),
    };
    let client = arguments.server.connect().await?;
    let picture = picture::fetch(&client, &arguments.study.name(), &arguments.participant).await?;
    let svg = diel_server::picture::profile_svg(&picture);
    let bytes = if is_png {
        diel_server::picture::png(&svg, arguments.width)?
    } else {
        svg.into_bytes()
    };
    fs::write(&arguments.out, bytes).with_context(|| format!("cannot write {place}"))?;
    output::tell(&format!(
        "drew {} days to {place}. {}",
        picture.days.len(),
        output::FLAG_NOTE
    ));
    Ok(())
}
