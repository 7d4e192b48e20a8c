//! Any bytes as calls of the service: a byte for the method, one for how its messages are made, two for the length of what
//! follows. Messages are either the bytes as they stand, or what they choose of the descriptor's fields.
//!
//! Nothing may panic, hang or be answered INTERNAL. The service lives on from input to input; what it was asked since it
//! was begun stands in the file `calls` of its folder and is itself an input.
#![no_main]

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::Write as _;

use diel_fuzz::{Service, message, methods};
use diel_server::AccessMode;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use prost::Message as _;
use tonic::Code;

/// Inputs after which it begins anew, so that its database stays small.
const INPUTS: u32 = 4_000;
/// Calls in one input, unless it is a file of all calls.
const CALLS: usize = 16;

struct Begun {
    service: Service,
    calls: File,
    inputs: u32,
}

thread_local! {
    static BEGUN: RefCell<Option<Begun>> = const { RefCell::new(None) };
}

fuzz_target!(|input: &[u8]| {
    BEGUN.with_borrow_mut(|begun| {
        if begun.as_ref().is_some_and(|begun| begun.inputs >= INPUTS)
            && let Some(begun) = begun.take()
        {
            begun.service.stop();
        }
        let begun = begun.get_or_insert_with(begin);
        begun.inputs += 1;
        let most = if input.len() > 4_096 {
            usize::MAX
        } else {
            CALLS
        };
        let mut rest = input;
        for _ in 0..most {
            let Some((head, behind)) = rest.split_first_chunk::<4>() else {
                break;
            };
            let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
            let (own, behind) = behind.split_at(length.min(behind.len()));
            let mut told = head.to_vec();
            told[2..].copy_from_slice(&(own.len() as u16).to_le_bytes());
            begun
                .calls
                .write_all(&[told.as_slice(), own].concat())
                .expect("room in memory");
            call(&begun.service, head[0], head[1], own);
            rest = behind;
        }
    });
});

fn begin() -> Begun {
    let service = Service::start(AccessMode::Open);
    service.fill();
    let path = service.folder().join("calls");
    let calls = OpenOptions::new().create(true).append(true).open(path);
    Begun {
        service,
        calls: calls.expect("room in memory"),
        inputs: 0,
    }
}

fn call(service: &Service, method: u8, how: u8, mut own: &[u8]) {
    let method = &methods()[usize::from(method) % methods().len()];
    let count = if method.is_client_streaming() {
        1 + usize::from(how >> 1) % 4
    } else {
        1
    };
    let messages = if how & 1 == 0 {
        own.chunks((own.len() / count).max(1))
            .map(<[u8]>::to_vec)
            .collect()
    } else {
        (0..count)
            .map(|_| message(&method.input(), &mut own).encode_to_vec())
            .collect()
    };
    let answer = service.call(method, messages, HeaderMap::new());
    let is_defect = matches!(
        answer.code,
        Code::Internal | Code::Unknown | Code::DataLoss | Code::Unimplemented | Code::Unavailable
    );
    // A unary call without any message, or with two, is the transport's to refuse.
    let is_of_transport = own.is_empty() && how & 1 == 0;
    assert!(
        !is_defect || is_of_transport,
        "{}: {:?}: {} ({})",
        method.full_name(),
        answer.code,
        answer.message,
        service.folder().display()
    );
}
