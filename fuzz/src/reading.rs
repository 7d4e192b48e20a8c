//! Everything that reads a file, and the options that a byte chooses.

use diel_core::Unit;
use diel_import::{ImportOptions, TextTable, parse_zone, read, scan_parallel, write_rejects};

use crate::file::in_memory;

/// How a file is read, as the bits of a byte say: zone, unit, columns.
#[must_use]
pub fn options(byte: u8) -> ImportOptions {
    let columns: &[&str] = match byte >> 4 & 3 {
        0 | 1 => &[],
        2 => &["participant=id", "label=sample"],
        _ => &["collected_at=time", "unit="],
    };
    ImportOptions {
        time_zone: (byte & 1 == 0)
            .then(|| parse_zone("Europe/Berlin").ok())
            .flatten(),
        unit: match byte >> 1 & 3 {
            0 | 1 => None,
            2 => Some(Unit::NmolPerL),
            _ => Some(Unit::UgPerDl),
        },
        columns: columns
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect(),
        ..ImportOptions::default()
    }
}

/// Reads a file in every way there is, and holds the ways against each other.
///
/// # Panics
/// When they do not agree, which is what a target looks for.
pub fn read_everyhow(bytes: &[u8], options: &ImportOptions) {
    let Some(path) = in_memory(0, bytes) else {
        return;
    };
    let path = path.as_path();
    let progress = &mut |_, _| ();
    let mut on_all_cores = 0_u64;
    let parallel = scan_parallel(
        path,
        options,
        progress,
        |count: &mut u64, _| *count += 1,
        |count| on_all_cores += count,
    );
    // One row after the other.
    let whole = read(path, options, progress);
    assert_eq!(parallel.is_ok(), whole.is_ok());
    if let (Ok(parallel), Ok(whole)) = (parallel, whole) {
        assert_eq!(on_all_cores, parallel.accepted);
        assert_eq!(whole.rows.len() as u64, on_all_cores);
        assert_eq!(whole.refused, parallel.refused);
        let mut rejects = Vec::new();
        if let Ok(rows) = write_rejects(path, options, &mut rejects, |_| None) {
            assert!(rows <= parallel.refused_rows);
            assert_eq!(rows > 0, parallel.refused_rows > 0);
        }
    }
    let _ = TextTable::read(path, options, |_| true, progress);
}
