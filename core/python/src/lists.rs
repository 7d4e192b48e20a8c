//! Columns of lists: of structs, which are the table of all their items, and of numbers.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ListArray, StructArray};
use arrow_schema::{DataType, Field};

use crate::columns::Columns;
use crate::fault::{Fault, TableError};

/// Which items belong to which row.
pub(crate) struct Lists {
    name: &'static str,
    lists: ListArray,
    items: StructArray,
}

impl Lists {
    /// Reads a column of lists that must be there. Of a slice of a long column only the slice's items are taken.
    pub(crate) fn read(columns: &Columns<'_>, name: &'static str) -> Result<Self, TableError> {
        let column = columns.required::<ListArray>(name)?;
        let lists = column.0.ok_or_else(|| TableError::ColumnMissing {
            path: columns.path_of(name),
            wanted: "a list of structs",
        })?;
        let (begin, end) = ends(&lists);
        let items = lists.values().slice(begin, end - begin);
        Ok(Self {
            name,
            items: items.as_struct().clone(),
            lists,
        })
    }

    /// The items of all rows.
    pub(crate) const fn items(&self) -> &StructArray {
        &self.items
    }

    /// The places of a row's items among [`Lists::items`].
    pub(crate) fn of(&self, row: usize) -> Result<Range<usize>, Fault> {
        if self.lists.is_null(row) {
            return Err(Fault::Null {
                column: self.name,
                rule: "a list, though it be empty, says that there is no more",
            });
        }
        let (base, _) = ends(&self.lists);
        let offsets = self.lists.value_offsets();
        let place = |at: usize| {
            offsets
                .get(at)
                .map_or(0, |offset| offset.unsigned_abs() as usize)
        };
        let range = place(row) - base..place(row + 1) - base;
        match range.clone().find(|item| self.items.is_null(*item)) {
            Some(item) => Err(Fault::Null {
                column: self.name,
                rule: "no item of it may be null",
            }
            .inside(self.name, item - range.start)),
            None => Ok(range),
        }
    }
}

/// A column of lists of numbers.
pub(crate) struct NumberLists(ListArray);

impl NumberLists {
    /// Reads a column that must be there; whole numbers are taken as numbers.
    pub(crate) fn read(columns: &Columns<'_>, name: &str) -> Result<Self, TableError> {
        let item = Field::new_list_field(DataType::Float64, true);
        let kind = DataType::List(Arc::new(item));
        let array = columns.cast_to(name, &kind, Self::WANTED, |found| match found {
            DataType::List(item) | DataType::LargeList(item) => {
                item.data_type().is_integer() || *item.data_type() == DataType::Float64
            }
            _ => false,
        })?;
        Ok(Self(array.as_list::<i32>().clone()))
    }

    /// The numbers of a row, NaN where one is null; nothing where the list is.
    pub(crate) fn of(&self, row: usize) -> Option<Vec<f64>> {
        if self.0.is_null(row) {
            return None;
        }
        let items = self.0.value(row);
        let numbers = items.as_primitive_opt::<Float64Type>()?;
        let each = numbers.iter();
        Some(each.map(|number| number.unwrap_or(f64::NAN)).collect())
    }

    const WANTED: &str = "a list of numbers";
}

/// Where the items of an array of lists begin and end among its values.
fn ends(lists: &ListArray) -> (usize, usize) {
    let end = |offset: Option<&i32>| offset.map_or(0, |offset| offset.unsigned_abs() as usize);
    let offsets = lists.value_offsets();
    (end(offsets.first()), end(offsets.last()))
}
