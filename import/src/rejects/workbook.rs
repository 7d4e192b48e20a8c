//! Refused rows of a workbook's sheet, as a workbook.

use std::collections::BTreeMap;
use std::io::Write;

use rust_xlsxwriter::{Workbook, XlsxError};

use super::{COLUMN, is_column};
use crate::error::ImportCause;
use crate::sheet::{Sheet, SheetRow};

/// Writes the rows above `first`, with a header for the reasons in the last of them, and below them the refused rows.
pub(super) fn write(
    sheet: &Sheet,
    first: u64,
    reasons: &BTreeMap<u64, String>,
    out: &mut dyn Write,
) -> Result<u64, ImportCause> {
    if reasons.is_empty() {
        return Ok(0);
    }
    let (head, rows): (Vec<&SheetRow>, Vec<&SheetRow>) =
        sheet.rows.iter().partition(|row| row.line < first);
    let has_reasons = head
        .last()
        .is_some_and(|row| row.cells.last().is_some_and(|cell| is_column(cell)));
    let header_width = head.last().map_or(0, |row| row.cells.len()) - usize::from(has_reasons);
    let widest = |rows: &[&SheetRow]| rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    // A row that is longer than the header keeps its cells: the reason stands behind them all.
    let column = if has_reasons {
        header_width
    } else {
        widest(&head).max(widest(&rows))
    };

    let mut workbook = Workbook::new();
    let page = workbook.add_worksheet().set_name(&sheet.name)?;
    let mut written = 0_u32;
    for row in &head {
        written = u32::try_from(row.line).unwrap_or(u32::MAX);
        write_cells(page, written - 1, &row.cells, column)?;
    }
    if written > 0 {
        page.write_string(written - 1, at(column), COLUMN)?;
    }
    let mut count = 0;
    for row in &rows {
        let Some(reason) = reasons.get(&row.line) else {
            continue;
        };
        write_cells(page, written, &row.cells, column)?;
        page.write_string(written, at(column), reason)?;
        written += 1;
        count += 1;
    }
    out.write_all(&workbook.save_to_buffer()?)?;
    out.flush()?;
    Ok(count)
}

fn write_cells(
    page: &mut rust_xlsxwriter::Worksheet,
    row: u32,
    cells: &[String],
    width: usize,
) -> Result<(), XlsxError> {
    for (column, cell) in cells.iter().take(width).enumerate() {
        match cell.parse::<f64>() {
            // A code such as `007` stays text.
            Ok(number) if number.is_finite() && number.to_string() == *cell => {
                page.write_number(row, at(column), number)?;
            }
            _ if cell.is_empty() => {}
            _ => {
                page.write_string(row, at(column), cell)?;
            }
        }
    }
    Ok(())
}

/// A sheet is no wider than this can count: it was read from a workbook.
fn at(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}
