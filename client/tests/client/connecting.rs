//! Addresses, tokens and the absence of a service.

use diel_client::{Client, ClientOptions, Error};
use tokio::net::TcpListener;
use tonic::Code;

use crate::script::{Script, State, batch};

#[tokio::test]
async fn what_is_no_address_is_refused_by_name() {
    for url in [
        "",
        "localhost:50151",
        "127.0.0.1",
        "ftp://127.0.0.1:1",
        "http://",
        "nonsense here",
    ] {
        let error = Client::connect(url).await.unwrap_err();
        assert!(matches!(error, Error::Url { .. }), "{url:?}: {error:?}");
        assert!(error.to_string().contains(&format!("{url:?}")), "{error}");
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_says_connection_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = Client::connect(format!("http://{address}"))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn the_token_goes_with_every_call_and_into_no_log() {
    let (script, url) = Script::start(State::default()).await;
    let options = ClientOptions::new(url).token("secret-7\n");
    assert!(!format!("{options:?}").contains("secret-7"));
    let client = Client::with_options(options).await.unwrap();
    assert!(!format!("{client:?}").contains("secret-7"));
    client.submit_batch(batch("b", 1)).await.unwrap();
    assert_eq!(
        script.read(|state| state.authorization.clone()).as_deref(),
        Some("Bearer secret-7")
    );
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_refused() {
    let options = ClientOptions::new("http://127.0.0.1:1").token("line\nbreak");
    assert!(matches!(
        Client::with_options(options).await,
        Err(Error::Token)
    ));
}
