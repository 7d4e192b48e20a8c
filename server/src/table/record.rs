//! CSV and JSON, written into a buffer cell by cell.

use std::io::Write;

use super::{Cell, Column};

/// How rows are written for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFormat {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON array of objects.
    Json,
    /// One JSON object a line.
    Jsonl,
}

/// Takes the cells of a row one after the other.
pub trait Records {
    /// There is none.
    fn absent(&mut self);
    /// A text.
    fn text(&mut self, text: &str);
    /// A count.
    fn integer(&mut self, count: i64);
    /// A finite number.
    fn number(&mut self, number: f64);
    /// Yes or no.
    fn flag(&mut self, flag: bool);
    /// Ends the row.
    fn end_row(&mut self);

    /// A number, or nothing.
    fn maybe(&mut self, number: Option<f64>) {
        match number {
            Some(number) if number.is_finite() => self.number(number),
            _ => self.absent(),
        }
    }

    /// A cell of any kind.
    fn cell(&mut self, cell: &Cell) {
        match cell {
            Cell::Absent => self.absent(),
            Cell::Text(text) => self.text(text),
            Cell::Integer(count) => self.integer(*count),
            Cell::Number(number) => self.number(*number),
            Cell::Flag(flag) => self.flag(*flag),
        }
    }
}

/// Writes rows for programs into memory. Numbers are the shortest text that reads back to the same double.
pub struct RecordWriter {
    columns: &'static [Column],
    format: RecordFormat,
    bytes: Vec<u8>,
    position: usize,
    has_rows_before: bool,
    numbers: ryu::Buffer,
}

impl RecordWriter {
    /// A writer whose rows are the first.
    #[must_use]
    pub fn new(columns: &'static [Column], format: impl Into<RecordFormat>) -> Self {
        Self {
            columns,
            format: format.into(),
            bytes: Vec::new(),
            position: 0,
            has_rows_before: false,
            numbers: ryu::Buffer::new(),
        }
    }

    /// The same for rows that follow others, written elsewhere.
    #[must_use]
    pub fn continuing(columns: &'static [Column], format: impl Into<RecordFormat>) -> Self {
        Self {
            has_rows_before: true,
            ..Self::new(columns, format)
        }
    }

    /// The rows, without what stands before the first and after the last.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What stands before the first row.
    #[must_use]
    pub fn header(columns: &[Column], format: impl Into<RecordFormat>) -> String {
        match format.into() {
            RecordFormat::Json => "[".to_owned(),
            RecordFormat::Jsonl => String::new(),
            RecordFormat::Csv => {
                let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
                names.join(",") + "\n"
            }
        }
    }

    /// What stands after the last row.
    #[must_use]
    pub fn footer(format: impl Into<RecordFormat>) -> &'static str {
        match format.into() {
            RecordFormat::Json => "\n]\n",
            RecordFormat::Jsonl | RecordFormat::Csv => "",
        }
    }

    fn begin(&mut self) {
        if self.format == RecordFormat::Csv {
            if self.position > 0 {
                self.bytes.push(b',');
            }
        } else {
            let opening: &[u8] = match (self.position, self.format) {
                (0, RecordFormat::Json) if self.has_rows_before => b",\n{",
                (0, RecordFormat::Json) => b"\n{",
                (0, _) => b"{",
                _ => b",",
            };
            self.bytes.extend_from_slice(opening);
            let name = self
                .columns
                .get(self.position)
                .map_or("", |column| column.name);
            push_json_text(&mut self.bytes, name);
            self.bytes.push(b':');
        }
        self.position += 1;
    }

    const fn is_json(&self) -> bool {
        matches!(self.format, RecordFormat::Json | RecordFormat::Jsonl)
    }
}

impl Records for RecordWriter {
    fn absent(&mut self) {
        self.begin();
        if self.is_json() {
            self.bytes.extend_from_slice(b"null");
        }
    }

    fn text(&mut self, text: &str) {
        self.begin();
        if self.is_json() {
            push_json_text(&mut self.bytes, text)
        } else {
            push_csv_text(&mut self.bytes, text)
        }
    }

    fn integer(&mut self, count: i64) {
        self.begin();
        let _ = write!(self.bytes, "{count}");
    }

    fn number(&mut self, number: f64) {
        self.begin();
        // Whole numbers as people write them: 12, not 12.0.
        let text = self.numbers.format_finite(number);
        self.bytes
            .extend_from_slice(text.strip_suffix(".0").unwrap_or(text).as_bytes());
    }

    fn flag(&mut self, flag: bool) {
        self.begin();
        self.bytes
            .extend_from_slice(if flag { b"true" } else { b"false" });
    }

    fn end_row(&mut self) {
        let ending: &[u8] = match self.format {
            RecordFormat::Json => b"}",
            RecordFormat::Jsonl => b"}\n",
            RecordFormat::Csv => b"\n",
        };
        self.bytes.extend_from_slice(ending);
        self.position = 0;
        self.has_rows_before = true;
    }
}

fn push_csv_text(bytes: &mut Vec<u8>, text: &str) {
    if text
        .bytes()
        .any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'))
    {
        bytes.push(b'"');
        bytes.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        bytes.push(b'"');
    } else {
        bytes.extend_from_slice(text.as_bytes());
    }
}

fn push_json_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(b'"');
    for character in text.chars() {
        match character {
            '"' => bytes.extend_from_slice(b"\\\""),
            '\\' => bytes.extend_from_slice(b"\\\\"),
            character if u32::from(character) < 0x20 => {
                let _ = write!(bytes, "\\u{:04x}", u32::from(character));
            }
            character => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::{Cell, Column, RecordFormat, RecordWriter, Records};

    const COLUMNS: &[Column] = &[
        Column::new("code"),
        Column::new("slope"),
        Column::new("days"),
    ];

    fn written(format: RecordFormat) -> String {
        let mut writer = RecordWriter::new(COLUMNS, format);
        for cell in [Cell::from("a,\"b\""), Cell::from(-0.125), Cell::from(3u32)] {
            writer.cell(&cell);
        }
        writer.end_row();
        for cell in [Cell::from("c"), Cell::Absent, Cell::from(2.0)] {
            writer.cell(&cell);
        }
        writer.end_row();
        let rows = String::from_utf8_lossy(&writer.into_bytes()).into_owned();
        RecordWriter::header(COLUMNS, format) + &rows + RecordWriter::footer(format)
    }

    #[test]
    fn csv_quotes_and_leaves_absent_fields_empty() {
        assert_eq!(
            written(RecordFormat::Csv),
            "code,slope,days\n\"a,\"\"b\"\"\",-0.125,3\nc,,2\n"
        );
    }

    #[test]
    fn json_is_an_array_of_objects() {
        let text = written(RecordFormat::Json);
        assert_eq!(
            text,
            "[\n{\"code\":\"a,\\\"b\\\"\",\"slope\":-0.125,\"days\":3},\n{\"code\":\"c\",\"slope\":null,\"days\":2}\n]\n"
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text)
                .map(|value| value.as_array().map(Vec::len))
                .ok(),
            Some(Some(2))
        );
    }

    #[test]
    fn json_lines_stand_alone() {
        assert_eq!(written(RecordFormat::Jsonl).lines().count(), 2);
    }
}
