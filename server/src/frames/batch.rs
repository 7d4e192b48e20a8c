//! A batch of rows, filled cell by cell by the same functions that write CSV.

use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use jiff::civil::Date;

use crate::table::Records;

/// 1970-01-01, from which Arrow counts days.
const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// Why rows did not become a batch. All of these are defects.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum FrameError {
    /// A cell is of another kind than its column.
    #[error("column {0} was given a cell of another kind")]
    Kind(usize),
    /// Arrow refuses the columns or the file.
    #[error("the columns do not make a frame")]
    Arrow(#[from] ArrowError),
    /// Parquet refuses the columns.
    #[error("the columns do not make a file")]
    Parquet(#[from] parquet::errors::ParquetError),
}

/// Takes rows and gives a batch of the columns that were asked for.
pub(crate) struct Frame {
    schema: SchemaRef,
    /// Where each column of the batch lies among those that are kept.
    order: Vec<usize>,
    /// One for each column of the table; `None` for those that nobody asked for.
    columns: Vec<Option<Column>>,
    position: usize,
    /// The first column that was given what it cannot hold.
    mismatch: Option<usize>,
}

enum Column {
    Text(StringBuilder),
    Date(Date32Builder),
    Count(Int64Builder),
    Number(Float64Builder),
    Truth(BooleanBuilder),
}

impl Frame {
    /// A frame of a table with this schema, of which only the columns at `wanted` are kept, in that order, and with room for
    /// so many rows.
    ///
    /// # Errors
    /// [`FrameError::Arrow`] for a position that the schema does not have.
    pub(crate) fn new(schema: &SchemaRef, wanted: &[usize], rows: u32) -> Result<Self, FrameError> {
        let rows = usize::try_from(rows).unwrap_or_default();
        let columns = schema.fields().iter().enumerate().map(|(position, field)| {
            wanted
                .contains(&position)
                .then(|| Column::new(field.data_type(), rows))
        });
        let mut in_order = wanted.to_vec();
        in_order.sort_unstable();
        Ok(Self {
            columns: columns.collect(),
            order: wanted
                .iter()
                .filter_map(|position| in_order.binary_search(position).ok())
                .collect(),
            schema: Arc::new(schema.project(&in_order)?),
            position: 0,
            mismatch: None,
        })
    }

    /// Whether the column at a position of the table is kept.
    pub(crate) fn is_kept(&self, position: usize) -> bool {
        self.columns.get(position).is_some_and(Option::is_some)
    }

    /// The rows so far.
    ///
    /// # Errors
    /// [`FrameError`], which is a defect.
    pub(crate) fn finish(self) -> Result<RecordBatch, FrameError> {
        if let Some(position) = self.mismatch {
            return Err(FrameError::Kind(position));
        }
        let arrays = self.columns.into_iter().flatten().map(Column::finish);
        let batch = RecordBatch::try_new(self.schema, arrays.collect())?;
        Ok(batch.project(&self.order)?)
    }

    /// Hands the next column to `put`, which says whether the cell fits.
    fn next(&mut self, put: impl FnOnce(&mut Column) -> bool) {
        if let Some(Some(column)) = self.columns.get_mut(self.position)
            && !put(column)
        {
            self.mismatch.get_or_insert(self.position);
        }
        self.position += 1;
    }
}

impl Records for Frame {
    fn absent(&mut self) {
        self.next(|column| {
            column.append_null();
            true
        });
    }

    fn text(&mut self, text: &str) {
        self.next(|column| match column {
            Column::Text(values) => {
                values.append_value(text);
                true
            }
            Column::Date(values) => {
                let days = days_since_epoch(text);
                values.append_option(days);
                days.is_some()
            }
            _ => false,
        });
    }

    fn integer(&mut self, count: i64) {
        self.next(|column| match column {
            Column::Count(values) => {
                values.append_value(count);
                true
            }
            _ => false,
        });
    }

    fn number(&mut self, number: f64) {
        self.next(|column| match column {
            Column::Number(values) => {
                values.append_value(number);
                true
            }
            _ => false,
        });
    }

    fn flag(&mut self, flag: bool) {
        self.next(|column| match column {
            Column::Truth(values) => {
                values.append_value(flag);
                true
            }
            _ => false,
        });
    }

    fn end_row(&mut self) {
        if self.position != self.columns.len() {
            self.mismatch.get_or_insert(self.position);
        }
        self.position = 0;
    }
}

impl Column {
    fn new(kind: &DataType, rows: usize) -> Self {
        match kind {
            DataType::Date32 => Self::Date(Date32Builder::with_capacity(rows)),
            DataType::Int64 => Self::Count(Int64Builder::with_capacity(rows)),
            DataType::Float64 => Self::Number(Float64Builder::with_capacity(rows)),
            DataType::Boolean => Self::Truth(BooleanBuilder::with_capacity(rows)),
            _ => Self::Text(StringBuilder::with_capacity(rows, rows * 16)),
        }
    }

    fn append_null(&mut self) {
        match self {
            Self::Text(values) => values.append_null(),
            Self::Date(values) => values.append_null(),
            Self::Count(values) => values.append_null(),
            Self::Number(values) => values.append_null(),
            Self::Truth(values) => values.append_null(),
        }
    }

    fn finish(self) -> ArrayRef {
        fn array(mut values: impl ArrayBuilder) -> ArrayRef {
            values.finish()
        }
        match self {
            Self::Text(values) => array(values),
            Self::Date(values) => array(values),
            Self::Count(values) => array(values),
            Self::Number(values) => array(values),
            Self::Truth(values) => array(values),
        }
    }
}

/// The days of YYYY-MM-DD.
fn days_since_epoch(text: &str) -> Option<i32> {
    let (year, month, day) = (text.get(..4)?, text.get(4..7)?, text.get(7..)?);
    let part = |text: &str| text.strip_prefix('-')?.parse().ok();
    let date = Date::new(year.parse().ok()?, part(month)?, part(day)?).ok()?;
    i32::try_from(date.duration_since(EPOCH).as_hours() / 24).ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use arrow_array::cast::AsArray as _;
    use arrow_array::types::{Date32Type, Float64Type};
    use diel_proto::v1;

    use super::{Frame, FrameError, days_since_epoch};
    use crate::frames::Table;
    use crate::table::{Records as _, profiles};

    #[test]
    fn a_profile_becomes_a_row_of_typed_columns() {
        let schema = Table::Profiles.schema();
        let all: Vec<_> = (0..schema.fields().len()).collect();
        let mut frame = Frame::new(&schema, &all, 1).unwrap();
        let profile = v1::Profile {
            participant: "P-1".to_owned(),
            sampling_date: "2026-03-02".to_owned(),
            slope_regression_ln_per_h: Some(-0.125),
            ..Default::default()
        };
        profiles::write(&mut frame, &profile);
        let batch = frame.finish().unwrap();
        assert_eq!((batch.num_rows(), batch.num_columns()), (1, all.len()));
        let dates = batch.column_by_name("sampling_date").unwrap();
        // date -d 2026-03-02 +%s, over 86,400.
        assert_eq!(dates.as_primitive::<Date32Type>().value(0), 20_514);
        let slopes = batch.column_by_name("slope_regression_ln_per_h").unwrap();
        assert_eq!(slopes.as_primitive::<Float64Type>().value(0), -0.125);
        let wake = batch.column_by_name("wake_nmol_per_l").unwrap();
        assert_eq!(wake.null_count(), 1);
    }

    #[test]
    fn only_the_columns_that_were_asked_for_are_kept() {
        let schema = Table::Profiles.schema();
        let mut frame = Frame::new(&schema, &[26, 0], 1).unwrap();
        profiles::write(
            &mut frame,
            &v1::Profile {
                valid: true,
                ..Default::default()
            },
        );
        let batch = frame.finish().unwrap();
        assert_eq!(batch.schema(), schema.project(&[26, 0]).unwrap().into());
    }

    #[test]
    fn a_cell_of_another_kind_is_a_defect() {
        let mut frame = Frame::new(&Table::Rhythms.schema(), &[0, 1], 1).unwrap();
        frame.text("P-1");
        frame.number(0.5);
        assert!(matches!(frame.finish(), Err(FrameError::Kind(1))));
    }

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(days_since_epoch("1970-01-01"), Some(0));
        assert_eq!(days_since_epoch("1969-12-31"), Some(-1));
        assert_eq!(days_since_epoch("soon"), None);
    }
}
