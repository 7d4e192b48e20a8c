//! What a flag is worth: people with a known true slope, judged; 20,000 a design.
//!
//! In the reference's own population: do 95 % intervals cover 95 %, and are stated probabilities true? In one with
//! 10 % flattened people: at 5 % false flags, how many of them does each statistic find? The figures stand in
//! docs/methods.md. The simulation is written here and shares nothing with the core's own, so that neither can hide
//! the other's mistake.
//!
//! `cargo bench -p diel-benches --bench flags -- [PERSONS]`
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench reports"
)]

use anyhow::{Context as _, Result, ensure};
use diel_core::{
    Level, NmolPerL, Person, Policy, PolicyTerms, Reference, SamplingDay, analyse_days,
};
use diel_tests::random::Random;

/// Share of people who are not flat and whom a rule may point at.
const FALSE_FLAGS: f64 = 0.05;
/// Share of flattened people in the second population.
const FLATTENED: f64 = 0.1;
/// The slopes of flattened people, ln(nmol/L) per hour: none at all, or a fifth of an adult's.
const FLATTENED_SLOPES: [f64; 2] = [0.0, -0.02];
/// The hours since awakening of five samples.
const FIVE: &[f64] = &[0.0, 0.5, 4.0, 9.0, 15.0];

struct Design {
    name: &'static str,
    reference: &'static str,
    schedule_h: &'static [f64],
    days: usize,
}

const DESIGNS: [Design; 4] = [
    Design {
        name: "adult-noisy, 5 samples x 3 days",
        reference: "adult-noisy",
        schedule_h: FIVE,
        days: 3,
    },
    Design {
        name: "adult-clean, 5 samples x 3 days",
        reference: "adult-clean",
        schedule_h: FIVE,
        days: 3,
    },
    Design {
        name: "adult-noisy, 5 samples x 1 day",
        reference: "adult-noisy",
        schedule_h: FIVE,
        days: 1,
    },
    Design {
        name: "infant, 2 samples x 3 days",
        reference: "infant",
        schedule_h: &[0.0, 12.0],
        days: 3,
    },
];

/// What is known of one person, and what was computed.
struct Judged {
    truth: f64,
    flat: bool,
    peak_bed_nmol: Option<f64>,
    peak_bed_ln: Option<f64>,
    regression: f64,
    probability: f64,
    lower: f64,
    upper: f64,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let persons: usize = arguments
        .first()
        .map_or(Ok(20_000), |n| n.parse())
        .context("PERSONS")?;
    for design in &DESIGNS {
        report(design, persons)?;
    }
    Ok(())
}

fn report(design: &Design, persons: usize) -> Result<()> {
    let reference = Reference::find(design.reference).context("a built-in reference")?;
    let terms = PolicyTerms {
        reference: Some(design.reference.to_owned()),
        min_days: Some(1),
        ..PolicyTerms::default()
    };
    let policy = Policy::new(&terms)?;
    let threshold = policy.threshold_ln_per_h(reference);
    let mut random = Random::new(20_261_123);
    println!("{}, {persons} persons", design.name);

    let population: Vec<Judged> = (0..persons)
        .map(|_| {
            let person = judge(design, reference, &policy, None, &mut random)?;
            Ok(Judged {
                flat: person.truth > threshold,
                ..person
            })
        })
        .collect::<Result<_>>()?;
    let covered = share(&population, |p| p.lower <= p.truth && p.truth <= p.upper);
    println!("  95 % intervals cover {:.2} %", 100.0 * covered);
    calibration(&population);
    println!("  flat = beyond the population's 90th percentile:");
    comparison(&population);
    for slope in FLATTENED_SLOPES {
        let mixed: Vec<Judged> = (0..persons)
            .map(|_| {
                let flattened = (random.uniform() < FLATTENED).then_some(slope);
                judge(design, reference, &policy, flattened, &mut random)
            })
            .collect::<Result<_>>()?;
        println!("  flat = one in ten with a slope of {slope} ln/h:");
        comparison(&mixed);
    }
    ensure!((0.94..=0.96).contains(&covered), "coverage {covered}");
    Ok(())
}

/// What each statistic finds at the same share of false flags.
fn comparison(people: &[Judged]) {
    let posterior = sensitivity(people, &|p| Some(p.probability));
    let rows: [(&str, f64); 4] = [
        (
            "raw peak-to-bed slope, nmol/L/h",
            sensitivity(people, &|p| p.peak_bed_nmol),
        ),
        (
            "peak-to-bed slope, ln/h",
            sensitivity(people, &|p| p.peak_bed_ln),
        ),
        (
            "regression slope, ln/h",
            sensitivity(people, &|p| Some(p.regression)),
        ),
        ("posterior probability", posterior),
    ];
    for (name, found) in rows {
        println!(
            "    {name:<32} finds {:5.1} %; the posterior {:.2} times as many",
            100.0 * found,
            posterior / found
        );
    }
}

/// Stated probabilities beside true shares, by tenths with at least 100 people.
fn calibration(people: &[Judged]) {
    for tenth in 0..10 {
        let (from, to) = (f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0);
        let within: Vec<_> = people
            .iter()
            .filter(|p| p.probability >= from && p.probability < to)
            .collect();
        if within.len() >= 100 {
            let count = within.len() as f64;
            let stated = within.iter().map(|p| p.probability).sum::<f64>() / count;
            let flat = within.iter().filter(|p| p.flat).count() as f64 / count;
            println!(
                "    stated {:4.1} %, true {:4.1} % of {}",
                100.0 * stated,
                100.0 * flat,
                within.len()
            );
        }
    }
}

fn judge(
    design: &Design,
    reference: &Reference,
    policy: &Policy,
    flattened: Option<f64>,
    random: &mut Random,
) -> Result<Judged> {
    let (z0, z1) = (random.normal(), random.normal());
    let rho = reference.correlation();
    let intercept = reference.intercept_ln() + reference.intercept_sd() * z0;
    let slope = flattened.unwrap_or(
        reference.slope_ln_per_h()
            + reference.slope_sd() * (rho * z0 + (1.0 - rho * rho).sqrt() * z1),
    );
    let mut days = Vec::with_capacity(design.days);
    for _ in 0..design.days {
        let mut samples = Vec::with_capacity(design.schedule_h.len());
        for hours in design.schedule_h {
            let car = if *hours == 0.5 {
                reference.car_ln()
            } else {
                0.0
            };
            let ln = intercept + slope * hours + car + reference.residual_sd() * random.normal();
            samples.push((*hours, Level::Exact(NmolPerL::new(ln.exp())?), None));
        }
        days.push(SamplingDay::from_hours(None, samples));
    }
    let analysis = analyse_days(&Person::default(), days, policy);
    let mean = |read: fn(&diel_core::Features) -> diel_core::Feature| {
        let known: Vec<f64> = analysis
            .profiles
            .iter()
            .filter_map(|p| read(&p.features).ok())
            .collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    let posterior = analysis.rhythm.posterior.as_ref().context("a posterior")?;
    let raw: Vec<f64> = analysis
        .profiles
        .iter()
        .filter_map(|p| {
            let (peak, bed) = (
                p.features.peak_nmol_per_l.ok()?,
                p.features.bed_nmol_per_l.ok()?,
            );
            Some((bed - peak) / 15.0)
        })
        .collect();
    Ok(Judged {
        truth: slope,
        flat: flattened.is_some(),
        peak_bed_nmol: (!raw.is_empty()).then(|| raw.iter().sum::<f64>() / raw.len() as f64),
        peak_bed_ln: mean(|f| f.slope_peak_bed_ln_per_h),
        regression: analysis
            .rhythm
            .estimate
            .as_ref()
            .context("an estimate")?
            .slope_ln_per_h,
        probability: posterior.probability_flat,
        lower: posterior.lower,
        upper: posterior.upper,
    })
}

/// Share of the flat above the value that 5 % of the others exceed.
fn sensitivity(people: &[Judged], statistic: &dyn Fn(&Judged) -> Option<f64>) -> f64 {
    let known = |flat: bool| -> Vec<f64> {
        people
            .iter()
            .filter(|p| p.flat == flat)
            .filter_map(statistic)
            .collect()
    };
    let (flat, mut others) = (known(true), known(false));
    others.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index below the length"
    )]
    let index = (others.len() as f64 * (1.0 - FALSE_FLAGS)) as usize;
    let cut = others.get(index).copied().unwrap_or(f64::INFINITY);
    flat.iter().filter(|value| **value > cut).count() as f64 / flat.len() as f64
}

fn share(people: &[Judged], holds: impl Fn(&Judged) -> bool) -> f64 {
    people.iter().filter(|person| holds(person)).count() as f64 / people.len() as f64
}
