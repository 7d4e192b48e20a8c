//! What the targets share: a file in memory, the options that a byte chooses, and everything that reads a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use diel_core::Unit;
use diel_import::{ImportOptions, TextTable, parse_zone, read, scan, scan_parallel, write_rejects};

/// One file a process, overwritten by each input. Where `/dev/shm` is, it never touches a disk.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    folder.join(format!("diel-fuzz-{}", std::process::id()))
});

/// How a file is read, as the bits of a byte say: zone, unit, columns.
#[must_use]
pub fn options(byte: u8) -> ImportOptions {
    let columns: &[&str] = match byte >> 4 & 3 {
        0 | 1 => &[],
        2 => &["participant=id", "label=sample"],
        _ => &["collected_at=time", "unit="],
    };
    ImportOptions {
        time_zone: (byte & 1 == 0).then(|| parse_zone("Europe/Berlin").ok()).flatten(),
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
    let path = FILE.as_path();
    if fs::write(path, bytes).is_err() {
        return;
    }
    let progress = &mut |_, _| ();
    let mut one_by_one = 0_u64;
    let scanned = scan(path, options, progress, |_| one_by_one += 1);
    let mut on_all_cores = 0_u64;
    let parallel = scan_parallel(
        path,
        options,
        progress,
        |count: &mut u64, _| *count += 1,
        |count| on_all_cores += count,
    );
    let whole = read(path, options, progress);
    assert_eq!(scanned.is_ok(), parallel.is_ok());
    assert_eq!(scanned.is_ok(), whole.is_ok());
    if let (Ok(scanned), Ok(parallel), Ok(whole)) = (scanned, parallel, whole) {
        assert_eq!(one_by_one, scanned.accepted);
        assert_eq!(on_all_cores, one_by_one);
        assert_eq!(whole.rows.len() as u64, one_by_one);
        assert_eq!(scanned.refused, parallel.refused);
        assert_eq!(scanned.refused, whole.refused);
        let mut rejects = Vec::new();
        if let Ok(rows) = write_rejects(path, options, &mut rejects, |_| None) {
            assert!(rows <= scanned.refused_rows);
            assert_eq!(rows > 0, scanned.refused_rows > 0);
        }
    }
    let _ = TextTable::read(path, options, |_| true, progress);
}
