//! Clients that send a token, and studies for them to work in.

use diel_client::{Client, ClientOptions, v1};
use diel_tests::service::TestService;

/// A client that sends this token.
pub(crate) async fn client(service: &TestService, token: &str) -> Client {
    let options = ClientOptions::new(service.url()).token(token);
    Client::with_options(options).await.unwrap()
}

/// An admin of all studies.
pub(crate) async fn root(service: &TestService) -> Client {
    let everything = [(diel_store::Role::Admin, None)];
    let token = diel_tests::token::token(&service.database, "root", &everything)
        .await
        .unwrap();
    client(service, &token).await
}

/// Makes studies as somebody who may.
pub(crate) async fn create_studies(root: &Client, ids: &[&str]) {
    for id in ids {
        let study = v1::Study {
            display_name: format!("Study {id}"),
            time_zone: "Europe/Berlin".to_owned(),
            ..Default::default()
        };
        let request = v1::CreateStudyRequest {
            study_id: (*id).to_owned(),
            study: Some(study),
            ..Default::default()
        };
        root.create_study(request).await.unwrap();
    }
}
