//! Tables of typed columns: numbers, labels, and concentrations that may be known on one side of a limit only.

mod cohort;
mod concentrations;
mod labels;

use std::sync::Arc;

use thiserror::Error;

pub use cohort::{CohortFrameBuilder, CohortMember, cohort_frame};
pub use concentrations::Concentrations;
pub use labels::{Labels, LabelsBuilder};

/// A table. Columns have distinct names and equally many rows; a missing value is part of every kind of column.
///
/// ```
/// use diel_core::frame::{Frame, FrameColumn, Labels};
/// let mut frame = Frame::new(3);
/// frame.push("hours", FrameColumn::numbers(vec![0.0, f64::NAN, 9.0]))?;
/// frame.push("sex", Labels::from_texts([Some("f"), Some("m"), None]).into())?;
/// assert_eq!(frame.column("hours").map(FrameColumn::missing), Some(1));
/// assert!(frame.push("sex", FrameColumn::numbers(vec![1.0, 2.0, 3.0])).is_err());
/// # Ok::<(), diel_core::frame::FrameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    rows: usize,
    columns: Vec<(String, FrameColumn)>,
}

/// One column. Its values are shared, not copied, with the designs made of it.
#[derive(Debug, Clone, PartialEq)]
pub enum FrameColumn {
    /// Finite numbers; NaN where one is missing.
    Numbers(Arc<[f64]>),
    /// Texts that repeat.
    Labels(Labels),
    /// Numbers of which some are limits.
    Concentrations(Concentrations),
}

/// Why a column does not fit into a table.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// Two columns of one name.
    #[error("the column `{column}` is there twice")]
    Twice {
        /// Its name.
        column: String,
    },
    /// A column of another length.
    #[error("the column `{column}` has {found} rows, the table has {expected}")]
    Rows {
        /// Its name.
        column: String,
        /// Its rows.
        found: usize,
        /// The table's.
        expected: usize,
    },
    /// An infinity.
    #[error("the column `{column}` is {value} in row {row}; a number must be finite")]
    Infinite {
        /// The column.
        column: String,
        /// The row, from 1.
        row: usize,
        /// The number.
        value: f64,
    },
}

impl Frame {
    /// A table of so many rows and no column yet.
    #[must_use]
    pub const fn new(rows: usize) -> Self {
        Self {
            rows,
            columns: Vec::new(),
        }
    }

    /// How many rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// A column by its name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&FrameColumn> {
        let mut columns = self.columns.iter();
        let (_, column) = columns.find(|(known, _)| known == name)?;
        Some(column)
    }

    /// Adds a column.
    ///
    /// # Errors
    /// [`FrameError`]: a name that is there already, another number of rows, an infinite number.
    pub fn push(&mut self, name: impl Into<String>, column: FrameColumn) -> Result<(), FrameError> {
        let name = name.into();
        if self.column(&name).is_some() {
            return Err(FrameError::Twice { column: name });
        }
        if column.rows() != self.rows {
            return Err(FrameError::Rows {
                found: column.rows(),
                expected: self.rows,
                column: name,
            });
        }
        let infinite = column.values().iter().position(|value| value.is_infinite());
        if let Some(at) = infinite {
            return Err(FrameError::Infinite {
                row: at + 1,
                value: column.values().get(at).copied().unwrap_or_default(),
                column: name,
            });
        }
        self.columns.push((name, column));
        Ok(())
    }

    /// A table of `rows` rows with this table's rows at `positions` and missing values elsewhere. A position beyond the
    /// table is passed over; of two equal ones the later holds.
    #[must_use]
    pub fn scattered(&self, rows: usize, positions: &[usize]) -> Self {
        let columns = self.columns.iter();
        Self {
            rows,
            columns: columns
                .map(|(name, column)| (name.clone(), column.scattered(rows, positions)))
                .collect(),
        }
    }
}

impl FrameColumn {
    /// A column of numbers, NaN where one is missing.
    #[must_use]
    pub fn numbers(values: impl Into<Arc<[f64]>>) -> Self {
        Self::Numbers(values.into())
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Labels(labels) => labels.codes().len(),
            Self::Concentrations(concentrations) => concentrations.values().len(),
        }
    }

    /// How many values are missing.
    #[must_use]
    pub fn missing(&self) -> usize {
        match self {
            Self::Labels(labels) => {
                let codes = labels.codes().iter();
                codes.filter(|code| **code == Labels::MISSING).count()
            }
            _ => self.values().iter().filter(|value| value.is_nan()).count(),
        }
    }

    /// The numbers of the column; none in a column of labels.
    pub(crate) fn values(&self) -> &[f64] {
        match self {
            Self::Numbers(values) => values,
            Self::Labels(_) => &[],
            Self::Concentrations(concentrations) => concentrations.values(),
        }
    }

    /// Clears the mark of every row in which the column has no value.
    pub(crate) fn unmark_missing(&self, is_complete: &mut [bool]) {
        match self {
            Self::Labels(labels) => {
                for (mark, code) in is_complete.iter_mut().zip(labels.codes().iter()) {
                    *mark &= *code != Labels::MISSING;
                }
            }
            _ => {
                for (mark, value) in is_complete.iter_mut().zip(self.values()) {
                    *mark &= !value.is_nan();
                }
            }
        }
    }

    fn scattered(&self, rows: usize, positions: &[usize]) -> Self {
        match self {
            Self::Numbers(values) => Self::Numbers(scatter(values, f64::NAN, rows, positions)),
            Self::Labels(labels) => Self::Labels(labels.scattered(rows, positions)),
            Self::Concentrations(concentrations) => {
                Self::Concentrations(concentrations.scattered(rows, positions))
            }
        }
    }
}

impl From<Labels> for FrameColumn {
    fn from(labels: Labels) -> Self {
        Self::Labels(labels)
    }
}

impl From<Concentrations> for FrameColumn {
    fn from(concentrations: Concentrations) -> Self {
        Self::Concentrations(concentrations)
    }
}

fn scatter<T: Copy>(values: &[T], missing: T, rows: usize, positions: &[usize]) -> Arc<[T]> {
    let mut scattered = vec![missing; rows];
    for (value, position) in values.iter().zip(positions) {
        if let Some(slot) = scattered.get_mut(*position) {
            *slot = *value;
        }
    }
    scattered.into()
}
