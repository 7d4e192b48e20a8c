//! SubmitBatches: many batches on one connection, each answered in order once it is durable.
//!
//! One task reads and checks, another stores and answers, so that the next batch is ready when one is written.

use diel_proto::v1 as pb;
use diel_proto::v1::submit_batches_response::Result as Outcome;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::Prepared;
use crate::admission::Permit;
use crate::refusal::Refusal;
use crate::service::Service;

/// Batches checked ahead of the one being stored; beyond it HTTP/2 flow control holds the sender back.
const READ_AHEAD: usize = 2;
/// Answers that may wait for a slow reader.
const ANSWERS: usize = 16;

type Answer = Result<pb::SubmitBatchesResponse, Status>;

/// A batch that was read, or why nothing more will be.
type Read = Result<(String, Result<Prepared, Refusal>), Status>;

/// Reads batches until the sender ends or the server stops; what was read is finished and answered.
pub(super) fn serve(
    service: Service,
    requests: Streaming<pb::SubmitBatchesRequest>,
    permit: Permit,
) -> ReceiverStream<Answer> {
    let (read_sender, read) = mpsc::channel(READ_AHEAD);
    let (answer_sender, answers) = mpsc::channel(ANSWERS);
    tokio::spawn(read_and_check(service.clone(), requests, read_sender));
    tokio::spawn(async move {
        store_in_order(&service, read, &answer_sender).await;
        drop(permit);
    });
    ReceiverStream::new(answers)
}

async fn read_and_check(
    service: Service,
    mut requests: Streaming<pb::SubmitBatchesRequest>,
    read: mpsc::Sender<Read>,
) {
    loop {
        let next = tokio::select! {
            biased;
            () = service.stopping.cancelled() => {
                Err(Refusal::Overloaded("this server is stopping").into())
            }
            next = requests.message() => match next {
                Ok(Some(request)) => Ok(check(&service, request).await),
                Ok(None) => return,
                Err(status) => Err(status),
            },
        };
        let last = next.is_err();
        if read.send(next).await.is_err() || last {
            return;
        }
    }
}

async fn check(
    service: &Service,
    request: pb::SubmitBatchesRequest,
) -> (String, Result<Prepared, Refusal>) {
    let submission = request.submission.unwrap_or_default();
    let request_id = submission.request_id.clone();
    let prepared = if request_id.is_empty() {
        Err(Refusal::field(
            "submission.request_id",
            "is missing; it makes the stream resumable after a broken connection",
        ))
    } else {
        service.prepare(submission).await
    };
    (request_id, prepared)
}

async fn store_in_order(
    service: &Service,
    mut read: mpsc::Receiver<Read>,
    answers: &mpsc::Sender<Answer>,
) {
    while let Some(next) = read.recv().await {
        let (request_id, prepared) = match next {
            Ok(checked) => checked,
            Err(status) => {
                let _ = answers.send(Err(status)).await;
                return;
            }
        };
        let result = match prepared {
            Ok(prepared) => service.store_prepared(prepared).await,
            Err(refusal) => Err(refusal),
        };
        let result = Some(match result {
            Ok(response) => Outcome::Response(response),
            Err(refusal) => Outcome::Error(refusal.into_submission_error()),
        });
        // A sender that is gone does not undo what is read: the rest is stored, for its retry to find.
        let _ = answers
            .send(Ok(pb::SubmitBatchesResponse { request_id, result }))
            .await;
    }
}
