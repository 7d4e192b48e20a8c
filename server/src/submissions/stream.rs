//! SubmitBatches: many batches on one connection, each answered in order once it is durable.
//!
//! One task reads and checks, another stores and answers, so that the next batch is ready when one is written.

use diel_proto::v1 as pb;
use diel_proto::v1::submit_batches_response::Result as Outcome;
use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::Prepared;
use crate::access::Caller;
use crate::admission::Permit;
use crate::call;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::stream::{Answers, Sender, answers, silence};
use crate::transport::undecodable;

/// Batches checked ahead of the one being stored; beyond it HTTP/2 flow control holds the sender back.
const READ_AHEAD: usize = 1;
/// Batches of one stream that are being stored at once.
const STORED_TOGETHER: usize = 3;
/// Answers that may wait for a slow reader.
const ANSWERS: usize = 16;

type Answer = Result<pb::SubmitBatchesResponse, Status>;

/// A batch that was read, or why nothing more will be.
type Read = Result<(String, Caller, Result<Prepared, Refusal>), Status>;

/// Reads batches until the sender ends or the server stops; what was read is finished and answered.
pub(super) fn serve(
    service: Service,
    caller: Caller,
    requests: Streaming<pb::SubmitBatchesRequest>,
    permit: Permit,
) -> Answers<pb::SubmitBatchesResponse> {
    let (read_sender, read) = mpsc::channel(READ_AHEAD);
    let (sender, answers) = answers(ANSWERS);
    call::spawn(read_and_check(
        service.clone(),
        caller,
        requests,
        read_sender,
    ));
    call::spawn(async move {
        store_in_order(&service, read, &sender).await;
        drop(permit);
    });
    answers
}

async fn read_and_check(
    service: Service,
    caller: Caller,
    mut requests: Streaming<pb::SubmitBatchesRequest>,
    read: mpsc::Sender<Read>,
) {
    loop {
        let next = tokio::select! {
            biased;
            () = service.stopping.cancelled() => {
                Err(Refusal::Overloaded("this server is stopping").into())
            }
            refusal = silence() => Err(refusal.into()),
            next = requests.message() => match next {
                Ok(Some(request)) => check(&service, &caller, request).await,
                Ok(None) => return,
                Err(status) => Err(undecodable(&status).unwrap_or(status)),
            },
        };
        let last = next.is_err();
        if read.send(next).await.is_err() || last {
            return;
        }
    }
}

/// A caller whose token ended ends the stream; one without the role in a study is refused that batch.
async fn check(service: &Service, caller: &Caller, request: pb::SubmitBatchesRequest) -> Read {
    let caller = caller.renewed().await?;
    let submission = request.submission.unwrap_or_default();
    let request_id = submission.request_id.clone();
    let prepared = match service.prepare(&caller, submission).await {
        Ok(_) if request_id.is_empty() => Err(Refusal::field(
            "submission.request_id",
            "is missing; it makes the stream resumable after a broken connection",
        )),
        prepared => prepared,
    };
    Ok((request_id, caller, prepared))
}

/// Stores several batches at once, so that they share a sync to disk, and answers them in their order.
async fn store_in_order(
    service: &Service,
    read: mpsc::Receiver<Read>,
    sender: &Sender<pb::SubmitBatchesResponse>,
) {
    let mut stored = std::pin::pin!(
        ReceiverStream::new(read)
            .map(|read| store(service, read))
            .buffered(STORED_TOGETHER)
    );
    while let Some(answer) = stored.next().await {
        // A caller that is gone does not undo what is read: the rest is stored, for its retry to find.
        match answer {
            Ok(answer) => {
                let _ = sender.send(answer).await;
            }
            Err(status) => sender.end(status),
        }
    }
}

async fn store(service: &Service, read: Read) -> Answer {
    let (request_id, caller, prepared) = read?;
    let result = match prepared {
        Ok(prepared) => service.store_prepared(&caller, prepared).await,
        Err(refusal) => Err(refusal),
    };
    let result = Some(match result {
        Ok(response) => Outcome::Response(response),
        Err(refusal) => Outcome::Error(refusal.into_submission_error()),
    });
    Ok(pb::SubmitBatchesResponse { request_id, result })
}
