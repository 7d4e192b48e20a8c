//! `diel design reliability`: how reliable each metric is after so many days.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;
use diel_client::v1;
use diel_core::design::{
    CohortDays, ObservedReliability, ReliabilityPlan, Target, modelled_reliability,
};
use diel_core::{Features, Policy, PolicyTerms, analyse_days};
use rayon::prelude::*;

use super::modelled::{self, Shown};
use super::observed;
use super::population::{Known, PopulationOptions};
use crate::analyze;
use crate::file_options::FileOptions;
use crate::output::{OutputOptions, Progress};
use crate::rejects::RejectsOption;
use crate::schedule::Schedule;
use crate::service;
use crate::service::connect::ServerOptions;

const EXAMPLES: &str = "\
Reliability is the share of a metric's variance that lies between persons: of one day, and of the mean of so many days.
Without a file and without a study it is that of a population model under a schedule. With one it is that of the valid
days, with a 95 % interval; who has one day says how persons differ, and nothing of their days.

Examples:
  diel design reliability --schedule 0,0.5,4,9,15 --days 3
  diel design reliability --preset child --schedule 0,13 --days 14 --every-day --format csv
  diel design reliability samples.csv --days 4 --target 0.7
  diel design reliability --study pilot --group control
  diel design reliability --reference studies/pilot/references/adults --schedule 0,14";

/// Participants of a file that are computed before the bar moves.
const PARTICIPANTS_A_BATCH: usize = 8192;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReliabilityArguments {
    /// Long CSV, one row a sample, whose valid days are looked at; `-` reads standard input.
    #[arg(conflicts_with_all = ["population", "study"])]
    file: Option<PathBuf>,

    /// A study in the service whose valid days are looked at.
    #[arg(long, value_name = "STUDY", conflicts_with = "population")]
    study: Option<String>,

    /// Of a study: only participants of this group. May be repeated: any of them.
    #[arg(long = "group", value_name = "GROUP", requires = "study")]
    groups: Vec<String>,

    /// Of a study: only participants of at least this age.
    #[arg(long, value_name = "YEARS", requires = "study")]
    min_age: Option<f64>,

    /// Of a study: only participants of at most this age.
    #[arg(long, value_name = "YEARS", requires = "study")]
    max_age: Option<f64>,

    /// Of a file: the awakening response lasts this many minutes (60).
    #[arg(long, value_name = "MINUTES", requires = "file")]
    car_window_min: Option<f64>,

    /// Of a file: go on with the good rows when some are refused.
    #[arg(long, requires = "file")]
    partial: bool,

    /// Of a model: when samples are due, in hours since awakening.
    #[arg(long, value_name = "HOURS", default_value = "0,0.5,4,9,15")]
    schedule: Schedule,

    /// How many days each.
    #[arg(long, value_name = "D", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,

    /// Of a model: a row for each number of days up to these.
    #[arg(long)]
    every_day: bool,

    /// The reliability to reach.
    #[arg(long, value_name = "R", default_value_t = 0.8)]
    target: f64,

    /// Of a model: persons simulated, 200 to 100,000.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    persons: u32,

    /// Of a model: the seed of the random numbers.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,

    #[command(flatten)]
    population: PopulationOptions,

    #[command(flatten)]
    import: FileOptions,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: &ReliabilityArguments) -> anyhow::Result<()> {
    let target = Target::new(arguments.target)?;
    if let Some(path) = &arguments.file {
        let shown = arguments.of_file(path, target)?;
        return arguments.print_observed(&shown);
    }
    if let Some(study) = &arguments.study {
        return service::run_client(arguments.of_study(study));
    }
    match arguments.population.known()? {
        Known::Here(reference) => {
            let plan = ReliabilityPlan {
                reference,
                schedule_h: arguments.schedule.hours().to_vec(),
                days: arguments.days,
                target,
                persons: arguments.persons,
                seed: arguments.seed,
            };
            let mut progress = Progress::new(plan.persons.into(), "simulated persons");
            let shown = modelled_reliability(&plan, &mut |done| {
                progress.set(done.into());
                ControlFlow::Continue(())
            })?;
            drop(progress);
            arguments.print_modelled(&shown, plan.reference.id())
        }
        Known::ByTheService(population) => service::run_client(arguments.of_model(population)),
    }
}

impl ReliabilityArguments {
    fn of_file(&self, path: &Path, target: Target) -> anyhow::Result<Vec<ObservedReliability>> {
        let policy = Policy::new(&PolicyTerms {
            car_window_min: self.car_window_min,
            ..PolicyTerms::default()
        })?;
        let samples = analyze::read(
            path,
            &self.import.import()?,
            self.partial,
            false,
            &RejectsOption::default(),
        )?;
        let people: Vec<_> = samples.by_participant().collect();
        let valid_days = |of_person: &&[_]| {
            let person = samples.person(of_person.first()?);
            let days = analyze::days(&samples, of_person, &policy);
            let days = days.into_iter().map(|labelled| labelled.day).collect();
            let profiles = analyse_days(&person, days, &policy).profiles;
            let valid = profiles.into_iter().filter(|profile| profile.valid);
            Some(valid.map(|profile| profile.features).collect())
        };
        let mut days = CohortDays::default();
        let mut progress = Progress::new(people.len() as u64, "participants");
        for (number, some) in (1..).zip(people.chunks(PARTICIPANTS_A_BATCH)) {
            let valid: Vec<Vec<Features>> = some.par_iter().filter_map(valid_days).collect();
            valid.iter().for_each(|of_person| days.add(of_person));
            progress.set((number * PARTICIPANTS_A_BATCH) as u64);
        }
        drop(progress);
        Ok(days.reliabilities(target))
    }

    async fn of_study(&self, study: &str) -> anyhow::Result<()> {
        let filter = v1::ProfileFilter {
            groups: self.groups.clone(),
            min_age_years: self.min_age,
            max_age_years: self.max_age,
            ..Default::default()
        };
        let days = v1::StudyDays {
            parent: service::name::study(study),
            filter: Some(filter),
        };
        let answer = self
            .ask(v1::estimate_reliability_request::Source::Study(days))
            .await?;
        let shown: anyhow::Result<Vec<_>> =
            answer.observed.iter().map(observed::from_service).collect();
        self.print_observed(&shown?)
    }

    async fn of_model(&self, population: v1::Population) -> anyhow::Result<()> {
        let named = match &population.model {
            Some(v1::population::Model::Reference(name)) => name.clone(),
            _ => String::new(),
        };
        let design = v1::ModelDesign {
            population: Some(population),
            schedule_hours: self.schedule.hours().to_vec(),
            days: i32::try_from(self.days)?,
            simulated_person_count: i32::try_from(self.persons)?,
            seed: i64::try_from(self.seed)?,
        };
        let answer = self
            .ask(v1::estimate_reliability_request::Source::Design(design))
            .await?;
        let shown: anyhow::Result<Vec<_>> =
            answer.modelled.iter().map(modelled::from_service).collect();
        self.print_modelled(&shown?, &named)
    }

    async fn ask(
        &self,
        source: v1::estimate_reliability_request::Source,
    ) -> anyhow::Result<v1::EstimateReliabilityResponse> {
        let client = self.server.connect().await?;
        let request = v1::EstimateReliabilityRequest {
            source: Some(source),
            target: self.target,
        };
        Ok(client.estimate_reliability(request).await?)
    }

    fn print_modelled(
        &self,
        shown: &[diel_core::design::ModelledReliability],
        reference: &str,
    ) -> anyhow::Result<()> {
        let notes = [
            format!("Under {reference}; days needed for {}.", self.target),
            "In closed form where there is one, with samples on time; simulated days stray from the schedule.".to_owned(),
            "A population model has one awakening response for everybody: of its rise a cohort's days tell more.".to_owned(),
        ];
        let days = Shown {
            days: self.days,
            every_day: self.every_day,
        };
        modelled::print(shown, days, notes, self.output.format)
    }

    fn print_observed(&self, shown: &[ObservedReliability]) -> anyhow::Result<()> {
        let notes = [
            format!(
                "Of valid days; days needed for {}, at best and at worst by the ends of the interval.",
                self.target
            ),
            "Intervals hold for normal metrics: those of levels and areas in nmol/L are rough."
                .to_owned(),
        ];
        observed::print(shown, self.days, notes, self.output.format)
    }
}
