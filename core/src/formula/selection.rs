//! Which rows of a table have a value for every variable of a model.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::coding::Variable;
use super::evaluate::unknown_column;
use super::refusal::PrepareError;
use super::value::complete;
use crate::frame::Frame;

/// How many values of a column are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingValues {
    /// The column.
    pub column: String,
    /// Rows of the table without a value in it.
    pub rows: usize,
}

/// The rows that stay in a model.
#[derive(Debug)]
pub(super) struct Selection {
    is_complete: Vec<bool>,
    kept: usize,
    pub(super) missing: Vec<MissingValues>,
}

impl Selection {
    /// Looks for missing values in the columns of these names.
    pub(super) fn new(frame: &Frame, names: &BTreeSet<&str>) -> Result<Self, PrepareError> {
        if frame.rows() == 0 {
            return Err(PrepareError::Empty);
        }
        let selection = Self::of_any(frame, names)?;
        if selection.kept == 0 {
            let counts: Vec<String> = selection
                .missing
                .iter()
                .map(|missing| format!("{} in `{}`", missing.rows, missing.column))
                .collect();
            return Err(PrepareError::NoCompleteRow {
                rows: frame.rows(),
                missing: counts.join(", "),
            });
        }
        Ok(selection)
    }

    /// The same of a table of which no row need be left.
    pub(super) fn of_any(frame: &Frame, names: &BTreeSet<&str>) -> Result<Self, PrepareError> {
        let mut is_complete = vec![true; frame.rows()];
        let mut missing = Vec::new();
        for name in names {
            let column = frame
                .column(name)
                .ok_or_else(|| unknown_column(frame, name))?;
            let rows = column.missing();
            if rows > 0 {
                column.unmark_missing(&mut is_complete);
                let column = (*name).to_owned();
                missing.push(MissingValues { column, rows });
            }
        }
        let kept = is_complete
            .iter()
            .filter(|is_complete| **is_complete)
            .count();
        Ok(Self {
            is_complete,
            kept,
            missing,
        })
    }

    /// Whether each row is complete.
    pub(super) fn is_complete(&self) -> &[bool] {
        &self.is_complete
    }

    /// How many rows are complete.
    pub(super) const fn rows(&self) -> usize {
        self.kept
    }

    pub(super) fn left_out(&self) -> usize {
        self.is_complete.len() - self.kept
    }

    /// The values of the complete rows; the same memory where all are.
    pub(super) fn kept<T: Copy>(&self, values: &Arc<[T]>) -> Arc<[T]> {
        if self.left_out() == 0 {
            return Arc::clone(values);
        }
        let kept = complete(values, &self.is_complete);
        kept.map(|(value, _)| *value).collect()
    }

    /// The same of all columns of a variable.
    pub(super) fn of_variable(&self, variable: Variable) -> Variable {
        variable.mapped(|values| self.kept(values), |codes| self.kept(codes))
    }

    /// The numbers of the complete rows, from 1.
    pub(super) fn numbers(&self) -> Option<Vec<usize>> {
        (self.left_out() > 0).then(|| {
            let rows = complete(&self.is_complete, &self.is_complete);
            rows.map(|(_, row)| row + 1).collect()
        })
    }
}
