//! A reference from a table.

use std::path::PathBuf;

use clap::Args;
use diel_client::v1;
use diel_core::{LevelAtHours, Sex};

use super::{ServerOptions, StudyOption};
use crate::output;
use crate::reference_table::{self, ReferenceTable, StratumRow};
use crate::service::answer::say;

const EXAMPLES: &str = "\
Strata: min_age_years, max_age_years, sex, intercept_ln, slope_ln_per_h, car_ln, intercept_sd, slope_sd, correlation,
residual_sd. Levels: min_age_years, max_age_years, sex, hours_since_awakening, mean_ln, sd_ln, with --residual-sd; see
docs/methods.md for how they become strata. An empty sex is any, an empty max_age_years has no end. Persons in no stratum
are not judged.

Example:
  diel reference create norms.csv --study pilot --name city-norms --population 'adults of a city, 2019'";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CreateArguments {
    /// CSV with a header, one row a stratum or one row a level.
    table: PathBuf,

    #[command(flatten)]
    study: StudyOption,

    /// The reference's name in the study: 1 to 63 of a-z, 0-9 and -, beginning with a letter.
    #[arg(long, value_name = "NAME")]
    name: String,

    /// Whom it describes.
    #[arg(long, value_name = "TEXT")]
    population: String,

    /// How cortisol was measured in them.
    #[arg(long, value_name = "TEXT", default_value = "")]
    assay: String,

    /// Where the numbers come from.
    #[arg(long, value_name = "TEXT", default_value = "")]
    source: String,

    /// For levels: the standard deviation of a sample around its person's line, ln units.
    #[arg(long, value_name = "SD")]
    residual_sd: Option<f64>,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn create(arguments: &CreateArguments) -> anyhow::Result<()> {
    let (strata, levels) = match reference_table::read(&arguments.table)? {
        ReferenceTable::Strata(rows) => (rows.iter().map(stratum).collect(), Vec::new()),
        ReferenceTable::Levels(rows) => (Vec::new(), rows.iter().map(level).collect()),
    };
    let client = arguments.server.connect().await?;
    let request = v1::CreateReferenceRequest {
        parent: arguments.study.name(),
        reference_id: arguments.name.clone(),
        population: arguments.population.clone(),
        assay: arguments.assay.clone(),
        source: arguments.source.clone(),
        strata,
        levels,
        residual_sd: arguments.residual_sd,
        ..Default::default()
    };
    let created = client.create_reference(request).await?;
    for gap in &created.gaps {
        output::tell(&format!(
            "note: nobody of {gap} is judged: no stratum holds them"
        ));
    }
    say(&created.name)
}

fn sex(sex: Option<Sex>) -> i32 {
    match sex {
        None | Some(Sex::Unspecified) => v1::Sex::Unspecified,
        Some(Sex::Female) => v1::Sex::Female,
        Some(Sex::Male) => v1::Sex::Male,
        Some(Sex::Other) => v1::Sex::Other,
    }
    .into()
}

fn stratum(row: &StratumRow) -> v1::ReferenceStratum {
    v1::ReferenceStratum {
        min_age_years: row.min_age_years,
        max_age_years: row.max_age_years,
        sex: sex(row.sex),
        intercept_ln: row.model.intercept_ln,
        slope_ln_per_h: row.model.slope_ln_per_h,
        car_ln: row.model.car_ln,
        intercept_sd: row.model.intercept_sd,
        slope_sd: row.model.slope_sd,
        intercept_slope_correlation: row.model.correlation,
        residual_sd: row.model.residual_sd,
    }
}

fn level(row: &LevelAtHours) -> v1::LevelAtHours {
    v1::LevelAtHours {
        min_age_years: row.min_age_years,
        max_age_years: row.max_age_years,
        sex: sex(row.sex),
        hours_since_awakening: row.hours,
        mean_ln: row.mean_ln,
        sd_ln: row.sd_ln,
    }
}
