//! Whoever watches the flags of the study all the while.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diel_client::{Client, v1};
use diel_proto::v1::reviews_client::ReviewsClient;
use tokio::task::JoinHandle;

use super::STUDY;
use super::world::World;

/// A flag and the number of its step.
type Step = (String, i64);

pub(super) struct Watching {
    seen: Arc<Mutex<Vec<Step>>>,
    watching: JoinHandle<()>,
}

impl Watching {
    /// Begins with what happens from now on.
    pub(super) async fn begin(world: &World) -> Self {
        let mut request = v1::WatchFlagsRequest {
            parent: format!("studies/{STUDY}"),
            ..Default::default()
        };
        // The token of the first message: nothing behind it is missed, however soon the line is cut.
        let mut reviews = ReviewsClient::new(world.channel().await);
        let first = reviews.watch_flags(request.clone()).await.unwrap();
        let first = first.into_inner().message().await.unwrap().unwrap();
        request.resume_token = first.resume_token;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let seeing = Arc::clone(&seen);
        let client = world.patient_client().await;
        let watching = tokio::spawn(async move {
            let mut watch = client.watch_flags(request);
            loop {
                match watch.next().await {
                    Ok(change) => {
                        let sequence = change.event.as_ref().unwrap().sequence;
                        seeing.lock().unwrap().push((change.flag, sequence));
                    }
                    // Before its first message it gives up like any call; it is where it was.
                    Err(error) => {
                        assert!(super::caller::is_passing(&error), "{error}");
                        let mut again = watch_behind(&watch);
                        again.parent = format!("studies/{STUDY}");
                        watch = client.watch_flags(again);
                    }
                }
            }
        });
        Self { seen, watching }
    }

    /// Every step that the service has was seen once and in its order; returns how many there are.
    pub(super) async fn check(self, client: &Client, most: Duration) -> usize {
        let mut stored = BTreeMap::new();
        let request = v1::ListFlagsRequest {
            parent: format!("studies/{STUDY}"),
            ..Default::default()
        };
        for flag in client.list(request).collect(10_000).await.unwrap() {
            let request = v1::ListFlagEventsRequest {
                parent: flag.name.clone(),
                ..Default::default()
            };
            let events = client.list(request).collect(10_000).await.unwrap();
            let mut steps: Vec<i64> = events.iter().map(|event| event.sequence).collect();
            steps.sort_unstable();
            stored.insert(flag.name, steps);
        }
        let count: usize = stored.values().map(Vec::len).sum();
        let begun = Instant::now();
        while self.seen.lock().unwrap().len() < count && begun.elapsed() < most {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.watching.abort();
        let mut seen: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for (flag, sequence) in self.seen.lock().unwrap().drain(..) {
            seen.entry(flag).or_default().push(sequence);
        }
        assert_eq!(seen, stored, "each step once and in order");
        count
    }
}

fn watch_behind(watch: &diel_client::FlagWatch) -> v1::WatchFlagsRequest {
    v1::WatchFlagsRequest {
        resume_token: watch.resume_token().to_owned(),
        ..Default::default()
    }
}
