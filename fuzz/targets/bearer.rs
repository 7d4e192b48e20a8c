//! Any bytes as the value of a header that a service with tokens reads. The first byte chooses the header. Nobody has a
//! token, so nobody is let in.
#![no_main]

use std::cell::LazyCell;

use diel_fuzz::{Service, methods};
use diel_server::AccessMode;
use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use tonic::Code;

const HEADERS: [&str; 6] = [
    "authorization",
    "authorization",
    "grpc-timeout",
    "grpc-encoding",
    "traceparent",
    "x-request-id",
];

thread_local! {
    static SERVICE: LazyCell<Service> = LazyCell::new(|| Service::start(AccessMode::Tokens));
}

fuzz_target!(|input: &[u8]| {
    let Some((&byte, value)) = input.split_first() else {
        return;
    };
    let Ok(value) = HeaderValue::from_bytes(value) else {
        return;
    };
    let name = HEADERS[usize::from(byte) % HEADERS.len()];
    let headers = HeaderMap::from_iter([(HeaderName::from_static(name), value)]);
    let method = methods().iter().find(|method| method.name() == "WhoAmI");
    let method = method.expect("WhoAmI");
    let answer = SERVICE.with(|service| service.call(method, vec![Vec::new()], headers));
    let is_right = match name {
        // A deadline may be over at once, an encoding may be none.
        "grpc-timeout" | "grpc-encoding" => !matches!(
            answer.code,
            Code::Ok | Code::Internal | Code::Unknown | Code::DataLoss
        ),
        _ => answer.code == Code::Unauthenticated,
    };
    assert!(is_right, "{name}: {:?}: {}", answer.code, answer.message);
});
