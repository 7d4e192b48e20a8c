//! A column: its name for programs, its heading for people.

/// A column of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The name in CSV and JSON. Scripts rely on it.
    pub name: &'static str,
    /// What people read, with the unit; `None` keeps the column out of their table.
    pub heading: Option<&'static str>,
}

impl Column {
    /// A column with its name as the heading.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            heading: Some(name),
        }
    }

    /// A column with a heading of its own.
    #[must_use]
    pub const fn headed(name: &'static str, heading: &'static str) -> Self {
        Self {
            name,
            heading: Some(heading),
        }
    }

    /// A column for programs alone.
    #[must_use]
    pub const fn unshown(name: &'static str) -> Self {
        Self {
            name,
            heading: None,
        }
    }
}
