//! Tables read from the reference folder, and designs made of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use diel_core::mixed::{Column, Design, DesignParts, Grouping, RandomTerm};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference")
}

/// Whether the reference answers are beside the project, and a loud word where they are not.
#[expect(clippy::print_stderr, reason = "a test that could not run must say so")]
pub(crate) fn present() -> bool {
    let present = folder().exists();
    if !present {
        eprintln!(
            "SKIPPED: the reference answers are not beside the project, nothing was compared"
        );
    }
    present
}

/// Reads a file of the reference folder.
pub(crate) fn read(name: &str) -> String {
    let path = folder().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Columns of text by header.
pub(crate) fn table(name: &str) -> BTreeMap<String, Vec<String>> {
    let text = read(name);
    let mut lines = text.lines().map(|line| {
        line.split(',')
            .map(|cell| cell.trim_matches('"').to_owned())
            .collect::<Vec<_>>()
    });
    let header = lines.next().expect("a header");
    let mut table: BTreeMap<String, Vec<String>> = header
        .iter()
        .map(|name| (name.clone(), Vec::new()))
        .collect();
    for line in lines {
        for (name, cell) in header.iter().zip(line) {
            table.get_mut(name).expect("a column").push(cell);
        }
    }
    table
}

pub(crate) fn numbers(cells: &[String]) -> Vec<f64> {
    cells
        .iter()
        .map(|cell| cell.parse().expect("a number"))
        .collect()
}

pub(crate) fn column(name: &str, values: &[f64]) -> Column {
    Column {
        name: name.to_owned(),
        values: Arc::from(values),
    }
}

pub(crate) fn intercept(rows: usize) -> Column {
    column("(Intercept)", &vec![1.0; rows])
}

/// Levels in the order of their first row.
pub(crate) fn grouping(name: &str, cells: &[String]) -> Grouping {
    let mut levels: Vec<String> = Vec::new();
    let mut known: BTreeMap<&str, u32> = BTreeMap::new();
    let codes = cells
        .iter()
        .map(|cell| {
            *known.entry(cell).or_insert_with(|| {
                levels.push(cell.clone());
                u32::try_from(levels.len() - 1).expect("few levels")
            })
        })
        .collect::<Vec<u32>>();
    Grouping {
        name: name.to_owned(),
        codes: codes.into(),
        levels: levels.into(),
    }
}

pub(crate) fn design(
    response: Vec<f64>,
    fixed: Vec<Column>,
    groupings: Vec<Grouping>,
    random: Vec<(usize, Vec<Column>)>,
) -> Design {
    let random = random
        .into_iter()
        .map(|(grouping, columns)| RandomTerm { grouping, columns });
    Design::new(DesignParts {
        response_name: "y".to_owned(),
        response,
        fixed,
        groupings,
        random: random.collect(),
        ..DesignParts::default()
    })
    .expect("a design")
}
