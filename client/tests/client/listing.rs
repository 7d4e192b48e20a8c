//! Lists as streams of rows.

use std::collections::VecDeque;

use diel_client::v1::ListSpecimensRequest;
use tonic::{Code, Status};

use crate::script::{Script, State};

#[tokio::test]
async fn every_row_of_every_page_is_given_once_in_order() {
    for page_size in 1..=8 {
        let (script, client) = Script::with_client(State::default()).await;
        let request = ListSpecimensRequest {
            page_size,
            ..Default::default()
        };
        let names: Vec<_> = client.list(request).collect(usize::MAX).await.unwrap();
        let names: Vec<_> = names.into_iter().map(|specimen| specimen.name).collect();
        let expected: Vec<_> = (0..7).map(|n| format!("studies/s/specimens/{n}")).collect();
        assert_eq!(names, expected, "pages of {page_size}");
        let pages = 7_usize.div_ceil(usize::try_from(page_size).unwrap());
        assert_eq!(script.read(|state| state.received.len()), pages);
    }
}

#[tokio::test]
async fn pages_are_fetched_when_they_are_needed_and_large_unless_told() {
    let (script, client) = Script::with_client(State::default()).await;
    let request = ListSpecimensRequest {
        page_size: 2,
        ..Default::default()
    };
    let three = client.list(request).collect(3).await.unwrap();
    assert_eq!(three.len(), 3);
    client
        .list(ListSpecimensRequest::default())
        .collect(1)
        .await
        .unwrap();
    assert_eq!(
        script.read(|state| state.received.clone()),
        ["2@", "2@2", "1000@"]
    );
}

#[tokio::test]
async fn a_page_in_between_that_is_unavailable_is_asked_for_again() {
    let (script, client) = Script::with_client(State::default()).await;
    let mut rows = client.list(ListSpecimensRequest {
        page_size: 3,
        ..Default::default()
    });
    let mut names = Vec::new();
    while let Some(row) = rows.next().await {
        names.push(row.unwrap().name);
        script.state.lock().unwrap().refusals = VecDeque::from([Status::unavailable("busy")]);
    }
    assert_eq!(names.len(), 7);
    assert_eq!(
        script.read(|state| state.received.len()),
        5,
        "three pages, two of them twice"
    );
}

#[tokio::test]
async fn after_an_error_there_are_no_more_rows() {
    let refusals = VecDeque::from([Status::not_found("no such study")]);
    let (_script, client) = Script::with_client(State {
        refusals,
        ..State::default()
    })
    .await;
    let mut rows = client.list(ListSpecimensRequest::default());
    assert_eq!(
        rows.next().await.unwrap().unwrap_err().code(),
        Code::NotFound
    );
    assert!(rows.next().await.is_none());
}
