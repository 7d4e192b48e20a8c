//! Asking for a fit, and waiting for it.

use clap::{Args, ValueEnum};
use diel_client::v1;

use super::{ServerOptions, StudyOption, answer};
use crate::output::Progress;
use crate::service::answer::say;

const EXAMPLES: &str = "\
The formula is in lme4's notation, on the columns participant, day, hours, car, cortisol (nmol/L), valid_day, group,
sex, age_years and weekend. What is to be frozen as a reference is log(cortisol) ~ hours + car + (hours | participant),
best on --judged-days.

Examples:
  diel cohort start --study pilot --formula 'log(cortisol) ~ hours + car + (hours | participant)' --wait
  diel cohort start --study pilot --formula 'log(cortisol) ~ hours * sex + (hours | participant)' --ml --group controls";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StartArguments {
    #[command(flatten)]
    study: StudyOption,

    /// The model, in lme4's notation.
    #[arg(long, value_name = "F")]
    formula: String,

    /// Maximise the likelihood and not the restricted likelihood.
    #[arg(long)]
    ml: bool,

    /// Only the persons of this group.
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,

    /// Only the persons of this sex.
    #[arg(long, value_enum, value_name = "SEX")]
    sex: Option<SexChoice>,

    /// Only persons of at least this age, in years.
    #[arg(long, value_name = "YEARS")]
    min_age: Option<f64>,

    /// Only persons below this age, in years.
    #[arg(long, value_name = "YEARS")]
    max_age: Option<f64>,

    /// Only valid days of persons without conditions, which are what rhythms are judged on.
    #[arg(long)]
    judged_days: bool,

    /// Wait for the fit and show it as `show` does.
    #[arg(long)]
    wait: bool,

    #[command(flatten)]
    output: answer::FitOutput,

    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SexChoice {
    Female,
    Male,
    Other,
}

pub(super) async fn start(arguments: &StartArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let request = v1::StartFitRequest {
        parent: arguments.study.name(),
        fit: Some(arguments.fit()),
        ..Default::default()
    };
    let started = client.start_fit(request).await?;
    if !arguments.wait {
        return say(&started.name);
    }
    let participants = u64::try_from(started.total_count).unwrap_or(0);
    let mut progress = Progress::new(participants, "participants");
    let ended = client
        .wait_for_fit(&started.name, |fit| {
            progress.set(u64::try_from(fit.done_count).unwrap_or(0));
        })
        .await?;
    drop(progress);
    arguments.output.print(&ended)?;
    if ended.state() == v1::FitState::Succeeded {
        Ok(())
    } else {
        anyhow::bail!("{}: {}", ended.name, answer::ending(&ended))
    }
}

impl StartArguments {
    fn fit(&self) -> v1::Fit {
        let criterion = if self.ml {
            v1::FitCriterion::Ml
        } else {
            v1::FitCriterion::Reml
        };
        let sex = match self.sex {
            None => v1::Sex::Unspecified,
            Some(SexChoice::Female) => v1::Sex::Female,
            Some(SexChoice::Male) => v1::Sex::Male,
            Some(SexChoice::Other) => v1::Sex::Other,
        };
        v1::Fit {
            formula: self.formula.clone(),
            criterion: criterion.into(),
            group: self.group.clone().unwrap_or_default(),
            sex: sex.into(),
            min_age_years: self.min_age,
            max_age_years: self.max_age,
            judged_days_only: self.judged_days,
            ..Default::default()
        }
    }
}
