//! A column: its name for programs, its heading for people.

/// A column of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    /// The name in CSV and JSON. Scripts rely on it.
    pub(crate) name: &'static str,
    /// What people read, with the unit; `None` keeps the column out of their table.
    pub(crate) heading: Option<&'static str>,
}

impl Column {
    /// A column with its name as the heading.
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            heading: Some(name),
        }
    }

    /// A column with a heading of its own.
    pub(crate) const fn headed(name: &'static str, heading: &'static str) -> Self {
        Self {
            name,
            heading: Some(heading),
        }
    }

    /// A column for programs alone.
    pub(crate) const fn unshown(name: &'static str) -> Self {
        Self {
            name,
            heading: None,
        }
    }
}
