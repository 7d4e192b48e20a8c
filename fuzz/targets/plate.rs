//! Any bytes as the export of a plate reader, a sample map, a list of wells, a log of samplings. The first byte says where
//! the bytes end that are the map for the export behind it.
#![no_main]

use diel_fuzz::in_memory;
use diel_import::{
    ImportOptions, LogOptions, parse_zone, read_log, read_plates, read_sample_map, read_well_list,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&byte, bytes)) = input.split_first() else {
        return;
    };
    let (map, export) = bytes.split_at(bytes.len() * usize::from(byte) / 256);
    let (Some(map), Some(export)) = (in_memory(0, map), in_memory(1, export)) else {
        return;
    };
    let has_map = read_sample_map(&map).is_ok();
    let options = |samples| ImportOptions {
        samples,
        ..ImportOptions::default()
    };
    if let Ok(plates) = read_plates(&export, &options(None)) {
        // A map that is one does not make an export unreadable.
        assert!(!has_map || read_plates(&export, &options(Some(map))).is_ok());
        for plate in plates {
            let _ = plate.reading_names();
        }
    }
    let _ = read_well_list(&export);
    let log = LogOptions {
        time_zone: parse_zone("Europe/Berlin").ok(),
        ..LogOptions::default()
    };
    let _ = read_log(&export, &log);
});
