//! Many violations in few bytes.
//!
//! The details of a status travel in HTTP/2 trailers, which most clients limit to 8 KiB. What does not fit is
//! still named: every row at fault appears in a list of ranges.

use std::fmt::Write as _;

use crate::violations::Violation;

/// Bytes of details in one status: 8 KiB of trailers hold them in base64 with room for the rest.
const DETAIL_BYTES: usize = 3_500;
/// Bytes of the status message.
const MESSAGE_BYTES: usize = 700;
/// Bytes of the list of further rows.
const RANGE_BYTES: usize = 600;
/// Bytes of one description: a caller's value may be as long as its message.
const DESCRIPTION_BYTES: usize = 400;
/// Bytes of a path or of a name in the details.
const NAME_BYTES: usize = 500;
/// Bytes of a whole message, with the rows of what is not told.
const WHOLE_BYTES: usize = 1_500;

/// A message for people, cut where it is longer than trailers may be.
pub(super) fn message(text: String) -> String {
    shortened(text, WHOLE_BYTES)
}

/// A name that stands in the details, cut likewise.
pub(super) fn name(text: String) -> String {
    shortened(text, NAME_BYTES)
}

/// The beginning of a text that is longer than so many bytes, and how long it was.
fn shortened(mut text: String, most: usize) -> String {
    let whole = text.len();
    if whole > most {
        text.truncate(text.floor_char_boundary(most));
        let _ = write!(text, "... ({whole} bytes)");
    }
    text
}

/// One sentence for people: the first violations in full, the count, and the rows of all.
pub(super) fn of_violations<'a>(
    violations: impl Iterator<Item = &'a Violation> + Clone,
    count: usize,
) -> String {
    let mut text = String::new();
    let mut told = 0;
    for violation in violations.clone() {
        let field = shortened(violation.field.clone(), NAME_BYTES);
        let description = shortened(violation.description.clone(), DESCRIPTION_BYTES);
        let one = format!("{field}: {description}");
        if told > 0 && text.len() + one.len() > MESSAGE_BYTES {
            break;
        }
        if told > 0 {
            text.push_str("; ");
        }
        text.push_str(&one);
        told += 1;
    }
    if told < count {
        let rows = ranges(violations.filter_map(|violation| violation.row));
        let _ = write!(text, "; and {} more (rows {rows})", count - told);
    }
    text
}

/// The violations that fit into a status, and one more that names the rows of the rest.
pub(super) fn that_fits(violations: &[Violation]) -> Vec<(String, String)> {
    let mut fitting = Vec::new();
    let mut bytes = 0;
    for violation in violations {
        let field = shortened(violation.field.clone(), NAME_BYTES);
        let description = shortened(violation.description.clone(), DESCRIPTION_BYTES);
        bytes += field.len() + description.len() + 8;
        if bytes > DETAIL_BYTES && !fitting.is_empty() {
            break;
        }
        fitting.push((field, description));
    }
    let rest = violations.get(fitting.len()..).unwrap_or_default();
    if !rest.is_empty() {
        let rows = ranges(rest.iter().filter_map(|violation| violation.row));
        fitting.push((
            rest.first().map(|first| repeated_field(&first.field)).unwrap_or_default(),
            format!(
                "{} more violations, in rows {rows}; validate_only with allow_partial lists each with \
                 its reason",
                rest.len()
            ),
        ));
    }
    fitting
}

/// The repeated field that a path lies in: `results` of `results[17].concentration`.
fn repeated_field(path: &str) -> String {
    path.split('[').next().unwrap_or(path).to_owned()
}

/// Ascending row numbers as `3, 5-9, 12`.
fn ranges(rows: impl Iterator<Item = u32>) -> String {
    let mut rows: Vec<u32> = rows.collect();
    rows.sort_unstable();
    rows.dedup();
    let mut text = String::new();
    let mut rest = rows.as_slice();
    while let Some((&first, _)) = rest.split_first() {
        let run = rest
            .iter()
            .enumerate()
            .take_while(|(offset, row)| usize::try_from(**row - first) == Ok(*offset))
            .count();
        let (together, later) = rest.split_at(run);
        let last = together.last().copied().unwrap_or(first);
        if text.len() > RANGE_BYTES {
            let _ = write!(
                text,
                " and {} further rows up to {}",
                rest.len(),
                rows.last().unwrap_or(&0)
            );
            break;
        }
        if !text.is_empty() {
            text.push_str(", ");
        }
        let _ = if last > first {
            write!(text, "{first}-{last}")
        } else {
            write!(text, "{first}")
        };
        rest = later;
    }
    text
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn violation(row: u32) -> Violation {
        Violation {
            field: format!("results[{row}].concentration"),
            description: "-3 nmol/L is negative".to_owned(),
            row: Some(row),
        }
    }

    #[test]
    fn rows_are_named_by_ranges() {
        assert_eq!(ranges([3, 5, 6, 7, 12, 5].into_iter()), "3, 5-7, 12");
        assert_eq!(ranges(std::iter::empty()), "");
        assert_eq!(ranges([u32::MAX].into_iter()), u32::MAX.to_string());
    }

    #[test]
    fn a_value_of_a_megabyte_fits_into_trailers() {
        let long = Violation {
            field: "study.display_name".to_owned(),
            description: format!(
                "{:?} has more than 200 characters",
                "\u{e4}".repeat(500_000)
            ),
            row: None,
        };
        let text = of_violations(std::iter::once(&long), 1);
        assert!(text.len() < MESSAGE_BYTES, "{} bytes", text.len());
        assert!(text.starts_with("study.display_name: \"\u{e4}\u{e4}"));
        let whole = long.description.len();
        assert!(text.ends_with(&format!("... ({whole} bytes)")), "{text}");
        let many = vec![long; 40];
        let bytes: usize = that_fits(&many)
            .iter()
            .map(|(field, text)| field.len() + text.len())
            .sum();
        assert!(bytes < 5_000, "{bytes} bytes");
        assert!(message("x".repeat(1 << 20)).len() < WHOLE_BYTES + 30);
    }

    #[test]
    fn five_thousand_violations_fit_into_trailers() {
        let violations: Vec<_> = (0..5_000).map(violation).collect();
        let details = that_fits(&violations);
        let bytes: usize = details
            .iter()
            .map(|(field, text)| field.len() + text.len())
            .sum();
        assert!(bytes < 5_000, "{bytes} bytes");
        let (_, last) = details.last().expect("some");
        assert!(last.contains("-4999"), "{last}");
        let message = of_violations(violations.iter(), violations.len());
        assert!(
            message.len() < 1_500 && message.contains("0-4999"),
            "{message}"
        );
    }

    #[test]
    fn one_violation_is_told_as_it_is() {
        let one = [violation(17)];
        assert_eq!(
            of_violations(one.iter(), 1),
            "results[17].concentration: -3 nmol/L is negative"
        );
        assert_eq!(that_fits(&one).len(), 1);
    }
}
