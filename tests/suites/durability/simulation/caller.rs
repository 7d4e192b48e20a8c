//! A client with persons of its own, who knows what was acknowledged. What was not is sent again, under its request id,
//! until it is.

use std::collections::BTreeMap;

use diel_client::{Client, Code, Error, v1};
use diel_tests::random::Random;
use diel_tests::rows::{nmol, person, submission};

use super::STUDY;

/// Tries of what waits, when nothing befalls the service any more.
const TRIES: u32 = 50;

/// A step that changes something, under the id that makes it the same step however often it is sent.
#[derive(Debug, Clone)]
enum Step {
    Submit(Box<v1::SubmitBatchRequest>),
    Amend(Box<v1::AmendResultRequest>, f64),
    Recall(v1::RecallBatchRequest),
    Restore(v1::RestoreBatchRequest),
    Resolve(v1::ResolveFlagRequest),
    Reopen(v1::ReopenFlagRequest),
}

/// A batch that was acknowledged.
#[derive(Debug)]
struct Held {
    name: String,
    participant: String,
    /// The value in force of each specimen, in nmol/L.
    values: BTreeMap<String, f64>,
    is_recalled: bool,
    /// What was sent, to be sent again.
    request: v1::SubmitBatchRequest,
}

pub(super) struct Caller {
    number: u64,
    client: Client,
    seed: Random,
    steps: u64,
    held: Vec<Held>,
    waiting: Option<Step>,
    pub(super) acknowledged: u64,
    pub(super) repeated: u64,
}

impl Caller {
    pub(super) const fn new(number: u64, client: Client, seed: Random) -> Self {
        Self {
            number,
            client,
            seed,
            steps: 0,
            held: Vec::new(),
            waiting: None,
            acknowledged: 0,
            repeated: 0,
        }
    }

    /// How many batches were acknowledged.
    pub(super) const fn batches(&self) -> usize {
        self.held.len()
    }

    /// Sends what waits, or chooses something new.
    pub(super) async fn act(&mut self) {
        let step = match self.waiting.take() {
            Some(step) => {
                self.repeated += 1;
                Some(step)
            }
            None => self.choose().await,
        };
        if let Some(step) = step {
            self.send(step).await;
        }
    }

    /// Sends what waits until it is acknowledged.
    pub(super) async fn finish(&mut self) {
        for _ in 0..TRIES {
            let Some(step) = self.waiting.take() else {
                return;
            };
            self.repeated += 1;
            self.send(step).await;
        }
        assert!(self.waiting.is_none(), "{:?}", self.waiting);
    }

    /// What is stored is what was acknowledged.
    pub(super) async fn check(&self) {
        for held in &self.held {
            let stored = self.values(&held.participant).await.unwrap();
            assert_eq!(
                stored,
                held.expected(),
                "{} of {}",
                held.name,
                held.participant
            );
        }
    }

    async fn choose(&mut self) -> Option<Step> {
        self.steps += 1;
        let id = format!("{}-{}", self.number, self.steps);
        let choice = self.seed.below(12);
        let flat = self.seed.below(2) == 0;
        let (which, tube) = (self.seed.bits(), self.seed.bits());
        let Some(held) = pick(&self.held, which) else {
            return Some(submit(id, flat));
        };
        match choice {
            0..3 => Some(submit(id, flat)),
            3 => {
                // An answer may be asked for again, at any time.
                let again = self.client.submit_batch(held.request.clone()).await;
                if let Some(answer) = passed(again) {
                    assert_eq!(answer.batch.unwrap().name, held.name);
                }
                None
            }
            4..6 if !held.is_recalled => self.amend(id, held, tube).await,
            6 if held.is_recalled => Some(Step::Restore(v1::RestoreBatchRequest {
                name: held.name.clone(),
                reason: "the standards were right".into(),
                request_id: id,
                ..Default::default()
            })),
            6 => Some(Step::Recall(v1::RecallBatchRequest {
                name: held.name.clone(),
                reason: "standards swapped".into(),
                request_id: id,
                ..Default::default()
            })),
            7..10 => self.review(id, held).await,
            _ => {
                // What was acknowledged can be read at once.
                if let Some(stored) = passed(self.values(&held.participant).await) {
                    assert_eq!(
                        stored,
                        held.expected(),
                        "{} of {}",
                        held.name,
                        held.participant
                    );
                }
                None
            }
        }
    }

    async fn amend(&self, id: String, held: &Held, tube: u64) -> Option<Step> {
        let specimens: Vec<&String> = held.values.keys().collect();
        let specimen = pick(&specimens, tube)?;
        let name = format!("studies/{STUDY}/specimens/{specimen}");
        let found = passed(self.client.get_specimen(name.clone()).await)?;
        let value = 0.5 + f64::from(u32::try_from(tube % 400).unwrap()) / 16.0;
        let request = v1::AmendResultRequest {
            name,
            result: Some(v1::Result {
                concentration: Some(nmol(value)),
                ..Default::default()
            }),
            reason: "dilution not applied".into(),
            replaced_revision: found.result.unwrap().revision,
            request_id: id,
            ..Default::default()
        };
        Some(Step::Amend(Box::new(request), value))
    }

    async fn review(&self, id: String, held: &Held) -> Option<Step> {
        let request = v1::ListFlagsRequest {
            parent: format!("studies/{STUDY}"),
            filter: Some(v1::FlagFilter {
                participant: held.participant.clone(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let flags = passed(self.client.list(request).collect(10).await)?;
        let flag = flags.into_iter().next()?;
        match flag.state() {
            v1::FlagState::Open => Some(Step::Resolve(v1::ResolveFlagRequest {
                name: flag.name,
                decision: v1::FlagDecision::Dismissed.into(),
                reason: "sampled while travelling".into(),
                etag: flag.etag,
                request_id: id,
            })),
            v1::FlagState::Resolved => Some(Step::Reopen(v1::ReopenFlagRequest {
                name: flag.name,
                reason: "another look".into(),
                etag: flag.etag,
                request_id: id,
            })),
            _ => None,
        }
    }

    /// Sends a step, and takes down what was acknowledged, or that it waits.
    async fn send(&mut self, step: Step) {
        let client = &self.client;
        let answered = match step.clone() {
            Step::Submit(request) => client
                .submit_batch(*request)
                .await
                .map(|answer| answer.batch.unwrap().name),
            Step::Amend(request, _) => client
                .amend_result(*request)
                .await
                .map(|result| result.name),
            Step::Recall(request) => client.recall_batch(request).await.map(|_| String::new()),
            Step::Restore(request) => client.restore_batch(request).await.map(|_| String::new()),
            Step::Resolve(request) => client.resolve_flag(request).await.map(|flag| flag.name),
            Step::Reopen(request) => client.reopen_flag(request).await.map(|flag| flag.name),
        };
        match answered {
            Ok(name) => self.acknowledge(step, name),
            Err(error) if is_passing(&error) => self.waiting = Some(step),
            Err(error) => panic!("{error}: {step:?}"),
        }
    }

    fn acknowledge(&mut self, step: Step, name: String) {
        self.acknowledged += 1;
        match step {
            Step::Submit(request) => self.held.push(Held::new(name, *request)),
            Step::Amend(request, value) => {
                let specimen = request.name.rsplit('/').next().unwrap();
                let held = self
                    .held
                    .iter_mut()
                    .find_map(|held| held.values.get_mut(specimen));
                *held.unwrap() = value;
            }
            Step::Recall(request) => self.batch(&request.name).is_recalled = true,
            Step::Restore(request) => self.batch(&request.name).is_recalled = false,
            Step::Resolve(_) | Step::Reopen(_) => {}
        }
    }

    fn batch(&mut self, name: &str) -> &mut Held {
        self.held.iter_mut().find(|held| held.name == name).unwrap()
    }

    /// The values in force of a person's specimens.
    async fn values(&self, participant: &str) -> Result<BTreeMap<String, f64>, Error> {
        let request = v1::ListSpecimensRequest {
            parent: format!("studies/{STUDY}"),
            filter: Some(v1::SpecimenFilter {
                participant: participant.to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let specimens = self.client.list(request).collect(1_000).await?;
        let value = |specimen: v1::Specimen| {
            let name = specimen.name.rsplit('/').next().unwrap().to_owned();
            Some((name, specimen.result?.concentration_nmol_per_l?))
        };
        Ok(specimens.into_iter().filter_map(value).collect())
    }
}

impl Held {
    fn new(name: String, request: v1::SubmitBatchRequest) -> Self {
        let values = request.results.iter().map(|row| {
            let Some(v1::measurement::Outcome::Value(value)) =
                row.concentration.and_then(|of| of.outcome)
            else {
                panic!("a value");
            };
            (row.specimen.clone(), value)
        });
        Self {
            name,
            participant: request.request_id.clone(),
            values: values.collect(),
            is_recalled: false,
            request,
        }
    }

    /// What must be stored of it.
    fn expected(&self) -> BTreeMap<String, f64> {
        if self.is_recalled {
            return BTreeMap::new();
        }
        self.values.clone()
    }
}

/// A batch of one person, whose code is the request id.
fn submit(id: String, flat: bool) -> Step {
    let slope = if flat { 0.02 } else { -0.0965 };
    Step::Submit(Box::new(v1::SubmitBatchRequest {
        request_id: id.clone(),
        ..submission(STUDY, person(&id, 6, 1.6, slope))
    }))
}

/// Whether an error says that nothing is known of the step, or that it is to come again.
pub(super) fn is_passing(error: &Error) -> bool {
    matches!(error.code(), Code::Unavailable | Code::DeadlineExceeded)
}

/// An answer; none where the call did not come through.
fn passed<T>(answered: Result<T, Error>) -> Option<T> {
    match answered {
        Ok(answer) => Some(answer),
        Err(error) if is_passing(&error) => None,
        Err(error) => panic!("{error}"),
    }
}

fn pick<T>(some: &[T], which: u64) -> Option<&T> {
    let count = u64::try_from(some.len()).unwrap();
    some.get(usize::try_from(which.checked_rem(count)?).unwrap())
}
