//! Which tables there are, and their schemas.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::table::codebook::{FLAGS, Kind, PROFILES, RHYTHMS, Variable};

/// The key of a field's metadata that holds its unit: `nmol/L`, `1` for a number without one.
const UNIT: &str = "unit";
/// The key that holds what the column is, in a few words.
const LABEL: &str = "label";

/// A table of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    /// A row a sampling day.
    Profiles,
    /// A row a participant.
    Rhythms,
    /// A row a flag.
    Flags,
}

impl Table {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Profiles, Self::Rhythms, Self::Flags];

    /// Its name in addresses and statements.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Profiles => "profiles",
            Self::Rhythms => "rhythms",
            Self::Flags => "flags",
        }
    }

    /// The table of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Its columns, in their order.
    pub(crate) const fn variables(self) -> &'static [Variable] {
        match self {
            Self::Profiles => PROFILES,
            Self::Rhythms => RHYTHMS,
            Self::Flags => FLAGS,
        }
    }

    /// All columns as Arrow describes them.
    pub(crate) fn schema(self) -> SchemaRef {
        Arc::new(Schema::new(
            self.variables().iter().map(field).collect::<Vec<_>>(),
        ))
    }
}

/// Every table begins with the participant, who is never absent; anything else can be.
fn field(variable: &Variable) -> Field {
    let kind = match variable.kind {
        Kind::Text(_) => DataType::Utf8,
        Kind::Date => DataType::Date32,
        Kind::Count => DataType::Int64,
        Kind::Number => DataType::Float64,
        Kind::Truth => DataType::Boolean,
    };
    let mut metadata = HashMap::from([(LABEL.to_owned(), variable.label.to_owned())]);
    if !variable.unit.is_empty() {
        metadata.insert(UNIT.to_owned(), variable.unit.to_owned());
    }
    Field::new(variable.name, kind, variable.name != "participant").with_metadata(metadata)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use arrow_schema::DataType;

    use super::Table;

    #[test]
    fn a_column_says_its_unit() {
        let schema = Table::Profiles.schema();
        let slope = schema.field_with_name("slope_regression_ln_per_h").unwrap();
        assert_eq!(slope.data_type(), &DataType::Float64);
        assert_eq!(slope.metadata()["unit"], "ln(nmol/L)/h");
        let date = schema.field_with_name("sampling_date").unwrap();
        assert_eq!(date.data_type(), &DataType::Date32);
        assert!(!date.metadata().contains_key("unit"));
        let valid = schema.field_with_name("valid").unwrap();
        assert_eq!(valid.data_type(), &DataType::Boolean);
    }
}
