//! `diel simulate`: a cohort with known slopes, as a file that `analyze` and `submit` read.

mod samples;
mod setting;
mod truth;

use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use diel_core::NmolPerL;
use diel_core::simulate::{Cohort, Plan};

use self::samples::Subject;
use self::setting::SettingOptions;
use crate::output::{self, Destination, Format, Progress, RecordWriter};
use crate::preset;
use crate::schedule::Schedule;

const EXAMPLES: &str = "\
Participants are named SIM-0001, SIM-0002, ... so that nobody takes them for people. The same seed gives the same file.

Examples:
  diel simulate --out cohort.csv --truth truth.csv
  diel simulate --persons 500 --preset child --schedule 0,13 --flat-fraction 0.1 --out children.csv
  diel simulate --persons 20 --limit-of-detection 0.33 --missing 0.05 --out - | diel analyze -
  diel simulate --persons 4 --time-zone Europe/Berlin --start-date 2026-03-28 --out clocks.csv";

/// Persons that are made before their rows are written.
const PERSONS_A_BATCH: u32 = 1024;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SimulateArguments {
    /// How many persons.
    #[arg(long, value_name = "N", default_value_t = 100)]
    persons: u32,

    /// How many days each.
    #[arg(long, value_name = "D", default_value_t = 3)]
    days: u32,

    /// When samples are due, in hours since awakening.
    #[arg(long, value_name = "HOURS", default_value = "0,0.5,4,9,15")]
    schedule: Schedule,

    /// The population: adult-noisy, adult-clean, adolescent, child, toddler or infant.
    #[arg(long, value_name = "NAME", default_value = "adult-noisy")]
    preset: String,

    /// The share of persons drawn from the flattened population.
    #[arg(long, value_name = "F", default_value_t = 0.0)]
    flat_fraction: f64,

    /// The mean slope of the flattened population, in ln units an hour.
    #[arg(
        long,
        value_name = "X",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    flat_slope: f64,

    /// Concentrations below this many nmol/L are reported as `<L`.
    #[arg(long, value_name = "L", allow_negative_numbers = true)]
    limit_of_detection: Option<f64>,

    /// The chance of a sample to be missing.
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    missing: f64,

    /// The seed of the random numbers.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,

    /// Where the samples go; `-` is standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: Destination,

    /// Where the truth goes: participant, intercept_ln, slope_ln_per_h, flat.
    #[arg(long, value_name = "FILE")]
    truth: Option<Destination>,

    #[command(flatten)]
    setting: SettingOptions,
}

pub(crate) fn run(arguments: &SimulateArguments) -> anyhow::Result<()> {
    let cohort = Cohort::new(arguments.plan()?)?;
    // A day that the calendar or the clocks refuse is found before anything is written.
    let awakenings = (0..arguments.days)
        .map(|day| arguments.setting.awakening(day))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut out = arguments.out.open()?;
    let mut truth_out = arguments
        .truth
        .as_ref()
        .map(Destination::open)
        .transpose()?;
    out.write_all(RecordWriter::header(samples::COLUMNS, Format::Csv).as_bytes())?;
    if let Some(truth_out) = &mut truth_out {
        truth_out.write_all(RecordWriter::header(truth::COLUMNS, Format::Csv).as_bytes())?;
    }
    let mut progress = Progress::new(u64::from(arguments.persons), "persons");
    let mut first = 0;
    while first < arguments.persons {
        let next = arguments.persons.min(first.saturating_add(PERSONS_A_BATCH));
        let mut rows = RecordWriter::new(samples::COLUMNS, Format::Csv);
        let mut truths = RecordWriter::new(truth::COLUMNS, Format::Csv);
        for position in first..next {
            let person = cohort.person(position);
            let participant = arguments.setting.participant(position);
            let subject = Subject {
                participant: &participant,
                age_years: arguments.setting.age_years(position, arguments.persons),
                person: &person,
            };
            samples::write(&mut rows, &subject, &awakenings, arguments)?;
            truth::write(&mut truths, &participant, &person.truth);
        }
        out.write_all(&rows.into_bytes())?;
        if let Some(truth_out) = &mut truth_out {
            truth_out.write_all(&truths.into_bytes())?;
        }
        first = next;
        progress.set(u64::from(first));
    }
    out.flush()?;
    if arguments.out != Destination::StandardOutput {
        output::tell(&format!(
            "{} simulated persons, {} days each",
            arguments.persons, arguments.days
        ));
    }
    Ok(())
}

impl SimulateArguments {
    fn plan(&self) -> anyhow::Result<Plan> {
        let preset = preset::find(&self.preset)?;
        let limit_of_detection = self
            .limit_of_detection
            .map(NmolPerL::new)
            .transpose()
            .context("--limit-of-detection")?;
        Ok(Plan {
            persons: self.persons,
            days: self.days,
            schedule_h: self.schedule.hours().to_vec(),
            preset: Arc::clone(preset),
            flat_fraction: self.flat_fraction,
            flat_slope: self.flat_slope,
            limit_of_detection,
            missing: self.missing,
            seed: self.seed,
        })
    }
}
