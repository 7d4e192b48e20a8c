//! Which tables there are, and their schemas.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::table::codebook::{FITS, FLAGS, Kind, PROFILES, RHYTHMS, SAMPLES, Variable};

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
    /// A row a specimen.
    Samples,
    /// A row a fixed effect of a fit.
    Fits,
}

impl Table {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Profiles,
        Self::Rhythms,
        Self::Flags,
        Self::Samples,
        Self::Fits,
    ];

    /// Its name in addresses and statements.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Profiles => "profiles",
            Self::Rhythms => "rhythms",
            Self::Flags => "flags",
            Self::Samples => "samples",
            Self::Fits => "fits",
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
            Self::Samples => SAMPLES,
            Self::Fits => FITS,
        }
    }

    /// What its rows come in order by, and whether the greatest comes first. Columns of one place are the same.
    const fn order(self) -> &'static [(&'static [&'static str], bool)] {
        match self {
            Self::Profiles => &[
                (&["participant"], false),
                (&["day", "sampling_date"], false),
            ],
            Self::Rhythms => &[(&["participant"], false)],
            Self::Flags => &[(&["probability_flat"], true)],
            Self::Samples => &[(&["specimen"], false)],
            Self::Fits => &[(&["fit"], false)],
        }
    }

    /// Whether its rows come in an order that is asked for.
    pub(crate) fn is_in_order(self, asked: &[(String, bool)]) -> bool {
        let known = self.order();
        asked.len() <= known.len()
            && asked
                .iter()
                .zip(known)
                .all(|((column, falls), (names, is_falling))| {
                    names.contains(&column.as_str()) && falls == is_falling
                })
    }

    /// `participant, day`.
    pub(crate) fn order_text(self) -> String {
        let columns = self.order().iter().map(|(names, is_falling)| {
            let name = names.first().copied().unwrap_or_default();
            format!("{name}{}", if *is_falling { " DESC" } else { "" })
        });
        columns.collect::<Vec<_>>().join(", ")
    }

    /// All columns as Arrow describes them.
    pub(crate) fn schema(self) -> SchemaRef {
        Arc::new(Schema::new(
            self.variables()
                .iter()
                .enumerate()
                .map(|(position, variable)| field(variable, position > 0))
                .collect::<Vec<_>>(),
        ))
    }
}

/// Every table begins with whose or what its rows are, which is never absent; anything else can be.
fn field(variable: &Variable, can_be_absent: bool) -> Field {
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
    Field::new(variable.name, kind, can_be_absent).with_metadata(metadata)
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
