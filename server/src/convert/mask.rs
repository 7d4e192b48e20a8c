//! Which fields an update changes.

use crate::violations::Violations;

/// The fields that an update names; all that can be changed when it names none.
pub(crate) struct Mask<'a> {
    paths: &'a [String],
}

impl<'a> Mask<'a> {
    /// Reads a mask. Fields that cannot be changed are refused by name.
    pub(crate) fn read(
        mask: Option<&'a prost_types::FieldMask>,
        changeable: &[&str],
        violations: &mut Violations,
    ) -> Self {
        let paths = mask.map(|mask| mask.paths.as_slice()).unwrap_or_default();
        for path in paths {
            if !changeable.contains(&path.as_str()) {
                let can = changeable.join(", ");
                violations.add(
                    "update_mask",
                    format!("{path:?} cannot be changed; {can} can"),
                );
            }
        }
        Self { paths }
    }

    /// Whether the mask says so by the field's name.
    pub(crate) fn names(&self, field: &str) -> bool {
        self.paths.iter().any(|path| path == field)
    }

    /// The value when the field is to be changed.
    pub(crate) fn chosen<T>(&self, field: &str, value: T) -> Option<T> {
        (self.paths.is_empty() || self.names(field)).then_some(value)
    }
}
