//! Any bytes as resources of FHIR R4, and as messages of the protocol in JSON. What is read of JSON is written and read back
//! as it was.
#![no_main]

use diel_interchange::{fhir, json};
use diel_proto::v1::SubmitBatchRequest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = fhir::read(bytes);
    if let Ok(request) = json::read::<SubmitBatchRequest>(bytes) {
        let Ok(text) = json::write(&request) else {
            return;
        };
        let again = json::read::<SubmitBatchRequest>(text.as_bytes());
        assert_eq!(again.ok(), Some(request), "{text}");
    }
});
