//! A fit becomes a reference.

use clap::Args;
use diel_client::v1;

use super::{FitName, ServerOptions};
use crate::service::answer::say;

const EXAMPLES: &str = "\
A reference is a model of log(cortisol) ~ hours + (hours | participant), with car or without. It never changes: another
one of the same name is its next version. A study is judged against it when its policy names it, or names `own` and the
reference rests on enough persons.

Example:
  diel cohort freeze 01a2... --study pilot --reference adults --population 'healthy adults of the pilot' --assay CLIA";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct FreezeArguments {
    #[command(flatten)]
    fit: FitName,

    /// The reference's name in the study: 1 to 63 of a-z, 0-9 and -, beginning with a letter.
    #[arg(long, value_name = "NAME")]
    reference: String,

    /// Whom it describes.
    #[arg(long, value_name = "TEXT")]
    population: String,

    /// How cortisol was measured in them.
    #[arg(long, value_name = "TEXT", default_value = "")]
    assay: String,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn freeze(arguments: &FreezeArguments) -> anyhow::Result<()> {
    let name = arguments.fit.name()?;
    let client = arguments.server.connect().await?;
    let request = v1::FreezeFitRequest {
        name,
        reference_id: arguments.reference.clone(),
        population: arguments.population.clone(),
        assay: arguments.assay.clone(),
        ..Default::default()
    };
    let frozen = client.freeze_fit(request).await?;
    say(&frozen.reference.unwrap_or_default().name)?;
    match frozen.job {
        Some(job) => say(&format!(
            "the study is judged against it from now on; {} judges everybody again",
            job.name
        )),
        None => Ok(()),
    }
}
