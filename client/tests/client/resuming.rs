//! Server streams that break and go on.

use diel_client::{Client, Error, v1};
use tonic::Code;

use crate::query_script::{MESSAGES, QueryScript};

async fn names(client: &Client) -> Result<Vec<String>, Error> {
    let profiles = client
        .stream(v1::StreamProfilesRequest::default())
        .collect(usize::MAX)
        .await?;
    Ok(profiles.into_iter().map(|profile| profile.name).collect())
}

fn all() -> Vec<String> {
    (0..2 * MESSAGES).map(|n| n.to_string()).collect()
}

#[tokio::test]
async fn every_row_is_given_once_wherever_the_stream_breaks() {
    for cut in 1..MESSAGES {
        let (script, client) = QueryScript::with_client([cut]).await;
        assert_eq!(
            names(&client).await.unwrap(),
            all(),
            "cut after message {cut}"
        );
        assert_eq!(
            *script.tokens.lock().unwrap(),
            ["".to_owned(), cut.to_string()]
        );
    }
}

#[tokio::test]
async fn a_stream_that_breaks_after_every_message_arrives_all_the_same() {
    let (script, client) = QueryScript::with_client(1..MESSAGES).await;
    assert_eq!(names(&client).await.unwrap(), all());
    assert_eq!(*script.tokens.lock().unwrap(), ["", "1", "2", "3", "4"]);
}

#[tokio::test]
async fn a_stream_that_breaks_after_its_last_message_is_not_begun_again() {
    let (script, client) = QueryScript::with_client([MESSAGES]).await;
    let mut rows = client.stream(v1::StreamProfilesRequest::default());
    let mut given = Vec::new();
    let error = loop {
        match rows.next().await.unwrap() {
            Ok(profile) => given.push(profile.name),
            Err(error) => break error,
        }
    };
    assert_eq!((given, error.code()), (all(), Code::Unavailable));
    assert_eq!(script.tokens.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refused_stream_says_why() {
    let (_script, client) = QueryScript::with_client([]).await;
    let mut rows = client.stream(v1::StreamRhythmsRequest::default());
    assert_eq!(
        rows.next().await.unwrap().unwrap_err().code(),
        Code::Unimplemented
    );
    assert!(rows.next().await.is_none());
}
