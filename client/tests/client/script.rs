//! A service that keeps batches in memory, knows repetitions by their request id as the protocol asks, and misbehaves
//! as its script says.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diel_client::v1::submissions_server::{Submissions, SubmissionsServer};
use diel_client::{Client, ClientOptions, RetryPolicy, v1};
use tokio::net::TcpListener;
use tokio_stream::Stream;
use tokio_stream::wrappers::{TcpListenerStream, UnboundedReceiverStream};
use tonic::{Request, Response, Status, Streaming};

use crate::link::Link;

/// What to do at a point of the script, once.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Cut the wire before the batch is stored.
    CutBeforeStoring,
    /// Store the batch and cut the wire instead of answering.
    CutBeforeAnswering,
    /// Store, answer, then cut the wire.
    CutAfterAnswering,
    /// End the stream in good order without answering.
    End,
    /// Answer the message with an error.
    Refuse(v1::SubmissionError),
    /// Answer with another request's id.
    AnswerAnother,
    /// Never answer.
    Silence,
}

#[derive(Default)]
pub struct State {
    /// What to do at the n-th message, counted over all connections.
    pub faults: HashMap<usize, Fault>,
    /// What unary calls are answered before they succeed.
    pub refusals: VecDeque<Status>,
    /// Messages and calls received, repetitions included.
    pub received: Vec<String>,
    /// The first answer to each request id.
    pub answers: HashMap<String, v1::SubmitBatchResponse>,
    /// How often each specimen was stored.
    pub stored: HashMap<String, u32>,
    /// Batches received and not answered on the open connection, at most.
    pub most_under_way: usize,
    /// The `authorization` header of the last call.
    pub authorization: Option<String>,
}

#[derive(Clone)]
pub struct Script {
    pub state: Arc<Mutex<State>>,
    link: Option<Link>,
}

impl Script {
    /// A service on no wire of ours, which it cannot cut.
    pub fn service(state: State) -> SubmissionsServer<Self> {
        SubmissionsServer::new(Self {
            state: Arc::new(Mutex::new(state)),
            link: None,
        })
    }

    /// Starts a service behind a link; returns the script and the address.
    pub async fn start(state: State) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service: SocketAddr = listener.local_addr().unwrap();
        let (link, address) = Link::to(service).await;
        let script = Self {
            state: Arc::new(Mutex::new(state)),
            link: Some(link),
        };
        let server =
            tonic::transport::Server::builder().add_service(SubmissionsServer::new(script.clone()));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        (script, format!("http://{address}"))
    }

    /// Starts a service and connects a client that does not dawdle.
    pub async fn with_client(state: State) -> (Self, Client) {
        let (script, url) = Self::start(state).await;
        let retry = RetryPolicy::default().first_pause(Duration::from_millis(2));
        let options = ClientOptions::new(url)
            .retry(retry)
            .request_timeout(Duration::from_secs(5));
        (script, Client::with_options(options).await.unwrap())
    }

    pub fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.lock().unwrap())
    }

    fn cut(&self) {
        self.link.as_ref().unwrap().cut();
    }

    fn store(&self, batch: &v1::SubmitBatchRequest) -> v1::SubmitBatchResponse {
        let state = &mut *self.state.lock().unwrap();
        let answer = state
            .answers
            .entry(batch.request_id.clone())
            .or_insert_with(|| {
                for row in &batch.results {
                    *state.stored.entry(row.specimen.clone()).or_default() += 1;
                }
                v1::SubmitBatchResponse {
                    stored_count: i64::try_from(batch.results.len()).unwrap(),
                    ..Default::default()
                }
            });
        answer.clone()
    }
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// A batch of `rows` rows whose specimens are named after `name`.
pub fn batch(name: &str, rows: usize) -> v1::SubmitBatchRequest {
    let results = (0..rows).map(|row| v1::ResultInput {
        specimen: format!("{name}-{row}"),
        ..Default::default()
    });
    v1::SubmitBatchRequest {
        results: results.collect(),
        ..Default::default()
    }
}

#[tonic::async_trait]
impl Submissions for Script {
    type SubmitBatchesStream = Answers<v1::SubmitBatchesResponse>;

    async fn submit_batch(
        &self,
        request: Request<v1::SubmitBatchRequest>,
    ) -> Result<Response<v1::SubmitBatchResponse>, Status> {
        let authorization = request.metadata().get("authorization");
        let authorization = authorization.map(|value| value.to_str().unwrap().to_owned());
        let batch = request.into_inner();
        let refusal = {
            let mut state = self.state.lock().unwrap();
            state.authorization = authorization;
            state.received.push(batch.request_id.clone());
            state.refusals.pop_front()
        };
        match refusal {
            Some(status) => Err(status),
            None => Ok(Response::new(self.store(&batch))),
        }
    }

    async fn submit_batches(
        &self,
        request: Request<Streaming<v1::SubmitBatchesRequest>>,
    ) -> Result<Response<Self::SubmitBatchesStream>, Status> {
        let mut messages = request.into_inner();
        let (answers, stream) = tokio::sync::mpsc::unbounded_channel();
        let script = self.clone();
        tokio::spawn(async move {
            let mut silent = 0;
            while let Ok(Some(message)) = messages.message().await {
                let batch = message.submission.unwrap();
                let fault = {
                    let mut state = script.state.lock().unwrap();
                    let index = state.received.len();
                    state.received.push(batch.request_id.clone());
                    state.most_under_way = state.most_under_way.max(silent + 1);
                    state.faults.remove(&index)
                };
                let mut request_id = batch.request_id.clone();
                let result = match &fault {
                    Some(Fault::CutBeforeStoring) => return script.cut(),
                    Some(Fault::End) => return,
                    Some(Fault::Silence) => {
                        silent += 1;
                        continue;
                    }
                    Some(Fault::Refuse(error)) => {
                        v1::submit_batches_response::Result::Error(error.clone())
                    }
                    _ => v1::submit_batches_response::Result::Response(script.store(&batch)),
                };
                match &fault {
                    Some(Fault::CutBeforeAnswering) => return script.cut(),
                    Some(Fault::AnswerAnother) => request_id.push('?'),
                    _ => {}
                }
                let answer = v1::SubmitBatchesResponse {
                    request_id,
                    result: Some(result),
                };
                let _ = answers.send(Ok(answer));
                if matches!(fault, Some(Fault::CutAfterAnswering)) {
                    // Long enough for the answer to be on the wire.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    return script.cut();
                }
            }
        });
        Ok(Response::new(Box::pin(UnboundedReceiverStream::new(
            stream,
        ))))
    }

    /// Seven specimens in pages; the token is the number of the next specimen.
    async fn list_specimens(
        &self,
        request: Request<v1::ListSpecimensRequest>,
    ) -> Result<Response<v1::ListSpecimensResponse>, Status> {
        let request = request.into_inner();
        let refusal = {
            let mut state = self.state.lock().unwrap();
            state
                .received
                .push(format!("{}@{}", request.page_size, request.page_token));
            state.refusals.pop_front()
        };
        if let Some(status) = refusal {
            return Err(status);
        }
        let from: i32 = request.page_token.parse().unwrap_or(0);
        let to = from.saturating_add(request.page_size).min(7);
        let specimens = (from..to)
            .map(|n| v1::Specimen {
                name: format!("studies/s/specimens/{n}"),
                ..Default::default()
            })
            .collect();
        let next_page_token = if to < 7 {
            to.to_string()
        } else {
            String::new()
        };
        Ok(Response::new(v1::ListSpecimensResponse {
            specimens,
            next_page_token,
        }))
    }

    async fn register_specimens(
        &self,
        _: Request<v1::RegisterSpecimensRequest>,
    ) -> Result<Response<v1::RegisterSpecimensResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn amend_result(
        &self,
        _: Request<v1::AmendResultRequest>,
    ) -> Result<Response<v1::Result>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn amend_results(
        &self,
        _: Request<v1::AmendResultsRequest>,
    ) -> Result<Response<v1::AmendResultsResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn recall_batch(
        &self,
        _: Request<v1::RecallBatchRequest>,
    ) -> Result<Response<v1::RecallBatchResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn restore_batch(
        &self,
        _: Request<v1::RestoreBatchRequest>,
    ) -> Result<Response<v1::RestoreBatchResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn get_batch(
        &self,
        _: Request<v1::GetBatchRequest>,
    ) -> Result<Response<v1::Batch>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn list_batches(
        &self,
        _: Request<v1::ListBatchesRequest>,
    ) -> Result<Response<v1::ListBatchesResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn get_specimen(
        &self,
        _: Request<v1::GetSpecimenRequest>,
    ) -> Result<Response<v1::Specimen>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn list_results(
        &self,
        _: Request<v1::ListResultsRequest>,
    ) -> Result<Response<v1::ListResultsResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }
}
