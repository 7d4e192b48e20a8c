//! Streams: asked about their caller with every message, not only when they begin.

use diel_proto::v1 as pb;
use diel_store::Role;
use diel_tests::rows::{person, submission};
use diel_tests::service::TestService;
use diel_tests::token::{id, token};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::bearer::{create_studies, root};
use crate::on_both_engines;

on_both_engines!(
    a_stream_of_batches_is_refused_batch_by_batch,
    a_revoked_token_ends_a_stream_of_batches,
    a_revoked_token_ends_an_analysis,
    a_role_that_is_taken_ends_a_watch,
);

fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    let value = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", value);
    request
}

fn batch(study: &str, id: &str) -> pb::SubmitBatchesRequest {
    let submission = pb::SubmitBatchRequest {
        request_id: id.into(),
        ..submission(study, person(id, 1, 1.6, -0.1))
    };
    pb::SubmitBatchesRequest {
        submission: Some(submission),
    }
}

fn told(status: &Status) -> (Code, String) {
    let details = status.get_error_details();
    let info = details.error_info();
    (
        status.code(),
        info.map(|info| info.reason.clone()).unwrap_or_default(),
    )
}

async fn revoke(service: &TestService, token: &str) {
    let name = format!("principals/-/tokens/{}", id(token));
    root(service).await.revoke_token(name).await.unwrap();
}

async fn a_stream_of_batches_is_refused_batch_by_batch(service: TestService) {
    create_studies(&root(&service).await, &["own", "other"]).await;
    let lab = token(&service.database, "lab", &[(Role::Submitter, Some("own"))])
        .await
        .unwrap();
    let batches = ["own", "other", "own"].iter().enumerate();
    let batches: Vec<_> = batches
        .map(|(i, study)| batch(study, &format!("b{i}")))
        .collect();
    let request = with_token(tokio_stream::iter(batches), &lab);
    let mut answers = service
        .submissions()
        .submit_batches(request)
        .await
        .unwrap()
        .into_inner();
    let mut told = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        told.push(match answer.result.unwrap() {
            pb::submit_batches_response::Result::Response(_) => "stored".to_owned(),
            pb::submit_batches_response::Result::Error(error) => error.reason,
        });
    }
    assert_eq!(told, ["stored", "ROLE_MISSING", "stored"]);
}

async fn a_revoked_token_ends_a_stream_of_batches(service: TestService) {
    create_studies(&root(&service).await, &["own"]).await;
    let lab = token(&service.database, "lab", &[(Role::Submitter, Some("own"))])
        .await
        .unwrap();
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let request = with_token(ReceiverStream::new(receiver), &lab);
    let mut answers = service
        .submissions()
        .submit_batches(request)
        .await
        .unwrap()
        .into_inner();
    sender.send(batch("own", "b1")).await.unwrap();
    assert!(answers.message().await.unwrap().is_some());
    revoke(&service, &lab).await;
    sender.send(batch("own", "b2")).await.unwrap();
    let ended = answers.message().await.unwrap_err();
    assert_eq!(
        told(&ended),
        (Code::Unauthenticated, "TOKEN_REVOKED".into())
    );
}

async fn a_revoked_token_ends_an_analysis(service: TestService) {
    create_studies(&root(&service).await, &["own"]).await;
    let carol = token(
        &service.database,
        "carol",
        &[(Role::Researcher, Some("own"))],
    )
    .await
    .unwrap();
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let request = with_token(ReceiverStream::new(receiver), &carol);
    let mut answers = service
        .rhythms()
        .analyze_stream(request)
        .await
        .unwrap()
        .into_inner();
    let samples = || pb::AnalyzeStreamRequest {
        request: Some(pb::AnalyzeRequest {
            results: person("P", 3, 1.6, -0.1),
            ..Default::default()
        }),
    };
    sender.send(samples()).await.unwrap();
    assert!(answers.message().await.unwrap().is_some());
    revoke(&service, &carol).await;
    sender.send(samples()).await.unwrap();
    let ended = answers.message().await.unwrap_err();
    assert_eq!(
        told(&ended),
        (Code::Unauthenticated, "TOKEN_REVOKED".into())
    );
}

async fn a_role_that_is_taken_ends_a_watch(service: TestService) {
    let root = root(&service).await;
    create_studies(&root, &["own"]).await;
    let carol = token(&service.database, "carol", &[(Role::Reviewer, Some("own"))])
        .await
        .unwrap();
    let watch = pb::WatchFlagsRequest {
        parent: "studies/own".into(),
        ..Default::default()
    };
    let mut reviews = service.reviews();
    let watch = reviews.watch_flags(with_token(watch, &carol));
    let mut changes = watch.await.unwrap().into_inner();
    assert!(changes.message().await.unwrap().is_some());
    let role = pb::TakeRoleRequest {
        name: "principals/carol".into(),
        role: pb::Role::Reviewer.into(),
        study: "studies/own".into(),
    };
    root.take_role(role).await.unwrap();
    let ended = changes.message().await.unwrap_err();
    assert_eq!(
        told(&ended),
        (Code::PermissionDenied, "ROLE_MISSING".into())
    );
}
