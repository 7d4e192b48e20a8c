//! Any bytes as a file of samples: text of every kind, workbooks, layouts. The first byte chooses the options.
#![no_main]

use diel_fuzz::{options, read_everyhow};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Some((&byte, bytes)) = input.split_first() {
        read_everyhow(bytes, &options(byte));
    }
});
