//! Callers that call too often, and the record of every kind of refusal.

use std::time::{Duration, Instant};

use anyhow::Result;
use diel_client::{Client, ClientOptions, RetryPolicy};
use diel_proto::v1::ErrorReason;
use diel_server::{AccessMode, Limits, Settings};
use diel_store::Role;
use diel_tests::database::Database;
use diel_tests::http;
use diel_tests::service::TestService;
use diel_tests::token::token;
use tonic::Code;

use crate::bearer::{client, create_studies, root};
use crate::tokens::{is_refused, refused};

const SLOW: Limits = Limits {
    calls_per_second: 20,
    calls_burst: 8,
    ..Limits::DEFAULT
};

async fn slow(access: AccessMode) -> TestService {
    let settings = Settings {
        access,
        limits: SLOW,
        ..Settings::default()
    };
    TestService::start_with(Database::sqlite().unwrap(), settings)
        .await
        .unwrap()
}

/// A client that does not try again.
async fn impatient(service: &TestService, token: Option<&str>) -> Client {
    let mut options = ClientOptions::new(service.url()).retry(RetryPolicy::never());
    if let Some(token) = token {
        options = options.token(token);
    }
    Client::with_options(options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_caller_too_eager_is_told_when_to_come_back_and_no_other_is() {
    let service = slow(AccessMode::Tokens).await;
    let reader = [(Role::Researcher, None)];
    let carol = token(&service.database, "carol", &reader).await.unwrap();
    let dan = token(&service.database, "dan", &reader).await.unwrap();
    let eager = impatient(&service, Some(&carol)).await;
    let mut told = Vec::new();
    for _ in 0..40 {
        if let Err(error) = eager.who_am_i().await {
            told.push(error);
        }
    }
    let last = told.pop().expect("40 calls at once are more than 8");
    assert_eq!(last.code(), Code::Unavailable);
    assert!(last.is(ErrorReason::RateLimited), "{last:?}");
    let text = last.to_string();
    assert!(text.contains("limits.calls_per_second = 20"), "{text}");
    // By hand: at most the burst is owed, and a quarter of it is to be free again.
    let wait = last.retry_delay().unwrap();
    assert!(
        wait > Duration::from_millis(100) && wait <= Duration::from_millis(150),
        "{wait:?}"
    );
    impatient(&service, Some(&dan))
        .await
        .who_am_i()
        .await
        .unwrap();
    // What may come after the wait comes through.
    tokio::time::sleep(wait).await;
    eager.who_am_i().await.unwrap();

    let lines = refused(&service.stop().await).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0].0, "carol");
    assert!(
        lines[0].1.contains("RATE_LIMITED") && lines[0].1.contains("diel.v1.Access/WhoAmI"),
        "{lines:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_tries_again_gets_everything_through_at_the_rate() {
    let service = slow(AccessMode::Open).await;
    let client = Client::connect(service.url()).await.unwrap();
    let begun = Instant::now();
    for _ in 0..40 {
        client.who_am_i().await.unwrap();
    }
    // By hand: 40 calls, 8 of them at once, 20 a second.
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(1_500), "{took:?}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_access_is_open_an_address_is_a_caller() {
    let service = slow(AccessMode::Open).await;
    let one = impatient(&service, None).await;
    let mut refused = 0;
    for _ in 0..40 {
        refused += u32::from(one.who_am_i().await.is_err());
    }
    assert!(refused > 0);
    let other = impatient(&service, None).await;
    is_refused(
        other.who_am_i().await,
        Code::Unavailable,
        ErrorReason::RateLimited,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_refusal_is_recorded_whichever_door_it_came_to() -> Result<()> {
    let settings = Settings {
        access: AccessMode::Tokens,
        limits: SLOW,
        ..Settings::default()
    };
    let service = TestService::start_with(Database::sqlite()?, settings).await?;
    let console = service.console()?;
    create_studies(&root(&service).await, &["own", "other"]).await;
    let carol = token(&service.database, "carol", &[(Role::Reviewer, Some("own"))]).await?;
    let eve = token(&service.database, "eve", &[(Role::Reviewer, Some("own"))]).await?;

    // gRPC: no token, a wrong one, no role, too often.
    let stranger = Client::connect(service.url()).await?;
    let answer = stranger.get_study("studies/own").await;
    is_refused(answer, Code::Unauthenticated, ErrorReason::TokenMissing);
    let answer = client(&service, "diel_nothing")
        .await
        .get_study("studies/own")
        .await;
    is_refused(answer, Code::Unauthenticated, ErrorReason::TokenUnknown);
    let answer = client(&service, &carol)
        .await
        .get_study("studies/other")
        .await;
    is_refused(answer, Code::PermissionDenied, ErrorReason::RoleMissing);
    let eager = impatient(&service, Some(&eve)).await;
    for _ in 0..40 {
        let _ = eager.who_am_i().await;
    }

    // The console: no token for a program, a wrong one for a page, no role, a form of others, a form without its key.
    let path = "/studies/other/flags.csv";
    assert_eq!(http::get(console, path).await?.status, 401);
    let wrong = [("cookie", "diel_session=diel_nothing")];
    let answer = http::send(console, "GET", "/studies/own", &wrong, "").await?;
    assert_eq!(answer.status, 303);
    let session = format!("diel_session={carol}");
    let by_carol = [("cookie", session.as_str())];
    let answer = http::send(console, "GET", "/studies/other/flags", &by_carol, "").await?;
    assert_eq!(answer.status, 403, "{}", answer.text());
    let foreign = [
        ("cookie", session.as_str()),
        ("origin", "http://elsewhere.example"),
    ];
    assert_eq!(
        http::post(console, "/login", &foreign, "token=x")
            .await?
            .status,
        403
    );
    assert_eq!(
        http::post(console, "/logout", &foreign, "key=x")
            .await?
            .status,
        403
    );
    assert_eq!(
        http::post(console, "/logout", &by_carol, "key=x")
            .await?
            .status,
        403
    );

    let lines = refused(&service.stop().await).await;
    let recorded = |actor: &str, parts: &[&str]| {
        lines
            .iter()
            .any(|(who, line)| who == actor && parts.iter().all(|part| line.contains(part)))
    };
    for (actor, parts) in [
        ("unknown", &["TOKEN_MISSING", "\"count\":2"][..]),
        ("unknown", &["TOKEN_UNKNOWN", "\"count\":2"]),
        (
            "carol",
            &["ROLE_MISSING", "Studies/GetStudy", "studies/other"],
        ),
        (
            "carol",
            &["ROLE_MISSING", "Reviews/ListFlags", "studies/other"],
        ),
        ("eve", &["RATE_LIMITED", "Access/WhoAmI"]),
        ("unknown", &["FORM_NOT_OURS", "console", "\"count\":2"]),
        ("carol", &["FORM_NOT_OURS", "console"]),
    ] {
        assert!(
            recorded(actor, parts),
            "{actor} {parts:?}\nis not in\n{lines:#?}"
        );
    }
    Ok(())
}
