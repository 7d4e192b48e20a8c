//! A log that is a table: a header and rows of cells.

use super::LogPlace;
use super::archive::LogFile;
use super::error::LogCause;
use crate::column::fold;

/// A table of text cells.
#[derive(Debug)]
pub(super) struct LogTable {
    pub(super) member: String,
    pub(super) headers: Vec<String>,
    pub(super) rows: Vec<LogRow>,
}

/// A row and the line it stands on.
#[derive(Debug)]
pub(super) struct LogRow {
    pub(super) line: u64,
    cells: Vec<String>,
}

/// A column with the names it goes by, folded; the first is its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) aliases: &'static [&'static str],
}

impl LogTable {
    pub(super) fn of(file: &LogFile) -> Result<Self, LogCause> {
        let first = file.text.lines().find(|line| !line.trim().is_empty());
        let first = first.ok_or(LogCause::Empty)?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator(first))
            .from_reader(file.text.as_bytes());
        let mut headers = None;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record?;
            let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
            if cells.iter().all(String::is_empty) {
                continue;
            }
            if headers.is_none() {
                headers = Some(cells);
                continue;
            }
            rows.push(LogRow {
                line: record.position().map_or(0, csv::Position::line),
                cells,
            });
        }
        Ok(Self {
            member: file.member.clone(),
            headers: headers.ok_or(LogCause::Empty)?,
            rows,
        })
    }

    /// Where a column stands: under its own name, else under the only alias that is there.
    pub(super) fn find(&self, column: Column) -> Result<Option<usize>, LogCause> {
        let of = |wanted: &dyn Fn(&str) -> bool| -> Vec<usize> {
            let folded = self.headers.iter().map(|header| fold(header));
            folded
                .enumerate()
                .filter(|(_, header)| wanted(header))
                .map(|(at, _)| at)
                .collect()
        };
        let own = of(&|header| header == fold(column.name));
        let found = if own.is_empty() {
            of(&|header| column.aliases.contains(&header))
        } else {
            own
        };
        match found.as_slice() {
            [] => Ok(None),
            [at] => Ok(Some(*at)),
            several => Err(LogCause::ColumnAmbiguous {
                name: column.name,
                headers: self.quoted(several),
            }),
        }
    }

    /// The same of a column that must be there.
    pub(super) fn need(&self, what: &'static str, column: Column) -> Result<usize, LogCause> {
        self.find(column)?.ok_or_else(|| LogCause::ColumnMissing {
            what,
            name: column.name,
            headers: self.quoted(&(0..self.headers.len()).collect::<Vec<_>>()),
        })
    }

    pub(super) fn header(&self, at: Option<usize>, column: Column) -> &str {
        at.and_then(|at| self.headers.get(at))
            .map_or(column.name, String::as_str)
    }

    pub(super) fn place(&self, row: &LogRow) -> LogPlace {
        LogPlace {
            member: self.member.clone(),
            line: row.line,
        }
    }

    fn quoted(&self, positions: &[usize]) -> String {
        let headers = positions.iter().filter_map(|&at| self.headers.get(at));
        headers
            .map(|header| format!("`{header}`"))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

impl LogRow {
    /// A cell; empty where the table has no such column or the row is too short.
    pub(super) fn cell(&self, at: Option<usize>) -> &str {
        at.and_then(|at| self.cells.get(at))
            .map_or("", String::as_str)
    }
}

/// The separator that the header has most of.
fn separator(header: &str) -> u8 {
    let count = |separator: u8| header.bytes().filter(|byte| *byte == separator).count();
    [b';', b'\t', b',']
        .into_iter()
        .max_by_key(|&separator| count(separator))
        .unwrap_or(b',')
}
