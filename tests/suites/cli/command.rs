//! Runs the binary on a file made for the test.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The run, when it ended well.
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.status, 0, "{}", self.stderr);
        self
    }

    /// The message of a run that refused its input with status 1.
    pub(crate) fn refused(self) -> String {
        assert_eq!(
            self.status, 1,
            "not refused: {}{}",
            self.stdout, self.stderr
        );
        assert_eq!(
            self.stdout, "",
            "a refusal prints nothing to standard output"
        );
        self.stderr
    }
}

/// A row of a table by column.
pub(crate) type Record = HashMap<String, String>;

/// The binary that was built beside this suite, in the same profile.
pub(crate) fn binary() -> PathBuf {
    diel_tests::process::diel().unwrap()
}

/// Runs `diel`.
pub(crate) fn diel(arguments: &[&str]) -> Run {
    let output = Command::new(binary()).args(arguments).output().unwrap();
    Run {
        status: output.status.code().expect("an exit status"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A file in a folder of its own that is removed in the end.
pub(crate) struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }
}

/// Runs `diel analyze` on a file with this content.
pub(crate) fn analyze(content: impl AsRef<[u8]>, arguments: &[&str]) -> Run {
    let scratch = Scratch::new();
    let file = scratch.write("samples.csv", content);
    diel(&[&["analyze", &file], arguments].concat())
}

/// The profiles of a file.
pub(crate) fn profiles(file: &str, arguments: &[&str]) -> Vec<Record> {
    records(
        &diel(&[&["analyze", file, "--profiles", "-"], arguments].concat())
            .done()
            .stdout,
    )
}

/// The profiles of a file with this content.
pub(crate) fn profiles_of(content: &str, arguments: &[&str]) -> Vec<Record> {
    records(
        &analyze(content, &[&["--profiles", "-"], arguments].concat())
            .done()
            .stdout,
    )
}

pub(crate) fn records(text: &str) -> Vec<Record> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

pub(crate) fn number(record: &Record, column: &str) -> f64 {
    record[column]
        .parse()
        .unwrap_or_else(|_| panic!("{column} is `{}` in {record:?}", record[column]))
}

/// Real data beside the workspace, or `None` and a loud word where they are absent.
#[expect(clippy::print_stderr, reason = "a test that could not run must say so")]
pub(crate) fn real_data(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared")
        .join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: the real data {name} are not here, nothing was compared");
    None
}
