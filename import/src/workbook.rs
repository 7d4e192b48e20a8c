//! Workbooks of spreadsheet programs: .xlsx, .xlsb, .xls and .ods, as sheets of text cells.

use std::io::{Cursor, Read, Seek};
use std::panic;

use calamine::{
    Data, DataRef, ExcelDateTime, Reader as _, Sheets, Xlsb, Xlsx, open_workbook_auto_from_rs,
};

use super::archive;
use super::error::ImportCause;
use super::number::DecimalComma;
use super::sheet::{MOST_CELLS, Sheet};

/// The largest workbook that is read.
pub(super) const LARGEST_BYTES: u64 = 64 * 1024 * 1024;
/// The most that a workbook may unpack to.
const LARGEST_UNPACKED_BYTES: u64 = 512 * 1024 * 1024;
const DAY_MILLISECONDS: i64 = 86_400_000;

/// Whether a file begins as workbooks do: a zip archive, or an OLE compound file.
pub(super) fn is_workbook(start: &[u8]) -> bool {
    start.starts_with(b"PK\x03\x04") || start.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

/// All sheets with something on them, in the workbook's order.
///
/// # Errors
/// It is no workbook, is protected by a password, or has more cells than are held.
pub(super) fn sheets(bytes: Vec<u8>) -> Result<Vec<Sheet>, ImportCause> {
    if archive::unpacked_bytes(&bytes) > LARGEST_UNPACKED_BYTES {
        return Err(ImportCause::TooLarge {
            what: "workbook that unpacks to sheets",
            most_mib: LARGEST_UNPACKED_BYTES / (1024 * 1024),
        });
    }
    // On a damaged .xls the library that reads it can panic.
    panic::catch_unwind(|| read(bytes)).unwrap_or_else(|_| {
        let damaged = calamine::Error::Msg("it is damaged");
        Err(ImportCause::Workbook(Box::new(damaged)))
    })
}

fn read(bytes: Vec<u8>) -> Result<Vec<Sheet>, ImportCause> {
    let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes))
        .map_err(|error| ImportCause::Workbook(Box::new(error)))?;
    let mut sheets = Vec::new();
    let mut left = MOST_CELLS;
    for name in workbook.sheet_names() {
        let mut grid = Grid::new(name, left);
        match &mut workbook {
            Sheets::Xlsx(workbook) => fill_xlsx(workbook, &mut grid)?,
            Sheets::Xlsb(workbook) => fill_xlsb(workbook, &mut grid)?,
            Sheets::Xls(_) | Sheets::Ods(_) => {
                let range = workbook
                    .worksheet_range(&grid.sheet.name)
                    .map_err(|error| ImportCause::Workbook(Box::new(error)))?;
                let (row, column) = range.start().unwrap_or_default();
                for (down, right, data) in range.used_cells() {
                    let at = |start: u32, offset: usize| start as usize + offset;
                    grid.push(at(row, down), at(column, right), text(data))?;
                }
            }
        }
        let sheet = grid.finish(&mut left);
        if !sheet.rows.is_empty() {
            sheets.push(sheet);
        }
    }
    Ok(sheets)
}

fn fill_xlsx<R: Read + Seek>(workbook: &mut Xlsx<R>, grid: &mut Grid) -> Result<(), ImportCause> {
    let refused = |error| ImportCause::Workbook(Box::new(calamine::Error::Xlsx(error)));
    let name = grid.sheet.name.clone();
    let mut cells = match workbook.worksheet_cells_reader(&name) {
        Ok(cells) => cells,
        // A sheet of charts.
        Err(calamine::XlsxError::NotAWorksheet(_)) => return Ok(()),
        Err(error) => return Err(refused(error)),
    };
    while let Some(cell) = cells.next_cell().map_err(refused)? {
        let (row, column) = cell.get_position();
        grid.push(row as usize, column as usize, text_of_ref(cell.get_value()))?;
    }
    Ok(())
}

fn fill_xlsb<R: Read + Seek>(workbook: &mut Xlsb<R>, grid: &mut Grid) -> Result<(), ImportCause> {
    let refused = |error| ImportCause::Workbook(Box::new(calamine::Error::Xlsb(error)));
    let name = grid.sheet.name.clone();
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(refused)?;
    while let Some(cell) = cells.next_cell().map_err(refused)? {
        let (row, column) = cell.get_position();
        grid.push(row as usize, column as usize, text_of_ref(cell.get_value()))?;
    }
    Ok(())
}

/// A sheet while its cells arrive, row by row from left to right.
struct Grid {
    sheet: Sheet,
    row: usize,
    cells: Vec<String>,
    /// Cells that may still be held.
    left: usize,
}

impl Grid {
    fn new(name: String, left: usize) -> Self {
        Self {
            sheet: Sheet {
                name,
                rows: Vec::new(),
                comma: DecimalComma::Accepted,
            },
            row: 0,
            cells: Vec::new(),
            left,
        }
    }

    fn push(&mut self, row: usize, column: usize, text: String) -> Result<(), ImportCause> {
        if text.is_empty() {
            return Ok(());
        }
        if row != self.row {
            self.end_row();
            self.row = row;
        }
        let width = column.saturating_add(1);
        let grown = width.saturating_sub(self.cells.len());
        self.left = self
            .left
            .checked_sub(grown)
            .ok_or(ImportCause::TooManyCells { most: MOST_CELLS })?;
        if grown > 0 {
            self.cells.resize(width, String::new());
        }
        if let Some(cell) = self.cells.get_mut(column) {
            *cell = text;
        }
        Ok(())
    }

    fn end_row(&mut self) {
        let line = self.row as u64 + 1;
        self.sheet.push(line, std::mem::take(&mut self.cells));
    }

    fn finish(mut self, left: &mut usize) -> Sheet {
        self.end_row();
        *left = self.left;
        self.sheet
    }
}

fn text(data: &Data) -> String {
    match data {
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            text.trim().to_owned()
        }
        Data::Bool(flag) => flag.to_string(),
        Data::DateTime(time) => time_text(time),
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}

fn text_of_ref(data: &DataRef<'_>) -> String {
    match data {
        DataRef::SharedString(text) => (*text).trim().to_owned(),
        other => text(&Data::from(other.clone())),
    }
}

/// A date and time, a date, or a time of day or a duration, whichever the number says. What is less than a day is a time
/// alone.
fn time_text(time: &ExcelDateTime) -> String {
    let serial = time.as_f64();
    if !(0.0..3_000_000.0).contains(&serial) {
        return serial.to_string();
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded by three million days"
    )]
    let milliseconds = (serial * DAY_MILLISECONDS as f64).round() as i64;
    if milliseconds < DAY_MILLISECONDS || time.is_duration() {
        return clock(milliseconds);
    }
    let (year, month, day, ..) = time.to_ymd_hms_milli();
    match milliseconds % DAY_MILLISECONDS {
        0 => format!("{year:04}-{month:02}-{day:02}"),
        within => format!("{year:04}-{month:02}-{day:02}T{}", clock(within)),
    }
}

/// `07:05:00`, `07:05:00.250`, `25:10:00`.
fn clock(milliseconds: i64) -> String {
    let (seconds, fraction) = (milliseconds / 1000, milliseconds % 1000);
    let (minutes, second) = (seconds / 60, seconds % 60);
    let (hour, minute) = (minutes / 60, minutes % 60);
    if fraction == 0 {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else {
        format!("{hour:02}:{minute:02}:{second:02}.{fraction:03}")
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "tests may panic"
    )]

    use calamine::{ExcelDateTime, ExcelDateTimeType};
    use rust_xlsxwriter::{ExcelDateTime as Written, Format, Workbook};

    use super::{sheets, time_text};
    use crate::sheet::SheetRow;

    fn serial(value: f64, is_1904: bool) -> String {
        time_text(&ExcelDateTime::new(
            value,
            ExcelDateTimeType::DateTime,
            is_1904,
        ))
    }

    #[test]
    fn serials_are_dates_and_times_in_both_date_systems() {
        // 2026-03-01 is 46082 days after 1899-12-30 and 44620 after 1904-01-01.
        assert_eq!(serial(46_082.0, false), "2026-03-01");
        assert_eq!(serial(44_620.0, true), "2026-03-01");
        // 07:05 is 425/1440 of a day, which no binary fraction is.
        assert_eq!(
            serial(46_082.0 + 425.0 / 1440.0, false),
            "2026-03-01T07:05:00"
        );
        assert_eq!(
            serial(44_620.0 + 425.0 / 1440.0, true),
            "2026-03-01T07:05:00"
        );
        assert_eq!(serial(425.0 / 1440.0, false), "07:05:00");
        // A millisecond before midnight rounds to it, and to the next date with it.
        assert_eq!(serial(46_082.999_999_999, false), "2026-03-02");
        // Excel's own table: 59 is 28 February 1900, 60 the day after, which never was, 61 is 1 March.
        assert_eq!(serial(59.0, false), "1900-02-28");
        assert_eq!(serial(60.0, false), "1900-02-29");
        assert_eq!(serial(61.0, false), "1900-03-01");
        assert_eq!(serial(-1.0, false), "-1");
    }

    #[test]
    fn a_workbook_becomes_sheets_of_text() {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().set_name("Empty").unwrap();
        let sheet = workbook.add_worksheet().set_name("Cortisol").unwrap();
        let time = Format::new().set_num_format("dd.mm.yyyy hh:mm");
        sheet.write_string(1, 1, " Vp01 ").unwrap();
        sheet.write_number(1, 2, 0.1 + 0.2).unwrap();
        sheet.write_string(1, 4, "<0,33").unwrap();
        let at = Written::from_ymd(2026, 3, 1)
            .unwrap()
            .and_hms(7, 5, 0)
            .unwrap();
        sheet.write_datetime_with_format(3, 0, &at, &time).unwrap();
        sheet.write_boolean(3, 1, true).unwrap();
        sheet.write_blank(3, 2, &time).unwrap();
        let read = sheets(workbook.save_to_buffer().unwrap()).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].name, "Cortisol");
        let row = |line, cells: &[&str]| SheetRow {
            line,
            cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        };
        assert_eq!(
            read[0].rows,
            [
                row(2, &["", "Vp01", "0.30000000000000004", "", "<0,33"]),
                row(4, &["2026-03-01T07:05:00", "true"]),
            ]
        );
    }

    #[test]
    fn a_compound_file_that_ends_before_its_table_is_refused() {
        let head: [&[u8]; 11] = [
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            &[0; 16],
            &[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0],
            &[0; 10],
            &[1, 0, 0, 0],
            &[9, 0, 0, 0],
            &[0; 8],
            &[0xff; 12],
            &[0; 4],
            // The table of sectors is the second sector; the first ends early.
            &[1, 0, 0, 0],
            &[0xff; 432 + 454],
        ];
        assert!(sheets(head.concat()).is_err());
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        assert!(sheets(b"PK\x03\x04 and no more".to_vec()).is_err());
    }
}
