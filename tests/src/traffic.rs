//! Writers, reviewers and a watcher, each with a log of what they were told, at servers that come and go; and what must be
//! true of the database when they are done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use diel_client::{Client, ClientOptions, RetryPolicy, v1};
use tokio::task::JoinSet;
use tonic::transport::Channel;

use crate::rows::{person, submission};
use crate::trail;

/// The study that they work in.
pub const STUDY: &str = "traffic";
/// Days of each person, whose rhythm is flat: each is flagged.
const DAYS: i64 = 6;
/// Samples of each person, who is one batch.
const ROWS: usize = 30;
/// How long the watcher may need for what is left when the writers are done.
const REST: Duration = Duration::from_secs(20);

/// A step of a flag: the flag, the number of the step, what happened.
type Step = (String, i64, v1::FlagEventKind);

/// People at work.
#[derive(Debug)]
pub struct Traffic {
    stopping: Arc<AtomicBool>,
    writers: JoinSet<Result<Log>>,
    seen: Arc<Mutex<Vec<Step>>>,
    watching: JoinSet<Result<()>>,
}

/// What a writer was told.
#[derive(Debug, Default)]
pub struct Log {
    /// When each person's batch was answered, and which flags it raised.
    pub acknowledged: BTreeMap<String, (Instant, Vec<String>)>,
    /// Flags about which a decision was answered.
    pub decided: BTreeSet<String>,
    /// Batches whose first answer was lost on its way.
    pub answered_before: usize,
}

/// What was found to be true.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Batches that are stored.
    pub batches: usize,
    /// Steps of flags, each of which the watcher saw once.
    pub steps: usize,
    /// The number of the last entry of the audit trail.
    pub entries: i64,
}

/// Does not dawdle, and has more patience than an outage lasts.
#[must_use]
pub fn patient() -> RetryPolicy {
    let mut retry = RetryPolicy::default()
        .max_tries(60)
        .first_pause(Duration::from_millis(20));
    retry.longest_pause = Duration::from_millis(500);
    retry
}

/// A patient client of any of the servers.
///
/// # Errors
/// Nobody answers at any address.
pub async fn client(urls: &[String]) -> Result<Client> {
    client_with(urls, patient()).await
}

async fn client_with(urls: &[String], retry: RetryPolicy) -> Result<Client> {
    Ok(Client::with_options(ClientOptions::new(urls.join(",")).retry(retry)).await?)
}

impl Traffic {
    /// Creates the study, and begins to write and decide, trying again as `retry` says, and to watch.
    ///
    /// # Errors
    /// Whatever the service answers.
    pub async fn begin(urls: &[String], writers: usize, retry: &RetryPolicy) -> Result<Self> {
        let study = v1::Study {
            display_name: "Traffic".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            ..v1::Study::default()
        };
        let request = v1::CreateStudyRequest {
            study_id: STUDY.to_owned(),
            study: Some(study),
            ..Default::default()
        };
        client(urls).await?.create_study(request).await?;
        let mut traffic = Self {
            stopping: Arc::default(),
            writers: JoinSet::new(),
            seen: Arc::default(),
            watching: JoinSet::new(),
        };
        for number in 0..writers {
            let client = client_with(urls, retry.clone()).await?;
            let stopping = Arc::clone(&traffic.stopping);
            traffic.writers.spawn(write(client, number, stopping));
        }
        let (client, seen) = (client(urls).await?, Arc::clone(&traffic.seen));
        traffic.watching.spawn(watch(client, seen));
        Ok(traffic)
    }

    /// Lets everybody finish what they are at; returns what they were told.
    ///
    /// # Errors
    /// An error that reached a writer, whose client had to try again until it succeeded.
    pub async fn end(mut self) -> Result<(Log, Watched)> {
        self.stopping.store(true, Ordering::Relaxed);
        let mut all = Log::default();
        while let Some(log) = self.writers.join_next().await {
            let log = log??;
            all.acknowledged.extend(log.acknowledged);
            all.decided.extend(log.decided);
            all.answered_before += log.answered_before;
        }
        Ok((
            all,
            Watched {
                seen: self.seen,
                watching: self.watching,
            },
        ))
    }
}

/// Flat persons, one after the other; about every second one the writer decides.
async fn write(client: Client, writer: usize, stopping: Arc<AtomicBool>) -> Result<Log> {
    let mut log = Log::default();
    let mut number = 0_u32;
    while !stopping.load(Ordering::Relaxed) {
        let code = format!("W{writer}-{number:05}");
        let batch = submission(STUDY, person(&code, DAYS, 1.6, 0.02));
        let answer = client.submit_batch(batch).await.context("a batch")?;
        log.answered_before += usize::from(answer.answered_before);
        let flag = answer.raised_flags.first().context("a flag")?.clone();
        log.acknowledged
            .insert(code, (Instant::now(), answer.raised_flags));
        if number.is_multiple_of(2) {
            let flag = client.get_flag(flag).await.context("a flag")?;
            let request = v1::ResolveFlagRequest {
                name: flag.name.clone(),
                decision: v1::FlagDecision::Dismissed.into(),
                reason: "seen".to_owned(),
                etag: flag.etag,
                ..Default::default()
            };
            client.resolve_flag(request).await.context("a decision")?;
            log.decided.insert(flag.name);
        }
        number += 1;
    }
    Ok(log)
}

async fn watch(client: Client, seen: Arc<Mutex<Vec<Step>>>) -> Result<()> {
    let mut watch = client.watch_flags(v1::WatchFlagsRequest {
        parent: format!("studies/{STUDY}"),
        include_present: true,
        ..Default::default()
    });
    loop {
        let change = watch.next().await?;
        let event = change.event.context("a step")?;
        let step = (change.flag, event.sequence, event.kind());
        seen.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(step);
    }
}

/// A watcher who may not have seen everything yet.
#[derive(Debug)]
pub struct Watched {
    seen: Arc<Mutex<Vec<Step>>>,
    watching: JoinSet<Result<()>>,
}

impl Watched {
    /// What was seen, once it is so many steps.
    async fn until(mut self, count: usize) -> Result<Vec<Step>> {
        let begun = Instant::now();
        loop {
            let seen = self
                .seen
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            if let Some(ended) = self.watching.try_join_next() {
                ended??;
            }
            if seen.len() >= count || begun.elapsed() > REST {
                return Ok(seen);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Compares what the database holds with what everybody was told.
///
/// # Errors
/// What was lost, is there twice or in part, or what of the audit trail is wrong.
pub async fn verify(url: &str, log: &Log, watched: Watched) -> Result<Found> {
    let client = client(&[url.to_owned()]).await?;
    let parent = format!("studies/{STUDY}");
    let mut rows = BTreeMap::<String, usize>::new();
    let mut specimens = client.list(v1::ListSpecimensRequest {
        parent: parent.clone(),
        page_size: 1000,
        ..Default::default()
    });
    while let Some(specimen) = specimens.next().await {
        let collection = specimen?.collection.context("collection facts")?;
        *rows.entry(collection.participant).or_default() += 1;
    }
    for (person, count) in &rows {
        ensure!(*count == ROWS, "{person} has {count} samples");
        ensure!(
            log.acknowledged.contains_key(person),
            "{person} was never answered"
        );
    }
    for person in log.acknowledged.keys() {
        ensure!(rows.contains_key(person), "{person} was lost");
    }
    let steps = steps(&client, &parent, log).await?;
    let mut seen = watched.until(steps.len()).await?;
    let mut last = BTreeMap::new();
    for (flag, number, _) in &seen {
        let before = last.insert(flag.clone(), *number);
        ensure!(
            before.is_none_or(|before| before < *number),
            "{flag}: step {number} behind {before:?}"
        );
    }
    seen.sort();
    ensure!(
        seen == steps,
        "{} steps were watched, {} were made",
        seen.len(),
        steps.len()
    );
    let channel = Channel::from_shared(url.to_owned())?.connect().await?;
    let head = trail::verify(&channel, STUDY).await?;
    let mut decisions = trail::resources(&channel, STUDY, "resolve_flag").await?;
    decisions.sort();
    ensure!(
        decisions.iter().eq(&log.decided),
        "{} decisions in the trail, {} answered",
        decisions.len(),
        log.decided.len()
    );
    Ok(Found {
        batches: rows.len(),
        steps: steps.len(),
        entries: head.sequence,
    })
}

/// The steps of all flags in order; each flag was raised once and decided as often as somebody was told so.
async fn steps(client: &Client, parent: &str, log: &Log) -> Result<Vec<Step>> {
    let flags = client.list(v1::ListFlagsRequest {
        parent: parent.to_owned(),
        page_size: 1000,
        ..Default::default()
    });
    let flags = flags.collect(usize::MAX).await?;
    let raised: BTreeSet<_> = log
        .acknowledged
        .values()
        .flat_map(|(_, flags)| flags)
        .collect();
    let names: BTreeSet<_> = flags.iter().map(|flag| &flag.name).collect();
    ensure!(
        names == raised,
        "{} flags, {} told",
        names.len(),
        raised.len()
    );
    let mut steps = Vec::new();
    for flag in &flags {
        let events = client.list(v1::ListFlagEventsRequest {
            parent: flag.name.clone(),
            ..Default::default()
        });
        let events = events.collect(usize::MAX).await?;
        let kinds: Vec<_> = events.iter().map(v1::FlagEvent::kind).collect();
        let expected: &[v1::FlagEventKind] = match log.decided.contains(&flag.name) {
            true => &[v1::FlagEventKind::Raised, v1::FlagEventKind::Resolved],
            false => &[v1::FlagEventKind::Raised],
        };
        ensure!(kinds == expected, "{}: {kinds:?}", flag.name);
        let step = |event: &v1::FlagEvent| (flag.name.clone(), event.sequence, event.kind());
        steps.extend(events.iter().map(step));
    }
    steps.sort();
    Ok(steps)
}
