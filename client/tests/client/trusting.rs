//! TLS: an authority that is named is trusted, and no other.

use diel_client::{Client, ClientOptions, Code, Error};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Identity, Server, ServerTlsConfig};

use crate::script::{Script, State, batch};

/// A service with a certificate of its own making; returns its address and the certificate.
async fn secured() -> (String, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let identity = Identity::from_pem(cert.pem(), signing_key.serialize_pem());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = Server::builder()
        .tls_config(ServerTlsConfig::new().identity(identity))
        .unwrap()
        .add_service(Script::service(State::default()));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    (format!("https://localhost:{port}"), cert.pem())
}

#[tokio::test]
async fn the_authority_that_is_named_is_trusted() {
    let (url, certificate) = secured().await;
    let options = ClientOptions::new(url).ca_certificate(certificate);
    let client = Client::with_options(options).await.unwrap();
    assert_eq!(
        client
            .submit_batch(batch("b", 1))
            .await
            .unwrap()
            .stored_count,
        1
    );
}

#[tokio::test]
async fn any_other_is_not() {
    let (url, _) = secured().await;
    let (_, of_another) = secured().await;
    let options = ClientOptions::new(&url).ca_certificate(of_another);
    let error = Client::with_options(options).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    assert!(error.to_string().contains("certificate"), "{error}");
    // Nor is it without a word: the machine's own authorities do not know it.
    assert!(Client::connect(url).await.is_err());
}

#[tokio::test]
async fn a_certificate_that_is_none_is_refused() {
    let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let options = ClientOptions::new("https://localhost:1").ca_certificate(pem);
    let error = Client::with_options(options).await.unwrap_err();
    assert!(
        matches!(error, Error::Tls { .. } | Error::Connection { .. }),
        "{error}"
    );
}
