//! Tokens from their making to their end.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use diel_client::{Error, v1};
use diel_proto::v1::ErrorReason;
use diel_server::{AccessMode, BootstrapError, Clock, Settings, SystemClock};
use diel_store::Role;
use diel_tests::database::Database;
use diel_tests::service::TestService;
use diel_tests::token::{id, token};
use jiff::Timestamp;
use sqlx::Row as _;
use tonic::Code;

use crate::bearer::{client, create_studies, root};
use crate::on_both_engines;

on_both_engines!(
    a_token_that_lets_nobody_in_says_why_and_nothing_more,
    a_revoked_token_is_refused_at_once_here_and_soon_elsewhere,
    the_use_of_a_token_is_noted,
    a_remembered_bearer_costs_no_query,
    a_flood_of_refused_calls_is_a_line_in_the_trail,
);

#[track_caller]
pub(crate) fn is_refused<T: std::fmt::Debug>(
    answer: Result<T, Error>,
    code: Code,
    reason: ErrorReason,
) {
    let error = answer.unwrap_err();
    assert!(error.code() == code && error.is(reason), "{error:?}");
}

async fn a_token_that_lets_nobody_in_says_why_and_nothing_more(service: TestService) {
    let good = token(&service.database, "carol", &[(Role::Reviewer, None)])
        .await
        .unwrap();
    client(&service, &good).await.who_am_i().await.unwrap();
    let last = if good.ends_with('0') { "1" } else { "0" };
    let almost = format!("{}{last}", &good[..good.len() - 1]);
    let mut told = Vec::new();
    for wrong in [almost.as_str(), "diel_", "Basic", &good.to_uppercase()] {
        let answer = client(&service, wrong).await.who_am_i().await;
        let error = answer.unwrap_err();
        assert!(error.is(ErrorReason::TokenUnknown), "{wrong}: {error:?}");
        told.push(error.to_string());
    }
    told.dedup();
    assert_eq!(
        told.len(),
        1,
        "a nearly right token is told from a wrong one: {told:?}"
    );
    let none = diel_client::Client::connect(service.url()).await.unwrap();
    is_refused(
        none.who_am_i().await,
        Code::Unauthenticated,
        ErrorReason::TokenMissing,
    );
}

async fn a_revoked_token_is_refused_at_once_here_and_soon_elsewhere(service: TestService) {
    let settings = Settings {
        access: AccessMode::Tokens,
        listen: "127.0.0.1:0".parse().unwrap(),
        database: service.database.url().to_owned(),
        ..Settings::default()
    };
    let elsewhere = diel_server::start(settings, Arc::new(SystemClock))
        .await
        .unwrap();
    let url = format!("http://{}", elsewhere.address());
    let carol = token(&service.database, "carol", &[(Role::Reviewer, None)])
        .await
        .unwrap();
    let here = client(&service, &carol).await;
    let options = diel_client::ClientOptions::new(url).token(&carol);
    let there = diel_client::Client::with_options(options).await.unwrap();
    here.who_am_i().await.unwrap();
    there
        .list(v1::ListStudiesRequest::default())
        .collect(1)
        .await
        .unwrap();

    let name = format!("principals/-/tokens/{}", id(&carol));
    let revoked = root(&service).await.revoke_token(&name).await.unwrap();
    assert!(revoked.revoke_time.is_some());
    let begun = Instant::now();
    is_refused(
        here.who_am_i().await,
        Code::Unauthenticated,
        ErrorReason::TokenRevoked,
    );
    loop {
        match there
            .list(v1::ListStudiesRequest::default())
            .collect(1)
            .await
        {
            Ok(_) => assert!(
                begun.elapsed() < Duration::from_millis(3_500),
                "still let in"
            ),
            Err(error) => {
                assert!(error.is(ErrorReason::TokenRevoked), "{error:?}");
                break;
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // A second revocation changes nothing; that of a token that never was is told.
    let again = root(&service).await.revoke_token(&name).await.unwrap();
    assert_eq!(again.revoke_time, revoked.revoke_time);
    let wrong = format!("principals/dan/tokens/{}", id(&carol));
    let answer = root(&service).await.revoke_token(wrong).await;
    is_refused(answer, Code::NotFound, ErrorReason::ResourceNotFound);
    elsewhere.stop().await;
}

async fn the_use_of_a_token_is_noted(service: TestService) {
    let root = root(&service).await;
    let carol = token(&service.database, "carol", &[]).await.unwrap();
    let used = async || {
        let request = v1::ListTokensRequest {
            parent: "principals/carol".into(),
            ..Default::default()
        };
        let tokens = root.list(request).collect(9).await.unwrap();
        tokens[0].last_use_time
    };
    assert_eq!(used().await, None);
    client(&service, &carol).await.who_am_i().await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(5);
    while used().await.is_none() {
        assert!(Instant::now() < deadline, "never noted");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn a_flood_of_refused_calls_is_a_line_in_the_trail(service: TestService) {
    let root = root(&service).await;
    create_studies(&root, &["own", "other"]).await;
    let reviewer = [(Role::Reviewer, Some("own"))];
    let carol = token(&service.database, "carol", &reviewer).await.unwrap();
    let (carol, stranger) = (
        client(&service, &carol).await,
        client(&service, "diel_nothing").await,
    );
    for _ in 0..40 {
        let answer = stranger.get_study("studies/own").await;
        is_refused(answer, Code::Unauthenticated, ErrorReason::TokenUnknown);
        let answer = carol.get_study("studies/other").await;
        is_refused(answer, Code::PermissionDenied, ErrorReason::RoleMissing);
    }
    let database = service.stop().await;
    let lines = refused(&database).await;
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0].0, "carol");
    assert!(
        lines[0].1.contains("diel.v1.Studies/GetStudy") && lines[0].1.contains("studies/other"),
        "{lines:?}"
    );
    assert_eq!(lines[1].0, "unknown");
    for (line, cause) in lines.iter().zip(["ROLE_MISSING", "TOKEN_UNKNOWN"]) {
        assert!(
            line.1.contains("40") && line.1.contains("127.0.0.1") && line.1.contains(cause),
            "{line:?}"
        );
    }
}

/// Once a bearer is known, the table of tokens is not needed for some seconds, and then it is.
async fn a_remembered_bearer_costs_no_query(service: TestService) {
    let root = root(&service).await;
    create_studies(&root, &["own"]).await;
    let roles = [(Role::Researcher, Some("own"))];
    let carol = token(&service.database, "carol", &roles).await.unwrap();
    let carol = client(&service, &carol).await;
    let samples = v1::AnalyzeRequest {
        results: diel_tests::rows::person("P", 1, 1.6, -0.1),
        ..Default::default()
    };
    carol.analyze(samples.clone()).await.unwrap();
    let begun = Instant::now();
    hide_tokens(&service.database).await;
    let mut calls = 0;
    while begun.elapsed() < Duration::from_secs(1) {
        carol.analyze(samples.clone()).await.unwrap();
        calls += 1;
    }
    assert!(calls > 10, "only {calls} calls in a second");
    tokio::time::sleep(Duration::from_millis(3_100).saturating_sub(begun.elapsed())).await;
    let error = carol.analyze(samples).await.unwrap_err();
    assert_eq!(error.code(), Code::Internal, "{error}");
}

async fn hide_tokens(database: &Database) {
    const HIDE: &str = "alter table tokens rename to hidden_tokens";
    if database.url().starts_with("sqlite") {
        let pool = sqlx::SqlitePool::connect(database.url()).await.unwrap();
        sqlx::query(HIDE).execute(&pool).await.unwrap();
    } else {
        let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
        sqlx::query(HIDE).execute(&pool).await.unwrap();
    }
}

/// Who was refused what, from the tables themselves.
pub(crate) async fn refused(database: &Database) -> Vec<(String, String)> {
    const LINES: &str = "select actor, resource || ' ' || after_json || reason as line from audit_entries where action = 'refuse_calls' order by actor";
    if database.url().starts_with("sqlite") {
        let pool = sqlx::SqlitePool::connect(database.url()).await.unwrap();
        let rows = sqlx::query(LINES).fetch_all(&pool).await.unwrap();
        rows.iter()
            .map(|row| (row.get("actor"), row.get("line")))
            .collect()
    } else {
        let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
        let rows = sqlx::query(LINES).fetch_all(&pool).await.unwrap();
        rows.iter()
            .map(|row| (row.get("actor"), row.get("line")))
            .collect()
    }
}

/// A clock that tests turn.
#[derive(Debug)]
struct Turned(AtomicI64);

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

#[tokio::test]
async fn a_token_ends_at_its_second_even_while_it_is_remembered() {
    const MADE: i64 = 1_790_000_000;
    let clock = Arc::new(Turned(AtomicI64::new(MADE)));
    let database = Database::sqlite().unwrap();
    let settings = Settings {
        access: AccessMode::Tokens,
        listen: "127.0.0.1:0".parse().unwrap(),
        database: database.url().to_owned(),
        ..Settings::default()
    };
    let first = diel_server::bootstrap(database.url(), "root", false, clock.clone())
        .await
        .unwrap();
    assert_eq!(first.expires.as_second(), MADE + 90 * 86_400);
    let running = diel_server::start(settings, clock.clone()).await.unwrap();
    let options = diel_client::ClientOptions::new(format!("http://{}", running.address()));
    let root = diel_client::Client::with_options(options.clone().token(first.token.reveal()))
        .await
        .unwrap();
    let request = v1::CreateTokenRequest {
        parent: "principals/carol".into(),
        lifetime_days: 1,
        ..Default::default()
    };
    let made = root.create_token(request).await.unwrap();
    let carol = diel_client::Client::with_options(options.token(made.secret))
        .await
        .unwrap();
    clock.0.store(MADE + 86_399, Ordering::Relaxed);
    carol.who_am_i().await.unwrap();
    clock.0.store(MADE + 86_400, Ordering::Relaxed);
    is_refused(
        carol.who_am_i().await,
        Code::Unauthenticated,
        ErrorReason::TokenExpired,
    );
    running.stop().await;
}

#[tokio::test]
async fn a_first_token_is_made_once_unless_it_is_lost() {
    let database = Database::sqlite().unwrap();
    let bootstrap = async |principal: &str, lost| {
        diel_server::bootstrap(database.url(), principal, lost, Arc::new(SystemClock)).await
    };
    let first = bootstrap("admin", false).await.unwrap();
    let again = bootstrap("admin", false).await.unwrap_err();
    assert!(again.to_string().contains(first.token.id()), "{again}");
    assert!(!again.to_string().contains(first.token.reveal()));
    let second = bootstrap("admin", true).await.unwrap();
    assert_ne!(second.token, first.token);
    let wrong = bootstrap("local", true).await.unwrap_err();
    assert!(matches!(wrong, BootstrapError::Principal(_)), "{wrong}");
}

#[tokio::test]
async fn others_than_this_machine_are_served_with_tokens_over_tls_only() {
    let start = async |access, behind_tls_proxy| {
        let settings = Settings {
            listen: "0.0.0.0:0".parse().unwrap(),
            database: Database::sqlite().unwrap().url().to_owned(),
            access,
            behind_tls_proxy,
            ..Settings::default()
        };
        diel_server::start(settings, Arc::new(SystemClock)).await
    };
    let error = start(AccessMode::Tokens, false)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("loopback") && error.contains("behind_tls_proxy"),
        "{error}"
    );
    let error = start(AccessMode::Open, true).await.unwrap_err().to_string();
    assert!(error.contains("access = \"tokens\""), "{error}");
}
