//! One unary call: its limits, its time and its tries.

use std::future::Future;

use tonic::{Request, Response, Status};

use crate::connect::{Client, Transport};
use crate::error::Error;
use crate::v1::access_client::AccessClient;
use crate::v1::assays_client::AssaysClient;
use crate::v1::audits_client::AuditsClient;
use crate::v1::cohorts_client::CohortsClient;
use crate::v1::controls_client::ControlsClient;
use crate::v1::reviews_client::ReviewsClient;
use crate::v1::rhythms_client::RhythmsClient;
use crate::v1::specimens_client::SpecimensClient;
use crate::v1::studies_client::StudiesClient;
use crate::v1::submissions_client::SubmissionsClient;

/// The largest answer taken: 5,000 analysed samples of about 200 bytes with their profiles are 2 MiB.
const LARGEST_ANSWER_BYTES: usize = 8 << 20;

/// The largest request sent: 5,000 rows with everything filled in are 2 MiB.
const LARGEST_REQUEST_BYTES: usize = 4 << 20;

impl Client {
    /// Makes a call that may be repeated without harm, as often as the retry policy says.
    pub(crate) async fn call<Q, A, F>(
        &self,
        request: Q,
        send: impl Fn(Transport, Request<Q>) -> F,
    ) -> Result<A, Error>
    where
        Q: Clone,
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let mut tries = 1;
        loop {
            let server = self.server();
            let error = match self.call_once(request.clone(), &send).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let Some(pause) = self.pause(tries, &error, server) else {
                return Err(error);
            };
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    /// Makes a call whose repetition could do something twice.
    pub(crate) async fn call_once<Q, A, F>(
        &self,
        request: Q,
        send: impl Fn(Transport, Request<Q>) -> F,
    ) -> Result<A, Error>
    where
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let mut request = Request::new(request);
        request.set_timeout(self.request_timeout());
        Ok(send(self.transport(), request).await?.into_inner())
    }
}

pub(crate) fn access(transport: Transport) -> AccessClient<Transport> {
    AccessClient::new(transport)
        .max_decoding_message_size(LARGEST_ANSWER_BYTES)
        .max_encoding_message_size(LARGEST_REQUEST_BYTES)
}

pub(crate) fn assays(transport: Transport) -> AssaysClient<Transport> {
    AssaysClient::new(transport)
        .max_decoding_message_size(LARGEST_ANSWER_BYTES)
        .max_encoding_message_size(LARGEST_REQUEST_BYTES)
}

pub(crate) fn audits(transport: Transport) -> AuditsClient<Transport> {
    AuditsClient::new(transport)
        .max_decoding_message_size(LARGEST_ANSWER_BYTES)
        .max_encoding_message_size(LARGEST_REQUEST_BYTES)
}

pub(crate) fn cohorts(transport: Transport) -> CohortsClient<Transport> {
    CohortsClient::new(transport)
        .max_decoding_message_size(LARGEST_ANSWER_BYTES)
        .max_encoding_message_size(LARGEST_REQUEST_BYTES)
}

pub(crate) fn controls(transport: Transport) -> ControlsClient<Transport> {
    ControlsClient::new(transport)
        .max_decoding_message_size(LARGEST_ANSWER_BYTES)
        .max_encoding_message_size(LARGEST_REQUEST_BYTES)
}

pub(crate) fn studies(transport: Transport) -> StudiesClient<Transport> {
    StudiesClient::new(transport)
        .max_decoding_message_size(LARGEST_ANSWER_BYTES)
        .max_encoding_message_size(LARGEST_REQUEST_BYTES)
}

pub(crate) fn specimens(transport: Transport) -> SpecimensClient<Transport> {
    SpecimensClient::new(transport)
        .max_decoding_message_size(LARGEST_ANSWER_BYTES)
        .max_encoding_message_size(LARGEST_REQUEST_BYTES)
}

pub(crate) fn submissions(transport: Transport) -> SubmissionsClient<Transport> {
    SubmissionsClient::new(transport)
        .max_decoding_message_size(LARGEST_ANSWER_BYTES)
        .max_encoding_message_size(LARGEST_REQUEST_BYTES)
}

pub(crate) fn rhythms(transport: Transport) -> RhythmsClient<Transport> {
    RhythmsClient::new(transport)
        .max_decoding_message_size(LARGEST_ANSWER_BYTES)
        .max_encoding_message_size(LARGEST_REQUEST_BYTES)
}

pub(crate) fn reviews(transport: Transport) -> ReviewsClient<Transport> {
    ReviewsClient::new(transport)
        .max_decoding_message_size(LARGEST_ANSWER_BYTES)
        .max_encoding_message_size(LARGEST_REQUEST_BYTES)
}
