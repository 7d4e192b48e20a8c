//! `diel design power`: how often a study of two groups finds a difference of slopes, or how many persons it takes.

use std::ops::ControlFlow;

use anyhow::Context as _;
use clap::Args;
use diel_client::v1;
use diel_core::NmolPerL;
use diel_core::design::{Difference, Power, PowerPlan, PowerStudy, Target};

use super::population::{Known, PopulationOptions};
use crate::output::{Column, Frame, OutputOptions, Progress, Records};
use crate::schedule::Schedule;
use crate::service;
use crate::service::connect::ServerOptions;

const EXAMPLES: &str = "\
Each simulated study is fitted as a real one would be, log(cortisol) ~ hours * group + car + (hours | participant), and
hours:group is tested (Satterthwaite; with a limit of detection by maximum likelihood and the normal distribution, whose
tests of small studies find too much: look at the size). The same seed gives the same numbers, on however many cores.

Examples:
  diel design power --persons-per-group 40 --difference-sds 0.5
  diel design power --power 0.8 --difference-ln-per-h 0.03 --preset adult-clean --days 2 --schedule 0,0.5,4,9,15
  diel design power --persons-per-group 30 --difference-sds 0.8 --missing 0.1 --limit-of-detection 0.5 --size
  diel design power --power 0.9 --difference-sds 0.5 --ratio 2 --reference studies/pilot/references/adults";

/// The most persons in the first group that are looked for.
const MOST_PERSONS: u32 = 1_000;

const COLUMNS: &[Column] = &[
    Column::headed("simulated", "studies with"),
    Column::headed("first_group", "first\ngroup"),
    Column::headed("second_group", "second\ngroup"),
    Column::new("studies"),
    Column::unshown("difference_ln_per_h"),
    Column::headed("power", "share that\nfind one"),
    Column::headed("standard_error", "+-"),
    Column::headed("approximate_power", "by a\nt test"),
    Column::headed("approximate_first_group", "first group\nby a t test"),
    Column::headed("coverage", "95 % intervals\ncover"),
    Column::headed("mean_estimate_ln_per_h", "estimate\nln/h"),
    Column::headed("mean_se_ln_per_h", "SE\nln/h"),
    Column::unshown("singular"),
    Column::headed("not_fitted", "not\nfitted"),
];

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PowerArguments {
    /// Persons in the first group: how often do they find it?
    #[arg(
        long,
        value_name = "N",
        required_unless_present = "power",
        conflicts_with = "power"
    )]
    persons_per_group: Option<u32>,

    /// A power: how many persons reach it?
    #[arg(long, value_name = "P")]
    power: Option<f64>,

    /// How much flatter the second group's mean slope is, in ln(nmol/L) per hour; negative: steeper.
    #[arg(
        long,
        value_name = "X",
        allow_negative_numbers = true,
        required_unless_present = "difference_sds",
        conflicts_with = "difference_sds"
    )]
    difference_ln_per_h: Option<f64>,

    /// The same in standard deviations of the true slope between persons of a group.
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    difference_sds: Option<f64>,

    /// When samples are due, in hours since awakening.
    #[arg(long, value_name = "HOURS", default_value = "0,0.5,4,9,15")]
    schedule: Schedule,

    /// How many days each.
    #[arg(long, value_name = "D", default_value_t = 3)]
    days: u32,

    /// The chance of a sample to be missing.
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    missing: f64,

    /// Concentrations below this many nmol/L are only known to lie below.
    #[arg(long, value_name = "L", allow_negative_numbers = true)]
    limit_of_detection: Option<f64>,

    /// Persons of the second group for each of the first.
    #[arg(long, value_name = "R", default_value_t = 1.0)]
    ratio: f64,

    /// The level of the two-sided test.
    #[arg(long, value_name = "A", default_value_t = 0.05)]
    alpha: f64,

    /// Studies simulated.
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    studies: u32,

    /// Simulate studies without a difference too: how often do they find one?
    #[arg(long)]
    size: bool,

    /// The seed of the random numbers.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,

    #[command(flatten)]
    population: PopulationOptions,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    output: OutputOptions,
}

/// What came of it, here or in the service.
struct Answer {
    power: Option<Power>,
    size: Option<Power>,
    difference_ln_per_h: f64,
    approximate_power: Option<f64>,
    approximate_persons: Option<u32>,
}

pub(crate) fn run(arguments: &PowerArguments) -> anyhow::Result<()> {
    match arguments.population.known()? {
        Known::Here(reference) => {
            let plan = PowerPlan {
                reference,
                ..arguments.plan()?
            };
            let answer = arguments.simulate(&PowerStudy::new(plan)?)?;
            arguments.print(&answer)
        }
        Known::ByTheService(population) => service::run_client(arguments.ask(population)),
    }
}

impl PowerArguments {
    fn plan(&self) -> anyhow::Result<PowerPlan> {
        let limit_of_detection = self
            .limit_of_detection
            .map(NmolPerL::new)
            .transpose()
            .context("--limit-of-detection")?;
        Ok(PowerPlan {
            schedule_h: self.schedule.hours().to_vec(),
            days: self.days,
            missing: self.missing,
            limit_of_detection,
            difference: self.difference(),
            ratio: self.ratio,
            alpha: self.alpha,
            studies: self.studies,
            seed: self.seed,
            ..PowerPlan::default()
        })
    }

    fn difference(&self) -> Difference {
        match self.difference_sds {
            Some(sds) => Difference::Sds(sds),
            None => Difference::LnPerHour(self.difference_ln_per_h.unwrap_or_default()),
        }
    }

    fn simulate(&self, study: &PowerStudy) -> anyhow::Result<Answer> {
        let (power, approximate_persons) = match self.persons_per_group {
            Some(persons) => {
                let simulations = 1 + u64::from(self.size);
                let mut watched = Watched::of(Progress::new(
                    simulations * u64::from(self.studies),
                    "studies",
                ));
                let power = study.power(persons, &mut |done| watched.look(done))?;
                let size = self
                    .size
                    .then(|| study.size(persons, &mut |done| watched.look(done)))
                    .transpose()?;
                return Ok(Answer {
                    power: Some(power),
                    size,
                    difference_ln_per_h: study.difference_ln_per_h(),
                    approximate_power: study.approximate_power(persons).ok(),
                    approximate_persons: None,
                });
            }
            None => {
                let target = Target::new(self.power.unwrap_or_default()).context("--power")?;
                let mut watched = Watched::of(Progress::counting("studies"));
                let found = study.smallest(target, MOST_PERSONS, &mut |done| watched.look(done))?;
                (found.power, found.approximate_persons)
            }
        };
        let first = power.map(|power| power.persons[0]);
        let size = match first.filter(|_| self.size) {
            Some(persons) => {
                let mut watched = Watched::of(Progress::new(self.studies.into(), "studies"));
                Some(study.size(persons, &mut |done| watched.look(done))?)
            }
            None => None,
        };
        Ok(Answer {
            power,
            size,
            difference_ln_per_h: study.difference_ln_per_h(),
            approximate_power: first.and_then(|persons| study.approximate_power(persons).ok()),
            approximate_persons,
        })
    }

    async fn ask(&self, population: v1::Population) -> anyhow::Result<()> {
        use v1::estimate_power_request::{Difference as Asked, Extent};
        let persons = self.persons_per_group.map(i32::try_from).transpose()?;
        let request = v1::EstimatePowerRequest {
            population: Some(population),
            schedule_hours: self.schedule.hours().to_vec(),
            days: i32::try_from(self.days)?,
            missing_share: self.missing,
            limit_of_detection_nmol_per_l: self.limit_of_detection,
            difference: Some(match self.difference() {
                Difference::LnPerHour(slope) => Asked::DifferenceLnPerH(slope),
                Difference::Sds(sds) => Asked::DifferenceSds(sds),
            }),
            group_ratio: self.ratio,
            alpha: self.alpha,
            study_count: i32::try_from(self.studies)?,
            seed: i64::try_from(self.seed)?,
            extent: persons
                .map(Extent::PersonsPerGroup)
                .or(self.power.map(Extent::TargetPower)),
            with_size: self.size,
        };
        let client = self.server.connect().await?;
        let answer = client.estimate_power(request).await?;
        self.print(&Answer {
            power: answer.power.as_ref().map(from_service),
            size: answer.size.as_ref().map(from_service),
            difference_ln_per_h: answer.difference_ln_per_h,
            approximate_power: answer.approximate_power,
            approximate_persons: answer.approximate_persons_per_group.map(count),
        })
    }

    fn print(&self, answer: &Answer) -> anyhow::Result<()> {
        let Some(power) = &answer.power else {
            let by_t_test = answer
                .approximate_persons
                .map_or_else(String::new, |persons| {
                    format!("; a t test of the persons' slopes would take about {persons}")
                });
            anyhow::bail!(
                "no study that was looked at, of up to {MOST_PERSONS} persons in the first group, reaches a power of {}{by_t_test}",
                self.power.unwrap_or_default()
            );
        };
        let mut frame = Frame::new(COLUMNS);
        write(
            &mut frame,
            "the difference",
            power,
            answer,
            answer.difference_ln_per_h,
        );
        if let Some(size) = &answer.size {
            write(&mut frame, "no difference", size, answer, 0.0);
        }
        frame.note(format!(
            "The second group's mean slope is {} ln(nmol/L) per hour flatter; tests at {}, two-sided.",
            answer.difference_ln_per_h, self.alpha
        ));
        frame.print(self.output.format)
    }
}

fn write(frame: &mut Frame, simulated: &str, found: &Power, answer: &Answer, truth: f64) {
    let approximate = (truth != 0.0).then_some(()).and(answer.approximate_power);
    let [first, second] = found.persons;
    frame.text(simulated);
    frame.integer(first.into());
    frame.integer(second.into());
    frame.integer(found.studies.into());
    frame.number(truth);
    frame.number(found.power);
    frame.number(found.standard_error);
    frame.maybe(approximate);
    match answer.approximate_persons.filter(|_| truth != 0.0) {
        Some(persons) => frame.integer(persons.into()),
        None => frame.absent(),
    }
    frame.number(found.coverage);
    frame.number(found.mean_estimate_ln_per_h);
    frame.number(found.mean_se_ln_per_h);
    frame.integer(found.singular.into());
    frame.integer(found.not_fitted.into());
    frame.end_row();
}

fn from_service(message: &v1::SimulatedPower) -> Power {
    Power {
        persons: [
            count(message.first_group_count),
            count(message.second_group_count),
        ],
        studies: count(message.study_count),
        power: message.power,
        standard_error: message.standard_error,
        coverage: message.coverage,
        mean_estimate_ln_per_h: message.mean_estimate_ln_per_h,
        mean_se_ln_per_h: message.mean_se_ln_per_h,
        singular: count(message.singular_count),
        not_fitted: count(message.not_fitted_count),
    }
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// A bar over several simulations, each of which counts from 0.
struct Watched {
    progress: Progress,
    before: u64,
    now: u64,
}

impl Watched {
    const fn of(progress: Progress) -> Self {
        Self {
            progress,
            before: 0,
            now: 0,
        }
    }

    fn look(&mut self, done: u32) -> ControlFlow<()> {
        let done = u64::from(done);
        if done < self.now {
            self.before += self.now;
        }
        self.now = done;
        self.progress.set(self.before + done);
        ControlFlow::Continue(())
    }
}
