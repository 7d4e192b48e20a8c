//! Columns of answers: name, type, and the unit as metadata.

use std::collections::HashMap;

use arrow_schema::{DataType, Field};

/// The key under which a column's metadata have its unit; `1` is a number without one.
const UNIT: &str = "unit";

/// A text that is always there.
pub(crate) fn code(name: &str) -> Field {
    Field::new(name, DataType::Utf8, false)
}

/// A text, or null.
pub(crate) fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

/// A count of something, or null.
pub(crate) fn count(name: &str, unit: &str) -> Field {
    with_unit(Field::new(name, DataType::Int64, true), unit)
}

/// A number, or null.
pub(crate) fn number(name: &str, unit: &str) -> Field {
    with_unit(Field::new(name, DataType::Float64, true), unit)
}

fn with_unit(field: Field, unit: &str) -> Field {
    field.with_metadata(HashMap::from([(UNIT.to_owned(), unit.to_owned())]))
}
