//! Writers that are answered, a server or a database that is killed under them again and again, and the count of what was
//! kept: everything acknowledged once and whole, everything else whole or not at all.

mod ledger;
mod writer;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use diel_client::{Client, ClientOptions, RetryPolicy, v1};

use crate::database::Database;
use crate::postgres::Cluster;
use crate::process::{ServerProcess, start_and_kill};
use crate::random::Random;
use ledger::Ledger;
use writer::Writer;

/// The study that is written to.
const STUDY: &str = "killed";
/// Writers at once.
const WRITERS: usize = 8;
/// The latest moment of a kill after the writers begin.
const LATEST_US: u64 = 120_000;
/// The latest moment of a kill after a server was started again.
const LATEST_OF_START_US: u64 = 60_000;
/// Everything is counted, and the database verified, after so many rounds.
const ROUNDS_TO_A_COUNT: u32 = 50;
/// How long the service may take until it answers again.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is killed in one round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strike {
    /// `diel serve`.
    Server,
    /// `diel serve`, and once more while it starts again.
    ServerTwice,
    /// The process of PostgreSQL that serves one connection.
    Backend,
    /// The first process of PostgreSQL, under a server that stays.
    Postmaster,
    /// Both at once.
    Both,
}

impl Strike {
    fn draw(random: &mut Random, postgres: bool) -> Self {
        match random.below(8) {
            0 => Self::ServerTwice,
            1 if postgres => Self::Backend,
            2 if postgres => Self::Postmaster,
            3 if postgres => Self::Both,
            _ => Self::Server,
        }
    }

    fn ends_the_server(self) -> bool {
        matches!(self, Self::Server | Self::ServerTwice | Self::Both)
    }

    fn ends_the_cluster(self) -> bool {
        matches!(self, Self::Postmaster | Self::Both)
    }
}

/// What was done and what came of it.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Tally {
    /// Times that `diel serve` was killed at work.
    pub server_kills: u32,
    /// Times that it was killed while it started.
    pub start_kills: u32,
    /// Times that a process of PostgreSQL that served a connection was killed.
    pub backend_kills: u32,
    /// Times that the first process of PostgreSQL was killed.
    pub postmaster_kills: u32,
    /// Batches acknowledged. All of them were found, once and whole.
    pub acknowledged: usize,
    /// Requests that broke off without an answer.
    pub doubtful: u32,
    /// Of these, stored: the answer was lost on the way. The others had left nothing.
    pub doubtful_stored: u32,
    /// Requests that were sent again and answered from the record.
    pub answered_before: u32,
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "kills: {} of the server at work, {} at its start, {} of a connection's process, {} of the postmaster; \
             {} batches acknowledged, none lost, none twice; {} requests in doubt, {} of them stored, {} answered from the record",
            self.server_kills,
            self.start_kills,
            self.backend_kills,
            self.postmaster_kills,
            self.acknowledged,
            self.doubtful,
            self.doubtful_stored,
            self.answered_before
        )
    }
}

/// The place of a database that is killed too, where the engine has processes of its own.
struct Place {
    database: String,
    cluster: Option<Cluster>,
    /// Keeps SQLite's file.
    _database: Option<Database>,
}

/// Rounds on SQLite. The same seed kills at the same moments, as far as moments can be the same.
///
/// # Errors
/// The first promise that was broken, or whatever kept a round from being made.
pub async fn on_sqlite(rounds: u32, seed: u64) -> Result<Tally> {
    let database = Database::sqlite()?;
    let place = Place {
        database: database.url().to_owned(),
        cluster: None,
        _database: Some(database),
    };
    run(&place, rounds, seed).await
}

/// Rounds on PostgreSQL, whose processes are killed too, in a cluster of its own.
///
/// # Errors
/// As [`on_sqlite`].
pub async fn on_postgres(rounds: u32, seed: u64) -> Result<Tally> {
    let cluster = Cluster::start()?;
    let place = Place {
        database: cluster.fresh_database().await?,
        cluster: Some(cluster),
        _database: None,
    };
    run(&place, rounds, seed).await
}

async fn run(place: &Place, rounds: u32, seed: u64) -> Result<Tally> {
    let mut random = Random::new(seed);
    let mut writers: Vec<Writer> = (0..WRITERS).map(Writer::new).collect();
    let (mut ledger, mut tally) = (Ledger::default(), Tally::default());
    let mut server = ServerProcess::start(&place.database)?;
    let study = v1::Study {
        display_name: "Killed".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        ..Default::default()
    };
    let request = v1::CreateStudyRequest {
        study_id: STUDY.to_owned(),
        study: Some(study),
        ..Default::default()
    };
    answering(&server).await?.create_study(request).await?;
    for round in 1..=rounds {
        let about = || format!("seed {seed}, round {round}");
        let strike = Strike::draw(&mut random, place.cluster.is_some());
        let moment = Duration::from_micros(random.below(LATEST_US));
        let writing = Writing::begin(writers, &server).await?;
        tokio::time::sleep(moment).await;
        let survivor = strike_at(place, strike, server, &mut tally, &mut random).await;
        writers = writing.end().await.with_context(about)?;
        server = match survivor.with_context(about)? {
            Some(server) => server,
            None => ServerProcess::start(&place.database).with_context(about)?,
        };
        let client = answering(&server).await.with_context(about)?;
        check_round(&client, &mut writers, &mut ledger, &mut tally)
            .await
            .with_context(about)?;
        if round.is_multiple_of(ROUNDS_TO_A_COUNT) || round == rounds {
            if round == rounds {
                // Nothing is killed any more: what is in doubt is settled.
                writers = Writing::settle(writers, &server).await?;
                check_round(&client, &mut writers, &mut ledger, &mut tally).await?;
            }
            let in_doubt = in_doubt(&writers);
            ledger
                .check_all(&server, &client, &place.database, &in_doubt)
                .await
                .with_context(about)?;
        }
    }
    tally.acknowledged = ledger.len();
    Ok(tally)
}

/// Kills; returns the server when it was left alone.
async fn strike_at(
    place: &Place,
    strike: Strike,
    server: ServerProcess,
    tally: &mut Tally,
    random: &mut Random,
) -> Result<Option<ServerProcess>> {
    if let Some(cluster) = &place.cluster {
        if strike == Strike::Backend && cluster.kill_backend(&place.database).await? {
            tally.backend_kills += 1;
        }
        if strike.ends_the_cluster() {
            cluster.kill()?;
            tally.postmaster_kills += 1;
        }
    }
    let survivor = if strike.ends_the_server() {
        server.kill();
        tally.server_kills += 1;
        None
    } else {
        Some(server)
    };
    if let (Some(cluster), true) = (&place.cluster, strike.ends_the_cluster()) {
        cluster.revive().await?;
    }
    if strike == Strike::ServerTwice {
        let after = Duration::from_micros(random.below(LATEST_OF_START_US));
        start_and_kill(&place.database, after).await?;
        tally.start_kills += 1;
    }
    Ok(survivor)
}

/// What was acknowledged since the last strike is there, what was in doubt whole or not at all.
async fn check_round(
    client: &Client,
    writers: &mut [Writer],
    ledger: &mut Ledger,
    tally: &mut Tally,
) -> Result<()> {
    for writer in writers {
        let acknowledged = std::mem::take(&mut writer.acknowledged);
        ledger.enter(&acknowledged)?;
        for one in &acknowledged {
            ledger::check_stored(client, one).await?;
            tally.answered_before += u32::from(one.found && one.retried);
        }
        if let Some(request) = &writer.doubtful {
            tally.doubtful += 1;
            let stored = ledger::check_doubtful(client, &request.request_id).await?;
            tally.doubtful_stored += u32::from(stored);
        }
    }
    Ok(())
}

fn in_doubt(writers: &[Writer]) -> BTreeSet<String> {
    let doubtful = writers.iter().filter_map(|writer| writer.doubtful.as_ref());
    doubtful.map(|request| request.request_id.clone()).collect()
}

/// A client that tries once, so that each failure is seen, of a service that answers.
async fn answering(server: &ServerProcess) -> Result<Client> {
    let options = ClientOptions::new(server.url.clone()).retry(RetryPolicy::never());
    let client = Client::with_options(options).await?;
    let began = Instant::now();
    loop {
        let asked = client.get_study(format!("studies/{STUDY}")).await;
        match asked {
            Err(error) if error.is(v1::ErrorReason::ResourceNotFound) => return Ok(client),
            Err(error) if began.elapsed() > PATIENCE => bail!("no answer again: {error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            Ok(_) => return Ok(client),
        }
    }
}

/// Writers at work.
struct Writing {
    tasks: Vec<tokio::task::JoinHandle<Result<Writer>>>,
    stop: Arc<AtomicBool>,
}

impl Writing {
    async fn begin(writers: Vec<Writer>, server: &ServerProcess) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = Vec::new();
        for writer in writers {
            let client = answering(server).await?;
            tasks.push(tokio::spawn(writer.write(client, Arc::clone(&stop))));
        }
        Ok(Self { tasks, stop })
    }

    async fn end(self) -> Result<Vec<Writer>> {
        self.stop.store(true, Ordering::Release);
        let mut writers = Vec::new();
        for task in self.tasks {
            writers.push(task.await??);
        }
        Ok(writers)
    }

    /// Sends what is in doubt and nothing else.
    async fn settle(writers: Vec<Writer>, server: &ServerProcess) -> Result<Vec<Writer>> {
        let stop = Arc::new(AtomicBool::new(true));
        let mut settled = Vec::new();
        for writer in writers {
            let client = answering(server).await?;
            settled.push(writer.write(client, Arc::clone(&stop)).await?);
        }
        Ok(settled)
    }
}
