//! Linear mixed models: the time of a fit, how it grows, and the same cohort that the peers fit.
//!
//! `cargo bench -p diel-benches --bench mixed` simulates cohorts, checks that the fits find the simulated truth, and
//! times them: persons doubled, samples a person doubled.
//! `... -- COHORT.csv SIZE [MODELS]` fits a cohort of the peers' generator, one line of JSON a task, as they print them:
//! model 2 is (hours | subject), 3 adds (1 | subject:day), 3s adds (hours | subject:day). `peers/mixed.py` calls it.
#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::collections::HashMap;
use std::fs;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use diel_core::mixed::{
    Column, Design, DesignParts, FitSettings, Grouping, MixedFit, RandomTerm, conditional_modes,
    fit,
};
use diel_core::simulate::{Cohort, Plan};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match arguments.as_slice() {
        [] => scaling(),
        [path, size] => peers_cohort(path, size, "2,3,3s"),
        [path, size, models, ..] => peers_cohort(path, size, models),
        [_] => anyhow::bail!("COHORT.csv SIZE [MODELS]"),
    }
}

/// ln C, hours, awakening response, person, day of all samples.
#[derive(Default)]
struct Samples {
    ln: Vec<f64>,
    hours: Vec<f64>,
    car: Vec<f64>,
    person: Codes,
    day: Codes,
}

#[derive(Default)]
struct Codes {
    codes: Vec<u32>,
    levels: Vec<String>,
    known: HashMap<String, u32>,
}

impl Codes {
    fn push(&mut self, level: String) -> Result<()> {
        let next = u32::try_from(self.levels.len())?;
        let code = *self.known.entry(level.clone()).or_insert(next);
        if code == next {
            self.levels.push(level);
        }
        self.codes.push(code);
        Ok(())
    }

    fn grouping(self, name: &str) -> Grouping {
        Grouping {
            name: name.to_owned(),
            codes: self.codes.into(),
            levels: self.levels.into(),
        }
    }
}

/// The designs of the models 2, 3 and 3s share their columns.
struct Prepared {
    ln: Vec<f64>,
    columns: [Column; 3],
    groupings: Vec<Grouping>,
}

impl Prepared {
    fn of(samples: Samples) -> Self {
        let column = |name: &str, values: Vec<f64>| Column {
            name: name.to_owned(),
            values: values.into(),
        };
        Self {
            columns: [
                column("(Intercept)", vec![1.0; samples.ln.len()]),
                column("hours", samples.hours),
                column("car", samples.car),
            ],
            groupings: vec![
                samples.person.grouping("subject"),
                samples.day.grouping("subject:day"),
            ],
            ln: samples.ln,
        }
    }

    fn parts(&self, model: &str) -> Result<DesignParts> {
        let [one, hours, _] = &self.columns;
        let term = |grouping: usize, columns: &[&Column]| RandomTerm {
            grouping,
            columns: columns.iter().map(|column| (*column).clone()).collect(),
        };
        let mut random = vec![term(0, &[one, hours])];
        match model {
            "2" => {}
            "3" => random.push(term(1, &[one])),
            "3s" => random.push(term(1, &[one, hours])),
            other => anyhow::bail!("{other} is not one of the models 2, 3, 3s"),
        }
        Ok(DesignParts {
            response_name: "ln C".to_owned(),
            response: self.ln.clone(),
            fixed: self.columns.to_vec(),
            groupings: self.groupings.clone(),
            random,
            ..DesignParts::default()
        })
    }
}

fn peers_cohort(path: &str, size: &str, models: &str) -> Result<()> {
    let samples = read(path)?;
    let prepared = Prepared::of(samples);
    let persons = prepared
        .groupings
        .first()
        .map_or(0, |grouping| grouping.levels.len());
    for model in models.split(',') {
        let parts = prepared.parts(model)?;
        // What the peers are given too: arrays in memory. Checking them is part of the fit.
        let begun = Instant::now();
        let design = Design::new(parts)?;
        let found = fit(&design, &FitSettings::default())?;
        let seconds = begun.elapsed().as_secs_f64();
        ensure!(found.optimizer.converged, "{model} did not converge");
        record("fit", model, size, persons, seconds, &found);
        let begun = Instant::now();
        let modes = conditional_modes(&design, &found)?;
        let seconds = begun.elapsed().as_secs_f64();
        ensure!(!modes.is_empty(), "no modes");
        record(
            "modes with covariances",
            model,
            size,
            persons,
            seconds,
            &found,
        );
    }
    Ok(())
}

fn record(task: &str, model: &str, size: &str, persons: usize, seconds: f64, found: &MixedFit) {
    let list = |values: &[f64]| {
        values
            .iter()
            .map(|value| format!("{value:?}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let fixed: Vec<f64> = found.fixed.iter().map(|effect| effect.estimate).collect();
    let se: Vec<f64> = found.fixed.iter().map(|effect| effect.se).collect();
    println!(
        "@{{\"peer\": \"diel\", \"task\": \"{task} {model} REML\", \"size\": \"{size}\", \"wall_s\": {seconds:.6}, \"n\": {persons}, \
         \"unit\": \"subject\", \"rss_mb\": {:.1}, \"crit\": {:?}, \"fe\": [{}], \"se\": [{}], \"evaluations\": {}}}",
        peak_mb(),
        found.objective,
        list(&fixed),
        list(&se),
        found.optimizer.evaluations
    );
}

/// Peak memory of this process, MB.
fn peak_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
}

fn read(path: &str) -> Result<Samples> {
    let text = fs::read_to_string(path).with_context(|| path.to_owned())?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().context("a header")?.split(',').collect();
    let at = |name: &str| {
        header
            .iter()
            .position(|known| *known == name)
            .with_context(|| name.to_owned())
    };
    let (subject, day, sample) = (at("subject")?, at("day")?, at("sample")?);
    let (minutes, value) = (at("minutes_since_waking")?, at("cortisol_nmol_l")?);
    let mut samples = Samples::default();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |index: usize| cells.get(index).copied().context("a cell");
        samples.ln.push(cell(value)?.parse::<f64>()?.ln());
        samples.hours.push(cell(minutes)?.parse::<f64>()? / 60.0);
        samples.car.push(f64::from(u8::from(cell(sample)? == "S2")));
        samples.person.push(cell(subject)?.to_owned())?;
        samples
            .day
            .push(format!("{} {}", cell(subject)?, cell(day)?))?;
    }
    Ok(samples)
}

/// Runs of each fit; the best counts, because whatever else the machine does only adds.
const RUNS: u32 = 9;

fn best(mut work: impl FnMut() -> Result<MixedFit>) -> Result<(f64, MixedFit)> {
    let mut best: Option<(f64, MixedFit)> = None;
    for _ in 0..RUNS {
        let begun = Instant::now();
        let found = work()?;
        let seconds = begun.elapsed().as_secs_f64();
        if best.as_ref().is_none_or(|(least, _)| seconds < *least) {
            best = Some((seconds, found));
        }
    }
    best.context("at least one run")
}

fn scaling() -> Result<()> {
    println!("persons doubled, 3 days x 5 samples, ln C ~ hours + car + (hours | person), REML:");
    let mut before: Option<f64> = None;
    for persons in [12_500, 25_000, 50_000, 100_000, 200_000] {
        let measured = Measured::of(persons, 3)?;
        let growth = before.map_or_else(String::new, |before| {
            format!(", {:.2} times", measured.fit / before)
        });
        println!("  {persons:>7}: {measured}{growth}");
        before = Some(measured.fit);
    }
    println!("samples a person doubled, 50,000 persons:");
    for days in [3, 6, 12] {
        println!("  {days:>2} days: {}", Measured::of(50_000, days)?);
    }
    Ok(())
}

/// One cohort, fitted.
struct Measured {
    fit: f64,
    /// Of the pass over the rows, and what follows it once.
    once: f64,
    evaluations: u32,
    persons: u32,
}

impl Measured {
    fn of(persons: u32, days: u32) -> Result<Self> {
        let plan = Plan {
            persons,
            days,
            seed: 20_261_123,
            ..Plan::default()
        };
        let truth = std::sync::Arc::clone(&plan.preset);
        let mut samples = Samples::default();
        for (person, simulated) in Cohort::new(plan)?.persons().enumerate() {
            for (day, of_day) in simulated.days.iter().enumerate() {
                for sample in &of_day.samples {
                    let diel_core::Level::Exact(value) = sample.level else {
                        continue;
                    };
                    samples.ln.push(value.get().ln());
                    samples.hours.push(sample.hours);
                    samples
                        .car
                        .push(f64::from(u8::from(sample.scheduled_h == 0.5)));
                    samples.person.push(format!("P{person}"))?;
                    samples.day.push(format!("P{person}:{day}"))?;
                }
            }
        }
        let design = Design::new(Prepared::of(samples).parts("2")?)?;
        let (time, found) = best(|| Ok(fit(&design, &FitSettings::default())?))?;
        ensure!(
            found.optimizer.converged,
            "{persons} persons did not converge"
        );
        let slope = found.fixed.get(1).context("hours")?;
        ensure!(
            (slope.estimate - truth.slope_ln_per_h()).abs() < 5.0 * slope.se,
            "slope {} for a true {}",
            slope.estimate,
            truth.slope_ln_per_h()
        );
        let one = FitSettings {
            max_evaluations: 1,
            ..FitSettings::default()
        };
        let (once, _) = best(|| Ok(fit(&design, &one)?))?;
        Ok(Self {
            fit: time,
            once,
            evaluations: found.optimizer.evaluations,
            persons,
        })
    }
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let each = (self.fit - self.once) / f64::from(self.evaluations - 1);
        write!(
            f,
            "{:.1} ms, of which {:.1} once and {} evaluations of {:.2} ms ({:.0} ns a person)",
            1e3 * self.fit,
            1e3 * (self.once - each),
            self.evaluations,
            1e3 * each,
            1e9 * each / f64::from(self.persons)
        )
    }
}
