//! Many clients at once for a while: how long their calls take, that none fails, and what the server's memory does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use diel_client::{Client, ClientOptions, RetryPolicy, v1};
use diel_proto::v1::rhythms_client::RhythmsClient;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tonic::transport::Channel;

use crate::process::ServerProcess;
use crate::rejudging::{STUDY, load};
use crate::rows::{person, submission};
use crate::spread::Spread;

/// Between two batches of one client.
const BATCH_EVERY: Duration = Duration::from_millis(500);
/// Between two queries of one client.
const QUERY_EVERY: Duration = Duration::from_millis(250);
/// Between two messages that a slow reader takes.
const READ_EVERY: Duration = Duration::from_secs(1);
/// A study to begin with, so that pages are full and streams of rhythms long: persons in batches of so many.
const PERSONS: u32 = 2_000;
const BATCH: u32 = 100;
/// Half of what begins HTTP/2, and then nothing.
const HALF_OPENING: &[u8] = b"PRI * HTTP/2.0\r\n";
/// What slow readers let come unread: the least that HTTP/2 begins with.
const WINDOW_BYTES: u32 = 65_535;

/// Who is there, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Clients that submit a person every half second.
    pub submitting: u32,
    /// Clients that query every quarter of a second.
    pub querying: u32,
    /// Clients that watch flags.
    pub watching: u32,
    /// Clients that stream all rhythms and take a message a second.
    pub reading_slowly: u32,
    /// Peers that begin to connect and go no further; they come again when they are sent away.
    pub half_open: u32,
    /// Calls and memory count after this.
    pub warm_up: Duration,
    /// How long it takes, with what goes before.
    pub duration: Duration,
}

impl Plan {
    /// 64 submit, 64 query, 16 watch.
    #[must_use]
    pub fn of(duration: Duration) -> Self {
        Self {
            submitting: 64,
            querying: 64,
            watching: 16,
            reading_slowly: 0,
            half_open: 0,
            warm_up: duration / 4,
            duration,
        }
    }

    /// The same beside 10 slow readers and 10 half-open connections.
    #[must_use]
    pub fn beside_bad_peers(self) -> Self {
        Self {
            reading_slowly: 10,
            half_open: 10,
            ..self
        }
    }
}

/// What was measured.
#[derive(Debug)]
pub struct Measured {
    /// Times by kind of call; of a watch, from the commit of a step to its arrival.
    pub times: BTreeMap<&'static str, Spread>,
    /// The server's resident memory in MB, with the seconds since the beginning.
    pub memory: Vec<(f64, f64)>,
}

impl Measured {
    /// The slope of memory over time by least squares.
    ///
    /// # Units
    /// MB a minute.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "some hundred samples")]
    pub fn growth_mb_per_min(&self) -> f64 {
        let count = self.memory.len().max(1) as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| self.memory.iter().map(of).sum::<f64>() / count;
        let (second, megabyte) = (mean(|at| at.0), mean(|at| at.1));
        let (mut products, mut squares) = (0.0, 0.0);
        for at in &self.memory {
            products += (at.0 - second) * (at.1 - megabyte);
            squares += (at.0 - second) * (at.0 - second);
        }
        60.0 * products / squares
    }

    /// The least and the most memory, in MB.
    #[must_use]
    pub fn memory_mb(&self) -> (f64, f64) {
        let megabytes = self.memory.iter().map(|at| at.1);
        let most = megabytes.clone().fold(0.0, f64::max);
        (megabytes.fold(f64::INFINITY, f64::min), most)
    }
}

/// What everybody shares.
#[derive(Debug, Clone)]
struct Ground {
    url: String,
    stopping: Arc<AtomicBool>,
    counting: Arc<AtomicBool>,
    times: Arc<Mutex<BTreeMap<&'static str, Spread>>>,
}

/// Fills a study and lets everybody work on it.
///
/// # Errors
/// The first call that failed: nobody tries again.
pub async fn measure(server: &ServerProcess, plan: Plan) -> Result<Measured> {
    let ground = Ground {
        url: server.url.clone(),
        stopping: Arc::default(),
        counting: Arc::default(),
        times: Arc::default(),
    };
    let batches = (0..PERSONS / BATCH).map(|batch| {
        let persons = batch * BATCH..(batch + 1) * BATCH;
        let rows = persons.flat_map(|number| samples(0, number));
        submission(STUDY, rows.collect())
    });
    load(&ground.client().await?, batches).await?;
    let mut everybody = JoinSet::new();
    for _ in 0..plan.watching {
        everybody.spawn(ground.clone().watch());
    }
    for number in 1..=plan.submitting {
        everybody.spawn(ground.clone().submit(number));
    }
    for number in 1..=plan.querying {
        everybody.spawn(ground.clone().query(number));
    }
    for _ in 0..plan.reading_slowly {
        everybody.spawn(ground.clone().read_slowly());
    }
    for _ in 0..plan.half_open {
        everybody.spawn(ground.clone().half_open());
    }
    let (begun, mut memory) = (Instant::now(), Vec::new());
    while begun.elapsed() < plan.duration {
        tokio::time::sleep(Duration::from_secs(1).min(plan.duration / 10)).await;
        if begun.elapsed() >= plan.warm_up {
            ground.counting.store(true, Ordering::Relaxed);
            memory.push((begun.elapsed().as_secs_f64(), server.memory_mb()?));
        }
        if let Some(ended) = everybody.try_join_next() {
            ended??;
        }
    }
    ground.stopping.store(true, Ordering::Relaxed);
    let mut times = BTreeMap::new();
    std::mem::swap(
        &mut times,
        &mut *ground.times.lock().unwrap_or_else(PoisonError::into_inner),
    );
    Ok(Measured { times, memory })
}

fn code(client: u32, number: u32) -> String {
    format!("L{client:02}-{number:06}")
}

/// Six days of a person. One in four is flat, so that there are flags to watch.
fn samples(client: u32, number: u32) -> Vec<v1::ResultInput> {
    let slope = if number.is_multiple_of(4) {
        0.02
    } else {
        -0.09
    };
    person(&code(client, number), 6, 1.6, slope)
}

impl Ground {
    async fn client(&self) -> Result<Client> {
        let options = ClientOptions::new(&self.url).retry(RetryPolicy::never());
        Ok(Client::with_options(options).await?)
    }

    fn is_over(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    fn add(&self, kind: &'static str, time: Duration) {
        if self.counting.load(Ordering::Relaxed) {
            let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
            times.entry(kind).or_default().add(time);
        }
    }

    /// Calls come at their own times, spread over the period.
    async fn begin(&self, number: u32, period: Duration) -> tokio::time::Interval {
        tokio::time::sleep(period * (number % 64) / 64).await;
        let mut ticks = tokio::time::interval(period);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        ticks
    }

    async fn submit(self, client_number: u32) -> Result<()> {
        let client = self.client().await?;
        let mut ticks = self.begin(client_number, BATCH_EVERY).await;
        for number in 0.. {
            ticks.tick().await;
            if self.is_over() {
                break;
            }
            let rows = samples(client_number, number);
            let begun = Instant::now();
            client
                .submit_batch(submission(STUDY, rows))
                .await
                .context("a batch")?;
            self.add("submit", begun.elapsed());
        }
        Ok(())
    }

    async fn query(self, client_number: u32) -> Result<()> {
        let client = self.client().await?;
        let mut ticks = self.begin(client_number, QUERY_EVERY).await;
        let parent = format!("studies/{STUDY}");
        for number in 0_u32.. {
            ticks.tick().await;
            if self.is_over() {
                break;
            }
            let begun = Instant::now();
            let kind = match number % 3 {
                0 => {
                    let person = code(0, (client_number * 31 + number) % PERSONS);
                    let name = format!("{parent}/participants/{person}/rhythm");
                    client.get_rhythm(name).await.context("a rhythm")?;
                    "rhythm"
                }
                1 => {
                    let request = v1::ListRhythmsRequest {
                        parent: parent.clone(),
                        ..Default::default()
                    };
                    let page = client.page(request).await.context("rhythms")?;
                    ensure!(page.items.len() == 50, "{} rhythms", page.items.len());
                    "page of rhythms"
                }
                _ => {
                    let request = v1::ListFlagsRequest {
                        parent: parent.clone(),
                        ..Default::default()
                    };
                    let page = client.page(request).await.context("flags")?;
                    ensure!(page.items.len() == 50, "{} flags", page.items.len());
                    "page of flags"
                }
            };
            self.add(kind, begun.elapsed());
        }
        Ok(())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "compared with the clock of the server's process"
    )]
    async fn watch(self) -> Result<()> {
        let request = v1::WatchFlagsRequest {
            parent: format!("studies/{STUDY}"),
            ..Default::default()
        };
        let mut watch = self.client().await?.watch_flags(request);
        while !self.is_over() {
            let change = watch.next().await.context("a watch")?;
            let event = change.event.context("a step")?;
            let made = event.create_time.context("an instant")?;
            let since = Duration::new(u64::try_from(made.seconds)?, u32::try_from(made.nanos)?);
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
            self.add("watch", now.saturating_sub(since));
        }
        Ok(())
    }

    async fn read_slowly(self) -> Result<()> {
        let channel = Channel::from_shared(self.url.clone())?
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .connect()
            .await?;
        while !self.is_over() {
            let request = v1::StreamRhythmsRequest {
                parent: format!("studies/{STUDY}"),
                ..Default::default()
            };
            let mut rhythms = RhythmsClient::new(channel.clone());
            let answer = rhythms.stream_rhythms(request).await;
            let mut messages = answer.context("rhythms")?.into_inner();
            while let Some(_message) = messages.message().await.context("rhythms")? {
                tokio::time::sleep(READ_EVERY).await;
                if self.is_over() {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn half_open(self) -> Result<()> {
        let address = self.url.trim_start_matches("http://").to_owned();
        while !self.is_over() {
            let mut stream = TcpStream::connect(&address).await?;
            let _ = stream.write_all(HALF_OPENING).await;
            // Until the server has had enough.
            let mut said = Vec::new();
            let _ = stream.read_to_end(&mut said).await;
        }
        Ok(())
    }
}
