//! Rows of cells under columns, held until they are printed.

use std::io::Write;

use super::{Cell, Column, Format, RecordWriter, Records, table};

/// A whole answer. Rows have one cell a column; a row that is too short ends in absent cells.
#[derive(Debug)]
pub(crate) struct Frame {
    columns: &'static [Column],
    rows: Vec<Vec<Cell>>,
    row: Vec<Cell>,
    notes: Vec<String>,
}

impl Frame {
    pub(crate) const fn new(columns: &'static [Column]) -> Self {
        Self {
            columns,
            rows: Vec::new(),
            row: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// Adds a line under the table. Programs do not get it.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Prints to standard output.
    pub(crate) fn print(&self, format: Format) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        out.write_all(&self.to_bytes(format))?;
        out.flush()?;
        Ok(())
    }

    /// The whole answer as it is printed.
    pub(crate) fn to_bytes(&self, format: Format) -> Vec<u8> {
        if format == Format::Table {
            return table::render(self.columns, &self.rows, &self.notes).into_bytes();
        }
        let mut records = RecordWriter::new(self.columns, format);
        for row in &self.rows {
            for (position, _) in self.columns.iter().enumerate() {
                records.cell(row.get(position).unwrap_or(&Cell::Absent));
            }
            records.end_row();
        }
        let mut bytes = RecordWriter::header(self.columns, format).into_bytes();
        bytes.extend_from_slice(&records.into_bytes());
        bytes.extend_from_slice(RecordWriter::footer(format).as_bytes());
        bytes
    }
}

/// Cells handed over one by one become rows.
impl Records for Frame {
    fn absent(&mut self) {
        self.row.push(Cell::Absent);
    }

    fn text(&mut self, text: &str) {
        self.row.push(Cell::from(text));
    }

    fn integer(&mut self, count: i64) {
        self.row.push(Cell::from(count));
    }

    fn number(&mut self, number: f64) {
        self.row.push(Cell::from(number));
    }

    fn flag(&mut self, flag: bool) {
        self.row.push(Cell::from(flag));
    }

    fn end_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        self.rows.push(row);
    }
}
