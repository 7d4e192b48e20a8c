//! The cells of one column, and what they are: numbers, concentrations or labels.

use diel_core::Outcome;
use diel_core::frame::{Concentrations, FrameColumn, LabelsBuilder};
use diel_core::mixed::Observed;

use crate::concentration;
use crate::number::{self, DecimalComma, NumberError};

/// Texts one after the other, without an allocation for each.
#[derive(Debug, Default)]
pub(super) struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins
            .zip(&self.ends)
            .map(|(begin, end)| self.text.get(begin..*end).unwrap_or_default())
    }
}

/// What a column may be taken for.
#[derive(Debug, Clone, Copy)]
pub struct ColumnKind<'a> {
    cells: &'a Cells,
    comma: DecimalComma,
}

impl<'a> ColumnKind<'a> {
    pub(super) const fn new(cells: &'a Cells, comma: DecimalComma) -> Self {
        Self { cells, comma }
    }

    /// Numbers where every cell is one, concentrations where some are limits such as `<0.33`, else labels.
    pub fn by_content(self) -> FrameColumn {
        self.numbers()
            .or_else(|| self.concentrations())
            .unwrap_or_else(|| self.labels())
    }

    /// Codes as they are written, even where they look like numbers.
    pub fn labels(self) -> FrameColumn {
        let mut labels = LabelsBuilder::default();
        for cell in self.cells.iter() {
            labels.push((!is_missing(cell)).then_some(cell));
        }
        labels.finish().into()
    }

    fn numbers(self) -> Option<FrameColumn> {
        let numbers: Option<Vec<f64>> = self.cells.iter().map(|cell| self.number(cell)).collect();
        numbers.map(FrameColumn::numbers)
    }

    fn number(self, cell: &str) -> Option<f64> {
        if is_missing(cell) {
            return Some(f64::NAN);
        }
        match number::parse(cell, self.comma) {
            Ok(number) => Some(number),
            // An infinity is a number too, and is refused as one.
            Err(NumberError::NotFinite) => cell.parse().ok(),
            Err(_) => None,
        }
    }

    /// Cells as a laboratory writes them; at least one must be a number or a limit.
    fn concentrations(self) -> Option<FrameColumn> {
        let mut is_measured = false;
        let mut of_cell = |cell: &str| {
            if is_missing(cell) {
                return Some((f64::NAN, Observed::Exactly));
            }
            let outcome = concentration::parse(cell, None, self.comma, &[]).ok()?;
            is_measured |= !matches!(outcome, Outcome::Missing(_));
            Some(match outcome {
                Outcome::Value(value) => (value, Observed::Exactly),
                Outcome::Below(limit) => (limit, Observed::Below),
                Outcome::Above(limit) => (limit, Observed::Above),
                Outcome::Missing(_) => (f64::NAN, Observed::Exactly),
            })
        };
        let column: Option<Concentrations> = self.cells.iter().map(&mut of_cell).collect();
        column.filter(|_| is_measured).map(FrameColumn::from)
    }
}

/// What stands for a value that is not there, in R's files and others.
fn is_missing(cell: &str) -> bool {
    matches!(cell, "" | "NA" | "." | "NaN")
}

#[cfg(test)]
mod tests {
    use diel_core::frame::FrameColumn;

    use super::{Cells, ColumnKind};
    use crate::number::DecimalComma;

    fn column(texts: &[&str]) -> FrameColumn {
        let mut cells = Cells::default();
        for text in texts {
            cells.push(text);
        }
        ColumnKind::new(&cells, DecimalComma::Refused).by_content()
    }

    #[test]
    fn the_content_tells_what_a_column_is() {
        let numbers = column(&["1", "", "-2.5e3", "NA", ".", "NaN"]);
        assert!(matches!(numbers, FrameColumn::Numbers(_)));
        assert_eq!(numbers.missing(), 4);
        let concentrations = column(&["1", "<0.33", "> 82", "QNS", ""]);
        assert!(matches!(concentrations, FrameColumn::Concentrations(_)));
        assert_eq!(concentrations.missing(), 2);
        assert!(matches!(column(&["M01", "1"]), FrameColumn::Labels(_)));
        assert!(matches!(column(&["none", "empty"]), FrameColumn::Labels(_)));
        assert!(matches!(column(&["Inf", "1"]), FrameColumn::Numbers(_)));
    }
}
