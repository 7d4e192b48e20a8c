//! Refused cells as a table for programs.

use diel_import::RefusedRow;

use crate::output::{Cell, Column, Frame};

const COLUMNS: &[Column] = &[
    Column::new("sheet"),
    Column::new("line"),
    Column::new("field"),
    Column::new("value"),
    Column::new("rule"),
];

/// A record a cell. Line 0 stands for the file as a whole.
pub(crate) fn frame(refused: &[RefusedRow]) -> Frame {
    let mut frame = Frame::new(COLUMNS);
    for row in refused {
        let text = |text: &str| match text {
            "" => Cell::Absent,
            text => Cell::from(text),
        };
        let line = match row.line {
            0 => Cell::Absent,
            line => Cell::from(i64::try_from(line).unwrap_or(i64::MAX)),
        };
        frame.push(vec![
            text(&row.sheet),
            line,
            Cell::from(row.field.as_str()),
            text(&row.value),
            Cell::from(row.rule.as_str()),
        ]);
    }
    frame
}
