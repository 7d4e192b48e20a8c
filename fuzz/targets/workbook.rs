//! Any text as a workbook: a form feed begins a sheet, a line feed a row, a tab a cell. What is a number becomes one, and
//! with an `@` before it a date. The first byte chooses the options.
#![no_main]

use diel_fuzz::{options, read_everyhow};
use libfuzzer_sys::fuzz_target;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

fuzz_target!(|input: &[u8]| {
    let Some((&byte, bytes)) = input.split_first() else {
        return;
    };
    if let Ok(workbook) = workbook(&String::from_utf8_lossy(bytes)) {
        read_everyhow(&workbook, &options(byte));
    }
});

fn workbook(text: &str) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    for sheet in text.split('\x0c').take(4) {
        let page = workbook.add_worksheet();
        for (row, cells) in (0_u32..).zip(sheet.split('\n')) {
            for (column, cell) in (0_u16..200).zip(cells.split('\t')) {
                let serial = cell.strip_prefix('@').and_then(|text| text.parse().ok());
                if let Some(serial) = serial.filter(|serial: &f64| serial.is_finite()) {
                    page.write_number_with_format(row, column, serial, &date)?;
                } else if let Some(number) =
                    cell.parse().ok().filter(|number: &f64| number.is_finite())
                {
                    page.write_number(row, column, number)?;
                } else if !cell.is_empty() {
                    page.write_string(row, column, cell)?;
                }
            }
        }
    }
    workbook.save_to_buffer()
}
