//! The first byte of each page of the review console, for a large study beside one of 100 rhythms and 100 flags in the
//! same database and the same run, the two asked for in turn; and what the picture of a flag costs.
//!
//! `cargo bench -p diel-benches --bench pages -- [PERSONS] [sqlite|postgres]`
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench reports"
)]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use diel_benches::cohort;
use diel_client::v1::measurement::Outcome;
use diel_client::{Client, v1};
use diel_core::{Level, NmolPerL, Person, Policy, SamplingDay, Unit, analyse_days};
use diel_server::picture::{Caption, Panel, PersonPicture, panel_svg};
use diel_tests::database::Database;
use diel_tests::http;
use diel_tests::process::ServerProcess;
use sqlx::{Connection as _, Executor as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Rows a message.
const ROWS: usize = 5_000;
/// Persons of the small study. All of them are flat, so that its queue fills a page as the large one's does.
const SMALL: usize = 100;
/// Times that each page is asked for.
const TIMES: usize = 400;
/// Most milliseconds that the pictures of a flag may take.
const PICTURE_MS: f64 = 5.0;
/// Most times as long as the small study's page that the large one's may take.
const MOST: f64 = 3.0;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let persons: usize = arguments
        .first()
        .map_or(Ok(100_000), |n| n.parse())
        .context("PERSONS")?;
    let engine = arguments.get(1).map_or("sqlite", String::as_str);
    pictures()?;
    let database = match engine {
        "postgres" => Database::postgres().await?,
        _ => Database::sqlite()?,
    };
    let server = ServerProcess::start(database.url())?;
    let client = Client::connect(&server.url).await?;
    let samples = persons * cohort::SAMPLES_PER_PERSON;
    let begun = Instant::now();
    fill(&client, "large", (0..samples).collect()).await?;
    // Every tenth person of the cohort is flat.
    let flat = (0..SMALL).flat_map(|person| {
        let first = person * 10 * cohort::SAMPLES_PER_PERSON;
        first..first + cohort::SAMPLES_PER_PERSON
    });
    fill(&client, "small", flat.collect()).await?;
    if engine == "postgres" {
        // As autovacuum does within a minute: without any statistics PostgreSQL sorts a study for a page of it.
        let mut admin = sqlx::PgConnection::connect(database.url()).await?;
        admin.execute("analyze").await?;
        admin.close().await?;
    }
    println!(
        "{engine}: {persons} rhythms stored and judged in {:.0} s; {TIMES} times each page",
        begun.elapsed().as_secs_f64()
    );
    let large = pages(&client, server.console, "large", persons).await?;
    let small = pages(&client, server.console, "small", SMALL).await?;
    println!(
        "{:<26}{:>22}{:>22}{:>8}",
        "first byte, ms", "small p50   p99", "large p50   p99", "p99"
    );
    let mut worst = 0.0_f64;
    for ((name, large), (_, small)) in large.iter().zip(&small) {
        let ratio = compare(server.console, name, small, large).await?;
        worst = worst.max(ratio);
    }
    println!("server memory, peak {:.0} MB", server.peak_memory_mb()?);
    ensure!(worst <= MOST, "a page took {worst:.1} times as long");
    Ok(())
}

/// From the samples of seven days to both pictures of a flag's page: the analysis and the drawing.
fn pictures() -> Result<()> {
    let policy = Policy::default();
    let days: Vec<SamplingDay> = (1..=7)
        .map(|day| {
            let level = |nmol| NmolPerL::new(nmol).map(Level::Exact);
            let samples = [(0.0, 9.0), (0.5, 13.0), (4.0, 8.0), (9.0, 7.0), (15.0, 6.0)];
            let samples = samples
                .into_iter()
                .map(|(hours, nmol)| Ok((hours, level(nmol)?, None)))
                .collect::<Result<Vec<_>>>()?;
            Ok(SamplingDay::from_hours(
                format!("2026-03-0{day}").parse().ok(),
                samples,
            ))
        })
        .collect::<Result<_>>()?;
    let mut times = Vec::new();
    for _ in 0..1_000 {
        let begun = Instant::now();
        let analysis = analyse_days(&Person::default(), days.clone(), &policy);
        let caption = Caption {
            title: "Bench".to_owned(),
            participant: "P-1".to_owned(),
            unit: Unit::NmolPerL,
            simulated: true,
        };
        let picture = PersonPicture::of(caption, &analysis, &policy, |_, _| "");
        let drawn = [Panel::Curve, Panel::Posterior].map(|panel| panel_svg(&picture, panel));
        times.push(begun.elapsed());
        ensure!(
            drawn.iter().all(|svg| svg.ends_with("</svg>\n")),
            "a picture"
        );
        ensure!(
            drawn.iter().any(|svg| svg.contains("person-curve")),
            "a curve"
        );
    }
    let spread = Spread::of(times);
    println!(
        "the pictures of a flag, 35 samples: {:.3} ms, 99th percentile {:.3} ms",
        spread.p50_ms, spread.p99_ms
    );
    ensure!(spread.p99_ms < PICTURE_MS, "a picture takes too long");
    Ok(())
}

async fn fill(client: &Client, study: &str, samples: Vec<usize>) -> Result<()> {
    let mut request = cohort::study();
    study.clone_into(&mut request.study_id);
    client.create_study(request).await?;
    for some in samples.chunks(ROWS) {
        let mut batch = cohort::batch(study, 0, 0);
        if let (Some(stated), Some(first)) = (&mut batch.batch, some.first()) {
            stated.plate = first.to_string();
        }
        batch.results = some.iter().map(|sample| row(*sample)).collect();
        client.submit_batch(batch).await?;
    }
    Ok(())
}

/// A row of the cohort, in which every tenth person rises so clearly that nearly each of them is flagged.
fn row(sample: usize) -> v1::ResultInput {
    const RISE_LN_PER_H: f64 = 0.06;
    let mut row = cohort::row(sample);
    if !(sample / cohort::SAMPLES_PER_PERSON).is_multiple_of(10) {
        return row;
    }
    let Some(collection) = &row.collection else {
        return row;
    };
    let seconds = |time: &Option<diel_client::Timestamp>| time.map_or(0, |time| time.seconds);
    let since = seconds(&collection.collection_time) - seconds(&collection.awakening_time);
    if let Some(Outcome::Value(value)) = row
        .concentration
        .as_mut()
        .and_then(|measured| measured.outcome.as_mut())
    {
        *value *= (RISE_LN_PER_H * since as f64 / 3_600.0).exp();
    }
    row
}

/// The pages of a study by name, each seen to be right.
async fn pages(
    client: &Client,
    console: SocketAddr,
    study: &str,
    persons: usize,
) -> Result<Vec<(&'static str, String)>> {
    let flags = client
        .list(v1::ListFlagsRequest {
            parent: format!("studies/{study}"),
            ..Default::default()
        })
        .collect(51)
        .await?;
    ensure!(flags.len() > 50, "{} flags do not fill a page", flags.len());
    let flag = flags.last().context("a flag")?;
    let overview = format!("/studies/{study}");
    let counted = format!("<strong>{persons}</strong> participants");
    while !text(console, &overview).await?.contains(&counted) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let queue = format!("{overview}/flags");
    let first = text(console, &queue).await?;
    ensure!(
        first.matches("data-row").count() == 50,
        "a page of 50 flags"
    );
    let (_, next) = first
        .split_once("rel=\"next\" href=\"")
        .context("a next page")?;
    let next = next.split('"').next().context("an address")?.to_owned();
    Ok(vec![
        ("overview", overview.clone()),
        ("queue", queue.clone()),
        ("queue, second page", next),
        (
            "queue, by participant",
            format!("{queue}?order=participant"),
        ),
        ("flag", format!("/{}", flag.name)),
        ("participants", format!("{overview}/participants")),
        (
            "participant",
            format!("{overview}/participants/{}", flag.participant),
        ),
    ])
}

async fn text(console: SocketAddr, path: &str) -> Result<String> {
    let answer = http::get(console, path).await?;
    ensure!(answer.status == 200, "{path}: {}", answer.status);
    Ok(answer.text())
}

async fn compare(console: SocketAddr, name: &str, small: &str, large: &str) -> Result<f64> {
    let (mut of_small, mut of_large) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        of_small.push(first_byte(console, small).await?);
        of_large.push(first_byte(console, large).await?);
    }
    let (small, large) = (Spread::of(of_small), Spread::of(of_large));
    println!(
        "{name:<26}{:>12.2}{:>10.2}{:>12.2}{:>10.2}{:>7.2}x",
        small.p50_ms,
        small.p99_ms,
        large.p50_ms,
        large.p99_ms,
        large.p99_ms / small.p99_ms
    );
    Ok(large.p99_ms / small.p99_ms)
}

/// The time from asking to the first byte, on a connection that is there; the rest is read and not counted.
async fn first_byte(console: SocketAddr, path: &str) -> Result<Duration> {
    let mut connection = TcpStream::connect(console).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {console}\r\nconnection: close\r\n\r\n");
    let begun = Instant::now();
    connection.write_all(request.as_bytes()).await?;
    let mut rest = vec![0; 64 * 1024];
    let read = connection.read(&mut rest).await?;
    let time = begun.elapsed();
    ensure!(
        rest.starts_with(b"HTTP/1.1 200") && read > 0,
        "{path} failed"
    );
    while connection.read(&mut rest).await? > 0 {}
    Ok(time)
}

struct Spread {
    p50_ms: f64,
    p99_ms: f64,
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        let at = |share: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a place in the list"
            )]
            let place = ((times.len() - 1) as f64 * share).round() as usize;
            times
                .get(place)
                .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
        };
        Self {
            p50_ms: at(0.5),
            p99_ms: at(0.99),
        }
    }
}
