//! Cosinor of many 24 h series, one after the other on one thread, checked against sums in closed form before it is timed.
//!
//! `cargo bench -p diel-benches --bench cosinor -- [SERIES]` makes hourly series;
//! `cargo bench -p diel-benches --bench cosinor -- FILE ANSWERS` fits those of a CSV (`series,hours,value`, series in
//! order), writes `series,mesor,amplitude,f` and prints the seconds of the fastest of five runs.
#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::f64::consts::TAU;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use diel_core::cosinor::{Confidence, Cosinor, CosinorFitter};
use diel_tests::random::Random;

/// Values of a series that is made here, one an hour.
const HOURS: u8 = 24;
const REPETITIONS: u32 = 5;
/// Of the closed form against the fit, relative.
const TOLERANCE: f64 = 1e-11;

struct Series {
    name: String,
    hours: Vec<f64>,
    values: Vec<f64>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match arguments.as_slice() {
        [file, answers] => fit_file(Path::new(file), Path::new(answers)),
        [count] => report(count.parse().context("SERIES")?),
        _ => report(100_000),
    }
}

fn report(count: u64) -> Result<()> {
    let series: Vec<Series> = (0..count).map(made_up).collect();
    for (one, cosinor) in series.iter().zip(fit_all(&series)?) {
        check(one, &cosinor)?;
    }
    let each = |time: Duration| time.as_secs_f64() * 1e9 / series.len().max(1) as f64;
    println!("{count} series of {HOURS} values, equal to the closed form within {TOLERANCE:e}");
    println!(
        "a fit                        {:>8.0} ns",
        each(fastest(&series, |_| {})?)
    );
    let with_intervals = fastest(&series, |cosinor| {
        black_box(cosinor.mesor_interval(Confidence::P95));
        for wave in &cosinor.waves {
            black_box(wave.amplitude_interval(Confidence::P95));
            black_box(wave.acrophase_interval_rad(Confidence::P95).ok());
        }
    })?;
    println!(
        "a fit and three intervals    {:>8.0} ns",
        each(with_intervals)
    );
    println!(
        "a day of four times, refused {:>8.0} ns",
        each(refusals(&series)?)
    );
    Ok(())
}

/// An hourly series of its own level, amplitude and peak, with noise.
fn made_up(number: u64) -> Series {
    let mut random = Random::new(number);
    let (mesor, amplitude, peak) = (random.normal(), random.uniform(), 24.0 * random.uniform());
    let hours: Vec<f64> = (0..HOURS).map(f64::from).collect();
    let values = hours
        .iter()
        .map(|hour| mesor + amplitude * (TAU * (hour - peak) / 24.0).cos() + 0.4 * random.normal())
        .collect();
    Series {
        name: number.to_string(),
        hours,
        values,
    }
}

/// Over whole periods sampled evenly, 1, cos and sin are orthogonal: M is the mean, and beta and gamma are sums.
fn check(series: &Series, cosinor: &Cosinor) -> Result<()> {
    let n = f64::from(HOURS);
    let mesor = series.values.iter().sum::<f64>() / n;
    let (mut beta, mut gamma) = (0.0, 0.0);
    for (hour, value) in series.hours.iter().zip(&series.values) {
        let (sine, cosine) = (TAU * hour / 24.0).sin_cos();
        beta += (value - mesor) * cosine * 2.0 / n;
        gamma += (value - mesor) * sine * 2.0 / n;
    }
    let amplitude = beta.hypot(gamma);
    let explained = 0.5 * n * amplitude * amplitude;
    let total: f64 = series
        .values
        .iter()
        .map(|value| (value - mesor).powi(2))
        .sum();
    let f = explained / 2.0 / ((total - explained) / (n - 3.0));
    let wave = cosinor.waves.first().context("a wave")?;
    for (name, found, expected) in [
        ("MESOR", cosinor.mesor, mesor),
        ("amplitude", wave.amplitude(), amplitude),
        ("F", cosinor.zero_amplitude_f, f),
    ] {
        let apart = (found - expected).abs() / expected.abs().max(1.0);
        ensure!(
            apart < TOLERANCE,
            "{name} of series {}: {found}, not {expected}",
            series.name
        );
    }
    Ok(())
}

fn fit_all(series: &[Series]) -> Result<Vec<Cosinor>> {
    let mut fitter = CosinorFitter::default();
    let fits = series.iter().map(|one| fitter.fit(&one.hours, &one.values));
    Ok(fits.collect::<Result<_, _>>()?)
}

/// The fastest of a few runs over all series.
fn fastest(series: &[Series], and_then: impl Fn(&Cosinor)) -> Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..REPETITIONS {
        let mut fitter = CosinorFitter::default();
        let begun = Instant::now();
        for one in series {
            and_then(&black_box(fitter.fit(&one.hours, &one.values)?));
        }
        best = best.min(begun.elapsed());
    }
    Ok(best)
}

/// What it costs to say of a day with few samples that it has no cosinor.
fn refusals(series: &[Series]) -> Result<Duration> {
    let mut fitter = CosinorFitter::default();
    let begun = Instant::now();
    for one in series {
        let (hours, _) = one.hours.split_at(4);
        let (values, _) = one.values.split_at(4);
        ensure!(black_box(fitter.fit(hours, values)).is_err(), "not refused");
    }
    Ok(begun.elapsed())
}

fn fit_file(file: &Path, answers: &Path) -> Result<()> {
    let series = read(&std::fs::read_to_string(file)?)?;
    let mut text = "series,mesor,amplitude,f\n".to_owned();
    for (one, cosinor) in series.iter().zip(fit_all(&series)?) {
        let wave = cosinor.waves.first().context("a wave")?;
        let (mesor, amplitude) = (cosinor.mesor, wave.amplitude());
        writeln!(
            text,
            "{},{mesor},{amplitude},{}",
            one.name, cosinor.zero_amplitude_f
        )?;
    }
    std::fs::write(answers, text)?;
    println!("{}", fastest(&series, |_| {})?.as_secs_f64());
    Ok(())
}

fn read(text: &str) -> Result<Vec<Series>> {
    let mut series: Vec<Series> = Vec::new();
    for line in text.lines().skip(1) {
        let mut cells = line.split(',');
        let mut cell = || cells.next().with_context(|| format!("a cell of `{line}`"));
        let (name, hour, value) = (cell()?, cell()?.parse()?, cell()?.trim().parse()?);
        if series.last().is_none_or(|last| last.name != name) {
            series.push(Series {
                name: name.to_owned(),
                hours: Vec::new(),
                values: Vec::new(),
            });
        }
        if let Some(last) = series.last_mut() {
            last.hours.push(hour);
            last.values.push(value);
        }
    }
    Ok(series)
}
