//! Flight SQL behind the gate: a token, and a role in the study that the statement names.

use arrow_flight::sql::client::FlightSqlServiceClient;
use diel_store::Role;
use diel_tests::database::Database;
use diel_tests::service::TestService;
use diel_tests::token::token;
use futures_util::TryStreamExt as _;
use tonic::transport::Channel;

use crate::bearer::{create_studies, root};
use crate::raw;

const OWN: &str = "select participant from own.profiles";
const OTHER: &str = "select participant from other.profiles";

fn client(service: &TestService, token: Option<&str>) -> FlightSqlServiceClient<Channel> {
    let mut client = FlightSqlServiceClient::new(service.channel.clone());
    if let Some(token) = token {
        client.set_token(token.to_owned());
    }
    client
}

/// What is said of a statement: nothing when its rows came.
async fn asked(client: &mut FlightSqlServiceClient<Channel>, statement: &str) -> Option<String> {
    let info = match client.execute(statement.to_owned(), None).await {
        Ok(info) => info,
        Err(error) => return Some(error.to_string()),
    };
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    let rows = client.do_get(ticket).await.unwrap();
    rows.try_collect::<Vec<_>>().await.unwrap();
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_is_for_readers_of_its_study() {
    let service = crate::guarded(Database::sqlite().unwrap()).await;
    create_studies(&root(&service).await, &["own", "other"]).await;
    let said = asked(&mut client(&service, None), OWN).await.unwrap();
    assert!(
        said.contains("authentication") || said.contains("authorization"),
        "{said}"
    );
    for role in Role::ALL {
        let token = token(&service.database, role.word(), &[(role, Some("own"))])
            .await
            .unwrap();
        let mut client = client(&service, Some(&token));
        let own = asked(&mut client, OWN).await;
        assert_eq!(own.is_none(), role != Role::Submitter, "{role:?}: {own:?}");
        let other = asked(&mut client, OTHER).await.unwrap();
        assert!(other.contains("needs the role"), "{role:?}: {other}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_of_somebody_else_opens_nothing() {
    let service = crate::guarded(Database::sqlite().unwrap()).await;
    create_studies(&root(&service).await, &["own", "other"]).await;
    let reader = async |name: &str, study: &str| {
        let grants = [(Role::Researcher, Some(study))];
        let token = token(&service.database, name, &grants).await.unwrap();
        client(&service, Some(&token))
    };
    let (mut of_own, mut of_other) = (reader("anna", "own").await, reader("ben", "other").await);
    let info = of_own.execute(OWN.to_owned(), None).await.unwrap();
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    of_own.do_get(ticket.clone()).await.unwrap();
    let refused = of_other.do_get(ticket).await.err().unwrap().to_string();
    assert!(refused.contains("needs the role"), "{refused}");
    let prepared = of_other.prepare(OWN.to_owned(), None).await;
    assert!(
        prepared
            .err()
            .unwrap()
            .to_string()
            .contains("needs the role")
    );
    // The catalogue shows the studies that one may read, and no others.
    let info = of_own.get_db_schemas(Default::default()).await.unwrap();
    let rows = of_own
        .do_get(info.endpoint[0].ticket.clone().unwrap())
        .await
        .unwrap();
    let batches: Vec<_> = rows.try_collect().await.unwrap();
    let shown = format!("{batches:?}");
    assert!(shown.contains("own") && !shown.contains("other"), "{shown}");
}

#[tokio::test]
async fn what_else_flight_has_is_not_served() {
    let service = crate::guarded(Database::sqlite().unwrap()).await;
    let everything = [(Role::Admin, None)];
    let token = token(&service.database, "root", &everything).await.unwrap();
    for method in [
        "DoPut",
        "DoExchange",
        "Handshake",
        "ListFlights",
        "ListActions",
        "PollFlightInfo",
        "GetSchema",
    ] {
        let name = format!("arrow.flight.protocol.FlightService/{method}");
        let answer = raw::call(&service.channel, &name, Some(&token), Vec::new()).await;
        assert_eq!(
            answer.unwrap_err().code(),
            tonic::Code::Unimplemented,
            "{method}"
        );
    }
}
