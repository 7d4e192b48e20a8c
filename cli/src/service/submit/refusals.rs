//! Rows that were refused, as many as anybody reads, and the number of all.

use diel_import::RefusedRow;

use super::report::of_the_file;

/// What is wrong with more cells than this is counted and no longer kept.
const KEPT: usize = 10_000;

/// Refused rows and what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    rows: u64,
    /// A line a cell.
    cells: Vec<RefusedRow>,
}

impl Refusals {
    pub(super) fn new(rows: u64, cells: Vec<RefusedRow>) -> Self {
        Self { rows, cells }
    }

    /// Adds one row with all that is wrong with it.
    pub(super) fn add_row(&mut self, cells: impl IntoIterator<Item = RefusedRow>) {
        self.rows += 1;
        if self.cells.len() < KEPT {
            self.cells.extend(cells);
        }
    }

    /// Adds others, wherever in the file they stand.
    pub(super) fn append(&mut self, others: Self) {
        self.rows += others.rows;
        self.cells.extend(others.cells);
        self.cells.sort_by_key(|cell| cell.line);
        self.cells.truncate(KEPT);
    }

    /// How many rows.
    pub(super) const fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// All that is kept, in the order of the file, and how many rows there are where it is not all.
    pub(super) fn records(&self) -> Vec<RefusedRow> {
        let mut records = self.cells.clone();
        if self.cells.len() >= KEPT {
            let rule = format!(
                "{} rows were refused, of which the first are listed",
                self.rows
            );
            records.push(of_the_file(&rule));
        }
        records
    }

    /// What is wrong, in the order of the file.
    pub(super) fn cells(&self) -> &[RefusedRow] {
        &self.cells
    }
}
