//! Several servers of one service: calls go on with the next when one is not available.

use std::collections::VecDeque;
use std::time::Duration;

use diel_client::{Client, ClientOptions, Error, RetryPolicy};
use tokio::net::TcpListener;
use tonic::{Code, Status};

use crate::script::{Script, State, batch};

async fn client(urls: [&str; 2]) -> Client {
    let retry = RetryPolicy::default()
        .first_pause(Duration::from_millis(2))
        .max_tries(3);
    let options = ClientOptions::new(urls.join(",")).retry(retry);
    Client::with_options(options).await.unwrap()
}

async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A service that is overloaded for longer than a client has patience.
async fn overloaded() -> (Script, String) {
    let refusals = VecDeque::from_iter((0..9).map(|_| Status::unavailable("busy")));
    Script::start(State {
        refusals,
        ..State::default()
    })
    .await
}

#[tokio::test]
async fn a_client_connects_where_somebody_answers() {
    let (_script, url) = Script::start(State::default()).await;
    let dead = nobody().await;
    // Whichever chance begins with.
    for number in 0..8 {
        let client = client([&dead, &url]).await;
        let answer = client.submit_batch(batch(&format!("b{number}"), 1)).await;
        assert_eq!(answer.unwrap().stored_count, 1);
    }
    let error = Client::connect(format!("{dead},{dead}")).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    let error = Client::connect(format!("{url},nonsense"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Url { url } if url == "nonsense"));
}

#[tokio::test]
async fn a_server_that_is_not_available_is_left_once_and_for_all_calls() {
    let (busy, busy_url) = overloaded().await;
    let (good, url) = Script::start(State::default()).await;
    let mut begun_with_busy = 0;
    for number in 0..16 {
        let client = client([&busy_url, &url]).await;
        let before = busy.read(|state| state.received.len());
        for call in 0..2 {
            let answer = client
                .submit_batch(batch(&format!("b{number}-{call}"), 1))
                .await;
            assert_eq!(answer.unwrap().stored_count, 1);
        }
        let asked = busy.read(|state| state.received.len()) - before;
        assert!(asked <= 1, "asked {asked} times");
        begun_with_busy += asked;
        if begun_with_busy == 8 {
            break;
        }
    }
    assert!(begun_with_busy > 0, "chance never began with it");
    let stored = good.read(|state| state.stored.values().copied().max());
    assert_eq!(stored, Some(1), "nothing is stored twice");
}
