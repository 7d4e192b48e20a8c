//! Columns of a table by name, in the few types that rows are read from.

use std::sync::Arc;

use arrow_array::types::Float64Type;
use arrow_array::{
    Array, ArrayAccessor, ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array,
    Int64Array, ListArray, StringArray, StructArray, TimestampMicrosecondArray, new_null_array,
};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Field, TimeUnit};

use crate::fault::TableError;

/// The columns of a table, or of the items of a list in one.
pub(crate) struct Columns<'a> {
    table: &'a StructArray,
    /// What stands before a name in an error: nothing, or `days.` and the like.
    path: &'static str,
}

impl<'a> Columns<'a> {
    /// Refuses columns of any other name.
    pub(crate) fn new(
        table: &'a StructArray,
        path: &'static str,
        known: &[&str],
    ) -> Result<Self, TableError> {
        let unknown = table
            .column_names()
            .into_iter()
            .find(|name| !known.contains(name));
        match unknown {
            Some(name) => Err(TableError::ColumnUnknown {
                path: format!("{path}{name}"),
                known: known.join(", "),
            }),
            None => Ok(Self { table, path }),
        }
    }

    /// A column that must be there.
    pub(crate) fn required<A: Kind>(&self, name: &str) -> Result<Column<A>, TableError> {
        let column = self.optional(name)?;
        if column.0.is_none() {
            return Err(TableError::ColumnMissing {
                path: self.path_of(name),
                wanted: A::WANTED,
            });
        }
        Ok(column)
    }

    /// A column that is null throughout where it is not there.
    pub(crate) fn optional<A: Kind>(&self, name: &str) -> Result<Column<A>, TableError> {
        let Some(array) = self.table.column_by_name(name) else {
            return Ok(Column(None));
        };
        let Some(kind) = A::kind_for(array.data_type()) else {
            return Err(TableError::ColumnType {
                path: self.path_of(name),
                found: array.data_type().clone(),
                wanted: A::WANTED,
            });
        };
        let array = cast(array, &kind).map_err(|source| TableError::ColumnCast {
            path: self.path_of(name),
            wanted: A::WANTED,
            source,
        })?;
        Ok(Column(array.as_any().downcast_ref::<A>().cloned()))
    }

    /// A column that must be there, as some type of Arrow, from the types that are `taken`.
    pub(crate) fn cast_to(
        &self,
        name: &str,
        kind: &DataType,
        wanted: &'static str,
        taken: impl Fn(&DataType) -> bool,
    ) -> Result<ArrayRef, TableError> {
        let path = || self.path_of(name);
        let array = self.table.column_by_name(name);
        let array = array.ok_or_else(|| TableError::ColumnMissing {
            path: path(),
            wanted,
        })?;
        if !taken(array.data_type()) {
            return Err(TableError::ColumnType {
                path: path(),
                found: array.data_type().clone(),
                wanted,
            });
        }
        cast(array, kind).map_err(|source| TableError::ColumnCast {
            path: path(),
            wanted,
            source,
        })
    }

    pub(crate) fn path_of(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }
}

fn cast(array: &ArrayRef, kind: &DataType) -> Result<ArrayRef, arrow_schema::ArrowError> {
    if array.data_type() == kind {
        return Ok(Arc::clone(array));
    }
    if *array.data_type() == DataType::Null {
        return Ok(new_null_array(kind, array.len()));
    }
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    cast_with_options(array, kind, &options)
}

/// A column in one type.
pub(crate) struct Column<A>(pub(crate) Option<A>);

impl<A: Array> Column<A> {
    /// The value of a row; `None` where it is null.
    pub(crate) fn get<'a>(&'a self, row: usize) -> Option<<&'a A as ArrayAccessor>::Item>
    where
        &'a A: ArrayAccessor,
    {
        let array = self.0.as_ref()?;
        (row < array.len() && array.is_valid(row)).then(|| array.value(row))
    }
}

/// A type that rows are read from, and the types that are made into it without loss.
pub(crate) trait Kind: Array + Clone + 'static {
    /// For people.
    const WANTED: &'static str;

    /// What an array of this type is cast to; `None` where it is not taken.
    fn kind_for(found: &DataType) -> Option<DataType>;
}

impl Kind for StringArray {
    const WANTED: &'static str = "text";

    fn kind_for(found: &DataType) -> Option<DataType> {
        let is_text = |found: &DataType| {
            matches!(
                found,
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null
            )
        };
        let taken = match found {
            DataType::Dictionary(_, texts) => is_text(texts),
            found => is_text(found),
        };
        taken.then_some(DataType::Utf8)
    }
}

impl Kind for Float64Array {
    const WANTED: &'static str = "a number";

    fn kind_for(found: &DataType) -> Option<DataType> {
        let taken = found.is_integer()
            || matches!(
                found,
                DataType::Float64 | DataType::Float32 | DataType::Null
            );
        taken.then_some(<Float64Type as arrow_array::ArrowPrimitiveType>::DATA_TYPE)
    }
}

impl Kind for Int32Array {
    const WANTED: &'static str = "a whole number";

    fn kind_for(found: &DataType) -> Option<DataType> {
        (found.is_integer() || *found == DataType::Null).then_some(DataType::Int32)
    }
}

impl Kind for Int64Array {
    const WANTED: &'static str = "a whole number";

    fn kind_for(found: &DataType) -> Option<DataType> {
        (found.is_integer() || *found == DataType::Null).then_some(DataType::Int64)
    }
}

impl Kind for BooleanArray {
    const WANTED: &'static str = "true or false";

    fn kind_for(found: &DataType) -> Option<DataType> {
        matches!(found, DataType::Boolean | DataType::Null).then_some(DataType::Boolean)
    }
}

impl Kind for Date32Array {
    const WANTED: &'static str = "a date";

    fn kind_for(found: &DataType) -> Option<DataType> {
        matches!(found, DataType::Date32 | DataType::Date64 | DataType::Null)
            .then_some(DataType::Date32)
    }
}

impl Kind for TimestampMicrosecondArray {
    const WANTED: &'static str = "a timestamp with a time zone";

    fn kind_for(found: &DataType) -> Option<DataType> {
        match found {
            DataType::Timestamp(_, Some(zone)) => Some(DataType::Timestamp(
                TimeUnit::Microsecond,
                Some(Arc::clone(zone)),
            )),
            DataType::Null => Some(DataType::Timestamp(TimeUnit::Microsecond, None)),
            _ => None,
        }
    }
}

impl Kind for ListArray {
    const WANTED: &'static str = "a list of structs";

    fn kind_for(found: &DataType) -> Option<DataType> {
        let is_struct = |item: &Arc<Field>| matches!(item.data_type(), DataType::Struct(_));
        match found {
            DataType::List(item) | DataType::LargeList(item) if is_struct(item) => {
                Some(DataType::List(Arc::clone(item)))
            }
            _ => None,
        }
    }
}
