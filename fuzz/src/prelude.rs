//! What is in a service before it is asked anything: the calls of `calls.jsonl`, in which every list has something.

use http::HeaderMap;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MethodDescriptor};
use serde_json::Value;
use tonic::Code;

use crate::service::{Service, methods};

/// Every call and its message.
///
/// # Panics
/// When the file is not what it should be.
#[must_use]
pub fn prelude() -> Vec<(&'static MethodDescriptor, Vec<u8>)> {
    include_str!("../calls.jsonl")
        .lines()
        .map(|line| {
            let call: Value = serde_json::from_str(line).expect("JSON");
            let name = call["method"].as_str().expect("a method");
            let method = methods().iter().find(|method| method.name() == name);
            let method = method.unwrap_or_else(|| panic!("{name} is no method"));
            let message = DynamicMessage::deserialize(method.input(), &call["message"]);
            let message = message.unwrap_or_else(|error| panic!("{name}: {error}"));
            (method, message.encode_to_vec())
        })
        .collect()
}

impl Service {
    /// Makes the calls of the prelude.
    ///
    /// # Panics
    /// When one of them is refused.
    pub fn fill(&self) {
        for (method, message) in prelude() {
            let answer = self.call(method, vec![message], HeaderMap::new());
            assert_eq!(
                answer.code,
                Code::Ok,
                "{}: {}",
                method.name(),
                answer.message
            );
        }
    }
}
