//! Any bytes as the rows below a header that names every column, so that each kind of cell is met: times, dates, numbers,
//! concentrations, conditions. The first byte chooses the options and the separator.
#![no_main]

use diel_fuzz::{options, read_everyhow};
use libfuzzer_sys::fuzz_target;

const COLUMNS: [&str; 15] = [
    "concentration",
    "collected_at",
    "participant",
    "awakening_at",
    "date",
    "minutes_since_awakening",
    "unit",
    "limit_of_detection",
    "specimen",
    "age_years",
    "sex",
    "group",
    "label",
    "day",
    "conditions",
];

fuzz_target!(|input: &[u8]| {
    let Some((&byte, bytes)) = input.split_first() else {
        return;
    };
    let separator = [",", ";", "\t"][usize::from(byte >> 6) % 3];
    let mut file = COLUMNS.join(separator).into_bytes();
    file.push(b'\n');
    file.extend_from_slice(bytes);
    // Cells that the bytes do not reach are there and blank.
    let reached = bytes
        .iter()
        .filter(|at| separator.as_bytes().contains(at))
        .count();
    for _ in reached..COLUMNS.len() - 1 {
        file.extend_from_slice(separator.as_bytes());
    }
    read_everyhow(&file, &options(byte));
});
