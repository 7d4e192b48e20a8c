//! The corpus of import files: each a defect or a dialect, named after it, with what is expected beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::expectation::Expectation;

/// What stands behind a file's name, without its extension, for its expectation.
const EXPECTED: &str = ".expected.toml";
/// The corpus may grow and not shrink.
const FEWEST_FILES: usize = 60;

#[test]
fn every_file_of_the_corpus_is_read_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/imports");
    let files = files(&folder);
    assert!(
        files.len() >= FEWEST_FILES,
        "{} files in {}",
        files.len(),
        folder.display()
    );
    let mut differences = Vec::new();
    for file in &files {
        let expectation = Expectation::beside(file).unwrap();
        for difference in expectation.differences(file) {
            differences.push(format!("{}: {difference}", name(file)));
        }
    }
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}

/// The files to be read. Each has an expectation, and each expectation a file.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut expectations = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = name(&path);
        if let Some(stem) = name.strip_suffix(EXPECTED) {
            expectations.insert(stem.to_owned());
        } else if name != "README.md" && !name.ends_with(".map.csv") {
            files.push(path);
        }
    }
    files.sort();
    for file in &files {
        let stem = file.file_stem().unwrap().to_str().unwrap();
        assert!(
            expectations.remove(stem),
            "{} needs {stem}{EXPECTED}, of its own",
            name(file)
        );
    }
    assert!(
        expectations.is_empty(),
        "expectations without a file: {expectations:?}"
    );
    files
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}
