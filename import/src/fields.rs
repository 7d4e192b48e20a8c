//! The cells of one row, by name, and what is wrong with them.

use std::fmt::Display;

use csv::ByteRecord;

use super::RefusedRow;
use super::column::Name;
use super::concentration::MissingCode;
use super::header::Header;
use super::number::{self, DecimalComma};
use super::records::Place;

/// The longest code, label or group, in characters.
const LONGEST_CODE: usize = 64;
/// As much of a bad cell as is quoted.
const LONGEST_QUOTE: usize = 80;

/// One row while it is read. Everything that is wrong with it is collected.
pub(super) struct Fields<'a, 'b> {
    pub(super) header: &'b Header,
    pub(super) record: &'a ByteRecord,
    pub(super) place: &'b Place,
    pub(super) comma: DecimalComma,
    pub(super) missing: &'b [MissingCode],
    pub(super) refused: &'b mut Vec<RefusedRow>,
}

impl<'a> Fields<'a, '_> {
    /// A cell without blanks around it; empty where the file has no such column.
    pub(super) fn text(&mut self, name: Name) -> &'a str {
        let Some(bytes) = self
            .header
            .position(name)
            .and_then(|position| self.record.get(position))
        else {
            return "";
        };
        match str::from_utf8(bytes.trim_ascii()) {
            Ok(text) if text.is_ascii() => text,
            Ok(text) => text.trim(),
            Err(_) => {
                self.refuse(
                    name,
                    &String::from_utf8_lossy(bytes),
                    "has a byte that is no character in UTF-8; save the whole file in one encoding, or say which with --encoding",
                );
                ""
            }
        }
    }

    /// A code or label: at most 64 characters, none of them a control character.
    pub(super) fn label(&mut self, name: Name) -> Option<&'a str> {
        let text = self.text(name);
        if text.is_empty() {
            return None;
        }
        if text.len() > LONGEST_CODE && text.chars().count() > LONGEST_CODE {
            self.refuse(
                name,
                text,
                format_args!("is longer than {LONGEST_CODE} characters"),
            );
        } else if has_control(text) {
            self.refuse(name, text, "has a control character in it");
        } else if !text.is_ascii() && text.contains(char::REPLACEMENT_CHARACTER) {
            self.refuse(
                name,
                text,
                "has a character that was lost when the file was written; write it again, in UTF-8",
            );
        }
        Some(text)
    }

    /// A label that becomes part of a resource's name.
    pub(super) fn code(&mut self, name: Name) -> Option<&'a str> {
        let code = self.label(name);
        if let Some(text) = code.filter(|text| text.contains('/')) {
            self.refuse(name, text, "has a `/` in it, which codes must not have");
        }
        code
    }

    /// A number; `None` for an empty or refused cell.
    pub(super) fn number(&mut self, name: Name) -> Option<f64> {
        let text = self.text(name);
        if text.is_empty() {
            return None;
        }
        number::parse(text, self.comma)
            .map_err(|error| self.refuse(name, text, error))
            .ok()
    }

    /// Says what is wrong with a cell.
    pub(super) fn refuse(&mut self, name: Name, value: &str, rule: impl Display) {
        let column = match &self.place.column {
            Some(column) if name == Name::Concentration => column,
            _ => self.header.text(name),
        };
        self.refused.push(RefusedRow {
            sheet: self.place.sheet.as_deref().unwrap_or_default().to_owned(),
            line: self.place.line,
            field: column.to_owned(),
            value: value.chars().take(LONGEST_QUOTE).collect(),
            rule: rule.to_string(),
        });
    }
}

fn has_control(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    !is_plain && text.chars().any(char::is_control)
}
