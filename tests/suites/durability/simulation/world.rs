//! The server, its clock, the line to it, and what befalls them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use diel_client::{Client, ClientOptions, RetryPolicy};
use diel_server::{Clock, Limits, Running, Settings, Web};
use diel_tests::database::Database;
use diel_tests::line::Line;
use diel_tests::random::Random;
use jiff::Timestamp;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

/// 2026-06-01, months after the samples were taken.
const BEGIN_US: i64 = 1_780_272_000_000_000;

/// A clock that goes a millisecond further each time it is looked at, and where it is put.
#[derive(Debug)]
struct MovedClock(AtomicI64);

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let us = self.0.fetch_add(1_000, Ordering::Relaxed);
        Timestamp::from_microsecond(us).unwrap()
    }
}

/// What befalls a service.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// Every connection breaks.
    Cut,
    /// The server is stopped, in order, and started again somewhere else.
    Restart,
    /// The clock jumps by so many seconds.
    Jump(i64),
}

pub(super) struct World {
    database: Database,
    clock: Arc<MovedClock>,
    line: Line,
    running: Option<Running>,
}

impl World {
    pub(super) async fn begin(database: Database) -> Self {
        let clock = Arc::new(MovedClock(AtomicI64::new(BEGIN_US)));
        let running = start(&database, &clock).await;
        Self {
            line: Line::open(running.address()).await.unwrap(),
            database,
            clock,
            running: Some(running),
        }
    }

    /// A client that gives up at once, so that the simulation decides when a step is sent again.
    pub(super) async fn client(&self) -> Client {
        self.client_that(RetryPolicy::never()).await
    }

    /// A client that tries again as any does.
    pub(super) async fn patient_client(&self) -> Client {
        self.client_that(RetryPolicy::default()).await
    }

    async fn client_that(&self, retry: RetryPolicy) -> Client {
        let options = ClientOptions::new(self.url())
            .retry(retry)
            .request_timeout(Duration::from_secs(2));
        Client::with_options(options).await.unwrap()
    }

    /// A bare channel.
    pub(super) async fn channel(&self) -> Channel {
        let channel = Channel::from_shared(self.url()).unwrap();
        channel.connect().await.unwrap()
    }

    fn url(&self) -> String {
        format!("http://{}", self.line.address())
    }

    /// What befalls it in this round, and after how long.
    pub(super) fn choose(&self, seed: &mut Random) -> Option<(Duration, Fault)> {
        let after = Duration::from_micros(seed.below(4_000));
        let fault = match seed.below(10) {
            0..3 => Fault::Cut,
            3 => Fault::Restart,
            4 => Fault::Jump(i64::try_from(seed.below(7_200)).unwrap()),
            5 => Fault::Jump(-i64::try_from(seed.below(3_600)).unwrap()),
            _ => return None,
        };
        Some((after, fault))
    }

    pub(super) async fn befall(&mut self, fault: Option<(Duration, Fault)>) {
        let Some((after, fault)) = fault else {
            return;
        };
        tokio::time::sleep(after).await;
        match fault {
            Fault::Cut => self.line.cut(),
            Fault::Restart => self.restart().await,
            Fault::Jump(seconds) => {
                self.clock
                    .0
                    .fetch_add(seconds * 1_000_000, Ordering::Relaxed);
            }
        }
    }

    pub(super) async fn restart(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        let running = start(&self.database, &self.clock).await;
        self.line.lead_to(running.address());
        self.line.cut();
        self.running = Some(running);
    }

    pub(super) async fn wait_until_serving(&self, most: Duration) {
        let begun = Instant::now();
        while !self.is_serving().await {
            assert!(begun.elapsed() < most, "not serving after {most:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn is_serving(&self) -> bool {
        let Ok(channel) = Channel::from_shared(self.url()).unwrap().connect().await else {
            return false;
        };
        let answer = HealthClient::new(channel)
            .check(HealthCheckRequest::default())
            .await;
        answer.is_ok_and(|answer| answer.into_inner().status() == ServingStatus::Serving)
    }

    /// Stops it for good.
    pub(super) async fn end(mut self) -> Database {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        self.database
    }
}

async fn start(database: &Database, clock: &Arc<MovedClock>) -> Running {
    let settings = Settings {
        listen: "127.0.0.1:0".parse().unwrap(),
        web: Web::Off,
        database: database.url().to_owned(),
        limits: Limits {
            drain_seconds: 2,
            ..Limits::default()
        },
        ..Settings::default()
    };
    let clock: Arc<dyn Clock> = Arc::<MovedClock>::clone(clock);
    diel_server::start(settings, clock).await.unwrap()
}
