//! Any bytes as the key within a page token that is bound to its arguments as it should be. The first byte chooses the list.
#![no_main]

use std::cell::LazyCell;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diel_fuzz::{Service, methods};
use diel_server::AccessMode;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MethodDescriptor, Value};
use tonic::Code;

/// Bytes of a token that bind it.
const BINDING: usize = 8;

struct List {
    method: &'static MethodDescriptor,
    request: DynamicMessage,
    binding: Vec<u8>,
}

thread_local! {
    static BEGUN: LazyCell<(Service, Vec<List>)> = LazyCell::new(|| {
        let service = Service::start(AccessMode::Open);
        service.fill();
        let lists: Vec<List> = methods().iter().filter_map(|method| list(&service, method)).collect();
        assert!(lists.len() >= 5, "{} lists have a second page", lists.len());
        (service, lists)
    });
}

fuzz_target!(|input: &[u8]| {
    let Some((&byte, key)) = input.split_first() else {
        return;
    };
    BEGUN.with(|begun| {
        let (service, lists) = &**begun;
        let list = &lists[usize::from(byte) % lists.len()];
        let token = URL_SAFE_NO_PAD.encode([list.binding.as_slice(), key].concat());
        let mut request = list.request.clone();
        request.set_field_by_name("page_token", Value::String(token));
        let answer = service.call(list.method, vec![request.encode_to_vec()], HeaderMap::new());
        assert!(
            matches!(answer.code, Code::Ok | Code::InvalidArgument),
            "{}: {:?}: {}",
            list.method.full_name(),
            answer.code,
            answer.message
        );
    });
});

/// A list of the prelude's study that has a second page.
fn list(service: &Service, method: &'static MethodDescriptor) -> Option<List> {
    let input = method.input();
    input.get_field_by_name("page_token")?;
    let mut request = DynamicMessage::new(input.clone());
    for parent in ["parent", "study"] {
        if let Some(field) = input.get_field_by_name(parent) {
            request.set_field(&field, Value::String("studies/pilot".to_owned()));
        }
    }
    request.set_field_by_name("page_size", Value::I32(1));
    let answer = service.call(method, vec![request.encode_to_vec()], HeaderMap::new());
    let answer =
        DynamicMessage::decode(method.output(), answer.messages.first()?.as_slice()).ok()?;
    let token = answer.get_field_by_name("next_page_token")?;
    let bytes = URL_SAFE_NO_PAD.decode(token.as_str()?).ok()?;
    let binding = bytes.get(..BINDING)?.to_vec();
    Some(List {
        method,
        request,
        binding,
    })
}
