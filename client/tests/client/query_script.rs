//! A service whose profiles come in five messages, and whose stream breaks as its script says.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diel_client::v1::rhythms_server::{Rhythms, RhythmsServer};
use diel_client::{Client, ClientOptions, RetryPolicy, v1};
use tokio::net::TcpListener;
use tokio_stream::Stream;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status, Streaming};

use crate::link::Link;

/// Messages of a stream, two profiles each.
pub const MESSAGES: usize = 5;

#[derive(Clone)]
pub struct QueryScript {
    /// Cut the wire after the n-th message, counted over all connections.
    cuts: Arc<Mutex<HashSet<usize>>>,
    sent: Arc<Mutex<usize>>,
    /// The tokens that streams were opened with.
    pub tokens: Arc<Mutex<Vec<String>>>,
    link: Option<Link>,
}

impl QueryScript {
    pub async fn with_client(cuts: impl IntoIterator<Item = usize>) -> (Self, Client) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (link, address) = Link::to(listener.local_addr().unwrap()).await;
        let script = Self {
            cuts: Arc::new(Mutex::new(cuts.into_iter().collect())),
            sent: Arc::default(),
            tokens: Arc::default(),
            link: Some(link),
        };
        let server =
            tonic::transport::Server::builder().add_service(RhythmsServer::new(script.clone()));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        let retry = RetryPolicy::default().first_pause(Duration::from_millis(2));
        let options = ClientOptions::new(format!("http://{address}")).retry(retry);
        (script, Client::with_options(options).await.unwrap())
    }

    fn is_cut_now(&self) -> bool {
        let mut sent = self.sent.lock().unwrap();
        *sent += 1;
        self.cuts.lock().unwrap().remove(&*sent)
    }
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl Rhythms for QueryScript {
    type StreamProfilesStream = ReceiverStream<Result<v1::StreamProfilesResponse, Status>>;
    type StreamRhythmsStream = Answers<v1::StreamRhythmsResponse>;
    type AnalyzeStreamStream = Answers<v1::AnalyzeStreamResponse>;

    async fn stream_profiles(
        &self,
        request: Request<v1::StreamProfilesRequest>,
    ) -> Result<Response<Self::StreamProfilesStream>, Status> {
        let token = request.into_inner().resume_token;
        let from: usize = token.parse().unwrap_or(0);
        self.tokens.lock().unwrap().push(token);
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let script = self.clone();
        tokio::spawn(async move {
            for message in from..MESSAGES {
                let profiles = [2 * message, 2 * message + 1].map(|n| v1::Profile {
                    name: n.to_string(),
                    ..Default::default()
                });
                let is_last = message + 1 == MESSAGES;
                let resume_token = if is_last {
                    String::new()
                } else {
                    (message + 1).to_string()
                };
                let message = v1::StreamProfilesResponse {
                    profiles: profiles.into(),
                    resume_token,
                };
                let _ = sender.send(Ok(message)).await;
                if script.is_cut_now() {
                    // Long enough for the message to be on the wire.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    return script.link.as_ref().unwrap().cut();
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn get_profile(
        &self,
        _: Request<v1::GetProfileRequest>,
    ) -> Result<Response<v1::Profile>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn list_profiles(
        &self,
        _: Request<v1::ListProfilesRequest>,
    ) -> Result<Response<v1::ListProfilesResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn get_rhythm(
        &self,
        _: Request<v1::GetRhythmRequest>,
    ) -> Result<Response<v1::Rhythm>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn list_rhythms(
        &self,
        _: Request<v1::ListRhythmsRequest>,
    ) -> Result<Response<v1::ListRhythmsResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn stream_rhythms(
        &self,
        _: Request<v1::StreamRhythmsRequest>,
    ) -> Result<Response<Self::StreamRhythmsStream>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn analyze(
        &self,
        _: Request<v1::AnalyzeRequest>,
    ) -> Result<Response<v1::AnalyzeResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn analyze_stream(
        &self,
        _: Request<Streaming<v1::AnalyzeStreamRequest>>,
    ) -> Result<Response<Self::AnalyzeStreamStream>, Status> {
        Err(Status::unimplemented("not in the script"))
    }
}
