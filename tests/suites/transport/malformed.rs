//! Bytes that are no message are the caller's fault, for every method.

use diel_proto::FILE_DESCRIPTOR_SET;
use http::Request;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tonic::body::Body;
use tonic::client::GrpcService as _;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::Victim;

/// Field 1 as a text of 127 bytes, of which three come: no message of any type.
const CUT_OFF: &str = "\0\0\0\0\u{5}\u{a}\u{7f}abc";

/// Sends a body as it is. The status, where it stands in the head of the answer as those of failed calls do.
async fn post(channel: &Channel, method: &str, encoding: &str, body: &str) -> Option<Status> {
    let mut channel = channel.clone();
    std::future::poll_fn(|context| channel.poll_ready(context))
        .await
        .unwrap();
    let request = Request::post(format!("http://localhost/{method}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-encoding", encoding)
        .body(Body::new(body.to_owned()))
        .unwrap();
    let response = channel.call(request).await.unwrap();
    Status::from_header_map(response.headers())
}

async fn channel(victim: &Victim) -> Channel {
    Channel::from_shared(victim.server.url.clone())
        .unwrap()
        .connect()
        .await
        .unwrap()
}

/// Every method of diel that takes one message, from the descriptors that reflection serves.
fn unary_methods() -> Vec<String> {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let mut methods = Vec::new();
    for file in set.file.iter().filter(|file| file.package() == "diel.v1") {
        for service in &file.service {
            let unary = service
                .method
                .iter()
                .filter(|method| !method.client_streaming());
            methods.extend(
                unary.map(|method| format!("diel.v1.{}/{}", service.name(), method.name())),
            );
        }
    }
    methods
}

#[tokio::test]
async fn a_message_that_cannot_be_decoded_is_an_invalid_argument() {
    let victim = Victim::start(&[]);
    let channel = channel(&victim).await;
    let methods = unary_methods();
    assert!(methods.len() > 50, "{methods:?}");
    for method in methods {
        // A message without fields takes any, so that the cut is what is wrong with it.
        let status = post(&channel, &method, "identity", CUT_OFF).await.unwrap();
        assert_eq!(status.code(), Code::InvalidArgument, "{method}: {status}");
        let details = status.get_error_details();
        let violation = &details.bad_request().unwrap().field_violations[0];
        assert_eq!(violation.field, "request", "{method}");
        assert!(
            violation
                .description
                .starts_with("is no message of the method's type: "),
            "{method}: {violation:?}"
        );
    }
}

#[tokio::test]
async fn compressed_requests_are_not_taken() {
    let victim = Victim::start(&[]);
    let channel = channel(&victim).await;
    for encoding in ["gzip", "zstd", "snappy"] {
        // One byte, flagged as compressed.
        let status = post(
            &channel,
            "diel.v1.Studies/ListStudies",
            encoding,
            "\u{1}\0\0\0\u{1}x",
        );
        assert_eq!(
            status.await.unwrap().code(),
            Code::Unimplemented,
            "{encoding}"
        );
    }
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_refused_before_it_is_read() {
    let victim = Victim::start(&[]);
    let channel = channel(&victim).await;
    // 2 GiB are announced and nothing comes.
    let status = post(
        &channel,
        "diel.v1.Studies/ListStudies",
        "identity",
        "\0\u{7f}\u{7f}\u{7f}\u{7f}",
    );
    assert_eq!(status.await.unwrap().code(), Code::OutOfRange);
    victim.answers_others().await;
}
