//! The access matrix: what docs/access.md says of each method, tried with every role in its own study and another.

use std::collections::BTreeMap;

use diel_proto::v1 as pb;
use diel_store::Role;
use diel_tests::database::Database;
use diel_tests::service::TestService;
use diel_tests::token::{self, token, token_until};
use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::bearer::{create_studies, root};
use crate::naming::{Described, methods};
use crate::raw;

/// The table that says who may call what.
const TABLE: &str = include_str!("../../../docs/access.md");

const HINT: &str = "a new method needs a line in server/src/access/methods.rs and one in the table of docs/access.md";

/// A line of the table.
struct Line {
    roles: Vec<Role>,
    place: String,
}

fn table() -> BTreeMap<String, Line> {
    let lines = TABLE.lines().filter(|line| line.starts_with("| `"));
    let cells = lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect());
    let mut table = BTreeMap::new();
    for cells in cells.map(|cells: Vec<&str>| cells) {
        let [methods, roles, place] = cells[..] else {
            continue;
        };
        if !methods.contains('/') {
            continue;
        }
        let roles: Vec<_> = Role::ALL
            .into_iter()
            .filter(|role| roles.contains(role.word()))
            .collect();
        for method in methods.split(", ") {
            let line = Line {
                roles: roles.clone(),
                place: place.to_owned(),
            };
            table.insert(format!("diel.v1.{}", method.trim_matches('`')), line);
        }
    }
    table
}

/// Principals of the matrix by what they are granted, with a token each.
struct Bearers {
    by_role: Vec<(Role, String)>,
    admin_at_large: String,
    nobody: String,
    expired: String,
    revoked: String,
}

async fn bearers(service: &TestService) -> Bearers {
    let root = root(service).await;
    create_studies(&root, &["own", "other"]).await;
    let database = &service.database;
    let mut by_role = Vec::new();
    for role in Role::ALL {
        let token = token(database, role.word(), &[(role, Some("own"))]).await;
        by_role.push((role, token.unwrap()));
    }
    let everything = [(Role::Admin, None)];
    let revoked = token(database, "gone", &everything).await.unwrap();
    let name = format!("principals/gone/tokens/{}", token::id(&revoked));
    root.revoke_token(name).await.unwrap();
    let past = jiff::Timestamp::from_second(1_790_000_000).unwrap();
    Bearers {
        by_role,
        admin_at_large: token(database, "root", &everything).await.unwrap(),
        nobody: token(database, "nobody", &[]).await.unwrap(),
        expired: token_until(database, "late", &everything, past)
            .await
            .unwrap(),
        revoked,
    }
}

/// The failure of a call, also where a stream tells it inside a message.
async fn fails(
    service: &TestService,
    method: &Described,
    token: Option<&str>,
    message: &[u8],
) -> Option<(Code, String, Option<String>)> {
    let answer = raw::call(&service.channel, &method.name, token, message.to_vec()).await;
    let tell = |status: &Status| {
        let details = status.get_error_details();
        let info = details.error_info();
        let study = info.and_then(|info| info.metadata.get("study").cloned());
        let reason = info.map(|info| info.reason.clone()).unwrap_or_default();
        (status.code(), reason, study)
    };
    match answer {
        Err(status) => Some(tell(&status)),
        Ok(answers) if method.name.ends_with("/SubmitBatches") => {
            answers.iter().find_map(|bytes| {
                let answer = pb::SubmitBatchesResponse::decode(bytes.as_slice()).unwrap();
                match answer.result {
                    Some(pb::submit_batches_response::Result::Error(error)) => {
                        let study = error
                            .message
                            .split_whitespace()
                            .find(|word| word.starts_with("studies/"));
                        let study = study.map(|study| study.trim_end_matches(',').to_owned());
                        Some((Code::from_i32(error.code), error.reason, study))
                    }
                    _ => None,
                }
            })
        }
        Ok(_) => None,
    }
}

fn is_turned_away(failure: &Option<(Code, String, Option<String>)>) -> bool {
    failure.as_ref().is_some_and(|(code, ..)| {
        matches!(
            code,
            Code::Unauthenticated | Code::PermissionDenied | Code::Unimplemented
        )
    })
}

async fn try_method(service: &TestService, bearers: &Bearers, method: &Described, line: &Line) {
    let name = &method.name;
    for (token, reason) in [
        (None, "TOKEN_MISSING"),
        (Some("diel_0123"), "TOKEN_UNKNOWN"),
        (Some(bearers.expired.as_str()), "TOKEN_EXPIRED"),
        (Some(bearers.revoked.as_str()), "TOKEN_REVOKED"),
    ] {
        let (code, told, _) = fails(service, method, token, &[]).await.expect(name);
        assert_ne!(code, Code::Unimplemented, "{name}: {HINT}");
        assert_eq!(
            (code, told.as_str()),
            (Code::Unauthenticated, reason),
            "{name}"
        );
    }
    let may = |role: Role| role == Role::Admin || line.roles.contains(&role);
    let nobody = fails(service, method, Some(&bearers.nobody), &[]).await;
    match line.place.as_str() {
        "every caller" => assert!(!is_turned_away(&nobody), "{name} nobody: {nobody:?}"),
        "any study" | "all studies" => {
            assert!(is_turned_away(&nobody), "{name} nobody");
            for (role, token) in &bearers.by_role {
                let told = fails(service, method, Some(token), &[]).await;
                let expected = may(*role) && line.place == "any study";
                assert_eq!(
                    !is_turned_away(&told),
                    expected,
                    "{name} {role:?}: {told:?}"
                );
            }
            let told = fails(service, method, Some(&bearers.admin_at_large), &[]).await;
            assert!(
                !is_turned_away(&told),
                "{name} admin of all studies: {told:?}"
            );
        }
        "the study" => {
            assert!(is_turned_away(&nobody), "{name} nobody");
            try_in_studies(service, bearers, method, &may).await;
        }
        other => panic!("{name}: {other:?} is no place that docs/access.md explains"),
    }
}

async fn try_in_studies(
    service: &TestService,
    bearers: &Bearers,
    method: &Described,
    may: &impl Fn(Role) -> bool,
) {
    let name = &method.name;
    let (_, admin) = bearers.by_role.last().unwrap();
    // Of all ways to name a study, the one that the method understands is the one it asks about.
    let mut understood = None;
    let (own, other) = (method.naming("own"), method.naming("other"));
    for (own, other) in own.into_iter().zip(other) {
        if let Some((Code::PermissionDenied, reason, study)) =
            fails(service, method, Some(admin), &other).await
            && study.as_deref() == Some("studies/other")
        {
            assert_eq!(reason, "ROLE_MISSING", "{name}");
            understood = Some((own, other));
            break;
        }
    }
    let (own, other) = understood.unwrap_or_else(|| {
        panic!(
            "{name} did not refuse an admin of another study: its handler must ask Caller::in_study before anything \
             else (or the form of its names is missing in tests/suites/access/naming.rs)"
        )
    });
    for (role, token) in &bearers.by_role {
        let told = fails(service, method, Some(token), &own).await;
        assert_eq!(
            !is_turned_away(&told),
            may(*role),
            "{name} {role:?} in own: {told:?}"
        );
        let told = fails(service, method, Some(token), &other).await;
        assert!(is_turned_away(&told), "{name} {role:?} in other: {told:?}");
    }
    let told = fails(service, method, Some(&bearers.admin_at_large), &other).await;
    assert!(
        !is_turned_away(&told),
        "{name} admin of all studies: {told:?}"
    );
}

async fn try_all(database: Database, choose: impl Fn(usize) -> bool) {
    let service = crate::guarded(database).await;
    let bearers = bearers(&service).await;
    let mut table = table();
    let mut tried = 0;
    for (position, method) in methods().iter().enumerate() {
        let line = table.remove(&method.name);
        let line = line.unwrap_or_else(|| panic!("{} is not in the table: {HINT}", method.name));
        if choose(position) {
            try_method(&service, &bearers, method, &line).await;
            tried += 1;
        }
    }
    assert!(tried > 8, "only {tried} methods were tried");
    let left: Vec<_> = table.keys().collect();
    assert!(
        left.is_empty(),
        "docs/access.md names methods that are gone: {left:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_is_for_whom_the_table_says() {
    try_all(Database::sqlite().unwrap(), |_| true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_it_is_on_postgres_by_a_sample() {
    try_all(Database::postgres().await.unwrap(), |position| {
        position % 4 == 0
    })
    .await;
}

#[tokio::test]
async fn health_and_reflection_are_open() {
    let service = crate::guarded(Database::sqlite().unwrap()).await;
    let health = "grpc.health.v1.Health/Check";
    raw::call(&service.channel, health, None, Vec::new())
        .await
        .unwrap();
    let reflection = "grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    raw::call(&service.channel, reflection, None, vec![0x3a, 0])
        .await
        .unwrap();
}

#[tokio::test]
async fn where_access_is_open_everybody_is_local() {
    let service = TestService::start(Database::sqlite().unwrap())
        .await
        .unwrap();
    let client = crate::bearer::client(&service, "whatever").await;
    let found = client.who_am_i().await.unwrap();
    assert!(found.open_access);
    assert_eq!(found.principal.unwrap().name, "principals/local");
    let unknown = raw::call(
        &service.channel,
        "diel.v1.Studies/Nothing",
        None,
        Vec::new(),
    )
    .await;
    assert_eq!(unknown.unwrap_err().code(), Code::Unimplemented);
}
