//! A text that no code of diel contains is sent wherever a text can be sent. It is found in the database and in the answers to
//! whoever sent it, and nowhere else: not in the log at its most talkative, not in the numbers, not in what others are told.

use std::time::Duration;

use diel_client::{Client, ClientOptions, v1};
use diel_proto::v1::reviews_client::ReviewsClient;
use diel_proto::v1::submissions_client::SubmissionsClient;
use diel_store::Role;
use diel_tests::database::Database;
use diel_tests::http;
use diel_tests::rows::{person, submission};
use diel_tests::token::token;
use prost::Message as _;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet};
use sqlx::{Connection as _, Executor as _};
use tonic::Request;
use tonic::transport::Channel;

use crate::{Logging, metrics, naming, raw};

/// Stands in every code, reason, comment and name that is sent.
const CANARY: &str = "CANARY-5e1f";
/// Fields that name resources.
const NAMING: [&str; 4] = ["study", "parent", "name", "reference"];
/// How deep messages are filled.
const DEPTH: u32 = 4;

/// A request of a method in which every text is the canary, but for the names of resources.
fn filled(set: &FileDescriptorSet, message: &DescriptorProto, name: &str, depth: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for field in &message.field {
        let content = match field.r#type() {
            Type::String if NAMING.contains(&field.name()) => name.as_bytes().to_vec(),
            Type::String | Type::Bytes => CANARY.as_bytes().to_vec(),
            Type::Message if depth > 1 => match described(set, field.type_name()) {
                Some(inner) => filled(set, inner, name, depth - 1),
                None => continue,
            },
            _ => continue,
        };
        let number = u32::try_from(field.number()).unwrap();
        prost::encoding::encode_varint(u64::from(number << 3 | 2), &mut bytes);
        prost::encoding::encode_varint(content.len() as u64, &mut bytes);
        bytes.extend(content);
    }
    bytes
}

fn described<'a>(set: &'a FileDescriptorSet, name: &str) -> Option<&'a DescriptorProto> {
    let name = name.strip_prefix(".diel.v1.")?;
    let messages = set.file.iter().flat_map(|file| &file.message_type);
    messages.into_iter().find(|message| message.name() == name)
}

/// Every method with what it takes.
fn requests(name: &str) -> Vec<(String, Vec<u8>)> {
    let set = FileDescriptorSet::decode(diel_proto::FILE_DESCRIPTOR_SET).unwrap();
    let services = set.file.iter().flat_map(|file| &file.service);
    services
        .flat_map(|service| service.method.iter().map(move |method| (service, method)))
        .filter_map(|(service, method)| {
            let message = described(&set, method.input_type())?;
            let path = format!("diel.v1.{}/{}", service.name(), method.name());
            Some((path, filled(&set, message, name, DEPTH)))
        })
        .collect()
}

async fn client(url: &str, token: &str) -> Client {
    let options = ClientOptions::new(url).token(token);
    Client::with_options(options).await.unwrap()
}

async fn create(owner: &Client, id: &str) {
    let study = v1::Study {
        display_name: format!("Study {CANARY}"),
        time_zone: "Europe/Berlin".to_owned(),
        ..Default::default()
    };
    let request = v1::CreateStudyRequest {
        study_id: id.to_owned(),
        study: Some(study),
        ..Default::default()
    };
    owner.create_study(request).await.unwrap();
}

fn plate(person_code: &str, specimens: &str) -> v1::SubmitBatchRequest {
    let mut rows = person(&format!("{CANARY}-{person_code}"), 6, 1.6, 0.02);
    for row in &mut rows {
        row.specimen = format!("{specimens}{}", row.specimen);
    }
    let mut request = submission("pilot", rows);
    if let Some(batch) = request.batch.as_mut() {
        batch.lab = format!("{CANARY} laboratory");
        batch.plate = format!("{CANARY} plate");
    }
    request
}

/// Data that are accepted, conflicts, and a decision with its reason.
async fn work(owner: &Client, channel: &Channel, token: &str) {
    for code in ["1", "2", "3"] {
        owner.submit_batch(plate(code, "")).await.unwrap();
    }
    let mut other_content = plate("1", "");
    for row in &mut other_content.results {
        row.concentration = Some(diel_tests::rows::nmol(77.0));
    }
    owner.submit_batch(other_content).await.unwrap_err();
    let mut request = Request::new(v1::ListFlagsRequest {
        parent: "studies/pilot".to_owned(),
        ..Default::default()
    });
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    let mut reviews = ReviewsClient::new(channel.clone());
    let flags = reviews
        .list_flags(request)
        .await
        .unwrap()
        .into_inner()
        .flags;
    let flag = flags
        .first()
        .expect("a slope that rises over six days is flagged");
    let decided = owner
        .resolve_flag(v1::ResolveFlagRequest {
            name: flag.name.clone(),
            etag: flag.etag.clone(),
            decision: v1::FlagDecision::Dismissed as i32,
            reason: format!("{CANARY} was on night shifts"),
            ..Default::default()
        })
        .await;
    decided.unwrap();
}

/// Every method with the canary in every text, as somebody who may; and, without it, as somebody who may not.
async fn call_everything(channel: &Channel, owner: &str, stranger: &str) -> usize {
    let mut refused = 0;
    for form in ["", "/participants/", "/flags/", "/batches/", "/specimens/"] {
        let last = if form.is_empty() { "" } else { CANARY };
        for (method, request) in requests(&format!("studies/pilot{form}{last}")) {
            let answer = raw::call(channel, &method, Some(owner), request).await;
            refused += usize::from(answer.is_err());
        }
    }
    for method in naming::methods() {
        for request in method.naming("pilot") {
            let answer = raw::call(channel, &method.name, Some(stranger), request).await;
            if let Err(status) = answer {
                assert!(
                    !format!("{status:?}").contains(CANARY),
                    "{}: {status:?}",
                    method.name
                );
            }
        }
        let mut malformed = vec![0x0a, 0xff];
        malformed.extend(CANARY.as_bytes());
        let answer = raw::call(channel, &method.name, Some(owner), malformed).await;
        refused += usize::from(answer.is_err());
    }
    refused
}

/// A call whose deadline is over before it can be answered.
async fn give_up_soon(channel: &Channel, owner: &str) {
    let mut submissions = SubmissionsClient::new(channel.clone());
    let mut request = Request::new(plate("late", "late"));
    request.set_timeout(Duration::from_micros(100));
    let bearer = format!("Bearer {owner}").parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    let _ = submissions.submit_batch(request).await;
}

/// From now on participants cannot be stored, and the engine has a reason that quotes them where it does such things.
async fn sabotage(url: &str) {
    if url.starts_with("sqlite") {
        let mut database = sqlx::SqliteConnection::connect(url).await.unwrap();
        let refuse = "create trigger no_more before insert on participants begin select raise(abort, 'no more'); end";
        database.execute(refuse).await.unwrap();
    } else {
        let mut database = sqlx::PgConnection::connect(url).await.unwrap();
        let refuse = "alter table participants add constraint no_more check (participant not like '%broken%')";
        database.execute(refuse).await.unwrap();
    }
}

async fn nothing_tells_of_participants(database: Database) {
    let admin = token(&database, "owner", &[(Role::Admin, None)]);
    let admin = admin.await.unwrap();
    let logging = Logging::start(database.url(), &[("DIEL_ACCESS", "tokens")]);
    let owner = client(&logging.server.url, &admin).await;
    create(&owner, "pilot").await;
    create(&owner, "other").await;
    let stranger = token(&database, "stranger", &[(Role::Researcher, Some("other"))]);
    let stranger = stranger.await.unwrap();
    let channel = logging.channel().await;
    work(&owner, &channel, &admin).await;
    let refused = call_everything(&channel, &admin, &stranger).await;
    assert!(refused > 100, "only {refused} calls were refused");
    give_up_soon(&channel, &admin).await;
    let bearer = format!("Bearer {admin}");
    let headers = [("authorization", bearer.as_str())];
    for path in ["", "/participants", "/flags", "/batches"] {
        for page in [
            format!("/studies/pilot{path}"),
            format!("/studies/pilot{path}/{CANARY}-1"),
        ] {
            let _ = http::send(logging.server.console, "GET", &page, &headers, "").await;
        }
    }
    sabotage(database.url()).await;
    let options = ClientOptions::new(&logging.server.url)
        .token(&admin)
        .retry(diel_client::RetryPolicy::default().max_tries(1));
    let owner = Client::with_options(options).await.unwrap();
    let defect = owner.submit_batch(plate("broken", "broken")).await;
    let defect = format!("{:?}", defect.unwrap_err());
    assert!(
        defect.contains("INTERNAL") || defect.contains("Internal"),
        "{defect}"
    );

    let numbers = metrics::scrape(logging.server.console).await;
    assert!(numbers.contains("code=\"INTERNAL\""), "{numbers}");
    assert!(
        !numbers.contains(CANARY) && !numbers.contains("pilot"),
        "{numbers}"
    );
    let log = logging.log();
    assert!(log.contains("\"code\":\"INTERNAL\""));
    assert!(log.contains("no_more") || log.contains("no more"));
    for secret in [CANARY, &admin, &stranger] {
        let told: Vec<_> = log.lines().filter(|line| line.contains(secret)).collect();
        assert!(told.is_empty(), "{} lines, such as {}", told.len(), told[0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_tells_of_participants_on_sqlite() {
    nothing_tells_of_participants(Database::sqlite().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_tells_of_participants_on_postgres() {
    nothing_tells_of_participants(Database::postgres().await.unwrap()).await;
}
