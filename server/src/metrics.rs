//! What the server counts and measures, for Prometheus.
//!
//! Labels hold only words that the code knows: methods, codes, limits, kinds. Nothing that a caller wrote becomes one: studies
//! and participants would be told to whoever may look at the numbers, and each would be a series of its own.

mod calls;
mod limits;
mod process;

use std::sync::Arc;
use std::time::Duration;

use diel_store::{JobKind, JobState, Meter, Store};
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::access::{CAUSES, method_names};
pub(crate) use calls::{Calls, Pages, code_word};
pub(crate) use limits::{Limit, LimitsInUse, Shed};
use process::Process;

/// Labels: names with their values.
type Labels<const N: usize> = [(&'static str, &'static str); N];
/// A number that only grows, for each set of labels.
pub(crate) type Counts<const N: usize> = Family<Labels<N>, Counter>;
/// A number as it stands, for each set of labels.
type Levels<const N: usize> = Family<Labels<N>, Gauge>;

/// How long the numbers wait for the database.
const PATIENCE: Duration = Duration::from_secs(2);

/// Everything that is counted. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    pub(crate) calls: Calls,
    pub(crate) pages: Pages,
    pub(crate) refused: Counts<1>,
    pub(crate) limits: LimitsInUse,
    jobs_ended: Counts<2>,
    jobs: Levels<2>,
    connections: Levels<2>,
    most_connections: Levels<1>,
    read_only: Gauge,
    database_answers: Gauge,
    ready: Gauge,
    process: Process,
}

impl Metrics {
    pub(crate) fn new(store: &Store) -> Self {
        let mut registry = Registry::default();
        let engine = match store.engine() {
            diel_store::Engine::Sqlite => "sqlite",
            diel_store::Engine::Postgres => "postgres",
        };
        let build = Levels::<2>::default();
        let version = env!("CARGO_PKG_VERSION");
        build
            .get_or_create(&[("version", version), ("engine", engine)])
            .set(1);
        let mut metrics = Self {
            registry: Arc::default(),
            calls: Calls::default(),
            pages: Pages::default(),
            refused: Counts::default(),
            limits: LimitsInUse::default(),
            jobs_ended: Counts::default(),
            jobs: Levels::default(),
            connections: Levels::default(),
            most_connections: Levels::default(),
            read_only: Gauge::default(),
            database_answers: Gauge::default(),
            ready: Gauge::default(),
            process: Process::default(),
        };
        registry.register(
            "diel_build_info",
            "Version and engine of this server; always 1",
            build,
        );
        metrics.begin_at_nothing();
        metrics.calls.register(&mut registry);
        metrics.pages.register(&mut registry);
        metrics.limits.register(&mut registry);
        metrics.register_work(&mut registry);
        register_store(store.meter(), &mut registry);
        metrics.process.register(&mut registry);
        metrics.registry = Arc::new(registry);
        metrics
    }

    /// Series that alerts look at are there before anything happens, so that the first time is seen as a rise.
    fn begin_at_nothing(&self) {
        self.calls.expect_defects(method_names());
        for reason in CAUSES {
            drop(self.refused.get_or_create(&[("reason", reason)]));
        }
        for kind in JobKind::ALL {
            for state in [JobState::Succeeded, JobState::Failed, JobState::Cancelled] {
                let labels = [("kind", kind.word()), ("state", state.word())];
                drop(self.jobs_ended.get_or_create(&labels));
            }
        }
    }

    fn register_work(&self, registry: &mut Registry) {
        registry.register(
            "diel_refused_callers",
            "Calls refused for what their caller is or does, by reason",
            self.refused.clone(),
        );
        registry.register(
            "diel_jobs",
            "Jobs of all studies that have not ended, on all servers of the database",
            self.jobs.clone(),
        );
        registry.register(
            "diel_jobs_ended",
            "Jobs that this server worked on to their end, by the state they ended in",
            self.jobs_ended.clone(),
        );
        registry.register(
            "diel_store_connections",
            "Connections to the database by pool and state",
            self.connections.clone(),
        );
        registry.register(
            "diel_store_connections_max",
            "Most connections of a pool",
            self.most_connections.clone(),
        );
        registry.register(
            "diel_store_read_only",
            "1 when the disk has failed and nothing more is written",
            self.read_only.clone(),
        );
        registry.register(
            "diel_store_up",
            "1 when the database answered while these numbers were gathered",
            self.database_answers.clone(),
        );
        registry.register(
            "diel_ready",
            "1 when this server is to be sent calls, as /readyz says",
            self.ready.clone(),
        );
    }

    /// Counts a job that this server brought to an end.
    pub(crate) fn job_ended(&self, kind: JobKind, state: JobState) {
        if !matches!(state, JobState::Queued | JobState::Running) {
            let labels = [("kind", kind.word()), ("state", state.word())];
            self.jobs_ended.get_or_create(&labels).inc();
        }
    }

    /// All numbers as of now, in the text format of Prometheus. `is_ready` is what the server says of itself.
    pub(crate) async fn text(&self, store: &Store, is_ready: bool) -> String {
        self.ready.set(i64::from(is_ready));
        self.read_only.set(i64::from(store.check_disk().is_err()));
        for pool in store.pools() {
            let set = |state, number: u32| {
                let labels = [("pool", pool.pool), ("state", state)];
                self.connections.get_or_create(&labels).set(number.into());
            };
            set("busy", pool.busy);
            set("idle", pool.idle);
            let labels = [("pool", pool.pool)];
            self.most_connections
                .get_or_create(&labels)
                .set(pool.most.into());
        }
        let answered = self.look_at_jobs(store).await;
        self.database_answers.set(i64::from(answered));
        self.limits.look();
        self.process.look();
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = prometheus_text::encode(&mut text, &self.registry);
        text
    }

    /// Whether the database said how many jobs there are.
    async fn look_at_jobs(&self, store: &Store) -> bool {
        let asked = tokio::time::timeout(PATIENCE, store.jobs_at_work()).await;
        let Ok(Ok(at_work)) = asked else {
            return false;
        };
        for kind in JobKind::ALL {
            for state in [JobState::Queued, JobState::Running] {
                let jobs = at_work
                    .iter()
                    .find(|jobs| jobs.kind == kind && jobs.state == state)
                    .map_or(0, |jobs| jobs.jobs);
                let labels = [("kind", kind.word()), ("state", state.word())];
                self.jobs.get_or_create(&labels).set(jobs);
            }
        }
        true
    }
}

fn register_store(meter: &Meter, registry: &mut Registry) {
    registry.register(
        "diel_store_read_seconds",
        "Reads of one operation, with the wait for a connection",
        meter.read_seconds.clone(),
    );
    registry.register(
        "diel_store_write_seconds",
        "Transactions that write, with the wait for the writer",
        meter.write_seconds.clone(),
    );
    registry.register(
        "diel_store_read_wait_seconds",
        "Waits of reads for a connection",
        meter.read_wait_seconds.clone(),
    );
    registry.register(
        "diel_store_write_wait_seconds",
        "Waits of writes for a connection: on SQLite, for the one writer",
        meter.write_wait_seconds.clone(),
    );
    registry.register(
        "diel_store_group_submissions",
        "Submissions that one commit of SQLite answered",
        meter.group_submissions.clone(),
    );
}
