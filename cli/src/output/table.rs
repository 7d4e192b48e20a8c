//! Tables for people.

use comfy_table::{
    Cell as Field, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets,
};

use super::{Cell, Column};

const SIGNIFICANT_DIGITS: i32 = 4;

/// Draws the shown columns, numbers to the right, and the notes below.
pub(super) fn render(columns: &[Column], rows: &[Vec<Cell>], notes: &[String]) -> String {
    let shown: Vec<usize> = (0..columns.len())
        .filter(|&at| is_shown(columns, rows, at))
        .collect();
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = terminal_width() {
        table.set_width(width);
    }
    table.set_header(shown.iter().filter_map(|&at| columns.get(at)?.heading));
    for row in rows {
        table.add_row(
            shown
                .iter()
                .map(|&at| field(row.get(at).unwrap_or(&Cell::Absent))),
        );
    }
    fit(&mut table);
    let mut text = format!("{table}\n");
    for note in notes {
        text.push_str(note);
        text.push('\n');
    }
    text
}

/// Breaks no column but the last, where the long texts stand, and that one between its words or codes.
fn fit(table: &mut Table) {
    let last = table.column_count().saturating_sub(1);
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((u16::from(at == 0), 1));
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    let texts: Vec<String> = table
        .column_cells_iter(last)
        .flatten()
        .map(Field::content)
        .collect();
    let separator = if texts.iter().any(|text| text.contains(' ')) {
        ' '
    } else {
        ';'
    };
    let widest = texts
        .iter()
        .flat_map(|text| text.split(separator))
        .map(|word| word.chars().count())
        .max();
    // A space beside the word, and one for the separator that stays with it.
    let narrowest = u16::try_from(widest.unwrap_or_default() + 2).unwrap_or(u16::MAX);
    if let Some(column) = table.column_mut(last) {
        column.set_delimiter(separator);
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(narrowest)));
    }
}

/// How wide the terminal is that the table goes to. A file is as wide as it needs to be.
fn terminal_width() -> Option<u16> {
    let terminal = console::Term::stdout();
    terminal.is_term().then(|| terminal.size().1)
}

/// A column without a heading is for programs; one without a single value tells people nothing.
fn is_shown(columns: &[Column], rows: &[Vec<Cell>], at: usize) -> bool {
    let has_value = |row: &Vec<Cell>| row.get(at).is_some_and(|cell| *cell != Cell::Absent);
    columns
        .get(at)
        .is_some_and(|column| column.heading.is_some())
        && (rows.is_empty() || rows.iter().any(has_value))
}

fn field(cell: &Cell) -> Field {
    match cell {
        Cell::Absent => Field::new(""),
        Cell::Text(text) => Field::new(printable(text)),
        Cell::Integer(count) => Field::new(count).set_alignment(CellAlignment::Right),
        Cell::Number(number) => {
            Field::new(significant(*number)).set_alignment(CellAlignment::Right)
        }
        Cell::Flag(flag) => Field::new(if *flag { "yes" } else { "no" }),
    }
}

/// Text from a file or a service must not steer the terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                '\u{fffd}'
            } else {
                character
            }
        })
        .collect()
}

/// Four significant digits, without an exponent unless the number is very large or very small.
fn significant(number: f64) -> String {
    let magnitude = if number == 0.0 {
        0
    } else {
        number.abs().log10().floor() as i32
    };
    if (-4..7).contains(&magnitude) {
        let decimals = (SIGNIFICANT_DIGITS - 1 - magnitude).clamp(0, 7) as usize;
        format!("{number:.decimals$}")
    } else {
        format!("{number:.3e}")
    }
}

#[cfg(test)]
mod tests {
    use super::{printable, significant};

    #[test]
    fn four_significant_digits() {
        assert_eq!(significant(-0.123_456), "-0.1235");
        assert_eq!(significant(12.345_6), "12.35");
        assert_eq!(significant(0.0), "0.000");
        assert_eq!(significant(1234.56), "1235");
        assert_eq!(significant(0.000_012_345), "1.234e-5");
    }

    #[test]
    fn escape_sequences_are_defused() {
        assert_eq!(printable("a\u{1b}[31mb"), "a\u{fffd}[31mb");
    }
}
