//! Which population a design is for.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use diel_client::v1;
use diel_core::{AgeYears, Person, Reference, Sex};

use crate::analyze;
use crate::preset;

/// What is simulated when nothing is said.
const DEFAULT_PRESET: &str = "adult-noisy";

/// Options that name a population model.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The population")]
pub(super) struct PopulationOptions {
    /// A built-in one: adult-noisy (which it is when nothing is said), adult-clean, adolescent, child, toddler or infant.
    #[arg(long, value_name = "NAME", group = "population")]
    preset: Option<String>,

    /// The reference of this table: strata by age and sex, or levels by hours since awakening.
    #[arg(long, value_name = "TABLE", group = "population")]
    reference_file: Option<PathBuf>,

    /// For levels: the standard deviation of a sample around its person's line, ln units.
    #[arg(long, value_name = "SD", requires = "reference_file")]
    residual_sd: Option<f64>,

    /// A reference that the service knows, such as studies/STUDY/references/NAME; the service then computes.
    #[arg(long, value_name = "NAME", group = "population")]
    reference: Option<String>,

    /// Of a reference with several strata: that of this age, years.
    #[arg(long, value_name = "YEARS")]
    age_years: Option<f64>,

    /// Of a reference with several strata: that of this sex.
    #[arg(long, value_enum, value_name = "SEX")]
    sex: Option<SexOption>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SexOption {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Neither of these.
    Other,
}

/// Where a population is known.
pub(super) enum Known {
    Here(Arc<Reference>),
    ByTheService(v1::Population),
}

impl PopulationOptions {
    pub(super) fn known(&self) -> anyhow::Result<Known> {
        let age = self
            .age_years
            .map(AgeYears::new)
            .transpose()
            .context("--age-years")?;
        if let Some(name) = &self.reference {
            return Ok(Known::ByTheService(v1::Population {
                model: Some(v1::population::Model::Reference(full_name(name))),
                age_years: self.age_years,
                sex: self.wire_sex().into(),
            }));
        }
        let Some(path) = &self.reference_file else {
            let name = self.preset.as_deref().unwrap_or(DEFAULT_PRESET);
            return Ok(Known::Here(Arc::clone(preset::find(name)?)));
        };
        let strata = analyze::reference_of_file(path, self.residual_sd)?;
        let person = Person {
            age,
            sex: self.core_sex(),
            ..Person::default()
        };
        let found = strata.only_or_holding(&person).map_err(|reason| {
            anyhow::anyhow!(
                "{}: choose a stratum with --age-years and --sex: {}",
                path.display(),
                reason.meaning()
            )
        })?;
        Ok(Known::Here(Arc::clone(found)))
    }

    const fn core_sex(&self) -> Sex {
        match self.sex {
            None => Sex::Unspecified,
            Some(SexOption::Female) => Sex::Female,
            Some(SexOption::Male) => Sex::Male,
            Some(SexOption::Other) => Sex::Other,
        }
    }

    const fn wire_sex(&self) -> v1::Sex {
        match self.sex {
            None => v1::Sex::Unspecified,
            Some(SexOption::Female) => v1::Sex::Female,
            Some(SexOption::Male) => v1::Sex::Male,
            Some(SexOption::Other) => v1::Sex::Other,
        }
    }
}

/// A reference's name as the service has it: `adult-noisy@1` is `references/adult-noisy@1`.
fn full_name(name: &str) -> String {
    if name.contains('/') {
        name.to_owned()
    } else {
        format!("references/{name}")
    }
}
