//! What a study's own reference is worth: fitted on the cohort that is judged, without any truth, beside an oracle
//! that judges by the parameters the cohort was simulated from.
//!
//! Sensitivity at 5 % false flags among 20,000 persons a design, one in ten flattened, and calibration of the stated
//! probabilities in a population without them. The figures stand in docs/methods.md.
//!
//! `cargo bench -p diel-benches --bench own_reference -- [PERSONS]`
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bench reports"
)]

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use diel_core::formula::Formula;
use diel_core::frame::{CohortFrameBuilder, CohortMember};
use diel_core::mixed::{FitSettings, fit};
use diel_core::simulate::{Cohort, Plan, SimulatedPerson};
use diel_core::{
    Analysis, Freezing, Person, Policy, PolicyTerms, Reference, References, SamplingDay, Strata,
    analyse_days,
};

/// Share of persons who are not flat and whom a rule may point at.
const FALSE_FLAGS: f64 = 0.05;
/// Least sensitivity beside the oracle's.
const LEAST: f64 = 0.98;
/// Greatest distance of a tenth's stated probability from the true share.
const CALIBRATED: f64 = 0.02;
/// The hours since awakening of five samples.
const FIVE: &[f64] = &[0.0, 0.5, 4.0, 9.0, 15.0];

struct Study {
    name: &'static str,
    preset: &'static str,
    schedule_h: &'static [f64],
    days: u32,
    formula: &'static str,
}

const STUDIES: [Study; 3] = [
    Study {
        name: "adult, 5 samples x 3 days",
        preset: "adult-noisy",
        schedule_h: FIVE,
        days: 3,
        formula: "log(cortisol) ~ hours + car + (hours | participant)",
    },
    Study {
        name: "infant, 2 samples x 3 days",
        preset: "infant",
        schedule_h: &[0.0, 12.0],
        days: 3,
        formula: "log(cortisol) ~ hours + (hours | participant)",
    },
    Study {
        name: "adult, 5 samples x 1 day",
        preset: "adult-noisy",
        schedule_h: FIVE,
        days: 1,
        formula: "log(cortisol) ~ hours + car + (hours | participant)",
    },
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let persons: u32 = arguments
        .first()
        .map_or(Ok(20_000), |count| count.parse())
        .context("PERSONS")?;
    for study in &STUDIES {
        println!("{}, {persons} persons", study.name);
        report_sensitivity(study, persons)?;
        report_calibration(study, persons)?;
    }
    Ok(())
}

/// One cohort, judged by its own reference and by the oracle's.
struct Judged {
    own: Arc<Strata>,
    /// Truth, and the probabilities by the own reference and by the oracle.
    persons: Vec<(SimulatedPerson, f64, f64)>,
}

fn judge(study: &Study, persons: u32, flat_fraction: f64, seed: u64) -> Result<Judged> {
    let truth = Reference::find(study.preset).context("a built-in reference")?;
    let cohort = Cohort::new(Plan {
        persons,
        days: study.days,
        schedule_h: study.schedule_h.to_vec(),
        preset: Arc::clone(truth),
        flat_fraction,
        flat_slope: 0.0,
        seed,
        ..Plan::default()
    })?;
    let oracle = policy(study.preset, &References::default())?;
    let analyse = |person: &SimulatedPerson, policy: &Policy| -> Analysis {
        let days: Vec<SamplingDay> = person
            .days
            .iter()
            .map(|day| day.to_sampling_day())
            .collect();
        analyse_days(&Person::default(), days, policy)
    };
    let mut table = CohortFrameBuilder::default();
    for (index, person) in cohort.persons().enumerate() {
        let analysis = analyse(&person, &oracle);
        let code = format!("P{index}");
        let member = CohortMember {
            participant: &code,
            person: Person::default(),
            group: None,
            sex: None,
        };
        let days = analysis.profiles.iter().map(|profile| (None, profile));
        table.add(&member, days, &oracle);
    }
    let formula = Formula::parse(study.formula)?;
    let found = fit(
        &formula.design(&table.finish())?.design,
        &FitSettings::default(),
    )?;
    let reference = Reference::from_fit(
        &found,
        Freezing {
            id: "own@1".to_owned(),
            population: study.name.to_owned(),
            assay: "simulated".to_owned(),
            min_age_years: 0.0,
            max_age_years: None,
            sex: None,
            fit: "own".to_owned(),
            formula: study.formula.to_owned(),
            persons_with_days: persons,
            days: study.days,
            input_digest: [0; 32],
            software: "bench".to_owned(),
        },
    )?;
    println!(
        "  own: slope {:.4} (SD {:.4}), true {:.4} ({:.4})",
        reference.slope_ln_per_h(),
        reference.slope_sd(),
        truth.slope_ln_per_h(),
        truth.slope_sd()
    );
    let own = Arc::new(Strata::of(Arc::new(reference)));
    let by_own = policy(
        "own@1",
        &References::default().with_name("own@1", Arc::clone(&own)),
    )?;
    let persons = cohort.persons().map(|person| {
        let probability = |policy: &Policy| {
            let posterior = analyse(&person, policy).rhythm.posterior;
            posterior.map_or(0.0, |posterior| posterior.probability_flat)
        };
        let (by_own, by_oracle) = (probability(&by_own), probability(&oracle));
        (person, by_own, by_oracle)
    });
    Ok(Judged {
        own,
        persons: persons.collect(),
    })
}

fn policy(reference: &str, references: &References) -> Result<Policy> {
    let terms = PolicyTerms {
        reference: Some(reference.to_owned()),
        min_days: Some(1),
        ..PolicyTerms::default()
    };
    Ok(Policy::with_references(&terms, references)?)
}

fn report_sensitivity(study: &Study, persons: u32) -> Result<()> {
    let judged = judge(study, persons, 0.1, 20_261_124)?;
    let flat: Vec<bool> = judged
        .persons
        .iter()
        .map(|(person, _, _)| person.truth.flat)
        .collect();
    let own: Vec<f64> = judged.persons.iter().map(|(_, own, _)| *own).collect();
    let oracle: Vec<f64> = judged
        .persons
        .iter()
        .map(|(_, _, oracle)| *oracle)
        .collect();
    let (own, oracle) = (sensitivity(&own, &flat), sensitivity(&oracle, &flat));
    println!(
        "  of flattened persons at 5 % false flags: own reference {:.1} %, oracle {:.1} %, ratio {:.3}",
        100.0 * own,
        100.0 * oracle,
        own / oracle
    );
    ensure!(
        own >= LEAST * oracle,
        "{}: {own} beside {oracle}",
        study.name
    );
    Ok(())
}

/// The share of flat persons above the statistic that FALSE_FLAGS of the others exceed.
fn sensitivity(statistic: &[f64], flat: &[bool]) -> f64 {
    let mut others: Vec<f64> = statistic
        .iter()
        .zip(flat)
        .filter(|(_, flat)| !**flat)
        .map(|(value, _)| *value)
        .collect();
    others.sort_unstable_by(|left, right| right.total_cmp(left));
    let place = (FALSE_FLAGS * others.len() as f64) as usize;
    let bound = others.get(place).copied().unwrap_or(f64::INFINITY);
    let found = statistic
        .iter()
        .zip(flat)
        .filter(|(value, flat)| **flat && **value > bound)
        .count();
    found as f64 / flat.iter().filter(|flat| **flat).count() as f64
}

fn report_calibration(study: &Study, persons: u32) -> Result<()> {
    let judged = judge(study, persons, 0.0, 20_261_125)?;
    let reference = judged.own.iter().next().context("one stratum")?;
    let threshold = reference.slope_at_percentile(90.0);
    let mut sorted: Vec<(f64, bool)> = judged
        .persons
        .iter()
        .map(|(person, own, _)| (*own, person.truth.slope_ln_per_h > threshold))
        .collect();
    sorted.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
    let mut worst: f64 = 0.0;
    for tenth in sorted.chunks(sorted.len().div_ceil(10)) {
        let count = tenth.len() as f64;
        let stated = tenth
            .iter()
            .map(|(probability, _)| probability)
            .sum::<f64>()
            / count;
        let flat = tenth.iter().filter(|(_, flat)| *flat).count() as f64 / count;
        println!(
            "    stated {:4.1} %, true {:4.1} %",
            100.0 * stated,
            100.0 * flat
        );
        worst = worst.max((stated - flat).abs());
    }
    ensure!(
        worst <= CALIBRATED,
        "{}: a tenth is off by {worst}",
        study.name
    );
    Ok(())
}
